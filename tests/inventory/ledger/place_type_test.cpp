#include "inventory/ledger/place_type.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "base/text.hpp"
#include "config/labels.hpp"

namespace cryobank::inventory {
namespace {

using Layout = config::PlaceTypeConfig::Layout;
using Labels = config::PlaceTypeConfig::Labels;
using config::format_label;
using config::parse_label;

constexpr Labels kSchemes[] = {Labels::numbers, Labels::letters, Labels::lower_letters,
                               Labels::roman, Labels::lower_roman};
constexpr const char* kOrders[] = {"row-top-left",       "row-top-right",      "row-bottom-left",
                                   "row-bottom-right",   "column-top-left",    "column-top-right",
                                   "column-bottom-left", "column-bottom-right"};

config::PlaceTypeConfig grid(int rows, int columns) {
  config::PlaceTypeConfig type;
  type.id = "box";
  type.layout = Layout::grid;
  type.rows = rows;
  type.columns = columns;
  type.holds = {"aliquot"};
  return type;
}

PlaceType make(const config::PlaceTypeConfig& declared) {
  auto type = PlaceType::make(declared);
  EXPECT_TRUE(type.ok()) << (type ? "" : type.error().context);
  return *type;
}

TEST(PlaceType, ParseIsTheInverseOfFormatInEveryScheme) {
  for (const Labels rows : kSchemes) {
    for (const Labels columns : kSchemes) {
      auto declared = grid(64, 64);
      declared.row_labels = rows;
      declared.column_labels = columns;
      declared.pad = 2;
      const PlaceType type = make(declared);
      std::set<std::string> labels;
      for (int position = 0; position < type.size(); ++position) {
        const std::string label = type.label(position);
        labels.insert(label);
        const auto back = type.position_of(label);
        ASSERT_TRUE(back.ok()) << label << ": " << back.error().context;
        ASSERT_EQ(*back, position) << label;
      }
      EXPECT_EQ(labels.size(), 64u * 64u);
    }
  }
}

TEST(PlaceType, EveryFillOrderVisitsEachPositionOnce) {
  for (const char* order : kOrders) {
    auto declared = grid(3, 5);
    declared.fill_order = order;
    const PlaceType type = make(declared);
    const std::set<int> seen(type.fill_order().begin(), type.fill_order().end());
    EXPECT_EQ(seen.size(), 15u) << order;
    for (std::size_t i = 0; i < type.fill_order().size(); ++i) {
      EXPECT_EQ(type.ordinal(type.fill_order()[i]), static_cast<int>(i));
    }
  }
}

TEST(PlaceType, FillOrdersBeginWhereTheySay) {
  const struct {
    const char* order;
    int first;
    int second;
  } cases[] = {{"row-top-left", 0, 1},        {"row-top-right", 4, 3},
               {"row-bottom-left", 10, 11},   {"row-bottom-right", 14, 13},
               {"column-top-left", 0, 5},     {"column-top-right", 4, 9},
               {"column-bottom-left", 10, 5}, {"column-bottom-right", 14, 9}};
  for (const auto& entry : cases) {
    auto declared = grid(3, 5);
    declared.fill_order = entry.order;
    const PlaceType type = make(declared);
    EXPECT_EQ(type.fill_order()[0], entry.first) << entry.order;
    EXPECT_EQ(type.fill_order()[1], entry.second) << entry.order;
  }
}

TEST(PlaceType, ASlideBoxCountsDownItsColumns) {
  auto declared = grid(50, 2);
  declared.linear_labels = true;
  declared.row_labels = Labels::numbers;
  declared.fill_order = "column-top-left";
  const PlaceType type = make(declared);
  EXPECT_EQ(*type.position_of("2"), 2) << "slot 2 lies under slot 1";
  EXPECT_EQ(*type.position_of("51"), 1);
}

TEST(PlaceType, ATankFloorOfThirtyThreeIsAMaskedGrid) {
  auto declared = grid(5, 7);
  declared.layout = Layout::masked_grid;
  declared.mask = {"xxxxxxx", "xxxxxxx", "xxx.xxx", "xxxxxxx", "xxx.xxx"};
  const PlaceType type = make(declared);
  EXPECT_EQ(type.fill_order().size(), 33u);
  EXPECT_FALSE(type.exists(17));
  EXPECT_FALSE(type.position_of("C4").ok());
  EXPECT_TRUE(type.position_of("C5").ok());
}

TEST(PlaceType, ASlotListKeepsItsOwnNames) {
  config::PlaceTypeConfig declared;
  declared.id = "carousel";
  declared.layout = Layout::slots;
  declared.slots = {"N", "E", "S", "W"};
  const PlaceType type = make(declared);
  EXPECT_EQ(*type.position_of("S"), 2);
  EXPECT_EQ(type.label(3), "W");
  EXPECT_FALSE(type.position_of("n").ok());
}

TEST(PlaceType, LettersGoOnAfterZ) {
  EXPECT_EQ(format_label(Labels::letters, 26, 0), "Z");
  EXPECT_EQ(format_label(Labels::letters, 27, 0), "AA");
  EXPECT_EQ(format_label(Labels::letters, 64, 0), "BL");
  EXPECT_EQ(format_label(Labels::roman, 49, 0), "XLIX");
  EXPECT_EQ(format_label(Labels::numbers, 7, 3), "007");
}

TEST(PlaceType, LabelsThatFormatWouldNotWriteAreRefused) {
  const PlaceType type = make(grid(9, 9));
  for (const char* label : {"", "A", "1", "A0", "A01", "a1", "A10", "J1", "A1 ", " A1", "A-1",
                            "A1A", "AA1", "A99999999999", "\xC3\x84\x31"}) {
    EXPECT_FALSE(type.position_of(label).ok()) << label;
  }
  EXPECT_FALSE(parse_label(Labels::roman, "IIII", 0));
  EXPECT_FALSE(parse_label(Labels::numbers, "7", 2));
}

TEST(PlaceType, UnfitDeclarationsAreRefused) {
  auto unfit = grid(65, 1);
  EXPECT_FALSE(PlaceType::make(unfit).ok());
  unfit = grid(0, 3);
  EXPECT_FALSE(PlaceType::make(unfit).ok());
  unfit = grid(2, 2);
  unfit.fill_order = "spiral";
  EXPECT_FALSE(PlaceType::make(unfit).ok());
  unfit = grid(2, 2);
  unfit.layout = Layout::masked_grid;
  unfit.mask = {"xx"};
  EXPECT_FALSE(PlaceType::make(unfit).ok());
  unfit.mask = {"..", ".."};
  EXPECT_FALSE(PlaceType::make(unfit).ok());
  unfit.layout = Layout::slots;
  unfit.slots = {"A", "A"};
  EXPECT_FALSE(PlaceType::make(unfit).ok());
}

}  // namespace
}  // namespace cryobank::inventory
