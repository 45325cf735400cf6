#include "devices/plant/write_desk.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "tests/devices/model_bench.hpp"

namespace cryobank::devices {
namespace {

using testing::Clock;
using Kind = WriteOutcome::Kind;

config::Point setpoint() {
  config::Point point;
  point.id = PointId("fill-start");
  point.address = 7;
  point.scale_den = 10;
  point.unit = "mm";
  point.write.write_class = config::WriteClass::setpoint;
  point.write.minimum = whole(50);
  point.write.maximum = whole(500);
  point.write.interval_min = seconds(60);
  point.write.lifetime_budget = 100;
  return point;
}

CommandContext context_of(const Clock& clock, std::string_view user = "anna",
                          std::string_view witness = "") {
  CommandContext context;
  context.now = clock.now;
  context.actor.user = UserId(std::string(user));
  if (!witness.empty()) context.actor.witness = UserId(std::string(witness));
  return context;
}

struct RuleCase {
  const char* name;
  Milli value;
  std::function<void(config::Point&, WriteHistory&, CommandContext&)> change;
  const char* error;  // empty: allowed
};

class WriteRule : public ::testing::TestWithParam<RuleCase> {};

TEST_P(WriteRule, decides) {
  Clock clock;
  config::Point point = setpoint();
  WriteHistory history;
  CommandContext context = context_of(clock);
  GetParam().change(point, history, context);
  const Status status = may_write(point, GetParam().value, history, context);
  EXPECT_EQ(status.ok() ? "" : name_of(status.error().code), GetParam().error);
}

void nothing(config::Point&, WriteHistory&, CommandContext&) {}

INSTANTIATE_TEST_SUITE_P(
    Rules, WriteRule,
    ::testing::Values(
        RuleCase{"a_value_in_range_is_allowed", whole(127), nothing, ""},
        RuleCase{"both_ends_of_the_range_are_allowed", whole(500), nothing, ""},
        RuleCase{"below_the_range_is_refused", Milli{49'900}, nothing, "invalid-value"},
        RuleCase{"above_the_range_is_refused", Milli{500'100}, nothing, "invalid-value"},
        RuleCase{"between_two_steps_of_the_register_is_refused", Milli{127'050}, nothing,
                 "invalid-value"},
        RuleCase{"a_point_that_is_never_written_is_refused", whole(127),
                 [](config::Point& p, WriteHistory&, CommandContext&) {
                   p.write.write_class = config::WriteClass::never;
                 },
                 "unsupported"},
        RuleCase{"two_writes_within_the_interval_are_refused", whole(127),
                 [](config::Point&, WriteHistory& h, CommandContext& c) {
                   h.last_mono = c.now.mono - seconds(59);
                 },
                 "conflict"},
        RuleCase{"a_write_after_the_interval_is_allowed", whole(127),
                 [](config::Point&, WriteHistory& h, CommandContext& c) {
                   h.last_mono = c.now.mono - seconds(60);
                 },
                 ""},
        RuleCase{"the_interval_holds_over_a_restart", whole(127),
                 [](config::Point&, WriteHistory& h, CommandContext& c) {
                   h.last = c.now.wall - seconds(10);
                 },
                 "conflict"},
        RuleCase{"a_worn_memory_is_spared", whole(127),
                 [](config::Point&, WriteHistory& h, CommandContext&) { h.count = 100; },
                 "conflict"},
        RuleCase{
            "two_people_need_a_witness", whole(127),
            [](config::Point& p, WriteHistory&, CommandContext&) { p.write.two_people = true; },
            "witness-needed"},
        RuleCase{"nobody_witnesses_for_himself", whole(127),
                 [](config::Point& p, WriteHistory&, CommandContext& c) {
                   p.write.two_people = true;
                   c.actor.witness = c.actor.user;
                 },
                 "not-authorised"},
        RuleCase{"two_different_people_may", whole(127),
                 [](config::Point& p, WriteHistory&, CommandContext& c) {
                   p.write.two_people = true;
                   c.actor.witness = UserId("berta");
                 },
                 ""}),
    [](const auto& param_info) { return std::string(param_info.param.name); });

struct WriteDeskTest : ::testing::Test {
  Clock clock;
  config::SiteConfig site;
  std::vector<DeviceRequest> requests;
  std::vector<WriteOutcome> outcomes;
  std::uint16_t register_value = 1000;  // 100.0 mm
  int writes = 0;
  ReplyKind write_answer = ReplyKind::ok;
  std::uint8_t exception = 0;
  bool write_arrives = true;
  bool reads_fail = false;
  std::unique_ptr<WriteDesk> desk;

  void SetUp() override {
    config::DeviceProfile profile;
    profile.id = ProfileId("freezer");
    profile.points = {setpoint()};
    site.profiles = {profile};
    config::DeviceConfig device;
    device.id = DeviceId("freezer-1");
    device.profile = profile.id;
    device.unit = 9;
    site.devices = {device};
    desk = std::make_unique<WriteDesk>(site);
  }
  WriteOutputs out() { return {requests, outcomes}; }
  void order(Milli value) {
    desk->order(clock.now, {{0}, {0}, value, "command-1", "anna", "berta", "test"}, out());
  }
  ModbusReply answer(const DeviceRequest& request) {
    EXPECT_EQ(request.modbus.unit, 9);
    EXPECT_EQ(request.modbus.address, 7);
    if (!request.is_write) {
      if (reads_fail) return {ReplyKind::timeout, 0, {}, true};
      return {ReplyKind::ok, 0, {register_value}, true};
    }
    ++writes;
    if (write_arrives) register_value = request.modbus.values.at(0);
    return {write_answer, exception, {}, true};
  }
  void run(Duration how_long) {
    for (Duration t{}; t < how_long; t = t + milliseconds(100)) {
      while (!requests.empty()) {
        const DeviceRequest request = requests.front();
        requests.erase(requests.begin());
        desk->on_reply(clock.now, request.tag, answer(request), out());
      }
      clock.advance(milliseconds(100));
      if (desk->next_deadline() <= clock.now.mono) desk->on_deadline(clock.now, out());
    }
  }
  std::string told() const {
    std::string text;
    for (const WriteOutcome& outcome : outcomes) {
      constexpr const char* kNames[] = {"confirmed", "refused", "unknown"};
      if (!text.empty()) text += ' ';
      text += kNames[static_cast<int>(outcome.kind)];
    }
    return text;
  }
};

TEST_F(WriteDeskTest, confirms_by_reading_back) {
  order(whole(130));
  run(seconds(2));
  EXPECT_EQ(told(), "confirmed");
  EXPECT_EQ(register_value, 1300);
  const Json target = desk->target({0}, {0});
  EXPECT_EQ(target["value"].milli(), whole(130));
  EXPECT_EQ(target["by"].string(), "anna");
  EXPECT_TRUE(target["confirmed"].boolean());
}

TEST_F(WriteDeskTest, reads_and_never_repeats_a_write_whose_answer_was_lost) {
  write_answer = ReplyKind::timeout;
  order(whole(130));
  run(seconds(8));
  EXPECT_EQ(told(), "unknown confirmed");
  EXPECT_EQ(writes, 1);
}

TEST_F(WriteDeskTest, says_refused_when_a_lost_write_still_reads_the_old_value) {
  write_answer = ReplyKind::disconnected;
  write_arrives = false;
  order(whole(130));
  run(seconds(8));
  EXPECT_EQ(told(), "unknown refused");
  EXPECT_EQ(writes, 1);
  EXPECT_FALSE(desk->target({0}, {0})["confirmed"].boolean());
}

TEST_F(WriteDeskTest, takes_the_units_own_refusal_for_an_answer) {
  write_answer = ReplyKind::exception;
  exception = 3;
  write_arrives = false;
  order(whole(130));
  run(seconds(1));
  EXPECT_EQ(told(), "refused");
}

TEST_F(WriteDeskTest, takes_exception_11_for_no_answer) {
  write_answer = ReplyKind::exception;
  exception = 11;
  order(whole(130));
  run(seconds(8));
  EXPECT_EQ(told(), "unknown confirmed");
}

TEST_F(WriteDeskTest, goes_on_reading_until_the_outcome_is_known) {
  reads_fail = true;
  order(whole(130));
  run(minutes(30));
  EXPECT_EQ(told(), "unknown");
  reads_fail = false;
  run(minutes(6));
  EXPECT_EQ(told(), "unknown confirmed");
  EXPECT_EQ(writes, 1);
}

TEST_F(WriteDeskTest, keeps_counters_and_outcomes_over_a_restart) {
  order(whole(130));
  run(seconds(2));
  const std::vector<RowChange> rows = desk->take_rows();
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].key, "r/device/freezer-1/writes/fill-start");
  EXPECT_TRUE(desk->take_rows().empty());
  WriteDesk other(site);
  ASSERT_TRUE(other.load_row(rows[0].key, *rows[0].value).ok());
  EXPECT_EQ(other.history({0}, {0}).count, 1);
  EXPECT_EQ(other.history({0}, {0}).last, desk->history({0}, {0}).last);
  EXPECT_TRUE(other.target({0}, {0})["confirmed"].boolean());
}

TEST_F(WriteDeskTest, says_unknown_of_a_write_that_a_restart_interrupted) {
  order(whole(130));
  const std::vector<RowChange> rows = desk->take_rows();
  ASSERT_EQ(rows.size(), 1u);
  WriteDesk other(site);
  ASSERT_TRUE(other.load_row(rows[0].key, *rows[0].value).ok());
  EXPECT_EQ(other.target({0}, {0})["state"].string(), "unknown");
}

TEST_F(WriteDeskTest, tells_a_confirmed_set_point_that_somebody_turned_at_the_panel) {
  order(whole(127));
  run(seconds(10));
  ASSERT_EQ(desk->target({0}, {0}).string_or("state", ""), "confirmed");
  Reading reading;
  reading.quality = Quality::good;
  reading.value = whole(100);
  EXPECT_FALSE(desk->observe(reading)) << "one poll may be older than the write";
  EXPECT_TRUE(desk->observe(reading));
  const Json target = desk->target({0}, {0});
  EXPECT_EQ(target.string_or("state", ""), "parted");
  EXPECT_FALSE(target.bool_or("confirmed", true));
  EXPECT_NE(target.string_or("reason", "").find("reads 100"), std::string::npos) << target.dump();
  EXPECT_NE(desk->parted({0}).find("wanted 127"), std::string::npos);
  EXPECT_FALSE(desk->observe(reading)) << "told once";
  reading.value = whole(127);
  EXPECT_TRUE(desk->observe(reading));
  EXPECT_EQ(desk->target({0}, {0}).string_or("state", ""), "confirmed");
  EXPECT_EQ(desk->parted({0}), "");
}

}  // namespace
}  // namespace cryobank::devices
