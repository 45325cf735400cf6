#include <algorithm>

#include "base/spelling.hpp"

#include "config/parse.hpp"

namespace cryobank::config {
namespace {

constexpr int kDosesMax = 60;
constexpr int kIntervalDaysMax = 365;
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

}  // namespace

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
  reader.integer("transport_hours", protocol.transport_hours, 0, kHoursMax);
  reader.text("source", protocol.source);
  reader.finish();
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
  if (const std::vector<TomlNode>* items = reader.array("holidays")) {
    for (const TomlNode& item : *items) reader.day(item, "holidays", calendar.holidays);
  }
  std::sort(calendar.holidays.begin(), calendar.holidays.end());
  reader.finish();
}

}  // namespace cryobank::config
