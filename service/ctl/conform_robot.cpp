// The handshake of the reference robot block, tried step by step against a machine.
#include <functional>
#include <optional>

#include "base/checksum.hpp"
#include "base/text.hpp"
#include "devices/robot/robot_command.hpp"
#include "service/ctl/conform.hpp"

namespace cryobank::ctl {
namespace {

using devices::RobotMotion;
using devices::RobotStatus;
using devices::robot_block::Refusal;

constexpr Duration kLook = milliseconds(250);
constexpr Duration kHeartbeatWithin = seconds(3);
constexpr Duration kRefusedWithin = seconds(3);
constexpr Duration kMotionWithin = seconds(120);
constexpr Duration kLatchedFor = seconds(3);

class Handshake {
 public:
  explicit Handshake(Machine& machine) : machine_(machine) {}

  std::vector<Finding> run(bool may_move) {
    const auto first = status();
    found(first.has_value(), "the status block is whole in one read: magic, version, CRC", why_);
    if (!first) return std::move(findings_);
    check_heartbeat(*first);
    check_refusals(*first);
    if (may_move) check_motion();
    return std::move(findings_);
  }

 private:
  void found(bool good, std::string rule, std::string seen) {
    findings_.push_back({good, std::move(rule), std::move(seen)});
  }

  std::optional<RobotStatus> status() {
    const auto reply = machine_.ask(devices::read_status(machine_.unit()));
    if (reply.kind != devices::ReplyKind::ok) {
      why_ = cat("came ", describe(reply));
      return std::nullopt;
    }
    const auto decoded = devices::decode_robot_status(reply.values);
    if (decoded) return *decoded;
    why_ = decoded.error().context;
    return std::nullopt;
  }

  // Looks until the condition holds; the last status seen.
  std::optional<RobotStatus> await(Duration within,
                                   const std::function<bool(const RobotStatus&)>& holds) {
    std::optional<RobotStatus> last;
    for (Duration waited{}; waited < within; waited = waited + kLook) {
      beat();
      last = status();
      if (last && holds(*last)) return last;
      Machine::pause(kLook);
    }
    return last;
  }

  void beat() { machine_.ask(devices::write_heartbeat(machine_.unit(), ++beat_, false)); }

  void check_heartbeat(const RobotStatus& first) {
    const auto later = await(kHeartbeatWithin,
                             [&](const RobotStatus& s) { return s.heartbeat != first.heartbeat; });
    found(later && later->heartbeat != first.heartbeat, "the heartbeat rises at least every second",
          cat("stayed at ", first.heartbeat, " for ", kHeartbeatWithin.seconds(), " s"));
  }

  RobotMotion park(const RobotStatus& now) const {
    RobotMotion motion;
    motion.sequence = now.echo + 1;
    motion.epoch = Epoch{now.epoch};
    motion.verb = devices::RobotVerb::park;
    return motion;
  }

  // Writes a command that must be refused for `why`, and looks that nothing moved.
  void check_refused(std::string_view what, devices::ModbusRequest request, Refusal why) {
    const auto before = status();
    if (!before) return found(false, cat("a command with ", what, " is refused"), why_);
    machine_.ask(std::move(request));
    const auto after =
        await(kRefusedWithin, [&](const RobotStatus& s) { return s.refusal == why; });
    const bool still =
        after && after->completed == before->completed && after->echo == before->echo;
    found(after && after->refusal == why && still, cat("a command with ", what, " is refused"),
          after ? cat("refusal word says ", devices::name_of(after->refusal), ", completed ",
                      before->completed, " to ", after->completed)
                : why_);
  }

  void check_refusals(const RobotStatus& now) {
    auto broken = devices::write_motion(machine_.unit(), park(now));
    broken.values[14] = static_cast<std::uint16_t>(broken.values[14] ^ 1);
    check_refused("a wrong CRC", broken, Refusal::crc);
    if (now.epoch > 0) {
      RobotMotion old = park(now);
      old.epoch = Epoch{now.epoch - 1};
      check_refused("a lower epoch", devices::write_motion(machine_.unit(), old),
                    Refusal::epoch_too_low);
    }
    RobotMotion unknown = park(now);
    auto request = devices::write_motion(machine_.unit(), unknown);
    request.values[1] = 999;
    request.values[14] = crc_of(request.values);
    check_refused("an unknown verb", request, Refusal::unknown_verb);
  }

  static std::uint16_t crc_of(const std::vector<std::uint16_t>& words) {
    std::vector<std::uint8_t> bytes;
    for (std::size_t i = 0; i < 14; ++i) {
      bytes.push_back(static_cast<std::uint8_t>(words[i] >> 8));
      bytes.push_back(static_cast<std::uint8_t>(words[i]));
    }
    return crc16_modbus(bytes);
  }

  void check_motion() {
    const auto before = status();
    if (!before) return found(false, "a park motion is taken", why_);
    const RobotMotion motion = park(*before);
    const auto request = devices::write_motion(machine_.unit(), motion);
    machine_.ask(request);
    const auto taken =
        await(kRefusedWithin, [&](const RobotStatus& s) { return s.echo == motion.sequence; });
    found(taken && taken->echo == motion.sequence, "a taken command is echoed by its sequence",
          taken ? cat("echo ", taken->echo, ", refusal ", devices::name_of(taken->refusal)) : why_);
    machine_.ask(request);  // the same command again must change nothing
    const auto done =
        await(kMotionWithin, [&](const RobotStatus& s) { return s.last_done == motion.sequence; });
    found(done && done->last_done == motion.sequence, "the end is latched with the sequence",
          done ? cat("last done ", done->last_done, ", state ", devices::name_of(done->state))
               : why_);
    if (!done || done->last_done != motion.sequence) return;
    Machine::pause(kLatchedFor);
    const auto later = await(kLook * 2, [](const RobotStatus&) { return true; });
    if (!later) return found(false, "the status stays readable after a motion", why_);
    found(later->last_done == motion.sequence, "the latched end stays until it is cleared",
          cat("last done ", later->last_done));
    found(later->completed == before->completed + 1,
          "the same command written twice is done once: completed rises by exactly one",
          cat("completed ", before->completed, " to ", later->completed));
    machine_.ask(devices::write_clear(machine_.unit(), motion.sequence));
    const auto cleared =
        await(kRefusedWithin, [&](const RobotStatus& s) { return !devices::latches(s); });
    found(cleared && !devices::latches(*cleared), "clearing the sequence frees the latched end",
          cleared ? cat("state ", devices::name_of(cleared->state)) : why_);
    machine_.ask(request);
    const auto again = await(kHeartbeatWithin,
                             [&](const RobotStatus& s) { return s.completed != later->completed; });
    found(again && again->completed == later->completed, "a sequence taken before moves nothing",
          again ? cat("completed ", later->completed, " to ", again->completed) : why_);
  }

  Machine& machine_;
  std::vector<Finding> findings_;
  std::string why_;
  std::uint16_t beat_ = 0;
};

}  // namespace

std::vector<Finding> check_robot(Machine& machine, bool may_move) {
  return Handshake(machine).run(may_move);
}

}  // namespace cryobank::ctl
