#include "config/secret.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string>

namespace cryobank::config {
namespace {

constexpr SecretCost kCheap{10, 8, 2};

std::array<std::uint8_t, kSaltLength> counted_salt() {
  std::array<std::uint8_t, kSaltLength> salt{};
  for (std::size_t i = 0; i < salt.size(); ++i) salt[i] = static_cast<std::uint8_t>(i);
  return salt;
}

// The hash was computed by another implementation (Python's hashlib.scrypt).
TEST(Secret, IsHashedAsScryptDoes) {
  EXPECT_EQ(hash_secret("correct horse", counted_salt(), kCheap),
            "scrypt$10$8$2$AAECAwQFBgcICQoLDA0ODw==$RBjCXYboo4yjHH0P1K75vrL4xGciLt6io+o2v0yqSlo=");
}

TEST(Secret, OnlyTheSameSecretMatches) {
  const std::string hash = hash_secret("correct horse", counted_salt(), kCheap);
  EXPECT_TRUE(secret_matches("correct horse", hash));
  for (const char* wrong : {"", "correct hors", "correct horse ", "Correct horse"}) {
    EXPECT_FALSE(secret_matches(wrong, hash)) << wrong;
  }
}

TEST(Secret, AnotherSaltGivesAnotherHash) {
  auto salt = counted_salt();
  const std::string one = hash_secret("correct horse", salt, kCheap);
  salt[0] = 0xFF;
  EXPECT_NE(hash_secret("correct horse", salt, kCheap), one);
}

TEST(Secret, ABrokenHashMatchesNothingAndIsRefused) {
  const std::string good = hash_secret("correct horse", counted_salt(), SecretCost{14, 8, 1});
  EXPECT_TRUE(check_secret_hash(good).ok());
  const std::string broken[] = {
      "",
      "correct horse",
      good.substr(1),
      good + "A",
      good + "$",
      "scrypt$0$8$1" + good.substr(12),
      "scrypt$99$8$1" + good.substr(13),
      "scrypt$20$32$32" + good.substr(13),  // four gigabytes
      "scrypt$14$8$1$AAAA$AAAA",
  };
  for (const std::string& hash : broken) {
    EXPECT_FALSE(check_secret_hash(hash).ok()) << hash;
    EXPECT_FALSE(secret_matches("correct horse", hash)) << hash;
  }
}

TEST(Secret, ACheapHashIsRefusedInAStaffList) {
  const auto checked = check_secret_hash(hash_secret("correct horse", counted_salt(), kCheap));
  ASSERT_FALSE(checked.ok());
  EXPECT_EQ(checked.error().code, ErrorCode::invalid_value);
}

}  // namespace
}  // namespace cryobank::config
