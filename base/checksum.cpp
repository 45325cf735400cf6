#include "base/checksum.hpp"

#include <openssl/evp.h>

#include <memory>

#include "base/check.hpp"

namespace cryobank {
namespace {

constexpr std::array<std::uint32_t, 256> make_crc32c_table() {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t i = 0; i < 256; ++i) {
    std::uint32_t crc = i;
    for (int bit = 0; bit < 8; ++bit) crc = (crc & 1) != 0 ? crc >> 1 ^ 0x82F63B78u : crc >> 1;
    table[i] = crc;
  }
  return table;
}

constexpr auto kCrc32cTable = make_crc32c_table();

struct DigestDelete {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};

}  // namespace

std::uint16_t crc16_modbus(std::span<const std::uint8_t> bytes) {
  std::uint16_t crc = 0xFFFF;
  for (const std::uint8_t byte : bytes) {
    crc ^= byte;
    for (int bit = 0; bit < 8; ++bit) {
      crc = static_cast<std::uint16_t>((crc & 1) != 0 ? crc >> 1 ^ 0xA001 : crc >> 1);
    }
  }
  return crc;
}

std::uint8_t lrc_modbus(std::span<const std::uint8_t> bytes) {
  std::uint8_t sum = 0;
  for (const std::uint8_t byte : bytes) sum = static_cast<std::uint8_t>(sum + byte);
  return static_cast<std::uint8_t>(-sum);
}

std::uint32_t fnv1a32(std::string_view text) {
  std::uint32_t hash = 2166136261u;
  for (const char c : text) {
    hash ^= static_cast<std::uint8_t>(c);
    hash *= 16777619u;
  }
  return hash;
}

std::uint32_t crc32c(std::span<const std::uint8_t> bytes) {
  std::uint32_t crc = 0xFFFFFFFFu;
  for (const std::uint8_t byte : bytes) crc = kCrc32cTable[(crc ^ byte) & 255] ^ crc >> 8;
  return crc ^ 0xFFFFFFFFu;
}

Sha256 sha256(std::string_view bytes) { return sha256(bytes, {}, {}); }

Sha256 sha256(std::string_view a, std::string_view b, std::string_view c) {
  static thread_local const std::unique_ptr<EVP_MD_CTX, DigestDelete> kContext(EVP_MD_CTX_new());
  // Fetched once and kept: EVP_sha256() would be looked up again at every start of a digest, which
  // costs more than the hashing of a short text.
  static const EVP_MD* const kAlgorithm = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  Sha256 digest{};
  CHECK(kContext != nullptr);
  CHECK(EVP_DigestInit_ex(kContext.get(), kAlgorithm, nullptr) == 1);
  for (const std::string_view part : {a, b, c}) {
    CHECK(EVP_DigestUpdate(kContext.get(), part.data(), part.size()) == 1);
  }
  CHECK(EVP_DigestFinal_ex(kContext.get(), digest.data(), nullptr) == 1);
  return digest;
}

std::span<const std::uint8_t> as_bytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

std::string_view as_text(std::span<const std::uint8_t> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace cryobank
