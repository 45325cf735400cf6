// Error: why an operation was refused. A closed list of codes for machines, a sentence for people.
// The sentence says what was expected, what came, and where.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace cryobank {

enum class ErrorCode : std::uint8_t {
  malformed,         // not readable as what was expected
  invalid_value,     // readable, outside what is allowed
  unknown_key,       // a name nobody knows (topic, verb, field)
  not_found,         // an id that names nothing
  already_exists,    // an id that is taken
  conflict,          // the record is not in the state this needs, or another revision
  slot_taken,        // the position has an occupant or belongs to another reservation
  no_space,          // no place satisfies the request
  not_authorised,    // the role may not do this
  witness_needed,    // a second person must confirm
  mismatch,          // an identity read differs from the identity expected
  interlock,         // a machine condition forbids it now
  unavailable,       // the device, store or broker cannot answer now
  too_large,         // over a named bound
  expired,           // came after its time
  duplicate,         // same id with another content
  corrupt,           // stored bytes are not what was stored
  io,                // the operating system or a library failed
  unsupported,       // known, and not possible here
  signature_needed,  // must be signed: meaning, record and signing secret
  did_you_mean,      // looks like what was expected, and is asked about; nothing is locked
};

// The name on the wire and in the journal: kebab case, never changed once published.
std::string_view name_of(ErrorCode code);

// The code of that name; nothing for a name that none has.
std::optional<ErrorCode> parse_error_code(std::string_view name);

struct Error {
  ErrorCode code;
  std::string context;
};

inline Error make_error(ErrorCode code, std::string context) { return {code, std::move(context)}; }

}  // namespace cryobank
