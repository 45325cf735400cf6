// What a decision leaves behind, in words every floor shares: facts for the journal, rows for the
// store. Facts are in the past tense and never change; rows are a cache that facts can rebuild.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/fact.hpp"
#include "base/ids.hpp"
#include "base/json.hpp"
#include "base/time.hpp"

namespace cryobank {

// One row of the store: set, or removed when `value` is empty. Keys start with the owner's prefix
// (docs/store-format.md).
struct RowChange {
  std::string key;
  std::optional<std::string> value;
};

// Who asks, and what they are. Roles come from the site's staff list, never from the message.
struct Actor {
  UserId user;                     // "schedule", "service" for the daemon's own acts
  std::vector<std::string> roles;  // contract section 5
  UserId witness;                  // empty when nobody confirmed
  std::vector<std::string> witness_roles;
};

// An electronic signature that came with a command (21 CFR 11.50, 11.200; EU GMP annex 11, 14),
// after the signing secret was looked at. The secret itself is never here.
struct Signature {
  std::string meaning;        // as the signer was shown it; empty: not signed
  std::string record;         // hex SHA-256 of the record that the signer was shown
  bool proven = false;        // the signing secret was right
  std::string terminal = {};  // where the secret was typed
  // The signature that began this session with both components, user and secret; empty: this one
  // came with both.
  std::string session = {};

  bool given() const { return !meaning.empty(); }
};

// What surrounds a command: journaled with every fact it causes.
struct CommandContext {
  Now now;
  Actor actor;
  std::string command;                // the command's UUID
  std::string reason;                 // free text, may be empty
  std::int64_t expect_revision = -1;  // -1: not asked
  std::string device;                 // the terminal or machine it came from, may be empty
  Signature signature = {};           // of the user
  Signature witness_signature = {};   // of the witness
  WallTime asked_at = {};             // of one that waited for its witness; 0: it did not wait
};

// What a part decided: facts to make durable, and what to tell the asker once they are.
struct Decision {
  std::vector<Fact> facts;
  Json reply;                    // the reply's `body`
  std::string message;           // the reply's sentence for a person
  bool accepted_only = false;    // true: work goes on after this, the reply says `accepted`
  std::optional<Error> refused;  // set: the asker is refused with this, and the facts (a mismatch
                                 // seen, a refused thaw) are made durable all the same
  bool refusal_is_kept = false;  // of a dry run: in earnest it would leave facts
};

}  // namespace cryobank
