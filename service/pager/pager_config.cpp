#include "service/pager/pager_config.hpp"

#include "config/table_reader.hpp"

namespace cryobank::pager {
namespace {

constexpr std::size_t kChannelsMax = 100;
constexpr std::array<config::Word<DriverKind>, 2> kDriverWords{
    {{"print", DriverKind::print}, {"program", DriverKind::program}}};

void read_mqtt(std::string_view file, const config::TomlNode& table, config::MqttConfig& mqtt,
               config::Faults& faults) {
  config::TableReader reader(file, "[mqtt]", table, faults);
  reader.text("host", mqtt.host);
  reader.integer("port", mqtt.port, 1, 65535);
  reader.text("user", mqtt.user);
  reader.text("password_file", mqtt.password_file);
  reader.text("ca_file", mqtt.ca_file);
  reader.text("cert_file", mqtt.cert_file);
  reader.text("key_file", mqtt.key_file);
  reader.finish();
}

void read_channel(std::string_view file, const config::TomlNode& table, PagerConfig& out,
                  config::Faults& faults) {
  config::TableReader reader(file, "[[channel]]", table, faults);
  ChannelDriver driver;
  ChannelId id;
  reader.id("id", id, config::Need::required);
  driver.channel = id.str();
  reader.choice("driver", driver.kind, kDriverWords, config::Need::required);
  reader.text("program", driver.program);
  reader.duration("within", driver.within, seconds(1), minutes(2));
  if (driver.kind == DriverKind::program && !driver.program.starts_with("/")) {
    reader.fault("program", "expected the absolute path of a program");
  }
  reader.finish();
  out.channels.push_back(std::move(driver));
}

}  // namespace

bool parse_pager_config(std::string_view file, std::string_view text, PagerConfig& config,
                        config::Faults& faults) {
  const auto document = config::parse_toml(file, text, faults);
  if (!document) return false;
  config::TableReader reader(file, "the file", *document, faults);
  SiteId site;
  reader.id("site", site, config::Need::required);
  config.site = site.str();
  config.mqtt.user = "pager";
  reader.duration("silence", config.silence, seconds(10), hours(1));
  reader.duration("repeat", config.repeat, seconds(10), hours(1));
  if (const config::TomlNode* mqtt = reader.table("mqtt")) {
    read_mqtt(file, *mqtt, config.mqtt, faults);
  }
  const auto channels = reader.tables("channel");
  if (channels.empty()) faults.add(file, 0, "expected at least one [[channel]], came none");
  if (channels.size() > kChannelsMax) faults.add(file, 0, "expected at most 100 channels");
  for (const config::TomlNode* channel : channels) read_channel(file, *channel, config, faults);
  reader.finish();
  return faults.ok();
}

}  // namespace cryobank::pager
