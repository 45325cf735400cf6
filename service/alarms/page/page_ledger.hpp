// Page ledger: whom to tell of an alarm, when again, who is next, and what became of every page. A
// page is done when its receipt is there; one that is not received in its time is sent again, then
// over the next tier, and is an alarm. Deadlines are kept as wall-clock times in rows "m/call/...".
// It owns no text (the board does) and publishes nothing (the core does).
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "config/site_config.hpp"
#include "service/alarms/page/page.hpp"
#include "service/alarms/roster.hpp"
#include "service/alarms/summons.hpp"

namespace cryobank::alarms {

// A gateway beats every 5 s; after four missed ones nobody knows whether a page would leave.
inline constexpr Duration kGatewaySilent = seconds(20);
// A page that no gateway took is published again so soon, then at twice the pause each time ...
inline constexpr Duration kAgainFirst = seconds(2);
// ... and counts as not received after this, unless its channel is known to take longer.
inline constexpr Duration kAcceptWithin = seconds(10);
inline constexpr Duration kReceiptWithin = seconds(30);
// A further machine of a cause that people were told of is told within this, with all that follow.
inline constexpr Duration kNewMachineWithin = seconds(15);
// And a P1 of it within this.
inline constexpr Duration kNewP1Within = seconds(5);
// Rounds of a P2 that nobody takes; then it is told at shift times.
inline constexpr int kRoundsP2 = 8;
inline constexpr std::size_t kCallsMax = 10'000;

// What became of one page; `received`: as well as its channel can ever tell.
struct PageReach {
  ChannelId channel;
  PageState state = PageState::overdue;
  bool received = false;
  bool over = false;    // waiting longer would show nothing new
  std::string missing;  // who has not answered, and what to do; empty: received, or not known
};

enum class GatewayWord : std::uint8_t { state, beat, report };

class PageLedger {
 public:
  PageLedger(const config::SiteConfig& site, const Board& board, Epoch epoch);
  ~PageLedger();
  PageLedger(const PageLedger&) = delete;
  PageLedger& operator=(const PageLedger&) = delete;

  Status load_row(std::string_view key, std::string_view value);
  std::vector<RowChange> rows_of(const std::vector<AlarmId>& alarms) const;
  // Of a run whose epoch nobody could write down: the next one may have the same, so its pages are
  // numbered from the time of day on.
  void number_from(WallTime start);
  void start(Now now, LedgerOutputs& out);

  // The board said that something about this alarm changed.
  void on_alarm(Now now, const AlarmId& alarm, LedgerOutputs& out);
  // The broker link came or went; `heard` false: nobody subscribes to this channel (reason 16).
  void on_link(Now now, bool up, LedgerOutputs& out);
  void on_published(Now now, const std::string& page, bool heard, LedgerOutputs& out);
  // A page that waited for the broker until it was stale.
  void on_unsent(Now now, const std::string& page, LedgerOutputs& out);
  // page/{channel}/receipt/{login}: from the gateway that serves the channel, or a person who
  // carries it. Answers are passed to the board. `may_take`: this person's roles allow
  // acknowledging.
  using MayTake = bool (*)(const config::UserConfig& user);
  Status receipt(Now now, const ChannelId& channel, const UserId& login, const Json& body,
                 MayTake may_take, Board& board, BoardOutputs& board_out, LedgerOutputs& out);
  // gateway/{login}/state, /beat and /report. `kept`: the broker shows what was said before: what a
  // gateway served, not that it lives.
  Status gateway(Now now, const UserId& login, GatewayWord word, const Json& body, bool kept,
                 LedgerOutputs& out);
  void on_deadline(Now now, LedgerOutputs& out);
  Instant next_deadline() const;

  // A page to one person now; its id. The reply to `pager/test` follows by test_state().
  Result<std::vector<std::string>> test(Now now, const UserId& to, const UserId& by,
                                        LedgerOutputs& out);

  // The `paging` member of the retained alarm; null when nobody is being told.
  Json face(const AlarmId& alarm) const;
  // The `paging` member of the beat and of service/state.
  Json status(Now now) const;
  // What stands of one page, for tests and `pager ls`; empty: not known any more.
  std::optional<PageState> state_of(std::string_view page) const;
  PageReach reach_of(Now now, const std::string& page) const;
  const Roster& roster() const;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace cryobank::alarms
