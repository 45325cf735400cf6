#include "inventory/ledger/apply/trial.hpp"

namespace cryobank::inventory {

Trial::Trial(const Draft& draft) : overlay_(*draft.overlay_), mark_(overlay_.marks.size()) {}

Trial::~Trial() { rewind_to(overlay_, mark_); }

Depths Trial::begun() const {
  return mark_ < overlay_.marks.size() ? overlay_.marks[mark_] : overlay_.depths();
}

Status Trial::add(Fact fact) {
  auto applied = apply_fact(overlay_, fact);
  if (applied) facts_.push_back(std::move(fact));
  return applied;
}

}  // namespace cryobank::inventory
