#include <algorithm>
#include <array>
#include <span>

#include "config/duration.hpp"
#include "config/parse.hpp"

namespace cryobank::config {
namespace {

void read_mqtt(std::string_view file, const TomlNode& table, Faults& faults, MqttConfig& mqtt) {
  TableReader reader(file, "[mqtt]", table, faults);
  read_broker(reader, mqtt);
  reader.integer("keep_alive_s", mqtt.keep_alive_s, 2, 120);
  reader.integer("in_flight_max", mqtt.in_flight_max, 1, 1000);
  reader.finish();
}

void read_store(std::string_view file, const TomlNode& table, Faults& faults, StoreConfig& store) {
  TableReader reader(file, "[store]", table, faults);
  reader.text("directory", store.directory);
  reader.text("high_water_file", store.high_water_file);
  reader.text("signing_key_file", store.signing_key_file);
  reader.text("journal_copy_file", store.journal_copy_file);
  reader.finish();
}

void read_backup(std::string_view file, const TomlNode& table, Faults& faults,
                 BackupConfig& backup) {
  TableReader reader(file, "[backup]", table, faults);
  reader.text("directory", backup.directory);
  reader.duration("every", backup.every, minutes(1), days(31));
  reader.minute_of_day("at", backup.at_minute);
  reader.integer("keep", backup.keep, 1, 1000);
  reader.duration("alarm_after", backup.alarm_after, minutes(2), days(366));
  if (backup.alarm_after <= backup.every) {
    reader.fault("alarm_after", "expected more than `every`, else every backup is late");
  }
  reader.finish();
}

void read_telemetry(std::string_view file, const TomlNode& table, Faults& faults,
                    TelemetryConfig& telemetry) {
  TableReader reader(file, "[telemetry]", table, faults);
  reader.text("directory", telemetry.directory);
  reader.duration("raw", telemetry.raw, days(1), days(366));
  reader.duration("minute", telemetry.minute, days(1), kDurationMax);
  reader.duration("hour", telemetry.hour, days(30), kDurationMax);
  if (telemetry.minute < telemetry.raw || telemetry.hour < telemetry.minute) {
    reader.fault("raw", "expected `raw` no longer than `minute`, and that no longer than `hour`");
  }
  reader.finish();
}

void read_http(std::string_view file, const TomlNode& table, Faults& faults, HttpConfig& http) {
  TableReader reader(file, "[http]", table, faults);
  reader.integer("port", http.port, 0, 65535);
  reader.text("page", http.page);
  reader.integer("websocket_port", http.websocket_port, 0, 65535);
  reader.text("websocket_url", http.websocket_url);
  const bool good = http.websocket_url.empty() || http.websocket_url.starts_with("ws://") ||
                    http.websocket_url.starts_with("wss://");
  if (!good) {
    reader.fault("websocket_url", cat("expected ws://... or wss://..., came \"",
                                      clip(http.websocket_url, 80), "\""));
  }
  reader.finish();
}

void read_paging(std::string_view file, const TomlNode& table, Faults& faults,
                 PagingConfig& paging) {
  TableReader reader(file, "[paging]", table, faults);
  reader.duration("repeat_p1", paging.repeat_p1, seconds(10), hours(1));
  reader.duration("tier2_after", paging.tier2_after, seconds(10), hours(4));
  reader.duration("tier3_after", paging.tier3_after, seconds(10), hours(8));
  reader.duration("repeat_p2", paging.repeat_p2, seconds(30), hours(8));
  reader.duration("tier2_after_p2", paging.tier2_after_p2, seconds(30), hours(24));
  reader.duration("verify_after", paging.verify_after, seconds(10), hours(4));
  reader.minutes_of_day("standing_at", paging.standing_at);
  reader.minute_of_day("proof_at", paging.proof_at_minute, true);
  std::string weekday;
  reader.text("proof_answered_on", weekday);
  constexpr std::array<std::string_view, 8> kDays{"never", "mon", "tue", "wed",
                                                  "thu",   "fri", "sat", "sun"};
  if (const auto found = std::ranges::find(kDays, weekday); found != kDays.end()) {
    paging.proof_weekday = static_cast<int>(found - kDays.begin());
  } else if (reader.has("proof_answered_on")) {
    reader.fault("proof_answered_on",
                 cat("expected mon to sun, or never, came \"", clip(weekday, 20), "\""));
  }
  reader.finish();
}

void read_allocation(std::string_view file, const TomlNode& table, Faults& faults,
                     AllocationConfig& allocation) {
  TableReader reader(file, "[allocation]", table, faults);
  reader.integer("freezers_min", allocation.freezers_min, 1, 64);
  // A share that is refused is not found fault with again by its default.
  if (reader.has("share_max")) allocation.share_max = *Fraction::make(1, 1);
  reader.fraction("share_max", allocation.share_max);
  reader.choice("strategy", allocation.strategy, kStrategies);
  reader.finish();
}

void read_orders(std::string_view file, const TomlNode& table, Faults& faults,
                 OrdersConfig& orders) {
  constexpr std::array<std::string_view, 5> kKinds{"store", "thaw", "relocate", "scan", "retrieve"};
  TableReader reader(file, "[orders]", table, faults);
  reader.texts("approval", orders.approval);
  reader.texts("at_robot", orders.at_robot);
  for (const std::vector<std::string>* kinds : {&orders.approval, &orders.at_robot}) {
    for (const std::string& kind : *kinds) {
      if (std::find(kKinds.begin(), kKinds.end(), kind) != kKinds.end()) continue;
      reader.fault(
          kinds == &orders.approval ? "approval" : "at_robot",
          cat("expected store, thaw, relocate, scan or retrieve, came \"", clip(kind, 40), "\""));
    }
  }
  reader.finish();
}

void read_habits(std::string_view file, const TomlNode& table, Faults& faults,
                 GatewayHabits& habits) {
  TableReader reader(file, "[line.habits]", table, faults);
  reader.choice("transaction", habits.transaction, kTransactionHabits);
  reader.integer("answers_as", habits.answers_as, 1, 255);
  reader.boolean("echoes", habits.echoes);
  reader.finish();
}

// A key that a line of its kind cannot obey was meant for another, or does nothing.
void refuse_other_keys(TableReader& reader, LineConfig::Kind kind) {
  constexpr std::array<std::string_view, 2> kNetwork{"port", "connect_timeout"};
  constexpr std::array<std::string_view, 4> kSerial{"baud", "parity", "data_bits", "stop_bits"};
  const bool network = kind == LineConfig::Kind::tcp || kind == LineConfig::Kind::text_tcp ||
                       kind == LineConfig::Kind::rtu_tcp;
  const std::span<const std::string_view> others =
      network ? std::span<const std::string_view>(kSerial)
              : std::span<const std::string_view>(kNetwork);
  for (const std::string_view key : others) {
    if (!reader.has(key)) continue;
    reader.fault(key, cat("expected no `", key, "` on a line of kind \"", word_of(kLineKinds, kind),
                          "\": it is for ", network ? "serial" : "network", " lines"));
  }
}

LineConfig read_line(std::string_view file, const TomlNode& table, Faults& faults) {
  constexpr std::array<Word<char>, 3> kParities{{{"even", 'E'}, {"odd", 'O'}, {"none", 'N'}}};
  LineConfig line;
  line.file = std::string(file);
  line.line = table.line;
  line.host.clear();  // a network line says where it leads: no machine is met by leaving it out
  TableReader reader(file, "[[line]]", table, faults);
  reader.id("id", line.id, Need::required);
  reader.choice("kind", line.kind, kLineKinds, Need::required);
  reader.text("host", line.host);
  reader.integer("port", line.port, 1, 65535);
  reader.text("path", line.path);
  if (const TomlNode* habits = reader.table("habits")) {
    read_habits(file, *habits, faults, line.habits);
  }
  reader.integer("baud", line.baud, 300, 921'600);
  reader.choice("parity", line.parity, kParities);
  reader.integer("data_bits", line.data_bits, 7, 8);
  reader.integer("stop_bits", line.stop_bits, 1, 2);
  reader.duration("connect_timeout", line.connect_timeout, milliseconds(100), seconds(10));
  reader.duration("frame_pause", line.frame_pause, milliseconds(0), seconds(5));
  reader.integer("dead_retry_max_s", line.dead_retry_max_s, 1, 600);
  refuse_other_keys(reader, line.kind);
  reader.finish();
  return line;
}

// `value` stands where the file's is refused, so that no other rule finds fault with it again.
template <class T, class Read>
void read_own(TableReader& reader, std::string_view key, T value, std::optional<T>& out,
              const Read& read) {
  if (reader.any(key) == nullptr) return;
  read(value);
  out = value;
}

void read_wire(std::string_view file, const TomlNode& table, Faults& faults, WireConfig& wire) {
  TableReader reader(file, "[device.wire]", table, faults);
  const Quirks standard;
  const auto count = [&](std::string_view key, std::uint16_t normal,
                         std::optional<std::uint16_t>& out, int low, int high) {
    read_own(reader, key, normal, out,
             [&](std::uint16_t& value) { reader.integer(key, value, low, high); });
  };
  const auto time = [&](std::string_view key, Duration normal, std::optional<Duration>& out,
                        Duration low, Duration high) {
    read_own(reader, key, normal, out,
             [&](Duration& value) { reader.duration(key, value, low, high); });
  };
  count("registers_max", standard.registers_max, wire.registers_max, 1, kRegistersMax);
  count("bits_max", standard.bits_max, wire.bits_max, 1, kBitsMax);
  count("gap_max", standard.gap_max, wire.gap_max, 0, kGapMax);
  read_own(reader, "single_item_reads", false, wire.single_item_reads,
           [&](bool& value) { reader.boolean("single_item_reads", value); });
  time("frame_pause", standard.frame_pause, wire.frame_pause, milliseconds(0), kFramePauseMax);
  time("connect_pause", standard.connect_pause, wire.connect_pause, milliseconds(0),
       kConnectPauseMax);
  time("response_timeout", standard.response_timeout, wire.response_timeout, kResponseTimeoutMin,
       kResponseTimeoutMax);
  reader.finish();
}

void read_limits(std::string_view file, const TomlNode& table, Faults& faults,
                 DeviceConfig& device) {
  TableReader reader(file, "[device.limits]", table, faults);
  if (device.kind == DeviceKind::freezer) {
    AlarmLimits& limits = device.limits;
    reader.milli("temperature_warn", limits.temperature_warn);
    reader.milli("temperature_critical", limits.temperature_critical);
    reader.milli("level_low_warn", limits.level_low_warn);
    reader.milli("level_low_critical", limits.level_low_critical);
    reader.milli("level_high_warn", limits.level_high_warn);
    reader.milli("level_high_critical", limits.level_high_critical);
    reader.milli("fill_start", limits.fill_start);
    reader.milli("fill_stop", limits.fill_stop);
  } else if (device.kind == DeviceKind::room) {
    reader.milli("oxygen_warn", device.room_limits.oxygen_warn);
    reader.milli("oxygen_evacuate", device.room_limits.oxygen_evacuate);
    reader.integer("volume_m3", device.room_limits.volume_m3, 1, 100'000);
  } else if (device.kind == DeviceKind::supply) {
    reader.milli("level_warn", device.supply_limits.level_warn);
    reader.milli("level_critical", device.supply_limits.level_critical);
    reader.milli("pressure_min", device.supply_limits.pressure_min);
  }
  reader.finish();
}

// Levels that the file leaves out follow from the fill levels (docs/alarms.md).
void complete_limits(AlarmLimits& limits) {
  const auto follow = [](Milli& level, Milli from, std::int64_t distance) {
    if (level.v == 0) level = from + whole(distance);
  };
  follow(limits.level_low_warn, limits.fill_start, -25);
  follow(limits.level_low_critical, limits.fill_start, -50);
  follow(limits.level_high_warn, limits.fill_stop, 25);
  follow(limits.level_high_critical, limits.fill_stop, 50);
}

void read_deadbands(std::string_view file, const TomlNode& table, Faults& faults,
                    DeviceConfig& device) {
  TableReader reader(file, "[device.publish_deadband]", table, faults);
  for (const TomlNode::Member& member : table.members) {
    Milli deadband{};
    reader.milli(member.key, deadband);
    if (deadband.v < 0) reader.fault(member.key, "expected 0 or more");
    device.publish_deadbands.emplace(member.key, deadband);
  }
  reader.finish();
}

// [device.means] and [device.rounds]: where the signals come from that its profile does not name.
void read_signals(std::string_view file, TableReader& reader, Faults& faults,
                  DeviceConfig& device) {
  if (const TomlNode* means = reader.table("means")) {
    TableReader names(file, "[device.means]", *means, faults);
    for (const TomlNode::Member& member : means->members) {
      names.text(member.key, device.means[member.key]);
    }
  }
  if (const TomlNode* rounds = reader.table("rounds")) {
    TableReader times(file, "[device.rounds]", *rounds, faults);
    for (const TomlNode::Member& member : rounds->members) {
      times.duration(member.key, device.rounds[member.key], minutes(15), days(7));
    }
  }
}

DeviceConfig read_device(std::string_view file, const TomlNode& table, Faults& faults) {
  DeviceConfig device;
  device.file = std::string(file);
  device.line_number = table.line;
  TableReader reader(file, "[[device]]", table, faults);
  reader.id("id", device.id, Need::required);
  reader.text("title", device.title);
  reader.choice("kind", device.kind, kDeviceKinds, Need::required);
  reader.id("profile", device.profile, Need::required);
  reader.id("line", device.line, Need::required);
  reader.integer("unit", device.unit, 0, 255);
  reader.text("room", device.room, Need::required);
  reader.duration("poll_fast", device.poll_fast, milliseconds(100), hours(1));
  reader.duration("poll_slow", device.poll_slow, milliseconds(100), hours(24));
  if (device.kind == DeviceKind::freezer) {
    reader.text("fill_group", device.fill_group);
    if (!device.fill_group.empty() && !is_id_text(device.fill_group)) {
      reader.fault("fill_group", bad_id("fill group", device.fill_group).context);
    }
    reader.id("supply", device.supply);
  }
  if (device.kind == DeviceKind::robot) {
    reader.texts("zones", device.zones);
    reader.id("transfer_port", device.transfer_port, Need::required);
    reader.id("thaw_station", device.thaw_station, Need::required);
    reader.id("gripper", device.gripper, Need::required);
    reader.ids("reaches", device.reaches);
    reader.integer("robot_address", device.robot_address, 1, 65533);
  }
  if (const TomlNode* wire = reader.table("wire")) read_wire(file, *wire, faults, device.wire);
  if (const TomlNode* deadbands = reader.table("publish_deadband")) {
    read_deadbands(file, *deadbands, faults, device);
  }
  if (const TomlNode* limits = reader.table("limits")) read_limits(file, *limits, faults, device);
  complete_limits(device.limits);
  read_signals(file, reader, faults, device);
  if (device.kind == DeviceKind::room) {
    reader.text("way_in", device.way_in);
    reader.duration("reach_within", device.reach_within, minutes(1), hours(24));
  }
  reader.finish();
  return device;
}

void read_head(std::string_view file, TableReader& document, SiteConfig& config, FilesConfig& files,
               Faults& faults) {
  if (const TomlNode* node = document.table("site", Need::required)) {
    TableReader reader(file, "[site]", *node, faults);
    reader.id("id", config.site, Need::required);
    reader.text("title", config.title);
    reader.text("time_zone", config.time_zone);
    reader.finish();
  }
  if (const TomlNode* node = document.table("files")) {
    TableReader reader(file, "[files]", *node, faults);
    reader.text("profiles", files.profiles);
    reader.texts("include", files.include);
    reader.texts("protocols", files.protocols);
    reader.texts("calendars", files.calendars);
    reader.texts("scans", files.scans);
    reader.texts("lists", files.lists);
    reader.finish();
  }
}

}  // namespace

void read_broker(TableReader& reader, MqttConfig& mqtt) {
  reader.text("host", mqtt.host);
  reader.integer("port", mqtt.port, 1, 65535);
  reader.text("user", mqtt.user);
  reader.text("password_file", mqtt.password_file);
  reader.text("ca_file", mqtt.ca_file);
  reader.text("cert_file", mqtt.cert_file);
  reader.text("key_file", mqtt.key_file);
}

void parse_site_file(std::string_view file, const TomlNode& document, bool is_main,
                     SiteConfig& config, FilesConfig& files, Faults& faults) {
  TableReader reader(file, is_main ? "site file" : "included file", document, faults);
  if (is_main) read_head(file, reader, config, files, faults);
  if (const TomlNode* node = reader.table("mqtt")) read_mqtt(file, *node, faults, config.mqtt);
  if (const TomlNode* node = reader.table("store")) read_store(file, *node, faults, config.store);
  if (const TomlNode* node = reader.table("telemetry")) {
    read_telemetry(file, *node, faults, config.telemetry);
  }
  if (const TomlNode* node = reader.table("http")) read_http(file, *node, faults, config.http);
  if (const TomlNode* node = reader.table("backup")) {
    read_backup(file, *node, faults, config.backup);
  }
  if (const TomlNode* node = reader.table("plan")) parse_plan(file, *node, faults, config.plan);
  if (const TomlNode* node = reader.table("paging")) {
    read_paging(file, *node, faults, config.paging);
  }
  if (const TomlNode* node = reader.table("allocation")) {
    read_allocation(file, *node, faults, config.allocation);
  }
  if (const TomlNode* node = reader.table("orders")) {
    read_orders(file, *node, faults, config.orders);
  }
  for (const TomlNode* node : reader.tables("line")) {
    config.lines.push_back(read_line(file, *node, faults));
  }
  for (const TomlNode* node : reader.tables("device")) {
    config.devices.push_back(read_device(file, *node, faults));
  }
  for (const TomlNode* node : reader.tables("clinic")) {
    config.clinics.push_back(parse_clinic(file, *node, faults));
  }
  for (const TomlNode* node : reader.tables("alarm")) {
    config.alarms.push_back(parse_alarm_override(file, *node, faults));
  }
  parse_places(file, reader, config, faults);
  parse_people(file, reader, config, faults);
  reader.finish();
}

}  // namespace cryobank::config
