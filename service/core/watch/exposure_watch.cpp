#include "service/core/watch/exposure_watch.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "base/text.hpp"
#include "inventory/commands/ask.hpp"
#include "inventory/ledger/documents.hpp"
#include "inventory/ledger/history.hpp"
#include "inventory/ledger/row_codec.hpp"

namespace cryobank::core {
namespace {

using inventory::Aliquot;
using inventory::View;

constexpr std::string_view kExposureOver = "exposure-over-budget";
constexpr std::string_view kHandlingLong = "handling-long";
constexpr std::string_view kFoundLate = "excursion-found-late";
constexpr std::size_t kOverNamedMax = 6;  // of one alarm; exposure/report lists all

// A dose's vials are handled together, and one that is lost to it is lost to the dose.
std::string over_source(const View& view, const Aliquot& aliquot) {
  const inventory::Course* course = view.course(aliquot.course);
  if (course == nullptr) return aliquot.id.str();
  return cat(aliquot.course.str(), ".", course->dose(aliquot.dose).id.str());
}

alarms::Condition exposure_condition(const std::string& source, std::string_view name,
                                     alarms::Priority priority, std::string text) {
  alarms::Condition told;
  told.source = source;
  told.condition = std::string(name);
  told.priority = priority;
  told.text = std::move(text);
  return told;
}

}  // namespace

void ExposureWatch::record_changed(const inventory::Touched& touched) {
  if (touched.courses.empty()) return;
  courses_.insert(touched.courses.begin(), touched.courses.end());
  at_ = {};
}

void ExposureWatch::on_fact(const Now& now, const Fact& fact) {
  const View view(bank_.ledger);
  if (fact.type == fact::kExposureBudgetSet || fact.type == fact::kProbeMapped) {
    everything_ = true;
  } else if (fact.type == fact::kExcursionRecorded) {
    RowReader in(fact.type, fact.data);
    const std::string id = in.any_text("excursion");
    const auto told = inventory::document_of<inventory::ExcursionDocument>(view, id);
    const PlaceId place(in.any_text("at_place"));
    if (!told || view.place(place) == nullptr) return;
    for (AliquotId& one : inventory::aliquots_during(view, place, told->from, told->until)) {
      aliquots_.insert(std::move(one));
    }
    if (in.any_text("by") != inventory::kServiceUser) tell_late(now, id, *told, in);
  } else if (fact.type == fact::kExposureWaived) {
    RowReader in(fact.type, fact.data);
    for (const Json& item : in.maybe_list("waived")) {
      RowReader waived("\"waived\" of fact exposure-waived", item);
      aliquots_.insert(AliquotId(waived.any_text("aliquot")));
    }
  } else {
    return;
  }
  at_ = {};
}

// It was not measured here: a logger's file, a sheet of paper. Nothing is warm now because of it.
void ExposureWatch::tell_late(const Now& now, const std::string& id,
                              const inventory::ExcursionDocument& excursion, RowReader& in) {
  std::string text = cat(id, ": ", in.any_text("at_place"), " was above -150 Cel from ",
                         format_utc(excursion.from), " to ", format_utc(excursion.until));
  if (excursion.peak) text += cat(", at most ", format_milli(*excursion.peak), " Cel");
  text += cat("; put on record by ", in.any_text("by"), "; ", in.number("aliquots"),
              " vials lay there, ", in.number("over_budget"), " are over their budget");
  alarms_.raise(
      now, exposure_condition(alarm_source(id), kFoundLate, alarms::Priority::p2, std::move(text)));
  alarms_.clear(now, alarm_source(id), kFoundLate);
}

std::set<AliquotId> ExposureWatch::to_look_at(const View& view) {
  std::set<AliquotId> ids = std::exchange(aliquots_, {});
  const inventory::AliquotTable& table = view.base().aliquots;
  for (const auto& [slot, since] : table.out()) ids.emplace(std::string(table.id(slot)));
  for (const CourseId& id : std::exchange(courses_, {})) {
    const inventory::Course* course = view.course(id);
    if (course == nullptr) continue;
    for (const inventory::Dose& dose : course->doses) {
      ids.insert(dose.aliquots.begin(), dose.aliquots.end());
    }
  }
  if (!std::exchange(everything_, false)) return ids;
  const bool warmed = !view.documents(inventory::ExcursionDocument::kKind).empty();
  for (inventory::AliquotTable::Slot slot = 0; slot < table.size(); ++slot) {
    if (warmed || table.handling(slot).count > 0) ids.emplace(std::string(table.id(slot)));
  }
  return ids;
}

void ExposureWatch::look(const Now& now) {
  at_ = now.mono + kExposureLookEvery;
  const View view(bank_.ledger);
  const std::set<AliquotId> ids = to_look_at(view);
  if (!ids.empty()) {
    const inventory::ExposureBook book(view);
    for (const AliquotId& id : ids) judge(now, view, book, id);
  }
  if (!ids.empty() || first_) tell(now);
  first_ = false;
}

void ExposureWatch::judge(const Now& now, const View& view, const inventory::ExposureBook& book,
                          const AliquotId& id) {
  over_.erase(id);
  const auto aliquot = view.aliquot(id);
  if (!aliquot || !is_frozen_stock(aliquot->state)) return;
  // Nobody knows where: that has its own alarm, and this comes when it is found.
  if (aliquot->spot.place.str() == inventory::kUnknownPlace) return;
  const inventory::Exposure exposure = book.of(*aliquot, now.wall);
  if (!is_over_budget(view, *aliquot, exposure)) {
    if (budget_of(view, *aliquot).handling_s < aliquot->handling.longest_s) {
      tell_long(now, *aliquot, aliquot->handling.longest_s);
    }
    return;
  }
  longest_[id] = std::max(longest_[id], exposure.handling.longest_s);
  Over over;
  over.handled = allowed_s(view, *aliquot) < exposure.handling.longest_s;
  over.warm_s = over.handled ? exposure.handling.longest_s : exposure.above[1];
  over.source = over.handled ? over_source(view, *aliquot) : exposure.warmest.str();
  const bool runs = allowed_s(view, *aliquot) < out_s(*aliquot, now.wall);
  if (runs) over.out_since = aliquot->out_since;
  over.in_hands = runs && aliquot->spot.place.str() == inventory::kHandsPlace;
  over_[id] = std::move(over);
}

// Nothing stands that could be settled: it is told once, and goes when it is acknowledged. What
// was before this run was told in it.
void ExposureWatch::tell_long(const Now& now, const Aliquot& aliquot, std::uint32_t longest_s) {
  std::uint32_t& told = longest_[aliquot.id];
  if (longest_s <= told) return;
  told = longest_s;
  if (first_) return;
  alarms_.raise(now,
                exposure_condition(aliquot.id.str(), kHandlingLong, alarms::Priority::p3,
                                   cat("Aliquot ", aliquot.id.str(), " was out of the cold for ",
                                       longest_s, " s in one handling")));
  alarms_.clear(now, aliquot.id.str(), kHandlingLong);
}

void ExposureWatch::tell(const Now& now) {
  struct Group {
    std::size_t count = 0;
    bool handled = false;
    bool in_hands = false;
    std::string named;
  };
  std::map<std::string, Group> groups;
  for (const auto& [id, over] : over_) {
    Group& group = groups[over.source];
    group.handled = over.handled;
    group.in_hands = group.in_hands || over.in_hands;
    if (group.count++ >= kOverNamedMax) continue;
    group.named += cat(group.named.empty() ? "" : ", ", id.str(),
                       over.out_since.ms != 0 ? cat(" (out since ", format_utc(over.out_since), ")")
                                              : cat(" (", over.warm_s, " s)"));
  }
  std::set<std::string, std::less<>> standing;
  std::map<std::string, std::string, std::less<>> told;
  for (auto& [source, group] : groups) {
    const std::string more =
        group.count > kOverNamedMax ? cat(" and ", group.count - kOverNamedMax, " more") : "";
    std::string text = group.handled
                           ? cat(group.in_hands ? "Lifted and not set down: " : "",
                                 "Out of the cold in one "
                                 "handling for longer than the budget: ",
                                 group.named, more)
                           : cat(group.count, " aliquots that were in ", source,
                                 " were warm for longer than their budget: ", group.named, more);
    standing.insert(alarm_source(source));
    const auto known = told_.find(source);
    if (known == told_.end() || known->second != text) {
      const auto priority = group.in_hands ? alarms::Priority::p1 : alarms::Priority::p2;
      alarms_.raise(now, exposure_condition(source, kExposureOver, priority, text));
    }
    told.emplace(source, std::move(text));
  }
  alarms_.clear_others(now, kExposureOver, standing);
  told_ = std::move(told);
}

}  // namespace cryobank::core
