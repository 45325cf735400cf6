// A table in whatever a spreadsheet writes is UTF-8 or is told as what it is.
#include "service/utf8_io.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace cryobank::service {
namespace {

using ::testing::HasSubstr;
using namespace std::string_literals;

TEST(TextFile, WhatSaysItsEncodingIsConverted) {
  const std::string table = "code,患者\r\nA1,p-é\r\n";
  EXPECT_EQ(*as_utf8("f", table), table);
  EXPECT_EQ(*as_utf8("f", "\xEF\xBB\xBF" + table), table);
  // "A,患\n" and a character beyond the first plane.
  EXPECT_EQ(*as_utf8("f",
                     "\xFF\xFE"
                     "A\0,\0\xA3\x60\n\0\x3D\xD8\x00\xDE"s),
            "A,患\n\xF0\x9F\x98\x80");
  EXPECT_EQ(*as_utf8("f",
                     "\xFE\xFF"
                     "\0A\0,\x60\xA3\0\n"s),
            "A,患\n");
  EXPECT_EQ(*as_utf8("f", "\xFF\xFE"), "");
}

TEST(TextFile, WhatIsAnotherEncodingIsToldWithItsByte) {
  const auto told = [](std::string bytes) {
    const auto text = as_utf8("list.csv", std::move(bytes));
    return text ? "taken: " + *text : text.error().context;
  };
  EXPECT_EQ(told("code\r\nA1,\x8A\xB3\x8E\xD2\r\n"),
            "list.csv is not UTF-8: byte 10 (line 2) is 0x8a; save it as CSV UTF-8")
      << "Shift-JIS";
  EXPECT_EQ(told("Stra\xDF"
                 "e"),
            "list.csv is not UTF-8: byte 5 (line 1) is 0xdf; save it as CSV UTF-8")
      << "Windows-1252";
  EXPECT_THAT(told("a\0b\0"s), HasSubstr("byte 2 is 0x00, as in UTF-16 without its mark"));
  EXPECT_THAT(told("\xFF\xFE"
                   "a\0\x00\xDC"s),
              HasSubstr("begins as UTF-16 and is none: byte 5"));
  EXPECT_THAT(told("\xFF\xFE"
                   "a"s),
              HasSubstr("begins as UTF-16 and is none"));
}

}  // namespace
}  // namespace cryobank::service
