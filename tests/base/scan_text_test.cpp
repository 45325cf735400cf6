#include <gtest/gtest.h>

#include "base/scan_text.hpp"

namespace cryobank {
namespace {

TEST(ScanText, LosesWhatAScannerPutsAroundACode) {
  for (const std::string_view scanned :
       {"C1-VIAL-1", "C1-VIAL-1\r", "C1-VIAL-1\r\n", "\tC1-VIAL-1 ",
        "\x02"
        "C1-VIAL-1\x03",
        "\x1d"
        "C1-VIAL-1"}) {
    EXPECT_EQ(strip_scan(scanned), "C1-VIAL-1");
  }
}

// ISO/IEC 15424: "]", the kind of label and a modifier; some scanners are set to say them.
TEST(ScanText, LosesTheKindOfLabelBeforeACode) {
  for (const std::string_view kind : {"]C0", "]C1", "]d1", "]d2", "]Q3", "]A0", "]Xa"}) {
    EXPECT_EQ(strip_scan(std::string(kind) + "C1-VIAL-1\r"), "C1-VIAL-1") << kind;
    EXPECT_EQ(strip_scan("\x02" + std::string(kind) +
                         "\x1d"
                         "C1-VIAL-1"),
              "C1-VIAL-1")
        << kind;
  }
  for (const std::string_view code : {"]C1", "A]C1B", "]1CX", "[C1X", "]-1X"}) {
    EXPECT_EQ(strip_scan(code), code) << "nothing of a code itself goes";
  }
}

}  // namespace
}  // namespace cryobank
