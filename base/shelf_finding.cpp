#include "base/shelf_finding.hpp"

#include "base/check.hpp"

namespace cryobank {

std::string_view name_of(ShelfFinding finding) {
  switch (finding) {
    case ShelfFinding::missing:
      return "missing";
    case ShelfFinding::moved:
      return "moved";
    case ShelfFinding::arrived:
      return "arrived";
    case ShelfFinding::misplaced:
      return "misplaced";
    case ShelfFinding::unread:
      return "unread";
    case ShelfFinding::unreadable:
      return "unreadable";
    case ShelfFinding::unknown_code:
      return "unknown-code";
    case ShelfFinding::extra:
      return "extra";
    case ShelfFinding::doubled:
      return "doubled";
  }
  CHECK(false);
}

}  // namespace cryobank
