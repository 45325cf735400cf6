#include "tests/simulation/rule_checker.hpp"

#include <algorithm>

#include "inventory/ledger/hold.hpp"

namespace cryobank::simulation {
namespace {

using inventory::View;

std::vector<AliquotId> listed(const Json& list) {
  std::vector<AliquotId> ids;
  if (!list.is_array()) return ids;
  for (const Json& item : list.items()) ids.emplace_back(item.string_or("aliquot", ""));
  return ids;
}

// What a person has in the hand and has scanned. An order that puts expected vials into the port is
// no such act.
bool is_scanned(const Fact& fact) {
  return (fact.type == fact::kAliquotsPlaced && fact.data.has("operation")) ||
         fact.type == fact::kShipmentPacked || fact.type == fact::kDoseRefrozen;
}

}  // namespace

void RuleChecker::before(const Fact& fact, const inventory::Ledger& ledger) {
  leaving_.clear();
  const View view(ledger);
  for (const AliquotId& id : listed(fact.data["items"])) {
    const auto vial = view.aliquot(id);
    if (vial) leaving_.emplace_back(id, vial->spot);
  }
  // The label as it was when it was scanned.
  if (is_scanned(fact)) check_labels("the next", fact, view);
}

void RuleChecker::after(std::string_view entry, const Fact& fact, const inventory::Ledger& ledger) {
  const View view(ledger);
  for (const auto& [id, from] : leaving_) {
    const auto vial = view.aliquot(id);
    if (vial && view.place(vial->spot.place) != nullptr) continue;
    stage_.wrong(cat("entry ", entry, ": nobody holds ", id.str()));
  }
  if (fact.type == fact::kJobCreated) {
    const std::vector<std::string>& approval = stage_.site.orders.approval;
    const Json& job = fact.data["job"];
    const std::string kind = job.string_or("kind", "");
    if (std::ranges::find(approval, kind) != approval.end()) {
      waits_[job.string_or("job", "")] = fact.data.string_or("by", "");
    }
  }
  if (fact.type == fact::kJobApproved) {
    const std::string job = fact.data.string_or("job", "");
    const auto order = waits_.find(job);
    if (order != waits_.end() && order->second == fact.data.string_or("by", "")) {
      stage_.wrong(cat("entry ", entry, ": ", order->second, " approves an own order"));
    }
    waits_.erase(job);
  }
  if (fact.type == fact::kMoveIssued) check_issue(entry, fact, view);
  if (fact.type == fact::kOperationUndone) check_undone(entry, fact, view);
  if (fact.type == fact::kDoseRefrozen) check_frozen(entry, fact, view);
  const std::string operation = fact.data.string_or("operation", "");
  if (operation.empty()) return;
  std::erase_if(leaving_,
                [&view](const auto& one) { return view.aliquot(one.first)->spot == one.second; });
  homes_[operation] = std::move(leaving_);
}

void RuleChecker::check_issue(std::string_view entry, const Fact& fact, const View& view) {
  const inventory::Job* job = view.job(JobId(fact.data.string_or("job", "")));
  if (job == nullptr) return;
  if (waits_.contains(job->id.str())) {
    stage_.wrong(cat("entry ", entry, ": a motion of ", job->id.str(), ", which nobody approved"));
  }
  if (job->kind != inventory::JobKind::thaw || job->purpose == inventory::kSafetyTest) return;
  const auto index = static_cast<std::size_t>(fact.data.integer_or("move", 0));
  const auto vial = view.aliquot(job->moves[index].aliquot);
  const auto holds = inventory::holds_on(view, *vial);
  if (holds.empty()) return;
  stage_.wrong(cat("entry ", entry, ": ", vial->id.str(), " is fetched to be thawed, and ",
                   holds.front().id, " (", holds.front().kind, ") is on it"));
}

void RuleChecker::check_undone(std::string_view entry, const Fact& fact, const View& view) {
  const std::string undone = fact.data.string_or("undone", "");
  const auto homes = homes_.find(undone);
  if (homes == homes_.end()) {
    return stage_.wrong(cat("entry ", entry, ": ", undone, " is undone, and never was"));
  }
  for (const auto& [id, home] : homes->second) {
    const inventory::Spot now = view.aliquot(id)->spot;
    if (now == home) continue;
    stage_.wrong(cat("entry ", entry, ": ", undone, " is undone, and ", id.str(), " is in ",
                     view.name_of(now), " instead of ", view.name_of(home)));
  }
  homes_.erase(homes);
}

void RuleChecker::check_frozen(std::string_view entry, const Fact& fact, const View& view) {
  for (const AliquotId& id : listed(fact.data["items"])) {
    const auto vial = view.aliquot(id);
    const inventory::Course* course = vial ? view.course(vial->course) : nullptr;
    if (course == nullptr) return stage_.wrong(cat("entry ", entry, ": of no course"));
    const Json* rule = view.document("stability", course->protocol.str());
    const std::int64_t most = rule == nullptr ? 1 : rule->integer_or("freezings_max", 1);
    const std::int64_t times = 1 + ++frozen_[id];
    if (times <= most) continue;
    stage_.wrong(cat("entry ", entry, ": ", id.str(), " is frozen for time ", times,
                     ", its rule allows ", most));
  }
}

void RuleChecker::check_labels(std::string_view entry, const Fact& fact, const View& view) {
  for (const AliquotId& id : listed(fact.data["items"])) {
    const Json* label = view.document("label", id.str());
    const std::string state = label == nullptr ? "verified" : label->string_or("state", "");
    if (state == "verified") continue;
    stage_.wrong(
        cat(entry, " entry (", fact.type, ") moves ", id.str(), " on, whose label is ", state));
  }
}

}  // namespace cryobank::simulation
