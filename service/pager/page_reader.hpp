// Page reader: a page as the daemon publishes it (docs/asyncapi.yaml, Page). A page that cannot be
// read is not lost: it becomes a P1 that says so, with what could be read of it, and `fault` says
// the member, what was expected and what came.
#pragma once

#include <string>
#include <vector>

#include "base/json.hpp"
#include "service/pager/outgoing.hpp"

namespace cryobank::pager {

inline constexpr std::size_t kPageIdMax = 120;
// Pages of this gateway's own begin so; the daemon waits for none of them.
inline constexpr std::string_view kOwnPrefix = "monitor-";

struct ReadPage {
  Outgoing out;     // `expires` is what the page says; 0 where it says nothing
  WallTime here{};  // what the queue decided for it before; 0: it has just come
  std::vector<std::string> withdraws;
  std::string fault;  // empty: it was read whole

  bool only_withdraws() const { return out.kind == "withdraw"; }
};

// Members that a later version adds are not looked at.
ReadPage read_page(const Json& page);

}  // namespace cryobank::pager
