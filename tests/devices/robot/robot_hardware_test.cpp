// The drivers against the simulated robots, whose vials really move: whatever fault strikes, on the
// machine or on the line, and whenever the daemon is killed, at most one physical motion happens
// and what is told is true or doubt.
#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/prng.hpp"
#include "base/text.hpp"
#include "devices/robot/robot_driver.hpp"
#include "devices/simulator/hardware.hpp"
#include "tests/config/files_on_disk.hpp"

namespace cryobank::devices {
namespace {

constexpr RobotLocation kPort = {901, 0, 1};
constexpr RobotLocation kSlot = {1, 1, 101};
constexpr RobotLocation kGripper = {1, 0xFFFF, 0};
constexpr const char* kCode = "NK-0001-A";

using config::demo_site;

enum class LineFault { none, request_lost, reply_lost, everything_flaky };

class Cell {
 public:
  explicit Cell(std::uint64_t seed) : prng_(seed), hardware(demo_site(), seed) {
    const config::SiteConfig& site = demo_site();
    for (std::uint32_t i = 0; i < site.devices.size(); ++i) {
      if (site.devices[i].id.str() != "robot-1") continue;
      robot_ = {i};
      for (std::uint32_t l = 0; l < site.lines.size(); ++l) {
        if (site.lines[l].id == site.devices[i].line) line_ = {l};
      }
    }
    EXPECT_TRUE(hardware.put_vial(kPort, kCode).ok());
    make_driver(1);
    run(seconds(4));
  }

  void make_driver(std::uint32_t epoch) {
    const config::DeviceConfig& device = demo_site().devices[robot_.value];
    const Json memory = driver == nullptr ? Json() : driver->memory();
    auto made =
        make_robot_driver(robot_, device, *demo_site().find_profile(device.profile), Epoch{epoch});
    ASSERT_TRUE(made.ok());
    driver = std::move(*made);
    if (!memory.is_null()) {
      EXPECT_TRUE(driver->recall("memory", memory).ok());
    }
    out_ = {};
    driver->begin(now, out_);
  }

  void fault(std::string_view text) {
    const Result<Json> command =
        parse_json(cat(R"({"do":"fault","device":"robot-1","fault":)", text, "}"));
    ASSERT_TRUE(command.ok()) << text;
    const Result<Json> reply = hardware.control(*command);
    ASSERT_TRUE(reply.ok()) << reply.error().context;
  }

  RobotMotion transfer(std::uint32_t epoch = 1) const {
    return {1, Epoch{epoch}, RobotVerb::transfer, kPort, kSlot, kCode};
  }

  bool start() { return start(transfer()); }
  bool start(const RobotMotion& motion) {
    end.reset();
    const Status status = driver->start(now, motion, out_);
    EXPECT_TRUE(status.ok()) << status.error().context;
    return status.ok();
  }

  void kill_and_resume() {
    const bool holding = held_;
    make_driver(2);
    driver->resume(now, transfer(), holding ? JournaledMotion::holding : JournaledMotion::issued,
                   out_);
  }

  void run(Duration how_long) {
    for (Duration t{}; t < how_long && !end; t = t + milliseconds(50)) {
      deliver();
      hardware.advance(milliseconds(50));
      now = {now.mono + milliseconds(50), now.wall + milliseconds(50)};
      if (driver->next_deadline() <= now.mono) driver->on_deadline(now, out_);
    }
  }

