#include "config/secret.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <array>
#include <optional>
#include <vector>

#include "base/check.hpp"
#include "base/text.hpp"

namespace cryobank::config {
namespace {

using Digest = std::array<std::uint8_t, 32>;

constexpr std::string_view kScheme = "scrypt";
constexpr unsigned kLogNMax = 20;
constexpr unsigned kFactorMax = 32;  // r and p
constexpr SecretCost kCheapest{14, 8, 1};

struct Parts {
  SecretCost cost;
  std::vector<std::uint8_t> salt;
  std::vector<std::uint8_t> hash;
};

std::uint64_t memory_of(const SecretCost& cost) {
  return (std::uint64_t{128} * cost.r) << cost.log_n;
}

std::optional<unsigned> read_factor(std::string_view text, unsigned most) {
  const auto number = parse_integer(text);
  if (!number || *number < 1 || *number > static_cast<std::int64_t>(most)) return std::nullopt;
  return static_cast<unsigned>(*number);
}

std::optional<Parts> read_parts(std::string_view text) {
  const std::vector<std::string_view> words = split(text, '$');
  if (words.size() != 6 || words[0] != kScheme) return std::nullopt;
  const auto log_n = read_factor(words[1], kLogNMax);
  const auto r = read_factor(words[2], kFactorMax);
  const auto p = read_factor(words[3], kFactorMax);
  auto salt = from_base64(words[4]);
  auto hash = from_base64(words[5]);
  if (!log_n || !r || !p || !salt || !hash) return std::nullopt;
  Parts parts{{*log_n, *r, *p}, std::move(*salt), std::move(*hash)};
  const bool fits = parts.salt.size() == kSaltLength && parts.hash.size() == sizeof(Digest) &&
                    memory_of(parts.cost) <= kSecretMemoryMax;
  if (!fits) return std::nullopt;
  return parts;
}

Digest derive(std::string_view secret, std::span<const std::uint8_t> salt, const SecretCost& cost) {
  Digest digest{};
  // Its own bookkeeping comes on top of the memory of the algorithm.
  const std::uint64_t most = 2 * kSecretMemoryMax;
  const int done = EVP_PBE_scrypt(secret.data(), secret.size(), salt.data(), salt.size(),
                                  std::uint64_t{1} << cost.log_n, cost.r, cost.p, most,
                                  digest.data(), digest.size());
  CHECK(done == 1);
  return digest;
}

}  // namespace

std::string hash_secret(std::string_view secret, std::span<const std::uint8_t> salt,
                        SecretCost cost) {
  CHECK(salt.size() == kSaltLength && memory_of(cost) <= kSecretMemoryMax);
  const Digest digest = derive(secret, salt, cost);
  return cat(kScheme, "$", cost.log_n, "$", cost.r, "$", cost.p, "$", to_base64(salt), "$",
             to_base64(digest));
}

Status check_secret_hash(std::string_view hash) {
  const auto parts = read_parts(hash);
  if (!parts) {
    return make_error(ErrorCode::malformed,
                      "expected scrypt$<log2 N>$<r>$<p>$<salt>$<hash>, as `cryobankctl user "
                      "secret` writes it");
  }
  const SecretCost& cost = parts->cost;
  if (cost.log_n >= kCheapest.log_n && cost.r >= kCheapest.r) return {};
  return make_error(ErrorCode::invalid_value,
                    cat("expected a hash at least as costly as N = 2^", kCheapest.log_n,
                        " and r = ", kCheapest.r, ", came 2^", cost.log_n, " and ", cost.r));
}

bool secret_matches(std::string_view secret, std::string_view hash) {
  const auto parts = read_parts(hash);
  if (!parts) return false;
  const Digest digest = derive(secret, parts->salt, parts->cost);
  return CRYPTO_memcmp(digest.data(), parts->hash.data(), digest.size()) == 0;
}

}  // namespace cryobank::config
