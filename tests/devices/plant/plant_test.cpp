#include "devices/plant/plant.hpp"

#include <gtest/gtest.h>

#include <map>
#include <string>

#include "base/text.hpp"
#include "tests/config/files_on_disk.hpp"
#include "tests/devices/model_bench.hpp"

namespace cryobank::devices {
namespace {

using testing::Clock;

using config::demo_site;

struct PlantTest : ::testing::Test {
  Clock clock;
  const config::SiteConfig& site = demo_site();
  Plant plant{site};
  Plant::Outputs out;
  std::vector<DeviceRequest> sent;

  DeviceIndex device(std::string_view id) const {
    for (std::uint32_t i = 0; i < site.devices.size(); ++i) {
      if (site.devices[i].id.str() == id) return {i};
    }
    ADD_FAILURE() << "no device " << id;
    return {};
  }
  PointIndex point(std::string_view id, std::string_view name) const {
    const config::DeviceProfile* profile =
        site.find_profile(site.devices[device(id).value].profile);
    for (std::uint32_t p = 0; p < profile->points.size(); ++p) {
      if (profile->points[p].id.str() == name) return {p};
    }
    ADD_FAILURE() << "no point " << name;
    return {};
  }
  void see(std::string_view id, std::string_view name, std::optional<Milli> value) {
    Reading r = testing::reading(clock, value);
    r.device = device(id);
    r.point = point(id, name);
    plant.observe(clock.now, r, out);
  }
  void SetUp() override {
    ASSERT_FALSE(site.devices.empty());
    see("room-1", "oxygen-1", Milli{20'900});
    see("room-1", "oxygen-2", Milli{20'900});
    see("room-1", "inlet-closed", whole(0));
    see("supply-1", "level", whole(70));
    see("supply-1", "outlet-valve", whole(1));
    for (const char* id : {"freezer-1", "freezer-2", "freezer-3", "freezer-4"}) {
      see(id, "level", whole(140));
      see(id, "fill-valve", whole(0));
      see(id, "fill-disabled", whole(0));
      see(id, "fill-start", whole(127));
      see(id, "fill-stop", whole(203));
    }
    out = {};
  }
  CommandContext context(std::string_view witness = "") const {
    CommandContext c;
    c.now = clock.now;
    c.actor.user = UserId("anna");
    if (!witness.empty()) c.actor.witness = UserId(std::string(witness));
    c.reason = "test";
    return c;
  }
  // Decides and, when allowed, carries out. The error's text, or nothing.
  std::string command(std::string_view verb, const Json& body, std::string_view witness = "",
                      const std::string& name = "command-1") {
    const Result<Decision> decision = plant.decide(verb, body, context(witness));
    if (!decision) return decision.error().context;
    for (const Fact& fact : decision->facts) {
      EXPECT_TRUE(plant.carry_out(clock.now, fact, name, out).ok());
    }
    return {};
  }
  // Two freezers open their valves, and nothing comes.
  void fill_in_vain() {
    for (const char* id : {"freezer-1", "freezer-2"}) see(id, "fill-valve", whole(1));
    for (int i = 0; i < 20; ++i) {
      clock.advance(seconds(10));
      for (const char* id : {"freezer-1", "freezer-2"}) see(id, "level", whole(139));
    }
  }
  bool told_of(std::string_view id, std::string_view name) const {
    bool active = false;
    for (const DeviceCondition& one : out.conditions) {
      if (one.condition == name && one.device == device(id)) active = one.active;
    }
    return active;
  }
  static Json about(std::string_view id) { return Json::object().set("device", id); }
  static Json write(std::string_view id, std::string_view point, Json value) {
    return Json::object().set("device", id).set("point", point).set("value", std::move(value));
  }
  // Requests that write, as "device=value".
  std::string writes() {
    std::string text;
    for (const DeviceRequest& request : out.requests) {
      if (!request.is_write) continue;
      if (!text.empty()) text += ' ';
      text += cat(site.devices[request.device.value].id.str(), "=", request.modbus.values.at(0));
    }
    out.requests.clear();
    return text;
  }
};

TEST_F(PlantTest, fills_a_freezer_on_command) {
  EXPECT_EQ(command("device/fill", about("freezer-2")), "");
  EXPECT_EQ(writes(), "freezer-2=1");
  EXPECT_NE(command("device/fill", about("freezer-2")), "") << "it waits for its valve";
  EXPECT_EQ(command("device/stop-fill", about("freezer-2")), "");
  EXPECT_EQ(writes(), "freezer-2=2");
}

TEST_F(PlantTest, fills_a_group_one_after_the_other) {
  EXPECT_EQ(command("device/fill", Json::object().set("group", "main")), "");
  EXPECT_EQ(writes(), "freezer-1=1");
  see("freezer-1", "fill-valve", whole(1));
  EXPECT_EQ(writes(), "");
  for (int i = 0; i < 10; ++i) {
    clock.advance(minutes(1));
    see("freezer-1", "level", Milli{140'000 + 6'000 * i});
  }
  see("freezer-1", "fill-valve", whole(0));
  EXPECT_EQ(writes(), "freezer-2=1");
  // The second does not open its valve: after a minute the third has its turn.
  clock.advance(seconds(61));
  plant.on_deadline(clock.now, out);
  EXPECT_EQ(writes(), "freezer-3=1");
}

// A lid that is opened shuts the valve for a moment: the place in the row is not given away.
TEST_F(PlantTest, lets_the_next_of_a_group_wait_while_a_lid_holds_a_fill_up) {
  EXPECT_EQ(command("device/fill", Json::object().set("group", "main")), "");
  EXPECT_EQ(writes(), "freezer-1=1");
  see("freezer-1", "fill-valve", whole(1));
  clock.advance(minutes(1));
  see("freezer-1", "level", whole(150));
  see("freezer-1", "lid", whole(1));
  see("freezer-1", "fill-valve", whole(0));
  EXPECT_EQ(writes(), "");
  clock.advance(minutes(2));
  see("freezer-1", "lid", whole(0));
  EXPECT_EQ(writes(), "") << "it goes on now";
  see("freezer-1", "fill-valve", whole(1));
  clock.advance(minutes(1));
  see("freezer-1", "level", whole(203));
  see("freezer-1", "fill-valve", whole(0));
  EXPECT_EQ(writes(), "freezer-2=1");
  // One that does not go on leaves its place ten minutes after the lid.
  see("freezer-2", "fill-valve", whole(1));
  see("freezer-2", "lid", whole(1));
  see("freezer-2", "fill-valve", whole(0));
  see("freezer-2", "lid", whole(0));
  clock.advance(minutes(9));
  plant.on_deadline(clock.now, out);
  EXPECT_EQ(writes(), "");
  clock.advance(minutes(1));
  plant.on_deadline(clock.now, out);
  EXPECT_EQ(writes(), "freezer-3=1");
}

TEST_F(PlantTest, lets_a_fill_wait_while_a_neighbour_fills_by_itself) {
  see("freezer-4", "fill-valve", whole(1));
  EXPECT_EQ(command("device/fill", about("freezer-1")), "");
  EXPECT_EQ(writes(), "");
  EXPECT_TRUE(plant.describe(clock.now, device("freezer-1"))["fill_waiting"].boolean());
  see("freezer-4", "fill-valve", whole(0));
  EXPECT_EQ(writes(), "freezer-1=1");
}

TEST_F(PlantTest, asks_the_interlocks_again_when_the_turn_comes) {
  see("freezer-4", "fill-valve", whole(1));
  EXPECT_EQ(command("device/fill", about("freezer-1")), "");
  see("room-1", "oxygen-1", Milli{19'000});
  see("freezer-4", "fill-valve", whole(0));
  EXPECT_EQ(writes(), "");
  ASSERT_FALSE(out.writes.empty());
  EXPECT_EQ(out.writes.back().kind, WriteOutcome::Kind::refused);
  EXPECT_NE(out.writes.back().reason.find("oxygen"), std::string::npos);
}

TEST_F(PlantTest, tells_the_end_of_an_order_that_is_stopped_before_its_turn) {
  see("freezer-4", "fill-valve", whole(1));
  EXPECT_EQ(command("device/fill", about("freezer-1"), "", "fill"), "");
  EXPECT_EQ(command("device/stop-fill", about("freezer-1"), "", "stop"), "");
  ASSERT_EQ(out.writes.size(), 1U);
  EXPECT_EQ(out.writes[0].command, "fill");
  EXPECT_EQ(out.writes[0].kind, WriteOutcome::Kind::refused);
  EXPECT_TRUE(out.writes[0].final);
  EXPECT_EQ(out.writes[0].reason, "stopped before its turn came");
  EXPECT_EQ(writes(), "freezer-1=2");
}

struct InterlockCase {
  const char* name;
  const char* device;
  const char* point;
  std::optional<Milli> value;
  const char* word;
};

class PlantInterlock : public PlantTest, public ::testing::WithParamInterface<InterlockCase> {};

TEST_P(PlantInterlock, forbids_a_fill_and_says_why) {
  const InterlockCase& c = GetParam();
  see(c.device, c.point, c.value);
  const std::string why = command("device/fill", about("freezer-1"));
  EXPECT_NE(why.find(c.word), std::string::npos) << why;
  EXPECT_EQ(writes(), "");
  EXPECT_EQ(command("device/stop-fill", about("freezer-1")), "") << "a stop is always allowed";
}

INSTANTIATE_TEST_SUITE_P(
    Each, PlantInterlock,
    ::testing::Values(InterlockCase{"low_oxygen", "room-1", "oxygen-2", Milli{19'400}, "oxygen"},
                      InterlockCase{"shut_inlet", "room-1", "inlet-closed", whole(1), "inlet"},
                      InterlockCase{"empty_supply", "supply-1", "level", whole(1), "empty"},
                      InterlockCase{"shut_outlet", "supply-1", "outlet-valve", whole(0), "outlet"},
                      InterlockCase{"high_level", "freezer-1", "level", whole(240), "level"},
                      InterlockCase{"unknown_level", "freezer-1", "level", std::nullopt, "level"},
                      InterlockCase{"filling_disabled", "freezer-1", "fill-disabled", whole(1),
                                    "disabled"}),
    [](const auto& param_info) { return std::string(param_info.param.name); });

TEST_F(PlantTest, low_oxygen_stops_running_fills_closes_the_inlet_and_holds_robots) {
  see("freezer-1", "fill-valve", whole(1));
  EXPECT_TRUE(plant.may_move(device("robot-1")).ok());
  see("room-1", "oxygen-1", Milli{19'000});
  EXPECT_FALSE(plant.may_move(device("robot-1")).ok());
  ASSERT_EQ(out.acts.size(), 2u);
  EXPECT_EQ(command(out.acts[0].verb, out.acts[0].body), "");
  EXPECT_EQ(command(out.acts[1].verb, out.acts[1].body), "");
  EXPECT_EQ(writes(), "room-1=1 freezer-1=2");
}

TEST_F(PlantTest, never_opens_the_inlet) {
  EXPECT_NE(command("device/write", write("room-1", "inlet-close-request", 0)), "");
  EXPECT_NE(command("device/write", write("room-1", "inlet-close-request", "none")), "");
  EXPECT_EQ(writes(), "");
}

TEST_F(PlantTest, writes_set_points_within_the_rules) {
  EXPECT_EQ(command("device/write", write("freezer-1", "fill-start", whole(130))), "");
  EXPECT_EQ(writes(), "freezer-1=1300");
  EXPECT_NE(command("device/write", write("freezer-1", "fill-start", whole(131))), "")
      << "too soon";
  EXPECT_NE(command("device/write", write("freezer-2", "fill-start", whole(190))), "")
      << "less than an inch below the stop level";
  EXPECT_NE(command("device/write", write("freezer-2", "level", whole(190))), "");
  EXPECT_NE(command("device/write", write("freezer-2", "fill-command", 1)), "");
  EXPECT_NE(command("device/write", write("robot-1", "state", 1)), "");
  EXPECT_NE(command("device/write", write("freezer-9", "level", 1)), "");
  EXPECT_EQ(writes(), "");
}

TEST_F(PlantTest, compares_with_the_sites_fill_level_where_the_machine_has_only_one) {
  config::SiteConfig one = site;
  for (config::DeviceProfile& profile : one.profiles) {
    std::erase_if(profile.points,
                  [](const config::Point& point) { return point.id.str() == "fill-stop"; });
  }
  const Plant other(one);
  const auto decided = [&](Milli value) {
    return other.decide("device/write", write("freezer-1", "fill-start", Json(value)), context());
  };
  EXPECT_TRUE(decided(whole(130)).ok());
  EXPECT_FALSE(decided(whole(202)).ok()) << "the site stops its fills at 203 mm";
}

TEST_F(PlantTest, needs_two_people_for_the_controllers_own_alarm_limit) {
  const Json body = write("freezer-1", "alarm-temperature-high", whole(-150));
  EXPECT_NE(command("device/write", body), "");
  EXPECT_NE(command("device/write", body, "anna"), "");
  EXPECT_EQ(command("device/write", body, "berta"), "");
  EXPECT_NE(writes(), "");
}

TEST_F(PlantTest, infers_an_empty_supply_from_its_freezers) {
  see("supply-1", "level", std::nullopt);
  fill_in_vain();
  EXPECT_TRUE(told_of("supply-1", "supply-empty-inferred"));
  EXPECT_NE(command("device/fill", about("freezer-3")).find("supply"), std::string::npos);
}

TEST_F(PlantTest, takes_no_supply_for_empty_that_reads_as_holding_liquid) {
  fill_in_vain();
  EXPECT_FALSE(told_of("supply-1", "supply-empty-inferred"));
  EXPECT_TRUE(told_of("supply-1", "supply-not-reaching"));
  EXPECT_EQ(command("device/fill", about("freezer-3")), "") << "nothing forbids to try";
}

// No fill came: that is no matter of the supply where each attempt is seen.
TEST_F(PlantTest, says_nothing_of_a_supply_whose_freezers_never_asked) {
  see("supply-1", "level", std::nullopt);
  for (int i = 0; i < 200; ++i) {
    clock.advance(seconds(10));
    for (const char* id : {"freezer-1", "freezer-2"})
      see(id, "level", Milli{115'000 + i % 2 * 100});
  }
  EXPECT_TRUE(told_of("freezer-1", "fill-missed"));
  EXPECT_FALSE(told_of("supply-1", "supply-empty-inferred"));
}

// Just started: what has not been read yet sends nobody to fetch vials out of a healthy tank.
TEST_F(PlantTest, calls_no_tank_losing_for_what_it_does_not_know_yet) {
  Plant fresh(site);
  const auto losing = [&](std::string_view id) {
    return fresh.describe(clock.now, device(id))["losing"].boolean();
  };
  const auto sees = [&](std::string_view id, std::string_view name, Milli value) {
    Reading r = testing::reading(clock, value);
    r.device = device(id);
    r.point = point(id, name);
    fresh.observe(clock.now, r, out);
  };
  EXPECT_FALSE(losing("freezer-1")) << "nothing was read";
  sees("freezer-1", "level", whole(140));
  EXPECT_FALSE(losing("freezer-1")) << "the oxygen was not read";
  const Json model = fresh.describe(clock.now, device("freezer-1"));
  EXPECT_NE(model["fill_interlocks"].dump().find("oxygen-unknown"), std::string::npos)
      << "it forbids a fill";
  sees("freezer-1", "level", whole(240));
  EXPECT_FALSE(losing("freezer-1")) << "full";
  sees("room-1", "inlet-closed", whole(1));
  EXPECT_TRUE(losing("freezer-1")) << "no liquid comes";
  sees("room-1", "inlet-closed", whole(0));
  EXPECT_FALSE(losing("freezer-1"));
  sees("freezer-1", "fill-disabled", whole(1));
  EXPECT_TRUE(losing("freezer-1"));
}

TEST_F(PlantTest, tells_each_model_when_it_concludes_something_and_every_ten_minutes) {
  const auto was_told = [&](std::string_view id) {
    return std::count(out.changed.begin(), out.changed.end(), device(id)) > 0;
  };
  plant.on_deadline(clock.now, out);
  for (const char* id : {"freezer-1", "supply-1", "room-1"}) {
    EXPECT_TRUE(plant.told_model(device(id)).is_object()) << id;
  }
  EXPECT_TRUE(plant.told_model(device("robot-1")).is_null());
  out = {};
  see("room-1", "oxygen-1", Milli{19'000});
  EXPECT_TRUE(was_told("room-1")) << "a condition of it changed";
  EXPECT_EQ(plant.told_model(device("room-1"))["oxygen"].milli(), whole(19));
  out = {};
  see("room-1", "oxygen-1", Milli{18'900});
  clock.advance(minutes(9));
  plant.on_deadline(clock.now, out);
  EXPECT_EQ(plant.told_model(device("room-1"))["oxygen"].milli(), whole(19)) << "as last told";
  clock.advance(minutes(2));
  plant.on_deadline(clock.now, out);
  EXPECT_EQ(plant.told_model(device("room-1"))["oxygen"].milli(), Milli{18'900});
}

// A daemon that is killed in a breach must not begin with a healthy tank.
TEST_F(PlantTest, keeps_at_once_how_fast_a_tank_loses_its_liquid) {
  for (int i = 0; i < 60; ++i) {
    clock.advance(seconds(10));
    see("freezer-1", "level", Milli{140'000 + i % 2 * 100});
  }
  plant.take_rows();
  for (const int mm : {125, 105, 85}) {
    clock.advance(seconds(10));
    see("freezer-1", "level", whole(mm));
  }
  ASSERT_TRUE(told_of("freezer-1", "level-falling-fast"));
  std::string row;
  for (const RowChange& one : plant.take_rows()) {
    if (one.key == "r/device/freezer-1/learned") row = one.value.value_or("");
  }
  Plant other(site);
  ASSERT_TRUE(other.load_row("r/device/freezer-1/learned", row).ok()) << row;
  Reading r = testing::reading(clock, whole(0));
  r.device = device("freezer-1");
  r.point = point("freezer-1", "level");
  other.observe(clock.now, r, out);
  const Json model = other.describe(clock.now, device("freezer-1"));
  EXPECT_LE(model["lasts"]["to_130"]["high_s"].integer(), 2 * 3600) << model.dump();
}

TEST_F(PlantTest, keeps_what_it_learned_in_rows) {
  EXPECT_EQ(command("device/fill", about("freezer-1")), "");
  see("freezer-1", "fill-valve", whole(1));
  clock.advance(minutes(20));
  see("freezer-1", "level", whole(200));
  see("freezer-1", "fill-valve", whole(0));
  std::map<std::string, std::string> rows;
  for (const RowChange& row : plant.take_rows()) rows[row.key] = row.value.value_or("");
  EXPECT_TRUE(rows.contains("r/device/freezer-1/learned"));
  EXPECT_TRUE(rows.contains("r/device/freezer-1/writes/fill-command"));
  Plant other(site);
  for (const auto& [key, value] : rows) ASSERT_TRUE(other.load_row(key, value).ok()) << key;
  EXPECT_EQ(other.describe(clock.now, device("freezer-1"))["last_fill"].string(),
            format_utc(clock.now.wall));
}

}  // namespace
}  // namespace cryobank::devices
