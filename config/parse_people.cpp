#include "config/parse.hpp"

namespace cryobank::config {
namespace {

// Escalation steps of one alarm; more than these would outlast what it warns of.
constexpr int kTiersMax = 9;

UserConfig read_user(std::string_view file, const TomlNode& table, Faults& faults) {
  UserConfig user;
  user.file = std::string(file);
  user.line = table.line;
  TableReader reader(file, "[[user]]", table, faults);
  reader.id("id", user.id, Need::required);
  reader.texts("roles", user.roles);
  reader.ids("channels", user.channels);
  reader.finish();
  return user;
}

ChannelConfig read_channel(std::string_view file, const TomlNode& table, Faults& faults) {
  ChannelConfig channel;
  channel.file = std::string(file);
  channel.line = table.line;
  TableReader reader(file, "[[channel]]", table, faults);
  reader.id("id", channel.id, Need::required);
  reader.text("title", channel.title);
  reader.integer("tier", channel.tier, 1, kTiersMax, Need::required);
  reader.finish();
  return channel;
}

}  // namespace

void parse_people(std::string_view file, TableReader& document, SiteConfig& config,
                  Faults& faults) {
  for (const TomlNode* node : document.tables("user")) {
    config.users.push_back(read_user(file, *node, faults));
  }
  for (const TomlNode* node : document.tables("channel")) {
    config.channels.push_back(read_channel(file, *node, faults));
  }
}

}  // namespace cryobank::config
