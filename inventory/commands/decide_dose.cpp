// The way of a thawed dose: dose/reculture, harvest, issue, infuse, return, reject.
#include <utility>

#include "base/text.hpp"
#include "base/try.hpp"
#include "inventory/commands/decide.hpp"
#include "inventory/commands/hand_over.hpp"
#include "inventory/commands/unblock.hpp"
#include "inventory/ledger/edit.hpp"
#include "inventory/ledger/hold.hpp"
#include "inventory/ledger/out_of_spec.hpp"
#include "inventory/ledger/row_codec.hpp"
#include "inventory/ledger/stability.hpp"

namespace cryobank::inventory {
namespace {

// One custody step: the state the dose must be in, the fact it leaves, the word for the reply.
struct CustodyStep {
  FactName fact;
  std::string_view word;
  DoseState from;
  DoseState or_from;
};

constexpr FactName kInfused = fact::kDoseInfused;

// What is left of a dose of which this was given.
Fraction rest_of(const Fraction& given) {
  return *Fraction::make(given.denominator() - given.numerator(), given.denominator());
}

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
  const Json shortfall = data["short"];
  TRY(ask.trial.add(inventory_fact(step.fact, std::move(data))));
  TRY(unblock_doses(ask, CourseId()));
  const Course* course = ask.view().course(target.course.id);
  const Dose& dose = course->dose(target.dose.number);
  std::string word(step.word);
  Json reply = Json::object().set("course", target.course.id.str());
  reply.set("dose", target.dose.id.str());
  reply.set("state", name_of(dose.state));
  reply.set("revision", course->revision);
  if (step.fact == kInfused) {
    const Fraction left = rest_of(dose.infused);
    reply.set("given", dose.infused.str()).set("left", left.str());
    if (left.numerator() != 0)
      word = cat("is given to ", dose.infused.str(), ", ", left.str(), " of it is left");
  }
  if (!shortfall.is_null()) reply.set("short", shortfall);
  return answer(ask, std::move(reply),
                cat("dose ", target.dose.id.str(), " of course ", target.course.id.str(), " ", word,
                    shortfall.is_null() ? "" : "; it is SHORT of cells"));
}

// Counts after a step, as the laboratory measured them; both or none.
Result<CellCount> read_count(const Ask& ask, Json& data) {
  CellCount count;
  const std::pair<std::string_view, Milli*> fields[] = {{"cells", &count.cells},
                                                        {"viable_percent", &count.viable_percent}};
  for (const auto& [key, field] : fields) {
    if (!ask.body.has(key) || ask.body[key].is_null()) continue;
    TRY_ASSIGN(const auto value, ask.body.get_milli(key));
    if (value.v < 0 || (field == &count.viable_percent && whole(100) < value)) {
      return make_error(ErrorCode::invalid_value,
                        cat("expected a count of 0 or more, and at most 100 percent, at \"", key,
                            "\", came ", format_milli(value)));
    }
    *field = value;
    data.set(key, value);
  }
  return count;
}

// Nothing of a dose on hold goes on towards a patient.
Status check_dose_free(const Ask& ask, const Dose& dose) {
  for (const AliquotId& id : dose.aliquots) {
    TRY_ASSIGN(const auto aliquot, known_aliquot(ask.view(), id));
    TRY(check_no_hold(ask.view(), aliquot, ask.now()));
  }
  return {};
}

// What a hold leaves open, to save cells that are warm, a withdrawn consent does not.
Status check_dose_consent(const Ask& ask, const Dose& dose) {
  for (const AliquotId& id : dose.aliquots) {
    TRY_ASSIGN(const auto aliquot, known_aliquot(ask.view(), id));
    TRY(check_consent(ask.view(), aliquot));
  }
  return {};
}

// Neither held nor out of its specification nor past the time by which it was to be used.
Status check_usable(const Ask& ask, const CourseDose& target) {
  TRY(check_spec(ask.view(), target.course));
  TRY(check_dose_free(ask, target.dose));
  return check_not_expired(ask.view(), target.course, target.dose, ask.now());
}

// What a dose with too few viable cells means for the course: told with the fact, and an alarm.
void add_shortfall(const Ask& ask, const CourseDose& target, const CellCount& count, Json& data) {
  const auto shortfall = shortfall_of(ask.view(), target.course, target.dose, count, ask.now());
  if (!shortfall) return;
  Json json = Json::object().set("viable_cells", shortfall->viable_cells);
  put_number(json, "wanted_cells", shortfall->wanted_cells);
  json.set("doses_left", shortfall->doses_left).set("usable", shortfall->usable);
  json.set("full_doses", shortfall->full_doses);
  data.set("short", std::move(json));
}

// The label of the dose is scanned; `checked` says that holds and its expiry forbid this step.
Result<Decision> labelled_step(Ask& ask, const CustodyStep& step, bool checked) {
  TRY_ASSIGN(const auto target, need_dose(ask));
  TRY(check_state(target, step));
  if (checked) {
    TRY(check_usable(ask, target));
  }
  TRY_ASSIGN(auto mismatch, check_dose_code(ask, target));
  if (mismatch) return std::move(*mismatch);
  Json data = dose_act(ask, target);
  TRY_ASSIGN(auto counted, read_count(ask, data));
  // None of them alive is none, whatever the rule.
  if (data.has("viable_percent") && counted.viable_percent.v == 0) counted.cells = {};
  const bool is_counted = data.has("cells");
  if (step.from == DoseState::reculture && is_counted) add_shortfall(ask, target, counted, data);
  TRY_ASSIGN(const auto to, maybe_text(ask.body, "to", kIdLengthMax));
  put_text(data, "to", to);
  put_text(data, "lost_to", text_of(ask.body, "lost_to"));
  return take_step(ask, target, step, std::move(data));
}

// The vials leave the thaw station: their codes are scanned, the robot's reading was the first
// match.
Result<Decision> reculture(Ask& ask) {
  TRY_ASSIGN(const auto target, need_dose(ask));
  const CustodyStep step{fact::kDoseRecultured, "is in culture", DoseState::thawed,
                         DoseState::thawed};
  TRY(check_state(target, step));
  TRY(check_dose_consent(ask, target.dose));
  std::vector<Aliquot> thawed;
  for (const AliquotId& id : target.dose.aliquots) {
    TRY_ASSIGN(auto aliquot, known_aliquot(ask.view(), id));
    if (aliquot.state != AliquotState::thawed) continue;
    TRY(check_not_in_job(ask.view(), aliquot));
    thawed.push_back(std::move(aliquot));
  }
  if (thawed.empty()) return make_error(ErrorCode::conflict, "expected a thawed aliquot");
  const PlaceId& station = thawed.front().spot.place;
  TRY(check_no_hold(ask.view(), station));
  TRY_ASSIGN(auto mismatch, check_codes(ask, thawed, hold_target(HoldScope::place, station.str())));
  if (mismatch) return std::move(*mismatch);
  TRY(check_not_expired(ask.view(), target.course, target.dose, ask.now()));
  Json data = dose_act(ask, target);
  TRY(read_count(ask, data));
  return take_step(ask, target, step, std::move(data));
}

Result<Decision> harvest(Ask& ask) {
  TRY_ASSIGN(const auto target, need_dose(ask));
  TRY(check_dose_consent(ask, target.dose));
  TRY_ASSIGN(const auto overridden, maybe_bool(ask.body, "override"));
  if (overridden) {
    TRY(need_second_signer(ask, "a harvest before its time"));
    TRY(note_override(ask, "dose-harvest"));
  }
  return labelled_step(
      ask, {fact::kDoseHarvested, "is harvested", DoseState::reculture, DoseState::reculture},
      false);
}

Result<Decision> issue(Ask& ask) {
  return labelled_step(
      ask, {fact::kDoseIssued, "is issued", DoseState::harvested, DoseState::thawed}, true);
}

// One infusion gives no more cells than its protocol's cap: of the viable ones where that was told,
// else of all. What was not counted cannot be judged.
Status check_cap(Ask& ask, const CourseDose& target, const Fraction& part) {
  const config::ProtocolConfig* protocol =
      ask.view().site().find_protocol(target.course.protocol, target.course.protocol_version);
  if (protocol == nullptr || protocol->cells_per_infusion == 0) return {};
  const CellCount& count = target.dose.harvested;
  const std::int64_t viable = viable_cells(count);
  const std::int64_t whole_dose = viable > 0 ? viable : count.cells.v / 1000;
  const std::int64_t given = whole_dose / part.denominator() * part.numerator();
  if (given <= protocol->cells_per_infusion) return {};
  TRY_ASSIGN(const auto overridden, maybe_bool(ask.body, "override"));
  if (overridden) {
    TRY(need_second_signer(ask, "an infusion over its cap"));
    return note_override(ask, "dose-infuse");
  }
  return make_error(ErrorCode::conflict,
                    cat("dose ", target.dose.id.str(), " of course ", target.course.id.str(), ": ",
                        part.str(), " of it are ", given, " cells, one infusion of protocol ",
                        protocol->id.str(), " gives at most ", protocol->cells_per_infusion,
                        ": give a smaller `part`, or override with a second person"));
}

// A dose may be given in several drips: "part" is the share of the dose, by default all that is
// left of it.
Result<Decision> infuse(Ask& ask) {
  TRY_ASSIGN(const auto target, need_dose(ask));
  const CustodyStep step{kInfused, "is infused", DoseState::issued, DoseState::harvested};
  TRY(check_state(target, step));
  TRY(check_usable(ask, target));
  TRY_ASSIGN(auto mismatch, check_dose_code(ask, target));
  if (mismatch) return std::move(*mismatch);
  Result<Fraction> part = rest_of(target.dose.infused);
  if (ask.body.has("part")) {
    TRY_ASSIGN(const auto text, ask.body.get_string("part"));
    part = Fraction::parse(text);
  }
  TRY(part);
  if (part->numerator() == 0) {
    return make_error(ErrorCode::invalid_value, "expected a part above 0, e.g. \"1/2\"");
  }
  TRY(check_cap(ask, target, *part));
  if (target.dose.state == DoseState::harvested) {
    TRY(ask.trial.add(inventory_fact(fact::kDoseIssued, dose_act(ask, target))));
  }
  Json data = dose_act(ask, target);
  data.set("part", part->str());
  return take_step(ask, target, step, std::move(data));
}

Result<Decision> give_back(Ask& ask) {
  TRY(need_reason(ask, "a return"));
  TRY_ASSIGN(const auto target, need_dose(ask));
  if (target.dose.infused.numerator() != 0) {
    return make_error(ErrorCode::conflict,
                      cat("dose ", target.dose.id.str(), " of course ", target.course.id.str(),
                          " is given to ", target.dose.infused.str(),
                          ": nothing of which a part was given is returned; give the rest "
                          "(dose/infuse), or reject it (dose/reject)"));
  }
  return labelled_step(
      ask, {fact::kDoseReturned, "is returned", DoseState::issued, DoseState::issued}, false);
}

Result<Decision> reject(Ask& ask) {
  TRY_ASSIGN(const auto target, need_dose(ask));
  TRY(need_reason(ask, "a rejection"));
  const Dose& dose = target.dose;
  if (is_final(dose.state) || dose.state == DoseState::thawing) {
    return make_error(ErrorCode::conflict,
                      cat("dose ", dose.id.str(), " of course ", target.course.id.str(), " is ",
                          name_of(dose.state), " and cannot be rejected"));
  }
  const CustodyStep step{fact::kDoseRejected, "is rejected", dose.state, dose.state};
  Json data = dose_act(ask, target);
  put_text(data, "lost_to", text_of(ask.body, "lost_to"));
  return take_step(ask, target, step, std::move(data));
}

constexpr DecidedVerb kDoseCommands[] = {
    {"dose/harvest", harvest},     {"dose/infuse", infuse}, {"dose/issue", issue},
    {"dose/reculture", reculture}, {"dose/reject", reject}, {"dose/return", give_back},
};

}  // namespace

std::span<const DecidedVerb> dose_commands() { return kDoseCommands; }

}  // namespace cryobank::inventory
