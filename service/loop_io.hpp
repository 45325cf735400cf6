// Loop: the core thread. It takes inputs from every other thread, steps the core with the time read
// once per input, hands each effect to the world in order, and wakes itself at the core's deadline.
#pragma once

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>

#include "service/clock_io.hpp"
#include "service/core/core.hpp"

namespace cryobank::service {

// Inputs waiting for the core thread. A full queue means that the core is far behind; then broker
// messages are refused (their senders see no reply and send again), and nothing else is.
inline constexpr int kWaitingInputsMax = 20'000;

class Loop {
 public:
  using Carry = std::function<void(core::Effect&&)>;

  // `carry` runs on the loop's thread and never blocks.
  Loop(core::Core& core, Clock& clock, Carry carry);
  ~Loop();

  // From any thread. False when a broker message was refused.
  bool post(core::Input input);

  // Runs until the core asked to stop (NotifySystemd{stopping}) or stop() was called.
  void run();
  void stop();

 private:
  void step(const core::Input& input);
  void arm_timer();
  void look_at_clock();
  void wait_for_signal();

  core::Core& core_;
  Clock& clock_;
  Carry carry_;
  boost::asio::io_context context_;
  boost::asio::steady_timer timer_;
  boost::asio::steady_timer clock_timer_;
  boost::asio::signal_set signals_;
  std::atomic<int> waiting_{0};
  core::Effects effects_;
  Instant armed_ = kNever;
};

}  // namespace cryobank::service
