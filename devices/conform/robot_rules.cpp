// The rules of the robot block, tried against a machine step by step.
#include <functional>
#include <optional>

#include "base/checksum.hpp"
#include "base/text.hpp"
#include "devices/conform/conform_findings.hpp"
#include "devices/robot/robot_command.hpp"

namespace cryobank::devices {
namespace {

using robot_block::Refusal;

constexpr Duration kLook = milliseconds(250);
constexpr Duration kSeenWithin = seconds(3);
constexpr Duration kMotionWithin = seconds(120);
constexpr Duration kSilence = seconds(11);  // of the master: one more than the robot allows
constexpr std::size_t kCrcAt = 14;
constexpr std::size_t kCommitAt = 15;
constexpr std::uint16_t kNoPlace = 65535;
constexpr std::uint16_t kNoVerb = 999;

class RobotRun {
 public:
  RobotRun(const Bench& bench, bool with_unit, ConformFindings& findings)
      : bench_(bench), with_unit_(with_unit), findings_(findings) {}

  void run(bool may_move) {
    const auto first = status();
    findings_.judge("R1", first.has_value(), why_);
    if (!first) return;
    check_heartbeat();
    check_forms();
    check_epoch();
    check_names();
    check_pause();
    check_silence();
    check_scan_count();
    findings_.skipped("R15", "it takes a person at the key switch and at a door");
    findings_.skipped("R24", "it takes vials and a switch for the power");
    if (may_move) return check_motion();
    for (const std::string_view number : {"R18", "R19", "R20", "R21", "R22"}) {
      findings_.skipped(number, "it parks the robot: give --may-move");
    }
    check_taken_before();
  }

 private:
  std::optional<RobotStatus> status() {
    const ModbusReply reply = bench_.ask(read_status(bench_.unit, with_unit_));
    if (reply.kind != ReplyKind::ok) {
      why_ = cat("came ", describe(reply));
      return std::nullopt;
    }
    const auto decoded = decode_robot_status(reply.values);
    if (decoded) return *decoded;
    why_ = decoded.error().context;
    return std::nullopt;
  }
  void beat() { bench_.ask(write_heartbeat(bench_.unit, ++beat_, false)); }
  // Looks until it holds; the last status seen.
  std::optional<RobotStatus> await(Duration within,
                                   const std::function<bool(const RobotStatus&)>& holds) {
    std::optional<RobotStatus> last;
    for (Duration waited{}; waited < within; waited = waited + kLook) {
      beat();
      last = status();
      if (last && holds(*last)) return last;
      bench_.wait(kLook);
    }
    return last;
  }

  RobotMotion park(const RobotStatus& now) const {
    RobotMotion motion;
    motion.sequence = now.echo + 1;
    motion.epoch = Epoch{now.epoch};
    motion.verb = RobotVerb::park;
    return motion;
  }
  ModbusRequest block_of(const RobotMotion& motion) const {
    return write_motion(bench_.unit, motion);
  }
  static void seal(std::vector<std::uint16_t>& words) {
    std::vector<std::uint8_t> bytes;
    for (std::size_t i = 0; i < kCrcAt; ++i) {
      bytes.push_back(static_cast<std::uint8_t>(words[i] >> 8));
      bytes.push_back(static_cast<std::uint8_t>(words[i] & 0xFF));
    }
    words[kCrcAt] = crc16_modbus(bytes);
  }

  void check_heartbeat() {
    const auto first = status();
    if (!first) return findings_.violated("R2", why_);
    const auto later =
        await(kSeenWithin, [&](const RobotStatus& s) { return s.heartbeat != first->heartbeat; });
    findings_.judge("R2", later && later->heartbeat != first->heartbeat,
                    cat("stayed at ", first->heartbeat, " for ", kSeenWithin.seconds(), " s"));
  }

  // Writes what must be refused for `why`: the refusal is told with the sequence, nothing moves.
  void refused(std::string_view number, ModbusRequest request, Refusal why, bool names = true) {
    beat();
    const auto before = status();
    if (!before) return findings_.violated(number, why_);
    const std::uint32_t sequence =
        std::uint32_t{request.values[10]} << 16 | std::uint32_t{request.values[11]};
    bench_.ask(request);
    const auto after = await(kSeenWithin, [&](const RobotStatus& s) {
      return s.refusal == why && (!names || s.refused_sequence == sequence);
    });
    if (!after) return findings_.violated(number, why_);
    const bool still = after->completed == before->completed && after->echo == before->echo;
    findings_.judge(number, after->refusal == why && still,
                    cat("refusal ", name_of(after->refusal), ", echo ", before->echo, " to ",
                        after->echo, ", completed ", before->completed, " to ", after->completed));
    if (!still) wait_until_still();
    if (after->refusal != why || !names) return;
    findings_.judge("R17", after->refused_sequence == sequence && still,
                    cat("registers 57-58 name ", after->refused_sequence, ", expected ", sequence));
  }
  // A machine that obeyed what it had to refuse is cleared, so that the next rule can be tried.
  void wait_until_still() {
    const auto ended = await(kMotionWithin, [](const RobotStatus& s) { return latches(s); });
    if (ended && latches(*ended)) bench_.ask(write_clear(bench_.unit, ended->last_done));
    bench_.wait(kLook);
  }

