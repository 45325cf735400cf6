#include "devices/robot/robot_sensors.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "base/text.hpp"

namespace cryobank::devices {
namespace {

constexpr const char* kSensorsCode = "NK-0001-A";

config::Point point(std::string_view id, config::PointTable table, std::uint16_t address,
                    config::PointType type = config::PointType::uint16) {
  config::Point p;
  p.id = PointId(std::string(id));
  p.table = table;
  p.address = address;
  p.type = type;
  return p;
}

// A cabinet in the manner of the relay machines: five bits, some words, start relays.
config::DeviceProfile cabinet(bool with_reader) {
  using config::PointTable;
  using config::PointType;
  config::DeviceProfile profile;
  profile.id = ProfileId("relay-cabinet");
  profile.kind = config::DeviceKind::robot;
  profile.points = {
      point("ready", PointTable::discrete, 0, PointType::bit),
      point("error", PointTable::discrete, 1, PointType::bit),
      point("gripper", PointTable::discrete, 2, PointType::bit),
      point("transfer-occupied", PointTable::discrete, 3, PointType::bit),
      point("error-code", PointTable::input, 0),
      point("source-1", PointTable::holding, 0),
      point("source-2", PointTable::holding, 1),
      point("destination-1", PointTable::holding, 2),
      point("start-pick", PointTable::coil, 0, PointType::bit),
      point("start-transfer", PointTable::coil, 1, PointType::bit),
  };
  if (with_reader) {
    config::Point code = point("code", PointTable::input, 10, PointType::ascii);
    code.registers = 8;
    profile.points.push_back(code);
  }
  return profile;
}

struct Cabinet {
  bool ready = true;
  bool error = false;
  bool gripper = false;
  bool transfer = false;
  int error_code = 0;
  std::string code;
  std::map<int, std::uint16_t> holding;
  int starts = 0;
  Instant until{};
  bool forgets_parameters = false;
  bool jams = false;
  bool sensor_stuck = false;
  std::string verb;

  ModbusReply answer(const ModbusRequest& request, Instant now) {
    if (request.kind != ModbusRequest::Kind::read) return write(request, now);
    std::vector<std::uint16_t> words;
    words.reserve(request.count);
    for (int i = 0; i < request.count; ++i) words.push_back(word(request, request.address + i));
    return {ReplyKind::ok, 0, std::move(words), true};
  }

  void advance(Instant now) {
    if (ready || error || now < until) return;
    if (jams) {
      error = true;
      error_code = 501;
      return;
    }
    ready = true;
    if (sensor_stuck) return;
    if (verb == "pick") gripper = true;
    if (verb == "transfer") transfer = true;
  }

 private:
  std::uint16_t word(const ModbusRequest& request, int address) {
    if (request.table == RegisterTable::holding) return holding[address];
    if (request.table == RegisterTable::discrete) {
      const bool bits[] = {ready, error, gripper, transfer};
      return bits[address] ? 1 : 0;
    }
    if (address < 10) return static_cast<std::uint16_t>(error_code);
    const auto at = 2 * static_cast<std::size_t>(address - 10);
    const auto byte = [&](std::size_t i) {
      return i < code.size() ? static_cast<unsigned char>(code[i]) : 0U;
    };
    return static_cast<std::uint16_t>(byte(at) << 8 | byte(at + 1));
  }

