#include "service/core/plan/plan_own.hpp"

#include "service/core/problem/checked.hpp"
#include "service/core/problem/plan_problem.hpp"

namespace cryobank::core {
namespace {

Json own_interval(const config::ProtocolConfig& protocol) {
  Json json = Json::object().set("min_days", protocol.interval_min_days);
  json.set("max_days", protocol.interval_max_days);
  json.set("limit_min_days", protocol.shortest_gap());
  json.set("limit_max_days", protocol.longest_gap());
  json.set("early_doses", protocol.early_doses).set("early_min_days", protocol.early_min_days);
  return json.set("urgency", protocol.urgency);
}

// Of a record from before it was kept who named the clinic: nothing.
Json own_clinic(const inventory::View& view, const CourseId& course) {
  const Json* named = view.document("clinic", course.str());
  if (named == nullptr || !named->has("by")) return {};
  Json json = Json::object();
  for (const std::string_view key : {"at", "by", "reason"}) {
    if (named->has(key)) json.set(std::string(key), (*named)[key]);
  }
  return json;
}

Json own_change(const inventory::View& view, const CourseId& course) {
  const Json* change = view.document("change", course.str());
  if (change == nullptr) return {};
  Json json = Json::object();
  for (const auto& [key, value] : change->members()) {
    if (key != "breaks") json.set(key, value);
  }
  return json;
}

}  // namespace

void describe_own(const config::SiteConfig& site, const inventory::View& view, const CourseId& id,
                  Json& json) {
  const inventory::Course* course = view.course(id);
  if (course == nullptr) return;
  const auto set = [&json](std::string_view key, Json value) {
    if (!value.is_null()) json.set(std::string(key), std::move(value));
  };
  if (std::string clinic = clinic_of(site, view, id.str()); !clinic.empty()) {
    json.set("clinic", std::move(clinic));
  }
  set("clinic_set", own_clinic(view, id));
  if (const auto protocol = protocol_of(site, view, *course)) {
    json.set("interval", own_interval(*protocol));
  }
  set("amended", own_change(view, id));
}

}  // namespace cryobank::core
