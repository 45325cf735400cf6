#include "config/alarm_catalogue.hpp"

#include <algorithm>
#include <array>

#include "base/check.hpp"
#include "base/spelling.hpp"
#include "base/text.hpp"
#include "config/alarm_coverage.hpp"
#include "config/duration.hpp"
#include "config/names.hpp"
#include "config/site_config.hpp"
#include "config/table_reader.hpp"

namespace cryobank::config {
namespace {

constexpr std::array<Word<AlarmPriority>, 3> kPriorities{
    {{"p1", AlarmPriority::p1}, {"p2", AlarmPriority::p2}, {"p3", AlarmPriority::p3}}};
constexpr std::array<Word<AlarmWhen>, 7> kWhens{{{"above", AlarmWhen::above},
                                                 {"below", AlarmWhen::below},
                                                 {"equals", AlarmWhen::equals},
                                                 {"unusable", AlarmWhen::unusable},
                                                 {"lost", AlarmWhen::lost},
                                                 {"event", AlarmWhen::event},
                                                 {"told", AlarmWhen::told}}};
constexpr std::array<Word<AlarmLatch>, 3> kLatches{
    {{"none", AlarmLatch::none}, {"confirm", AlarmLatch::confirm}, {"reset", AlarmLatch::reset}}};
constexpr std::array<Word<AlarmScope>, 5> kScopes{{{"device", AlarmScope::device},
                                                   {"room", AlarmScope::room},
                                                   {"line", AlarmScope::line},
                                                   {"site", AlarmScope::site},
                                                   {"alarm", AlarmScope::alarm}}};

struct NamedLimit {
  std::string_view name;
  DeviceKind kind;
  Milli (*of)(const DeviceConfig& device);
};
constexpr auto kTank = DeviceKind::freezer;
constexpr std::array<NamedLimit, 13> kNamedLimits{{
    {"temperature_warn", kTank, [](const DeviceConfig& d) { return d.limits.temperature_warn; }},
    {"temperature_critical", kTank,
     [](const DeviceConfig& d) { return d.limits.temperature_critical; }},
    {"level_low_warn", kTank, [](const DeviceConfig& d) { return d.limits.level_low_warn; }},
    {"level_low_critical", kTank,
     [](const DeviceConfig& d) { return d.limits.level_low_critical; }},
    {"level_high_warn", kTank, [](const DeviceConfig& d) { return d.limits.level_high_warn; }},
    {"level_high_critical", kTank,
     [](const DeviceConfig& d) { return d.limits.level_high_critical; }},
    {"fill_start", kTank, [](const DeviceConfig& d) { return d.limits.fill_start; }},
    {"fill_stop", kTank, [](const DeviceConfig& d) { return d.limits.fill_stop; }},
    {"oxygen_warn", DeviceKind::room,
     [](const DeviceConfig& d) { return d.room_limits.oxygen_warn; }},
    {"oxygen_evacuate", DeviceKind::room,
     [](const DeviceConfig& d) { return d.room_limits.oxygen_evacuate; }},
    {"level_warn", DeviceKind::supply,
     [](const DeviceConfig& d) { return d.supply_limits.level_warn; }},
    {"level_critical", DeviceKind::supply,
     [](const DeviceConfig& d) { return d.supply_limits.level_critical; }},
    {"pressure_min", DeviceKind::supply,
     [](const DeviceConfig& d) { return d.supply_limits.pressure_min; }},
}};

// No delay of an alarm is longer: what may wait for a day is a report.
constexpr Duration kDelayMax = hours(24);
constexpr Duration kRespondMax = days(31);
constexpr int kCountMax = 1000;

// "temperature_critical + 10": a limit of the device and what is added to it.
void read_limit(TableReader& reader, AlarmStage& stage) {
  const TomlNode* node = reader.any("limit");
  if (node == nullptr) return;
  if (node->kind != TomlNode::Kind::text) return reader.milli("limit", stage.limit);
  const std::string_view text = node->text;
  const std::size_t sign = text.find_first_of("+-");
  stage.limit_of = std::string(trim(text.substr(0, sign)));
  if (sign == std::string_view::npos) return;
  const Result<Milli> more = parse_milli(trim(text.substr(sign + 1)));
  if (!more) return reader.fault("limit", more.error().context);
  stage.limit = text[sign] == '-' ? -*more : *more;
}

std::vector<AlarmStage> read_stages(std::string_view file, TableReader& reader, Faults& faults) {
  std::vector<AlarmStage> stages;
  const std::vector<TomlNode>* items = reader.array("stages");
  if (items == nullptr) return stages;
  for (const TomlNode& item : *items) {
    if (item.kind != TomlNode::Kind::table) {
      reader.fault("stages", cat("expected tables, came ", describe(item)));
      continue;
    }
    AlarmStage stage;
    TableReader one(file, "[[alarm]] stages", item, faults);
    one.choice("priority", stage.priority, kPriorities, Need::required);
    read_limit(one, stage);
    one.duration("after", stage.after, Duration{}, kDelayMax);
    one.integer("readings", stage.readings, 1, kCountMax);
    one.finish();
    stages.push_back(std::move(stage));
  }
  if (stages.empty() || stages.size() > std::size_t{kAlarmStagesMax}) {
    reader.fault("stages",
                 cat("expected 1 to ", kAlarmStagesMax, " of them, came ", stages.size()));
  }
  for (std::size_t i = 1; i < stages.size(); ++i) {
    if (stages[i].priority > stages[i - 1].priority) {
      reader.fault("stages",
                   "expected the mildest first: no stage less urgent than the one before");
    }
  }
  return stages;
}

// "5 in 10min"
void read_count(TableReader& reader, int& count, Duration& within) {
  std::string text;
  reader.text("count", text);
  if (text.empty()) return;
  const std::vector<std::string_view> words = split(text, ' ');
  const Result<std::int64_t> times = parse_integer(words[0]);
  const Result<Duration> span =
      words.size() == 3 && words[1] == "in" ? parse_duration(words[2]) : Result<Duration>(Error{});
  if (!times || !span || *times < 2 || *times > kCountMax || *span > kDelayMax) {
    return reader.fault("count",
                        cat("expected such as \"5 in 10min\", came \"", clip(text, 40), "\""));
  }
  count = static_cast<int>(*times);
  within = *span;
}

AlarmEntry read_entry(std::string_view file, const TomlNode& table, Faults& faults) {
  AlarmEntry entry;
  entry.line = table.line;
  TableReader reader(file, "[[alarm]]", table, faults);
  reader.text("condition", entry.condition, Need::required);
  std::vector<std::string> kinds;
  reader.texts("of", kinds);
  for (const std::string& kind : kinds) {
    const auto found = std::find_if(kDeviceKinds.begin(), kDeviceKinds.end(),
                                    [&](const auto& word) { return word.first == kind; });
    if (found == kDeviceKinds.end()) {
      reader.fault("of", cat("expected kinds of devices, came \"", clip(kind, 40), "\""));
    } else {
      entry.of.push_back(found->second);
    }
  }
  reader.choice("when", entry.when, kWhens, Need::required);
  reader.text("signal", entry.signal);
  reader.texts("needs", entry.needs);
  reader.texts("ends", entry.ends);
  entry.stages = read_stages(file, reader, faults);
  reader.milli("deadband", entry.deadband);
  reader.duration("clears_after", entry.clears_after, Duration{}, kDelayMax);
  reader.choice("latch", entry.latch, kLatches);
  read_count(reader, entry.count, entry.count_in);
  reader.boolean("shelvable", entry.shelvable);
  reader.duration("respond_within", entry.respond_within, minutes(1), kRespondMax);
  reader.text("group", entry.group, Need::required);
  reader.choice("scope", entry.scope, kScopes);
  reader.integer("rank", entry.rank, 0, 9);
  reader.boolean("keep_out", entry.keep_out);
  reader.boolean("time_to_loss", entry.time_to_loss);
  reader.boolean("clock", entry.clock);
  reader.texts("suppresses", entry.suppresses);
  reader.texts("joins", entry.joins);
  reader.text("explained_by", entry.explained_by);
  reader.text("title", entry.title, Need::required);
  reader.text("title_ja", entry.title_ja, Need::required);
  reader.text("unit", entry.unit);
  reader.text("why", entry.why, Need::required);
  reader.text("why_ja", entry.why_ja, Need::required);
  reader.text("consequence", entry.consequence, Need::required);
  reader.text("consequence_ja", entry.consequence_ja, Need::required);
  reader.text("action", entry.action, Need::required);
  reader.text("action_ja", entry.action_ja, Need::required);
  reader.finish();
  const bool by_value = entry.when != AlarmWhen::told && entry.when != AlarmWhen::lost;
  if (by_value == entry.signal.empty()) {
    reader.fault("signal", by_value ? "expected the meaning of a point" : "expected none");
  }
  return entry;
}

template <class Value>
void replace(const std::optional<Value>& with, Value& value) {
  if (with) value = *with;
}

}  // namespace

bool AlarmEntry::is_of(DeviceKind kind) const {
  return std::find(of.begin(), of.end(), kind) != of.end();
}

const AlarmEntry* AlarmCatalogue::find(std::string_view condition, DeviceKind kind) const {
  for (const AlarmEntry& entry : entries_) {
    if (entry.condition == condition && entry.is_of(kind)) return &entry;
  }
  return nullptr;
}

const AlarmEntry* AlarmCatalogue::find(std::string_view condition) const {
  const AlarmEntry* any = nullptr;
  for (const AlarmEntry& entry : entries_) {
    if (entry.condition != condition) continue;
    if (entry.of.empty()) return &entry;
    if (any == nullptr) any = &entry;
  }
  return any;
}

bool parse_alarm_catalogue(std::string_view file, std::string_view text, AlarmCatalogue& catalogue,
                           Faults& faults) {
  Faults own;
  if (const std::optional<TomlNode> document = parse_toml(file, text, own)) {
    TableReader reader(file, "alarm catalogue", *document, own);
    for (const TomlNode* node : reader.tables("alarm")) {
      AlarmEntry entry = read_entry(file, *node, own);
      for (const DeviceKind kind : entry.of) {
        if (catalogue.find(entry.condition, kind) == nullptr) continue;
        own.add(file, node->line,
                cat("expected each condition of a kind once, came ", entry.condition, " again"));
      }
      catalogue.entries().push_back(std::move(entry));
    }
    reader.finish();
  }
  faults.append(own);
  return own.ok();
}

AlarmOverride parse_alarm_override(std::string_view file, const TomlNode& table, Faults& faults) {
  AlarmOverride out;
  out.file = std::string(file);
  out.line = table.line;
  TableReader reader(file, "[[alarm]]", table, faults);
  reader.text("condition", out.condition, Need::required);
  reader.text("profile", out.profile);
  reader.text("device", out.device);
  if (reader.has("stages")) out.stages = read_stages(file, reader, faults);
  const auto own = [&](std::string_view key, auto& value, auto read) {
    if (!reader.has(key)) return;
    value.emplace();
    read(*value);
  };
  own("deadband", out.deadband, [&](Milli& value) { reader.milli("deadband", value); });
  own("clears_after", out.clears_after,
      [&](Duration& value) { reader.duration("clears_after", value, Duration{}, kDelayMax); });
  own("latch", out.latch, [&](AlarmLatch& value) { reader.choice("latch", value, kLatches); });
  own("respond_within", out.respond_within,
      [&](Duration& value) { reader.duration("respond_within", value, minutes(1), kRespondMax); });
  if (reader.has("count")) {
    out.count.emplace(0);
    out.count_in.emplace();
    read_count(reader, *out.count, *out.count_in);
  }
  reader.boolean("off", out.off);
  reader.text("by", out.by, Need::required);
  reader.text("reason", out.reason, Need::required);
  reader.finish();
  if (out.profile.empty() == out.device.empty()) {
    faults.add(file, table.line, "[[alarm]]: expected either `profile` or `device`, one of them");
  }
  const AlarmEntry* known = shipped_alarms().find(out.condition);
  if (known == nullptr) {
    std::vector<std::string_view> names;
    for (const AlarmEntry& entry : shipped_alarms().entries()) names.push_back(entry.condition);
    faults.add(file, table.line,
               cat("[[alarm]] condition: expected one of the catalogue, came \"",
                   clip(out.condition, 64), "\"", suggestion(out.condition, names)));
  }
  return out;
}

std::vector<std::string_view> limit_names(DeviceKind kind) {
  std::vector<std::string_view> names;
  for (const NamedLimit& limit : kNamedLimits) {
    if (limit.kind == kind) names.push_back(limit.name);
  }
  return names;
}

std::optional<Milli> named_limit(const DeviceConfig& device, std::string_view name) {
  for (const NamedLimit& limit : kNamedLimits) {
    if (limit.kind == device.kind && limit.name == name) return limit.of(device);
  }
  return std::nullopt;
}

std::optional<AlarmEntry> alarm_for(const AlarmEntry& entry, const DeviceConfig& device,
                                    const SiteConfig& site) {
  AlarmEntry own = entry;
  bool off = false;
  for (const bool by_device : {false, true}) {
    for (const AlarmOverride& one : site.alarms) {
      const bool meant = by_device ? one.device == device.id.str()
                                   : !one.profile.empty() && one.profile == device.profile.str();
      if (!meant || one.condition != entry.condition) continue;
      replace(one.stages, own.stages);
      replace(one.deadband, own.deadband);
      replace(one.clears_after, own.clears_after);
      replace(one.latch, own.latch);
      replace(one.count, own.count);
      replace(one.count_in, own.count_in);
      replace(one.respond_within, own.respond_within);
      off = one.off;
    }
  }
  if (off || !untimed(entry, device, site).empty()) return std::nullopt;
  for (AlarmStage& stage : own.stages) {
    if (stage.limit_of.empty()) continue;
    stage.limit = stage.limit + named_limit(device, stage.limit_of).value_or(Milli{});
    stage.limit_of.clear();
  }
  return own;
}

std::string_view name_of(AlarmPriority priority) { return word_of(kPriorities, priority); }
std::optional<AlarmPriority> alarm_priority(std::string_view name) {
  for (const auto& [word, priority] : kPriorities) {
    if (word == name) return priority;
  }
  return std::nullopt;
}
std::string_view name_of(AlarmWhen when) { return word_of(kWhens, when); }
std::string_view name_of(AlarmLatch latch) { return word_of(kLatches, latch); }

const AlarmCatalogue& shipped_alarms() {
  static const AlarmCatalogue kCatalogue = [] {
    AlarmCatalogue catalogue;
    Faults faults;
    const bool read = parse_alarm_catalogue("config/alarms/catalogue.toml", shipped_alarms_text(),
                                            catalogue, faults);
    CHECK(read);
    return catalogue;
  }();
  return kCatalogue;
}

}  // namespace cryobank::config