  ModbusReply write(const ModbusRequest& request, Instant now) {
    if (request.table == RegisterTable::holding) {
      if (!forgets_parameters) holding[request.address] = request.values[0];
    } else if (request.values[0] == 1 && ready) {
      ++starts;
      ready = false;
      verb = request.address == 0 ? "pick" : "transfer";
      until = now + seconds(20);
    }
    return {ReplyKind::ok, 0, {}, true};
  }
};

struct SensorRobotTest : ::testing::Test {
  Cabinet machine;
  std::unique_ptr<SensorRobot> robot;
  RobotOutputs out;
  std::vector<RobotEvent> events;
  bool lose_start_answer = false;
  bool line_down = false;
  Now now{Instant{1'000'000'000}, WallTime{1'800'000'000'000}};

  void make(bool with_reader = false, bool operator_confirms = false) {
    Result<SensorMap> map = sensor_map_of(cabinet(with_reader));
    ASSERT_TRUE(map.ok());
    robot = std::make_unique<SensorRobot>(DeviceIndex{1}, 1, *map, operator_confirms);
    robot->begin(now, out);
    run(seconds(3));
  }

  void run(Duration how_long) {
    for (const Instant until = now.mono + how_long; now.mono < until;) {
      while (!out.requests.empty()) {
        const RobotRequest request = out.requests.front();
        out.requests.erase(out.requests.begin());
        ModbusReply reply = machine.answer(request.modbus, now.mono);
        if (line_down || (request.is_motion && lose_start_answer)) reply = {};
        robot->on_reply(now, request.tag, reply, out);
      }
      events.insert(events.end(), out.events.begin(), out.events.end());
      out.events.clear();
      now.mono = now.mono + milliseconds(50);
      machine.advance(now.mono);
      if (robot->next_deadline() <= now.mono) robot->on_deadline(now, out);
    }
  }

  RobotEvent carry_out(RobotVerb verb, Duration how_long = seconds(60)) {
    const RobotMotion motion{1, Epoch{1}, verb, {3, 7, 0}, {9, 0, 0}, kSensorsCode};
    const Status status = robot->start(now, motion, out);
    EXPECT_TRUE(status.ok()) << (status.ok() ? "" : status.error().context);
    run(how_long);
    return events.empty() ? RobotEvent{} : events.back();
  }
};

TEST_F(SensorRobotTest, says_done_when_the_sensors_tell_the_whole_story) {
  make();
  const RobotEvent event = carry_out(RobotVerb::pick);
  EXPECT_EQ(event.kind, RobotEventKind::done) << event.reason;
  EXPECT_EQ(machine.starts, 1);
  EXPECT_EQ(machine.holding[0], 3);
  EXPECT_EQ(machine.holding[1], 7);
  EXPECT_EQ(machine.holding[2], 9);
}

TEST_F(SensorRobotTest, starts_nothing_when_a_parameter_does_not_read_back) {
  make();
  machine.forgets_parameters = true;
  EXPECT_EQ(carry_out(RobotVerb::pick).kind, RobotEventKind::not_delivered);
  EXPECT_EQ(machine.starts, 0);
}

TEST_F(SensorRobotTest, sets_the_start_relay_once_even_when_its_answer_is_lost) {
  make();
  lose_start_answer = true;
  EXPECT_EQ(carry_out(RobotVerb::transfer).kind, RobotEventKind::done);
  EXPECT_EQ(machine.starts, 1);
}

TEST_F(SensorRobotTest, doubts_a_motion_that_no_sensor_saw) {
  make();
  machine.sensor_stuck = true;
  EXPECT_EQ(carry_out(RobotVerb::transfer).kind, RobotEventKind::doubt);
  EXPECT_TRUE(robot->held());
}

TEST_F(SensorRobotTest, doubts_an_error_in_mid_motion_and_clears_no_evidence) {
  make();
  machine.jams = true;
  const RobotEvent event = carry_out(RobotVerb::pick);
  EXPECT_EQ(event.kind, RobotEventKind::doubt);
  EXPECT_EQ(event.error, 501);
  EXPECT_EQ(machine.error_code, 501);
}

TEST_F(SensorRobotTest, asks_a_person_each_time_when_the_profile_says_operator) {
  make(false, true);
  EXPECT_EQ(carry_out(RobotVerb::pick).kind, RobotEventKind::doubt);
  EXPECT_FALSE(robot->idle());
  robot->pause(false);
  EXPECT_TRUE(robot->idle());
}

TEST_F(SensorRobotTest, compares_the_code_where_the_machine_has_a_reader) {
  make(true);
  machine.code = "NK-0002-B";
  EXPECT_EQ(carry_out(RobotVerb::pick).kind, RobotEventKind::doubt);
  EXPECT_NE(events.back().reason.find("NK-0002-B"), std::string::npos);
}

TEST_F(SensorRobotTest, doubts_every_motion_found_open_after_a_restart) {
  make();
  robot->resume(now, {4, Epoch{1}, RobotVerb::pick, {}, {}, kSensorsCode}, JournaledMotion::issued,
                out);
  robot->resume(now, {5, Epoch{1}, RobotVerb::pick, {}, {}, kSensorsCode}, JournaledMotion::planned,
                out);
  run(seconds(1));
  ASSERT_EQ(events.size(), 2u);
  EXPECT_EQ(events[0].kind, RobotEventKind::doubt);
  EXPECT_EQ(events[1].kind, RobotEventKind::not_delivered);
  EXPECT_EQ(machine.starts, 0);
}

TEST_F(SensorRobotTest, doubts_within_its_bound_when_the_line_dies) {
  make();
  const RobotMotion motion{1, Epoch{1}, RobotVerb::pick, {3, 7, 0}, {9, 0, 0}, kSensorsCode};
  ASSERT_TRUE(robot->start(now, motion, out).ok());
  run(seconds(5));
  line_down = true;
  run(seconds(310));
  EXPECT_EQ(events.back().kind, RobotEventKind::doubt);
}

TEST(SensorMap, names_the_point_that_a_profile_lacks) {
  config::DeviceProfile profile = cabinet(false);
  std::erase_if(profile.points, [](const config::Point& p) { return p.id.str() == "gripper"; });
  const Result<SensorMap> map = sensor_map_of(profile);
  ASSERT_FALSE(map.ok());
  EXPECT_NE(map.error().context.find("gripper"), std::string::npos);
}

}  // namespace
}  // namespace cryobank::devices
