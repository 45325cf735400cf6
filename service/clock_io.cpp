#include "service/clock_io.hpp"

#include <sys/timex.h>

#include <ctime>

#include "base/check.hpp"
#include "base/text.hpp"

namespace cryobank::service {
namespace {

std::int64_t read_ns(clockid_t clock) {
  timespec spec{};
  CHECK(clock_gettime(clock, &spec) == 0);
  return spec.tv_sec * 1'000'000'000LL + spec.tv_nsec;
}

bool kernel_clock_synchronised() {
  timex state{};
  const int status = adjtimex(&state);
  return status >= 0 && status != TIME_ERROR && (state.status & STA_UNSYNC) == 0;
}

}  // namespace

WallTime wall_clock() {
  timespec spec{};
  CHECK(clock_gettime(CLOCK_REALTIME, &spec) == 0);
  return {spec.tv_sec * 1'000LL + spec.tv_nsec / 1'000'000};
}

Status expect_plausible(WallTime wall) {
  if (wall >= WallTime{} && wall < kClockMax) return {};
  return make_error(ErrorCode::invalid_value,
                    cat("expected a clock between 1970 and 2261, the computer's says ",
                        format_utc(wall), ": set it right (timedatectl set-ntp true)"));
}

Clock::Clock() : last_{read_ns(CLOCK_BOOTTIME)} { reference_ = now(); }

Now Clock::now() {
  const Instant mono{read_ns(CLOCK_BOOTTIME)};
  CHECK(mono >= last_);
  last_ = mono;
  const WallTime wall = wall_clock();
  if (expect_plausible(wall)) return {mono, wall};
  return {mono, reference_.wall + (mono - reference_.mono)};
}

std::optional<core::OperatorSignal> Clock::look() {
  const Now current = now();
  const Duration drift = (current.wall - reference_.wall) - (current.mono - reference_.mono);
  reference_ = current;
  if (drift > kClockStepMin || drift < Duration{-kClockStepMin.ns}) {
    return core::OperatorSignal::clock_stepped;
  }
  const bool synchronised = kernel_clock_synchronised();
  if (synchronised_ == synchronised) return std::nullopt;
  synchronised_ = synchronised;
  return synchronised ? core::OperatorSignal::clock_synchronised
                      : core::OperatorSignal::clock_unsynchronised;
}

}  // namespace cryobank::service
