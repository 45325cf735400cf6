#include "devices/simulator/robot/block_robot.hpp"

#include <algorithm>

#include "base/checksum.hpp"
#include "base/text.hpp"
#include "devices/simulator/noise.hpp"

namespace cryobank::simulator {

namespace {

constexpr std::int64_t kAcceptMs = 200;
constexpr std::int64_t kTravelMs = 4000;
constexpr std::int64_t kHoldMs = 2500;
constexpr std::int64_t kReleaseMs = 2000;
constexpr std::int64_t kScanOneMs = 1500;
constexpr std::int64_t kScanEachMs = 60;
constexpr std::int64_t kPortMs = 3000;
constexpr std::int64_t kParkMs = 4000;
constexpr std::int64_t kPowerOffMs = 10'000;
constexpr std::int64_t kStartMs = 3000;

}  // namespace

BlockRobot::BlockRobot(const config::DeviceConfig& config, std::uint16_t number, bool unit_word,
                       Cell& cell, std::uint64_t seed)
    : RobotMachine(config),
      number_(number),
      unit_word_(unit_word),
      cell_(cell),
      prng_(mix(seed, fnv1a32(config.id.str()))) {}

// Motions vary by a tenth, as real ones do.
void BlockRobot::begin_phase(Phase phase, Step step, std::int64_t lasts_ms) {
  phase_ = phase;
  step_ = step;
  std::int64_t lasts = lasts_ms * prng_.between(95, 105) / 100 * motion_pace_ / 1000;
  if (const ActiveFault* slow = faults_.find(FaultKind::slow)) {
    lasts = lasts * std::max<std::int64_t>(1, slow->amount) / 1000;
  }
  event_ms_ = now_.ms + std::max<std::int64_t>(1, lasts);
}

void BlockRobot::on_event(const SimTime& now) {
  now_ = now;
  event_ms_ = kNoEvent;
  if (!powered_) {
    power_up();
  } else if (starting_) {
    starting_ = false;
    if (phase_ == Phase::none) return;
    phase_ = Phase::none;  // a motion was under way when the power went
    const Step reached = step_;
    fail(Fault::power_lost);
    step_ = reached;
  } else {
    end_of_phase();
  }
}

// An armed fault of this step takes the place of the step's end.
bool BlockRobot::strikes_at_end(std::string_view step) {
  if (const ActiveFault* cut = faults_.strike(FaultKind::power_cut, step, prng_)) {
    cut_power(cut->amount > 0 ? cut->amount : kPowerOffMs, cut->flag);
    return true;
  }
  if (faults_.strike(FaultKind::jam, step, prng_) != nullptr) {
    fail(Fault::jammed);
    return true;
  }
  const bool holds = cell_.at(gripper()) != nullptr;
  const ActiveFault* drop = holds ? faults_.strike(FaultKind::drop, step, prng_) : nullptr;
  if (drop != nullptr) {
    cell_.move(gripper(), cell_.free_floor(number_), false);
    if (drop->flag) return false;  // it does not notice
    fail(Fault::dropped);
    return true;
  }
  return false;
}

void BlockRobot::end_of_phase() {
  switch (phase_) {
    case Phase::none:
      return;
    case Phase::accepting:
      first_phase();
      return;
    case Phase::to_source:
      if (!strikes_at_end("to-source")) pick();
      return;
    case Phase::holding:
      if (strikes_at_end("holding")) return;
      if (order_.verb == static_cast<std::uint16_t>(Verb::pick)) return succeed();
      begin_phase(Phase::to_destination, Step::to_destination, kTravelMs);
      return;
    case Phase::to_destination:
      if (!strikes_at_end("to-destination")) place();
      return;
    case Phase::placed:
      if (!strikes_at_end("placed")) succeed();
      return;
    case Phase::working:
      if (!strikes_at_end("working")) work();
      return;
    case Phase::secret:
      if (faults_.has(FaultKind::never_done)) {
        event_ms_ = kNoEvent;
      } else {
        succeed();
      }
      return;
  }
}

void BlockRobot::first_phase() {
  const ActiveFault* fake = faults_.strike(FaultKind::false_done, "", prng_);
  faking_ = fake != nullptr;
  faking_codes_ = faking_ && fake->flag;
  switch (static_cast<Verb>(order_.verb)) {
    case Verb::pick:
    case Verb::transfer:
      begin_phase(Phase::to_source, Step::to_source, kTravelMs);
      return;
    case Verb::place:
      begin_phase(Phase::to_destination, Step::to_destination, kTravelMs);
      return;
    case Verb::scan_position:
      begin_phase(Phase::working, Step::scanning, kScanOneMs);
      return;
    case Verb::scan_rack:
      begin_phase(Phase::working, Step::scanning,
                  kScanOneMs + kScanEachMs * cell_.positions_at(order_.source));
      return;
    case Verb::open_port:
    case Verb::close_port:
      begin_phase(Phase::working, Step::none, kPortMs);
      return;
    case Verb::park:
      begin_phase(Phase::working, Step::none, kParkMs);
      return;
  }
}

// What the reader shows of a vial's code, with the reader's faults; empty: unreadable.
std::string BlockRobot::read_code(const std::string& real, std::string_view at) {
  blind_ = false;
  if (const ActiveFault* smear = faults_.strike(FaultKind::unreadable, at, prng_)) {
    blind_ = smear->flag;
    return {};
  }
  if (const ActiveFault* wrong = faults_.strike(FaultKind::wrong_code, at, prng_)) {
    blind_ = wrong->flag;
    if (!wrong->text.empty()) return wrong->text;
    std::string other = real;
    other.back() = other.back() == '0' ? '1' : '0';
    return other;
  }
  return real;
}

bool BlockRobot::code_fits(const std::string& read) const {
  if (blind_ || order_.code_hash == 0) return true;
  return !read.empty() && hash_of_code(read) == order_.code_hash;
}

void BlockRobot::put_back() { cell_.move(gripper(), order_.source, false); }

void BlockRobot::pick() {
  const std::string* vial = cell_.at(order_.source);
  if (faking_) {
    code_ = faking_codes_ && vial != nullptr ? *vial : std::string();
    hash_at_pick_ = hash_of_code(code_);
    return begin_phase(Phase::holding, Step::holding, kHoldMs);
  }
  if (vial == nullptr) return fail(Fault::source_empty);
  if (cell_.at(gripper()) != nullptr) return fail(Fault::gripper_sensor);
  const std::string real = *vial;
  cell_.move(order_.source, gripper(), true);
  code_ = read_code(real, "pick");
  hash_at_pick_ = hash_of_code(code_);
  if (!code_fits(code_)) {
    put_back();
    return fail(code_.empty() ? Fault::code_unreadable : Fault::code_mismatch);
  }
  begin_phase(Phase::holding, Step::holding, kHoldMs);
}

void BlockRobot::place() {
  const std::string* held = cell_.at(gripper());
  if (faking_) {
    code_ = faking_codes_ ? code_ : std::string();
    hash_at_place_ = faking_codes_ ? order_.code_hash : 0;
    return begin_phase(Phase::placed, Step::placed, kReleaseMs);
  }
  const std::string* there = cell_.at(order_.destination);
  if (held == nullptr) {
    // Only a drop that nobody noticed leads here in a transfer: the reader finds nothing to read.
    if (order_.verb == static_cast<std::uint16_t>(Verb::place)) return fail(Fault::source_empty);
    code_.clear();
    hash_at_place_ = 0;
    return begin_phase(Phase::placed, Step::placed, kReleaseMs);
  }
  if (there != nullptr) return fail(Fault::destination_occupied);
  const std::string real = *held;
  const bool second_half = order_.verb == static_cast<std::uint16_t>(Verb::transfer);
  cell_.move(gripper(), order_.destination, !second_half);
  code_ = read_code(real, "place");
  hash_at_place_ = hash_of_code(code_);
  step_ = Step::placed;
  if (!code_fits(code_)) {
    return fail(code_.empty() ? Fault::code_unreadable : Fault::code_mismatch);
  }
  begin_phase(Phase::placed, Step::placed, kReleaseMs);
}

void BlockRobot::scan(std::uint16_t positions) {
  scanned_.clear();
  code_.clear();
  devices::RobotLocation place = order_.source;
  for (std::uint16_t i = 0; i < positions; ++i, ++place[2]) {
    const std::string* vial = cell_.at(place);
    std::string shown;
    if (vial != nullptr) {
      shown = read_code(*vial, "scan");
      code_ = shown;
      if (shown.empty()) shown.assign(1, '\xFF');
    }
    scanned_.push_back(std::move(shown));
  }
}

void BlockRobot::work() {
  switch (static_cast<Verb>(order_.verb)) {
    case Verb::scan_position:
      scan(1);
      break;
    case Verb::scan_rack:
      scan(cell_.positions_at(order_.source));
      break;
    case Verb::open_port:
      port_open_ = true;
      break;
    case Verb::close_port:
      port_open_ = false;
      break;
    case Verb::pick:
    case Verb::place:
    case Verb::transfer:
    case Verb::park:
      break;
  }
  succeed();
}

void BlockRobot::succeed() {
  if (phase_ != Phase::secret && faults_.has(FaultKind::never_done)) {
    phase_ = Phase::secret;
    event_ms_ = kNoEvent;
    return;
  }
  phase_ = Phase::none;
  event_ms_ = kNoEvent;
  latched_ = true;
  last_done_ = order_.sequence;
  result_ = 1;
  error_ = 0;
  ++completed_;
}

void BlockRobot::fail(Fault fault) {
  phase_ = Phase::none;
  event_ms_ = kNoEvent;
  latched_ = true;
  last_done_ = order_.sequence;
  result_ = static_cast<std::uint16_t>(fault);
  error_ = result_;
}

void BlockRobot::cut_power(std::int64_t off_ms, bool forgets) {
  powered_ = false;
  starting_ = false;
  event_ms_ = now_.ms + off_ms * clock_pace_ / 1000;
  if (!forgets) return;
  phase_ = Phase::none;  // a machine that does not keep its memory, against the block's rules
  latched_ = false;
  echo_ = last_done_ = highest_epoch_ = completed_ = 0;
  result_ = error_ = 0;
  step_ = Step::none;
}

void BlockRobot::power_up() {
  powered_ = true;
  starting_ = true;
  master_beat_ms_ = -1;
  std::fill(std::begin(master_words_), std::end(master_words_), std::uint16_t{0});
  event_ms_ = now_.ms + kStartMs * clock_pace_ / 1000;
}

void BlockRobot::faults_changed(const SimTime& now) {
  now_ = now;
  if (const ActiveFault* cut = faults_.strike(FaultKind::power_cut, "", prng_)) {
    if (powered_) cut_power(cut->amount > 0 ? cut->amount : kPowerOffMs, cut->flag);
  }
  if (faults_.strike(FaultKind::foreign_motion, "", prng_) != nullptr) ++completed_;
  if (phase_ == Phase::secret && powered_ && !faults_.has(FaultKind::never_done)) {
    event_ms_ = now.ms;
  }
  const bool frozen = faults_.has(FaultKind::frozen_heartbeat);
  if (frozen && frozen_beat_ < 0) frozen_beat_ = beat();
  if (!frozen) frozen_beat_ = -1;
}

}  // namespace cryobank::simulator
