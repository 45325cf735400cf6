// top: the wall in a terminal. Freezers worst first, the alarms that stand, and one line that says
// whether anything is wrong; drawn again every few seconds. When the service is silent it says so
// over everything, since a still picture looks calm.
#include <algorithm>

#include "base/text.hpp"
#include "base/try.hpp"
#include "service/ctl/command_line.hpp"
#include "service/ctl/device_table.hpp"
#include "service/ctl/print_io.hpp"

namespace cryobank::ctl {
namespace {

constexpr std::size_t kAlarmsShown = 20;

Result<RetainedTopics> look(Session& session) {
  RetainedTopics shown;
  for (const char* filter :
       {"device/+/description", "device/+/state", "device/+/point/+", "alarm/+"}) {
    TRY_ASSIGN(const auto found, session.retained(filter));
    for (const auto& [topic, payload] : found) {
      auto json = parse_json(payload);
      if (json) shown[topic] = std::move(*json);
    }
  }
  return shown;
}

void draw(const Globals& globals, const RetainedTopics& shown, const std::string& fault) {
  if (is_terminal()) print_text("\x1b[H\x1b[2J");
  const std::vector<const Json*> alarms = alarms_of(shown);
  if (!fault.empty()) {
    print_line(toned(cat("THE SERVICE IS ", fault), Tone::alarm));
  }
  const auto active = std::ranges::count_if(
      alarms, [](const Json* alarm) { return standing_text(*alarm) == "active"; });
  const auto open = std::ranges::count_if(
      alarms, [](const Json* alarm) { return (*alarm)["acknowledged"] == Json(false); });
  print_line(alarms.empty() ? cat(globals.access.site, ": nothing is wrong")
                            : toned(cat(globals.access.site, ": ", alarms.size(),
                                        alarms.size() == 1 ? " alarm, " : " alarms, ", active,
                                        " active, ", open, " that nobody has taken"),
                                    Tone::alarm));
  print_line("");
  print_table(freezers_table(shown));
  if (alarms.empty()) return;
  print_line("");
  print_table(alarms_table(alarms, kAlarmsShown));
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
