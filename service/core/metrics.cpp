#include "service/core/metrics.hpp"

#include <string_view>

#include "base/text.hpp"
#include "service/wire/wire.hpp"

namespace cryobank::core {
namespace {

// What a point is called in base units: exact decimals, by moving the point of the thousandths.
struct Measure {
  std::string_view unit;  // UCUM, of the point
  std::string_view suffix;
  int decimals;  // behind the point of the thousandth
  int up;        // thousandths are multiplied by so much first
};
constexpr Measure kMeasures[] = {{"Cel", "celsius", 3, 1},
                                 {"mm", "meters", 6, 1},
                                 {"%", "ratio", 5, 1},
                                 {"mbar", "pascals", 3, 100}};

class MetricsText {
 public:
  // Begins a family: what it is, for people and for the scraper.
  void family(std::string_view name, std::string_view type, std::string_view help) {
    name_ = name;
    text_ += cat("# HELP ", name, " ", help, "\n# TYPE ", name, " ", type, "\n");
  }
  void line(std::string_view labels, std::string_view value) {
    text_ += name_;
    if (!labels.empty()) text_ += cat("{", labels, "}");
    text_ += cat(" ", value, "\n");
  }
  void line(std::string_view labels, std::uint64_t value) { line(labels, std::to_string(value)); }
  std::string take() { return std::move(text_); }

 private:
  std::string name_;
  std::string text_;
};

std::string decimal(std::int64_t digits, int decimals) {
  std::string text = std::to_string(digits < 0 ? -digits : digits);
  const auto least = static_cast<std::size_t>(decimals) + 1;
  if (text.size() < least) text.insert(0, least - text.size(), '0');
  text.insert(text.size() - static_cast<std::size_t>(decimals), 1, '.');
  return digits < 0 ? cat("-", text) : text;
}

std::string label(std::string_view name, std::string_view value) {
  std::string out = cat(name, "=\"");
  for (const char c : value) {
    if (c == '"' || c == '\\') out.push_back('\\');
    if (c == '\n') {
      out += "\\n";
    } else {
      out.push_back(c);
    }
  }
  out.push_back('"');
  return out;
}

std::string device_label(const config::DeviceConfig& device) {
  return cat(label("device", device.id.str()), ",", label("kind", config::name_of(device.kind)));
}

void add_service(MetricsText& page, const Bank& bank, const ServiceFacts& facts, const Now& now) {
  page.family("cryobank_info", "gauge", "Version and site; always 1");
  page.line(cat(label("version", kVersion), ",", label("site", bank.config.site.str())), 1);
  page.family("cryobank_service_online", "gauge", "1 while the service is online");
  page.line("", facts.state == ServiceState::online ? 1U : 0U);
  page.family("cryobank_epoch_total", "counter", "Starts of the service");
  page.line("", bank.epoch.value);
  page.family("cryobank_broker_connected", "gauge", "1 while the broker's link is up");
  page.line("", facts.broker ? 1U : 0U);
  page.family("cryobank_store_healthy", "gauge", "1 while the record can be written");
  page.line("", facts.store ? 1U : 0U);
  page.family("cryobank_beats_total", "counter", "Beats of this run, one in five seconds");
  page.line("", facts.beats);
  page.family("cryobank_beat_timestamp_seconds", "gauge", "When this page was made");
  page.line("", decimal(now.wall.ms, 3));
  page.family("cryobank_journal_entries_total", "counter", "Entries of the journal");
  page.line("", facts.sequence);
  page.family("cryobank_jobs_open", "gauge", "Robot jobs that have not ended");
  page.line("", static_cast<std::uint64_t>(bank.ledger.open_jobs().size()));
}

void add_alarms(MetricsText& page, const Json& summary) {
  page.family("cryobank_alarms", "gauge", "Open alarms by priority and state");
  for (const auto& [priority, states] : summary["counts"].members()) {
    for (const auto& [state, count] : states.members()) {
      page.line(cat(label("priority", priority), ",", label("state", state)),
                static_cast<std::uint64_t>(count.integer()));
    }
  }
  page.family("cryobank_alarms_shelved", "gauge", "Alarms that a person silenced");
  page.line("", static_cast<std::uint64_t>(summary["shelved"].integer()));
  const Json& oldest = summary["oldest_unacknowledged"];
  page.family("cryobank_alarm_oldest_unacknowledged_seconds", "gauge",
              "Age of the oldest alarm nobody has taken; 0: there is none");
  page.line("", static_cast<std::uint64_t>(oldest.is_object() ? oldest["age_s"].integer() : 0));
}

void add_devices(MetricsText& page, const Bank& bank) {
  const std::vector<config::DeviceConfig>& all = bank.config.devices;
  page.family("cryobank_device_online", "gauge", "1 while the device answers wholly");
  for (std::uint32_t d = 0; d < all.size(); ++d) {
    const bool online = bank.fleet.state({d}) == DeviceState::online;
    page.line(device_label(all[d]), online ? 1U : 0U);
  }
  page.family("cryobank_device_answer_timestamp_seconds", "gauge", "Last good answer");
  for (std::uint32_t d = 0; d < all.size(); ++d) {
    const WallTime at = bank.fleet.last_ok({d});
    if (at.ms != 0) page.line(device_label(all[d]), decimal(at.ms, 3));
  }
}

// Every good reading with a unit, by its quantity.
void add_readings(MetricsText& page, const Bank& bank) {
  for (const Measure& measure : kMeasures) {
    page.family(cat("cryobank_point_", measure.suffix), "gauge", "Good readings of the devices");
    for (std::uint32_t d = 0; d < bank.config.devices.size(); ++d) {
      const std::vector<config::Point>& points = bank.fleet.profile({d}).points;
      for (std::uint32_t p = 0; p < points.size(); ++p) {
        if (points[p].unit != measure.unit) continue;
        const devices::Reading& reading = bank.fleet.reading({d}, {p});
        if (reading.quality != Quality::good || !reading.value) continue;
        page.line(
            cat(device_label(bank.config.devices[d]), ",", label("point", points[p].id.str())),
            decimal(reading.value->v * measure.up, measure.decimals));
      }
    }
  }
}

}  // namespace

Expose expose(const Bank& bank, const ServiceFacts& facts, const Now& now) {
  MetricsText page;
  add_service(page, bank, facts, now);
  add_alarms(page, bank.board.summary(now));
  add_devices(page, bank);
  add_readings(page, bank);
  const bool ready = facts.state == ServiceState::online && facts.broker && facts.store;
  Json checks = Json::object();
  const auto check = [&checks](std::string_view name, bool good) {
    checks.set(name, Json::object().set("status", good ? "pass" : "fail"));
  };
  check("service", facts.state == ServiceState::online);
  check("broker", facts.broker);
  check("store", facts.store);
  Json health = Json::object().set("status", ready ? "pass" : "fail");
  health.set("version", kVersion)
      .set("state", name_of(facts.state))
      .set("checks", std::move(checks));
  health.set("at", format_utc(now.wall));
  return {page.take(), ready, health.dump()};
}

}  // namespace cryobank::core
