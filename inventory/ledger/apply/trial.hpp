// Trial: a command being decided. Facts are applied to the draft as they are added, so that later
// checks of the same command see them, and all are taken back when the trial ends: deciding leaves
// no trace, and a decision never holds a fact that could not be applied. Only the owner of a draft
// keeps a trial, when its decision holds exactly the facts that were added.
#pragma once

#include <vector>

#include "inventory/ledger/view.hpp"

namespace cryobank::inventory {

class Trial {
 public:
  explicit Trial(const Draft& draft);
  ~Trial();
  Trial(const Trial&) = delete;
  Trial& operator=(const Trial&) = delete;

  View view() const { return View(overlay_); }
  const Draft::Overlay& overlay() const { return overlay_; }
  // How far the draft had changed before the first fact.
  Depths begun() const;
  // Refused when the fact contradicts the record; then nothing of it stays.
  Status add(Fact fact);
  std::vector<Fact> take_facts() { return std::move(facts_); }
  std::size_t added() const { return overlay_.marks.size() - mark_; }
  // The facts added stay applied.
  void keep() { mark_ = overlay_.marks.size(); }

 private:
  Draft::Overlay& overlay_;
  std::size_t mark_;
  std::vector<Fact> facts_;
};

Status apply_fact(Draft::Overlay& overlay, const Fact& fact);
void rewind_to(Draft::Overlay& overlay, std::size_t mark);

}  // namespace cryobank::inventory
