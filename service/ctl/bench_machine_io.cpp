#include "service/ctl/bench_machine_io.hpp"

#include <chrono>
#include <thread>
#include <utility>

#include "base/text.hpp"

namespace cryobank::ctl {

BenchMachine::BenchMachine(const MachineAddress& address, const config::Quirks& quirks)
    : unit_(address.unit), quirks_(quirks) {
  site_.lines.push_back(address.line);
  // One device that is read by these quirks: its line waits after connecting as the model wants.
  config::DeviceConfig device;
  device.line = address.line.id;
  device.profile = ProfileId("bench");
  site_.devices.push_back(std::move(device));
  site_.profiles.emplace_back();
  site_.profiles.back().id = ProfileId("bench");
  site_.profiles.back().quirks = quirks_;
  lines_ = std::make_unique<devices::Lines>(
      site_,
      [this](devices::LineReply reply) {
        const std::lock_guard lock(mutex_);
        reply_ = std::move(reply);
        wake_.notify_all();
      },
      [this](devices::LineText text) {
        const std::lock_guard lock(mutex_);
        heard_.push_back(std::move(text.text));
      });
}

BenchMachine::~BenchMachine() { lines_->stop(); }

devices::ModbusReply BenchMachine::ask(devices::ModbusRequest request) {
  devices::LineRequest line_request;
  line_request.modbus = std::move(request);
  return send(std::move(line_request)).modbus;
}

Result<std::string> BenchMachine::ask_text(std::string question) {
  devices::LineRequest line_request;
  line_request.text = std::move(question);
  devices::LineReply reply = send(std::move(line_request));
  if (reply.modbus.kind == devices::ReplyKind::ok) return std::move(reply.text);
  return make_error(ErrorCode::unavailable, devices::describe(reply.modbus));
}

std::vector<std::string> BenchMachine::heard() {
  const std::lock_guard lock(mutex_);
  return std::exchange(heard_, {});
}

devices::LineReply BenchMachine::send(devices::LineRequest request) {
  request.id = ++last_id_;
  request.response_timeout = quirks_.response_timeout;
  request.silence_before = quirks_.frame_pause;
  request.drain_first = true;
  {
    const std::lock_guard lock(mutex_);
    reply_.reset();
  }
  lines_->send(std::move(request));
  std::unique_lock lock(mutex_);
  wake_.wait(lock, [this] { return reply_.has_value() && reply_->id == last_id_; });
  return *reply_;
}

void BenchMachine::pause(Duration time) {
  std::this_thread::sleep_for(std::chrono::nanoseconds(time.ns));
}

}  // namespace cryobank::ctl
