// Checkpoints of the journal as text that other tools read: the C2SP tlog-checkpoint body (origin,
// size, base64 root), the C2SP signed note around it, and the note verifier key. Text only; the
// signing itself is in sign_io.hpp. Errors: malformed, with what was expected on which line.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/checksum.hpp"
#include "base/result.hpp"

namespace cryobank::inventory {

inline constexpr std::string_view kCheckpointPrefix = "k/";
inline constexpr std::string_view kCheckpointEnd = "k0";
std::string checkpoint_key(std::uint64_t size);

struct Checkpoint {
  std::string origin;      // names the log: no blanks, no '+', one line
  std::uint64_t size = 0;  // entries covered
  Sha256 root{};
};

// Three lines, each with its line end. REQUIRES: is_origin(checkpoint.origin).
std::string checkpoint_text(const Checkpoint& checkpoint);
Result<Checkpoint> parse_checkpoint(std::string_view text);
bool is_origin(std::string_view text);

// Ed25519 (RFC 8032): key 32 bytes, signature 64.
using PublicKey = std::array<std::uint8_t, 32>;
using Ed25519Signature = std::array<std::uint8_t, 64>;
using KeyHash = std::array<std::uint8_t, 4>;

struct VerifierKey {
  std::string name;
  PublicKey key{};
};
// First four bytes of SHA-256(name || 0x0A || 0x01 || key); 0x01 names Ed25519.
KeyHash key_hash(const VerifierKey& key);
// "<name>+<key hash in hex>+<base64 of 0x01 and the key>", one line.
std::string format_verifier_key(const VerifierKey& key);
Result<VerifierKey> parse_verifier_key(std::string_view text);

struct NoteSignature {
  std::string name;
  KeyHash hash{};
  Ed25519Signature signature{};
};
struct SignedNote {
  std::string text;                       // what is signed; ends with a line end
  std::vector<NoteSignature> signatures;  // of the 64-byte kind; others are left out
};
// U+2014, blank, name, blank, base64 of key hash and signature, line end.
std::string signature_line(const VerifierKey& key, const Ed25519Signature& signature);
// Text, an empty line, the signature lines.
std::string format_note(std::string_view text, const std::vector<std::string>& lines);
Result<SignedNote> parse_note(std::string_view note);

}  // namespace cryobank::inventory
