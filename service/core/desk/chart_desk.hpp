// Chart desk: hands readings over to the history behind charts, and answers history/chart from it:
// {"device","point","from","until","rows_max"?}. The store of it is the world's (telemetry_io.hpp),
// on a thread of its own, so that no chart delays the core. Nothing here decides anything.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "service/core/bank.hpp"
#include "service/core/publisher.hpp"
#include "service/wire/work.hpp"

namespace cryobank::core {

// Questions that wait: a screen asks for a handful of charts at once, a wall for two.
inline constexpr std::size_t kChartsMax = 64;

// Every point that has a history, in the order of devices and points; its place is its number.
std::vector<telemetry::SeriesName> chart_series(const config::SiteConfig& config);

class ChartDesk {
 public:
  ChartDesk(Bank& bank, Publisher& publisher);

  static bool answers(std::string_view verb) { return verb == "history/chart"; }
  void on_readings(const std::vector<devices::Reading>& readings, Effects& effects);
  void ask(const Now& now, const Command& command, Effects& effects);
  void on_chart(const ChartRead& read, Effects& effects);

 private:
  struct Waiting {
    Command command;
    std::string unit;
  };
  struct Asked {
    telemetry::Question question;
    std::string unit;
  };

  Result<Asked> read(const Now& now, const Json& body) const;
  void refuse(const Command& command, const Error& error, Effects& effects);

  Bank& bank_;
  Publisher& publisher_;
  // Of each device, the number of its first point's series, and which points have none.
  std::vector<std::vector<std::optional<std::uint32_t>>> series_;
  std::map<EffectId, Waiting> waiting_;
};

}  // namespace cryobank::core
