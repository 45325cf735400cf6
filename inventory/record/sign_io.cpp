#include "inventory/record/sign_io.hpp"

#include <fcntl.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "base/text.hpp"
#include "base/try.hpp"
#include "inventory/record/file_io.hpp"

namespace cryobank::inventory {
namespace {

constexpr std::string_view kPrefix = "PRIVATE+KEY+";
constexpr std::size_t kSeedBytes = 32;
constexpr std::uint8_t kEd25519 = 0x01;
constexpr std::size_t kKeyFileMax = 1024;

struct KeyFree {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
struct DigestFree {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};
using Key = std::unique_ptr<EVP_PKEY, KeyFree>;
using Digest = std::unique_ptr<EVP_MD_CTX, DigestFree>;

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

Result<PublicKey> public_of(EVP_PKEY* key) {
  PublicKey out{};
  std::size_t length = out.size();
  if (EVP_PKEY_get_raw_public_key(key, out.data(), &length) != 1 || length != out.size()) {
    return make_error(ErrorCode::io, "OpenSSL gives no Ed25519 public key");
  }
  return out;
}

Error malformed_key(std::string_view why) {
  return make_error(ErrorCode::malformed, cat("signing key: ", why));
}

}  // namespace

struct SigningKey::Secret {
  Key key;
};

SigningKey::SigningKey(std::unique_ptr<Secret> secret, VerifierKey verifier)
    : secret_(std::move(secret)), verifier_(std::move(verifier)) {}
SigningKey::~SigningKey() = default;
SigningKey::SigningKey(SigningKey&&) noexcept = default;

Result<SigningKey> SigningKey::parse(std::string_view text) {
  text = trim(text);
  if (!text.starts_with(kPrefix)) return malformed_key("expected it to start with PRIVATE+KEY+");
  const auto parts = split(text.substr(kPrefix.size()), '+');
  // Base64 may hold '+' itself: everything after the second one is the key.
  if (parts.size() < 3 || !is_origin(parts[0])) return malformed_key("expected name+hash+key");
  const std::size_t at = kPrefix.size() + parts[0].size() + 1 + parts[1].size() + 1;
  auto typed = from_base64(text.substr(at));
  if (!typed || typed->size() != 1 + kSeedBytes || typed->front() != kEd25519) {
    return malformed_key("expected an Ed25519 seed (33 bytes, the first 1)");
  }
  auto secret = std::make_unique<Secret>();
  secret->key.reset(
      EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, typed->data() + 1, kSeedBytes));
  OPENSSL_cleanse(typed->data(), typed->size());
  if (secret->key == nullptr) return malformed_key("OpenSSL refuses the seed");
  TRY_ASSIGN(const auto known, public_of(secret->key.get()));
  VerifierKey verifier{std::string(parts[0]), known};
  if (to_hex(key_hash(verifier)) != parts[1])
    return malformed_key("its hash is not that of its key");
  return SigningKey(std::move(secret), std::move(verifier));
}

Result<SigningKey> SigningKey::create(const std::string& path, std::string_view name) {
  if (!is_origin(name)) return malformed_key("expected a name without blanks and '+'");
  std::array<std::uint8_t, 1 + kSeedBytes> typed{kEd25519};
  if (RAND_priv_bytes(typed.data() + 1, kSeedBytes) != 1) {
    return make_error(ErrorCode::io, "OpenSSL gives no random bytes");
  }
  const Key key(
      EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, typed.data() + 1, kSeedBytes));
  if (key == nullptr) return make_error(ErrorCode::io, "OpenSSL makes no Ed25519 key");
  TRY_ASSIGN(const auto known, public_of(key.get()));
  const VerifierKey verifier{std::string(name), known};
  std::string text =
      cat(kPrefix, name, "+", to_hex(key_hash(verifier)), "+", to_base64(typed), "\n");
  const Status written = write_new_file(path, text, 0600);
  OPENSSL_cleanse(typed.data(), typed.size());
  OPENSSL_cleanse(text.data(), text.size());
  TRY(written);
  return load(path);
}

Result<SigningKey> SigningKey::load(const std::string& path) {
  struct stat about {};
  if (::stat(path.c_str(), &about) != 0) {
    return make_error(errno == ENOENT ? ErrorCode::not_found : ErrorCode::io,
                      cat("signing key ", path, ": ", std::strerror(errno)));
  }
  if ((about.st_mode & 077) != 0) {
    return make_error(ErrorCode::not_authorised,
                      cat("signing key ", path, " can be read by others; expected mode 0600"));
  }
  TRY_ASSIGN(auto text, read_file(path, kKeyFileMax));
  auto key = parse(text);
  OPENSSL_cleanse(text.data(), text.size());
  if (!key) return make_error(key.error().code, cat(path, ": ", key.error().context));
  return key;
}

std::string SigningKey::sign(std::string_view text) const {
  Ed25519Signature signature{};
  std::size_t length = signature.size();
  const Digest context(EVP_MD_CTX_new());
  CHECK(context != nullptr);
  CHECK(EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, secret_->key.get()) == 1);
  CHECK(EVP_DigestSign(context.get(), signature.data(), &length, bytes_of(text), text.size()) == 1);
  CHECK(length == signature.size());
  return signature_line(verifier_, signature);
}

std::string SigningKey::sign_note(std::string_view text) const {
  return format_note(text, {sign(text)});
}

bool signature_holds(const VerifierKey& key, std::string_view text,
                     const Ed25519Signature& signature) {
  const Key known(
      EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, key.key.data(), key.key.size()));
  const Digest context(EVP_MD_CTX_new());
  if (known == nullptr || context == nullptr) return false;
  if (EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, known.get()) != 1)
    return false;
  return EVP_DigestVerify(context.get(), signature.data(), signature.size(), bytes_of(text),
                          text.size()) == 1;
}

Result<Checkpoint> open_note(std::string_view note, const VerifierKey& key) {
  TRY_ASSIGN(const auto parsed, parse_note(note));
  const bool signed_by_key = std::any_of(
      parsed.signatures.begin(), parsed.signatures.end(), [&](const NoteSignature& one) {
        return one.name == key.name && one.hash == key_hash(key) &&
               signature_holds(key, parsed.text, one.signature);
      });
  if (!signed_by_key) {
    return make_error(ErrorCode::mismatch, cat("no signature of ", key.name, " (key ",
                                               to_hex(key_hash(key)), ") holds for the note"));
  }
  return parse_checkpoint(parsed.text);
}

Result<std::vector<Checkpoint>> open_notes(const std::vector<std::string>& notes,
                                           const VerifierKey& key) {
  std::vector<Checkpoint> checkpoints;
  for (const std::string& note : notes) {
    auto checkpoint = open_note(note, key);
    if (!checkpoint) {
      return make_error(checkpoint.error().code, cat("checkpoint ", checkpoints.size() + 1, ": ",
                                                     checkpoint.error().context));
    }
    checkpoints.push_back(std::move(*checkpoint));
  }
  return checkpoints;
}

}  // namespace cryobank::inventory
