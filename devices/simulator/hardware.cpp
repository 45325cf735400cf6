#include "devices/simulator/hardware.hpp"

#include <algorithm>

#include "base/row_reader.hpp"
#include "base/text.hpp"
#include "base/try.hpp"
#include "devices/simulator/hardware_parts.hpp"

namespace cryobank::simulator {

namespace {

using devices::ModbusReply;
using devices::ModbusRequest;
using devices::ReplyKind;

constexpr std::int64_t kQuietStepS = 30;           // of machines where nothing goes on
constexpr std::int64_t kDelayAnsweredMs = 10'000;  // the longest response time-out there is
constexpr std::uint64_t kRestoreSeed = 0xC0FFEE;

bool fits(const ModbusRequest& a, const ModbusRequest& b) {
  return a.kind == b.kind && a.table == b.table && a.count == b.count && a.unit == b.unit;
}

ModbusReply reply_of(ReplyKind kind) {
  ModbusReply reply;
  reply.kind = kind;
  return reply;
}

}  // namespace

Machine* Hardware::Parts::unit_at(Line& line, std::uint8_t unit) {
  for (const auto& [address, machine] : line.units) {
    if (address == unit) return machine;
  }
  // A TCP endpoint of one machine does not look at the unit 255 or 0.
  const bool any = unit == 255 || unit == 0;
  return any && line.units.size() == 1 ? line.units.front().second : nullptr;
}

Machine* Hardware::Parts::other_unit(Line& line, const Machine* not_this) {
  for (const auto& unit : line.units) {
    if (unit.second != not_this) return unit.second;
  }
  return nullptr;
}

bool Hardware::Parts::quiet() const {
  return std::all_of(freezers.begin(), freezers.end(),
                     [](const Freezer* f) { return f->quiet(); }) &&
         std::all_of(rooms.begin(), rooms.end(),
                     [](const RoomInstrument* r) { return r->quiet(); });
}

// Brings the physics to the present second; those of quiet machines only when `all` is said.
void Hardware::Parts::settle_physics(bool all) {
  physics_s = now.seconds();
  if (all) all_s = physics_s;
  bool active = all;
  for (Freezer* freezer : freezers) {
    if (!all && freezer->quiet()) continue;
    freezer->step_to(now);
    active = true;
  }
  for (Cooler* cooler : coolers) {
    if (all) cooler->step_to(now);
  }
  for (RoomInstrument* room : rooms) {
    if (active || !room->quiet()) room->step_to(now);
  }
  for (Supply* supply : supplies) {
    if (active) supply->step_to(now);
  }
}

std::int64_t Hardware::Parts::next_due_ms() const {
  std::int64_t next_s = (all_s / kQuietStepS + 1) * kQuietStepS;
  if (!quiet()) next_s = std::min(next_s, physics_s + 1);
  std::int64_t due = std::min(next_s * 1000, fault_end_ms);
  for (const RobotMachine* robot : robots) due = std::min(due, robot->next_event_ms());
  return due;
}

void Hardware::Parts::run_until(std::int64_t ms) {
  if (due_ms == 0) due_ms = next_due_ms();
  while (due_ms <= ms) {
    now.ms = std::max(now.ms, due_ms);
    const bool fault_ends = now.ms >= fault_end_ms;
    settle_physics(fault_ends || now.seconds() >= (all_s / kQuietStepS + 1) * kQuietStepS);
    if (fault_ends) expire_faults();
    for (RobotMachine* robot : robots) {
      if (robot->next_event_ms() <= now.ms) robot->on_event(now);
    }
    due_ms = next_due_ms();
  }
  now.ms = ms;
}

void Hardware::Parts::expire_faults() {
  fault_end_ms = kNoEvent;
  for (Line& line : lines) {
    line.faults.expire(now.ms);
    fault_end_ms = std::min(fault_end_ms, line.faults.next_end());
  }
  for (const auto& machine : machines) {
    if (machine->faults().empty()) continue;
    machine->faults().expire(now.ms);
    fault_end_ms = std::min(fault_end_ms, machine->faults().next_end());
    machine->faults_changed(now);
  }
}

void Hardware::Parts::look_around(RobotMachine& robot) {
  Surroundings around;
  for (const RoomInstrument* room : rooms) {
    if (room->config().room == robot.config().room) around.oxygen_low |= room->oxygen_low();
  }
  for (const RobotMachine* other : robots) {
    if (other == &robot || !other->moving()) continue;
    for (const std::string& zone : other->config().zones) {
      const auto& mine = robot.config().zones;
      around.zone_busy |= std::find(mine.begin(), mine.end(), zone) != mine.end();
    }
  }
  robot.set_surroundings(around);
}

ModbusReply Hardware::Parts::serve(Machine& machine, const ModbusRequest& request) {
  if (machine.config().kind == config::DeviceKind::robot) {
    look_around(static_cast<RobotMachine&>(machine));
  }
  if (request.kind == ModbusRequest::Kind::read) return machine.serve(now, request);
  settle_physics(true);
  due_ms = 0;  // whatever it begins, happens next
  return machine.serve(now, request);
}

Hardware::Hardware(const config::SiteConfig& config, std::uint64_t seed)
    : parts_(std::make_unique<Parts>(config, seed)) {}
Hardware::~Hardware() = default;

void Hardware::advance(Duration elapsed) {
  CHECK(elapsed.ns >= 0 && elapsed <= hours(1));
  parts_->now_ns += elapsed.ns;
  const std::int64_t to_ms = parts_->now_ns / 1'000'000;
  if (parts_->due_ms > to_ms) {
    parts_->now.ms = to_ms;
  } else {
    parts_->run_until(to_ms);
  }
  if (!parts_->held.empty()) parts_->deliver_held();
}

void Hardware::Parts::deliver_held() {
  for (std::size_t i = 0; i < held.size();) {
    if (held[i].due_ms > now.ms) {
      ++i;
      continue;
    }
    const Held one = held[i];
    held.erase(held.begin() + static_cast<std::ptrdiff_t>(i));
    static_cast<void>(serve(*one.machine, one.request));
  }
}

Hardware::Exchange Hardware::exchange(devices::LineIndex index, const ModbusRequest& request) {
  CHECK(index.value < parts_->lines.size());
  Parts::Line& line = parts_->lines[index.value];
  Machine* machine = parts_->unit_at(line, request.unit);
  Exchange out;
  if (machine == nullptr) {
    out.link.action = LinkAction::request_lost;
    out.link.executed = false;
    return out;
  }
  const bool is_command = request.kind == ModbusRequest::Kind::write_multiple && request.count > 2;
  out.link = judge_link(line.faults, machine->faults(), is_command, parts_->prng);
  if (out.link.held_ms > 0) {
    const std::int64_t wait = out.link.held_ms * parts_->clock_pace / 1000;
    parts_->held.push_back({parts_->now.ms + wait, machine, request});
  }
  out.before = line.last_reply;
  out.before_fits = line.has_last && fits(line.last_request, request);
  if (!out.link.executed) return out;

  out.reply = parts_->serve(*machine, request);
  line.last_request = request;
  line.last_reply = out.reply;
  line.has_last = true;
  if (out.reply.kind == ReplyKind::timeout) out.link.action = LinkAction::request_lost;
  if (out.link.action == LinkAction::misrouted) {
    Machine* other = parts_->other_unit(line, machine);
    const bool swaps = other != nullptr && request.kind == ModbusRequest::Kind::read;
    if (swaps) out.reply = parts_->serve(*other, request);
    out.link.action = LinkAction::pass;
  }
  return out;
}

ModbusReply Hardware::answer(devices::LineIndex index, const ModbusRequest& request) {
  const bool serial = parts_->site.lines.at(index.value).kind == config::LineConfig::Kind::rtu;
  Exchange out = exchange(index, request);
  parts_->last_delay_ms = std::min(out.link.delay_ms, kDelayAnsweredMs);
  switch (out.link.action) {
    case LinkAction::pass:
    case LinkAction::misrouted:  // already done by exchange()
    case LinkAction::duplicate:
      if (out.link.delay_ms > kDelayAnsweredMs) return reply_of(ReplyKind::timeout);
      return std::move(out.reply);
    case LinkAction::request_lost:
    case LinkAction::silent:
    case LinkAction::drip:
    case LinkAction::truncated:
      return reply_of(ReplyKind::timeout);
    case LinkAction::garbage:
    case LinkAction::wrong_unit:
      return reply_of(ReplyKind::malformed);
    case LinkAction::one_behind:
      // Serial frames bear no transaction number: the answer to the request before passes.
      if (serial && out.before_fits) return std::move(out.before);
      return reply_of(serial ? ReplyKind::timeout : ReplyKind::malformed);
    case LinkAction::exception:
      return exception_reply(out.link.exception);
    case LinkAction::disconnected:
      return reply_of(ReplyKind::disconnected);
  }
  return reply_of(ReplyKind::timeout);
}

Duration Hardware::last_delay() const { return milliseconds(parts_->last_delay_ms); }

void Hardware::set_clock(WallTime utc) { parts_->now.utc_base_ms = utc.ms - parts_->now.ms; }

void Hardware::set_robot_pace(std::int64_t motion_per_mille, std::int64_t clock_per_mille) {
  constexpr std::int64_t kMost = 100'000'000;
  CHECK(motion_per_mille >= 1 && motion_per_mille <= kMost);
  CHECK(clock_per_mille >= 1 && clock_per_mille <= kMost);
  parts_->clock_pace = clock_per_mille;
  for (RobotMachine* robot : parts_->robots) robot->set_pace(motion_per_mille, clock_per_mille);
}

Status Hardware::put_vial(const devices::RobotLocation& location, std::string_view code) {
  return parts_->cell.put(location, code);
}

Status Hardware::take_vial(const devices::RobotLocation& location) {
  return parts_->cell.take(location);
}

Result<Json> Hardware::control(const Json& command) { return parts_->control(command); }

const std::map<devices::RobotLocation, std::string>& Hardware::vials() const {
  return parts_->cell.vials();
}

std::uint64_t Hardware::moves() const { return parts_->cell.moves(); }

const std::vector<Hardware::Motion>& Hardware::motions() const { return parts_->cell.motions(); }

Result<Milli> Hardware::truth(std::string_view device, std::string_view quantity) const {
  for (const auto& machine : parts_->machines) {
    if (machine->config().id.str() == device) return machine->truth(quantity);
  }
  return make_error(ErrorCode::not_found, cat("no simulated device \"", clip(device, 64), "\""));
}

Json Hardware::save() const {
  Json machines = Json::object();
  for (const auto& machine : parts_->machines) {
    Json saved = machine->save();
    saved.set("faults", machine->faults().save()).set("settled_s", machine->settled_s());
    machines.set(machine->config().id.str(), std::move(saved));
  }
  Json lines = Json::object();
  for (std::size_t i = 0; i < parts_->lines.size(); ++i) {
    lines.set(parts_->site.lines[i].id.str(), parts_->lines[i].faults.save());
  }
  Json out;
  out.set("version", 1).set("now_ns", parts_->now_ns).set("physics_s", parts_->physics_s);
  out.set("all_s", parts_->all_s);
  out.set("utc_base_ms", parts_->now.utc_base_ms).set("next_fault", parts_->next_fault);
  out.set("machines", std::move(machines)).set("lines", std::move(lines));
  return out.set("cell", parts_->cell.save());
}

Status Hardware::restore(const Json& saved) {
  RowReader in("the saved hardware", saved);
  (void)in.number("version", 1, 1);
  const Json& machines = in.object("machines");
  const Json& lines = in.object("lines");
  parts_->now_ns = in.number("now_ns");
  parts_->now.ms = parts_->now_ns / 1'000'000;
  parts_->physics_s = in.number("physics_s", RowReader::kLeast);
  parts_->all_s = in.number("all_s", RowReader::kLeast);
  parts_->due_ms = 0;
  parts_->now.utc_base_ms = in.number("utc_base_ms", RowReader::kLeast);
  parts_->next_fault = static_cast<std::uint64_t>(in.number("next_fault", 1));
  const Json& cell = in.object("cell");
  TRY(in.end());
  TRY(parts_->cell.restore(cell));
  for (const auto& machine : parts_->machines) {
    const std::string& id = machine->config().id.str();
    if (!machines.has(id)) continue;  // a machine that came later starts new
    const Json& part = machines[id];
    RowReader of(id, part);
    machine->set_settled_s(of.number("settled_s", RowReader::kLeast));
    if (!of.ok()) return of.status();
    TRY(machine->restore(part));
    TRY(machine->faults().restore(part["faults"]));
  }
  for (std::size_t i = 0; i < parts_->lines.size(); ++i) {
    TRY(parts_->lines[i].faults.restore(lines[parts_->site.lines[i].id.str()]));
  }
  parts_->prng = Prng(kRestoreSeed ^ static_cast<std::uint64_t>(parts_->now_ns));
  parts_->expire_faults();
  return {};
}

}  // namespace cryobank::simulator
