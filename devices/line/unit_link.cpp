#include "devices/line/unit_link.hpp"

#include <algorithm>

#include "base/check.hpp"

namespace cryobank::devices {

UnitLink::UnitLink(const LinkRules& rules, Prng prng)
    : rules_(rules), prng_(prng), check_(first_check()) {}

LinkCheck UnitLink::first_check() const {
  return rules_.late_answers || rules_.has_identity ? LinkCheck::identity : LinkCheck::none;
}

// Three reads, because an answer that is one behind passes for any read of its own shape. Say that
// a poll of the level timed out and its answer L is on the way; I and O are the answers to the
// checks, which are asked after it:
//   the checks are sent    identity   other   identity again
//   nothing is behind      I          O       I                trusted
//   L comes late           L                                   no identity: caught by the first
//   an older I comes late  I          I                        caught by the second: another shape
//   the first I comes late (time-out)                          a failure of its own
//   O comes late           I          (time-out)               likewise
// An I and an O of earlier checks, both behind, would pass for all three and leave two more behind:
// so from the second failure on the unit is left alone until nothing can be (pause_after).
void UnitLink::on_check_passed() {
  switch (check_) {
    case LinkCheck::identity:
      check_ = rules_.late_answers || rules_.gateway ? LinkCheck::other : LinkCheck::none;
      break;
    case LinkCheck::other:
      check_ = LinkCheck::identity_again;
      break;
    case LinkCheck::identity_again:
      check_ = LinkCheck::none;
      break;
    case LinkCheck::none:
      CHECK(false);
  }
  if (trusted()) failures_ = 0;
}

void UnitLink::on_failure(Instant now, Instant sent_at) {
  check_ = first_check();
  failures_ = std::min(failures_ + 1, 1'000'000);
  const Duration pause = pause_after(failures_);
  if (pause.ns == 0) {
    retry_at_ = std::max(now, sent_at + rules_.cycle);
    return;
  }
  // An eighth of spread, so that units that failed together are not retried together.
  const auto spread = static_cast<std::uint64_t>(pause.ns / 8 + 1);
  retry_at_ = now + pause + Duration{static_cast<std::int64_t>(prng_.below(spread))};
}

// Zero: only the rest of the cycle. A serial unit with a time-out of 1 s and a cycle of 1 s that is
// cut off at 0 s gets, without the spread of an eighth:
//    0 s  a poll; at 1 s its time-out, failure 1: the check follows at once, since one answer at
//         most is behind, which the checks see
//    1 s  identity; at 2 s failure 2: now two answers may be behind, and two may look like two
//         checks. Nothing is asked for 8 time-outs, in which they come and are drained unseen
//   10 s  identity; at 11 s failure 3: lost, 16 s of quiet
//   27 s  identity; at 28 s failure 4: 32 s, and so on, doubling up to retry_max
// On TCP an answer carries its number and the connection is made anew, so the first two failures
// cost the rest of their cycle and the third begins the back-off, with the cycle itself.
Duration UnitLink::pause_after(int failures) const {
  const int free = rules_.late_answers ? 1 : kLostAfter - 1;
  if (failures <= free) return {};
  const Duration quiet =
      rules_.late_answers ? rules_.response_timeout * kQuietTimeouts : Duration{};
  const Duration longest = std::max(rules_.retry_max, quiet);
  Duration pause = std::max(rules_.cycle, quiet);
  for (int i = free + 1; i < failures && pause < longest; ++i) pause = pause * 2;
  return std::min(pause, longest);
}

void UnitLink::hurry(Instant now) { retry_at_ = std::min(retry_at_, now); }

}  // namespace cryobank::devices
