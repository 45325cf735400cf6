// List errand: one long list, or what it would do, decided on a thread of its own, so that nobody's
// page waits for its last line. The recorder holds the batch of it alone, so the ledger stays as it
// is meanwhile.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/record.hpp"
#include "inventory/ledger/ledger.hpp"
#include "service/wire/effect.hpp"

namespace cryobank::core {

class ListErrand : public Errand {
 public:
  // `draft` must outlive it; nobody looks at it before the end. `tried_on`: it is only to say what
  // it would do to this ledger, and leaves the draft as it is.
  ListErrand(inventory::Draft& draft, std::string verb, Json body, CommandContext context,
             const inventory::Ledger* tried_on)
      : draft_(draft),
        verb_(std::move(verb)),
        body_(std::move(body)),
        context_(std::move(context)),
        tried_on_(tried_on) {}

  void run() override {
    if (tried_on_ != nullptr) {
      try_out();
    } else {
      decided_ = inventory::decide_into(draft_, verb_, body_, context_);
    }
    rows_ = draft_.rows();
    touched_ = draft_.touched();
    known_ = draft_.known_aliquots();
    body_ = Json();  // as long as the list
  }

  // After the end.
  Result<Decision> take_decision() { return std::move(decided_); }
  std::vector<RowChange> take_rows() { return std::move(rows_); }
  inventory::Touched take_touched() { return std::move(touched_); }
  const std::vector<AliquotId>& known() const { return known_; }
  const CommandContext& context() const { return context_; }

 private:
  // A refusal that leaves facts, such as another vial's code, is one for the record.
  void try_out() {
    inventory::Draft trial(*tried_on_);
    decided_ = inventory::decide_into(trial, verb_, body_, context_);
    if (!decided_) return;
    if (decided_->refused && !decided_->facts.empty()) decided_->refusal_is_kept = true;
    decided_->facts.clear();
  }

  inventory::Draft& draft_;
  std::string verb_;
  Json body_;
  CommandContext context_;
  const inventory::Ledger* tried_on_;
  Result<Decision> decided_ = make_error(ErrorCode::unavailable, "not decided yet");
  std::vector<RowChange> rows_;
  inventory::Touched touched_;
  std::vector<AliquotId> known_;
};

// What is over and takes long to be freed.
template <class T>
class Discard : public Errand {
 public:
  explicit Discard(T what) : what_(std::move(what)) {}
  void run() override { what_.reset(); }

 private:
  std::optional<T> what_;
};

}  // namespace cryobank::core