  // What the ledger would now believe, against where the vial is.
  void expect_truth() const {
    ASSERT_TRUE(end.has_value()) << "no end was told";
    const auto& vials = hardware.vials();
    const auto lies_at = [&](const RobotLocation& place) {
      const auto found = vials.find(place);
      return found != vials.end() && found->second == kCode;
    };
    EXPECT_LE(hardware.motions().size(), 1u);
    switch (end->kind) {
      case RobotEventKind::done:
        EXPECT_TRUE(lies_at(kSlot)) << end->reason;
        return;
      case RobotEventKind::not_delivered:
        EXPECT_TRUE(lies_at(kPort)) << end->reason;
        EXPECT_EQ(hardware.motions().size(), 0u);
        return;
      case RobotEventKind::failed:
        EXPECT_TRUE(lies_at(end->gripper_occupied ? kGripper : kPort)) << end->reason;
        return;
      case RobotEventKind::doubt:
        EXPECT_TRUE(driver->held());
        return;
      case RobotEventKind::accepted:
      case RobotEventKind::holding:
      case RobotEventKind::scanned:
      case RobotEventKind::gripped:
      case RobotEventKind::unexplained:
        ADD_FAILURE() << "no end of a transfer";
    }
  }

  LineFault line_fault = LineFault::none;
  std::optional<RobotEvent> end;
  int motion_writes = 0;
  Now now{Instant{1'000'000'000'000}, WallTime{1'800'000'000'000}};

 private:
  void deliver() {
    while (!out_.requests.empty()) {
      const RobotRequest request = out_.requests.front();
      out_.requests.erase(out_.requests.begin());
      driver->on_reply(now, request.tag, answer(request), out_);
    }
    for (RobotEvent& event : out_.events) {
      if (event.kind == RobotEventKind::accepted) continue;
      if (event.kind == RobotEventKind::gripped) continue;
      if (event.kind == RobotEventKind::unexplained) continue;
      if (event.kind == RobotEventKind::holding) {
        held_ = true;
      } else {
        end = std::move(event);
      }
    }
    out_.events.clear();
  }

  ModbusReply answer(const RobotRequest& request) {
    if (request.is_motion) ++motion_writes;
    const bool flaky = line_fault == LineFault::everything_flaky && prng_.chance(1, 4);
    const bool loses_request = (request.is_motion && line_fault == LineFault::request_lost) ||
                               (flaky && prng_.chance(1, 2));
    if (loses_request) return {ReplyKind::timeout, 0, {}, true};
    ModbusReply reply = hardware.answer(line_, request.modbus);
    if ((request.is_motion && line_fault == LineFault::reply_lost) || flaky) {
      return {ReplyKind::disconnected, 0, {}, true};
    }
    return reply;
  }

  Prng prng_;
  DeviceIndex robot_;
  LineIndex line_;
  RobotOutputs out_;
  bool held_ = false;

