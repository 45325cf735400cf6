// config/cryobankd.toml is the reference that people copy from: it names every key that the parsers
// read, in its section, with the default that the code really has. A key that is a comment there
// ("# key = value") shows its default as well.
#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <regex>
#include <set>

#include "config/duration.hpp"
#include "config/names.hpp"
#include "tests/config/files_on_disk.hpp"

namespace cryobank::config {
namespace {

using Section = std::string;
using Keys = std::map<std::string, std::string>;  // with the text of the value

std::string source(const std::string& path) {
  const Result<std::string> text = files_under(CRYOBANK_SOURCE_DIR)(path);
  EXPECT_TRUE(text.ok()) << path;
  return text ? *text : std::string();
}

// What the example shows, comments that look like keys included. A later table of the same name
// adds its keys; the first value of each counts.
std::map<Section, Keys> shown() {
  static const std::regex kHead(R"(^#? ?(\[\[?[a-z_.]+\]\]?)\s*(#.*)?$)");
  static const std::regex kKey(R"(^#? ?([a-z_0-9]+) = ("[^"]*"|\[[^\]]*\]|\{[^}]*\}|[^ #]+).*$)");
  std::map<Section, Keys> found;
  Section section;
  const std::string text = source("config/cryobankd.toml");
  for (const std::string_view view : split(text, '\n')) {
    const std::string line(view);
    std::smatch match;
    if (std::regex_match(line, match, kHead)) {
      section = match[1];
      found[section];
    } else if (std::regex_match(line, match, kKey)) {
      found[section].emplace(match[1], match[2]);
    }
  }
  return found;
}

const std::set<std::string> kSubTables{"wire",  "limits", "habits", "publish_deadband",
                                       "means", "rounds"};

// Every key that the parsers of a site ask their TableReader for.
std::map<Section, std::set<std::string>> read_by_code() {
  static const std::regex kReader(R"re(TableReader \w+\([^"]*"(\[[^"]+)")re");
  static const std::regex kAsked(
      R"re((?:reader\.(?:text|texts|integer|id|ids|choice|boolean|duration|milli|fraction|array|any|table)|count|time|flag|read_own)\((?:reader, )?"([a-z_0-9]+)")re");
  std::map<Section, std::set<std::string>> found;
  for (const std::string_view file :
       {"parse_site.cpp", "parse_plan.cpp", "parse_places.cpp", "parse_people.cpp"}) {
    const std::string text = source(cat("config/", file));
    Section section;
    for (const std::string_view view : split(text, '\n')) {
      const std::string line(view);
      std::smatch match;
      if (std::regex_search(line, match, kReader)) section = match[1];
      if (line.starts_with("void read_broker(")) section = "[mqtt]";  // the gateway's too
      if (section.empty()) continue;
      for (std::sregex_iterator at(line.begin(), line.end(), kAsked), end; at != end; ++at) {
        const std::string key = (*at)[1];
        // Sub-tables have a section of their own; the rest of a file's tables are no keys.
        if (kSubTables.contains(key)) continue;
        if (key == section.substr(1, section.size() - 2)) continue;
        found[section].insert(key);
      }
      if (line == "}") section.clear();
    }
  }
  // Read before the reader of their table stands.
  found["[[place]]"].insert({"each", "robot_location"});
  found["[backup]"].insert("at");  // times of day and days have readers of their own
  found["[paging]"].insert({"standing_at", "proof_at"});
  found["[[duty]]"].insert({"days", "from", "to"});
  // Their keys are points and meanings, not words of ours.
  found.erase("[device.publish_deadband]");
  found.erase("[device.means]");
  return found;
}

TEST(Example, NamesEveryKeyThatTheCodeReads) {
  const auto example = shown();
  const auto code = read_by_code();
  EXPECT_GE(code.size(), 16u) << "the parsers are written in another way now";
  for (const auto& [section, keys] : code) {
    const auto found = example.find(section);
    ASSERT_NE(found, example.end()) << section;
    for (const std::string& key : keys) {
      EXPECT_TRUE(found->second.contains(key)) << section << " " << key;
    }
  }
}

TEST(Example, NamesNoKeyThatTheCodeDoesNotRead) {
  const auto code = read_by_code();
  for (const auto& [section, keys] : shown()) {
    const auto found = code.find(section);
    if (found == code.end()) continue;
    for (const auto& [key, value] : keys) {
      EXPECT_TRUE(found->second.contains(key)) << section << " " << key;
    }
  }
}

