#include "devices/simulator/robot/relay_robot.hpp"

#include <algorithm>
#include <utility>

#include "base/checksum.hpp"
#include "base/row_reader.hpp"
#include "base/text.hpp"
#include "devices/simulator/noise.hpp"

namespace cryobank::simulator {

namespace {

using devices::RobotVerb;

constexpr std::int64_t kRelayStartMs = 300;
constexpr std::int64_t kRelayTravelMs = 6000;
constexpr std::int64_t kEndMs = 1500;
constexpr std::int64_t kRelayPowerOffMs = 10'000;

// Error families of the LiCONiC host link: 00x general, 01x import, 02x export.
constexpr std::int64_t kNoPlate = 10;
constexpr std::int64_t kPlaceTaken = 11;
constexpr std::int64_t kJammed = 12;
constexpr std::int64_t kPowerLost = 17;
constexpr std::int64_t kNoCode = 40;

constexpr std::pair<std::string_view, RobotVerb> kRelays[] = {
    {"start-pick", RobotVerb::pick},           {"start-place", RobotVerb::place},
    {"start-transfer", RobotVerb::transfer},   {"start-scan", RobotVerb::scan_position},
    {"start-open-port", RobotVerb::open_port}, {"start-close-port", RobotVerb::close_port},
    {"start-park", RobotVerb::park},
};

// Word 1-3 of "source-2" or "destination-2"; nullptr for other points.
std::uint16_t* word_of(std::string_view point, devices::RobotLocation& source,
                       devices::RobotLocation& destination) {
  if (point.empty() || point.back() < '1' || point.back() > '3') return nullptr;
  const auto place = static_cast<std::size_t>(point.back() - '1');
  const std::string_view stem = point.substr(0, point.size() - 2);
  if (stem == "source") return &source[place];
  return stem == "destination" ? &destination[place] : nullptr;
}

bool takes(RobotVerb verb) { return verb == RobotVerb::pick || verb == RobotVerb::transfer; }
bool puts(RobotVerb verb) { return verb == RobotVerb::place || verb == RobotVerb::transfer; }

}  // namespace

RelayRobot::RelayRobot(const config::DeviceConfig& config, const config::DeviceProfile& profile,
                       std::uint16_t number, const devices::RobotLocation& port, Cell& cell,
                       std::uint64_t seed)
    : RobotMachine(config),
      map_(profile, config.unit),
      number_(number),
      port_(port),
      cell_(cell),
      prng_(mix(seed, fnv1a32(config.id.str()))) {}

void RelayRobot::enter(Step step, std::int64_t lasts_ms) {
  step_ = step;
  std::int64_t lasts = lasts_ms * prng_.between(95, 105) / 100 * motion_pace_ / 1000;
  if (const ActiveFault* slow = faults_.find(FaultKind::slow)) {
    lasts = lasts * std::max<std::int64_t>(1, slow->amount) / 1000;
  }
  event_ms_ = now_.ms + std::max<std::int64_t>(1, lasts);
}

void RelayRobot::begin(RobotVerb verb) {
  verb_ = verb;
  code_.clear();
  cell_.begin_motion(config_.id.str(), 0, ++started_);
  faking_ = faults_.strike(FaultKind::false_done, "", prng_) != nullptr;
  if (verb == RobotVerb::park) {
    error_ = false;
    error_code_ = 0;
  }
  enter(Step::starting, kRelayStartMs);
}

bool RelayRobot::strikes(std::string_view step) {
  if (const ActiveFault* cut = faults_.strike(FaultKind::power_cut, step, prng_)) {
    step_ = Step::off;
    const std::int64_t off_ms = cut->amount > 0 ? cut->amount : kRelayPowerOffMs;
    event_ms_ = now_.ms + off_ms * clock_pace_ / 1000;
    return true;
  }
  if (faults_.strike(FaultKind::jam, step, prng_) != nullptr) {
    fail(kJammed);
    return true;
  }
  if (cell_.at(gripper()) != nullptr && faults_.strike(FaultKind::drop, step, prng_) != nullptr) {
    cell_.move(gripper(), cell_.free_floor(number_), false);
  }
  return false;
}

void RelayRobot::on_event(const SimTime& now) {
  now_ = now;
  event_ms_ = kNoEvent;
  switch (step_) {
    case Step::ready:
      return;
    case Step::starting:
      if (takes(verb_)) return enter(Step::to_source, kRelayTravelMs);
      return enter(puts(verb_) ? Step::to_destination : Step::ending, kRelayTravelMs);
    case Step::to_source:
      if (!strikes("to-source")) take_vial();
      return;
    case Step::to_destination:
      if (!strikes("to-destination")) release_vial();
      return;
    case Step::ending:
      if (!strikes("placed")) finish();
      return;
    case Step::off:
      return fail(kPowerLost);
  }
}

void RelayRobot::take_vial() {
  const Step next = verb_ == RobotVerb::transfer ? Step::to_destination : Step::ending;
  const std::int64_t lasts = verb_ == RobotVerb::transfer ? kRelayTravelMs : kEndMs;
  if (faking_) return enter(next, lasts);
  const std::string* vial = cell_.at(source_);
  if (vial == nullptr || cell_.at(gripper()) != nullptr) return fail(kNoPlate);
  code_ = faults_.strike(FaultKind::unreadable, "pick", prng_) != nullptr ? std::string() : *vial;
  if (const ActiveFault* wrong = faults_.strike(FaultKind::wrong_code, "pick", prng_)) {
    code_ = wrong->text.empty() ? cat(code_, "?") : wrong->text;
  }
  cell_.move(source_, gripper(), true);
  enter(next, lasts);
}

void RelayRobot::release_vial() {
  if (faking_) return enter(Step::ending, kEndMs);
  const std::string* held = cell_.at(gripper());
  if (held == nullptr) return fail(kNoPlate);
  if (cell_.at(destination_) != nullptr) return fail(kPlaceTaken);
  if (verb_ == RobotVerb::place) code_ = *held;
  cell_.move(gripper(), destination_, verb_ == RobotVerb::place);
  enter(Step::ending, kEndMs);
}

void RelayRobot::finish() {
  if (verb_ == RobotVerb::scan_position) {
    const std::string* vial = cell_.at(source_);
    if (vial != nullptr && faults_.strike(FaultKind::unreadable, "scan", prng_) != nullptr) {
      return fail(kNoCode);
    }
    code_ = vial == nullptr ? std::string() : *vial;
  }
  if (faults_.has(FaultKind::never_done)) return;  // busy for ever, the work is done
  step_ = Step::ready;
  ++completed_;
}

void RelayRobot::fail(std::int64_t code) {
  step_ = Step::ready;
  event_ms_ = kNoEvent;
  error_ = true;
  error_code_ = code;
}

bool RelayRobot::busy_at_port() const {
  const std::uint16_t positions = cell_.positions_at(port_);
  const auto first = cell_.vials().lower_bound(port_);
  if (first == cell_.vials().end()) return false;
  const devices::RobotLocation& place = first->first;
  return place[0] == port_[0] && place[1] == port_[1] && place[2] < port_[2] + positions;
}

Signal RelayRobot::signal(Quantity, const config::Point& point) {
  const std::string& id = point.id.str();
  Signal out;
  if (id == "ready") {
    out.value = whole(step_ == Step::ready ? 1 : 0);
  } else if (id == "error") {
    out.value = whole(error_ ? 1 : 0);
  } else if (id == "error-code") {
    out.value = whole(error_code_);
  } else if (id == "action") {
    out.value = whole(static_cast<std::int64_t>(step_));
  } else if (id == "gripper") {
    const ActiveFault* forced = faults_.find(FaultKind::gripper_sensor);
    const bool held = cell_.at(gripper()) != nullptr;
    out.value = whole(forced != nullptr ? (forced->amount != 0 ? 1 : 0) : (held ? 1 : 0));
  } else if (id == "transfer-occupied") {
    out.value = whole(busy_at_port() ? 1 : 0);
  } else if (id == "completed") {
    out.value = whole(completed_);
  } else if (id == "code") {
    out.text = code_;
  } else if (const std::uint16_t* word = word_of(id, source_, destination_)) {
    out.value = whole(*word);
  } else {
    return map_.fixed_signal(words_, point);
  }
  return out;
}

std::uint8_t RelayRobot::take(Quantity, const config::Point& point, Milli value) {
  const std::string& id = point.id.str();
  if (faults_.has(FaultKind::ignores)) return 0;
  if (std::uint16_t* word = word_of(id, source_, destination_)) {
    if (step_ == Step::ready) *word = static_cast<std::uint16_t>(value.v / 1000);
    return 0;
  }
  const bool rises = value.v != 0 && words_[id] == 0;
  words_[id] = value.v;
  const bool free = step_ == Step::ready && !around_.zone_busy && !around_.oxygen_low;
  for (const auto& [relay, verb] : kRelays) {
    if (relay == id && rises && free && (!error_ || verb == RobotVerb::park)) begin(verb);
  }
  return 0;
}

devices::ModbusReply RelayRobot::serve(const SimTime& now, const devices::ModbusRequest& request) {
  now_ = now;
  if (step_ == Step::off) return {};
  return map_.serve(request, *this);
}

Result<Milli> RelayRobot::truth(std::string_view quantity) const {
  if (quantity == "gripper") return whole(cell_.at(gripper()) != nullptr ? 1 : 0);
  if (quantity == "moving") return whole(moving() ? 1 : 0);
  if (quantity == "completed") return whole(completed_);
  if (quantity == "powered") return whole(step_ != Step::off ? 1 : 0);
  return make_error(ErrorCode::unknown_key,
                    cat("robot ", config_.id.str(), " knows gripper, moving, completed, powered; ",
                        "came \"", clip(quantity, 40), "\""));
}

Status RelayRobot::act(const SimTime& now, std::string_view verb, const Json& command) {
  now_ = now;
  if (verb == "reset") {
    error_ = false;
    error_code_ = 0;
    return {};
  }
  if (verb == "set") return set_fixed(map_.profile(), words_, command);
  return make_error(ErrorCode::unknown_key,
                    cat("a relay robot knows reset, set; came \"", clip(verb, 40), "\""));
}

void RelayRobot::faults_changed(const SimTime& now) {
  now_ = now;
  if (step_ != Step::off) {
    const ActiveFault* cut = faults_.strike(FaultKind::power_cut, "", prng_);
    if (cut != nullptr) {
      step_ = Step::off;
      event_ms_ = now.ms + std::max<std::int64_t>(1, cut->amount) * clock_pace_ / 1000;
    }
  }
  if (step_ == Step::ending && event_ms_ == kNoEvent && !faults_.has(FaultKind::never_done)) {
    event_ms_ = now.ms;
  }
}

Json RelayRobot::save() const {
  Json out;
  out.set("step", static_cast<int>(step_)).set("verb", static_cast<int>(verb_));
  out.set("event_ms", event_ms_ == kNoEvent ? std::int64_t{-1} : event_ms_);
  out.set("source", to_json(source_)).set("destination", to_json(destination_));
  out.set("words", save_fixed(words_)).set("faking", faking_).set("error", error_);
  out.set("error_code", error_code_).set("code", code_).set("started", started_);
  return out.set("completed", completed_);
}

Status RelayRobot::restore(const Json& saved) {
  RowReader in(config_.id.str(), saved);
  step_ = static_cast<Step>(in.number("step", 0, static_cast<int>(Step::off)));
  verb_ = static_cast<RobotVerb>(in.number("verb", 0, static_cast<int>(RobotVerb::park)));
  event_ms_ = in.number("event_ms", -1);
  if (event_ms_ < 0) event_ms_ = kNoEvent;
  const auto source = location_of(saved["source"]);
  const auto destination = location_of(saved["destination"]);
  words_ = restore_fixed(in, "words");
  faking_ = in.flag("faking");
  error_ = in.flag("error");
  error_code_ = in.number("error_code", RowReader::kLeast);
  code_ = in.any_text("code");
  started_ = static_cast<std::uint32_t>(in.number("started", 0, UINT32_MAX));
  completed_ = in.number("completed");
  if (!source) in.refuse("source", "the words of a place");
  if (!destination) in.refuse("destination", "the words of a place");
  if (!in.ok()) return in.status();
  source_ = *source;
  destination_ = *destination;
  return {};
}

}  // namespace cryobank::simulator
