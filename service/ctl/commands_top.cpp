// top: the wall in a terminal. Freezers worst first, the alarms that stand, and one line that says
// whether anything is wrong; drawn again every few seconds. When the service is silent it says so
// over everything, since a still picture looks calm.
#include <algorithm>
#include <map>

#include "base/text.hpp"
#include "base/try.hpp"
#include "service/ctl/command_line.hpp"
#include "service/ctl/device_table.hpp"
#include "service/ctl/print_io.hpp"

namespace cryobank::ctl {
namespace {

constexpr int kAlarmsShown = 20;

struct Shown {
  std::map<std::string, Json> topics;

  const Json& at(const std::string& topic) const {
    static const Json kNothing;
    const auto found = topics.find(topic);
    return found == topics.end() ? kNothing : found->second;
  }
};

Result<Shown> look(Session& session) {
  Shown shown;
  for (const char* filter :
       {"device/+/description", "device/+/state", "device/+/point/+", "alarm/+"}) {
    TRY_ASSIGN(const auto found, session.retained(filter));
    for (const auto& [topic, payload] : found) {
      auto json = parse_json(payload);
      if (json) shown.topics[topic] = std::move(*json);
    }
  }
  return shown;
}

std::vector<const Json*> alarms_of(const Shown& shown) {
  std::vector<const Json*> alarms;
  for (const auto& [topic, json] : shown.topics) {
    if (topic.starts_with("alarm/") && topic != "alarm/summary") alarms.push_back(&json);
  }
  std::ranges::stable_sort(
      alarms, [](const Json* a, const Json* b) { return alarm_order(*a) < alarm_order(*b); });
  return alarms;
}

// The worst alarm of a device: 1 to 3, and 4 for none.
int worst_of(const std::vector<const Json*>& alarms, std::string_view device) {
  int worst = 4;
  for (const Json* alarm : alarms) {
    if ((*alarm)["device"].is_string() && (*alarm)["device"].string() == device) {
      worst = std::min(worst, priority_of(*alarm));
    }
  }
  return worst;
}

// Whatever the profile calls the point that means it.
std::string point_text(const Shown& shown, const std::string& device, std::string_view meaning) {
  const std::string point =
      point_that_means(shown.at(cat("device/", device, "/description")), meaning);
  if (point.empty()) return "-";
  const Json& json = shown.at(cat("device/", device, "/point/", point));
  if (json.is_null()) return "-";
  if (json["value"].is_null())
    return toned(cat("unknown (", cell(json["quality"]), ")"), Tone::warn);
  return cat(cell(json["value"]), " ", unit_text(cell(json["unit"])));
}

Table freezers_of(const Shown& shown, const std::vector<const Json*>& alarms) {
  std::vector<std::pair<int, std::string>> order;
  for (const auto& [topic, json] : shown.topics) {
    if (!topic.ends_with("/description") || cell(json["kind"]) != "freezer") continue;
    const std::string device = cell(json["id"]);
    order.emplace_back(worst_of(alarms, device), device);
  }
  std::sort(order.begin(), order.end());
  Table table{{"", "freezer", "state", "level", "top", "bottom", "age"}, {}};
  for (const auto& [worst, device] : order) {
    const std::string mark = worst > 3 ? "ok" : cat("P", worst);
    const Tone tone = worst == 1 ? Tone::alarm : worst < 4 ? Tone::warn : Tone::calm;
    table.rows.push_back(
        {toned(mark, tone), device, cell(shown.at(cat("device/", device, "/state"))["state"]),
         point_text(shown, device, "level"), point_text(shown, device, "temperature-top"),
         point_text(shown, device, "temperature-bottom"),
         age_of(shown.at(cat("device/", device, "/point/temperature-top"))["at"])});
  }
  return table;
}

void draw(const Globals& globals, const Shown& shown, const std::string& fault) {
  if (is_terminal()) print_text("\x1b[H\x1b[2J");
  const std::vector<const Json*> alarms = alarms_of(shown);
  if (!fault.empty()) {
    print_line(toned(cat("THE SERVICE IS ", fault), Tone::alarm));
  }
  const auto open = std::ranges::count_if(alarms, [](const Json* alarm) {
    return !(*alarm)["acknowledged"].is_null() && (*alarm)["acknowledged"] == Json(false);
  });
  print_line(alarms.empty() ? cat(globals.access.site, ": nothing is wrong")
                            : toned(cat(globals.access.site, ": ", alarms.size(),
                                        alarms.size() == 1 ? " alarm, " : " alarms, ", open,
                                        " that nobody has taken"),
                                    Tone::alarm));
  print_line("");
  print_table(freezers_of(shown, alarms));
  if (alarms.empty()) return;
  print_line("");
  Table table{{"", "alarm", "since", "taken by", "what"}, {}};
  for (const Json* alarm : alarms) {
    if (table.rows.size() == kAlarmsShown) break;
    const int priority = priority_of(*alarm);
    table.rows.push_back({toned(cat("P", priority), priority == 1 ? Tone::alarm : Tone::warn),
                          cell((*alarm)["alarm"]), age_of((*alarm)["since"]),
                          cell((*alarm)["acknowledgement"]["by"]), cell((*alarm)["text"])});
  }
  print_table(table);
  if (alarms.size() > kAlarmsShown) {
    print_line(cat("and ", alarms.size() - kAlarmsShown, " more: cryobankctl alarm ls"));
  }
}

int watch(const Globals& globals, std::int64_t every_s, std::int64_t count) {
  const auto session = globals.connect();
  if (!session) return refuse(session.error());
  for (std::int64_t round = 1;; ++round) {
    const auto shown = look(**session);
    if (!shown) return refuse(shown.error());
    const auto fault = service_fault(**session);
    if (!fault) return refuse(fault.error());
    draw(globals, *shown, *fault);
    if (count != 0 && round == count) return kDone;
    // Waits by listening: a broker that goes away ends the wait at once.
    const Status waited = (*session)->follow("service/state", std::chrono::seconds(every_s),
                                             [](const Message&) { return true; });
    if (!waited) return refuse(waited.error());
  }
}

}  // namespace

void add_top(CLI::App& app, Globals& globals) {
  auto* top = app.add_subcommand("top", "the wall in a terminal: freezers and alarms, worst first");
  auto options = with_options(top);
  options->number = 5;
  top->add_option("--every", options->number, "seconds between two looks")
      ->check(CLI::Range(1, 3600));
  auto count = std::make_shared<std::int64_t>(0);
  top->add_option("--count", *count, "end after so many looks; 0: never")
      ->check(CLI::NonNegativeNumber);
  on_chosen(top, globals,
            [&globals, options, count] { return watch(globals, options->number, *count); });
}

}  // namespace cryobank::ctl
