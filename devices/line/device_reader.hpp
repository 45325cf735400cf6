// DeviceReader: keeps the readings of one device fresh over its line. It says when it wants to ask
// and what, and takes the answers; it owns no line and sends nothing. Registers and text lines are
// two implementations.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "devices/line/device_points.hpp"
#include "devices/line/line.hpp"

namespace cryobank::devices {

class DeviceReader {
 public:
  virtual ~DeviceReader() = default;

  // Starts polling; before this nothing is due.
  virtual void begin(Instant first_poll) = 0;

  // When it wants to ask next; kNever while an answer is open or it only listens.
  virtual Instant due() const = 0;
  // Fills what to ask now (not id, line and the flags of the line). False: nothing after all.
  // After true, exactly one on_reply follows.
  virtual bool next(Now now, LineRequest& request) = 0;
  // Returns how the answer counts for the line: an `ok` that cannot be the answer is `malformed`.
  virtual ReplyKind on_reply(Now now, const LineReply& reply, std::vector<Reading>& out) = 0;

  // A line of text that came unasked.
  virtual void on_text(Now now, std::string_view text, std::vector<Reading>& out) = 0;

  // Another part of the daemon heard this unit, got no answer from it (to a request of `sent_at`),
  // or found that its line cannot be reached.
  virtual void on_heard(Now now) = 0;
  virtual void on_failed_elsewhere(Now now, Instant sent_at, std::vector<Reading>& out) = 0;
  virtual void on_line_down(Now now, std::vector<Reading>& out) = 0;

  // Marks points older than their age limit; next_check() is when to look again.
  virtual void check_age(Now now, std::vector<Reading>& out) = 0;
  virtual Instant next_check() const = 0;

  virtual const DevicePoints& points() const = 0;
  virtual DeviceState state() const = 0;
  virtual WallTime last_ok() const = 0;
  virtual bool lost() const = 0;
  // What came instead of answers last, in words for a person; empty while they come.
  virtual std::string fault() const { return {}; }
};

}  // namespace cryobank::devices
