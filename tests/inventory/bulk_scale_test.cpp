// A whole bank's list: 100,000 lines out and in again, and one bad line among them. Labels of
// positions are Japanese, and have every character that a careless reader stumbles over.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>

#include "inventory/commands/list/bulk.hpp"
#include "inventory/commands/list/csv.hpp"
#include "tests/inventory/bank.hpp"
#include "tests/inventory/more_places.hpp"

namespace cryobank::inventory {
namespace {

constexpr int kLines = 100'000;
constexpr int kPerCase = 100;
constexpr int kPerCourse = 12;
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

std::string label(int number) {
  switch (number % 5) {
    case 1:
      return cat("上段,", number);
    case 2:
      return cat("中段 \"", number, "\"");
    case 3:
      return cat("下段\n", number);
    case 4:
      return cat("奥\r\n", number);
    default:
      return cat("段", number);
  }
}

config::SiteConfig case_site() {
  config::SiteConfig site = small_site();
  config::PlaceTypeConfig& made = add_type(site, "case", {"aliquot"});
  made.layout = config::PlaceTypeConfig::Layout::slots;
  for (int i = 0; i < kPerCase; ++i) made.slots.push_back(label(i));
  may_stand_in_room(site, {"case"});
  for (int i = 0; i < kLines / kPerCase; ++i) stand(site, cat("case-", i), "case", "room");
  return site;
}

std::string line(int number) {
  std::string out;
  append_csv(out,
             {cat("v", number), cat("K,\"", number), cat("c", number / kPerCourse),
              cat("p", number / kPerCourse / 2), "", cat("d", number % kPerCourse), "1/12",
              number % 3 == 0 ? "quarantined" : "released", cat("room/case-", number / kPerCase),
              label(number % kPerCase), number % 4 == 0 ? "2031-06-30T12:00:00.000Z" : "",
              number % 50 == 0 ? "1" : "0", "", ""});
  return out;
}

std::string whole_list() {
  std::string csv;
  append_csv(csv, {std::begin(kBulkColumns), std::end(kBulkColumns)});
  for (int i = 0; i < kLines; ++i) csv += line(i);
  return csv;
}

class BulkScale : public ::testing::Test {
 protected:
  Result<Decision> import(Bank& bank, std::string_view csv) {
    bank.witness = "witness";
    return bank.tell("bulk/import", Json::object().set("csv", csv));
  }
  const config::SiteConfig site_ = case_site();
};

TEST_F(BulkScale, AHundredThousandLinesComeBackByteForByte) {
  Bank first(site_);
  const auto imported = import(first, cat(kByteOrderMark, whole_list()));
  ASSERT_TRUE(imported.ok()) << imported.error().context;
  ASSERT_FALSE(imported->refused) << imported->message;
  EXPECT_EQ(imported->reply.integer_or("new", 0), kLines);
  const std::string exported = export_csv(first.view(), PlaceId()).csv;
  EXPECT_EQ(parse_csv(exported, ',')->size(), kLines + 1U);

  Bank second(site_);
  const auto again = import(second, exported);
  ASSERT_TRUE(again.ok() && !again->refused) << again->message;
  EXPECT_TRUE(export_csv(second.view(), PlaceId()).csv == exported) << "the exports differ";
  expect_sound(second.ledger());
  second.expect_rebuilds();

  const auto nothing = import(second, exported);
  ASSERT_TRUE(nothing.ok());
  EXPECT_TRUE(nothing->facts.empty()) << "nothing is new";
}

TEST_F(BulkScale, OneBadLineOfAHundredThousandChangesNothingAndIsNamed) {
  const std::string good = whole_list();
  struct Case {
    const char* what;
    int number;
    std::string from;
    std::string to;
  };
  const Case cases[] = {
      {"a position that no case has", 77'770, label(70), "段 77770"},
      {"a code that comes twice", 99'999, "K,\"\"99999", "K,\"\"5"},
      {"the first line, with a patient too many", 3, ",p0,", ",p9,"},
  };
  for (const Case& bad : cases) {
    const std::string whole = line(bad.number);
    std::string changed = whole;
    const std::size_t at = changed.find(bad.from);
    ASSERT_NE(at, std::string::npos) << bad.what;
    changed.replace(at, bad.from.size(), bad.to);
    std::string csv = good;
    const std::size_t begin = csv.find(whole);
    ASSERT_NE(begin, std::string::npos) << bad.what;
    csv.replace(begin, whole.size(), changed);
    const auto breaks =
        std::count(csv.begin(), csv.begin() + static_cast<std::ptrdiff_t>(begin), '\n');

    Bank bank(site_);
    const auto rows = bank.rows;
    const auto decision = import(bank, csv);
    ASSERT_TRUE(decision.ok()) << bad.what;
    ASSERT_TRUE(decision->refused.has_value()) << bad.what;
    ASSERT_EQ(decision->reply["bad_lines"].items().size(), 1U) << bad.what;
    EXPECT_EQ(decision->reply["bad_lines"].items()[0].integer_or("line", 0), breaks + 1)
        << decision->message;
    EXPECT_TRUE(decision->facts.empty());
    EXPECT_EQ(bank.rows, rows) << bad.what;
    EXPECT_EQ(bank.view().base().aliquots.size(), 0U) << bad.what;
  }
}

}  // namespace
}  // namespace cryobank::inventory
