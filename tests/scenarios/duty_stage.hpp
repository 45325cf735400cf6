// Duty stage: plays a story of `bank`: the whole service on virtual time (tests/core/world.hpp: the
// core, its record, the machines of the demo site), the pager gateway's own queue and watch, a
// broker that may go, and people whose pagers work, are dead, out of range, or say everything
// twice. It notes what people heard, and when.
//   at T fault NAME DEVICE [KEY NUMBER]   a fault of the simulated machine
//   at T kill daemon|broker|gateway|all FOR
//   at T store fails|works
//   at T pager CHANNEL works|dead|silent|twice
//   at T answer CHANNEL USER STATUS ALARM|wrong    with the code of its newest page there
//   at T take USER ALARM                  at the board, to go there
//   at T shelve USER ALARM FOR
//   at T latched ALARM                    it is by now, and nobody ends that
//   at T clock FOR                        the wall clock goes on by so much (a leading '-': back)
//   at T late-will                        the broker tells the will of a client that lives
// Rules, at all times:
//   rule page-or-dead T      while a P1 that nobody took stands, some page is heard within T of
//                            each kill's begin, or as it was planned, or within 5 s of its end
//   rule keeps-tiers T       no tier is called by more than T before its time, or before the one
//                            below it, but by pages that an outage lost
//   rule keeps-acts T        what was answered done, a taken alarm or a shelf, is there T after
//                            each start of the daemon
//   rule keeps-latches T     the same of alarms that are latched
//   rule state-online T      while daemon and broker live the broker says offline for T at most
//   rule repeats T           rounds of supply-1 come T apart, or with the next tier, within 2 s
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "service/pager/monitor_watch.hpp"
#include "service/pager/page_queue.hpp"
#include "tests/core/world.hpp"
#include "tests/scenarios/story_file.hpp"

namespace cryobank::scenarios {

struct HeardPage {
  Duration at{};
  std::string channel;
  std::string alarm;
  std::string text;
  std::string code;
  bool own = false;  // of the gateway itself
};

class DutyStage {
 public:
  DutyStage(const Story& story, std::uint64_t seed);
  void play();

  // When a page with these words (an underscore is a space) was first heard on this channel ("any":
  // on one of them), not before `from`; empty: never.
  std::optional<Duration> heard(const std::string& words, const std::string& channel,
                                Duration from) const;
  // When the broker first showed this alarm as active and as urgent, not before `from`.
  std::optional<Duration> told(const std::string& alarm, const std::string& priority,
                               Duration from) const;
  std::string broken(const Rule& rule) const;  // how; empty: it held
  std::string log() const { return log_; }

 private:
  struct Outage {
    std::string what;
    Duration from{};
    Duration to{};
  };
  // What must outlive every kill, and the rule that says so.
  enum class Keeps { taken, shelved, latched };
  struct Kept {
    std::string command;  // of a person at the board; empty: nobody did it
    std::string alarm;
    Keeps what{};
  };
  struct Later {
    std::function<void()> what;
    bool of_gateway = false;  // goes with it
  };
  struct Told {
    Duration at{};
    std::string alarm;
    std::string priority;
    bool taken = false;
  };

  void happen(const Event& event);
  void kill(const std::string& what, Duration span);
  void bring_back(const std::string& what);
  void slice();
  void link();
  void take_published();
  void on_alarm(std::string_view alarm, const std::string& payload);
  void run_gateway();
  void send(const std::string& channel, const pager::Outgoing& page);
  void answer(const Event& event);
  void act(const Event& event);
  void look_at_kept();
  bool keeps(const Kept& one) const;
  bool done(const Kept& one) const;
  static std::string rule_of(Keeps what);
  std::string forgotten(const std::string& rule, Duration limit) const;
  void later(Duration after, std::function<void()> what, bool of_gateway = false);
  bool link_up() const { return broker_ && daemon_; }
  Duration since() const { return world_.now().mono - begun_; }
  Duration drawn(const std::string& text);
  std::string no_page_in_time(Duration within) const;
  bool lately_out(Duration at) const;
  std::string tier_before_its_time(Duration slack) const;
  std::string round_at_the_wrong_time(Duration repeat) const;

  Story story_;
  Prng prng_;
  core::World world_;
  std::unique_ptr<pager::PageQueue> queue_;
  std::unique_ptr<pager::MonitorWatch> watch_;
  std::vector<std::string> queue_file_;
  Json watch_file_;
  std::map<std::string, std::string> pagers_;                          // by channel: how it behaves
  std::map<std::pair<std::string, std::string>, std::string> newest_;  // code by channel, alarm
  std::multimap<Duration, Later> events_;
  std::vector<HeardPage> heard_;
  std::vector<Told> told_;
  std::vector<Outage> outages_;
  std::vector<Kept> kept_;
  std::map<std::string, Duration> forgotten_for_;   // by alarm, while the daemon lives
  std::map<std::string, Duration> forgotten_most_;  // by rule
  std::size_t seen_ = 0;                            // of what the world published
  bool daemon_ = true;
  bool broker_ = true;
  bool gateway_ = true;
  Duration state_at_{};  // the gateway tells its state again then
  Duration offline_since_{};
  Duration offline_most_{};
  Instant begun_{};
  std::string log_;
};

}  // namespace cryobank::scenarios
