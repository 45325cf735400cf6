// course/split: what is left of a course in whole doses is given as twice as many halves, by a
// physician's decision in mid course. Each dose keeps half of its vials and its date; the other
// half is a new dose behind the last one. A vial cannot be halved while it is frozen. `undo` makes
// whole doses again, while none of both halves was thawed.
#include <algorithm>

#include "base/text.hpp"
#include "base/try.hpp"
#include "inventory/commands/decide.hpp"
#include "inventory/ledger/apply/effects.hpp"
#include "inventory/ledger/edit.hpp"
#include "inventory/ledger/row_codec.hpp"

namespace cryobank::inventory {
namespace {

constexpr std::string_view kSplitKind = "split";

// Still to be given, with every vial as it was frozen.
Status check_frozen(const View& view, const Course& course, const Dose& dose) {
  const auto refuse = [&](std::string_view why) {
    return make_error(ErrorCode::conflict,
                      cat("dose ", dose.id.str(), " of course ", course.id.str(), " ", why));
  };
  if (dose.state > DoseState::planned) {
    return refuse(cat("is ", name_of(dose.state), ", expected it frozen"));
  }
  if (!dose.job.empty()) return refuse(cat("is being fetched by ", dose.job.str()));
  for (const AliquotId& id : dose.aliquots) {
    TRY_ASSIGN(const auto aliquot, known_aliquot(view, id));
    if (aliquot.state == AliquotState::thawed) return refuse(cat("has a thawed vial, ", id.str()));
  }
  return {};
}

// The share of a whole dose: the largest there is.
Fraction whole_share(const Course& course) {
  Fraction whole;
  for (const Dose& dose : course.doses) whole = std::max(whole, dose.fraction);
  return whole;
}

Result<std::vector<Dose>> doses_to_split(const View& view, const Course& course) {
  const Fraction whole = whole_share(course);
  std::vector<Dose> doses;
  for (const Dose& dose : course.doses) {
    if (dose.state > DoseState::planned || dose.fraction != whole) continue;
    TRY(check_frozen(view, course, dose));
    if (dose.aliquots.size() % 2 != 0) {
      return make_error(
          ErrorCode::conflict,
          cat("expected an even number of vials to halve in dose ", dose.id.str(), ", it has ",
              dose.aliquots.size(), ": a vial is given in two drips (dose/infuse with \"part\")"));
    }
    doses.push_back(dose);
  }
  if (doses.empty()) {
    return make_error(ErrorCode::conflict,
                      cat("course ", course.id.str(), " has no whole dose left to split"));
  }
  if (course.doses.size() + doses.size() > kDosesMax) {
    return make_error(ErrorCode::too_large,
                      cat("expected at most ", kDosesMax, " doses, it would have ",
                          course.doses.size() + doses.size()));
  }
  return doses;
}

Json halves_of(const Course& course, const std::vector<Dose>& doses) {
  Json halves = Json::array();
  std::size_t number = course.doses.size();
  for (const Dose& dose : doses) {
    std::string half;
    do {
      ++number;
      half = cat(number < 10 ? "d0" : "d", number);
    } while (course.find(DoseId(half)) != nullptr);
    Json vials = Json::array();
    for (std::size_t k = dose.aliquots.size() / 2; k < dose.aliquots.size(); ++k) {
      vials.push(dose.aliquots[k].str());
    }
    Json item = Json::object().set("dose", dose.id.str()).set("half", std::move(half));
    halves.push(item.set("aliquots", std::move(vials)));
  }
  return halves;
}

Result<Decision> split_reply(Ask& ask, const CourseId& id, std::string message) {
  const Course& course = *ask.view().course(id);
  Json reply = Json::object().set("course", id.str());
  reply.set("doses", static_cast<std::uint64_t>(course.doses.size()));
  reply.set("revision", course.revision);
  return answer(ask, std::move(reply), std::move(message));
}

Result<Decision> split_doses(Ask& ask, const Course& course) {
  if (ask.view().document(kSplitKind, course.id.str()) != nullptr) {
    return make_error(ErrorCode::conflict, cat("course ", course.id.str(),
                                               " is split already: \"undo\" takes that back"));
  }
  TRY_ASSIGN(const auto doses, doses_to_split(ask.view(), course));
  Json halves = halves_of(course, doses);
  Json data = act(ask);
  data.set("course", course.id.str()).set("halves", halves);
  add_document(data, kSplitKind, course.id.str(), Json::object().set("items", std::move(halves)));
  TRY(ask.trial.add(inventory_fact(fact::kDosesSplit, std::move(data))));
  return split_reply(ask, course.id,
                     cat("course ", course.id.str(), ": ", doses.size(), " doses are ",
                         2 * doses.size(), " halves now"));
}

Status check_joinable(const View& view, const Course& course, const Json& halves) {
  std::size_t place = course.doses.size() - halves.items().size();
  for (const Json& item : halves.items()) {
    const Dose* dose = course.find(DoseId(text_of(item, "dose")));
    const Dose* half = course.find(DoseId(text_of(item, "half")));
    const bool whole = dose != nullptr && half != nullptr && place < course.doses.size() &&
                       &course.doses[place++] == half;
    if (!whole) {
      return make_error(ErrorCode::conflict,
                        cat("doses of course ", course.id.str(), " changed since it was split"));
    }
    TRY(check_frozen(view, course, *dose));
    TRY(check_frozen(view, course, *half));
    if (half->thaw_at.ms == 0 && half->infusion_at.ms == 0) continue;
    return make_error(ErrorCode::conflict,
                      cat("expected half ", half->id.str(),
                          " without a date, take it back first (dose/plan, \"thaw_at\" null)"));
  }
  return {};
}

Result<Decision> join_doses(Ask& ask, const Course& course) {
  const Json* split = ask.view().document(kSplitKind, course.id.str());
  if (split == nullptr) {
    return make_error(ErrorCode::not_found, cat("course ", course.id.str(), " is not split"));
  }
  const Json halves = (*split)["items"];
  TRY(check_joinable(ask.view(), course, halves));
  Json data = act(ask);
  data.set("course", course.id.str()).set("halves", halves);
  add_document(data, kSplitKind, course.id.str(), Json());
  TRY(ask.trial.add(inventory_fact(fact::kDosesJoined, std::move(data))));
  return split_reply(
      ask, course.id,
      cat("course ", course.id.str(), ": ", halves.items().size(), " doses are whole again"));
}

Result<Decision> split_course(Ask& ask) {
  TRY(need_reason(ask, "splitting doses"));
  TRY_ASSIGN(const auto course, need_course(ask));
  TRY_ASSIGN(const auto undo, maybe_bool(ask.body, "undo"));
  return undo ? join_doses(ask, course) : split_doses(ask, course);
}

constexpr DecidedVerb kSplitCommands[] = {{"course/split", split_course}};

}  // namespace

std::span<const DecidedVerb> split_commands() { return kSplitCommands; }

}  // namespace cryobank::inventory
