// Bank: a small site with its ledger, for tests: commands go through decide, apply, rows and absorb
// as in the daemon, and every fact is kept so that the record can be replayed.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/text.hpp"
#include "inventory/ledger/ledger.hpp"
#include "inventory/ledger/view.hpp"

namespace cryobank::inventory {

// Four freezers of two racks of two 9 by 9 boxes, a robot with port, station and gripper, a dock.
const config::SiteConfig& small_site();

class Bank {
 public:
  explicit Bank(const config::SiteConfig& site = small_site());

  // Gives a command as JSON text; commits it unless it is refused.
  Result<Decision> tell(std::string_view verb, std::string_view body);
  Result<Decision> tell(std::string_view verb, const Json& body);
  // The same, and expects it to be done.
  Json done(std::string_view verb, std::string_view body);
  // Expects it to be refused with this code and to leave no trace.
  void refused(std::string_view verb, std::string_view body, ErrorCode code);
  // Expects a refusal that is journaled, as a mismatch is.
  void mismatch(std::string_view verb, std::string_view body);
  // Expects a question: refused with did-you-mean, and nothing is journaled or locked.
  void asked(std::string_view verb, std::string_view body, std::string_view meant);
  // Applies and commits one fact, as the job runner does.
  Status commit(const Fact& fact);
  // Runs every open job of the robot to its end.
  void run_jobs();

  Ledger& ledger() { return *ledger_; }
  View view() const { return View(*ledger_); }
  Aliquot aliquot(std::string_view id) const;
  std::string where(std::string_view id) const;  // "box-1 A1"
  // Where it was at a time, by the history rows, as the core's as-of desk reads them.
  std::optional<Spot> was(const AliquotId& id, WallTime at) const;
  std::string dose_state(std::string_view course, std::string_view dose) const;

  // A ledger made from the rows alone must render the same, one made from the facts alone must have
  // the same rows.
  void expect_rebuilds();

  std::string user = "operator";
  std::vector<std::string> roles = {"operator"};
  std::string witness;
  std::string reason;
  WallTime asked_at{};            // of what waited for its witness
  cryobank::Signature signature;  // a checkpoint has signatures, too
  cryobank::Signature witness_signature;
  WallTime now{1'800'000'000'000};
  std::vector<Fact> facts;
  std::map<std::string, std::string> rows;
  Touched touched;

 private:
  void keep(Draft& draft);
  bool looks_twice();

  std::size_t told_ = 0;
  const config::SiteConfig& site_;
  std::unique_ptr<Ledger> ledger_;
};

// Every invariant of the record: one place per aliquot, one occupant per position, lists that agree
// with the records.
void expect_sound(const Ledger& ledger);
// Everything the ledger can say, as text, for comparing two of them.
std::string render_all(const Ledger& ledger);

}  // namespace cryobank::inventory
