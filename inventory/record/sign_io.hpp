// SigningKey: the site's Ed25519 key (RFC 8032), kept in a file that only its owner can read, in
// the form of the C2SP signed note ("PRIVATE+KEY+<name>+<hash>+<base64>"). Signs checkpoints and
// checks them. The key never leaves this class. Errors: not_found, already_exists, not_authorised
// (others can read the file), malformed, mismatch (the signature does not hold).
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "inventory/record/checkpoint.hpp"

namespace cryobank::inventory {

class SigningKey {
 public:
  // Makes a key and its file (mode 0600). `name` is the journal's origin, e.g. "cryobank/v1/demo".
  static Result<SigningKey> create(const std::string& path, std::string_view name);
  static Result<SigningKey> load(const std::string& path);
  // From the file's text; for keys that are kept elsewhere, and for worked examples.
  static Result<SigningKey> parse(std::string_view text);

  const VerifierKey& verifier() const { return verifier_; }
  // The signature line of a signed note over `text`, with its line end.
  std::string sign(std::string_view text) const;
  // The whole note: text, an empty line, the signature line.
  std::string sign_note(std::string_view text) const;

  ~SigningKey();
  SigningKey(SigningKey&&) noexcept;

 private:
  struct Secret;
  SigningKey(std::unique_ptr<Secret> secret, VerifierKey verifier);

  std::unique_ptr<Secret> secret_;
  VerifierKey verifier_;
};

bool signature_holds(const VerifierKey& key, std::string_view text,
                     const Ed25519Signature& signature);

// Reads a checkpoint from a signed note; one signature of `key` must be there and hold. Signatures
// of other keys (witnesses, older keys) are left alone.
Result<Checkpoint> open_note(std::string_view note, const VerifierKey& key);
// Several at once; the Error says which one, counted from 1.
Result<std::vector<Checkpoint>> open_notes(const std::vector<std::string>& notes,
                                           const VerifierKey& key);

}  // namespace cryobank::inventory
