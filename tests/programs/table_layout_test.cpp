// Tables as people read them: in Japanese, on narrow terminals, with text that would steer a
// terminal.
#include "service/ctl/table_layout.hpp"

#include <gtest/gtest.h>

#include "base/text.hpp"
#include "service/ctl/device_table.hpp"

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
