// The way of a thawed dose: dose/reculture, harvest, issue, infuse, return, reject.
#include "inventory/decide.hpp"
#include "inventory/edit.hpp"
#include "inventory/hand_over.hpp"
#include "inventory/hold.hpp"
#include "inventory/row_codec.hpp"
#include "inventory/unblock.hpp"
#include "service/base/text.hpp"

namespace cryobank::inventory {
namespace {

// One custody step: the state the dose must be in, the fact it leaves, the word for the reply.
struct CustodyStep {
  std::string_view fact;
  std::string_view word;
  DoseState from;
  DoseState or_from;
};

Status check_state(const CourseDose& target, const CustodyStep& step) {
  const Dose& dose = target.dose;
  if (dose.state == step.from || dose.state == step.or_from) return {};
  return make_error(ErrorCode::conflict,
                    cat("dose ", dose.id.str(), " of course ", target.course.id.str(), " is ",
                        name_of(dose.state), ", expected it ", name_of(step.from)));
}

Json dose_act(const Ask& ask, const CourseDose& target) {
  Json data = act(ask);
  data.set("course", target.course.id.str());
  data.set("dose", target.dose.id.str());
  return data;
}

Result<Decision> take_step(Ask& ask, const CourseDose& target, const CustodyStep& step, Json data) {
  const auto added = ask.trial.add(inventory_fact(step.fact, std::move(data)));
  if (!added) return added.error();
  const auto unblocked = unblock_doses(ask, CourseId());
  if (!unblocked) return unblocked.error();
  const Course* course = ask.view().course(target.course.id);
  Json reply = Json::object().set("course", target.course.id.str());
  reply.set("dose", target.dose.id.str());
  reply.set("state", name_of(course->dose(target.dose.number).state));
  reply.set("revision", course->revision);
  return answer(
      ask, std::move(reply),
      cat("dose ", target.dose.id.str(), " of course ", target.course.id.str(), " ", step.word));
}

// Counts after a step, as the laboratory measured them; all may be absent.
Status read_counts(const Ask& ask, Json& data) {
  for (const std::string_view key : {"cells", "viable_percent"}) {
    if (!ask.body.has(key) || ask.body[key].is_null()) continue;
    const auto value = ask.body.get_milli(key);
    if (!value) return value.error();
    if (value->v < 0) {
      return make_error(ErrorCode::invalid_value, cat("expected a count of 0 or more at \"", key,
                                                      "\", came ", format_milli(*value)));
    }
    data.set(key, *value);
  }
  return {};
}

// Nothing of a dose on hold goes on towards a patient.
Status check_dose_free(const Ask& ask, const Dose& dose) {
  for (const AliquotId& id : dose.aliquots) {
    const auto aliquot = known_aliquot(ask.view(), id);
    if (!aliquot) return aliquot.error();
    const auto held = check_no_hold(ask.view(), *aliquot, ask.now());
    if (!held) return held;
  }
  return {};
}

// What a hold leaves open, to save cells that are warm, a withdrawn consent does not.
Status check_dose_consent(const Ask& ask, const Dose& dose) {
  for (const AliquotId& id : dose.aliquots) {
    const auto aliquot = known_aliquot(ask.view(), id);
    if (!aliquot) return aliquot.error();
    const auto consented = check_consent(ask.view(), *aliquot);
    if (!consented) return consented;
  }
  return {};
}

// The label of the dose is scanned; `checked` says that holds forbid this step.
Result<Decision> labelled_step(Ask& ask, const CustodyStep& step, bool checked) {
  const auto target = need_dose(ask);
  if (!target) return target.error();
  const auto fits = check_state(*target, step);
  if (!fits) return fits.error();
  if (checked) {
    const auto free = check_dose_free(ask, target->dose);
    if (!free) return free.error();
  }
  auto mismatch = check_dose_code(ask, *target);
  if (!mismatch) return mismatch.error();
  if (*mismatch) return std::move(**mismatch);
  Json data = dose_act(ask, *target);
  const auto counted = read_counts(ask, data);
  if (!counted) return counted.error();
  const auto to = maybe_text(ask.body, "to", kIdLengthMax);
  if (!to) return to.error();
  put_text(data, "to", *to);
  return take_step(ask, *target, step, std::move(data));
}

// The vials leave the thaw station: their codes are scanned, the robot's reading was the first
// match.
Result<Decision> reculture(Ask& ask) {
  const auto target = need_dose(ask);
  if (!target) return target.error();
  const CustodyStep step{"dose-recultured", "is in culture", DoseState::thawed, DoseState::thawed};
  const auto fits = check_state(*target, step);
  if (!fits) return fits.error();
  const auto consented = check_dose_consent(ask, target->dose);
  if (!consented) return consented.error();
  std::vector<Aliquot> thawed;
  for (const AliquotId& id : target->dose.aliquots) {
    auto aliquot = known_aliquot(ask.view(), id);
    if (!aliquot) return aliquot.error();
    if (aliquot->state == AliquotState::thawed) thawed.push_back(std::move(*aliquot));
  }
  if (thawed.empty()) return make_error(ErrorCode::conflict, "expected a thawed aliquot");
  const PlaceId& station = thawed.front().spot.place;
  const auto open = check_no_hold(ask.view(), station);
  if (!open) return open.error();
  auto mismatch = check_codes(ask, thawed, hold_target(HoldScope::place, station.str()));
  if (!mismatch) return mismatch.error();
  if (*mismatch) return std::move(**mismatch);
  return take_step(ask, *target, step, dose_act(ask, *target));
}

Result<Decision> harvest(Ask& ask) {
  const auto target = need_dose(ask);
  if (!target) return target.error();
  const auto consented = check_dose_consent(ask, target->dose);
  if (!consented) return consented.error();
  return labelled_step(
      ask, {"dose-harvested", "is harvested", DoseState::reculture, DoseState::reculture}, false);
}

Result<Decision> issue(Ask& ask) {
  return labelled_step(ask, {"dose-issued", "is issued", DoseState::harvested, DoseState::thawed},
                       true);
}

// A dose may be given in several drips: "part" is the share of the dose, by default all that is
// left of it.
Result<Decision> infuse(Ask& ask) {
  const auto target = need_dose(ask);
  if (!target) return target.error();
  const CustodyStep step{"dose-infused", "is infused", DoseState::issued, DoseState::harvested};
  const auto fits = check_state(*target, step);
  if (!fits) return fits.error();
  const auto free = check_dose_free(ask, target->dose);
  if (!free) return free.error();
  auto mismatch = check_dose_code(ask, *target);
  if (!mismatch) return mismatch.error();
  if (*mismatch) return std::move(**mismatch);
  const Fraction given = target->dose.infused;
  auto part = Fraction::make(given.denominator() - given.numerator(), given.denominator());
  if (ask.body.has("part")) {
    const auto text = ask.body.get_string("part");
    if (!text) return text.error();
    part = Fraction::parse(*text);
  }
  if (!part) return part.error();
  if (part->numerator() == 0) {
    return make_error(ErrorCode::invalid_value, "expected a part above 0, e.g. \"1/2\"");
  }
  if (target->dose.state == DoseState::harvested) {
    const auto issued = ask.trial.add(inventory_fact("dose-issued", dose_act(ask, *target)));
    if (!issued) return issued.error();
  }
  Json data = dose_act(ask, *target);
  data.set("part", part->str());
  return take_step(ask, *target, step, std::move(data));
}

Result<Decision> give_back(Ask& ask) {
  const auto reason = need_reason(ask, "a return");
  if (!reason) return reason.error();
  return labelled_step(ask, {"dose-returned", "is returned", DoseState::issued, DoseState::issued},
                       false);
}

Result<Decision> reject(Ask& ask) {
  const auto target = need_dose(ask);
  if (!target) return target.error();
  const auto reason = need_reason(ask, "a rejection");
  if (!reason) return reason.error();
  const Dose& dose = target->dose;
  if (is_final(dose.state) || dose.state == DoseState::thawing) {
    return make_error(ErrorCode::conflict,
                      cat("dose ", dose.id.str(), " of course ", target->course.id.str(), " is ",
                          name_of(dose.state), " and cannot be rejected"));
  }
  const CustodyStep step{"dose-rejected", "is rejected", dose.state, dose.state};
  return take_step(ask, *target, step, dose_act(ask, *target));
}

constexpr Command kCommands[] = {
    {{"dose/harvest", kHands}, harvest},      {{"dose/infuse", kHands, true}, infuse},
    {{"dose/issue", kHands, true}, issue},    {{"dose/reculture", kHands}, reculture},
    {{"dose/reject", kJudges, true}, reject}, {{"dose/return", kHands, true}, give_back},
};

}  // namespace

std::span<const Command> dose_commands() { return kCommands; }

}  // namespace cryobank::inventory