std::string in_quotes(std::string_view text) { return cat("\"", text, "\""); }
std::string time_text(Duration duration) { return in_quotes(format_duration(duration)); }
std::string number(std::int64_t value) { return std::to_string(value); }
std::string clock_text(int minute) {
  const auto two = [](int value) { return cat(value < 10 ? "0" : "", value); };
  return in_quotes(cat(two(minute / 60), ":", two(minute % 60)));
}

// The defaults of the code: a site of whose file nothing is set.
std::map<Section, Keys> defaults() {
  SiteConfig site;
  Faults faults;
  const ReadText read = [](std::string_view) -> Result<std::string> {
    return std::string("[site]\nid = \"x\"\n");
  };
  load_site("site.toml", read, site, faults);  // refused: nobody to page
  const LineConfig line;
  const DeviceConfig device;
  const Quirks wire;
  const PlaceTypeConfig type;
  const PagingConfig& paging = site.paging;
  std::map<Section, Keys> all;
  all["[site]"] = {{"time_zone", in_quotes(site.time_zone)}};
  all["[mqtt]"] = {{"host", in_quotes(site.mqtt.host)},
                   {"port", number(site.mqtt.port)},
                   {"user", in_quotes(site.mqtt.user)},
                   {"password_file", in_quotes(site.mqtt.password_file)},
                   {"ca_file", in_quotes(site.mqtt.ca_file)},
                   {"cert_file", in_quotes(site.mqtt.cert_file)},
                   {"key_file", in_quotes(site.mqtt.key_file)},
                   {"keep_alive_s", number(site.mqtt.keep_alive_s)},
                   {"in_flight_max", number(site.mqtt.in_flight_max)}};
  all["[store]"] = {{"directory", in_quotes(site.store.directory)},
                    {"high_water_file", in_quotes(site.store.high_water_file)},
                    {"signing_key_file", in_quotes(site.store.signing_key_file)},
                    {"journal_copy_file", in_quotes(site.store.journal_copy_file)}};
  all["[backup]"] = {{"directory", in_quotes(site.backup.directory)},
                     {"every", time_text(site.backup.every)},
                     {"at", clock_text(site.backup.at_minute)},
                     {"keep", number(site.backup.keep)},
                     {"alarm_after", time_text(site.backup.alarm_after)}};
  all["[plan]"] = {{"horizon_days", number(site.plan.horizon_days)},
                   {"freeze_days", number(site.plan.freeze_days)},
                   {"resume_within_days", number(site.plan.resume_within_days)},
                   {"infusion_at", clock_text(site.plan.infusion_minute)},
                   {"fit_to_thaw", time_text(site.plan.fit_to_thaw)},
                   {"clock_speed", number(site.plan.clock_speed)},
                   {"thaw_lead", time_text(site.plan.thaw_lead)}};
  all["[paging]"] = {{"repeat_p1", time_text(paging.repeat_p1)},
                     {"tier2_after", time_text(paging.tier2_after)},
                     {"tier3_after", time_text(paging.tier3_after)},
                     {"repeat_p2", time_text(paging.repeat_p2)},
                     {"tier2_after_p2", time_text(paging.tier2_after_p2)},
                     {"verify_after", time_text(paging.verify_after)}};
  all["[allocation]"] = {{"freezers_min", number(site.allocation.freezers_min)},
                         {"share_max", in_quotes(site.allocation.share_max.str())},
                         {"strategy", in_quotes(word_of(kStrategies, site.allocation.strategy))}};
  all["[orders]"] = {{"approval", "[]"}, {"at_robot", "[]"}};
  all["[signing]"] = {{"required", site.signing.required ? "true" : "false"},
                      {"tries_max", number(site.signing.tries_max)},
                      {"session_idle", time_text(site.signing.session_idle)}};
  all["[[line]]"] = {{"port", number(line.port)},
                     {"baud", number(line.baud)},
                     {"parity", line.parity == 'E' ? "\"even\"" : "\"?\""},
                     {"data_bits", number(line.data_bits)},
                     {"stop_bits", number(line.stop_bits)},
                     {"connect_timeout", time_text(line.connect_timeout)},
                     {"frame_pause", time_text(line.frame_pause)},
                     {"dead_retry_max_s", number(line.dead_retry_max_s)}};
  all["[[device]]"] = {{"unit", number(device.unit)},
                       {"poll_fast", time_text(device.poll_fast)},
                       {"poll_slow", time_text(device.poll_slow)},
                       {"zones", "[]"},
                       {"reaches", "[]"},
                       {"fill_group", in_quotes(device.fill_group)},
                       {"robot_address", number(device.robot_address)}};
  all["[device.wire]"] = {{"registers_max", number(wire.registers_max)},
                          {"bits_max", number(wire.bits_max)},
                          {"gap_max", number(wire.gap_max)},
                          {"single_item_reads", wire.single_item_reads ? "true" : "false"},
                          {"frame_pause", time_text(wire.frame_pause)},
                          {"connect_pause", time_text(wire.connect_pause)},
                          {"response_timeout", time_text(wire.response_timeout)}};
  all["[device.limits]"] = {
      {"temperature_warn", format_milli(device.limits.temperature_warn)},
      {"temperature_critical", format_milli(device.limits.temperature_critical)},
      {"fill_start", format_milli(device.limits.fill_start)},
      {"fill_stop", format_milli(device.limits.fill_stop)},
      {"oxygen_warn", format_milli(device.room_limits.oxygen_warn)},
      {"oxygen_evacuate", format_milli(device.room_limits.oxygen_evacuate)},
      {"level_warn", format_milli(device.supply_limits.level_warn)},
      {"level_critical", format_milli(device.supply_limits.level_critical)},
      {"pressure_min", format_milli(device.supply_limits.pressure_min)}};
  all["[[place_type]]"] = {{"pad", number(type.pad)},
                           {"linear_labels", type.linear_labels ? "true" : "false"},
                           {"row_labels", in_quotes(word_of(kLabelKinds, type.row_labels))},
                           {"column_labels", in_quotes(word_of(kLabelKinds, type.column_labels))},
                           {"fill_order", in_quotes(type.fill_order)}};
  return all;
}

