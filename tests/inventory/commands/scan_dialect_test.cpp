// Files as rack scanners and data managers write them, each shipped dialect with one of its own,
// and what is told instead of guessed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "config/parse.hpp"
#include "inventory/commands/list/bulk.hpp"
#include "inventory/commands/list/list_forms.hpp"
#include "inventory/commands/list/rack_scan.hpp"
#include "tests/inventory/bank.hpp"

namespace cryobank::inventory {
namespace {

// Reading the shipped files is what this test is about.
template <class Item, class Parse>
Item shipped_in(std::string_view folder, std::string_view id, Parse parse) {
  const std::string path = cat(CRYOBANK_SOURCE_DIR, "/config/", folder, "/", id, ".toml");
  std::ifstream in(path);
  std::stringstream text;
  text << in.rdbuf();
  config::Faults faults;
  Item item;
  const auto document = config::parse_toml(path, text.str(), faults);
  EXPECT_TRUE(document.has_value()) << path;
  if (document) parse(path, *document, item, faults);
  EXPECT_TRUE(faults.ok()) << path;
  EXPECT_EQ(item.id, id);
  EXPECT_FALSE(item.source.empty());
  return item;
}

config::ScanDialect shipped(std::string_view id) {
  return shipped_in<config::ScanDialect>("scans", id, config::parse_scan);
}

// Two rows of three.
const PlaceType& small_rack() {
  static const PlaceType kRack = [] {
    config::PlaceTypeConfig declared;
    declared.id = "small";
    declared.rows = 2;
    declared.columns = 3;
    declared.holds = {"aliquot"};
    return *PlaceType::make(declared);
  }();
  return kRack;
}

// "A1=code A2=- A3=?": as it was read.
std::string shown(const Result<RackScan>& scan) {
  if (!scan) return scan.error().context;
  std::string out;
  for (const ScannedPosition& at : scan->positions) {
    const std::string code = at.kind == Scanned::empty    ? "-"
                             : at.kind == Scanned::unread ? "?"
                                                          : at.code;
    out += cat(out.empty() ? "" : " ", small_rack().label(at.position), "=", code);
  }
  return out;
}

struct File {
  const char* dialect;
  const char* rack;
  const char* text;
};

constexpr std::string_view kRead = "A1=0359124546 A2=- A3=? B1=0359124526 B2=- B3=0359124540";

class ShippedDialect : public testing::TestWithParam<File> {};

TEST_P(ShippedDialect, ReadsAFileOfItsOwn) {
  const std::vector<config::ScanDialect> dialects = {shipped(GetParam().dialect)};
  ScanWay way{dialects, GetParam().dialect, false};
  const auto named = parse_rack_scan(GetParam().text, small_rack(), way);
  EXPECT_EQ(shown(named), kRead);
  ASSERT_TRUE(named.ok());
  EXPECT_EQ(named->rack, GetParam().rack);
  EXPECT_EQ(named->dialect, GetParam().dialect);
}

INSTANTIATE_TEST_SUITE_P(
    All, ShippedDialect,
    testing::Values(
        File{"visionmate", "Thermo Rack",
             "TubeCode\tRackID\tLocationCell\tLocationColumn\tLocationRow\tTime\tDate\r\n"
             "0359124546\tThermo Rack\tA1\t1\tA\t113919\t20241106\r\n"
             "No Tube\tThermo Rack\tA2\t2\tA\t113919\t20241106\r\n"
             "No Read\tThermo Rack\tA3\t3\tA\t113919\t20241106\r\n"
             "0359124526\tThermo Rack\tB1\t1\tB\t113919\t20241106\r\n"
             "\tThermo Rack\tB2\t2\tB\t113919\t20241106\r\n"
             "0359124540\tThermo Rack\tB3\t3\tB\t113919\t20241106\r\n"},
        File{"trakmate", "02498606",
             "Date & time of Trace = 23 Aug 2012 01:42:01 PM\r\n"
             "Rack Base Name: 02498606\r\n"
             "A01;    0359124546\r\nA02;    No TrakMate\r\nA03;    No Read\r\n"
             "B01;    0359124526\r\nB02;    No TrakMate\r\nB03;    0359124540\r\n"},
        File{"fluidx", "SA01010101",
             "A1,0359124546,x,SA01010101\nA2,No Tube,x,SA01010101\nA3,No Read,x,SA01010101\n"
             "B1,0359124526,x,SA01010101\nB2,No Tube,x,SA01010101\n"
             "B3,0359124540,x,SA01010101\n"},
        File{"ziath", "000111222333",
             "Data,RackBarcode,Row,Col,tubeBarcode\n"
             "Aug 26, 2014 12:12:12 PM,000111222333,A,1,0359124546\n"
             "Aug 26, 2014 12:12:12 PM,000111222333,A,2,EMPTY\n"
             "Aug 26, 2014 12:12:12 PM,000111222333,A,3,DECODE FAILURE\n"
             "Aug 26, 2014 12:12:12 PM,000111222333,B,1,0359124526\n"
             "Aug 26, 2014 12:12:12 PM,000111222333,B,2,EMPTY\n"
             "Aug 26, 2014 12:12:12 PM,000111222333,B,3,0359124540\n"},
        File{"micronic", "SEVI TEST PLATE",
             "Position,Tube ID,Status,Error Count,Rack ID,Date\n"
             "A01,0359124546,OK,0,SEVI TEST PLATE,20211206\n"
             "A02,,No Tube,0,SEVI TEST PLATE,20211206\n"
             "A03,,No Code,0,SEVI TEST PLATE,20211206\n"
             "B01,0359124526,OK,0,SEVI TEST PLATE,20211206\n"
             "B02,,No Tube,0,SEVI TEST PLATE,20211206\n"
             "B03,0359124540,OK,0,SEVI TEST PLATE,20211206\n"},
        File{"hamilton", "LW1",
             "LabwareBarcode,PositionId,TubeBarcode\n"
             "LW1,1,0359124546\nLW1,2,*EMPTY*\nLW1,3,*NOREAD*\n"
             "LW1,4,0359124526\nLW1,5,*EMPTY*\nLW1,6,0359124540\n"},
        File{"rack-first", "FX12345678",
             "\xEF\xBB\xBF"
             "FX12345678,A1,0359124546\nFX12345678,B1,0359124526\nFX12345678,A2,\n"
             "FX12345678,B2,\nFX12345678,A3,NO READ\nFX12345678,B3,0359124540"},
        File{"tube-picker", "TS01552899",
             "Rack Barcode,Tube Barcode,Row,Column,In Worklist\n"
             "TS01552899,0359124546,A,1,Y\nTS01552899,NO READ,A,3,Y\n"
             "TS01552899,0359124526,B,1,Y\nTS01552899,0359124540,B,3,Y\n"},
        File{"easyblood", "EB0001",
             "RackID,TPositionID,TTubeBC\nEB0001,A1,0359124546\nEB0001,A3,NO READ\n"
             "EB0001,B1,0359124526\nEB0001,B3,0359124540\n"},
        File{"data-manager", "Box 7",
             "Remark,Vial,Box,Shelf row,Shelf column,,\n"
             "x,0359124546,Box 7,1,1,,\n,unreadable,Box 7,1,3,,\n"
             ",0359124526,Box 7,2,1,,\n,0359124540,Box 7,2,3,,\n"}),
    [](const testing::TestParamInfo<File>& file) {
      std::string name = file.param.dialect;
      std::erase(name, '-');
      return name;
    });

// A line for every position; but for 0 nobody knows what its status means.
TEST(ScanDialects, NoStatusThatNobodyDescribedIsTakenForAnEmptyPosition) {
  const std::vector<config::ScanDialect> dialects = {shipped("biomicrolab")};
  const auto scan = parse_rack_scan(
      "TR7,A01,0359124546,0\nTR7,A02,,1\nTR7,A03,,3\n"
      "TR7,B01,0359124526,0\nTR7,B02,,1\nTR7,B03,0359124540,0\n",
      small_rack(), {dialects, "biomicrolab", false});
  EXPECT_EQ(shown(scan), "A1=0359124546 A2=? A3=? B1=0359124526 B2=? B3=0359124540");
  EXPECT_EQ(scan->rack, "TR7");
}

TEST(ScanDialects, AStatusBesideABlankCodeTellsAnUnreadTubeAlsoWithoutADialect) {
  const std::string head = "Position,Tube ID,Status,Rack ID\n";
  const auto read = [&](std::string_view lines) {
    return shown(parse_rack_scan(cat(head, lines), small_rack(), {{}, {}, true}));
  };
  EXPECT_EQ(read("A01,X1,OK,R\nA02,,No Tube,R\nA03,,No Code,R\nB01,,Code misaligned,R\nB02,,,R\n"),
            "A1=X1 A2=- A3=? B1=? B2=- B3=-");
  EXPECT_NE(read("A01,X1,No Code,R\n").find("code X1 stands beside the status No Code"),
            std::string::npos);
}

TEST(ScanDialects, AreRecognisedByWhatTheyWrite) {
  const std::vector<config::ScanDialect> dialects = {shipped("visionmate"), shipped("trakmate"),
                                                     shipped("fluidx"), shipped("micronic")};
  const ScanWay way{dialects, {}, true};
  const auto trak = parse_rack_scan("Rack Base Name: 7\nA01; X\n", small_rack(), way);
  ASSERT_TRUE(trak.ok()) << trak.error().context;
  EXPECT_EQ(trak->dialect, "trakmate");
  const auto plain = parse_rack_scan("Well,Barcode\nA1,X\n", small_rack(), way);
  ASSERT_TRUE(plain.ok()) << plain.error().context;
  EXPECT_EQ(plain->dialect, "plain");
  // Lines without any name are taken for a FluidX file only where that is said.
  EXPECT_FALSE(parse_rack_scan("A1,X,y,R\nA2,Z,y,R\n", small_rack(), way).ok());
  EXPECT_FALSE(
      parse_rack_scan("Well,Barcode\nA1,X\n", small_rack(), {dialects, "nobody", true}).ok());
}

struct Plain {
  const char* name;
  const char* text;
  const char* shown;  // or what the refusal says
};

class PlainScan : public testing::TestWithParam<Plain> {};

TEST_P(PlainScan, IsReadOrRefused) {
  const std::string told = shown(parse_rack_scan(GetParam().text, small_rack(), {{}, {}, true}));
  EXPECT_NE(told.find(GetParam().shown), std::string::npos) << told;
}

INSTANTIATE_TEST_SUITE_P(
    All, PlainScan,
    testing::Values(
        Plain{"LocationRowAndColumn", "LocationRow,LocationColumn,TubeCode\nA,1,X\nB,03,Y\n",
              "A1=X A2=- A3=- B1=- B2=- B3=Y"},
        Plain{"VisionMatesRowsBelowDateAndRack",
              "Date: 18November2019 01:53:40,,,\nRack: TS01552899,,,\n"
              "RackID,LocationRow,LocationColumn,TubeCode\nTS01552899,A,2,X\n",
              "A1=- A2=X A3=- B1=-"},
        Plain{"VisionMatesRowsOfAnotherRack",
              "Date: 18November2019 01:53:40,,,\nRack: TS01552898,,,\n"
              "RackID,LocationRow,LocationColumn,TubeCode\nTS01552899,A,2,X\n",
              "one rack, came TS01552898 and TS01552899"},
        Plain{"RackTubeLocationTubeBarcode",
              "Rack ID,Tube Location,Tube Barcode\nTS01552899,A1,X\n", "A1=X A2=-"},
        Plain{"NumericRowAndColumn", "ROW;COL;CODE\n1;2;X\n2;1;Y\n", "A1=- A2=X A3=- B1=Y"},
        Plain{"TubeLocation", "Tube Location\tTube Barcode\nA01\tX\nB2\tY\n",
              "A1=X A2=- A3=- B1=-"},
        Plain{"OtherOrderAndCase", "BARCODE,x,position\nX,,A1\n", "A1=X"},
        Plain{"TitlesAbove", "Scanned by me\nRack ID: R7\n\nPosition,Code\nA1,X\n", "A1=X"},
        Plain{"ExtraEmptyColumns", "Position,Code,,\nA1,X,,\n", "A1=X"},
        Plain{"LineEndOfAScannerInTheCode", "Position,Code\r\nA1,\"X\r\"\r\n", "A1=X"},
        Plain{"TwoCodeColumns", "Position,Tube,Barcode\nA1,X,Y\n", "one column for a code"},
        Plain{"TwoRacks", "Position,Code,Rack\nA1,X,R1\nA2,Y,R2\n", "one rack, came R1 and R2"},
        Plain{"ARackAboveAndAnotherInTheLines", "Rack ID: R7\nPosition,Code,Rack\nA1,X,R1\n",
              "one rack, came R7 and R1"},
        Plain{"ASpreadsheetsNumber", "Position,Code\nA1,1.2E+05\n", "line 2: expected a code"},
        Plain{"CellAndRowDisagree", "Position,Row,Column,Code\nA1,A,2,X\n",
              "is not row A and column 2"},
        Plain{"APositionAboveTheHeader", "A1,X\nPosition,Code\nA2,Y\n", "above the header"},
        Plain{"OutsideTheBox", "Position,Code\nC1,X\n", "expected a position of a small"},
        Plain{"ADecimalCommaSplitTheCode", "Position,Code\nA1,X\nA2,3,4E+09\n",
              "line 3: \"4E+09\" stands in a column without a name"},
        Plain{"ACodeInAColumnWithoutAName", "Position,Code,\nA1,,X\n",
              "line 2: \"X\" stands in a column without a name"},
        Plain{"MoreThanPositionAndCode", "A1,X\nA2,Y,Z\n", "line 2: \"Z\" stands in a column"},
        Plain{"SmallLetters", "position\tcode\na1\tX\nb03\tY\n", "A1=X A2=- A3=- B1=- B2=- B3=Y"},
        Plain{"SeparatorToldAbove", "sep=;\r\nPosition;Code\r\nA1;X\r\n", "A1=X A2=-"},
        Plain{"LinesThatEndWithACarriageReturn", "Position,Code\rA1,X\rA2,Y\r", "A1=X A2=Y A3=-"},
        Plain{"MarksOfOtherMakers", "Position,Code\nA1,????\nA2,#N/A\nA3,Bad Read\nB1,-\n",
              "A1=? A2=? A3=? B1=-"},
        Plain{"ACodeTwice", "Position,Code\nA1,X\nA2,X\n", "code X comes twice"}),
    [](const testing::TestParamInfo<Plain>& plain) { return plain.param.name; });

TEST(PlainScans, AreWholeUnlessTheyListOnlyTubes) {
  const auto part = parse_rack_scan("Position,Code\nA1,X\n", small_rack());
  ASSERT_FALSE(part.ok());
  EXPECT_NE(part.error().context.find("only_tubes"), std::string::npos);
}

TEST(ScanDialects, OfASiteAreRefusedWithWhatIsWrong) {
  const auto faults_of = [](std::string_view text) {
    config::Faults faults;
    config::ScanDialect dialect;
    const auto document = config::parse_toml("x.toml", text, faults);
    if (document) config::parse_scan("x.toml", *document, dialect, faults);
    return !faults.ok();
  };
  const std::string head = "id = \"x\"\ntitle = \"X\"\nsource = \"me\"\n";
  EXPECT_FALSE(faults_of(cat(head, "[columns]\nposition = [\"P\"]\ncode = [\"C\"]\n")));
  EXPECT_TRUE(faults_of(cat(head, "[columns]\ncode = [\"C\"]\n")));
  EXPECT_TRUE(faults_of(cat(head, "[columns]\nposition = 1\ncode = [\"C\"]\n")));
  EXPECT_TRUE(faults_of(cat(head, "header = false\n[columns]\nposition = [\"P\"]\ncode = 2\n")));
  EXPECT_TRUE(
      faults_of(cat(head, "separator = \"|\"\n[columns]\nposition = [\"P\"]\ncode = [\"C\"]\n")));
  EXPECT_TRUE(
      faults_of(cat(head, "[columns]\nposition = [\"P\"]\ncode = [\"C\"]\nbox = [\"B\"]\n")));
  EXPECT_TRUE(faults_of("id = \"x\"\n"));
}

TEST(ListForms, DatesAsPeopleAndSpreadsheetsWriteThem) {
  const auto day = parse_utc("2026-11-22T00:00:00Z");
  for (const char* text :
       {"2026-11-22", "2026/11/22", "46348", "46348.75", "2026-11-22T00:00:00Z"}) {
    const auto read = read_date(text);
    ASSERT_TRUE(read.ok()) << text;
    EXPECT_EQ(*read, *day) << text << " was read as " << format_utc(*read);
  }
  for (const char* text : {"22.11.2026", "11/22/2026", "22/11/2026", "20261122", "soon", "12"}) {
    EXPECT_FALSE(read_date(text).ok()) << text;
  }
}

TEST(ListForms, PlacesByPathIdTitleAndPosition) {
  Bank bank;
  for (const char* text : {"room/freezer-1/f1-r2/f1-r2-b1", "f1-r2-b1", "Freezer 1 > 2 > 1",
                           "FREEZER-1/2/1", "f1-r2 / 1"}) {
    const auto place = read_place(bank.view(), text);
    ASSERT_TRUE(place.ok()) << text << ": " << place.error().context;
    EXPECT_EQ(place->str(), "f1-r2-b1") << text;
  }
  for (const char* text : {"", "Freezer 9/1/1", "room/freezer-2/f1-r2/f1-r2-b1", "1/2"}) {
    EXPECT_FALSE(read_place(bank.view(), text).ok()) << text;
  }
}

TEST(BulkLists, ComeInAnyOrderCaseAndSeparator) {
  Bank bank;
  const auto read =
      read_bulk(bank.view(),
                "Position;PATH;State;Fraction;Dose;Lot;Patient;Course;Code;Aliquot;Expires;;\r\n"
                "A1;Freezer 1 > 1 > 1;quarantined;1;d1;;p9;x;X-1;x-1;2026/11/22;;\r\n"
                "A2;f1-r1-b1;quarantined;1;d1;;p9;x;X-2;x-2;46348;;\r\n");
  ASSERT_TRUE(read.ok()) << read.error().context;
  ASSERT_TRUE(read->bad.empty()) << read->bad.front().why;
  EXPECT_EQ(read->lines[0].spot.place.str(), "f1-r1-b1");
  EXPECT_EQ(read->lines[0].expires_at, read->lines[1].expires_at);
  for (const char* csv :
       {"aliquot,code\r\nx,X\r\n",
        "aliquot,code,course,patient,lot,dose,fraction,state,path,position,colour\r\n",
        "aliquot,aliquot,code,course,patient,lot,dose,fraction,state,path,position\r\n"}) {
    EXPECT_FALSE(read_bulk(bank.view(), csv).ok()) << csv;
  }
  const auto bad =
      read_bulk(bank.view(),
                "aliquot,code,course,patient,lot,dose,fraction,state,path,position,\r\n"
                "x-1,1.2E+05,x,p9,,d1,1,quarantined,f1-r1-b1,A1,\r\n"
                "x-2,X-2,x,p9,,d1,1,quarantined,f1-r1-b1,A2,why\r\n");
  ASSERT_TRUE(bad.ok());
  EXPECT_EQ(bad->bad.size(), 2u);
}

// What spreadsheets do to a list, and what it must not do to a dose.
TEST(BulkLists, AreReadAsSpreadsheetsWriteThem) {
  Bank bank;
  const auto read = read_bulk(bank.view(),
                              "\xEF\xBB\xBFsep=;\r"
                              "aliquot;code;course;patient;lot;dose;fraction;state;path;position\r"
                              "x-1; X-1 ;x;p9;;d1;1/2;quarantined;f1-r1-b1;A01\r"
                              "x-2;X-2;x;p9;;d2;1/2;quarantined;f1-r1-b1;a2\r"
                              ";;;;;;;;;\r");
  ASSERT_TRUE(read.ok()) << read.error().context;
  ASSERT_TRUE(read->bad.empty()) << read->bad.front().why;
  ASSERT_EQ(read->lines.size(), 2u);
  EXPECT_EQ(read->lines[0].line, 3u);
  EXPECT_EQ(read->lines[0].code, "X-1");
  EXPECT_EQ(read->lines[0].position, "A1");
  EXPECT_EQ(read->lines[1].position, "A2");
  const auto bad = read_bulk(bank.view(),
                             "aliquot,code,course,patient,lot,dose,fraction,state,path,position\n"
                             "x-1,X-1,x,p9,,d1,0/2,quarantined,f1-r1-b1,A1\n"
                             "x-2,X-2,x,p9,,d2,1-Feb,quarantined,f1-r1-b1,A2\n"
                             "x-3,X-3,x,p9,,d3,0.5,quarantined,f1-r1-b1,A3\n");
  ASSERT_TRUE(bad.ok());
  ASSERT_EQ(bad->bad.size(), 3u);
  EXPECT_EQ(bad->bad[0].why, "expected a dose of more than nothing, came 0 of its course");
  EXPECT_EQ(bad->bad[1].why, "expected a fraction as 1/12 or a whole number, came \"1-Feb\"");
  EXPECT_EQ(bad->bad[2].why, "expected a fraction as 1/12 or a whole number, came \"0.5\"");
}

// Freezer, rack and box, row and column: as data managers keep them.
TEST(BulkLists, JoinWhatATableHasInSeveralColumns) {
  config::ListMapping mapping;
  mapping.id = "levels";
  mapping.joined = {{"path", {"Freezer", "Rack", "Box"}}, {"position", {"Row", "Col"}}};
  const Bank bank;
  const std::string head =
      "Freezer,Rack,Box,Row,Col,aliquot,code,course,patient,lot,dose,fraction,state\n";
  const auto read =
      read_bulk(bank.view(),
                cat(head, "freezer-1,f1-r1,f1-r1-b1,A,1,x-1,X-1,x,p9,,d1,1/3,quarantined\n",
                    "freezer-1,f1-r1,f1-r1-b1,2,03,x-2,X-2,x,p9,,d2,1/3,quarantined\n",
                    "EXPECTED,,,,,x-3,X-3,x,p9,,d3,1/3,expected\n"),
                &mapping);
  ASSERT_TRUE(read.ok()) << read.error().context;
  ASSERT_TRUE(read->bad.empty()) << read->bad.front().why;
  EXPECT_EQ(read->lines[0].spot.place.str(), "f1-r1-b1");
  EXPECT_EQ(read->lines[0].position, "A1");
  EXPECT_EQ(read->lines[1].position, "B3");
  EXPECT_EQ(read->lines[2].spot.place.str(), kExpectedPlace);
  const auto outside = read_bulk(
      bank.view(), cat(head, "freezer-1,f1-r1,f1-r1-b1,A,12,x-1,X-1,x,p9,,d1,1,quarantined\n"),
      &mapping);
  ASSERT_TRUE(outside.ok());
  EXPECT_EQ(outside->bad.size(), 1u);
  const auto missing = read_bulk(
      bank.view(), "Freezer,Box,Row,Col,aliquot,code,course,patient,lot,dose,fraction,state\n",
      &mapping);
  ASSERT_FALSE(missing.ok());
  EXPECT_THAT(missing.error().context,
              ::testing::HasSubstr("\"path\" (Freezer and Rack and Box in mapping levels)"));
}

TEST(BulkLists, ComeUnderTheNamesThatADataManagerGave) {
  config::SiteConfig site = small_site();
  site.lists.push_back(
      shipped_in<config::ListMapping>("lists", "data-manager", config::parse_list));
  Bank bank(site);
  const std::string head =
      "Checked by;2D code;Vial ID;Pseudonym;Series;Dose;Lot no;Status;Location;";
  const std::string csv = cat(head, "Well\r\nsomebody;X-1;x-1;p9;x;d1;;In stock;f1-r1-b1;A1\r\n",
                              "somebody;X-2;x-2;p9;x;d2;;ordered;EXPECTED;\r\n");
  const Bulk read = *read_bulk(bank.view(), csv, &site.lists[0]);
  ASSERT_TRUE(read.bad.empty()) << read.bad.front().why;
  EXPECT_EQ(read.lines[0].code, "X-1");
  EXPECT_EQ(read.lines[0].fraction, *Fraction::make(1, 12));
  EXPECT_EQ(read.lines[0].state, AliquotState::quarantined);
  EXPECT_EQ(read.lines[1].state, AliquotState::expected);
  // Its names are not ours without it, and what it leaves out is told by its own names.
  EXPECT_FALSE(read_bulk(bank.view(), csv).ok());
  const auto missing = read_bulk(bank.view(), cat(head, "\r\n"), &site.lists[0]);
  ASSERT_FALSE(missing.ok());
  EXPECT_THAT(
      missing.error().context,
      ::testing::HasSubstr("\"position\" (Well or Pos in mapping data-manager) is missing"));
  const auto other = read_bulk(bank.view(), cat(head, "Well;Colour\r\n"), &site.lists[0]);
  ASSERT_FALSE(other.ok());
  EXPECT_THAT(other.error().context, ::testing::HasSubstr("no column is called \"Colour\""));
  const Json body = Json::object().set("csv", csv);
  bank.user = "supervisor";
  bank.roles = {"supervisor"};
  bank.witness = "witness";
  const auto unknown = bank.tell("bulk/import", Json(body).set("mapping", "lims"));
  ASSERT_FALSE(unknown.ok());
  EXPECT_THAT(unknown.error().context, ::testing::HasSubstr("[files] lists: data-manager"));
  EXPECT_TRUE(bank.tell("bulk/import", Json(body).set("mapping", "data-manager")).ok());
  EXPECT_EQ(bank.where("x-1"), "f1-r1-b1 A1");
}

// With what it calls its own columns, and three of ours that it does not know.
TEST(BulkLists, ComeOutOfOpenSpecimen) {
  config::SiteConfig site = small_site();
  site.lists.push_back(
      shipped_in<config::ListMapping>("lists", "openspecimen", config::parse_list));
  const Bank bank(site);
  const auto read = read_bulk(
      bank.view(),
      "Identifier,CP Short Title,PPID,Visit Name,Specimen Label,Barcode,Class,Type,Lineage,"
      "Collection Status,Freeze/Thaw Cycles,Created On,Location#Container,Location#Row,"
      "Location#Column,Location#Position,Comments,Activity Status,lot,dose,fraction\r\n"
      "41,NK,P-17,V-9,V-9-1,0359124546,Cell,Cryopreserved Cells,Aliquot,Collected,1,"
      "02-03-2026,f1-r1-b1,A,1,1,,Active,L-9,d01,1/12\r\n"
      "42,NK,P-17,V-9,V-9-2,0359124526,Cell,Cryopreserved Cells,Aliquot,Pending,,"
      ",EXPECTED,,,,,Active,L-9,d02,1/12\r\n",
      &site.lists[0]);
  ASSERT_TRUE(read.ok()) << read.error().context;
  ASSERT_TRUE(read->bad.empty()) << read->bad.front().why;
  ASSERT_EQ(read->lines.size(), 2u);
  const BulkLine& first = read->lines[0];
  EXPECT_EQ(first.aliquot, AliquotId("V-9-1"));
  EXPECT_EQ(first.code, "0359124546");
  EXPECT_EQ(first.course, CourseId("V-9"));
  EXPECT_EQ(first.patient, PatientId("P-17"));
  EXPECT_EQ(first.lot, LotId("L-9"));
  EXPECT_EQ(first.spot.place, PlaceId("f1-r1-b1"));
  EXPECT_EQ(first.position, "A1");
  EXPECT_EQ(first.state, AliquotState::quarantined);
  EXPECT_EQ(first.thaws, std::uint8_t{1});
  EXPECT_EQ(read->lines[1].state, AliquotState::expected);
}

TEST(BulkLists, AreExportedInWholePieces) {
  Bank bank;
  bank.done("course/register", R"({"course":"c1","patient":"p1","doses":12})");
  std::string all;
  AliquotId after;
  int pieces = 0;
  do {
    const Exported piece = export_csv(bank.view(), PlaceId(), after, 300);
    const std::size_t head = piece.csv.find('\n') + 1;
    all += pieces == 0 ? piece.csv : piece.csv.substr(head);
    after = piece.last;
    ++pieces;
    if (!piece.more) break;
  } while (pieces < 100);
  EXPECT_GT(pieces, 3);
  EXPECT_EQ(all, export_csv(bank.view(), PlaceId()).csv);
}

}  // namespace
}  // namespace cryobank::inventory
