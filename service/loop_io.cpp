#include "service/loop_io.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <chrono>
#include <csignal>

#include "base/text.hpp"
#include "service/log_io.hpp"

namespace cryobank::service {
namespace {

constexpr auto kClockLookInterval = std::chrono::seconds(5);

// The longest sleep: a deadline further away is looked at again then.
constexpr Duration kSleepMax = seconds(3600);

}  // namespace

Loop::Loop(core::Core& core, Clock& clock, Carry carry)
    : core_(core),
      clock_(clock),
      carry_(std::move(carry)),
      context_(1),
      timer_(context_),
      clock_timer_(context_),
      signals_(context_, SIGINT, SIGTERM, SIGHUP) {}

Loop::~Loop() = default;

bool Loop::post(core::Input input) {
  if (waiting_.load() >= kWaitingInputsMax && std::holds_alternative<core::BrokerMessage>(input)) {
    return false;
  }
  ++waiting_;
  boost::asio::post(context_, [this, input = std::move(input)] {
    --waiting_;
    step(input);
  });
  return true;
}

void Loop::run() {
  const auto guard = boost::asio::make_work_guard(context_);
  wait_for_signal();
  look_at_clock();
  step(core::Started{});
  context_.run();
}

void Loop::stop() { context_.stop(); }

void Loop::step(const core::Input& input) {
  effects_.clear();
  core_.step(clock_.now(), input, effects_);
  bool stopping = false;
  for (core::Effect& effect : effects_) {
    const auto* notice = std::get_if<core::NotifySystemd>(&effect);
    stopping = stopping || (notice != nullptr && notice->state == core::SystemdState::stopping);
    carry_(std::move(effect));
  }
  if (stopping) {
    context_.stop();
    return;
  }
  arm_timer();
}

void Loop::arm_timer() {
  const Instant deadline = core_.next_deadline();
  if (deadline == armed_) return;
  armed_ = deadline;
  if (deadline == kNever) {
    timer_.cancel();
    return;
  }
  const Duration left = std::clamp(deadline - clock_.now().mono, Duration{0}, kSleepMax);
  timer_.expires_after(std::chrono::nanoseconds(left.ns));
  timer_.async_wait([this](const boost::system::error_code& error) {
    if (error) return;
    armed_ = kNever;
    step(core::Tick{});
  });
}

void Loop::look_at_clock() {
  if (const auto signal = clock_.look()) post(*signal);
  clock_timer_.expires_after(kClockLookInterval);
  clock_timer_.async_wait([this](const boost::system::error_code& error) {
    if (!error) look_at_clock();
  });
}

void Loop::wait_for_signal() {
  signals_.async_wait([this](const boost::system::error_code& error, int number) {
    if (error) return;
    write_log(core::LogLevel::info, cat("signal ", number));
    post(number == SIGHUP ? core::OperatorSignal::reload : core::OperatorSignal::stop);
    wait_for_signal();
  });
}

}  // namespace cryobank::service