 public:
  simulator::Hardware hardware;
  std::unique_ptr<RobotDriver> driver;
};

struct HardwareCase {
  const char* name;
  const char* fault;  // empty: none
  LineFault line;
  const char* expected;  // names allowed, joined by blanks
};

class RobotOnHardware : public ::testing::TestWithParam<HardwareCase> {};

TEST_P(RobotOnHardware, tells_the_truth_or_doubts) {
  Cell cell(11);
  if (*GetParam().fault != '\0') cell.fault(GetParam().fault);
  cell.line_fault = GetParam().line;
  ASSERT_TRUE(cell.start());
  cell.run(seconds(200));
  cell.expect_truth();
  EXPECT_EQ(cell.motion_writes, 1);
  ASSERT_TRUE(cell.end.has_value());
  EXPECT_NE(cat(" ", GetParam().expected, " ").find(cat(" ", name_of(cell.end->kind), " ")),
            std::string::npos)
      << name_of(cell.end->kind) << ": " << cell.end->reason;
}

INSTANTIATE_TEST_SUITE_P(
    Fault, RobotOnHardware,
    ::testing::Values(
        HardwareCase{"none", "", LineFault::none, "done"},
        HardwareCase{"reply_of_the_command_lost", "", LineFault::reply_lost, "done"},
        HardwareCase{"command_lost", "", LineFault::request_lost, "not-delivered"},
        HardwareCase{"a_line_that_loses_a_quarter", "", LineFault::everything_flaky,
                     "done not-delivered"},
        HardwareCase{"jam_on_the_way_to_the_vial", R"("jam","at":"to-source")", LineFault::none,
                     "failed"},
        HardwareCase{"jam_with_the_vial", R"("jam","at":"to-destination")", LineFault::none,
                     "failed"},
        HardwareCase{"drop", R"("drop")", LineFault::none, "doubt"},
        HardwareCase{"wrong_code_at_pick", R"("wrong-code")", LineFault::none, "doubt"},
        HardwareCase{"wrong_code_that_the_robot_does_not_mind", R"("wrong-code","silent":true)",
                     LineFault::none, "doubt"},
        HardwareCase{"wrong_code_at_place", R"("wrong-code","at":"place","silent":true)",
                     LineFault::none, "doubt"},
        HardwareCase{"unreadable_code", R"("unreadable")", LineFault::none, "doubt"},
        HardwareCase{"done_that_is_none", R"("false-done")", LineFault::none, "doubt"},
        HardwareCase{"an_end_that_is_never_said", R"("never-done")", LineFault::none, "doubt"},
        HardwareCase{"power_cut_with_the_vial",
                     R"("power-cut","at":"to-destination","off_ms":4000)", LineFault::none,
                     "failed doubt"},
        HardwareCase{"power_cut_after_which_it_knows_nothing",
                     R"("power-cut","at":"to-destination","off_ms":4000,"forgets":true)",
                     LineFault::none, "doubt"},
        HardwareCase{"a_dead_program", R"("frozen-heartbeat")", LineFault::none, "doubt"},
        HardwareCase{"a_command_that_lies_there_unseen", R"("ignores")", LineFault::none, "doubt"},
        HardwareCase{"a_place_it_does_not_know", R"("unknown-place")", LineFault::none, "failed"}),
    [](const auto& param_info) { return std::string(param_info.param.name); });

TEST(RobotOnHardware, killed_at_any_moment_moves_once_and_tells_the_truth) {
  constexpr const char* kFaults[] = {"", R"("jam","probability":0.5)", R"("drop")",
                                     R"("power-cut","off_ms":3000)", R"("slow","factor":2)"};
  int done = 0;
  int doubts = 0;
  for (std::uint64_t seed = 1; seed <= 120; ++seed) {
    SCOPED_TRACE(seed);
    Prng prng(seed);
    Cell cell(seed);
    const char* const fault = kFaults[prng.below(5)];
    if (*fault != '\0') cell.fault(fault);
    cell.line_fault = prng.chance(1, 3) ? LineFault::everything_flaky : LineFault::none;
    if (!cell.start()) continue;
    cell.run(milliseconds(prng.between(0, 30'000)));
    if (!cell.end) {
      cell.kill_and_resume();
      cell.run(seconds(300));
    }
    cell.expect_truth();
    EXPECT_LE(cell.motion_writes, 1);
    if (!cell.end) continue;
    if (cell.end->kind == RobotEventKind::done) ++done;
    if (cell.end->kind == RobotEventKind::doubt) ++doubts;
  }
  EXPECT_GT(done, 30);
  EXPECT_LT(doubts, 60);
  RecordProperty("done", done);
  RecordProperty("doubts", doubts);
}

TEST(RobotOnHardware, clears_and_goes_on_with_the_next_motion) {
  Cell cell(5);
  ASSERT_TRUE(cell.start());
  cell.run(seconds(100));
  ASSERT_TRUE(cell.end && cell.end->kind == RobotEventKind::done);
  cell.end.reset();
  cell.run(seconds(30));
  ASSERT_TRUE(cell.start({2, Epoch{1}, RobotVerb::transfer, kSlot, kPort, kCode}));
  cell.run(seconds(100));
  ASSERT_TRUE(cell.end.has_value());
  EXPECT_EQ(cell.end->kind, RobotEventKind::done) << cell.end->reason;
  EXPECT_EQ(cell.hardware.vials().count(kPort), 1u);
}

}  // namespace
}  // namespace cryobank::devices
