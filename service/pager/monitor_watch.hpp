// Monitor watch: whether the daemon and its broker still live, judged by the gateway alone. It
// pages MONITOR DEAD, MONITOR RESTARTS (a daemon that starts again and again watches nothing), and
// P1 UNPAGED (the beat counts P1 alarms of which no page came). No clock and no socket: time comes
// in, pages go out.
//
//   hears --silence--> dead: first tier, then the others --coming with the code--> taken for 30 min
//     ^------- a beat: MONITOR BACK to everybody who was told, and a report for the journal
// A room whose air was bad in the last beat is not watched now: nobody is sent in.
// Which call stands, its code, whom it called and who took it are remembered over a restart.
#pragma once

#include <deque>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"
#include "base/time.hpp"
#include "base/zone.hpp"
#include "service/pager/outgoing.hpp"

namespace cryobank::pager {

struct WatchedChannel {
  std::string id;
  int tier = 1;
};

struct WatchConfig {
  std::string site;
  std::vector<WatchedChannel> channels;
  Duration silence = seconds(60);  // no beat for so long: MONITOR DEAD (10 s to 1 h)
  Duration repeat = minutes(3);    // again, until it is taken or over; ever slower at the last tier
  Duration tier_after = minutes(5);  // the next tier
  Duration unpaged = minutes(5);     // P1 alarms in the beat and no P1 page for so long
  Zone zone;                         // of the times in its own texts
};

// A page of the watch itself, for one channel, as the daemon's come.
struct OwnPage {
  std::string channel;
  Json page;
};

// Why no beat comes, as far as the gateway knows.
enum class Link : std::uint8_t { never, down, refused, untrusted, up };

class MonitorWatch {
 public:
  explicit MonitorWatch(WatchConfig config) : config_(std::move(config)) {}

  // What was written down in the run before; null: nothing. Errors: it cannot be read, and the
  // watch begins as if there were none.
  Status start(const Now& now, const Json& remembered);
  // To write down: when a beat was heard last, which starts of the daemon were seen, and the call
  // that stands.
  Json remembered() const;

  // Errors: it cannot be read, and was not heard: a daemon that says nothing that can be understood
  // is told like one that is silent.
  Status on_beat(const Now& now, const Json& beat, std::vector<OwnPage>& out);
  // The newest beat followed the one before without a gap: the daemon was there all the time.
  bool steady() const { return steady_; }
  // Lines of the queue's file could not be read: whom they called may not have been called.
  void on_unreadable(const Now& now, std::size_t lines, std::vector<OwnPage>& out);
  // Another gateway runs under this login.
  void on_second(const Now& now, std::string_view login, std::vector<OwnPage>& out);
  void on_link(Link link) { link_ = link; }
  void on_p1(const Now& now) { last_p1_ = now.mono; }
  void on_deadline(const Now& now, std::vector<OwnPage>& out);
  Instant next_deadline() const;

  // A person's answer over this channel. Empty: it is none to a page of this watch. Else what to
  // tell the person.
  std::string answer(const Now& now, std::string_view channel, const Heard& heard);
  // What the daemon must journal once it is back; each is given once.
  std::vector<Json> take_reports() { return std::exchange(reports_, {}); }

 private:
  void page(const Now& now, std::string_view what, const std::string& text, int tier, bool takes,
            std::vector<OwnPage>& out);
  void round(const Now& now, std::vector<OwnPage>& out);
  void see_epoch(const Now& now, std::int64_t epoch, std::vector<OwnPage>& out);
  void begin_call(const Now& now);
  void end_call(const Now& now, std::vector<OwnPage>& out);
  void draw_code(const Now& now);
  int tier_above(int tier) const;  // the same where there is none
  int tier_of(std::string_view channel) const;
  std::string coming(const Now& now, const std::string& who);
  std::string not_coming(const Now& now, std::string_view channel, const std::string& who);
  std::string takers() const;
  void note_urgent(const Now& now, std::int64_t urgent);
  std::string go_or_stay_out() const;
  Json call_remembered() const;
  Status start_call(const Now& now, const Json& call);

  WatchConfig config_;
  Link link_ = Link::never;
  WallTime heard_{};  // ms 0: never
  Instant deadline_{};
  bool dead_ = false;
  WallTime dead_since_{};
  int tier_ = 0;
  int rounds_ = 0;
  Duration pause_{};  // to the next round
  Instant tier_at_ = kNever;
  std::string code_;
  std::vector<std::string> takers_;  // who comes, first the first
  std::set<std::string> declined_;
  std::deque<std::pair<std::string, WallTime>> over_;  // codes of calls that ended, and when
  Now known_{};                                        // the newest time that was given
  std::int64_t epoch_ = 0;
  std::deque<WallTime> starts_;  // of the daemon, newest last
  WallTime restarts_told_{};
  WallTime second_told_{};
  std::int64_t beat_epoch_ = 0;
  std::int64_t beat_number_ = 0;
  bool steady_ = false;
  Instant beat_at_ = kNever;
  std::int64_t urgent_ = 0;  // P1 alarms in the last beat
  std::string keep_out_;     // and into which air nobody may go: "Store room 1, oxygen 17.2 %"
  Instant urgent_since_ = kNever;
  Instant last_p1_{};
  std::uint64_t numbers_ = 0;
  std::vector<Json> reports_;
};

}  // namespace cryobank::pager
