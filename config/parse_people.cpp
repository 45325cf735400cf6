#include <algorithm>

#include "config/parse.hpp"

namespace cryobank::config {
namespace {

// Escalation steps of one alarm; more than these would outlast what it warns of.
constexpr int kTiersMax = 9;
// Nobody types a secret wrong more often by mistake.
constexpr int kTriesMax = 20;
// Shorter is no session; whoever left the bench for longer is not in continuous access any more.
constexpr Duration kSessionIdleMin = minutes(1);
constexpr Duration kSessionIdleMax = hours(1);
// The longest any rule asks for is 30 years after an end that may lie decades ahead.
constexpr int kRetentionYearsMax = 100;

UserConfig read_user(std::string_view file, const TomlNode& table, Faults& faults) {
  UserConfig user;
  user.file = std::string(file);
  user.line = table.line;
  TableReader reader(file, "[[user]]", table, faults);
  reader.id("id", user.id, Need::required);
  reader.text("name", user.name);
  reader.texts("roles", user.roles);
  reader.ids("channels", user.channels);
  reader.ids("places", user.places);
  reader.text("signing_secret", user.signing_secret);
  reader.finish();
  return user;
}

ChannelConfig read_channel(std::string_view file, const TomlNode& table, Faults& faults) {
  ChannelConfig channel;
  channel.file = std::string(file);
  channel.line = table.line;
  TableReader reader(file, "[[channel]]", table, faults);
  reader.id("id", channel.id, Need::required);
  channel.tier = 0;  // validate_paging.cpp says when it must be there
  reader.text("title", channel.title);
  reader.integer("tier", channel.tier, 1, kTiersMax);
  reader.texts("needs", channel.needs);
  reader.finish();
  return channel;
}

GatewayConfig read_gateway(std::string_view file, const TomlNode& table, Faults& faults) {
  GatewayConfig gateway;
  gateway.file = std::string(file);
  gateway.line = table.line;
  TableReader reader(file, "[[gateway]]", table, faults);
  reader.id("user", gateway.user, Need::required);
  reader.ids("channels", gateway.channels);
  reader.finish();
  return gateway;
}

void read_weekdays(TableReader& reader, std::vector<int>& out) {
  constexpr std::array<std::string_view, 7> kDays{"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
  std::vector<std::string> words;
  reader.texts("days", words);
  for (const std::string& word : words) {
    const auto found = std::ranges::find(kDays, word);
    if (found == kDays.end()) {
      reader.fault("days", cat("expected mon, tue, wed, thu, fri, sat or sun, came \"",
                               clip(word, 20), "\""));
      continue;
    }
    out.push_back(static_cast<int>(found - kDays.begin()) + 1);
  }
}

DutyConfig read_duty(std::string_view file, const TomlNode& table, Faults& faults) {
  DutyConfig duty;
  duty.file = std::string(file);
  duty.line = table.line;
  TableReader reader(file, "[[duty]]", table, faults);
  reader.integer("tier", duty.tier, 1, kTiersMax, Need::required);
  read_weekdays(reader, duty.weekdays);
  if (const std::vector<TomlNode>* dates = reader.array("dates")) {
    for (const TomlNode& node : *dates) reader.day(node, "dates", duty.dates);
  }
  reader.minute_of_day("from", duty.from_minute);
  reader.minute_of_day("to", duty.to_minute);
  reader.ids("people", duty.people);
  reader.finish();
  return duty;
}

RetentionConfig read_retention(std::string_view file, const TomlNode& table, Faults& faults) {
  RetentionConfig rule;
  rule.file = std::string(file);
  rule.line = table.line;
  TableReader reader(file, "[[retention]]", table, faults);
  reader.text("id", rule.id, Need::required);
  if (!rule.id.empty() && !is_id_text(rule.id)) {
    reader.fault("id", bad_id("retention rule", rule.id).context);
  }
  reader.integer("years", rule.years, 1, kRetentionYearsMax, Need::required);
  reader.choice("after", rule.after, kRetentionAfter);
  reader.ids("protocols", rule.protocols);
  reader.text("source", rule.source, Need::required);
  reader.finish();
  return rule;
}

void read_signing(std::string_view file, const TomlNode& table, Faults& faults,
                  SigningConfig& signing) {
  TableReader reader(file, "[signing]", table, faults);
  reader.boolean("required", signing.required);
  reader.integer("tries_max", signing.tries_max, 1, kTriesMax);
  reader.duration("session_idle", signing.session_idle, kSessionIdleMin, kSessionIdleMax);
  reader.finish();
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
  for (const TomlNode* node : document.tables("gateway")) {
    config.gateways.push_back(read_gateway(file, *node, faults));
  }
  for (const TomlNode* node : document.tables("duty")) {
    config.duties.push_back(read_duty(file, *node, faults));
  }
  if (const TomlNode* node = document.table("signing")) {
    read_signing(file, *node, faults, config.signing);
  }
  for (const TomlNode* node : document.tables("retention")) {
    config.retention.push_back(read_retention(file, *node, faults));
  }
}

}  // namespace cryobank::config
