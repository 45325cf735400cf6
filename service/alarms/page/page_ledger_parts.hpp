// The inside of PageLedger, split by what happens: page_ledger.cpp (the public face), page_rows.cpp
// (what is kept over a restart), page_rounds.cpp (whom, when again), page_tiers.cpp (who is next),
// page_standing.cpp (the list of shift times), page_causes.cpp (what is told together),
// page_receipts.cpp (what became of a page, and what people answer), page_news.cpp (what they and
// others hear of it), page_reach.cpp (a test of one person, and who has not answered),
// page_gateways.cpp (who carries pages), page_proofs.cpp (proof of page), page_troubles.cpp (what
// keeps pages from people, one cause as one). All times in rows are wall clock; timers are
// monotonic.
#pragma once

#include <deque>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/deadlines.hpp"
#include "base/reply_bound.hpp"
#include "service/alarms/page/call_index.hpp"
#include "service/alarms/page/old_codes.hpp"
#include "service/alarms/page/page_ledger.hpp"

namespace cryobank::alarms {

// No timer of a page is shorter, whatever the site says: one round must not call for the next.
inline constexpr Duration kRoundMin = seconds(1);
// What joins the cause of a P2 that somebody took is left alone so long, as that one is.
inline constexpr Duration kRideMost = hours(8);

// No id holds a '~', so these rows never are an alarm's.
inline constexpr std::string_view kProofRow = "m/call/~proof";
inline constexpr std::string_view kProofsPrefix = "m/call/~proofs/";
// What the codes of test pages are filed under when they are over.
inline const AlarmId kTestPages("pager.test-page");

struct Sheet {  // a page and what became of it
  Page page;
  PageState state = PageState::queued;
  bool lost = false;                  // failed or overdue, and told
  PageState got = PageState::queued;  // how far it came before it was lost
  std::string why;                    // it was lost
  int sends = 1;
  UserId by;  // who read or answered it
  WallTime at;
};

struct Call {  // one alarm that people are told of
  Summons summons;
  std::string code;
  int tier = 1;
  int round = 0;
  WallTime since{};
  WallTime repeat_at{};    // ms 0: none
  WallTime escalate_at{};  // ms 0: no further tier
  Duration late{};         // so long after its plan a tier was called, since nobody was there to
  bool standing = false;   // in the list that is told at shift times
  AlarmId leader;          // told with this one: the same cause; empty: on its own
  std::vector<Coming> coming;
  std::set<UserId> declined;
  std::map<ChannelId, std::string> newest;  // its page on each channel
  std::set<ChannelId> reached;              // where any page of it arrived
  UserId taken_by;
  ChannelId taken_on;  // where "is yours" was said; empty: not by a pager
  bool waits = false;  // for the broker, or the room's first reading: its page is written then
  // What is known to whoever was called with it, or took it.
  int told = 0;                  // the worst danger to people that is true of its cause
  Priority said = Priority::p1;  // the most urgent that stood, by its newest round; p3: none does
};

// What a gateway says about a channel that it serves.
struct Claim {
  std::string kind;
  PageState evidence = PageState::delivered;  // the best it can ever tell
  Duration within = kReceiptWithin;
  std::string failing;  // why it cannot send now; empty: it can
};

struct WatchedGateway {
  bool online = false;
  std::string run;               // of the program that spoke last; empty: it does not say
  std::deque<std::string> runs;  // that it took the place of, oldest first
  Instant heard{};
  std::map<ChannelId, Claim> claims;
};

struct Proof {  // a test page: of a tier by the calendar, or of one person by command
  std::map<ChannelId, std::string> pages;
  int tier = 0;  // 0: of one person
  bool wants_answer = false;
  bool answered = false;
  std::string code;
  std::string text;  // of its pages
  WallTime began{};
  WallTime until{};  // judged then
};

struct Unreceived {  // the first page of a channel that was lost
  AlarmId alarm;
  std::string why;
};

struct PageTimer {
  enum class Kind : std::uint8_t {
    repeat,
    escalate,
    again,
    overdue,
    standing,
    gateway,
    second,
    proof,
    result,
    unreceived,
    promise
  };
  Kind kind = Kind::repeat;
  std::string name;  // alarm, page, gateway or proof
  auto operator<=>(const PageTimer&) const = default;
};

struct PageLedger::Parts {
  Parts(const config::SiteConfig& site, const Board& words, Epoch start)
      : config(site), board(words), epoch(start), roster(site) {}

