// Every profile that is shipped must decode its own source's frames.
#include "devices/line/proof.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "base/text.hpp"

namespace cryobank::devices {
namespace {

std::string text_of(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

TEST(Proof, HoldsForEveryFrameOfEveryShippedProfile) {
  int proofs = 0;
  const std::filesystem::path folder = std::string(CRYOBANK_SOURCE_DIR) + "/config/devices";
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    config::DeviceProfile profile;
    config::Faults faults;
    ASSERT_TRUE(config::parse_profile(entry.path().filename().string(), text_of(entry.path()),
                                      profile, faults))
        << entry.path();
    for (const config::ProofFrame& proof : profile.proofs) {
      const Status status = prove(profile, proof);
      EXPECT_TRUE(status.ok()) << (status.ok() ? "" : status.error().context);
      ++proofs;
    }
  }
  EXPECT_GE(proofs, 20);
}

TEST(Proof, SaysWhatAWrongMapDecodesInstead) {
  config::DeviceProfile profile;
  profile.file = "x.toml";
  profile.points.resize(1);
  profile.points[0].id = PointId("set-point");
  profile.points[0].type = config::PointType::int32;
  profile.points[0].address = 0x530;
  profile.points[0].order = config::WordOrder::cdab;
  config::ProofFrame proof{
      config::ProofOrigin::made_up, "0305300002", "0304FFFFFCE0", "set-point", "-800", 7};
  const Status wrong = prove(profile, proof);
  ASSERT_FALSE(wrong.ok());
  EXPECT_EQ(wrong.error().context,
            "x.toml:7: proof of set-point: expected -800, the frame decodes to -52363265");
  profile.points[0].order = config::WordOrder::abcd;
  EXPECT_TRUE(prove(profile, proof).ok());
  proof.response = "0304FFFFFC";
  EXPECT_FALSE(prove(profile, proof).ok());
  proof.point = "other";
  EXPECT_FALSE(prove(profile, proof).ok());
}

}  // namespace
}  // namespace cryobank::devices
