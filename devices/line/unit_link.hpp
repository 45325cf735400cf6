// UnitLink: whether the answers of one unit may be trusted, and when a silent one is asked again.
//
//   checking --every check passed--> trusted --failure--> checking (from the first check, later)
//
// The late-answer guard of lines without transaction ids: an answer that comes after its time-out
// would pass for the answer to the next request. After a failure the line is silent and drained
// (line_queue.hpp); then three checks run, whose values nobody sees: identity, another read,
// identity again. With one answer outstanding, a check gets the answer of the one before it, which
// has another shape or value. From the second failure on several may be outstanding; then the unit
// is left alone for kQuietTimeouts time-outs, longer each time, before it is checked.
// TCP connections are made anew instead; one identity read shows that the right machine answers.
// Back-off: the first kLostAfter failures come one per cycle, then the pause doubles up to a cap.
#pragma once

#include <cstdint>

#include "base/prng.hpp"
#include "base/time.hpp"

namespace cryobank::devices {

// Failures in a row after which a unit is lost.
inline constexpr int kLostAfter = 3;

// A unit that answers later than this many of its time-outs, in order, is beyond the guard.
inline constexpr int kQuietTimeouts = 8;

enum class LinkCheck : std::uint8_t { none, identity, other, identity_again };

struct LinkRules {
  bool late_answers = false;  // serial: an answer carries no number of its request
  bool gateway = false;       // several units behind one connection: it may mix up their answers
  bool has_identity = false;
  Duration cycle = seconds(1);        // between two polls while it answers
  Duration retry_max = seconds(600);  // longest pause between two tries
  Duration response_timeout = seconds(1);
};

class UnitLink {
 public:
  UnitLink(const LinkRules& rules, Prng prng);

  // The check to run next; `none` when the unit is trusted.
  LinkCheck next_check() const { return check_; }
  bool trusted() const { return check_ == LinkCheck::none; }
  // Nothing is sent to the unit before this.
  Instant retry_at() const { return retry_at_; }
  int failures() const { return failures_; }
  bool lost() const { return failures_ >= kLostAfter; }

  void on_check_passed();
  // A data read was answered while trusted.
  void on_answer() { failures_ = 0; }
  // Time-out, malformed, disconnected, wrong identity. `sent_at` is when that request was made.
  void on_failure(Instant now, Instant sent_at);
  // An answer was wrong, others are right: who answers is looked at again, and nothing is counted.
  void check_anew() { check_ = first_check(); }
  // A gateway answered for the unit: late answers may come even on a TCP connection.
  void suspect_late_answers() { rules_.late_answers = true; }
  // Nothing is sent before this, whatever the back-off says.
  void leave_alone(Instant until) { retry_at_ = retry_at_ < until ? until : retry_at_; }
  // Somebody else heard the unit: try now.
  void hurry(Instant now);

 private:
  LinkCheck first_check() const;
  Duration pause_after(int failures) const;

  LinkRules rules_;
  Prng prng_;
  LinkCheck check_;
  int failures_ = 0;
  Instant retry_at_{};
};

}  // namespace cryobank::devices
