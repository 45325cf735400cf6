#include "service/ctl/machine_io.hpp"

#include <chrono>
#include <thread>

#include "service/base/text.hpp"

namespace cryobank::ctl {

Machine::Machine(const MachineAddress& address, const config::Quirks& quirks)
    : unit_(address.unit), quirks_(quirks) {
  site_.lines.push_back(address.line);
  lines_ = std::make_unique<devices::Lines>(
      site_,
      [this](devices::LineReply reply) {
        const std::lock_guard lock(mutex_);
        reply_ = std::move(reply);
        wake_.notify_all();
      },
      [](const devices::LineText&) {});
}

Machine::~Machine() { lines_->stop(); }

devices::ModbusReply Machine::ask(devices::ModbusRequest request) {
  devices::LineRequest line_request;
  line_request.id = ++last_id_;
  line_request.modbus = std::move(request);
  line_request.response_timeout = quirks_.response_timeout;
  line_request.silence_before = quirks_.frame_pause;
  line_request.drain_first = true;
  {
    const std::lock_guard lock(mutex_);
    reply_.reset();
  }
  lines_->send(std::move(line_request));
  std::unique_lock lock(mutex_);
  wake_.wait(lock, [this] { return reply_.has_value() && reply_->id == last_id_; });
  return reply_->modbus;
}

void Machine::pause(Duration time) {
  std::this_thread::sleep_for(std::chrono::nanoseconds(time.ns));
}

std::string describe(const devices::ModbusReply& reply) {
  if (reply.kind == devices::ReplyKind::exception) return cat("exception ", reply.exception);
  return std::string(devices::name_of(reply.kind));
}

}  // namespace cryobank::ctl
