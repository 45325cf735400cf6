// Secret: the hash of a person's signing secret, as the staff list holds it:
//   scrypt$<log2 N>$<r>$<p>$<base64 salt>$<base64 hash>
// scrypt (RFC 7914) needs memory, so that a list that leaked is costly to try secrets on. Pure: the
// salt comes from the caller. The defaults take 32 MB and about a quarter of a second.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace cryobank::config {

// Characters of a secret: short ones are guessed, and longer ones are no secret that is typed.
inline constexpr std::size_t kSecretMin = 8;
inline constexpr std::size_t kSecretMax = 256;
inline constexpr std::size_t kSaltLength = 16;
// A hash may not ask for more memory than this when it is checked.
inline constexpr std::uint64_t kSecretMemoryMax = 256u << 20;

struct SecretCost {
  unsigned log_n = 15;
  unsigned r = 8;
  unsigned p = 3;
};

// REQUIRES: a salt of kSaltLength bytes, and a cost within kSecretMemoryMax.
std::string hash_secret(std::string_view secret, std::span<const std::uint8_t> salt,
                        SecretCost cost = {});
// Malformed, or cheaper than the defaults of 2^14, 8, 1 that RFC 7914 gives for logins.
Status check_secret_hash(std::string_view hash);
// False for a malformed hash too. Takes the same time wherever the first difference is.
bool secret_matches(std::string_view secret, std::string_view hash);

}  // namespace cryobank::config
