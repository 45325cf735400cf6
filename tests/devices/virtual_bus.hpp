// VirtualBus: the lines of a site on virtual time, as a wire behaves. Answers travel as frames that
// arrive when they arrive: late ones are still there for the next request unless it drains or makes
// the connection anew. A serial frame carries no number of its request, so any frame of the right
// unit, function and length passes for the answer; a TCP frame carries it, and another number is
// malformed. A unit answers its requests in order, one at a time.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <vector>

#include "devices/fleet.hpp"
#include "devices/line/line_timing.hpp"

namespace cryobank::devices {

// What a unit does with one request.
struct UnitAnswer {
  ModbusReply reply;  // ok, exception, or malformed for garbage; a time-out: none
  Duration delay{};   // before it answers
  bool wrong_unit = false;
  int copies = 1;  // of the answer frame
};
using Unit = std::function<UnitAnswer(const ModbusRequest& request, Instant now)>;

class VirtualBus {
 public:
  explicit VirtualBus(const config::SiteConfig& site) : site_(site), lines_(site.lines.size()) {}

  Unit& unit(std::uint32_t line, std::uint8_t number) { return lines_[line].units[number]; }
  void send(Now now, const LineRequest& request);
  Instant next() const;
  // The reply that is due first, if one is due at `now`.
  std::optional<LineReply> reply_due(Instant now);
  std::uint64_t requests() const { return requests_; }
  Duration busy(std::uint32_t line) const { return lines_[line].busy; }

 private:
  struct Frame {
    Instant arrival;
    std::uint64_t request;  // it answers
    ModbusRequest shape;
    ModbusReply reply;
  };
  struct Wire {
    std::map<std::uint8_t, Unit> units;
    std::map<std::uint8_t, Instant> free_at;  // by unit: when it has answered everything
    std::deque<Frame> frames;
    std::optional<LineReply> open;
    Instant open_until{};
    Duration busy{};
  };

  Duration wire_time(const LineRequest& request, std::size_t values) const;
  void let_unit_answer(Wire& wire, const LineRequest& request, Instant sent);
  void close(Wire& wire, const LineRequest& request, Instant sent);

  const config::SiteConfig& site_;
  std::vector<Wire> lines_;
  std::uint64_t requests_ = 0;
};

inline Duration VirtualBus::wire_time(const LineRequest& request, std::size_t values) const {
  const config::LineConfig& line = site_.lines[request.line.value];
  if (!is_serial(line.kind)) return microseconds(200);
  constexpr std::size_t kOverheadBytes = 13;  // request 8, answer 5
  return character_time(line) * static_cast<std::int64_t>(kOverheadBytes + 2 * values);
}

inline void VirtualBus::send(Now now, const LineRequest& request) {
  ++requests_;
  Wire& wire = lines_[request.line.value];
  const Instant sent = now.mono + request.silence_before;
  if (request.reconnect_first) wire.frames.clear();
  if (request.drain_first) {
    while (!wire.frames.empty() && wire.frames.front().arrival <= sent) wire.frames.pop_front();
  }
  let_unit_answer(wire, request, sent);
  close(wire, request, sent);
  wire.busy = wire.busy + (wire.open_until - now.mono);
}

inline void VirtualBus::let_unit_answer(Wire& wire, const LineRequest& request, Instant sent) {
  const auto unit = wire.units.find(request.modbus.unit);
  if (unit == wire.units.end() || !unit->second) return;
  Instant& free_at = wire.free_at[request.modbus.unit];
  const UnitAnswer answer = unit->second(request.modbus, std::max(sent, free_at));
  if (answer.reply.kind == ReplyKind::timeout) return;
  ModbusRequest shape = request.modbus;
  if (answer.wrong_unit) ++shape.unit;
  for (int copy = 0; copy < answer.copies; ++copy) {
    free_at =
        std::max(sent, free_at) + answer.delay + wire_time(request, answer.reply.values.size());
    if (!wire.frames.empty()) free_at = std::max(free_at, wire.frames.back().arrival);
    wire.frames.push_back({free_at, request.id, shape, answer.reply});
  }
}

inline void VirtualBus::close(Wire& wire, const LineRequest& request, Instant sent) {
  LineReply reply;
  reply.id = request.id;
  reply.line = request.line;
  wire.open_until = sent + request.response_timeout;
  reply.modbus.kind = ReplyKind::timeout;
  if (!wire.frames.empty() && wire.frames.front().arrival <= wire.open_until) {
    const Frame frame = wire.frames.front();
    wire.frames.pop_front();
    wire.open_until = std::max(sent, frame.arrival);
    const bool tcp = !is_serial(site_.lines[request.line.value].kind);
    const bool fits = frame.shape.unit == request.modbus.unit &&
                      frame.shape.table == request.modbus.table &&
                      (frame.reply.kind == ReplyKind::exception ||
                       frame.reply.values.size() == request.modbus.count) &&
                      (!tcp || frame.request == request.id);
    reply.modbus = frame.reply;
    if (!fits) reply.modbus = {ReplyKind::malformed, 0, {}, true};
  }
  wire.open = std::move(reply);
}

inline Instant VirtualBus::next() const {
  Instant next = kNever;
  for (const Wire& wire : lines_) {
    if (wire.open) next = std::min(next, wire.open_until);
  }
  return next;
}

inline std::optional<LineReply> VirtualBus::reply_due(Instant now) {
  Wire* first = nullptr;
  for (Wire& wire : lines_) {
    if (!wire.open || wire.open_until > now) continue;
    if (first == nullptr || wire.open_until < first->open_until) first = &wire;
  }
  if (first == nullptr) return std::nullopt;
  return std::exchange(first->open, std::nullopt);
}

// A fleet and its bus on one virtual clock.
class VirtualSite {
 public:
  explicit VirtualSite(config::SiteConfig site, std::uint64_t seed = 1)
      : site_(std::move(site)), bus(site_), fleet(site_, Epoch{1}, seed) {
    now_.wall.ms = 1'795'000'000'000;
  }

  void start() {
    fleet.start(now_, out_);
    settle();
  }

  void run(Duration span) {
    const Instant end = now_.mono + span;
    for (;;) {
      const Instant next = std::min(bus.next(), fleet.next_deadline());
      if (next > end) break;
      advance(std::max(next, now_.mono));
      while (auto reply = bus.reply_due(now_.mono)) {
        fleet.on_reply(now_, *reply, out_);
        settle();
      }
      if (fleet.next_deadline() <= now_.mono) {
        fleet.on_deadline(now_, out_);
        settle();
      }
    }
    advance(end);
  }

  Now now() const { return now_; }
  const config::SiteConfig& config() const { return site_; }
  const Reading& reading(std::uint32_t device, std::uint32_t point) const {
    return fleet.reading(DeviceIndex{device}, PointIndex{point});
  }
  std::string quality(std::uint32_t device, std::uint32_t point) const {
    return std::string(name_of(reading(device, point).quality));
  }

  std::function<void(const Reading&)> on_reading;
  std::vector<DeviceStateChange> states;

 private:
  void advance(Instant to) {
    now_.wall = now_.wall + (to - now_.mono);
    now_.mono = to;
  }
  void settle() {
    for (const LineRequest& request : out_.requests) bus.send(now_, request);
    if (on_reading) {
      for (const Reading& reading : out_.readings) on_reading(reading);
    }
    states.insert(states.end(), out_.states.begin(), out_.states.end());
    out_.clear();
  }

  config::SiteConfig site_;
  Now now_;
  FleetOutputs out_;

 public:
  VirtualBus bus;
  Fleet fleet;
};

}  // namespace cryobank::devices