  const config::SiteConfig& config;
  const Board& board;
  Epoch epoch;
  Roster roster;
  std::map<AlarmId, Call> calls;
  CallIndex index;  // of `calls`
  std::map<std::string, Sheet> sheets;
  std::map<UserId, WatchedGateway> gateways;
  std::map<std::string, Proof> proofs;
  OldCodes old_codes;
  std::set<std::string> standing_troubles;   // "source/condition"
  std::set<std::string> inherited_troubles;  // of an earlier run, not judged by this one yet
  Deadlines<PageTimer> timers;
  std::uint64_t numbers = 0;  // of pages of this epoch
  std::uint64_t draws = 0;    // of codes
  WallTime last_proof{};
  bool link_up = false;
  Instant started{};
  ReplyBound replies;
  std::map<ChannelId, Unreceived> unreceived;  // not judged yet
  std::deque<std::string> unseen;              // troubles that ended before anybody heard of them

  // page_causes.cpp
  int riders_of(const AlarmId& leader) const;
  AlarmId leader_for(const Summons& summons) const;
  Call& head_of(Call& call);
  int danger_of(const Call& head) const;
  bool is_over(const Call& head, const AlarmId& but) const;
  Priority urgency_of(const Call& head) const;
  void ease_told(Call& head) const;
  void follow(Now now, Call& call, LedgerOutputs& out);
  void file(const Call& call);
  void ride(Now now, Call& call, const Call& leader, LedgerOutputs& out);
  void leave(Call& call, LedgerOutputs& out);
  void bound_ride(Now now, Call& call);
  void end_ride(Now now, Call& call, LedgerOutputs& out);
  bool speak_up(Now now, const Call& rider, Call& head, LedgerOutputs& out);
  bool rides_on(Now now, Call& call, bool taken_back, LedgerOutputs& out);
  void gather(Now now, Call& leader, LedgerOutputs& out);
  void take(Now now, Call& call, LedgerOutputs& out);
  void end_pages(Now now, Call& call, LedgerOutputs& out);
  bool is_quiet(const Call& call) const;

  // page_rounds.cpp
  void open(Now now, const Summons& summons, LedgerOutputs& out);
  void tell_soon(Now now, const Call& rider, Call& leader);
  void go_on(Now now, Call& call, bool taken_back, LedgerOutputs& out);
  void speak(Now now, Call& call, LedgerOutputs& out);
  void next_round(Now now, Call& call, LedgerOutputs& out);
  void close(Now now, const AlarmId& alarm, LedgerOutputs& out);
  bool awaits_air(Now now, const Call& call) const;
  void send_round(Now now, Call& call, LedgerOutputs& out);
  std::vector<Target> targets_of(Now now, Call& call, LedgerOutputs& out);
  std::vector<Target> who_was_called(Now now, const Call& call) const;
  void add_who_comes(const Call& call, std::vector<Target>& targets) const;
  void resume(Now now, Call& call, LedgerOutputs& out);
  Sheet& send(Now now, Page page, LedgerOutputs& out);
  void set_repeat(Now now, Call& call, Duration after);
  Duration repeat_after(Priority priority) const;
  std::string draw_code();
  void keep_code(Now now, const Call& call, bool joined, LedgerOutputs& out);

  // page_tiers.cpp
  void tier_due(Now now, Call& call, LedgerOutputs& out);
  void escalate(Now now, Call& call, LedgerOutputs& out);
  void look_at_tier(Now now, Call& call, LedgerOutputs& out);
  void set_escalation(Now now, Call& call, Duration after);
  void keep_escalation(Now now, Call& call);
  int tier_limit(Priority priority) const;
  Duration tier_after(Priority priority, int tier) const;
  bool next_reaches(Now now, const Call& call) const;

  // page_standing.cpp
  void stand(Now now, Call& call, LedgerOutputs& out);
  std::string standing_words(LedgerOutputs& out);
  void tell_standing(Now now, LedgerOutputs& out);
  void plan_standing(Now now);

