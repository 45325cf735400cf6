#include "inventory/record/checkpoint.hpp"

#include <algorithm>
#include <optional>
#include <span>

#include "base/text.hpp"
#include "base/try.hpp"

namespace cryobank::inventory {
namespace {

constexpr std::uint8_t kEd25519 = 0x01;
constexpr std::string_view kSignatureMark = "\xE2\x80\x94 ";  // U+2014 and a blank
// A checkpoint is under 300 bytes; room for cosignatures of a few hundred witnesses.
constexpr std::size_t kNoteMax = 64 * 1024;

Error malformed(std::string why) { return make_error(ErrorCode::malformed, std::move(why)); }

template <std::size_t N>
std::array<std::uint8_t, N> take(std::span<const std::uint8_t> bytes) {
  std::array<std::uint8_t, N> out{};
  std::copy_n(bytes.begin(), N, out.begin());
  return out;
}

Result<std::optional<NoteSignature>> parse_signature(std::string_view line) {
  const auto bad = [&] {
    return malformed(
        cat("expected a signature line (dash, name, base64), came \"", clip(line, 80), "\""));
  };
  if (!line.starts_with(kSignatureMark)) return bad();
  line.remove_prefix(kSignatureMark.size());
  const std::size_t blank = line.find(' ');
  if (blank == std::string_view::npos || !is_origin(line.substr(0, blank))) return bad();
  const auto bytes = from_base64(line.substr(blank + 1));
  if (!bytes || bytes->size() < sizeof(KeyHash) + 1) return bad();
  std::optional<NoteSignature> signature;
  if (bytes->size() == sizeof(KeyHash) + sizeof(Ed25519Signature)) {
    const std::span<const std::uint8_t> all(*bytes);
    signature = NoteSignature{std::string(line.substr(0, blank)), take<4>(all),
                              take<64>(all.subspan(sizeof(KeyHash)))};
  }
  return signature;
}

}  // namespace

std::string checkpoint_key(std::uint64_t size) { return cat(kCheckpointPrefix, hex16(size)); }

bool is_origin(std::string_view text) {
  constexpr std::size_t kOriginMax = 255;
  if (text.empty() || text.size() > kOriginMax || !is_utf8(text)) return false;
  return std::all_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) > ' ' && c != '+' && c != '\x7f';
  });
}

std::string checkpoint_text(const Checkpoint& checkpoint) {
  CHECK(is_origin(checkpoint.origin));
  return cat(checkpoint.origin, "\n", checkpoint.size, "\n", to_base64(checkpoint.root), "\n");
}

Result<Checkpoint> parse_checkpoint(std::string_view text) {
  const auto lines = split(text, '\n');
  if (lines.size() < 4) return malformed("expected origin, size and root on a line each");
  if (!is_origin(lines[0])) return malformed("expected an origin without blanks on line 1");
  const auto size = parse_integer(lines[1]);
  if (!size || *size < 0 || cat(*size) != lines[1]) {
    return malformed(cat("expected a size on line 2, came \"", clip(lines[1], 40), "\""));
  }
  const auto root = from_base64(lines[2]);
  if (!root || root->size() != sizeof(Sha256)) {
    return malformed("expected 32 bytes of base64 on line 3");
  }
  return Checkpoint{std::string(lines[0]), static_cast<std::uint64_t>(*size), take<32>(*root)};
}

KeyHash key_hash(const VerifierKey& key) {
  std::string named = cat(key.name, "\n");
  named += static_cast<char>(kEd25519);
  return take<4>(sha256(named, as_text(key.key), {}));
}

std::string format_verifier_key(const VerifierKey& key) {
  std::vector<std::uint8_t> typed{kEd25519};
  typed.insert(typed.end(), key.key.begin(), key.key.end());
  return cat(key.name, "+", to_hex(key_hash(key)), "+", to_base64(typed));
}

Result<VerifierKey> parse_verifier_key(std::string_view text) {
  text = trim(text);
  const std::size_t first = text.find('+');
  const std::size_t second = first == std::string_view::npos ? first : text.find('+', first + 1);
  if (second == std::string_view::npos || !is_origin(text.substr(0, first))) {
    return malformed("expected a verifier key: name+hash+key");
  }
  const auto typed = from_base64(text.substr(second + 1));
  if (!typed || typed->size() != 1 + sizeof(PublicKey) || typed->front() != kEd25519) {
    return malformed("expected an Ed25519 key (33 bytes, the first 1) after the second '+'");
  }
  VerifierKey key{std::string(text.substr(0, first)),
                  take<32>(std::span<const std::uint8_t>(*typed).subspan(1))};
  const std::string_view hash = text.substr(first + 1, second - first - 1);
  if (to_hex(key_hash(key)) != hash) {
    return malformed(
        cat("expected the key hash ", to_hex(key_hash(key)), ", came \"", clip(hash, 16), "\""));
  }
  return key;
}

std::string signature_line(const VerifierKey& key, const Ed25519Signature& signature) {
  const KeyHash hash = key_hash(key);
  std::vector<std::uint8_t> bytes(hash.begin(), hash.end());
  bytes.insert(bytes.end(), signature.begin(), signature.end());
  return cat(kSignatureMark, key.name, " ", to_base64(bytes), "\n");
}

std::string format_note(std::string_view text, const std::vector<std::string>& lines) {
  std::string note(text);
  note += '\n';
  for (const std::string& line : lines) note += line;
  return note;
}

Result<SignedNote> parse_note(std::string_view note) {
  if (note.size() > kNoteMax || !is_utf8(note)) {
    return malformed(cat("expected a signed note of at most ", kNoteMax, " bytes of UTF-8"));
  }
  const std::size_t gap = note.rfind("\n\n");
  if (gap == std::string_view::npos || !note.ends_with('\n') || gap + 2 == note.size()) {
    return malformed("expected a text, an empty line and signature lines");
  }
  SignedNote parsed{std::string(note.substr(0, gap + 1)), {}};
  const std::string_view tail = note.substr(gap + 2);
  for (const std::string_view line : split(tail.substr(0, tail.size() - 1), '\n')) {
    TRY_ASSIGN(auto signature, parse_signature(line));
    if (signature) parsed.signatures.push_back(std::move(*signature));
  }
  return parsed;
}

}  // namespace cryobank::inventory
