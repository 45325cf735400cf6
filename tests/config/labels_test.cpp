#include "config/labels.hpp"

#include <gtest/gtest.h>

#include <set>

namespace cryobank::config {
namespace {

using Labels = PlaceTypeConfig::Labels;
using Layout = PlaceTypeConfig::Layout;

constexpr std::array<Labels, 5> kAll{Labels::numbers, Labels::letters, Labels::lower_letters,
                                     Labels::roman, Labels::lower_roman};

TEST(Labels, EachKindWritesAsPeopleWrite) {
  struct Case {
    Labels labels;
    int number;
    int pad;
    std::string_view text;
  };
  for (const Case& each :
       {Case{Labels::numbers, 7, 0, "7"}, Case{Labels::numbers, 7, 3, "007"},
        Case{Labels::letters, 1, 0, "A"}, Case{Labels::letters, 26, 0, "Z"},
        Case{Labels::letters, 27, 0, "AA"}, Case{Labels::letters, 64, 0, "BL"},
        Case{Labels::lower_letters, 28, 0, "ab"}, Case{Labels::roman, 64, 0, "LXIV"},
        Case{Labels::lower_roman, 9, 0, "ix"}}) {
    EXPECT_EQ(format_label(each.labels, each.number, each.pad), each.text);
  }
}

TEST(Labels, ParseIsTheInverseOfFormat) {
  for (const Labels labels : kAll) {
    for (int number = 1; number <= 3999; ++number) {
      EXPECT_EQ(parse_label(labels, format_label(labels, number, 2), 2), number);
    }
  }
}

TEST(Labels, OnlyTheOneWayOfWritingIsRead) {
  for (const Labels labels : kAll) {
    for (const std::string_view text : {"", "0", "-1", "a1", "A ", "iA", "É"}) {
      EXPECT_FALSE(parse_label(labels, text, 0)) << text;
    }
  }
  for (const std::string_view text : {"IIII", "VX", "IC", "ABC"}) {
    EXPECT_FALSE(parse_label(Labels::roman, text, 0)) << text;
  }
  EXPECT_FALSE(parse_label(Labels::numbers, "07", 0));
  EXPECT_FALSE(parse_label(Labels::numbers, "7", 2));
  EXPECT_FALSE(parse_label(Labels::letters, "a", 0));
  EXPECT_FALSE(parse_label(Labels::lower_letters, "A", 0));
}

PlaceTypeConfig grid(int rows, int columns, std::string fill_order) {
  PlaceTypeConfig type;
  type.rows = rows;
  type.columns = columns;
  type.fill_order = std::move(fill_order);
  return type;
}

TEST(PositionLabels, FillInTheEightOrders) {
  using List = std::vector<std::string>;
  const std::vector<std::pair<std::string, List>> cases{
      {"row-top-left", {"A1", "A2", "B1", "B2"}},
      {"row-top-right", {"A2", "A1", "B2", "B1"}},
      {"row-bottom-left", {"B1", "B2", "A1", "A2"}},
      {"row-bottom-right", {"B2", "B1", "A2", "A1"}},
      {"column-top-left", {"A1", "B1", "A2", "B2"}},
      {"column-top-right", {"A2", "B2", "A1", "B1"}},
      {"column-bottom-left", {"B1", "A1", "B2", "A2"}},
      {"column-bottom-right", {"B2", "A2", "B1", "A1"}}};
  for (const auto& [order, expected] : cases) {
    EXPECT_EQ(position_labels(grid(2, 2, order)), expected) << order;
  }
}

// A maker that numbers its slide boxes down the columns.
TEST(PositionLabels, CountedGridGoesTheFillOrdersWay) {
  PlaceTypeConfig type = grid(3, 2, "column-top-left");
  type.linear_labels = true;
  type.column_labels = Labels::numbers;
  EXPECT_EQ(position_labels(type), (std::vector<std::string>{"1", "2", "3", "4", "5", "6"}));
}

TEST(PositionLabels, MaskLeavesHolesWithoutLabels) {
  PlaceTypeConfig type = grid(2, 3, "row-top-left");
  type.layout = Layout::masked_grid;
  type.mask = {"x.x", ".x."};
  EXPECT_EQ(position_labels(type), (std::vector<std::string>{"A1", "A3", "B2"}));
}

TEST(PositionLabels, AreDistinctForEveryPairOfKindsInTheLargestGrid) {
  for (const Labels rows : kAll) {
    for (const Labels columns : kAll) {
      PlaceTypeConfig type = grid(kRowsMax, kColumnsMax, "row-top-left");
      type.row_labels = rows;
      type.column_labels = columns;
      const std::vector<std::string> labels = position_labels(type);
      EXPECT_EQ(std::set<std::string>(labels.begin(), labels.end()).size(), 64u * 64u);
    }
  }
}

TEST(PositionLabels, LinearSlotsAndDimensionless) {
  PlaceTypeConfig type;
  type.layout = Layout::linear;
  type.columns = 3;
  EXPECT_EQ(position_labels(type), (std::vector<std::string>{"1", "2", "3"}));
  type.layout = Layout::slots;
  type.slots = {"left", "right"};
  EXPECT_EQ(position_labels(type), type.slots);
  type.layout = Layout::dimensionless;
  EXPECT_TRUE(position_labels(type).empty());
}

}  // namespace
}  // namespace cryobank::config
