// Page: one message to one channel, and what became of it. Its id holds the daemon's epoch, so that
// none is ever used twice, not even after the record was restored; the same id sent again is the
// same page. docs/pager.md shows both on the wire.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.hpp"
#include "base/json.hpp"
#include "base/time.hpp"
#include "service/alarms/board.hpp"

namespace cryobank::alarms {

enum class PageKind : std::uint8_t {
  page,      // an alarm that somebody must take
  answer,    // to a person who answered
  standing,  // the list of what stands unanswered, at shift times
  test,      // proof that a person can be reached
  withdraw,  // nothing to read: these pages need not be sent any more
};
std::string_view name_of(PageKind kind);

// In the order in which a page gets better; the last four are its other ends.
enum class PageState : std::uint8_t {
  queued,     // not yet with the broker
  published,  // the broker has it
  accepted,   // the gateway has it, and would have it after a power cut
  sent,       // the carrier took it: nobody knows yet whether it arrived
  delivered,  // the person's device has it
  read,
  answered,
  failed,     // the gateway gave it up
  dropped,    // stale, or replaced by a newer one, before it was sent
  withdrawn,  // the alarm was taken before it was sent
  overdue,    // no receipt in its time
};
std::string_view name_of(PageState state);
std::optional<PageState> page_state(std::string_view name);
constexpr bool arrived(PageState state, PageState wanted) {
  return state >= wanted && state <= PageState::answered;
}

struct Page {
  std::string id;  // "{epoch}-{number}"
  PageKind kind = PageKind::page;
  ChannelId channel;
  AlarmId alarm;  // empty: of no single alarm
  std::uint64_t occurrence = 0;
  Priority priority = Priority::p2;
  int tier = 1;
  int attempt = 1;       // rises with each repeat
  DeviceId device;       // for the contents at risk; may be empty
  std::string text;      // 7-bit, at most 240 characters, the first 140 stand alone
  std::string text_ja;   // the same in Japanese, for voice and mail; empty: there is none
  std::string ack_code;  // four digits; empty: nothing to take
  WallTime created;
  Duration expires_in{};
  std::vector<std::string> withdraws;  // pages that this one makes needless
};

// What is wrong with telling people, as an alarm; the ledger says it and the core passes it on.
struct Trouble {
  bool stands = true;
  bool heard = true;  // false, of one that ends: nobody was told that it stood
  Condition condition;
};

struct LedgerOutputs {
  std::vector<Page> pages;       // to publish at once
  std::vector<Page> again;       // the same page once more: no receipt came
  std::vector<AlarmId> changed;  // alarms whose `paging` face or row changed
  std::vector<RowChange> rows;   // of proofs
  std::vector<Fact> facts;
  std::vector<Trouble> troubles;
  bool status_changed = false;
  void clear();
};

}  // namespace cryobank::alarms
