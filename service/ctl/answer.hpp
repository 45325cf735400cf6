// Answer: what every reply of the service says (docs/asyncapi.yaml, Reply), read once. The rest of
// a reply is shown as it came.
#pragma once

#include <string>

#include "base/json.hpp"
#include "base/result.hpp"

namespace cryobank::ctl {

struct Answer {
  std::string status;   // done, accepted, rejected, failed, expired, duplicate
  std::string message;  // for a person; may be empty

  bool done() const { return status == "done"; }
  bool good() const { return done() || status == "accepted"; }
};

// Errors: malformed, with the member, what was expected and what came.
Result<Answer> read_answer(const Json& reply);

}  // namespace cryobank::ctl
