// Donation numbers, the Single European Code, CSV and rack scans: text from outside.
#include <gtest/gtest.h>

#include <set>

#include "base/prng.hpp"
#include "base/text.hpp"
#include "inventory/commands/list/csv.hpp"
#include "inventory/commands/list/rack_scan.hpp"
#include "inventory/ledger/paper/din.hpp"
#include "inventory/ledger/paper/label.hpp"
#include "inventory/ledger/paper/sec.hpp"
#include "tests/inventory/bank.hpp"

namespace cryobank::inventory {
namespace {

TEST(Din, TheRedBookExampleHasCheckCharacterH) {
  EXPECT_EQ(din_check("G123498654321"), 'H');
  const auto din = parse_din("G1234 98 654321 H");
  ASSERT_TRUE(din.ok()) << din.error().context;
  EXPECT_EQ(din->number, "G123498654321");
  EXPECT_EQ(din->check, 'H');
  EXPECT_TRUE(parse_din("G123498654321").ok());
}

TEST(Din, EverySingleWrongCharacterAndEverySwapIsFound) {
  const std::string good = "G123498654321H";
  for (std::size_t i = 7; i < kDinLength; ++i) {
    for (char c = '0'; c <= '9'; ++c) {
      std::string bad = good;
      bad[i] = c;
      EXPECT_EQ(parse_din(bad).ok(), bad == good) << bad;
    }
    if (i + 1 == kDinLength || good[i] == good[i + 1]) continue;
    std::string swapped = good;
    std::swap(swapped[i], swapped[i + 1]);
    EXPECT_FALSE(parse_din(swapped).ok()) << swapped;
  }
}

TEST(Din, OtherFormsAreRefused) {
  for (const char* text : {"", "G1234", "G1234986543210H", "g123498654321", "G12349A654321",
                           "G1234 98 654321 I", "G1234-98-654321"}) {
    EXPECT_FALSE(parse_din(text).ok()) << text;
  }
}

TEST(Sec, FortyCharactersReadBack) {
  const std::string code =
      "DE000025"
      "0000012345678"
      "A"
      "0000001"
      "001"
      "20301231";
  ASSERT_EQ(code.size(), kSecLength);
  const auto sec = parse_sec(code);
  ASSERT_TRUE(sec.ok()) << sec.error().context;
  EXPECT_EQ(sec->establishment, "000025");
  EXPECT_EQ(sec->split, "001");
  const std::string text = format_sec(*sec);
  EXPECT_EQ(text, "SEC:DE0000250000012345678 A000000100120301231");
  const auto again = parse_sec(text);
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(*again, *sec);
}

TEST(Sec, WrongLengthDateSystemAndCountryAreRefused) {
  const char* unfit[] = {"",
                         "DE0000250000012345678A00000010012030123",
                         "DE0000250000012345678A0000001001203012311",
                         "DE0000250000012345678A000000100120301331",
                         "DE0000250000012345678A000000100120300230",
                         "DE0000250000012345678X000000100120301231",
                         "1E0000250000012345678A000000100120301231",
                         "DE000025000001234567-A000000100120301231",
                         "de0000250000012345678A000000100120301231"};
  for (const char* text : unfit) EXPECT_FALSE(parse_sec(text).ok()) << text;
  EXPECT_TRUE(parse_sec("DE0000250000012345678A000000100100000000").ok());
}

TEST(Csv, QuotesSeparatorsAndJapaneseReadBack) {
  const std::vector<std::string> fields = {
      "plain", "a,b", "say \"hi\"", "two\nlines", "\xE5\x87\x8D\xE7\xB5\x90", ""};
  std::string text;
  append_csv(text, fields);
  const auto rows = parse_csv("\xEF\xBB\xBF" + text, ',');
  ASSERT_TRUE(rows.ok()) << rows.error().context;
  ASSERT_EQ(rows->size(), 1u);
  EXPECT_EQ(rows->front().fields, fields);
}

TEST(Csv, RowsAreReadOneByOneWithTheLineWhereEachBegins) {
  auto reader = CsvReader::open("a,\"two\nlines\"\r\n\r\n\"say \"\"hi\"\"\",c\n", ',');
  ASSERT_TRUE(reader.ok());
  const std::vector<std::string_view> first = {"a", "two\nlines"};
  const std::vector<std::string_view> second = {"say \"hi\"", "c"};
  EXPECT_EQ(**reader->next(), first);
  EXPECT_EQ(reader->line(), 1u);
  EXPECT_EQ(**reader->next(), second);
  EXPECT_EQ(reader->line(), 4u);
  EXPECT_TRUE((*reader->next())->empty());
}

TEST(Csv, BrokenTextNamesItsLine) {
  for (const char* text : {"a,b\n\"open", "a,b\n\"x\"y,z"}) {
    const auto rows = parse_csv(text, ',');
    ASSERT_FALSE(rows.ok()) << text;
    EXPECT_NE(rows.error().context.find("line 2"), std::string::npos) << rows.error().context;
  }
  EXPECT_FALSE(parse_csv("\xFF\xFE", ',').ok());
}

TEST(Csv, AnyTextIsReadOrRefusedWithoutHarm) {
  Prng prng(7);
  const std::string_view alphabet = "a,\"\r\n;\t";
  for (int i = 0; i < 20'000; ++i) {
    std::string text;
    for (std::uint64_t n = prng.below(24); n > 0; --n) text += alphabet[prng.below(7)];
    const auto rows = parse_csv(text, ',');
    if (rows.ok()) continue;
    EXPECT_EQ(rows.error().code, ErrorCode::malformed);
  }
}

PlaceType small_box() {
  config::PlaceTypeConfig declared;
  declared.id = "box";
  declared.rows = 2;
  declared.columns = 2;
  declared.holds = {"aliquot"};
  return *PlaceType::make(declared);
}

TEST(RackScan, EveryDialectSaysTheSame) {
  const char* dialects[] = {
      "A1,X1\nA2,No Tube\nB1,No Read\nB2,X2\n",
      "Position;Code\r\nA01;X1\r\nA02;\r\nB01;NOREAD\r\nB02;X2\r\n",
      "Rack ID,Tube Position,Tube Barcode\nR7,A01,X1\nR7,A02,EMPTY\nR7,B01,ERROR\nR7,B02,X2\n",
      "Row\tCol\tBarcode\nB\t2\tX2\nB\t1\tFAIL\nA\t2\t-\nA\t1\tX1\n",
      "\"Well\",\"tube_barcode\"\n\"A01\",\"X1\"\n\"A02\",\"\"\n\"B01\",\"???\"\n\"B02\",\"X2\"\n",
  };
  for (const char* text : dialects) {
    const auto scan = parse_rack_scan(text, small_box());
    ASSERT_TRUE(scan.ok()) << text << ": " << scan.error().context;
    ASSERT_EQ(scan->positions.size(), 4u);
    EXPECT_EQ(scan->positions[0].code, "X1") << text;
    EXPECT_EQ(scan->positions[1].kind, Scanned::empty) << text;
    EXPECT_EQ(scan->positions[2].kind, Scanned::unread) << text;
    EXPECT_EQ(scan->positions[3].code, "X2") << text;
  }
}

TEST(RackScan, WhatDoesNotFitIsRefused) {
  const struct {
    const char* name;
    const char* text;
  } unfit[] = {{"a smaller rack", "A1,X1\nA2,\nB1,\n"},
               {"a larger rack", "A1,X1\nA2,\nB1,\nB2,\nB3,\n"},
               {"a position twice", "A1,X1\nA1,\nB1,\nB2,\n"},
               {"a code twice", "A1,X1\nA2,X1\nB1,\nB2,\n"},
               {"no columns anyone knows", "Foo,Bar,Baz\nA1,X1,1\n"},
               {"nothing", ""},
               {"a code with a blank", "A1,X 1\nA2,\nB1,\nB2,\n"}};
  for (const auto& bad : unfit)
    EXPECT_FALSE(parse_rack_scan(bad.text, small_box()).ok()) << bad.name;
}

TEST(Label, SaysAutologousAndQuarantineAndEscapesPrinterCommands) {
  Course course;
  course.id = CourseId("c1");
  course.patient = PatientId("p1");
  course.doses.resize(1);
  course.doses[0].id = DoseId("d01");
  Aliquot aliquot;
  aliquot.id = AliquotId("a1");
  aliquot.code = "X^1~_";
  aliquot.dose = 1;
  const std::string zpl = zpl_of(make_label(course, aliquot, {std::string(kQuarantineText)}));
  EXPECT_NE(zpl.find("X_5E1_7E_5F"), std::string::npos) << zpl;
  EXPECT_NE(zpl.find(kAutologousText), std::string::npos);
  EXPECT_NE(zpl.find("QUARANTINE"), std::string::npos);
  aliquot.state = AliquotState::released;
  EXPECT_EQ(zpl_of(make_label(course, aliquot)).find("QUARANTINE"), std::string::npos);
}

TEST(Sec, EveryVialOfACourseHasItsOwnSplit) {
  EXPECT_EQ(format_split(1), "001");
  EXPECT_EQ(format_split(999), "999");
  EXPECT_EQ(format_split(1000), "A00");
  EXPECT_EQ(format_split(1101), "B01");
  std::set<std::string> splits;
  for (int number = 1; number <= kDosesMax * kAliquotsPerDoseMax; ++number) {
    EXPECT_TRUE(splits.insert(format_split(number)).second) << number;
  }
}

TEST(Sec, IsKeptWithTheCourseAndPrintedOnItsLabels) {
  Bank bank;
  const auto course = [](const char* id, const char* sec, const char* more) {
    return cat(R"({"course":")", id, R"(","patient":"p1","doses":2,"sec":")", sec, R"(")", more,
               "}");
  };
  bank.refused("course/register", course("c1", "DE0000250000012345678A000000100120301231", ""),
               ErrorCode::invalid_value);
  bank.refused(
      "course/register",
      course("c1", "DE000025G123498654321A000000100020301231", R"(,"din":"G1234 98 654322")"),
      ErrorCode::mismatch);
  bank.refused("course/register", course("c1", "DE000025", ""), ErrorCode::malformed);
  bank.done("course/register", course("c1", "DE000025G123498654321A000000100020301231",
                                      R"(,"din":"G1234 98 654321 H")"));
  EXPECT_EQ(bank.view().course(CourseId("c1"))->donation, "G123498654321");
  const Json label = bank.done("label/print", R"({"aliquot":"c1-d02-1"})");
  EXPECT_NE(label.dump().find("SEC:DE000025G123498654321"), std::string::npos) << label.dump();
  EXPECT_NE(label.dump().find("A000000100220301231"), std::string::npos) << label.dump();
  bank.expect_rebuilds();
}

}  // namespace
}  // namespace cryobank::inventory