TEST(Example, ShowsTheRealDefaults) {
  const auto example = shown();
  for (const auto& [section, keys] : defaults()) {
    const auto found = example.find(section);
    ASSERT_NE(found, example.end()) << section;
    for (const auto& [key, value] : keys) {
      const auto said = found->second.find(key);
      ASSERT_NE(said, found->second.end()) << section << " " << key;
      EXPECT_EQ(said->second, value) << section << " " << key;
    }
  }
}

// A member of the configuration that nothing outside this room reads does nothing: it must work or
// go. What is read by load() alone is named here with its reason.
TEST(Configuration, EveryMemberIsReadOutsideItsRoom) {
  const std::set<std::string> own{"key_lines",  // where the file says what, for this room's faults
                                  "wire",       // load() makes the device's own profile of it
                                  "means",      // the same
                                  "level_high_critical",  // named_limit() of the alarm catalogue
                                  "publish_deadbands",    // DeviceConfig::deadband_of
                                  "weekdays",             // on_duty() of duty.hpp
                                  "dates",                // the same
                                  "people",               // the same
                                  "closed_weekdays",      // CalendarConfig::open_on
                                  "holidays",             // the same
                                  "closures",             // the same
                                  "open_days",            // the same
                                  "holiday_list"};        // load() reads the list it names
  static const std::regex kMember(
      R"re(^  (?:std::|[A-Z]|int\b|bool\b|char\b|double\b)[\w:<>, ]*[\w>] (\w+)(?:\{.*\}|\s*=.*)?;)re");
  std::string others;
  for (const std::string_view folder : {"devices", "inventory", "service"}) {
    const std::filesystem::path root = cat(CRYOBANK_SOURCE_DIR, "/", folder);
    for (const auto& entry : std::filesystem::recursive_directory_iterator(root)) {
      const std::string extension = entry.path().extension().string();
      if (extension != ".cpp" && extension != ".hpp") continue;
      others += source(std::filesystem::relative(entry.path(), CRYOBANK_SOURCE_DIR).string());
    }
  }
  std::set<std::string> read;
  static const std::regex kUse(R"re((?:\.|->|::)(\w+))re");
  for (std::sregex_iterator at(others.begin(), others.end(), kUse), end; at != end; ++at) {
    read.insert((*at)[1]);
  }
  std::size_t members = 0;
  const std::string declared = source("config/site_config.hpp") + source("config/plan_config.hpp");
  for (const std::string_view view : split(declared, '\n')) {
    const std::string line(view.substr(0, view.find("//")));
    std::smatch match;
    if (!std::regex_search(line, match, kMember)) continue;
    ++members;
    EXPECT_TRUE(read.contains(match[1]) || own.contains(match[1])) << match[1];
  }
  EXPECT_GT(members, 120u) << "the declarations are written in another way now";
}

}  // namespace
}  // namespace cryobank::config
