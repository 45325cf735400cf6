#include "base/checksum.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "base/text.hpp"

namespace cryobank {
namespace {

TEST(Checksum, crc16_modbus_gives_the_published_check_value) {
  EXPECT_EQ(crc16_modbus(as_bytes("123456789")), 0x4B37);
  EXPECT_EQ(crc16_modbus({}), 0xFFFF);
}

TEST(Checksum, crc16_modbus_agrees_with_a_real_request_frame) {
  // Read ten holding registers of unit 1; the frame ends with C5 CD, low byte first.
  const std::vector<std::uint8_t> request{0x01, 0x03, 0x00, 0x00, 0x00, 0x0A};
  EXPECT_EQ(crc16_modbus(request), 0xCDC5);
}

TEST(Checksum, lrc_makes_the_sum_of_a_frame_zero) {
  const std::vector<std::uint8_t> request{0x01, 0x03, 0x00, 0x00, 0x00, 0x0A};
  const std::uint8_t lrc = lrc_modbus(request);
  EXPECT_EQ(lrc, 0xF2);
  int sum = lrc;
  for (const std::uint8_t byte : request) sum += byte;
  EXPECT_EQ(sum % 256, 0);
  EXPECT_EQ(lrc_modbus({}), 0);
}

TEST(Checksum, fnv1a32_gives_the_published_values) {
  EXPECT_EQ(fnv1a32(""), 0x811C9DC5u);
  EXPECT_EQ(fnv1a32("a"), 0xE40C292Cu);
  EXPECT_EQ(fnv1a32("foobar"), 0xBF9CF968u);
}

TEST(Checksum, crc32c_gives_the_values_of_rfc_3720) {
  std::vector<std::uint8_t> ascending(32);
  for (std::size_t i = 0; i < ascending.size(); ++i) ascending[i] = static_cast<std::uint8_t>(i);
  EXPECT_EQ(crc32c(as_bytes("123456789")), 0xE3069283u);
  EXPECT_EQ(crc32c(std::vector<std::uint8_t>(32, 0x00)), 0x8A9136AAu);
  EXPECT_EQ(crc32c(std::vector<std::uint8_t>(32, 0xFF)), 0x62A8AB43u);
  EXPECT_EQ(crc32c(ascending), 0x46DD794Eu);
}

TEST(Checksum, sha256_gives_the_values_of_fips_180) {
  EXPECT_EQ(to_hex(sha256("")), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(to_hex(sha256("abc")),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(Checksum, sha256_of_parts_equals_sha256_of_the_whole) {
  const std::string text = "the record says where the vial is";
  for (std::size_t i = 0; i <= text.size(); ++i) {
    for (std::size_t k = i; k <= text.size(); ++k) {
      const std::string_view whole = text;
      ASSERT_EQ(sha256(whole.substr(0, i), whole.substr(i, k - i), whole.substr(k)), sha256(text));
    }
  }
}

TEST(Checksum, text_and_bytes_are_views_of_the_same_memory) {
  const std::string text = "\x01\xFFvial";
  EXPECT_EQ(as_text(as_bytes(text)), text);
  EXPECT_EQ(as_bytes(text)[1], 0xFF);
  EXPECT_TRUE(as_bytes("").empty());
}

}  // namespace
}  // namespace cryobank
