#include "devices/line/register_plan.hpp"

#include <gtest/gtest.h>

#include "base/text.hpp"
#include "tests/devices/profile_fixture.hpp"

namespace cryobank::devices {
namespace {

using config::DeviceProfile;
using config::PointTable;
using config::PointType;
using config::ReadClass;

std::string shown(const std::vector<Span>& spans) {
  std::string out;
  for (const Span& span : spans) {
    out +=
        cat(name_of(span.table), " ", span.address, "+", span.count, "(", span.points.size(), ") ");
  }
  return out;
}

DeviceProfile profile_at(std::initializer_list<int> addresses) {
  DeviceProfile profile;
  for (const int address : addresses) {
    profile.points.push_back(number_point(cat("p", address), static_cast<std::uint16_t>(address)));
  }
  return profile;
}

TEST(RegisterPlan, MergesNeighboursAndKeepsGapsApart) {
  EXPECT_EQ(shown(plan_spans(profile_at({7, 0, 1, 2, 5, 6}), {})), "input 0+3(3) input 5+3(3) ");
}

TEST(RegisterPlan, SpansAGapOnlyAsFarAsTheProfileAllows) {
  DeviceProfile profile = profile_at({0, 3, 8});
  profile.quirks.gap_max = 2;
  EXPECT_EQ(shown(plan_spans(profile, {})), "input 0+4(2) input 8+1(1) ");
  profile.quirks.gap_max = 4;
  EXPECT_EQ(shown(plan_spans(profile, {})), "input 0+9(3) ");
}

TEST(RegisterPlan, StopsAtTheDevicesLongestRead) {
  DeviceProfile profile = profile_at({0, 1, 2, 3, 4});
  profile.quirks.registers_max = 2;
  EXPECT_EQ(shown(plan_spans(profile, {})), "input 0+2(2) input 2+2(2) input 4+1(1) ");
  DeviceProfile large;
  for (int i = 0; i < 300; ++i) {
    large.points.push_back(number_point(cat("p", i), static_cast<std::uint16_t>(i)));
  }
  EXPECT_EQ(shown(plan_spans(large, {})), "input 0+125(125) input 125+125(125) input 250+50(50) ");
}

TEST(RegisterPlan, NeverStraddlesAWidePoint) {
  DeviceProfile profile;
  profile.points = {number_point("a", 0, PointType::uint32),
                    number_point("b", 2, PointType::uint32),
                    number_point("c", 4, PointType::float64)};
  profile.quirks.registers_max = 5;
  EXPECT_EQ(shown(plan_spans(profile, {})), "input 0+4(2) input 4+4(1) ");
}

TEST(RegisterPlan, KeepsTablesAndReadClassesApart) {
  DeviceProfile profile = profile_at({0, 1, 2, 3});
  profile.points[1].read_class = ReadClass::slow;
  profile.points[2].table = PointTable::holding;
  profile.points[3].table = PointTable::discrete;
  EXPECT_EQ(shown(plan_spans(profile, {})),
            "discrete 3+1(1) input 0+1(1) input 1+1(1) holding 2+1(1) ");
}

TEST(RegisterPlan, ReadsOneItemPerRequestWhereTheDeviceWantsIt) {
  DeviceProfile profile = profile_at({0, 1, 2});
  profile.points[0].type = PointType::uint32;
  profile.points[1].address = 2;
  profile.points[1].type = PointType::bit;
  profile.points[2].type = PointType::bit;
  profile.points[2].bit = 3;
  profile.quirks.single_item_reads = true;
  EXPECT_EQ(shown(plan_spans(profile, {})), "input 0+2(1) input 2+1(2) ");
}

TEST(RegisterPlan, LeavesOutRefusedPointsAndMergesAroundThem) {
  EXPECT_EQ(shown(plan_spans(profile_at({0, 1, 2, 3}), {1})), "input 0+1(1) input 2+2(2) ");
}

TEST(RegisterPlan, SplitsASpanIntoItsItemsWithSharedRegistersTogether) {
  DeviceProfile profile = profile_at({0, 1, 1, 2});
  profile.points[3].type = PointType::uint32;
  const std::vector<Span> spans = plan_spans(profile, {});
  ASSERT_EQ(shown(spans), "input 0+4(4) ");
  EXPECT_EQ(shown(split_span(profile, spans[0])), "input 0+1(1) input 1+1(2) input 2+2(1) ");
}

TEST(RegisterPlan, KeepsTheGridHoweverLateTheAnswerCame) {
  const Instant due{seconds(10).ns};
  const struct {
    std::int64_t now_ms;
    std::int64_t next_ms;
  } cases[] = {{9'000, 10'000},  {10'000, 11'000}, {10'001, 11'000},
               {10'999, 11'000}, {11'000, 12'000}, {17'300, 18'000}};
  for (const auto& c : cases) {
    const Instant next = next_on_grid(due, seconds(1), Instant{milliseconds(c.now_ms).ns});
    EXPECT_EQ(next.ns, milliseconds(c.next_ms).ns) << c.now_ms;
  }
}

}  // namespace
}  // namespace cryobank::devices
