// Checksums and digests over bytes.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace cryobank {

// CRC-16/MODBUS: polynomial 0x8005 reflected, start 0xFFFF (Modbus over Serial Line V1.02, 6.2.2).
// "123456789" gives 0x4B37. Guards the reference robot block.
std::uint16_t crc16_modbus(std::span<const std::uint8_t> bytes);

// LRC of Modbus ASCII: two's complement of the byte sum (Modbus over Serial Line V1.02, 6.2.1).
std::uint8_t lrc_modbus(std::span<const std::uint8_t> bytes);

// FNV-1a, 32 bits: the hash of a vial code that the reference robot block carries.
std::uint32_t fnv1a32(std::string_view text);

// CRC-32C (Castagnoli). "123456789" gives 0xE3069283.
std::uint32_t crc32c(std::span<const std::uint8_t> bytes);

using Sha256 = std::array<std::uint8_t, 32>;
Sha256 sha256(std::string_view bytes);
// SHA-256 of the parts joined, without joining them.
Sha256 sha256(std::string_view a, std::string_view b, std::string_view c);

std::span<const std::uint8_t> as_bytes(std::string_view text);
std::string_view as_text(std::span<const std::uint8_t> bytes);

}  // namespace cryobank
