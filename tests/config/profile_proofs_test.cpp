// Every proof frame of every shipped profile decodes to what it claims.
#include <gtest/gtest.h>

#include <filesystem>

#include "base/text.hpp"
#include "config/checks/profile_lint.hpp"
#include "devices/line/proof.hpp"
#include "devices/line/register_codec.hpp"
#include "devices/line/text_protocol.hpp"
#include "tests/config/files_on_disk.hpp"

namespace cryobank::config {
namespace {

// The words of one point out of a read's answer.
std::vector<std::uint16_t> words_of(const Point& point, const std::vector<std::uint8_t>& request,
                                    const std::vector<std::uint8_t>& response) {
  const int start = request[1] * 256 + request[2];
  const auto first = static_cast<std::size_t>(point.address - start);
  if (request[0] <= 2) {
    const int byte = response[2 + first / 8];
    return {static_cast<std::uint16_t>((byte >> (first % 8)) & 1)};
  }
  std::vector<std::uint16_t> words;
  for (std::size_t i = first; i < first + point.registers; ++i) {
    words.push_back(static_cast<std::uint16_t>(response[2 + 2 * i] * 256 + response[3 + 2 * i]));
  }
  return words;
}

TEST(ProfileProofs, DecodeToWhatTheyClaim) {
  const std::string folder = std::string(CRYOBANK_SOURCE_DIR) + "/config/devices";
  std::size_t proofs = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() != ".toml") continue;
    const std::string name = entry.path().filename().string();
    const Result<std::string> text = files_under(folder)(name);
    ASSERT_TRUE(text);
    DeviceProfile profile;
    Faults faults;
    ASSERT_TRUE(parse_profile(name, *text, profile, faults)) << all_faults(faults);
    lint_profile(profile, faults);
    ASSERT_TRUE(faults.ok()) << all_faults(faults);  // so every proof covers its point
    for (const ProofFrame& proof : profile.proofs) {
      if (profile.is_text() || profile.quirks.counts_characters) {
        const Status status = devices::prove(profile, proof);
        EXPECT_TRUE(status.ok()) << (status.ok() ? "" : status.error().context);
        ++proofs;
        continue;
      }
      const Point& point = *profile.find(proof.point);
      const auto words = words_of(point, *from_hex(proof.request), *from_hex(proof.response));
      EXPECT_EQ(devices::show(point, devices::decode(point, words)), proof.expect)
          << name << ":" << proof.line;
      ++proofs;
    }
  }
  EXPECT_GE(proofs, 20u);
}

// Every kind of line that one real machine printed in a year is a whole line of its profile.
TEST(ProfileProofs, NoLineOfTheRealCryoPlusIsStrange) {
  const std::string folder = std::string(CRYOBANK_SOURCE_DIR) + "/config/devices";
  const Result<std::string> text = files_under(folder)("thermo-cryoplus-2.toml");
  ASSERT_TRUE(text);
  DeviceProfile profile;
  Faults faults;
  ASSERT_TRUE(parse_profile("thermo-cryoplus-2.toml", *text, profile, faults));
  const auto forms = devices::text_forms(profile, 1);
  for (const char* line :
       {"CURRENT LEVEL=005.50, TEMP=-00151., (1) @ =00422. . . .02:00AM SEP 15, 2023",
        "CURRENT LEVEL=002.00, TEMP=-00107., (1) @ =01149. . . .06:00PM NOV 20, 2023",
        "COVER OPENED, (8) @ =00410. . . . . . . . . . . . . . .02:43PM SEP 14, 2023",
        "TANK LID WAS OPENED", "COVER CLOSED, (9) @ =00417. . . . . . . . .09:15PM SEP 14, 2023",
        "TANK LID WAS CLOSED",
        "AUTO FILL, (0) @ =00421. . . . . . . . . . . . . . . . 01:48AM SEP 15, 2023",
        "A LIQUID FILL CYCLE WAS JUST AUTOMATICALLY INITIATED",
        "MANUAL FILL STARTED, (6) @ =00042. . . . . . . . . . . 04:04PM OCT 05, 2023",
        "FILL TURNED OFF, (7) @ =01149. . . . . . . . . . . . . 06:56PM NOV 20, 2023",
        "FILL CYCLE WAS TERMINATED MANUALLY",
        "ERROR # (11) @ =00417. . . . . . . . . . . . . . . . . 09:19PM SEP 14, 2023",
        "FILL ERROR - LIQUID TEMPERATURE IS ABOVE SET LIMIT.",
        "POWERED UP, HOURS=1, (17) . . . . . . . . . . . . . . .08:59AM SEP 27, 2024",
        "UNIT HAS BEEN POWERED UP FOR AN ELAPSED 2047 HOURS",
        "SCALE SET TO HIGH, (2) @ =01022. . . . . . . . . . . . 11:36AM JUN 26, 2024"}) {
    std::vector<devices::TextValue> values;
    EXPECT_EQ(devices::read_any(profile, forms, line, values), devices::TextFit::whole) << line;
    EXPECT_FALSE(values.empty()) << line;
    for (const devices::TextValue& value : values) {
      EXPECT_EQ(value.decoded.quality, Quality::good) << line;
    }
  }
}

}  // namespace
}  // namespace cryobank::config
