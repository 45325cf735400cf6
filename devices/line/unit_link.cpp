#include "devices/line/unit_link.hpp"

#include <algorithm>

#include "base/check.hpp"

namespace cryobank::devices {

UnitLink::UnitLink(const LinkRules& rules, Prng prng)
    : rules_(rules), prng_(prng), check_(first_check()) {}

LinkCheck UnitLink::first_check() const {
  return rules_.late_answers || rules_.has_identity ? LinkCheck::identity : LinkCheck::none;
}

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

// Zero: only the rest of the cycle.
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