  void check_forms() {
    const auto now = status();
    if (!now) return;
    const ModbusRequest whole = block_of(park(*now));
    ModbusRequest magic = whole;
    magic.values[0] = 0x1234;
    seal(magic.values);
    refused("R5", magic, Refusal::crc, false);
    ModbusRequest crc = whole;
    crc.values[kCrcAt] = static_cast<std::uint16_t>(crc.values[kCrcAt] ^ 1);
    refused("R6", crc, Refusal::crc, false);
    ModbusRequest commit = whole;
    commit.values[kCommitAt] = static_cast<std::uint16_t>(commit.values[kCommitAt] + 1);
    refused("R7", commit, Refusal::crc, false);
    const ModbusReply back = bench_.ask(read_command_block(bench_.unit));
    findings_.judge("R3", back.kind == ReplyKind::ok && back.values == commit.values,
                    describe(back));
    for (const std::size_t length : {std::size_t{1}, std::size_t{15}}) {
      std::vector<std::uint16_t> part(whole.values.begin(),
                                      whole.values.begin() + static_cast<std::ptrdiff_t>(length));
      part[0] = 0x7777;
      const ModbusReply reply = bench_.ask(write_words(bench_, 0, part));
      const ModbusReply after = bench_.ask(read_command_block(bench_.unit));
      const bool kept = after.values == back.values;
      findings_.judge(
          "R4", reply.kind == ReplyKind::exception && reply.exception == 2 && kept,
          cat(length, " registers: ", describe(reply), kept ? "" : ", and it was taken"));
    }
  }

  // With an unknown verb: what is tried here may move nothing, whatever the machine thinks of it.
  ModbusRequest harmless(const RobotStatus& now, std::uint32_t epoch) const {
    RobotMotion motion = park(now);
    motion.epoch = Epoch{epoch};
    ModbusRequest request = block_of(motion);
    request.values[1] = kNoVerb;
    seal(request.values);
    return request;
  }

  void check_epoch() {
    auto now = status();
    if (!now) return;
    const std::uint32_t higher = now->epoch + 1;
    bench_.ask(harmless(*now, higher));
    const auto raised = await(kSeenWithin, [&](const RobotStatus& s) { return s.epoch >= higher; });
    findings_.judge("R9", raised && raised->epoch == higher,
                    cat("written ", higher, " with an unknown verb, register 12-13 says ",
                        raised ? raised->epoch : 0));
    now = status();
    if (!now) return;
    if (now->epoch == 0) return findings_.violated("R8", "the robot never remembers an epoch");
    refused("R8", harmless(*now, now->epoch - 1), Refusal::epoch_too_low);
  }

  void check_names() {
    const auto now = status();
    if (!now) return;
    refused("R12", harmless(*now, now->epoch), Refusal::unknown_verb);
    RobotMotion nowhere = park(*now);
    nowhere.verb = RobotVerb::scan_position;
    nowhere.source = {kNoPlace, kNoPlace, kNoPlace};
    refused("R13", block_of(nowhere), Refusal::unknown_place);
  }

  void check_pause() {
    const auto now = status();
    if (!now) return;
    beat();
    bench_.ask(write_heartbeat(bench_.unit, ++beat_, true));
    const auto before = status();
    if (!before) return;
    bench_.ask(block_of(park(*before)));
    std::optional<RobotStatus> after;
    for (Duration waited{}; waited < kSeenWithin; waited = waited + kLook) {
      bench_.ask(write_heartbeat(bench_.unit, ++beat_, true));
      after = status();
      if (after && after->refusal == Refusal::busy) break;
      bench_.wait(kLook);
    }
    findings_.judge(
        "R14", after && after->refusal == Refusal::busy && after->echo == before->echo,
        after ? cat("refusal ", name_of(after->refusal), ", echo ", after->echo) : why_);
    beat();
    if (after && after->echo != before->echo) wait_until_still();
  }

  void check_silence() {
    const auto before = status();
    if (!before) return;
    bench_.wait(kSilence);
    bench_.ask(block_of(park(*before)));
    bench_.wait(kLook);
    const auto after = status();
    if (!after) return findings_.violated("R16", why_);
    findings_.judge(
        "R16", after->refusal == Refusal::master_silent && after->echo == before->echo,
        cat("refusal ", name_of(after->refusal), ", echo ", before->echo, " to ", after->echo));
    beat();
    if (after->echo != before->echo) wait_until_still();
  }

