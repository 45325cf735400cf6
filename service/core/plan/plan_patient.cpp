// What holds for one patient alone: the protocol as it was changed for this one, and holds.
#include "base/text.hpp"
#include "inventory/ledger/tables.hpp"
#include "service/core/plan/plan_problem.hpp"

namespace cryobank::core {

Result<config::ProtocolConfig> protocol_of(const config::SiteConfig& site,
                                           const inventory::View& view,
                                           const inventory::Course& course) {
  for (const config::ProtocolConfig& protocol : site.protocols) {
    if (protocol.id != course.protocol || protocol.version != course.protocol_version) continue;
    config::ProtocolConfig own = protocol;
    const Json* change = view.document("change", course.id.str());
    if (change == nullptr) return own;
    const std::pair<std::string_view, int*> fields[] = {
        {"interval_min_days", &own.interval_min_days},
        {"interval_max_days", &own.interval_max_days},
        {"limit_min_days", &own.limit_min_days},
        {"limit_max_days", &own.limit_max_days},
        {"early_doses", &own.early_doses},
        {"early_min_days", &own.early_min_days},
        {"urgency", &own.urgency}};
    for (const auto& [key, field] : fields) {
      if (!change->has(key)) continue;
      *field = static_cast<int>(number_in(*change, key, *field));
      if (key != "urgency") own.interval_costs.clear();
    }
    return own;
  }
  if (course.protocol.empty()) {
    return make_error(ErrorCode::not_found,
                      cat("course ", course.id.str(), " has no protocol: register it with one"));
  }
  return make_error(ErrorCode::not_found,
                    cat("protocol ", course.protocol.str(), " version ", course.protocol_version,
                        " is not in the site's configuration"));
}

std::vector<std::string> pauses_of(const inventory::View& view, const CourseId& course) {
  std::vector<std::string> ids;
  for (const std::string& id : view.documents("pause")) {
    const Json* pause = view.document("pause", id);
    if (pause != nullptr && text_in(*pause, "course") == course.str()) ids.push_back(id);
  }
  return ids;
}

bool is_paused(const inventory::View& view, const CourseId& course, Day day) {
  for (const std::string& id : pauses_of(view, course)) {
    const Json& pause = *view.document("pause", id);
    const Result<Day> from = parse_day(text_in(pause, "from"));
    const Result<Day> until = parse_day(text_in(pause, "until"));
    if (from && *from <= day && (!until || day <= *until)) return true;
  }
  return false;
}

}  // namespace cryobank::core
