// Every proof frame of every shipped profile decodes to what it claims.
#include <gtest/gtest.h>

#include <filesystem>

#include "base/text.hpp"
#include "config/profile_lint.hpp"
#include "devices/line/proof.hpp"
#include "devices/line/register_codec.hpp"
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
      if (profile.is_text()) {
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

}  // namespace
}  // namespace cryobank::config
