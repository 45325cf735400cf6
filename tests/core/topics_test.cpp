#include "service/wire/topics.hpp"

#include <gtest/gtest.h>

namespace cryobank::core {
namespace {

const Topics kTopics(SiteId("demo"));

struct Case {
  const char* name;
  std::string topic;
  std::optional<TopicKind> kind;
  std::vector<std::string_view> levels;
};

class TopicsParse : public testing::TestWithParam<Case> {};

TEST_P(TopicsParse, tells_kind_and_levels) {
  const std::optional<ParsedTopic> parsed = kTopics.parse(GetParam().topic);
  ASSERT_EQ(parsed.has_value(), GetParam().kind.has_value());
  if (!parsed) return;
  EXPECT_EQ(parsed->kind, *GetParam().kind);
  EXPECT_EQ(parsed->levels, GetParam().levels);
}

INSTANTIATE_TEST_SUITE_P(
    Topics, TopicsParse,
    testing::Values(
        Case{"command",
             "cryobank/v1/demo/command/ann/course/register",
             TopicKind::command,
             {"ann", "course", "register"}},
        Case{"command_too_short", "cryobank/v1/demo/command/ann/course", std::nullopt, {}},
        Case{
            "command_too_deep", "cryobank/v1/demo/command/ann/course/register/x", std::nullopt, {}},
        Case{"other_site", "cryobank/v1/else/command/ann/course/register", std::nullopt, {}},
        Case{"summary_is_no_alarm_of_that_name",
             "cryobank/v1/demo/alarm/summary",
             TopicKind::alarm_summary,
             {}},
        Case{"alarm",
             "cryobank/v1/demo/alarm/freezer-1.level-low",
             TopicKind::alarm,
             {"freezer-1.level-low"}},
        Case{"receipt",
             "cryobank/v1/demo/page/pager-1/receipt/ann",
             TopicKind::receipt,
             {"pager-1", "ann"}},
        Case{"event_head", "cryobank/v1/demo/event/alarm/head", TopicKind::event_head, {"alarm"}},
        Case{"nothing_below_the_root", "cryobank/v1/demo/", std::nullopt, {}}),
    [](const testing::TestParamInfo<Case>& tested) { return std::string(tested.param.name); });

TEST(TopicsOf, fills_the_pattern_from_the_left) {
  EXPECT_EQ(kTopics.of(TopicKind::device_point, "freezer-1", "level"),
            "cryobank/v1/demo/device/freezer-1/point/level");
  EXPECT_EQ(kTopics.of(TopicKind::plan), "cryobank/v1/demo/plan");
}

TEST(TopicTable, stands_in_the_order_of_its_kinds_and_parses_what_it_builds) {
  for (const TopicRule& rule : topic_table()) {
    EXPECT_EQ(&rule_of(rule.kind), &rule);
    const std::string topic = kTopics.of(rule.kind, "a", "b", "c");
    const std::optional<ParsedTopic> parsed = kTopics.parse(topic);
    ASSERT_TRUE(parsed.has_value()) << topic;
    EXPECT_EQ(parsed->kind, rule.kind) << topic;
  }
}

}  // namespace
}  // namespace cryobank::core