  void check_scan_count() {
    const ModbusReply reply =
        bench_.ask(read_words(bench_, RegisterTable::input, robot_block::kScanCountAddress, 1));
    const bool fits = reply.kind == ReplyKind::ok && reply.values.size() == 1 &&
                      reply.values[0] <= robot_block::kScanPositionsMax;
    findings_.judge("R23", fits, describe(reply));
  }

  // A sequence that was taken before, and one below it. With an unknown verb.
  void check_taken_before() {
    const auto now = status();
    if (!now) return;
    if (now->echo == 0) {
      for (const std::string_view number : {"R10", "R11"}) {
        findings_.skipped(number, "the robot never took a command yet: give --may-move");
      }
      return;
    }
    RobotStatus taken = *now;
    taken.echo = now->echo - 1;
    bench_.ask(harmless(taken, now->epoch));  // sequence = echo
    bench_.wait(kLook);
    const auto after = status();
    const bool same = after && after->echo == now->echo && after->completed == now->completed &&
                      after->refusal == now->refusal &&
                      after->refused_sequence == now->refused_sequence &&
                      after->last_done == now->last_done;
    findings_.judge("R10", same, after ? cat("refusal ", name_of(after->refusal)) : why_);
    if (now->echo == 1) {
      return findings_.skipped("R11", "the robot took sequence 1 last: none is lower");
    }
    RobotMotion lower = park(*now);
    lower.sequence = now->echo - 1;
    refused("R11", block_of(lower), Refusal::sequence_not_higher);
  }

  bool park_once(std::optional<RobotStatus>& done) {
    const auto before = status();
    if (!before) return false;
    const RobotMotion motion = park(*before);
    beat();
    bench_.ask(block_of(motion));
    const auto taken =
        await(kSeenWithin, [&](const RobotStatus& s) { return s.echo == motion.sequence; });
    const bool echoed = taken && taken->echo == motion.sequence;
    findings_.judge(
        "R18", echoed && taken->refusal == Refusal::none,
        taken ? cat("echo ", taken->echo, ", refusal ", name_of(taken->refusal)) : why_);
    if (!echoed) return false;
    done =
        await(kMotionWithin, [&](const RobotStatus& s) { return s.last_done == motion.sequence; });
    const bool latched = done && done->last_done == motion.sequence;
    const bool agrees =
        latched && done->state == robot_block::State::done && done->result == 1 && done->error == 0;
    findings_.judge("R19", agrees && done->completed == before->completed + 1,
                    done ? cat("latched ", done->last_done, " as ", name_of(done->state),
                               ", result ", done->result, ", error ", done->error, ", completed ",
                               before->completed, " to ", done->completed)
                         : why_);
    return latched;
  }

  void check_motion() {
    std::optional<RobotStatus> done;
    for (int twice = 0; twice < 2; ++twice) {
      if (!park_once(done)) {
        for (const std::string_view number : {"R20", "R21", "R22"}) {
          findings_.skipped(number, "park was not taken and latched");
        }
        return check_taken_before();
      }
      if (twice == 0) check_latch(*done);
      bench_.ask(write_clear(bench_.unit, done->last_done));
      await(kSeenWithin, [](const RobotStatus& s) { return !latches(s); });
    }
    const auto cleared = status();
    if (!cleared) return;
    RobotMotion again = park(*cleared);
    again.sequence = cleared->echo;
    beat();
    bench_.ask(block_of(again));
    bench_.wait(kSeenWithin);
    const auto after = status();
    findings_.judge("R22", after && after->completed == cleared->completed && !latches(*after),
                    after ? cat("completed ", cleared->completed, " to ", after->completed) : why_);
    check_taken_before();
  }

  void check_latch(const RobotStatus& done) {
    refused("R20", block_of(park(done)), Refusal::busy);
    bench_.ask(write_clear(bench_.unit, done.last_done + 1));
    bench_.wait(kLook);
    const auto kept = status();
    findings_.judge("R21", kept && kept->last_done == done.last_done,
                    kept ? cat("cleared by ", done.last_done + 1) : why_);
    bench_.ask(write_clear(bench_.unit, done.last_done));
    const auto freed = await(kSeenWithin, [](const RobotStatus& s) { return !latches(s); });
    findings_.judge("R21", freed && !latches(*freed), "its own sequence did not clear it");
  }

  const Bench& bench_;
  bool with_unit_;
  ConformFindings& findings_;
  std::string why_;
  std::uint16_t beat_ = 0;
};

}  // namespace

void conform_robot(const Bench& bench, const config::DeviceProfile& profile, const Leave& leave,
                   ConformFindings& findings) {
  RobotRun(bench, profile.tells_units_apart(), findings).run(leave.move);
}

}  // namespace cryobank::devices
