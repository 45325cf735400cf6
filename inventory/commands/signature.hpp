// Signature: which acts are signed electronically and with which meaning, what the signer is shown,
// and the fact that binds the signature to both (21 CFR 11.50, 11.70, 11.200; EU GMP annex 11, 14).
// The signer is shown the record as lines of text and signs their SHA-256; when the record has
// changed since, the signature is stale and refused. The fact "record-signed" follows the facts
// that it covers in the journal, and signature_check.hpp shows later that both hashes still hold.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "inventory/commands/ask.hpp"

namespace cryobank::inventory {

struct SignedAct {
  std::string_view verb;
  std::string_view meaning;    // 21 CFR 11.50(a)(3): what the name under it stands for
  bool witness_too = false;    // the witness signs as well, as kWitnessMeaning
  bool only_override = false;  // only with "override": true or a "purpose"
};

inline constexpr std::string_view kWitnessMeaning = "witnessed";

// What the entries of the commands say of signing, by verb.
std::span<const SignedAct> signed_acts();
// Null when this act is not signed.
const SignedAct* find_signed_act(std::string_view verb, const Json& body);

// What the signer is shown: the act, then every row it is about, one line each.
std::vector<std::string> record_lines(const View& view, const SignedAct& act, const Json& body,
                                      std::string_view reason);
// Hex SHA-256 over the lines, each with its line end.
std::string record_hash(const std::vector<std::string>& lines);
// Hex SHA-256 over the facts as a canonical JSON list of {"data", "type"}.
std::string facts_hash(std::span<const Fact> facts);

// Before the command is decided: refuses what should be signed and is not, a locked signer, another
// meaning, and a record that changed. The hash is empty when there is nothing to sign.
Result<std::string> check_signature(const Ask& ask, const SignedAct* act);
// After it: the fact that covers the decision's facts. `decision` has them already.
Status add_signature(Ask& ask, const SignedAct& act, std::string_view record, Decision& decision);

// Why this person may not sign now; ok when they may.
Status may_sign(const View& view, const UserId& user);

}  // namespace cryobank::inventory
