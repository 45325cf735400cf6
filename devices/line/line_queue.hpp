// LineQueue: what one line sends next. One request in flight; safety before robot before polling;
// polls of the units go by their due times. Owns no device: it hands out whose turn it is.
//
//   idle --next()--> in flight --answered()--> idle, or silent until a late answer cannot come
//
// After a time-out or a malformed answer a serial line is silent for one response time-out and
// drained before its next request; a TCP connection is dropped and made anew (unit_link.hpp says
// why). Units that are lost together cost the line at most kLostShare of its time.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>

#include "base/result.hpp"
#include "devices/line/due_heap.hpp"
#include "devices/line/line.hpp"

namespace cryobank::devices {

enum class Lane : std::uint8_t { safety, robot, poll };

// Waiting requests of one lane: enough for every machine of a line to have several open.
inline constexpr std::size_t kLaneMax = 256;
// A failed try of a lost unit is followed by so many of its durations without another one.
inline constexpr int kLostShare = 8;

// What a line does after a failure: `quiet` where an answer carries no number of its request and
// may come late; `reconnects` where there is a connection to make anew.
struct LineManners {
  bool quiet_after_failure = false;
  bool reconnects = true;
};

class LineQueue {
 public:
  struct Turn {
    Lane lane = Lane::poll;
    std::uint32_t slot = 0;  // poll: the unit's slot on this line; else the ticket given to push()
  };

  // `units` poll slots.
  LineQueue(std::size_t units, LineManners manners);

  void set_due(std::size_t slot, Instant due) { polls_.set(slot, due); }
  // Error when the lane is full: then nothing was queued.
  Status push(Lane lane, std::uint32_t ticket);

  bool in_flight() const { return in_flight_; }
  // When there will be something to send: kNever while in flight.
  Instant next_due() const;
  // Whose turn it is; empty when nothing is due or the line is in flight. A ticket is handed out
  // once; a poll slot stays due until set_due() moves it.
  std::optional<Turn> next(Instant now);
  // The caller sent what next() named.
  void sent() { in_flight_ = true; }
  // The answer came. `quiet`: how long nothing is sent after a failure, if that is its manner.
  void answered(Instant now, ReplyKind kind, Duration quiet);

  // A try of a lost unit failed; the next lost unit of this line is tried no earlier than
  // lost_turn_at().
  void lost_unit_failed(Instant now, Instant sent_at);
  Instant lost_turn_at() const { return lost_turn_at_; }

  // How the next request must begin; each flag is given once.
  bool take_drain();
  bool take_reconnect();

 private:
  LineManners manners_;
  bool in_flight_ = false;
  bool drain_ = true;  // whatever an earlier run of the daemon left on the wire
  bool reconnect_ = false;
  Instant silent_until_{};
  Instant lost_turn_at_{};
  std::deque<std::uint32_t> safety_;
  std::deque<std::uint32_t> robot_;
  DueHeap polls_;
};

}  // namespace cryobank::devices
