#include "base/vial_code.hpp"

#include <gtest/gtest.h>

namespace cryobank {
namespace {

TEST(VialCode, IsWhatLabelsCarry) {
  for (const char* code : {"0001234",
                           "NK-0001-01",
                           "A1",
                           "1E5",
                           "c1-d01-1",
                           "=W00002612345600",
                           "+A123BJC5D6E71",
                           "01-02-0003",
                           "12-11-2199",
                           "0-1",
                           "NULL-1",
                           "NANA1",
                           "#12",
                           "1.2.3",
                           "A/B/2026",
                           "1/2",
                           "10.5",
                           "TRUE1",
                           "2026-13-45-1",
                           "(01)04012345"}) {
    const Status status = expect_vial_code(code);
    EXPECT_TRUE(status.ok()) << code << ": " << (status.ok() ? "" : status.error().context);
  }
}

TEST(VialCode, IsNotWhatAProgramWroteInItsPlace) {
  for (const char* code :
       {"#N/A",       "#REF!",    "#NAME?",   "#DIV/0!", "NULL",          "null",
        "None",       "-",        "--",       "0",       "000",           "TRUE",
        "nan",        "N/A",      "?",        "***",     "12/11/2026",    "2026-11-12",
        "12.11.2026", "2026/1/2", "'0001234", "1.2E+05", "=HYPERLINK(1)", "1234567.0",
        "unknown",    "NoRead"}) {
    const Status status = expect_vial_code(code);
    ASSERT_FALSE(status.ok()) << code;
    EXPECT_EQ(status.error().code, ErrorCode::invalid_value) << code;
    EXPECT_NE(status.error().context.find(code), std::string::npos) << status.error().context;
  }
}

TEST(VialCode, HasItsForm) {
  for (const char* code : {"", "a b", "caf\xC3\xA9", "a\tb"}) {
    const Status status = expect_vial_code(code);
    ASSERT_FALSE(status.ok()) << code;
    EXPECT_EQ(status.error().code, ErrorCode::malformed) << code;
  }
  EXPECT_FALSE(expect_vial_code(std::string(65, 'x')).ok());
}

}  // namespace
}  // namespace cryobank
