#include "service/pager/pager_config.hpp"

#include <algorithm>
#include <climits>
#include <set>
#include <utility>

#include "base/text.hpp"
#include "config/checks/validate.hpp"
#include "config/parse.hpp"
#include "config/table_reader.hpp"

namespace cryobank::pager {
namespace {

constexpr int kTiersMax = 9;
constexpr std::string_view kOffset = "utc_offset_minutes";  // of older files

void read_mqtt(std::string_view file, const config::TomlNode& table, config::MqttConfig& mqtt,
               std::map<std::string, int, std::less<>>& lines, config::Faults& faults) {
  config::TableReader reader(file, "[mqtt]", table, faults);
  config::read_broker(reader, mqtt);
  reader.finish();
  if (!is_id_text(mqtt.user)) reader.fault("user", bad_id("user", mqtt.user).context);
  if (!config::is_host_text(mqtt.host)) reader.fault("host", config::bad_host(mqtt.host));
  for (const std::string_view key : {"host", "password_file", "ca_file", "cert_file", "key_file"}) {
    lines.emplace(cat("mqtt.", key), reader.line_of(key));
  }
  for (const auto& [key, path] :
       {std::pair("password_file", &mqtt.password_file), std::pair("ca_file", &mqtt.ca_file),
        std::pair("cert_file", &mqtt.cert_file), std::pair("key_file", &mqtt.key_file)}) {
    if (path->empty() || path->starts_with('/')) continue;
    reader.fault(key, cat("expected an absolute path, came \"", clip(*path, 80), "\""));
  }
}

void read_channel(std::string_view file, const config::TomlNode& table, PagerConfig& out,
                  config::Faults& faults) {
  config::TableReader reader(file, "[[channel]]", table, faults);
  ChannelSetup setup;
  ChannelId id;
  reader.id("id", id, config::Need::required);
  setup.id = id.str();
  setup.line = reader.line();
  // The older word for it.
  if (reader.has("driver")) reader.text("driver", setup.kind);
  reader.text("kind", setup.kind,
              setup.kind.empty() ? config::Need::required : config::Need::optional);
  reader.integer("tier", setup.tier, 1, kTiersMax);
  reader.duration("within", setup.within, seconds(1), minutes(5));
  const KindOfChannel* kind = find_kind(setup.kind);
  if (kind == nullptr) {
    std::string list;
    for (const std::string_view name : kind_names()) list += cat(list.empty() ? "" : ", ", name);
    if (!setup.kind.empty()) {
      reader.fault("kind", cat("expected one of ", list, "; came \"", clip(setup.kind, 40), "\""));
    }
    return;
  }
  // A call that rings takes longer than a packet.
  if (!reader.has("within")) setup.within = std::max(setup.within, kind->receipt_within);
  setup.driver = kind->make(reader, {setup.id, out.state_dir});
  reader.finish();
  out.channels.push_back(std::move(setup));
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
  reader.text("state_dir", config.state_dir);
  if (!config.state_dir.starts_with("/")) {
    reader.fault("state_dir",
                 cat("expected an absolute path, came \"", clip(config.state_dir, 80), "\""));
  }
  reader.duration("silence", config.silence, seconds(10), hours(1));
  reader.duration("repeat", config.repeat, seconds(10), hours(1));
  reader.duration("tier_after", config.tier_after, seconds(10), hours(4));
  reader.duration("unpaged", config.unpaged, seconds(30), hours(1));
  reader.text("time_zone", config.time_zone);
  config.key_lines.emplace("time_zone", reader.line_of("time_zone"));
  config.key_lines.emplace("state_dir", reader.line_of("state_dir"));
  if (reader.has(kOffset)) {
    int offset = 0;
    reader.integer(kOffset, offset, INT_MIN, INT_MAX);
    reader.fault(kOffset,
                 "expected `time_zone`, such as \"Asia/Tokyo\", instead: an offset is an "
                 "hour wrong in summer time");
  }
  if (const config::TomlNode* mqtt = reader.table("mqtt")) {
    read_mqtt(file, *mqtt, config.mqtt, config.key_lines, faults);
  }
  const auto channels = reader.tables("channel");
  if (channels.empty()) faults.add(file, 0, "expected at least one [[channel]], came none");
  if (channels.size() > kChannelsMax) faults.add(file, 0, "expected at most 100 channels");
  for (const config::TomlNode* channel : channels) read_channel(file, *channel, config, faults);
  std::set<std::string> seen;
  for (const ChannelSetup& channel : config.channels) {
    if (!seen.insert(channel.id).second) {
      faults.add(file, 0, cat("channel \"", channel.id, "\": expected each id once"));
    }
  }
  reader.finish();
  return faults.ok();
}

}  // namespace cryobank::pager
