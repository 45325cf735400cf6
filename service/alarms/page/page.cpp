#include "service/alarms/page/page.hpp"

#include <array>

#include "base/check.hpp"

namespace cryobank::alarms {
namespace {

constexpr std::array<std::string_view, 5> kKindNames{"page", "answer", "standing", "test",
                                                     "withdraw"};
constexpr std::array<std::string_view, 11> kStateNames{
    "queued",   "published", "accepted", "sent",      "delivered", "read",
    "answered", "failed",    "dropped",  "withdrawn", "overdue"};

}  // namespace

std::string_view name_of(PageKind kind) { return kKindNames.at(static_cast<std::size_t>(kind)); }

std::string_view name_of(PageState state) {
  return kStateNames.at(static_cast<std::size_t>(state));
}

std::optional<PageState> page_state(std::string_view name) {
  for (std::size_t i = 0; i < kStateNames.size(); ++i) {
    if (kStateNames.at(i) == name) return static_cast<PageState>(i);
  }
  return std::nullopt;
}

void LedgerOutputs::clear() {
  pages.clear();
  again.clear();
  changed.clear();
  rows.clear();
  facts.clear();
  troubles.clear();
  status_changed = false;
}

}  // namespace cryobank::alarms