  // page_receipts.cpp
  void progress(Now now, Sheet& sheet, PageState state, LedgerOutputs& out);
  void lose(Now now, Sheet& sheet, PageState state, std::string_view why, LedgerOutputs& out);
  void arrive(Now now, Sheet& sheet, LedgerOutputs& out);
  void send_again(Now now, Sheet& sheet, LedgerOutputs& out);
  Status machine(Now now, const ChannelId& channel, const Json& body, PageState state,
                 LedgerOutputs& out);
  struct Said {  // what a person answered
    ChannelId channel;
    UserId by;
    std::string status;
    std::string code;
    std::string page;
    std::string eta;    // local, "02:40"; empty: not said
    Duration eta_in{};  // the same from now
  };
  Result<UserId> person(const ChannelId& channel, const UserId& login, const Json& body,
                        WallTime at) const;
  Status answer(Now now, const Said& said, MayTake may_take, Board& into, BoardOutputs& board_out,
                LedgerOutputs& out);
  Call* call_of(const Said& said);
  bool proof_answered(Now now, const Said& said, LedgerOutputs& out);
  // `about`: the alarm that it speaks of; nobody is sent into the bad air of its room by it.
  void reply(Now now, const Said& said, std::string text, LedgerOutputs& out,
             const AlarmId& about = {});
  void refuse_answer(Now now, const Said& said, Board& into, BoardOutputs& board_out,
                     LedgerOutputs& out);
  PageState wanted(const ChannelId& channel) const;
  Duration within(const ChannelId& channel) const;
  void forget(const std::string& page);

  // page_reach.cpp
  std::string no_gateway(Now now, const ChannelId& channel) const;
  std::string missing_of(Now now, const Sheet& sheet) const;

  // page_gateways.cpp
  void heard(Now now, const UserId& login, LedgerOutputs& out);
  void see_run(Now now, const UserId& login, const std::string& run, LedgerOutputs& out);
  void judge_channels(Now now, LedgerOutputs& out);
  void silent(Now now, const UserId& login, LedgerOutputs& out);
  void inherit_troubles(Now now, LedgerOutputs& out);
  const Claim* claim_of(const ChannelId& channel) const;
  bool can_page(const ChannelId& channel) const;
  void trouble(bool stands, std::string_view source, std::string_view condition, Priority priority,
               std::string text, std::string action, LedgerOutputs& out);
  std::string word() const;  // ok, degraded, dead

  // page_proofs.cpp
  void begin_proof(Now now, LedgerOutputs& out);
  void end_proof(Now now, const std::string& name, LedgerOutputs& out);
  void plan_proof(Now now);
  void open_proof(Now now, const std::string& name, Proof proof, Duration within,
                  LedgerOutputs& out);
  void keep_proof(const std::string& page, LedgerOutputs& out) const;
  Status load_proof(std::string_view key, const Json& row);
  void resume_proofs(Now now, LedgerOutputs& out);

  // page_troubles.cpp
  bool stands(std::string_view source, std::string_view condition) const;
  bool heard_lately(Now now, const ChannelId& channel) const;
  bool can_reach(Now now, const ChannelId& channel) const;
  bool was_heard(const AlarmId& alarm) const;
  void suspect(Now now, const Page& page, std::string_view why);
  std::string told_instead(const Unreceived& page, const ChannelId& channel) const;
  void judge_unreceived(Now now, const ChannelId& channel, LedgerOutputs& out);
  void try_unreached(Now now, LedgerOutputs& out);

  // page_news.cpp
  std::string guarded(Now now, const AlarmId& about, std::string text) const;
  std::string not_coming_words(Now now, const Call& call, const UserId& by, bool calls_next) const;
  std::string eta_of(const Coming& one) const;
  WallTime believed_until(Now now, const Call& call, const Coming& one) const;
  bool is_overdue(Now now, const Call& call, const Coming& one) const;
  std::string promise_words(Now now, const Coming& one) const;
  void name_coming(Now now, Call& call);
  void watch_promises(Now now, Call& call);
  void promise_past(Now now, Call& call, LedgerOutputs& out);
  void tell_others(Now now, const Call& call, LedgerOutputs& out);
};

void mark(LedgerOutputs& out, const AlarmId& alarm);
// A fact of stream "alarm" about telling people.
Json& page_fact(LedgerOutputs& out, const FactName& type, Now now, const AlarmId& alarm);

}  // namespace cryobank::alarms
