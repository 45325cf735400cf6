#include "service/core/plan/plan_forecast.hpp"

#include <algorithm>
#include <set>

#include "base/text.hpp"
#include "inventory/ledger/stability.hpp"
#include "service/core/problem/plan_problem.hpp"

namespace cryobank::core {
namespace {

using inventory::Dose;
using inventory::DoseState;

constexpr std::string_view kCourseShort = "course-short";
constexpr std::int64_t kWholeDose = 1'000;  // thousandths
constexpr std::int64_t kShareMax = 100 * kWholeDose;
constexpr std::int64_t kMilliPercent = 100'000;

__extension__ using WideCells = __int128;

// Whole viable cells; 0: not counted.
std::int64_t viable_of(const inventory::CellCount& count) {
  if (count.cells.v <= 0) return 0;
  return static_cast<std::int64_t>(WideCells{count.cells.v / 1'000} * count.viable_percent.v /
                                   kMilliPercent);
}

std::int64_t share_of(std::int64_t cells, std::int64_t of) {
  const WideCells share = WideCells{cells} * kWholeDose / of;
  return static_cast<std::int64_t>(std::min<WideCells>(share, kShareMax));
}

// What cells after a thaw became in culture, over the doses of this course that have both counts.
struct Growth {
  WideCells thawed = 0;
  WideCells harvested = 0;
};

Growth growth_of(const inventory::Course& course) {
  Growth growth;
  for (const Dose& dose : course.doses) {
    const std::int64_t before = viable_of(dose.thawed);
    const std::int64_t after = viable_of(dose.harvested);
    if (before == 0 || after == 0) continue;
    growth.thawed += before;
    growth.harvested += after;
  }
  return growth;
}

std::optional<DoseYield> yield_of(const Dose& dose, const config::ProtocolConfig& protocol,
                                  std::int64_t full, const Growth& growth) {
  if (const std::int64_t cells = viable_of(dose.harvested); cells > 0) {
    return DoseYield{dose.number, share_of(cells, full), true};
  }
  const std::int64_t cells = viable_of(dose.thawed);
  if (cells == 0) return std::nullopt;
  if (protocol.cells_after_thaw > 0) {
    return DoseYield{dose.number, share_of(cells, protocol.cells_after_thaw), false};
  }
  if (growth.thawed == 0) return std::nullopt;
  const auto grown = static_cast<std::int64_t>(
      std::min<WideCells>(WideCells{cells} * growth.harvested / growth.thawed, INT64_MAX));
  return DoseYield{dose.number, share_of(grown, full), false};
}

int full_of(int doses, std::int64_t share) {
  return static_cast<int>(doses * std::min(share, kWholeDose) / kWholeDose);
}

std::vector<int> numbers_left(const inventory::View& view, const inventory::Course& course) {
  std::vector<int> numbers;
  for (const Dose& dose : course.doses) {
    const bool waits = dose.state <= DoseState::planned;
    if (waits && inventory::may_be_given(view, dose)) numbers.push_back(dose.number);
  }
  return numbers;
}

}  // namespace

std::optional<Forecast> forecast_of(const config::SiteConfig& site, const inventory::View& view,
                                    const CourseId& id) {
  const inventory::Course* course = view.course(id);
  if (course == nullptr) return std::nullopt;
  const bool counted = std::ranges::any_of(course->doses, [](const Dose& dose) {
    return dose.thawed.cells.v > 0 || dose.harvested.cells.v > 0;
  });
  const auto protocol = counted ? protocol_of(site, view, *course)
                                : Result<config::ProtocolConfig>(config::ProtocolConfig());
  if (!counted || !protocol) return std::nullopt;
  Forecast forecast;
  const std::int64_t least =
      inventory::stability_of(view, course->protocol).million_cells_min * 1'000'000;
  forecast.full_cells = least > 0 ? least : protocol->cells_per_dose;
  if (forecast.full_cells == 0) return std::nullopt;
  const Growth growth = growth_of(*course);
  std::int64_t sum = 0, low = kShareMax, high = 0;
  for (const Dose& dose : course->doses) {
    const auto yield = yield_of(dose, *protocol, forecast.full_cells, growth);
    if (!yield) continue;
    forecast.counted.push_back(*yield);
    sum += yield->permille;
    low = std::min(low, yield->permille);
    high = std::max(high, yield->permille);
  }
  if (forecast.counted.empty()) return std::nullopt;
  const std::vector<int> left = numbers_left(view, *course);
  forecast.doses_left = static_cast<int>(left.size());
  const auto doses = static_cast<std::int64_t>(forecast.counted.size());
  forecast.full_doses = full_of(forecast.doses_left, sum / doses);
  forecast.full_low = full_of(forecast.doses_left, low);
  forecast.full_high = full_of(forecast.doses_left, high);
  if (forecast.full_doses < forecast.doses_left) {
    forecast.short_at = left[static_cast<std::size_t>(forecast.full_doses)];
  }
  return forecast;
}

Json to_json(const Forecast& forecast) {
  Json counted = Json::array();
  for (const DoseYield& yield : forecast.counted) {
    Json item = Json::object().set("number", yield.number).set("permille", yield.permille);
    counted.push(item.set("after", yield.harvested ? "culture" : "thaw"));
  }
  Json json = Json::object().set("full_cells", forecast.full_cells);
  json.set("counted", std::move(counted)).set("doses_left", forecast.doses_left);
  json.set("full_doses", forecast.full_doses).set("full_low", forecast.full_low);
  json.set("full_high", forecast.full_high);
  return json.set("short_at", forecast.short_at == 0 ? Json() : Json(forecast.short_at));
}

void ForecastWatch::start(const Now& now) {
  std::set<std::string, std::less<>> standing;
  for (const auto& [id, course] : bank_.ledger.tables().courses) {
    if (judge(now, id)) standing.insert(alarm_source(id.str()));
  }
  alarms_.clear_others(now, kCourseShort, standing);
}

void ForecastWatch::on_course(const Now& now, const CourseId& course) {
  if (!judge(now, course)) alarms_.clear(now, alarm_source(course.str()), kCourseShort);
}

bool ForecastWatch::judge(const Now& now, const CourseId& course) {
  const auto forecast = forecast_of(bank_.config, inventory::View(bank_.ledger), course);
  if (!forecast || forecast->short_at == 0) return false;
  alarms::Condition told;
  told.source = course.str();
  told.condition = std::string(kCourseShort);
  told.text = cat("Course ", course.str(), " will be short at dose ", forecast->short_at, ": the ",
                  forecast->doses_left, " doses left make ", forecast->full_doses, " full ones (",
                  forecast->full_low, " to ", forecast->full_high, "), going by ",
                  forecast->counted.size(), " counted");
  alarms_.raise(now, std::move(told));
  return true;
}

}  // namespace cryobank::core
