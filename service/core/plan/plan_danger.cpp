#include "service/core/plan/plan_danger.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace cryobank::core {
namespace {

constexpr std::size_t kNamedInText = 10;  // courses; the proposal lists them all

bool is_over_limit(std::string_view condition) {
  return condition == "temperature-top-high" || condition == "temperature-bottom-high";
}

Json ids_json(const std::vector<DoseId>& doses) {
  Json ids = Json::array();
  for (const DoseId& dose : doses) ids.push(dose.str());
  return ids;
}

std::string ids_text(const std::vector<DoseId>& doses) {
  std::string text;
  for (const DoseId& dose : doses) text += cat(text.empty() ? "" : ", ", dose.str());
  return text;
}

}  // namespace

std::vector<FreezerDanger> freezers_in_danger(const Bank& bank) {
  std::vector<FreezerDanger> dangers;
  for (const AlarmId& id : bank.board.open_alarms()) {
    const Json shown = bank.board.render(id);
    const Result<DeviceId> device = DeviceId::parse(text_in(shown, "device"));
    if (!device || !flag_in(shown, "active")) continue;
    const bool bad =
        is_over_limit(text_in(shown, "condition")) || flag_in(shown["time_to_loss"], "losing");
    const bool known = std::ranges::any_of(
        dangers, [&](const FreezerDanger& one) { return one.freezer == *device; });
    if (bad && !known) dangers.push_back({*device, id.str(), text_in(shown, "since")});
  }
  return dangers;
}

std::string to_text(const std::vector<Threat>& threats) {
  std::string text;
  std::string_view freezer;
  std::size_t named = 0;
  for (const Threat& threat : threats) {
    if (++named > kNamedInText) break;
    if (threat.danger.freezer.str() != freezer) {
      freezer = threat.danger.freezer.str();
      text += cat(text.empty() ? "" : "; ", freezer, " is in alarm (", threat.danger.alarm,
                  ") with planned doses of");
    } else {
      text += ",";
    }
    text += cat(" course ", threat.course.str(), " (", ids_text(threat.doses), ")");
  }
  if (threats.size() > kNamedInText) text += cat(" and ", threats.size() - kNamedInText, " more");
  return text;
}

std::string name_of(const Threat& threat) {
  return cat(threat.danger.freezer.str(), " ", threat.course.str());
}

std::string key_of(const std::vector<Threat>& threats) {
  std::string key;
  for (const Threat& threat : threats) {
    if (threat.put_back.empty()) continue;
    key += cat(name_of(threat), " ", ids_text(threat.put_back), ";");
  }
  return key;
}

Json to_json(const std::vector<Threat>& threats) {
  Json list = Json::array();
  for (const Threat& threat : threats) {
    Json item = Json::object().set("freezer", threat.danger.freezer.str());
    item.set("alarm", threat.danger.alarm).set("course", threat.course.str());
    item.set("doses", ids_json(threat.doses)).set("moved", ids_json(threat.put_back));
    Json why;
    if (threat.put_back.empty() && threat.soon) {
      why = cat("no date can move: no dose of the course that lies elsewhere is planned after ",
                format_day(threat.until));
    } else if (threat.put_back.empty()) {
      why = cat("none of them is thawed by ", format_day(threat.until), ": their dates stand");
    }
    list.push(item.set("why", std::move(why)));
  }
  return list;
}

}  // namespace cryobank::core
