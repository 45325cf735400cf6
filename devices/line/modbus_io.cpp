#include "devices/line/modbus_io.hpp"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include "base/check.hpp"
#include "devices/line/line_timing.hpp"
#include "devices/line/modbus_link_io.hpp"
#include "devices/line/port_io.hpp"
#include "devices/line/text_link_io.hpp"

namespace cryobank::devices {
namespace {

// A text device that speaks by itself is connected to again at this interval, asked or not.
constexpr Duration kReconnectPause = seconds(5);

// A line of text that floods is read at this rate; what waits, waits at its sender.
constexpr int kTextLinesPerSecond = 100;

// The longest pause after connecting that any device of the line wants.
Duration connect_pause_of(const config::SiteConfig& config, const config::LineConfig& line) {
  Duration pause{};
  for (const config::DeviceConfig& device : config.devices) {
    if (device.line != line.id) continue;
    const config::DeviceProfile* profile = config.profile_of(device);
    if (profile != nullptr) pause = std::max(pause, profile->quirks.connect_pause);
  }
  return pause;
}

}  // namespace

class Lines::Owner {
 public:
  Owner(const config::SiteConfig& config, std::uint32_t index, OnReply on_reply, OnText on_text)
      : index_{index},
        text_(is_text(config.lines[index].kind)),
        port_(config.lines[index], connect_pause_of(config, config.lines[index])),
        modbus_link_(port_, config.lines[index]),
        text_link_(port_),
        on_reply_(std::move(on_reply)),
        on_text_(std::move(on_text)),
        thread_([this] { run(); }) {}

  void send(LineRequest request) {
    {
      const std::lock_guard lock(guard_);
      waiting_.push_back(std::move(request));
    }
    wake();
  }
  void stop() {
    port_.stop();
    const std::lock_guard lock(guard_);
    work_.notify_all();
  }
  void join() {
    if (thread_.joinable()) thread_.join();
  }

 private:
  void run() {
    while (!port_.stopped()) {
      if (std::optional<LineRequest> request = take()) {
        answer(*request);
      } else if (text_) {
        listen();
      } else {
        std::unique_lock lock(guard_);
        work_.wait(lock, [this] { return !waiting_.empty() || port_.stopped(); });
      }
    }
    while (std::optional<LineRequest> request = take()) {
      on_reply_({request->id, index_, {ReplyKind::disconnected, 0, {}, false}, {}, {}});
    }
    port_.close();
  }

  // A text line also waits for bytes, in one call with the requests.
  void wake() {
    if (text_) {
      port_.wake();
    } else {
      work_.notify_one();
    }
  }

  std::optional<LineRequest> take() {
    const std::lock_guard lock(guard_);
    if (waiting_.empty()) return std::nullopt;
    LineRequest request = std::move(waiting_.front());
    waiting_.pop_front();
    return request;
  }

  void answer(const LineRequest& request) {
    const Instant begun = monotonic_now();
    LineReply reply;
    reply.id = request.id;
    reply.line = index_;
    if (text_) {
      reply.modbus = text_link_.exchange(request, reply.text);
    } else {
      reply.modbus = modbus_link_.exchange(request);
    }
    reply.took = monotonic_now() - begun;
    on_reply_(std::move(reply));
  }

  void listen() {
    const Instant now = monotonic_now();
    if (!port_.is_open() && now >= next_connect_) {
      next_connect_ = now + kReconnectPause;
      if (!port_.open()) return;
    }
    if (port_.wait_for_work(port_.is_open() ? kNever : next_connect_, true) != Waited::ready)
      return;
    text_link_.read_unasked([&](std::string line) {
      ++lines_told_;
      on_text_({index_, std::move(line)});
    });
    const Instant now_read = monotonic_now();
    if (now_read - telling_since_ >= seconds(1)) {
      telling_since_ = now_read;
      lines_told_ = 0;
    } else if (lines_told_ >= kTextLinesPerSecond) {
      port_.wait(telling_since_ + seconds(1));
    }
  }

  LineIndex index_;
  bool text_;
  Port port_;
  ModbusLink modbus_link_;
  TextLink text_link_;
  OnReply on_reply_;
  OnText on_text_;
  Instant next_connect_{};
  Instant telling_since_{};
  int lines_told_ = 0;  // since then
  std::mutex guard_;
  std::condition_variable work_;  // for requests, of lines that only wait for these
  std::deque<LineRequest> waiting_;
  std::jthread thread_;  // last: it uses all the others, and is joined before they go
};

Lines::Lines(const config::SiteConfig& config, const OnReply& on_reply, const OnText& on_text) {
  for (std::uint32_t i = 0; i < config.lines.size(); ++i) {
    owners_.push_back(std::make_unique<Owner>(config, i, on_reply, on_text));
  }
}

Lines::~Lines() { stop(); }

void Lines::send(LineRequest request) {
  CHECK(request.line.value < owners_.size());
  Owner& owner = *owners_[request.line.value];
  owner.send(std::move(request));
}

void Lines::stop() {
  for (const auto& owner : owners_) owner->stop();
  for (const auto& owner : owners_) owner->join();
}

}  // namespace cryobank::devices
