// Facts about doses: planning, and the way from the thaw station to the patient.
#include <algorithm>
#include <vector>

#include "base/text.hpp"
#include "base/try.hpp"
#include "inventory/ledger/apply/apply.hpp"
#include "inventory/ledger/apply/effects.hpp"
#include "inventory/ledger/row_codec.hpp"

namespace cryobank::inventory {
namespace {

struct FoundDose {
  Course course;
  int number = 0;
  Dose& dose() { return course.dose(number); }
};

Result<FoundDose> find_dose(const Edit& edit, RowReader& in) {
  TRY_ASSIGN(auto course, known_course(edit.view(), in.id<CourseId>("course")));
  const auto id = in.id<DoseId>("dose");
  if (!in.ok()) return in.status().error();
  const Dose* dose = course.find(id);
  if (dose == nullptr) {
    return make_error(ErrorCode::not_found,
                      cat("course ", course.id.str(), " has no dose ", id.str()));
  }
  const int number = dose->number;
  return FoundDose{std::move(course), number};
}

Status dose_planned(Edit& edit, RowReader& in) {
  TRY_ASSIGN(auto course, known_course(edit.view(), in.id<CourseId>("course")));
  for (const Json& item : in.list("doses")) {
    RowReader planned("a dose of fact dose-planned", item);
    const auto id = planned.id<DoseId>("dose");
    Dose* dose = course.find(id);
    if (planned.ok() && dose == nullptr) {
      return make_error(ErrorCode::not_found,
                        cat("course ", course.id.str(), " has no dose ", id.str()));
    }
    if (!planned.ok()) return planned.status();
    const DroppedDates before{dose->thaw_at, dose->harvest_from, dose->infusion_at};
    dose->thaw_at = planned.maybe_time("thaw_at");
    dose->harvest_from = planned.maybe_time("harvest_from");
    dose->harvest_until = planned.maybe_time("harvest_until");
    dose->infusion_at = planned.maybe_time("infusion_at");
    if (!planned.ok()) return planned.status();
    // Taken back: what stood there is shown as cancelled. Planned anew: nothing is.
    if (dose->thaw_at.ms != 0) dose->dropped = {};
    if (dose->thaw_at.ms == 0 && before.thaw.ms != 0) dose->dropped = before;
    dose->blocked.clear();
    if (dose->state == DoseState::stored && dose->thaw_at.ms != 0) dose->state = DoseState::planned;
    if (dose->state == DoseState::planned && dose->thaw_at.ms == 0) dose->state = DoseState::stored;
  }
  edit.put(std::move(course));
  return {};
}

Status dose_thaw_refused(Edit& edit, RowReader& in) {
  TRY_ASSIGN(auto found, find_dose(edit, in));
  found.dose().blocked = in.text("reason");
  edit.put(std::move(found.course));
  return {};
}

Status dose_thaw_unblocked(Edit& edit, RowReader& in) {
  TRY_ASSIGN(auto found, find_dose(edit, in));
  found.dose().blocked.clear();
  edit.put(std::move(found.course));
  return {};
}

// Every aliquot of the dose that came as far as this step goes on to the next one; what is still
// frozen, since its thaw broke off, stays where it lies.
Status advance(Edit& edit, const Dose& dose, AliquotState to, const Spot& spot, WallTime at) {
  for (const AliquotId& id : dose.aliquots) {
    TRY_ASSIGN(const auto aliquot, known_aliquot(edit.view(), id));
    const bool left = is_frozen_stock(aliquot.state);
    if (left || may_become(aliquot.state, to) == Allowed::no) continue;
    TRY(edit.become(id, to, true));
    TRY(edit.place_at(id, spot, at));
  }
  return {};
}

Spot built_in(std::string_view place) { return {PlaceId(std::string(place)), kNoPosition}; }

CellCount count_at(RowReader& in) {
  CellCount count;
  count.cells = in.maybe_milli("cells").value_or(Milli{});
  count.viable_percent = in.maybe_milli("viable_percent").value_or(Milli{});
  return count;
}

Status dose_recultured(Edit& edit, RowReader& in) {
  TRY_ASSIGN(auto found, find_dose(edit, in));
  const WallTime at = in.maybe_time("at");
  TRY(advance(edit, found.dose(), AliquotState::in_culture, built_in(kCulturePlace), at));
  found.dose().state = DoseState::reculture;
  found.dose().reculture_at = at;
  found.dose().recultured_by = in.maybe_id<UserId>("by");
  found.dose().thawed = count_at(in);
  edit.put(std::move(found.course));
  return {};
}

Status dose_harvested(Edit& edit, RowReader& in) {
  TRY_ASSIGN(auto found, find_dose(edit, in));
  found.dose().state = DoseState::harvested;
  found.dose().harvested_at = in.maybe_time("at");
  found.dose().harvested = count_at(in);
  edit.put(std::move(found.course));
  return {};
}

Status dose_issued(Edit& edit, RowReader& in) {
  TRY_ASSIGN(auto found, find_dose(edit, in));
  const WallTime at = in.maybe_time("at");
  TRY(advance(edit, found.dose(), AliquotState::issued, built_in(kOutsidePlace), at));
  found.dose().state = DoseState::issued;
  found.dose().issued_at = at;
  edit.put(std::move(found.course));
  return {};
}

// One drip; the dose is infused when its drips add up to the whole.
Status dose_infused(Edit& edit, RowReader& in) {
  TRY_ASSIGN(auto found, find_dose(edit, in));
  TRY_ASSIGN(const auto part, Fraction::parse(in.text("part")));
  Dose& dose = found.dose();
  TRY_ASSIGN(const auto total, add(dose.infused, part));
  const Fraction all = *Fraction::make(1, 1);
  if (total > all) {
    return make_error(ErrorCode::conflict, cat("expected at most the rest of dose ", dose.id.str(),
                                               ", given would be ", total.str()));
  }
  dose.infused = total;
  dose.infused_at = in.maybe_time("at");
  if (total == all) {
    TRY(advance(edit, dose, AliquotState::used, built_in(kOutsidePlace), dose.infused_at));
    dose.state = DoseState::infused;
  }
  edit.put(std::move(found.course));
  return {};
}

Status end_dose(Edit& edit, RowReader& in, DoseState state, AliquotState aliquots) {
  TRY_ASSIGN(auto found, find_dose(edit, in));
  for (const AliquotId& id : found.dose().aliquots) {
    TRY_ASSIGN(const auto aliquot, known_aliquot(edit.view(), id));
    if (may_become(aliquot.state, aliquots) != Allowed::yes) continue;
    TRY(edit.become(id, aliquots));
  }
  found.dose().state = state;
  found.dose().lost_to = in.maybe_text("lost_to");
  found.dose().blocked.clear();
  edit.put(std::move(found.course));
  return {};
}

// Its vials lie in the cold again (their states and places are in the effects), to be released and
// planned anew; the thaw before is in the journal.
Status dose_refrozen(Edit& edit, RowReader& in) {
  TRY(apply_effects(edit, in));
  TRY_ASSIGN(auto found, find_dose(edit, in));
  Dose& dose = found.dose();
  dose.state = DoseState::stored;
  dose.dropped = {{}, dose.harvest_from, dose.infusion_at};
  dose.thaw_at = dose.harvest_from = dose.harvest_until = dose.infusion_at = {};
  dose.thawed_at = {};
  dose.blocked.clear();
  edit.put(std::move(found.course));
  return {};
}

Status dose_returned(Edit& edit, RowReader& in) {
  return end_dose(edit, in, DoseState::returned, AliquotState::returned);
}

Status dose_rejected(Edit& edit, RowReader& in) {
  return end_dose(edit, in, DoseState::rejected, AliquotState::rejected);
}

// One dose and its half, as doses-split and doses-joined name them.
struct Half {
  DoseId dose;
  DoseId half;
  std::vector<AliquotId> aliquots;  // of the half
};

Result<std::vector<Half>> read_halves(const Course& course, RowReader& in) {
  std::vector<Half> halves;
  for (const Json& item : in.list("halves")) {
    RowReader one("a dose of a fact that splits or joins", item);
    Half half{one.id<DoseId>("dose"), one.id<DoseId>("half"), one.ids<AliquotId>("aliquots")};
    if (!one.ok()) return one.status().error();
    if (course.find(half.dose) == nullptr) {
      return make_error(ErrorCode::not_found,
                        cat("course ", course.id.str(), " has no dose ", half.dose.str()));
    }
    halves.push_back(std::move(half));
  }
  if (!in.ok()) return in.status().error();
  return halves;
}

Status doses_split(Edit& edit, RowReader& in) {
  TRY(apply_effects(edit, in));
  TRY_ASSIGN(auto course, known_course(edit.view(), in.id<CourseId>("course")));
  TRY_ASSIGN(const auto halves, read_halves(course, in));
  for (const Half& one : halves) {
    Dose half;
    half.id = one.half;
    half.number = static_cast<int>(course.doses.size()) + 1;
    half.aliquots = one.aliquots;
    Dose& dose = *course.find(one.dose);
    TRY_ASSIGN(dose.fraction,
               Fraction::make(dose.fraction.numerator(), 2 * dose.fraction.denominator()));
    half.fraction = dose.fraction;
    half.state = dose.state == DoseState::planned ? DoseState::stored : dose.state;
    for (const AliquotId& id : one.aliquots) {
      std::erase(dose.aliquots, id);
      TRY(edit.give_to(id, half.number));
    }
    course.doses.push_back(std::move(half));
  }
  edit.put(std::move(course));
  return {};
}

Status doses_joined(Edit& edit, RowReader& in) {
  TRY(apply_effects(edit, in));
  TRY_ASSIGN(auto course, known_course(edit.view(), in.id<CourseId>("course")));
  TRY_ASSIGN(const auto halves, read_halves(course, in));
  for (auto one = halves.rbegin(); one != halves.rend(); ++one) {
    if (course.doses.back().id != one->half) {
      return make_error(ErrorCode::conflict, cat("expected half ", one->half.str(),
                                                 " as the last dose of ", course.id.str()));
    }
    Dose& dose = *course.find(one->dose);
    TRY_ASSIGN(dose.fraction, add(dose.fraction, course.doses.back().fraction));
    for (const AliquotId& id : one->aliquots) {
      dose.aliquots.push_back(id);
      TRY(edit.give_to(id, dose.number));
    }
    std::sort(dose.aliquots.begin(), dose.aliquots.end());
    course.doses.pop_back();
  }
  edit.put(std::move(course));
  return {};
}

constexpr Applier kDoseAppliers[] = {
    {fact::kDosePlanned, dose_planned},
    {fact::kDoseThawRefused, dose_thaw_refused},
    {fact::kDoseThawUnblocked, dose_thaw_unblocked},
    {fact::kDoseRecultured, dose_recultured},
    {fact::kDoseHarvested, dose_harvested},
    {fact::kDoseIssued, dose_issued},
    {fact::kDoseInfused, dose_infused},
    {fact::kDoseRefrozen, dose_refrozen},
    {fact::kDoseReturned, dose_returned},
    {fact::kDoseRejected, dose_rejected},
    {fact::kDosesJoined, doses_joined},
    {fact::kDosesSplit, doses_split},
};

}  // namespace

std::span<const Applier> dose_appliers() { return kDoseAppliers; }

}  // namespace cryobank::inventory
