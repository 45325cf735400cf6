// course/register.
#include <algorithm>
#include <set>

#include "base/record_time.hpp"
#include "base/text.hpp"
#include "base/try.hpp"
#include "base/vial_code.hpp"
#include "inventory/commands/decide.hpp"
#include "inventory/commands/donation.hpp"
#include "inventory/commands/gate/intake.hpp"
#include "inventory/commands/gate/pinned_protocol.hpp"
#include "inventory/commands/hand_over.hpp"
#include "inventory/commands/make_job.hpp"
#include "inventory/commands/second_course.hpp"
#include "inventory/commands/store_at_once.hpp"
#include "inventory/commands/work_area.hpp"
#include "inventory/ledger/row_codec.hpp"
#include "inventory/ledger/stability.hpp"

namespace cryobank::inventory {
namespace {

struct NewAliquot {
  AliquotId id;
  std::string code;
  WallTime expires_at{};
};

struct NewDose {
  DoseId id;
  Fraction fraction;
  std::vector<NewAliquot> aliquots;
};

std::string two_digits(std::size_t number) { return number < 10 ? cat("0", number) : cat(number); }

// How many aliquots each of `count` doses has: as the codes say, or as asked.
Result<std::int64_t> aliquots_per_dose(std::int64_t count, std::int64_t asked, const Json& codes) {
  const bool coded = codes.is_array() && !codes.items().empty();
  const auto given = coded ? static_cast<std::int64_t>(codes.items().size()) : asked * count;
  if (given % count != 0) {
    return make_error(ErrorCode::invalid_value,
                      cat("expected as many codes for each of ", count, " doses, came ", given));
  }
  if (given < count || given > count * kAliquotsPerDoseMax) {
    return make_error(ErrorCode::invalid_value,
                      cat("expected 1 to ", kAliquotsPerDoseMax, " aliquots for each dose, came ",
                          given / count));
  }
  return given / count;
}

Result<NewAliquot> coded_aliquot(const View& view, const CourseId& course, const DoseId& dose,
                                 std::size_t number, const Json& codes, std::size_t index) {
  TRY_ASSIGN(const auto id, AliquotId::parse(cat(course.str(), "-", dose.str(), "-", number)));
  if (!codes.is_array() || codes.items().empty()) {
    TRY(check_new_code(view, id.str()));
    return NewAliquot{id, id.str(), {}};
  }
  const Json& item = codes.items()[index];
  if (!item.is_string()) return make_error(ErrorCode::malformed, "expected texts at \"codes\"");
  TRY_ASSIGN(auto code, first_code(view, item.string()));
  return NewAliquot{id, std::move(code), {}};
}

// {"doses": 12, "codes": [...]}: equal doses, the codes dose after dose. Without codes, an
// aliquot's id is its code: the label to be printed.
Result<std::vector<NewDose>> equal_doses(const View& view, const CourseId& course,
                                         std::int64_t count, std::int64_t asked,
                                         const Json& codes) {
  if (count < 1 || count > kDosesMax) {
    return make_error(ErrorCode::invalid_value,
                      cat("expected 1 to ", kDosesMax, " doses, came ", count));
  }
  TRY_ASSIGN(const auto per_dose, aliquots_per_dose(count, asked, codes));
  std::vector<NewDose> doses;
  std::size_t index = 0;
  for (std::int64_t d = 1; d <= count; ++d) {
    NewDose dose;
    dose.id = DoseId(cat("d", two_digits(static_cast<std::size_t>(d))));
    dose.fraction = *Fraction::make(1, count);
    for (std::int64_t a = 1; a <= per_dose; ++a) {
      TRY_ASSIGN(auto aliquot,
                 coded_aliquot(view, course, dose.id, static_cast<std::size_t>(a), codes, index++));
      dose.aliquots.push_back(std::move(aliquot));
    }
    doses.push_back(std::move(dose));
  }
  return doses;
}

Result<NewDose> read_dose(const View& view, const CourseId& course, const Json& item,
                          std::size_t number, std::size_t count) {
  NewDose dose;
  TRY_ASSIGN(const auto id, maybe_id<DoseId>(item, "dose"));
  dose.id = id.empty() ? DoseId(cat("d", two_digits(number))) : id;
  TRY_ASSIGN(const auto fraction, item.has("fraction")
                                      ? Fraction::parse(text_of(item, "fraction"))
                                      : Fraction::make(1, static_cast<std::int64_t>(count)));
  dose.fraction = fraction;
  const Json& aliquots = item["aliquots"];
  if (!aliquots.is_array() || aliquots.items().empty() ||
      aliquots.items().size() > kAliquotsPerDoseMax) {
    return make_error(ErrorCode::invalid_value,
                      cat("expected 1 to ", kAliquotsPerDoseMax, " aliquots of dose ",
                          dose.id.str(), " at \"aliquots\""));
  }
  for (const Json& entry : aliquots.items()) {
    TRY_ASSIGN(const auto scanned, entry.get_string("code"));
    TRY_ASSIGN(auto code, first_code(view, scanned));
    TRY_ASSIGN(const auto given, maybe_id<AliquotId>(entry, "aliquot"));
    const auto made =
        AliquotId::parse(cat(course.str(), "-", dose.id.str(), "-", dose.aliquots.size() + 1));
    if (given.empty() && !made) return made.error();
    TRY_ASSIGN(const auto expires, maybe_time(entry, "expires_at"));
    dose.aliquots.push_back({given.empty() ? *made : given, std::move(code), expires});
  }
  return dose;
}

Result<std::vector<NewDose>> read_doses(const Ask& ask, const CourseId& course,
                                        const config::ProtocolConfig* protocol) {
  const Json& doses = ask.body["doses"];
  if (doses.is_array()) {
    for (const std::string_view key : {"codes", "aliquots_per_dose"}) {
      if (!ask.body.has(key)) continue;
      return make_error(ErrorCode::invalid_value,
                        cat("expected \"", key, "\" with a number of doses, came a list of them"));
    }
    if (doses.items().empty() || doses.items().size() > kDosesMax) {
      return make_error(ErrorCode::invalid_value,
                        cat("expected 1 to ", kDosesMax, " doses, came ", doses.items().size()));
    }
    std::vector<NewDose> list;
    for (const Json& item : doses.items()) {
      TRY_ASSIGN(auto dose,
                 read_dose(ask.view(), course, item, list.size() + 1, doses.items().size()));
      list.push_back(std::move(dose));
    }
    return list;
  }
  const std::int64_t per_dose =
      std::clamp<std::int64_t>(integer_of(ask.body, "aliquots_per_dose",
                                          protocol == nullptr ? 1 : protocol->aliquots_per_dose),
                               0, kAliquotsPerDoseMax + 1);
  if (doses.is_integer()) {
    return equal_doses(ask.view(), course, doses.integer(), per_dose, ask.body["codes"]);
  }
  if (protocol != nullptr && doses.is_null()) {
    return equal_doses(ask.view(), course, protocol->doses, per_dose, ask.body["codes"]);
  }
  return make_error(ErrorCode::malformed,
                    cat("expected a number or a list at \"doses\", came ", doses.kind_name()));
}

// "expires_at" of the body is for every aliquot that has no own one. Without any, its stability in
// the cold counts from now on.
Status set_expiry(const Ask& ask, std::vector<NewDose>& doses,
                  const config::ProtocolConfig* protocol) {
  TRY_ASSIGN(auto common, maybe_time(ask.body, "expires_at"));
  if (common.ms == 0 && protocol != nullptr) {
    const std::int64_t frozen = stability_of(ask.view(), protocol->id).frozen_days;
    if (frozen > 0) common = ask.now() + days(frozen);
  }
  for (NewDose& dose : doses) {
    for (NewAliquot& aliquot : dose.aliquots) {
      if (aliquot.expires_at.ms == 0) aliquot.expires_at = common;
      if (aliquot.expires_at.ms == 0) continue;
      TRY(check_new_expiry(ask.now(), cat("aliquot ", aliquot.id.str()), aliquot.expires_at));
    }
  }
  return {};
}

Status check_doses(const View& view, const CourseId& course, const std::vector<NewDose>& doses) {
  std::set<std::string> dose_ids, aliquot_ids, codes;
  CourseShape shape;
  for (const NewDose& dose : doses) {
    if (!dose_ids.insert(dose.id.str()).second) {
      return make_error(ErrorCode::already_exists, cat("dose ", dose.id.str(), " comes twice"));
    }
    const std::string label = dose_code(course, dose.id);
    TRY(check_no_vials_code(view, label, "the label of a dose"));
    TRY(shape.add_dose(dose.fraction));
    TRY(CourseShape::add_aliquot(dose.aliquots.size() - 1));
    for (const NewAliquot& aliquot : dose.aliquots) {
      if (!is_code_text(aliquot.code)) {
        return make_error(ErrorCode::malformed,
                          cat("expected a code of 1 to 64 printable characters for aliquot ",
                              aliquot.id.str(), ", came \"", clip(aliquot.code, 80), "\""));
      }
      if (aliquot.code == label) {
        return make_error(ErrorCode::already_exists,
                          cat("aliquot ", aliquot.id.str(), " cannot have the label of its dose, ",
                              label, ", as its code"));
      }
      if (!codes.insert(aliquot.code).second || !aliquot_ids.insert(aliquot.id.str()).second) {
        return make_error(ErrorCode::already_exists, cat("aliquot ", aliquot.id.str(), " or code ",
                                                         aliquot.code, " comes twice"));
      }
    }
  }
  return {};
}

// An aliquot of another course whose id or code is asked for once more.
std::optional<Aliquot> find_taken(const View& view, const std::vector<NewDose>& doses) {
  for (const NewDose& dose : doses) {
    for (const NewAliquot& aliquot : dose.aliquots) {
      if (auto taken = view.aliquot(aliquot.id)) return taken;
      if (auto taken = view.aliquot_by_code(aliquot.code)) return taken;
    }
  }
  return std::nullopt;
}

Json dose_list(const std::vector<NewDose>& doses) {
  Json list = Json::array();
  for (const NewDose& dose : doses) {
    Json aliquots = Json::array();
    for (const NewAliquot& aliquot : dose.aliquots) {
      Json item = Json::object().set("aliquot", aliquot.id.str()).set("code", aliquot.code);
      put_time(item, "expires", aliquot.expires_at);
      aliquots.push(std::move(item));
    }
    list.push(Json::object()
                  .set("dose", dose.id.str())
                  .set("fraction", dose.fraction.str())
                  .set("aliquots", std::move(aliquots)));
  }
  return list;
}

// An identity belongs to one patient.
Status check_identity(const View& view, const PatientId& patient, const std::string& identity) {
  if (identity.empty()) return {};
  if (!is_code_text(identity)) {
    return make_error(ErrorCode::malformed,
                      cat("expected a chain-of-identity identifier without blanks, came \"",
                          clip(identity, 80), "\""));
  }
  TRY(expect_vial_code(identity));
  for (const auto& [id, course] : view.base().courses) {
    if (course.identity != identity || course.patient == patient) continue;
    return make_error(ErrorCode::mismatch, cat("chain of identity ", identity,
                                               " belongs to another patient's course ", id.str()));
  }
  return {};
}

Status add_course(Ask& ask, const CourseId& course, const std::vector<NewDose>& doses,
                  const config::ProtocolConfig* protocol) {
  TRY_ASSIGN(const auto patient, need_id<PatientId>(ask.body, "patient"));
  TRY_ASSIGN(const auto lot, maybe_id<LotId>(ask.body, "lot"));
  TRY_ASSIGN(const auto sec, read_sec(ask.body));
  TRY_ASSIGN(const auto donation, read_donation(ask.body, sec));
  TRY_ASSIGN(const auto identity, maybe_text(ask.body, "identity", kIdentifierMax));
  TRY(check_identity(ask.view(), patient, identity));
  Json data = act(ask);
  data.set("course", course.str());
  data.set("patient", patient.str());
  if (protocol != nullptr) put_protocol(data, *protocol);
  put_text(data, "lot", lot.str());
  put_text(data, "donation", donation);
  put_text(data, "identity", identity);
  if (sec) data.set("sec", format_sec(*sec));
  data.set("doses", dose_list(doses));
  return ask.trial.add(inventory_fact(fact::kCourseRegistered, std::move(data)));
}

// Before anything is registered: what would be put into the port is alone there.
Result<std::optional<Decision>> check_port(Ask& ask, const CourseId& id,
                                           const std::vector<NewDose>& doses) {
  const Json& store = ask.body["store"];
  if (store.is_null()) return std::optional<Decision>();
  TRY_ASSIGN(const auto robot, need_robot(ask, store));
  std::vector<Arrival> arrivals;
  for (const NewDose& dose : doses) {
    for (const NewAliquot& aliquot : dose.aliquots) {
      arrivals.push_back({aliquot.id, id, aliquot.code, robot->transfer_port});
    }
  }
  return check_arrivals(ask, arrivals, store);
}

// A course that nobody registered yet.
Result<CourseId> need_new_course(const Ask& ask) {
  TRY_ASSIGN(const auto id, need_id<CourseId>(ask.body, "course"));
  const Course* known = ask.view().course(id);
  if (known == nullptr) return id;
  return make_error(ErrorCode::already_exists,
                    cat("course ", id.str(), " exists already",
                        known->protocol.empty() && ask.body.has("protocol")
                            ? ": course/protocol gives it its protocol"
                            : ""));
}

// None where the command names none.
Result<const config::ProtocolConfig*> named_protocol(const Ask& ask) {
  TRY_ASSIGN(const auto named, maybe_id<ProtocolId>(ask.body, "protocol"));
  if (named.empty()) return static_cast<const config::ProtocolConfig*>(nullptr);
  return find_protocol(ask.view().site(), named);
}

// What the command says of the doses, as its protocol allows them.
Result<std::vector<NewDose>> new_doses(Ask& ask, const CourseId& id,
                                       const config::ProtocolConfig* protocol) {
  TRY_ASSIGN(auto doses, read_doses(ask, id, protocol));
  TRY(set_expiry(ask, doses, protocol));
  TRY(check_doses(ask.view(), id, doses));
  for (const NewDose& dose : doses) {
    if (protocol != nullptr) TRY(check_share(*protocol, dose.id, dose.fraction));
  }
  return doses;
}

Result<Decision> register_course(Ask& ask) {
  TRY_ASSIGN(const auto id, need_new_course(ask));
  TRY_ASSIGN(const config::ProtocolConfig* const protocol, named_protocol(ask));
  TRY_ASSIGN(const auto doses, new_doses(ask, id, protocol));
  if (const auto taken = find_taken(ask.view(), doses)) return note_second_course(ask, *taken, id);
  TRY_ASSIGN(auto mixed, check_port(ask, id, doses));
  if (mixed) return std::move(*mixed);
  std::vector<AliquotId> aliquots;
  NewCodes born(ask.view());
  TRY(born.add_course(id));
  for (const NewDose& dose : doses) {
    for (const NewAliquot& aliquot : dose.aliquots) {
      aliquots.push_back(aliquot.id);
      born.add(aliquot.code);
    }
  }
  TRY(add_course(ask, id, doses, protocol));

  Json reply = Json::object().set("course", id.str());
  reply.set("doses", static_cast<std::uint64_t>(doses.size()));
  reply.set("aliquots", static_cast<std::uint64_t>(aliquots.size()));
  const std::string what =
      cat("course ", id.str(), ": ", doses.size(), " doses, ", aliquots.size(), " aliquots");
  const std::string alike = born.tell(reply);
  if (ask.body["store"].is_null()) {
    return answer(ask, std::move(reply), cat(what, " registered", alike));
  }
  return store_at_once(ask, id, aliquots, std::move(reply), cat(what, alike));
}

constexpr DecidedVerb kCourseCommands[] = {{"course/register", register_course}};

}  // namespace

std::span<const DecidedVerb> course_commands() { return kCourseCommands; }

}  // namespace cryobank::inventory
