// Denials: the journal's word on acts that were refused for who asked (21 CFR 11.10(g), 11.300(d)),
// on silence that may not be, and on what was said of an alarm that nobody knows. Bounded by the
// minute, so that nobody can fill the journal with them; what is left out is counted in the next
// one's fact.
#pragma once

#include <cstdint>
#include <optional>

#include "service/wire/work.hpp"

namespace cryobank::core {

inline constexpr int kDenialsPerMinute = 30;

bool goes_on_record(const Command& command, ErrorCode refused);

class Denials {
 public:
  // The fact to journal; nothing when this minute has had its share.
  std::optional<Fact> note(Instant now, const Command& command, const Error& error);

 private:
  Instant since_{};
  int noted_ = 0;
  std::uint64_t untold_ = 0;
};

}  // namespace cryobank::core
