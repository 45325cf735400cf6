#include "devices/fleet_parts.hpp"

#include <algorithm>
#include <utility>

#include "base/check.hpp"
#include "devices/line/line_timing.hpp"
#include "devices/line/register_reader.hpp"
#include "devices/line/text_reader.hpp"

namespace cryobank::devices {
namespace {

// A unit that has its line to itself costs nobody anything, so it is tried again sooner.
constexpr Duration kAloneRetryMax = seconds(30);

// First polls fall on so many points of a device's period: spread enough that no burst meets the
// network, and together enough that one waking of a thread serves several lines.
constexpr std::uint64_t kStarts = 20;

LineManners manners_of(config::LineConfig::Kind kind) {
  return {.quiet_after_failure = is_serial(kind) || is_text(kind), .reconnects = !is_serial(kind)};
}

bool transport_failed(ReplyKind kind) {
  return kind != ReplyKind::ok && kind != ReplyKind::exception;
}

ReaderRules rules_for(const config::DeviceConfig& device, const config::LineConfig& line,
                      bool alone, Duration shortest_cycle) {
  ReaderRules rules;
  rules.unit = device.unit;
  rules.fast = std::max(device.poll_fast, shortest_cycle);
  rules.slow = std::max(device.poll_slow, rules.fast);
  rules.retry_max = seconds(line.dead_retry_max_s);
  if (alone) rules.retry_max = std::min(rules.retry_max, kAloneRetryMax);
  rules.retry_max = std::max(rules.retry_max, rules.fast);
  // RTU frames bear no transaction number, whatever carries them.
  rules.late_answers = is_serial(line.kind) || line.kind == config::LineConfig::Kind::rtu_tcp;
  rules.gateway = line.kind == config::LineConfig::Kind::tcp && !alone;
  return rules;
}

}  // namespace

Fleet::Parts::Parts(const config::SiteConfig& site, Epoch epoch, std::uint64_t seed)
    : config(site),
      line_due(site.lines.size()),
      age_due(site.devices.size()),
      plant(site),
      robots(site, epoch) {
  add_lines();
  Prng prng(seed);
  for (std::uint32_t i = 0; i < config.devices.size(); ++i) add_device(i, prng);
}

std::uint32_t Fleet::Parts::line_of(const config::DeviceConfig& device) const {
  for (std::uint32_t i = 0; i < config.lines.size(); ++i) {
    if (config.lines[i].id == device.line) return i;
  }
  CHECK(false);  // load() refuses a device without its line
}

void Fleet::Parts::add_lines() {
  std::vector<std::vector<std::uint32_t>> of_line(config.lines.size());
  for (std::uint32_t i = 0; i < config.devices.size(); ++i) {
    of_line[line_of(config.devices[i])].push_back(i);
  }
  for (std::uint32_t i = 0; i < config.lines.size(); ++i) {
    lines.push_back({.queue = LineQueue(of_line[i].size(), manners_of(config.lines[i].kind)),
                     .devices = std::move(of_line[i])});
    pace(i);
  }
}

void Fleet::Parts::pace(std::uint32_t line) {
  const config::LineConfig& source = config.lines[line];
  if (!is_serial(source.kind) || is_text(source.kind)) return;
  Duration fast{};
  std::int64_t slow_share_ppm = 0;
  for (const std::uint32_t index : lines[line].devices) {
    const config::DeviceConfig& device = config.devices[index];
    const config::DeviceProfile* profile = config.profile_of(device);
    CHECK(profile != nullptr);
    const std::vector<Span> plan = plan_spans(*profile, {});
    fast = fast + round_time(source, profile->quirks, plan, config::ReadClass::fast);
    const Duration slow = round_time(source, profile->quirks, plan, config::ReadClass::slow);
    slow_share_ppm += slow.ns / std::max<std::int64_t>(device.poll_slow.ns / 1'000'000, 1);
  }
  // What the slow points leave of the line's time; never counted below a tenth.
  const std::int64_t left_ppm = std::max<std::int64_t>(1'000'000 - slow_share_ppm, 100'000);
  lines[line].shortest_cycle = fast * 1'000'000 / left_ppm;
}

void Fleet::Parts::add_device(std::uint32_t index, Prng& prng) {
  const config::DeviceConfig& source = config.devices[index];
  Device device;
  device.profile = config.profile_of(source);
  CHECK(device.profile != nullptr);
  device.line = line_of(source);
  const Line& line = lines[device.line];
  device.slot = static_cast<std::uint32_t>(
      std::find(line.devices.begin(), line.devices.end(), index) - line.devices.begin());
  const ReaderRules rules =
      rules_for(source, config.lines[device.line], line.devices.size() == 1, line.shortest_cycle);
  if (device.profile->is_text()) {
    device.reader =
        std::make_unique<TextReader>(DeviceIndex{index}, *device.profile, rules, prng.fork());
  } else {
    device.reader =
        std::make_unique<RegisterReader>(DeviceIndex{index}, *device.profile, rules, prng.fork());
  }
  if (source.kind != config::DeviceKind::robot) {
    const auto start = static_cast<std::int64_t>(prng.below(kStarts));
    device.spread = rules.fast * start / static_cast<std::int64_t>(kStarts);
  }
  devices.push_back(std::move(device));
}

void Fleet::Parts::start(Now at, FleetOutputs& out) {
  now = at;
  robots.begin(now, robots_out);
  take(now, robots_out, out);
  for (std::uint32_t i = 0; i < devices.size(); ++i) {
    devices[i].reader->begin(now.mono + devices[i].spread);
    after_reader(now, i, out);
  }
  for (std::uint32_t i = 0; i < lines.size(); ++i) pump(now, i, out);
}

void Fleet::Parts::on_reply(Now at, const LineReply& reply, FleetOutputs& out) {
  now = at;
  if (reply.line.value >= lines.size()) return;
  Line& line = lines[reply.line.value];
  if (!line.queue.in_flight() || reply.id != line.request_id) return;
  const std::size_t first_reading = out.readings.size();
  const ReplyKind kind = deliver(now, line, reply, out);
  line.queue.answered(now.mono, kind, quiet_after_failure(reply.line.value));
  if (reply.modbus.kind == ReplyKind::disconnected && !reply.modbus.sent) {
    line_is_down(now, line, out);
  }
  observe(now, first_reading, out);
  pump(now, reply.line.value, out);
}

// The late answer of one text device would pass for another's, and nothing in it tells whose it is:
// where they share a line, the whole line is quiet as long as the reader leaves its device alone.
Duration Fleet::Parts::quiet_after_failure(std::uint32_t index) const {
  const Line& line = lines[index];
  const bool shared_text = is_text(config.lines[index].kind) && line.devices.size() > 1;
  return shared_text ? line.timeout * kQuietTimeouts : line.timeout;
}

ReplyKind Fleet::Parts::deliver(Now at, Line& line, const LineReply& reply, FleetOutputs& out) {
  const LineQueue::Turn turn = line.turn;
  if (turn.lane != Lane::poll) {
    answer_ticket(at, turn.slot, reply.modbus, out);
    return reply.modbus.kind;
  }
  const std::uint32_t device = line.devices[turn.slot];
  DeviceReader& reader = *devices[device].reader;
  const ReplyKind kind = reader.on_reply(at, reply, out.readings);
  if (transport_failed(kind) && reader.lost()) line.queue.lost_unit_failed(at.mono, line.sent_at);
  after_reader(at, device, out);
  return kind;
}

void Fleet::Parts::line_is_down(Now at, const Line& line, FleetOutputs& out) {
  for (const std::uint32_t device : line.devices) {
    devices[device].reader->on_line_down(at, out.readings);
    after_reader(at, device, out);
  }
}

void Fleet::Parts::on_deadline(Now at, FleetOutputs& out) {
  now = at;
  const std::size_t first_reading = out.readings.size();
  while (age_due.next() <= now.mono) {
    const std::uint32_t device = age_due.first();
    devices[device].reader->check_age(now, out.readings);
    after_reader(now, device, out);
  }
  observe(now, first_reading, out);
  if (due_of_plant() <= now.mono) {
    plant_rests_until = now.mono + kPlantRest;
    plant.on_deadline(now, plant_out);
    take(now, plant_out, out);
  }
  if (robots.next_deadline() <= now.mono) {
    robots.on_deadline(now, robots_out);
    take(now, robots_out, out);
  }
  while (line_due.next() <= now.mono) pump(now, line_due.first(), out);
}

void Fleet::Parts::on_text(Now at, const LineText& text, FleetOutputs& out) {
  now = at;
  if (text.line.value >= lines.size()) return;
  const std::size_t first_reading = out.readings.size();
  for (const std::uint32_t device : lines[text.line.value].devices) {
    devices[device].reader->on_text(now, text.text, out.readings);
    after_reader(now, device, out);
  }
  observe(now, first_reading, out);
}

// The plant looks at every machine to answer: it is asked once for all calls between two changes.
Instant Fleet::Parts::due_of_plant() {
  if (std::exchange(plant_changed, false)) plant_due = plant.next_deadline();
  return plant_due == kNever ? kNever : std::max(plant_due, plant_rests_until);
}

Instant Fleet::Parts::next_deadline() {
  return std::min(std::min(line_due.next(), age_due.next()),
                  std::min(due_of_plant(), robots.next_deadline()));
}

void Fleet::Parts::after_reader(Now at, std::uint32_t index, FleetOutputs& out) {
  Device& device = devices[index];
  Line& line = lines[device.line];
  line.queue.set_due(device.slot, device.reader->due());
  if (!line.queue.in_flight()) line_due.set(device.line, line.queue.next_due());
  age_due.set(index, std::max(device.reader->next_check(), at.mono + nanoseconds(1)));
  const DeviceState state = device.reader->state();
  const bool asked = state != DeviceState::lost || device.reader->lost();
  if (!asked || state == device.told) return;
  device.told = state;
  out.states.push_back(
      {DeviceIndex{index}, state, device.reader->last_ok(), device.reader->fault()});
}

void Fleet::Parts::observe(Now at, std::size_t first_reading, FleetOutputs& out) {
  if (first_reading == out.readings.size()) return;
  for (std::size_t i = first_reading; i < out.readings.size(); ++i) {
    plant.observe(at, out.readings[i], plant_out);
  }
  take(at, plant_out, out);
}

void Fleet::Parts::pump(Now at, std::uint32_t index, FleetOutputs& out) {
  Line& line = lines[index];
  while (const auto turn = line.queue.next(at.mono)) {
    LineRequest request;
    if (!fill_request(at, line, *turn, request)) continue;
    send(at, index, *turn, std::move(request), out);
    break;
  }
  line_due.set(index, line.queue.next_due());
}

bool Fleet::Parts::fill_request(Now at, Line& line, const LineQueue::Turn& turn,
                                LineRequest& request) {
  if (turn.lane != Lane::poll) {
    const DeviceRequest& waiting = tickets[turn.slot].request;
    const config::Quirks& quirks = devices[waiting.device.value].profile->quirks;
    request.modbus = waiting.modbus;
    request.response_timeout = quirks.response_timeout;
    request.silence_before = quirks.frame_pause;
    return true;
  }
  DeviceReader& reader = *devices[line.devices[turn.slot]].reader;
  if (line.devices.size() > 1 && reader.lost() && line.queue.lost_turn_at() > at.mono) {
    line.queue.set_due(turn.slot, line.queue.lost_turn_at());
    return false;
  }
  const bool asks = reader.next(at, request);
  line.queue.set_due(turn.slot, reader.due());
  return asks;
}

void Fleet::Parts::send(Now at, std::uint32_t index, const LineQueue::Turn& turn,
                        LineRequest request, FleetOutputs& out) {
  Line& line = lines[index];
  const config::LineConfig& source = config.lines[index];
  line.queue.sent();
  line.turn = turn;
  line.sent_at = at.mono;
  line.timeout = request.response_timeout;
  line.request_id = next_request_id++;
  request.id = line.request_id;
  request.line = LineIndex{index};
  request.silence_before = std::max(request.silence_before, source.frame_pause);
  if (line.queue.take_drain()) request.drain_first = true;
  if (is_serial(source.kind)) {
    request.silence_before = std::max(request.silence_before, frame_gap(source));
    request.drain_first = true;  // a doubled answer would pass for the next one
  }
  request.reconnect_first = line.queue.take_reconnect();
  out.requests.push_back(std::move(request));
}

}  // namespace cryobank::devices
