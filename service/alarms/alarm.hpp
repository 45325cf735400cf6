// Alarm: one alarm's memory: its state, who took it, and how often people had to hear it anew. It
// is what the retained topic shows and what a row keeps, so that a restart loses no acknowledgement
// or shelf. Deadlines are kept as wall-clock times; the board turns them into monotonic ones. Who
// is paged, and when again, is the page ledger's (page_ledger.hpp).
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <string_view>

#include "config/alarm_catalogue.hpp"
#include "service/alarms/board.hpp"
#include "service/alarms/state_machine.hpp"
#include "service/alarms/summons.hpp"

namespace cryobank::alarms {

// Notes of people and answers of pagers that one occurrence keeps; older ones are in the journal.
inline constexpr std::size_t kNotesMax = 20;
inline constexpr std::size_t kNoteLengthMax = 500;

struct Acknowledgement {
  UserId by;
  std::string reason;  // kAcknowledgeReasons
  std::string comment;
  WallTime at;
};

struct Shelf {
  UserId by;
  std::string reason;
  WallTime until;
  WallTime first;  // since when it has been silenced in a row: renewing does not begin anew
};

struct Note {  // a comment, or an answer that came by pager
  UserId by;
  std::string text;
  WallTime at;
};

struct Alarm {
  AlarmId id;
  std::string source;
  std::string condition;
  DeviceId device;
  int rule = -1;         // place in the board's rules; -1 for a condition of no device
  bool watched = false;  // by a rule; kept in the row, so that one without its rule is noticed

  AlarmState state = AlarmState::closed;
  int stage = 0;    // severity now: of a rule its stage, else 1 for P3 to 3 for P1
  int highest = 0;  // worst of this occurrence, which the priority shows until it closes
  Priority priority = Priority::p3;
  std::uint64_t occurrence = 0;  // 0: shelved ahead, and never raised yet
  std::string text;
  std::string action;
  WallTime since{};
  Instant began{};        // of the same moment; ns 0: in an earlier run, whose clock is gone
  WallTime cleared_at{};  // ms 0: not cleared
  std::optional<Milli> value;
  std::string cause;      // alarms of one cause are one page (cause.hpp)
  bool judged = true;     // false: it stood when the last run ended, and nobody has looked since
  std::string by_design;  // another alarm that explains it keeps its pages back; empty: none
  config::AlarmLatch latch = config::AlarmLatch::none;
  WallTime silenced{};    // since when shelves have followed each other; ms 0: not silenced lately
  WallTime unsilenced{};  // end of the last one

  std::optional<Acknowledgement> acknowledged;
  // The acknowledgement is looked at again then; ms 0: never.
  WallTime verify_at{};
  WallTime expected{};  // when whoever takes it right now said to be there; ms 0: not said
  int verify_stage = 0;
  std::optional<Milli> verify_value;
  std::int64_t verify_loss_s = -1;  // time to loss when it was acknowledged; -1: not known

  std::optional<Shelf> shelf;
  std::uint32_t telling = 0;     // rises whenever everybody must hear it anew
  std::optional<Coming> coming;  // who said so last, and has not taken it back
  std::deque<Note> comments;
  std::deque<Note> answers;

  bool open() const { return state != AlarmState::closed || shelf.has_value(); }
};

// "{source}.{condition}"; a source that would make it no id is shortened and told apart by a hash.
AlarmId alarm_id(std::string_view source, std::string_view condition);

Json to_row(const Alarm& alarm);
// Errors: corrupt, with `key`, the member, what was expected and what came.
Result<Alarm> from_row(std::string_view key, const AlarmId& id, const Json& row);
// The retained topic's payload; null when closed and not shelved.
Json render_alarm(const Alarm& alarm);

}  // namespace cryobank::alarms
