#include <algorithm>

#include "base/spelling.hpp"

#include "config/parse.hpp"

namespace cryobank::config {
namespace {

constexpr int kDosesMax = 60;
constexpr int kIntervalDaysMax = 365;
constexpr int kBedDaysMax = 31;
constexpr int kHoursMax = 24 * 30;  // no re-culture or transport takes a month

// [lowest, highest] whole numbers, each within bounds; absent leaves both as they were.
void read_pair(TableReader& reader, std::string_view key, int low, int high, int& first,
               int& second) {
  const std::vector<TomlNode>* items = reader.array(key);
  if (items == nullptr) return;
  const auto fits = [&](const TomlNode& item) {
    return item.kind == TomlNode::Kind::integer && item.integer >= low && item.integer <= high;
  };
  if (items->size() != 2 || !fits((*items)[0]) || !fits((*items)[1]) ||
      (*items)[0].integer > (*items)[1].integer) {
    reader.fault(key, cat("expected [lowest, highest], whole numbers from ", low, " to ", high,
                          ", the lowest first"));
    return;
  }
  first = static_cast<int>((*items)[0].integer);
  second = static_cast<int>((*items)[1].integer);
}

// One cost for each allowed gap, in points; the wanted ones usually cost 0.
void read_costs(TableReader& reader, ProtocolConfig& protocol) {
  constexpr std::int64_t kPointsMax = 1'000;
  const std::vector<TomlNode>* items = reader.array("interval_costs");
  if (items == nullptr) return;
  for (const TomlNode& item : *items) {
    if (item.kind != TomlNode::Kind::integer || item.integer < 0 || item.integer > kPointsMax) {
      reader.fault("interval_costs", cat("expected whole numbers from 0 to ", kPointsMax));
      return;
    }
    protocol.interval_costs.push_back(static_cast<int>(item.integer));
  }
  const int gaps = protocol.longest_gap() - protocol.shortest_gap() + 1;
  if (static_cast<int>(items->size()) == gaps) return;
  reader.fault("interval_costs",
               cat("expected one for each gap from ", protocol.shortest_gap(), " to ",
                   protocol.longest_gap(), " days, ", gaps, " of them, came ", items->size()));
}

}  // namespace

std::vector<std::string> ProtocolConfig::gap_faults() const {
  std::vector<std::string> faults;
  if (interval_min_days > interval_max_days) {
    faults.push_back(cat("expected interval_days with the lowest first, came ", interval_min_days,
                         " to ", interval_max_days));
  }
  if (shortest_gap() > interval_min_days || longest_gap() < interval_max_days) {
    faults.push_back(cat("expected interval_limit_days to hold interval_days ", interval_min_days,
                         " to ", interval_max_days, ", came ", shortest_gap(), " to ",
                         longest_gap()));
  }
  if (early_min_days > longest_gap()) {
    faults.push_back(cat("expected early_interval_min_days of at most ", longest_gap(), ", came ",
                         early_min_days));
  }
  return faults;
}

std::string ProtocolConfig::gap_fault() const {
  const std::vector<std::string> faults = gap_faults();
  return faults.empty() ? std::string() : faults.front();
}

int ProtocolConfig::gap_cost(int days) const {
  const auto at = static_cast<std::size_t>(std::max(0, days - shortest_gap()));
  if (at < interval_costs.size()) return interval_costs[at];
  return std::max({0, interval_min_days - days, days - interval_max_days});
}

int ProtocolConfig::longest_culture() const {
  return std::min(culture_limit(), reculture_max_hours);
}

int ProtocolConfig::culture_limit() const {
  return reculture_limit_hours > 0 ? reculture_limit_hours : reculture_max_hours;
}

std::pair<int, int> ProtocolConfig::lead_days() const {
  constexpr int kDayHours = 24;
  return {(reculture_min_hours + kDayHours - 1) / kDayHours, longest_culture() / kDayHours};
}

void parse_protocol(std::string_view file, const TomlNode& document, ProtocolConfig& protocol,
                    Faults& faults) {
  protocol.file = std::string(file);
  protocol.line = document.line;
  const Result<Fraction> full = Fraction::make(1, 1);
  protocol.dose_fraction = *full;
  TableReader reader(file, "protocol", document, faults);
  reader.id("id", protocol.id, Need::required);
  reader.integer("version", protocol.version, 1, 1'000'000, Need::required);
  reader.text("title", protocol.title, Need::required);
  reader.integer("doses", protocol.doses, 1, kDosesMax, Need::required);
  reader.fraction("dose_fraction", protocol.dose_fraction);
  reader.integer("total_doses", protocol.total_doses, 1, kDosesMax);
  reader.integer("aliquots_per_dose", protocol.aliquots_per_dose, 1, 24);
  read_pair(reader, "interval_days", 1, kIntervalDaysMax, protocol.interval_min_days,
            protocol.interval_max_days);
  read_pair(reader, "reculture_hours", 1, kHoursMax, protocol.reculture_min_hours,
            protocol.reculture_max_hours);
  read_pair(reader, "interval_limit_days", 1, kIntervalDaysMax, protocol.limit_min_days,
            protocol.limit_max_days);
  read_costs(reader, protocol);
  reader.integer("early_doses", protocol.early_doses, 0, kDosesMax);
  reader.integer("early_interval_min_days", protocol.early_min_days, 1, kIntervalDaysMax);
  reader.integer("reculture_limit_hours", protocol.reculture_limit_hours, 1, kHoursMax);
  reader.integer("transport_hours", protocol.transport_hours, 0, kHoursMax);
  reader.integer("bed_days", protocol.bed_days, 0, kBedDaysMax);
  reader.integer("infusion_minutes", protocol.infusion_minutes, 1, 24 * 60);
  constexpr std::int64_t kCellsMax = 1'000'000'000'000'000;
  reader.integer("cells_per_dose", protocol.cells_per_dose, 1, kCellsMax);
  reader.integer("cells_after_thaw", protocol.cells_after_thaw, 1, kCellsMax);
  reader.integer("cells_per_infusion_max", protocol.cells_per_infusion, 1, kCellsMax);
  reader.integer("urgency", protocol.urgency, 1, 9);
  reader.text("source", protocol.source);
  reader.finish();
}

namespace {

// "HH:MM" by the clock on the wall.
void read_minute(TableReader& reader, std::string_view key, int& minute) {
  std::string text;
  reader.text(key, text);
  if (text.empty()) return;
  if (!parse_clock_minute(text, minute)) {
    reader.fault(key, cat("expected a time as \"09:30\", came \"", clip(text, 20), "\""));
  }
}

void read_closure(std::string_view file, const TomlNode& node, Faults& faults,
                  CalendarConfig& calendar) {
  TableReader reader(file, "[[closure]]", node, faults);
  std::vector<Day> from;
  std::vector<Day> to;
  if (const TomlNode* day = reader.any("from", Need::required)) reader.day(*day, "from", from);
  if (const TomlNode* day = reader.any("to")) reader.day(*day, "to", to);
  ClosureConfig closure;
  reader.text("reason", closure.reason);
  reader.finish();
  if (from.empty()) return;
  closure.from = from.front();
  closure.to = to.empty() ? closure.from : to.front();
  if (closure.to < closure.from) {
    reader.fault("to", cat("expected ", format_day(closure.from), " or later, came ",
                           format_day(closure.to)));
  }
  calendar.closures.push_back(std::move(closure));
}

void read_calendar_days(TableReader& reader, CalendarConfig& calendar) {
  std::string by;
  reader.text("public_holidays", by);
  constexpr std::array<std::string_view, 2> kLaws{"japan", "none"};
  if (!by.empty() && std::find(kLaws.begin(), kLaws.end(), by) == kLaws.end()) {
    reader.fault("public_holidays", cat("expected \"japan\" or \"none\", came \"", clip(by, 20),
                                        "\"", suggestion(by, kLaws)));
  }
  calendar.japan = by == "japan";
  reader.text("holiday_list", calendar.holiday_list);
  if (const std::vector<TomlNode>* items = reader.array("open_days")) {
    for (const TomlNode& item : *items) reader.day(item, "open_days", calendar.open_days);
  }
  std::sort(calendar.open_days.begin(), calendar.open_days.end());
  read_minute(reader, "opens_at", calendar.opens_minute);
  read_minute(reader, "closes_at", calendar.closes_minute);
  if (calendar.opens_minute >= 0 && calendar.closes_minute >= 0 &&
      calendar.closes_minute <= calendar.opens_minute) {
    reader.fault("closes_at", "expected a time after opens_at");
  }
}

}  // namespace

bool parse_clock_minute(std::string_view text, int& minute) {
  const auto digit = [&](std::size_t at) { return text[at] >= '0' && text[at] <= '9'; };
  if (text.size() != 5 || text[2] != ':' || !digit(0) || !digit(1) || !digit(3) || !digit(4)) {
    return false;
  }
  const int hour = (text[0] - '0') * 10 + (text[1] - '0');
  const int of_hour = (text[3] - '0') * 10 + (text[4] - '0');
  if (hour > 23 || of_hour > 59) return false;
  minute = hour * 60 + of_hour;
  return true;
}

void parse_calendar(std::string_view file, const TomlNode& document, CalendarConfig& calendar,
                    Faults& faults) {
  calendar.file = std::string(file);
  calendar.line = document.line;
  constexpr std::array<std::string_view, 7> kWeekdays{"monday", "tuesday",  "wednesday", "thursday",
                                                      "friday", "saturday", "sunday"};
  TableReader reader(file, "calendar", document, faults);
  reader.id("id", calendar.id, Need::required);
  reader.text("title", calendar.title, Need::required);
  reader.text("source", calendar.source);
  std::vector<std::string> closed;
  reader.texts("closed_weekdays", closed);
  for (const std::string& name : closed) {
    const auto found = std::find(kWeekdays.begin(), kWeekdays.end(), name);
    if (found == kWeekdays.end()) {
      reader.fault("closed_weekdays", cat("expected \"monday\" to \"sunday\", came \"",
                                          clip(name, 20), "\"", suggestion(name, kWeekdays)));
      continue;
    }
    calendar.closed_weekdays.push_back(static_cast<int>(found - kWeekdays.begin()) + 1);
  }
  read_calendar_days(reader, calendar);
  if (const std::vector<TomlNode>* items = reader.array("holidays")) {
    for (const TomlNode& item : *items) reader.day(item, "holidays", calendar.holidays);
  }
  std::sort(calendar.holidays.begin(), calendar.holidays.end());
  for (const TomlNode* node : reader.tables("closure")) {
    read_closure(file, *node, faults, calendar);
  }
  reader.finish();
}

}  // namespace cryobank::config
