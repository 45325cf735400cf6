#include "service/ctl/device_table.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "service/ctl/table_layout.hpp"

namespace cryobank::ctl {
namespace {

constexpr std::int64_t kBitsMost = 63;
constexpr std::size_t kOrderOfDevice = 5;  // of alarm_order, all but the age: then by name

const Json& described(const Json& description, std::string_view id) {
  static const Json kNothing;
  if (!description["points"].is_array()) return kNothing;
  for (const Json& point : description["points"].items()) {
    if (cell(point["id"]) == id) return point;
  }
  return kNothing;
}

bool is_silenced(const Json& alarm) {
  return !alarm["suppression"].is_null() || !alarm["shelved"].is_null();
}

bool is_over(const Json& alarm) {
  return alarm["active"] != Json(true) && cell(alarm["activity"]) != "unknown";
}

const Json& topic_at(const RetainedTopics& topics, const std::string& topic) {
  static const Json kNothing;
  const auto found = topics.find(topic);
  return found == topics.end() ? kNothing : found->second;
}

// Whatever the profile calls the point that means it.
std::string meaning_text(const RetainedTopics& topics, const std::string& device,
                         std::string_view meaning) {
  const std::string point =
      point_that_means(topic_at(topics, cat("device/", device, "/description")), meaning);
  if (point.empty()) return "-";
  const Json& json = topic_at(topics, cat("device/", device, "/point/", point));
  if (json.is_null()) return "-";
  if (json["value"].is_null()) {
    return toned(cat("unknown (", cell(json["quality"]), ")"), Tone::warn);
  }
  return cat(cell(json["value"]), " ", unit_text(cell(json["unit"])));
}

// Its state is told only when it changes; what it reads is told all the time.
Json heard_at(const RetainedTopics& topics, const std::string& device) {
  const Json& state = topic_at(topics, cat("device/", device, "/state"));
  std::string newest = state["last_ok"].is_string() ? state["last_ok"].string() : std::string();
  const std::string points = cat("device/", device, "/point/");
  for (auto at = topics.lower_bound(points); at != topics.end() && at->first.starts_with(points);
       ++at) {
    if (at->second["at"].is_string()) newest = std::max(newest, at->second["at"].string());
  }
  return newest.empty() ? Json() : Json(newest);
}

// The worst alarm of a device that pages; null for none.
const Json* worst_of(const std::vector<const Json*>& alarms, std::string_view device) {
  const auto worst = std::ranges::find_if(alarms, [device](const Json* alarm) {
    return cell((*alarm)["device"]) == device && !is_silenced(*alarm);
  });
  return worst == alarms.end() ? nullptr : *worst;
}

std::string mark_of(const Json* worst) {
  if (worst == nullptr) return toned("ok", Tone::calm);
  const int priority = priority_of(*worst);
  const std::string mark = cat("P", priority);
  if (is_over(*worst)) return toned(cat("(", mark, ")"), Tone::warn);
  return toned(mark, priority == 1 ? Tone::alarm : Tone::warn);
}

}  // namespace

std::string unit_text(std::string_view code) {
  if (code == "1" || code == "-") return {};
  return code == "Cel" ? "°C" : std::string(code);
}

std::string value_text(const Json& point, const Json& value) {
  const Json& names = point["values"];
  if (!value.is_number() || !names.is_object()) return cell(value);
  const auto number = parse_integer(value.dump());
  if (!number) return cell(value);
  const bool bits = cell(point["type"]) == "bits";
  std::string told;
  for (const auto& [name, at] : names.members()) {
    const auto wanted = parse_integer(at.dump());
    if (!wanted) continue;
    const bool is_it = bits ? *wanted >= 0 && *wanted <= kBitsMost && *number >= 0 &&
                                  ((static_cast<std::uint64_t>(*number) >> *wanted) & 1U) != 0
                            : *wanted == *number;
    if (is_it) told += cat(told.empty() ? "" : ", ", name);
  }
  if (told.empty()) return bits && *number == 0 ? "none" : cell(value);
  return harmless(told);
}

std::string point_that_means(const Json& description, std::string_view meaning) {
  if (!description["points"].is_array()) return {};
  std::string same_id;
  for (const Json& point : description["points"].items()) {
    if (cell(point["means"]) == meaning) return cell(point["id"]);
    if (cell(point["id"]) == meaning) same_id = cell(point["id"]);
  }
  return same_id;
}

int priority_of(const Json& alarm) {
  const std::string text = cell(alarm["priority"]);
  for (int priority = 1; priority <= 3; ++priority) {
    if (text == cat("p", priority)) return priority;
  }
  return 4;
}

std::string alarm_order(const Json& alarm) {
  const bool keeps_out = alarm["keep_out"] == Json(true);
  const bool taken = alarm["acknowledged"] == Json(true);
  return cat(is_silenced(alarm) ? 1 : 0, keeps_out ? 0 : 1, priority_of(alarm), taken ? 1 : 0,
             is_over(alarm) ? 1 : 0, cell(alarm["since"]));
}

std::string standing_text(const Json& alarm) {
  if (is_silenced(alarm)) return "silenced";
  if (cell(alarm["activity"]) == "unknown") return "not known";
  if (!is_over(alarm)) return "active";
  return cell(alarm["state"]) == "latched" ? "over, latched" : "over";
}

std::string what_text(const Json& alarm) {
  std::string text = cell(alarm["text"]);
  if (alarm["keep_out"] != Json(true)) return text;
  const std::string why =
      alarm["bad_air"].is_string() ? cat(" (", cell(alarm["bad_air"]), ")") : "";
  return cat(toned("DO NOT ENTER", Tone::alarm), why, ": ", text);
}

std::vector<const Json*> alarms_of(const RetainedTopics& topics) {
  std::vector<const Json*> alarms;
  for (const auto& [topic, json] : topics) {
    if (topic.starts_with("alarm/") && topic != "alarm/summary") alarms.push_back(&json);
  }
  std::ranges::stable_sort(
      alarms, [](const Json* a, const Json* b) { return alarm_order(*a) < alarm_order(*b); });
  return alarms;
}

Table alarms_table(const std::vector<const Json*>& alarms, std::size_t most) {
  Table table{{"", "alarm", "state", "since", "taken by", "what"}, {}};
  for (const Json* alarm : alarms) {
    if (table.rows.size() == most) break;
    const int priority = priority_of(*alarm);
    table.rows.push_back({toned(cat("P", priority), priority == 1 ? Tone::alarm : Tone::warn),
                          cell((*alarm)["alarm"]), standing_text(*alarm), age_of((*alarm)["since"]),
                          cell((*alarm)["acknowledgement"]["by"]), what_text(*alarm)});
  }
  return table;
}

Table freezers_table(const RetainedTopics& topics) {
  const std::vector<const Json*> alarms = alarms_of(topics);
  std::vector<std::pair<std::string, std::string>> order;
  for (const auto& [topic, json] : topics) {
    if (!topic.ends_with("/description") || cell(json["kind"]) != "freezer") continue;
    const std::string device = cell(json["id"]);
    const Json* worst = worst_of(alarms, device);
    order.emplace_back(worst == nullptr ? "9" : alarm_order(*worst).substr(0, kOrderOfDevice),
                       device);
  }
  std::ranges::sort(order);
  Table table{{"", "freezer", "state", "level", "top", "bottom", "heard"}, {}};
  for (const auto& [rank, device] : order) {
    table.rows.push_back(
        {mark_of(worst_of(alarms, device)), device,
         cell(topic_at(topics, cat("device/", device, "/state"))["state"]),
         meaning_text(topics, device, "level"), meaning_text(topics, device, "temperature-top"),
         meaning_text(topics, device, "temperature-bottom"), age_of(heard_at(topics, device))});
  }
  return table;
}

Table points_table(const Json& description, const std::map<std::string, Json>& points) {
  Table table{{"point", "what", "value", "unit", "quality", "age"}, {}};
  for (const auto& [id, payload] : points) {
    const Json& point = described(description, id);
    table.rows.push_back({harmless(id), cell(point["title"]), value_text(point, payload["value"]),
                          unit_text(cell(payload["unit"])), cell(payload["quality"]),
                          age_of(payload["at"])});
  }
  return table;
}

}  // namespace cryobank::ctl
