// The parsers of the site's files, by subject. Each fills its part of SiteConfig and adds a Fault
// for everything it cannot read. Internal to this room; load.hpp is the way in.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "config/site_config.hpp"
#include "config/table_reader.hpp"

namespace cryobank::config {

// Other files of a site, relative to the main file's folder.
struct FilesConfig {
  std::string profiles = "devices";  // folder of <profile>.toml
  std::vector<std::string> include;
  std::vector<std::string> protocols;
  std::vector<std::string> calendars;
  std::vector<std::string> scans;
  std::vector<std::string> lists;
};

// One file: the main one (which alone may hold [site] and [files]) or an included one.
void parse_site_file(std::string_view file, const TomlNode& document, bool is_main,
                     SiteConfig& config, FilesConfig& files, Faults& faults);

void parse_plan(std::string_view file, const TomlNode& table, Faults& faults, PlanConfig& plan);
// The tables of [plan] that the minute plan of a day is made of.
void parse_day_work(std::string_view file, TableReader& plan, Faults& faults, DayConfig& day);
ClinicConfig parse_clinic(std::string_view file, const TomlNode& node, Faults& faults);
void parse_places(std::string_view file, TableReader& document, SiteConfig& config, Faults& faults);
void parse_people(std::string_view file, TableReader& document, SiteConfig& config, Faults& faults);
void parse_protocol(std::string_view file, const TomlNode& document, ProtocolConfig& protocol,
                    Faults& faults);
void parse_scan(std::string_view file, const TomlNode& document, ScanDialect& dialect,
                Faults& faults);
// The broker as the daemon and the gateway name it in [mqtt].
void read_broker(TableReader& reader, MqttConfig& mqtt);
// What a file that describes the form of other files says of itself. Item: ScanDialect,
// ListMapping.
template <class Item>
void read_own_words(TableReader& reader, std::string_view file, const TomlNode& document,
                    Item& item) {
  item.file = std::string(file);
  item.line = document.line;
  reader.text("id", item.id, Need::required);
  reader.text("title", item.title, Need::required);
  reader.text("source", item.source, Need::required);
  reader.boolean("seen", item.seen);
  if (item.id.empty() || is_id_text(item.id)) return;
  reader.fault("id", cat("expected an id, came \"", clip(item.id, 40), "\""));
}
void parse_list(std::string_view file, const TomlNode& document, ListMapping& mapping,
                Faults& faults);
// "09:30" in minutes from midnight; false when it is no such time.
bool parse_clock_minute(std::string_view text, int& minute);
void parse_calendar(std::string_view file, const TomlNode& document, CalendarConfig& calendar,
                    Faults& faults);

}  // namespace cryobank::config
