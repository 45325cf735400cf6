// Tables as people read them: in Japanese, on narrow terminals, with text that would steer a
// terminal.
#include "service/ctl/table_layout.hpp"

#include <gtest/gtest.h>

#include "base/text.hpp"
#include "service/ctl/device_table.hpp"
#include "service/ctl/record_table.hpp"

namespace cryobank::ctl {
namespace {

TEST(TableLayout, ChineseAndJapaneseCharactersTakeTwoPlacesAndMarksNone) {
  EXPECT_EQ(width_of("freezer-1"), 9u);
  EXPECT_EQ(width_of("冷凍庫１"), 8u);
  EXPECT_EQ(width_of("か\u3099"), 2u) << "a voicing mark of its own";
  EXPECT_EQ(width_of("\x1b[1;31mP1\x1b[0m"), 2u) << "a colour";
  EXPECT_EQ(width_of("\xe5\x86"), 2u) << "bytes that are no character count as they stand";
}

TEST(TableLayout, ColumnsBesideJapaneseStandBelowEachOther) {
  const Table table{{"place", "title", "n"}, {{"f1", "第一保管室", "4"}, {"f2", "Room 2", "12"}}};
  const std::vector<std::string> lines = lay_out(table, 0);
  ASSERT_EQ(lines.size(), 3u);
  for (const std::string& line : lines) {
    const std::string_view before = std::string_view(line).substr(0, line.find_last_of(' ') + 1);
    EXPECT_EQ(width_of(before), width_of("place  第一保管室  ")) << line;
  }
}

TEST(TableLayout, ALastColumnThatDoesNotFitGoesOnBelowItselfAndLosesNothing) {
  const Table table{
      {"alarm", "what"},
      {{"freezer-1.level-low", "LN2 level 96 mm, limit 102 mm, fill by hand at once"}}};
  const std::vector<std::string> lines = lay_out(table, 50);
  ASSERT_EQ(lines.size(), 3u);
  std::string all;
  for (const std::string& line : lines) {
    EXPECT_LE(width_of(line), 50u) << line;
    all += cat(trim(line), " ");
  }
  EXPECT_NE(all.find("LN2 level 96 mm, limit 102 mm, fill by hand at once"), std::string::npos);
  EXPECT_EQ(lines[2].find("hand") == std::string::npos, lines[1].find("hand") != std::string::npos);
}

TEST(TableLayout, ATableThatFitsNowhereIsToldRowByRow) {
  const Table table{
      {"dose", "thaw", "infusion", "state", "note"},
      {{"d01", "2026-12-01T09:25:01.000Z", "2026-12-02T11:25:01.000Z", "planned", "-"},
       {"d02", "2026-12-04T09:25:01.000Z", "2026-12-05T11:25:01.000Z", "held", "fever"}}};
  const std::vector<std::string> lines = lay_out(table, 40);
  EXPECT_EQ(lines.front(), "dose      d01");
  EXPECT_EQ(lines[1], "thaw      2026-12-01T09:25:01.000Z");
  EXPECT_EQ(lines.back(), "note      fever");
  EXPECT_EQ(lines.size(), 4u + 1u + 5u) << "what is not said has no line; a blank between two";
  EXPECT_EQ(lay_out(table, 0).size(), 3u) << "into a file it is one table";
}

TEST(TableLayout, TextFromOutsideCannotSteerTheTerminal) {
  EXPECT_EQ(cell(Json("gone\x1b[2J\x1b]0;x\x07 now\r\n\ttwo\x7f\xc2\x9b"
                      "1m")),
            "gone?[2J?]0;x? now   two??1m");
  EXPECT_EQ(cell(Json("第一保管室 é °C")), "第一保管室 é °C");
}

struct Standing {
  std::string_view device, condition, priority;
  bool active = true;
  bool taken = false;
};

Json& put_alarm(RetainedTopics& topics, const Standing& of) {
  const std::string id = cat(of.device, ".", of.condition);
  Json alarm = Json::object().set("alarm", id).set("device", of.device);
  alarm.set("priority", of.priority).set("active", of.active).set("acknowledged", of.taken);
  return topics[cat("alarm/", id)] = std::move(alarm);
}

// A P2 that is over, as the page has it, stands before a P3 that is true, and says that it is over.
TEST(WallTable, AlarmsStandWorstFirstAndSayWhetherTheyAreTrueNow) {
  RetainedTopics topics;
  put_alarm(topics, {"a", "later", "p3"}).set("suppression", Json());
  put_alarm(topics, {"b", "over", "p2", false}).set("activity", "returned");
  put_alarm(topics, {"b", "taken", "p2", true, true})
      .set("acknowledgement", Json::object().set("by", "anna"));
  put_alarm(topics, {"c", "shelved", "p2"}).set("suppression", Json::object().set("by", "bo"));
  put_alarm(topics, {"d", "latched", "p1", false, true}).set("state", "latched");
  put_alarm(topics, {"e", "unknown", "p1", false}).set("activity", "unknown");
  put_alarm(topics, {"room", "air", "p1", true, true}).set("keep_out", true);
  topics["alarm/summary"] = Json::object();
  std::vector<std::string> told;
  const Table table = alarms_table(alarms_of(topics), 20);
  for (const auto& row : table.rows) told.push_back(cat(row[1], ": ", row[2]));
  EXPECT_EQ(told,
            (std::vector<std::string>{"room.air: active", "e.unknown: not known",
                                      "d.latched: over, latched", "b.over: over", "b.taken: active",
                                      "a.later: active", "c.shelved: silenced"}));
  EXPECT_EQ(table.rows[4][4], "anna");
  EXPECT_EQ(alarms_table(alarms_of(topics), 2).rows.size(), 2u);
}

// Whoever was called and looks here first must not be sent into bad air by a freezer's alarm.
TEST(WallTable, AnAlarmThatNobodyMayGoInToSaysSo) {
  Json alarm = Json::object().set("text", "level fell 25 mm within 20 s").set("keep_out", false);
  EXPECT_EQ(what_text(alarm.set("bad_air", Json())), "level fell 25 mm within 20 s");
  alarm.set("keep_out", true);
  EXPECT_EQ(what_text(alarm), "DO NOT ENTER: level fell 25 mm within 20 s");
  alarm.set("bad_air", "oxygen low");
  EXPECT_EQ(what_text(alarm), "DO NOT ENTER (oxygen low): level fell 25 mm within 20 s");
}

TEST(WallTable, FreezersStandWorstFirstWithTheAgeOfTheirNewestReading) {
  const auto ago = [](std::int64_t seconds) {
    return format_utc(WallTime{wall_now().ms - seconds * 1'000});
  };
  RetainedTopics topics;
  for (const char* const id : {"f-1", "f-2", "f-3"}) {
    topics[cat("device/", id, "/description")] =
        Json::object()
            .set("id", id)
            .set("kind", "freezer")
            .set("points",
                 Json::array().push(Json::object().set("id", "t").set("means", "temperature-top")));
  }
  topics["device/r-1/description"] = Json::object().set("id", "r-1").set("kind", "robot");
  put_alarm(topics, {"f-3", "lid", "p2"});
  put_alarm(topics, {"f-2", "lid", "p2", false});
  put_alarm(topics, {"f-1", "old", "p1"}).set("shelved", Json::object().set("by", "bo"));
  topics["device/f-1/state"] = Json::object().set("state", "online").set("last_ok", ago(3'600));
  topics["device/f-1/point/t"] = Json::object()
                                     .set("value", -189)
                                     .set("unit", "Cel")
                                     .set("quality", "good")
                                     .set("at", ago(40));
  topics["device/f-1/point/level"] = Json::object().set("value", 150).set("at", ago(0));
  const Table table = freezers_table(topics);
  std::vector<std::string> told;
  for (const auto& row : table.rows) told.push_back(cat(row[0], " ", row[1]));
  EXPECT_EQ(told, (std::vector<std::string>{"P2 f-3", "(P2) f-2", "ok f-1"}));
  EXPECT_EQ(table.rows[2][4], "-189 °C");
  EXPECT_TRUE(table.rows[2][6] == "0 s" || table.rows[2][6] == "1 s") << table.rows[2][6];
  EXPECT_EQ(table.rows[1][6], "-") << "never heard";
}

// Its state is told once a minute: "52 s ago" beside "online" reads as if nobody had asked since.
TEST(DeviceTable, WhatIsOnlineAnswersAndWhatIsNotHasTheTimeOfItsLastAnswer) {
  const WallTime now = *parse_utc("2026-12-01T10:30:00.000Z");
  Json state = Json::object().set("state", "online").set("last_ok", "2026-12-01T10:29:08.000Z");
  EXPECT_EQ(answer_text(state, now), "answers");
  state.set("state", "lost");
  EXPECT_EQ(answer_text(state, now), "2026-12-01 10:29:08 UTC (52 s ago)");
  EXPECT_EQ(answer_text(state.set("last_ok", Json()), now), "-") << "never";
}

TEST(DeviceTable, AValueHasItsNameItsUnitAndWhatItIs) {
  const Json description = *parse_json(R"({"points":[
    {"id":"p7","title":"State","type":"enum","unit":"1","values":{"idle":0,"running":2}},
    {"id":"p8","title":"Alarms","type":"bits","unit":"1","values":{"lid":0,"fill":3}},
    {"id":"p9","title":"Fuellstand","means":"level","unit":"mm"},{"id":"level","unit":"mm"}]})");
  const auto value = [](const char* text, const char* unit) {
    return *parse_json(cat(R"({"value":)", text, R"(,"unit":")", unit, R"(","quality":"good"})"));
  };
  const Table table = points_table(description, {{"p7", value("2", "1")},
                                                 {"p8", value("9", "1")},
                                                 {"p9", value("160.5", "mm")},
                                                 {"t", value("null", "Cel")}});
  const std::vector<std::vector<std::string>> wanted = {{"p7", "State", "running", ""},
                                                        {"p8", "Alarms", "fill, lid", ""},
                                                        {"p9", "Fuellstand", "160.5", "mm"},
                                                        {"t", "-", "-", "°C"}};
  ASSERT_EQ(table.rows.size(), wanted.size());
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    EXPECT_EQ(std::vector<std::string>(table.rows[i].begin(), table.rows[i].begin() + 4),
              wanted[i]);
  }
  EXPECT_EQ(value_text(description["points"].items()[1], Json(0)), "none");
  EXPECT_EQ(value_text(description["points"].items()[0], Json(7)), "7") << "has no name";
  EXPECT_EQ(point_that_means(description, "level"), "p9") << "its meaning before its id";
  EXPECT_EQ(point_that_means(description, "temperature-top"), "");
}

}  // namespace
}  // namespace cryobank::ctl
