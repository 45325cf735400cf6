// The registers of the reference robot: the server half of robot.hpp.
#include <algorithm>

#include "devices/simulator/robot/block_robot.hpp"

namespace cryobank::simulator {

namespace {

namespace block = devices::robot_block;
using devices::ModbusReply;
using devices::ModbusRequest;
using devices::RegisterTable;
using devices::ReplyKind;

constexpr std::uint16_t kHoldingEnd = 24;  // 0-15 command, 16-23 master words
constexpr std::uint16_t kScanEnd =
    block::kScanAddress + block::kScanPositionsMax * block::kCodeLength;
constexpr std::int64_t kBeatMs = 500;

ModbusReply ok_reply(std::vector<std::uint16_t> values) {
  ModbusReply reply;
  reply.kind = ReplyKind::ok;
  reply.values = std::move(values);
  return reply;
}

}  // namespace

ModbusReply BlockRobot::serve(const SimTime& now, const ModbusRequest& request) {
  now_ = now;
  if (!powered_) return {};
  return request.kind == ModbusRequest::Kind::read ? read(request) : write(request);
}

ModbusReply BlockRobot::read(const ModbusRequest& request) const {
  if (request.count == 0 || request.count > devices::kReadRegistersMax) {
    return exception_reply(kIllegalValue);
  }
  const int first = request.address;
  const int end = first + request.count;
  std::vector<std::uint16_t> words;
  if (request.table == RegisterTable::holding) {
    if (end > kHoldingEnd) return exception_reply(kIllegalAddress);
    words = command_;
    words.insert(words.end(), std::begin(master_words_), std::end(master_words_));
    return ok_reply({words.begin() + first, words.begin() + end});
  }
  if (request.table != RegisterTable::input) return exception_reply(kIllegalFunction);
  if (end <= (unit_word_ ? block::kStatusLengthWithUnit : block::kStatusLength)) {
    words = status_words();
    if (request.count != words.size()) words = {words.begin() + first, words.begin() + end};
    return ok_reply(std::move(words));
  }
  if (first < block::kScanCountAddress || end > kScanEnd) return exception_reply(kIllegalAddress);
  for (int address = first; address < end; ++address) {
    words.push_back(scan_word(static_cast<std::uint16_t>(address)));
  }
  return ok_reply(std::move(words));
}

std::uint16_t BlockRobot::scan_word(std::uint16_t address) const {
  if (address == block::kScanCountAddress) return static_cast<std::uint16_t>(scanned_.size());
  const std::size_t place = (address - block::kScanAddress) / block::kCodeLength;
  const std::size_t word = (address - block::kScanAddress) % block::kCodeLength;
  if (place >= scanned_.size()) return 0;
  const std::string& code = scanned_[place];
  if (code == "\xFF") return word == 0 ? 0xFFFF : 0;
  std::vector<std::uint16_t> words(block::kCodeLength, 0);
  put_text(words, 0, block::kCodeLength, code);
  return words[word];
}

ModbusReply BlockRobot::write(const ModbusRequest& request) {
  if (request.table != RegisterTable::holding) return exception_reply(kIllegalFunction);
  if (request.values.empty() || request.values.size() != request.count) {
    return exception_reply(kIllegalValue);
  }
  const int end = request.address + request.count;
  if (end > kHoldingEnd) return exception_reply(kIllegalAddress);
  if (request.address < block::kCommandLength) {
    // Only the whole block in one write: half a command must never be able to lie there.
    if (request.address != 0 || request.count != block::kCommandLength) {
      return exception_reply(kIllegalAddress);
    }
    command_ = request.values;
    on_command();
    return ok_reply({});
  }
  for (std::size_t i = 0; i < request.values.size(); ++i) {
    on_master_word(static_cast<std::uint16_t>(request.address + i), request.values[i]);
  }
  return ok_reply({});
}

void BlockRobot::on_master_word(std::uint16_t address, std::uint16_t value) {
  std::uint16_t& word = master_words_[address - block::kClearAddress];
  const bool changed = word != value;
  word = value;
  if (address == block::kHeartbeatAddress && changed) master_beat_ms_ = now_.ms;
  if (address != block::kClearAddress + 1 || !latched_) return;
  const std::uint32_t sequence = (static_cast<std::uint32_t>(master_words_[0]) << 16) | value;
  if (sequence != last_done_) return;
  latched_ = false;
  last_done_ = 0;
  result_ = 0;
  error_ = 0;
  step_ = Step::none;
}

void BlockRobot::on_command() {
  if (faults_.has(FaultKind::ignores)) return;
  const RobotOrder order = read_order(command_);
  if (order.intact && order.sequence == echo_) return;  // taken before: never twice
  const Refusal refusal = judge(order);
  if (order.intact) highest_epoch_ = std::max(highest_epoch_, order.epoch);
  refusal_ = refusal;
  refused_sequence_ = refusal == Refusal::none ? 0 : order.sequence;
  if (refusal != Refusal::none) return;
  order_ = order;
  echo_ = order.sequence;
  hash_at_pick_ = 0;
  hash_at_place_ = 0;
  code_.clear();
  cell_.begin_motion(config_.id.str(), order.epoch, order.sequence);
  constexpr std::int64_t kAcceptMs = 200;
  begin_phase(Phase::accepting, Step::none, kAcceptMs);
}

BlockRobot::Refusal BlockRobot::judge(const RobotOrder& order) const {
  if (!order.intact) return Refusal::crc;
  if (order.epoch < highest_epoch_) return Refusal::epoch_too_low;
  if (order.sequence <= echo_) return Refusal::sequence_not_higher;
  if (order.verb < 1 || order.verb > static_cast<std::uint16_t>(Verb::park)) {
    return Refusal::unknown_verb;
  }
  const Verb verb = static_cast<Verb>(order.verb);
  const bool uses_source = verb != Verb::place && verb <= Verb::scan_rack;
  const bool uses_destination = verb == Verb::place || verb == Verb::transfer;
  if ((uses_source && !cell_.knows(order.source)) ||
      (uses_destination && !cell_.knows(order.destination)) ||
      faults_.has(FaultKind::unknown_place)) {
    return Refusal::unknown_place;
  }
  if (starting_ || phase_ != Phase::none || latched_ || master_words_[5] != 0) return Refusal::busy;
  if (!automatic()) return Refusal::not_automatic;
  std::uint16_t bits = interlocks();
  if (verb == Verb::close_port) bits = static_cast<std::uint16_t>(bits & ~block::port_open);
  if (bits != 0) return Refusal::interlocked;
  if (master_silent()) return Refusal::master_silent;
  return Refusal::none;
}

bool BlockRobot::master_silent() const {
  return master_beat_ms_ < 0 ||
         now_.ms - master_beat_ms_ >= block::kMasterSilentSeconds * clock_pace_;
}

std::int64_t BlockRobot::beat() const {
  return now_.ms / std::max<std::int64_t>(1, kBeatMs * clock_pace_ / 1000);
}

bool BlockRobot::automatic() const { return !manual_ && !faults_.has(FaultKind::manual_mode); }

std::uint16_t BlockRobot::interlocks() const {
  int bits = 0;
  if (const ActiveFault* forced = faults_.find(FaultKind::interlock)) {
    bits |= static_cast<int>(forced->amount / 1000) & 0x1F;
  }
  if (port_open_) bits |= block::port_open;
  if (around_.zone_busy) bits |= block::zone_busy;
  if (around_.oxygen_low) bits |= block::oxygen_low;
  return static_cast<std::uint16_t>(bits);
}

bool BlockRobot::gripper_seen() const {
  if (const ActiveFault* forced = faults_.find(FaultKind::gripper_sensor)) {
    return forced->amount != 0;
  }
  if (faking_ && faking_codes_ && (phase_ != Phase::none || latched_)) {
    return step_ == Step::holding || step_ == Step::to_destination;
  }
  return cell_.at(gripper()) != nullptr;
}

BlockRobot::State BlockRobot::shown_state() const {
  if (starting_) return State::starting;
  if (phase_ == Phase::accepting) return State::accepted;
  if (phase_ != Phase::none) return State::running;
  if (latched_) return result_ == 1 ? State::done : State::failed;
  if (interlocks() != 0) return State::interlocked;
  return master_words_[5] != 0 ? State::paused : State::idle;
}

std::vector<std::uint16_t> BlockRobot::status_words() const {
  std::vector<std::uint16_t> words(block::kStatusLength, 0);
  const std::int64_t shown_beat = frozen_beat_ >= 0 ? frozen_beat_ : beat();
  words[0] = block::kStatusMagic;
  words[1] = block::kVersion;
  words[2] = static_cast<std::uint16_t>(shown_state());
  words[3] = static_cast<std::uint16_t>(step_);
  put_u32(words, 4, echo_);
  put_u32(words, 6, last_done_);
  words[8] = result_;
  words[9] = gripper_seen() ? 1 : 0;
  put_u32(words, 10, completed_);
  put_u32(words, 12, highest_epoch_);
  words[14] = static_cast<std::uint16_t>(shown_beat & 0xFFFF);
  words[15] = automatic() ? 1 : 0;
  words[16] = interlocks();
  words[17] = error_;
  put_u32(words, 18, hash_at_pick_);
  put_u32(words, 20, hash_at_place_);
  put_text(words, block::kCodeAddress, block::kCodeLength, code_);
  const ActiveFault* offset = faults_.find(FaultKind::clock_offset);
  const std::int64_t utc_s = now_.utc_s() + (offset == nullptr ? 0 : offset->amount / 1000);
  put_u32(words, 54, static_cast<std::uint32_t>(utc_s));
  words[56] = static_cast<std::uint16_t>(refusal_);
  put_u32(words, 57, refused_sequence_);
  words[59] = crc_of_words(words, 59);
  if (!unit_word_) return words;
  words[1] = block::kVersionWithUnit;
  words[59] = crc_of_words(words, 59);
  words.push_back(config_.unit);
  words.push_back(crc_of_words(words, 61));
  return words;
}

}  // namespace cryobank::simulator
