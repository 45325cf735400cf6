#include "service/core/desk/as_of_desk.hpp"

#include <utility>

#include "base/json_time.hpp"
#include "base/scan_text.hpp"
#include "base/text.hpp"
#include "base/try.hpp"

namespace cryobank::core {
namespace {

using inventory::PastStay;
using inventory::View;

constexpr std::string_view kOfAliquot = "history/aliquot";
constexpr std::string_view kOfPlace = "history/place";
constexpr std::string_view kAffected = "history/affected";

Result<WallTime> read_time(const Json& body, std::string_view key) {
  if (!body.has(key)) return WallTime{};
  TRY_ASSIGN(const std::string text, body.get_string(key));
  return parse_utc(text);
}

Result<AliquotId> read_aliquot(const View& view, const Json& body) {
  if (body.has("code")) {
    TRY_ASSIGN(const std::string code, body.get_string("code"));
    const auto found = view.aliquot_by_code(strip_scan(code));
    if (found) return found->id;
    return make_error(ErrorCode::not_found, cat("no aliquot has the code ", clip(code, 80)));
  }
  TRY_ASSIGN(const std::string text, body.get_string("aliquot"));
  TRY_ASSIGN(const AliquotId id, AliquotId::parse(text));
  if (view.aliquot(id)) return id;
  return make_error(ErrorCode::not_found, cat("no aliquot ", id.str()));
}

}  // namespace

bool AsOfDesk::answers(std::string_view verb) {
  return verb == kOfAliquot || verb == kOfPlace || verb == kAffected;
}

void AsOfDesk::ask(const Now& now, const Command& command, Effects& effects) {
  if (questions_.size() >= kQuestionsMax) {
    return refuse(command, make_error(ErrorCode::unavailable, "too many questions wait; try again"),
                  effects);
  }
  Question question;
  question.command = command;
  const Status begun = begin(now, question);
  if (!begun) return refuse(command, begun.error(), effects);
  if (question.aliquot.empty()) return read_next_place(std::move(question), effects);
  inventory::KeyRange range = inventory::past_of(question.aliquot, question.at);
  question.last = std::move(range.last);
  read(std::move(question), std::move(range.first), effects);
}

Status AsOfDesk::begin(const Now& now, Question& question) const {
  const View view(bank_.ledger);
  const Json& body = question.command.body;
  const bool interval = question.command.verb == kAffected;
  const Result<WallTime> at = read_time(body, interval ? "from" : "at");
  TRY(at);
  TRY_ASSIGN(const WallTime until, interval ? read_time(body, "until") : at);
  question.at = *at;
  question.until = until;
  if (now.wall < question.until || question.until < question.at) {
    return make_error(ErrorCode::invalid_value,
                      cat("expected times that are past and in order, came ",
                          format_utc(question.at), " and ", format_utc(question.until)));
  }
  if (question.command.verb != kOfAliquot) return begin_place(question);
  TRY_ASSIGN(const AliquotId aliquot, read_aliquot(view, body));
  question.aliquot = aliquot;
  question.present.push_back(inventory::present_stay(view, *view.aliquot(aliquot)));
  return {};
}

Status AsOfDesk::begin_place(Question& question) const {
  const View view(bank_.ledger);
  if (question.at.ms == 0) {
    return make_error(ErrorCode::malformed, "expected a time at \"at\", or \"from\" and \"until\"");
  }
  TRY_ASSIGN(const std::string text, question.command.body.get_string("place"));
  TRY_ASSIGN(const PlaceId place, PlaceId::parse(text));
  if (!view.place(place)) {
    return make_error(ErrorCode::not_found, cat("no place ", place.str()));
  }
  question.place = place;
  for (PlaceId& id : inventory::places_during(view, place, question.at, question.until)) {
    if (!view.type_of(*view.place(id)).may_hold("aliquot")) continue;
    for (const AliquotId& aliquot : view.aliquots_in(id)) {
      PastStay stay = inventory::present_stay(view, *view.aliquot(aliquot));
      if (stay.overlaps(question.at, question.until)) question.present.push_back(std::move(stay));
    }
    question.open.push_back(std::move(id));
  }
  if (question.open.size() <= kPlacesAskedMax) return {};
  return make_error(ErrorCode::too_large,
                    cat("expected a place with at most ", kPlacesAskedMax, " containers inside, ",
                        place.str(), " had ", question.open.size(), ": name a smaller one"));
}

void AsOfDesk::read(Question question, std::string first, Effects& effects) {
  const EffectId id = bank_.next_effect();
  effects.push_back(ReadRows{id, std::move(first), question.last, kHistoryRowsPerRead});
  questions_.emplace(id, std::move(question));
}

void AsOfDesk::read_next_place(Question question, Effects& effects) {
  if (question.open.empty()) return tell_place(question, effects);
  inventory::KeyRange range = inventory::past_of(question.open.back(), question.at);
  question.last = std::move(range.last);
  read(std::move(question), std::move(range.first), effects);
}

Status AsOfDesk::take(Question& question, const std::vector<RowChange>& rows) const {
  question.rows += rows.size();
  for (const RowChange& row : rows) {
    TRY_ASSIGN(PastStay stay, inventory::read_past(row.key, row.value.value_or("")));
    if (!question.aliquot.empty()) {
      question.past.push_back(std::move(stay));
    } else if (stay.overlaps(question.at, question.until)) {
      // Of several stays that begin before, the one that ends first was the one then.
      AliquotId id = stay.aliquot;
      question.found.try_emplace(std::move(id), std::move(stay));
    }
  }
  if (question.rows <= kHistoryRowsMax) return {};
  return make_error(ErrorCode::too_large, cat("more than ", kHistoryRowsMax, " stays ended since ",
                                              format_utc(question.at), ": name a smaller place"));
}

bool AsOfDesk::on_rows(const RowsRead& read_rows, Effects& effects) {
  const auto found = questions_.find(read_rows.read);
  if (found == questions_.end()) return false;
  Question question = std::move(found->second);
  questions_.erase(found);
  const auto give_up = [&](const Error& error) {
    refuse(question.command, error, effects);
    return true;
  };
  if (!read_rows.rows.ok()) return give_up(read_rows.rows.error());
  const std::vector<RowChange>& rows = read_rows.rows.value();
  const Status taken = take(question, rows);
  if (!taken) return give_up(taken.error());
  const bool enough = !question.aliquot.empty() && question.at.ms != 0 && !rows.empty();
  if (rows.size() == kHistoryRowsPerRead && !enough) {
    std::string next = rows.back().key + '\0';
    read(std::move(question), std::move(next), effects);
  } else if (!question.aliquot.empty()) {
    tell_aliquot(question, effects);
  } else {
    question.open.pop_back();
    read_next_place(std::move(question), effects);
  }
  return true;
}

void AsOfDesk::tell_aliquot(Question& question, Effects& effects) {
  const View view(bank_.ledger);
  const PastStay& present = question.present.front();
  const bool goes_on = question.past.empty() || question.past.back().until <= present.from ||
                       question.past.back().spot == present.spot;
  if (goes_on) question.past.push_back(present);
  inventory::part_stays(question.past);
  Json body = Json::object().set("aliquot", question.aliquot.str());
  if (question.at.ms == 0) {
    Json stays = Json::array();
    std::uint64_t count = 0;
    for (const PastStay& stay : question.past) {
      for (const PastStay& piece : inventory::pieces_of(view, stay)) {
        ++count;
        if (stays.items().size() < kStaysToldMax) stays.push(to_json(view, piece, piece.from));
      }
    }
    body.set("count", count).set("stays", std::move(stays));
    return reply(question.command, std::move(body),
                 cat(question.aliquot.str(), " had ", count, " stays"), effects);
  }
  const PastStay& then = question.past.front();
  body.set("at", format_utc(question.at));
  if (!then.covers(question.at)) {
    body.set("stay", Json());
    return reply(question.command, std::move(body),
                 cat(question.aliquot.str(), " is not on record at ", format_utc(question.at)),
                 effects);
  }
  const std::string path = inventory::path_at(view, then.spot.place, question.at);
  body.set("stay", to_json(view, then, question.at));
  reply(question.command, std::move(body),
        cat(question.aliquot.str(), " was in ", path, then.position.empty() ? "" : " ",
            then.position, " at ", format_utc(question.at)),
        effects);
}

void AsOfDesk::tell_place(Question& question, Effects& effects) {
  const View view(bank_.ledger);
  for (PastStay& stay : question.present) {
    AliquotId id = stay.aliquot;
    question.found.try_emplace(std::move(id), std::move(stay));
  }
  if (question.command.verb == kAffected) return tell_affected(question, effects);
  Json rows = Json::array();
  for (const auto& [id, stay] : question.found) {
    if (rows.items().size() >= kStaysToldMax) break;
    rows.push(to_json(view, stay, question.at));
  }
  Json body = Json::object().set("place", question.place.str());
  body.set("at", format_utc(question.at));
  body.set("aliquots", static_cast<std::uint64_t>(question.found.size()));
  body.set("rows", std::move(rows));
  reply(question.command, std::move(body),
        cat(question.found.size(), " aliquots were in ", question.place.str(), " at ",
            format_utc(question.at)),
        effects);
}

// Whose they are, how many doses each course has left, and when the next is thawed.
void AsOfDesk::tell_affected(const Question& question, Effects& effects) {
  const View view(bank_.ledger);
  std::map<CourseId, std::uint64_t> courses;
  for (const auto& [id, stay] : question.found) ++courses[view.aliquot(id)->course];
  Json rows = Json::array();
  for (const auto& [id, aliquots] : courses) {
    if (rows.items().size() >= kStaysToldMax) break;
    const inventory::Course& course = *view.course(id);
    std::uint64_t left = 0;
    WallTime next{};
    for (const inventory::Dose& dose : course.doses) {
      if (!inventory::is_final(dose.state)) ++left;
      if (dose.state != inventory::DoseState::planned) continue;
      if (next.ms == 0 || dose.thaw_at < next) next = dose.thaw_at;
    }
    Json row = Json::object().set("course", id.str()).set("patient", course.patient.str());
    row.set("aliquots", aliquots).set("doses_left", left);
    row.set("next_thaw", time_or_null(next));
    rows.push(std::move(row));
  }
  Json body = Json::object().set("place", question.place.str());
  body.set("from", format_utc(question.at)).set("until", format_utc(question.until));
  body.set("aliquots", static_cast<std::uint64_t>(question.found.size()));
  body.set("courses", static_cast<std::uint64_t>(courses.size())).set("rows", std::move(rows));
  reply(question.command, std::move(body),
        cat(question.found.size(), " aliquots of ", courses.size(), " courses lay in ",
            question.place.str()),
        effects);
}

void AsOfDesk::reply(const Command& command, Json body, std::string message, Effects& effects) {
  Reply reply;
  reply.id = command.id;
  reply.message = std::move(message);
  reply.body = std::move(body);
  publisher_.reply(address_of(command), reply_payload(reply), effects);
}

void AsOfDesk::refuse(const Command& command, const Error& error, Effects& effects) {
  publisher_.reply(address_of(command),
                   reply_payload(refusal(command.id, ReplyStatus::rejected, error)), effects);
}

}  // namespace cryobank::core
