#include "inventory/commands/ask.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "base/try.hpp"
#include "inventory/commands/list/scan_table.hpp"
#include "inventory/ledger/edit.hpp"
#include "inventory/ledger/row_codec.hpp"

namespace cryobank::inventory {

Decision answer(Ask& ask, Json reply, std::string message) {
  Decision decision;
  decision.facts = ask.trial.take_facts();
  decision.reply = std::move(reply);
  decision.message = std::move(message);
  return decision;
}

Json act(const Ask& ask) {
  Json data = Json::object();
  put_time(data, "at", ask.now());
  put_text(data, "by", ask.context.actor.user.str());
  put_text(data, "witness", ask.context.actor.witness.str());
  put_text(data, "reason", ask.context.reason);
  return data;
}

Fact inventory_fact(const FactName& type, Json data) { return {type, std::move(data)}; }

Result<WallTime> maybe_time(const Json& body, std::string_view key) {
  if (!body.has(key) || body[key].is_null()) return WallTime{};
  TRY_ASSIGN(const auto text, body.get_string(key));
  const auto time = parse_utc(text);
  if (!time) return make_error(time.error().code, cat("at \"", key, "\": ", time.error().context));
  return *time;
}

Result<bool> maybe_bool(const Json& body, std::string_view key) {
  if (!body.has(key) || body[key].is_null()) return false;
  return body.get_bool(key);
}

Result<std::string> maybe_text(const Json& body, std::string_view key, std::size_t length_max) {
  if (!body.has(key) || body[key].is_null()) return std::string();
  auto text = body.get_string(key);
  if (text && text->size() > length_max) {
    return make_error(ErrorCode::too_large, cat("expected at most ", length_max, " bytes at \"",
                                                key, "\", came ", text->size()));
  }
  return text;
}

Result<Course> need_course(const Ask& ask) {
  TRY_ASSIGN(const auto id, need_id<CourseId>(ask.body, "course"));
  auto course = known_course(ask.view(), id);
  TRY(course);
  const std::int64_t expected = ask.context.expect_revision;
  if (expected >= 0 && expected != course->revision) {
    return make_error(ErrorCode::conflict, cat("expected revision ", expected, " of course ",
                                               id.str(), ", it is at ", course->revision));
  }
  return course;
}

Result<CourseDose> need_dose(const Ask& ask) {
  TRY_ASSIGN(auto course, need_course(ask));
  TRY_ASSIGN(const auto id, need_id<DoseId>(ask.body, "dose"));
  const Dose* dose = course.find(id);
  if (dose == nullptr) {
    return make_error(ErrorCode::not_found,
                      cat("course ", course.id.str(), " has no dose ", id.str()));
  }
  Dose copy = *dose;
  return CourseDose{std::move(course), std::move(copy)};
}

Decision list_open(Ask& ask, std::string_view kind, const OpenRow& row) {
  const std::vector<std::string> ids = ask.view().documents(kind);
  Json list = Json::array();
  for (const std::string& id : ids) {
    if (list.items().size() >= kOpenListedMax) break;
    list.push(row(id).set(std::string(kind), id));
  }
  const auto count = static_cast<std::uint64_t>(ids.size());
  return answer(ask, Json::object().set("open", std::move(list)).set("count", count),
                cat(count, " open"));
}

bool is_dry_run(const Json& body) {
  const Json& store = body["store"];
  return flag_of(body, "dry_run") || (store.is_object() && flag_of(store, "dry_run"));
}

Result<Spot> need_spot(const View& view, const PlaceId& id, std::string_view label) {
  TRY_ASSIGN(const auto place, known_place(view, id));
  const PlaceType& type = view.type_of(place);
  if (!type.has_positions()) {
    if (label.empty()) return Spot{id, kNoPosition};
    return make_error(ErrorCode::not_found,
                      cat("place ", id.str(), " has no positions, came \"", clip(label, 40), "\""));
  }
  const auto position = type.position_of(label);
  if (!position) {
    // As a list or a scanner writes it: "a1", "A01". A person is asked, for it may be a slip.
    const auto like = find_position(type, label, config::ScanDialect::Order::none);
    if (like && type.exists(*like)) {
      return make_error(ErrorCode::did_you_mean,
                        cat("place ", id.str(), " has no position \"", clip(label, 40),
                            "\", did you mean \"", type.label(*like), "\"?"));
    }
    return make_error(position.error().code,
                      cat("place ", id.str(), ": ", position.error().context));
  }
  return Spot{id, *position};
}

Status need_reason(const Ask& ask, std::string_view what) {
  if (!trim(ask.context.reason).empty()) return {};
  return make_error(ErrorCode::invalid_value, cat("expected a reason for ", what));
}

Status need_second_signer(const Ask& ask, std::string_view what) {
  TRY(need_reason(ask, what));
  const Actor& actor = ask.context.actor;
  if (!actor.witness.empty() && actor.witness != actor.user) return {};
  return make_error(ErrorCode::witness_needed, cat("expected a second person to confirm ", what));
}

}  // namespace cryobank::inventory
