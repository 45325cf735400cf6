// What one site declared: its machines, places, people, channels and limits. Plain values with
// their defaults and units; this declaration is the reference manual of config/cryobankd.toml.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.hpp"
#include "base/time.hpp"
#include "base/units.hpp"
#include "base/zone.hpp"
#include "config/alarm_catalogue.hpp"
#include "config/device_profile.hpp"
#include "config/list_mapping.hpp"
#include "config/plan_config.hpp"
#include "config/protocol.hpp"
#include "config/scan_dialect.hpp"

namespace cryobank::config {

// What a gateway makes of the transaction number of a request in its answer.
enum class TransactionHabit : std::uint8_t { same, zero, next, swapped };

// [line.habits]: what the gateway or adapter of a line does against the standard, seen on it. Each
// weakens a check that keeps wrong answers out, so each is declared and none is guessed.
struct GatewayHabits {
  TransactionHabit transaction = TransactionHabit::same;  // tcp
  std::uint8_t answers_as = 0;  // the unit that all its answers bear; 0: the unit that was asked
  bool echoes = false;          // serial, rtu-tcp: what is sent comes back before the answer
};

// One owner thread each: a TCP endpoint, a serial line, or a text device's port.
struct LineConfig {
  // rtu_tcp: RTU frames over a TCP connection, as serial device servers pass them on.
  enum class Kind : std::uint8_t { tcp, rtu, ascii, text_tcp, text_serial, rtu_tcp };
  LineId id;
  Kind kind = Kind::tcp;
  std::string host = "127.0.0.1";  // tcp: name or address, resolved off the core thread
  std::uint16_t port = 502;
  std::string path;  // serial: device file
  int baud = 9600;
  char parity = 'E';  // E, O, N
  int data_bits = 8;
  int stop_bits = 1;
  Duration connect_timeout = milliseconds(1000);  // 100 ms to 10 s
  Duration frame_pause{};                         // added to the profiles' own
  int dead_retry_max_s = 600;                     // cap of the back-off of a dead unit
  GatewayHabits habits;
  std::string file;  // for messages
  int line = 0;      // in that file
};

struct AlarmLimits {                     // per freezer; unset means the default of docs/alarms.md
  Milli temperature_warn = whole(-160);  // Cel, top probe
  Milli temperature_critical = whole(-150);  // Cel
  Milli level_low_warn{};                    // mm; 0: fill start - 25
  Milli level_low_critical{};                // mm; 0: fill start - 50
  Milli level_high_warn{};                   // mm; 0: fill stop + 25
  Milli level_high_critical{};               // mm; 0: fill stop + 50
  Milli fill_start = whole(127);             // mm, where the controller starts to fill
  Milli fill_stop = whole(203);              // mm
};

struct RoomLimits {           // oxygen, % by volume
  Milli oxygen_warn{19'500};  // OSHA calls less than 19.5 % hazardous
  Milli oxygen_evacuate = whole(18);
  int volume_m3 = 0;  // of air, 1 to 100,000; for the gas budget; 0: not known
};

struct SupplyLimits {
  Milli level_warn = whole(30);  // % of the tank
  Milli level_critical = whole(15);
  Milli pressure_min = whole(1000);  // mbar; below it a freezer cannot be filled
};

// Longest name of an alarm condition (docs/alarms.md), and what an alarm's id
// `{device}.{condition}` leaves for the device.
inline constexpr std::size_t kConditionMax = 24;
inline constexpr std::size_t kDeviceIdMax = kIdLengthMax - 1 - kConditionMax;

// [device.wire]: where this machine, its cable or its gateway differs from what the profile says of
// the model (Quirks there, with the same bounds). Empty: as the profile says.
struct WireConfig {
  std::optional<std::uint16_t> registers_max;
  std::optional<std::uint16_t> bits_max;
  std::optional<std::uint16_t> gap_max;
  std::optional<bool> single_item_reads;
  std::optional<Duration> frame_pause;
  std::optional<Duration> connect_pause;
  std::optional<Duration> response_timeout;

  bool empty() const;
  void apply(Quirks& quirks) const;
};

struct DeviceConfig {
  Milli deadband_of(const Point& point) const;
  DeviceId id;  // at most kDeviceIdMax characters
  std::string title;
  DeviceKind kind = DeviceKind::freezer;
  ProfileId profile;
  LineId line;
  std::uint8_t unit = 1;
  std::string room;                 // room this device stands in
  Duration poll_fast = seconds(1);  // 100 ms to 1 h
  Duration poll_slow = seconds(30);
  WireConfig wire;
  // [device.publish_deadband]: by point, instead of the profile's.
  std::map<std::string, Milli, std::less<>> publish_deadbands;
  // Points that mean something here what their profile cannot know: meaning -> point id.
  std::map<std::string, std::string> means;
  // Signals that no machine delivers and a person reads by hand: meaning -> how often.
  std::map<std::string, Duration> rounds;
  std::string way_in;                   // rooms: the door and how it opens, for who comes at night
  Duration reach_within = minutes(45);  // rooms: until somebody who is called stands in it
  AlarmLimits limits;                   // freezers; load() puts numbers where 0 stands above
  RoomLimits room_limits;               // rooms
  SupplyLimits supply_limits;           // supplies
  std::string fill_group;           // freezers that share a supply line; filled one after the other
  DeviceId supply;                  // freezer: the tank that feeds it; may be empty
  std::vector<std::string> zones;   // robot: interlock zones it enters
  PlaceId transfer_port;            // robot: where a person hands vials over
  PlaceId thaw_station;             // robot: where it puts vials to thaw
  PlaceId gripper;                  // robot: the place of a vial between pick and place
  std::vector<PlaceId> reaches;     // robot: tanks and stations it goes to; none said: all
  std::uint16_t robot_address = 1;  // robot: number of this robot in its own block
  std::string file;                 // for messages
  int line_number = 0;              // in that file
};

// A kind of container and how its positions are arranged.
struct PlaceTypeConfig {
  enum class Layout : std::uint8_t { grid, masked_grid, linear, slots, dimensionless };
  enum class Labels : std::uint8_t { numbers, letters, lower_letters, roman, lower_roman };
  std::string id;
  Layout layout = Layout::grid;
  int rows = 1;                    // grid: 1 to 64
  int columns = 1;                 // grid, linear
  std::vector<std::string> mask;   // masked grid: one text per row, '.' is no position
  std::vector<std::string> slots;  // slot list: the labels, in order
  Labels row_labels = Labels::letters;
  Labels column_labels = Labels::numbers;
  int pad = 0;                 // digits of number labels
  bool linear_labels = false;  // grid counted 1..n in fill order instead of row and column
  // "row-top-left" ... eight orders: {row,column}-{top,bottom}-{left,right}
  std::string fill_order = "row-top-left";
  std::vector<std::string> holds;  // place types allowed inside; "aliquot" for vials
  Duration longest_stay{};         // of an aliquot, then an alarm: a port, a staging rack; 0: none
  std::optional<bool> work_area;   // vials are handled there, outside storage; unsaid: by kind
  std::optional<bool> mixed;       // of several courses at a time; unsaid: by kind
  std::optional<bool> cold;        // vials keep there; unsaid: a shipper does, else by its place
  std::string file;
  int line = 0;
};

// Kinds of place types that are work areas by their name, where their table does not say.
struct WorkKind {
  std::string_view type;
  bool mixed = false;
};
inline constexpr WorkKind kWorkKinds[] = {{"airlock"}, {"bench"},        {"hand-carrier"},
                                          {"packing"}, {"port"},         {"shipper", true},
                                          {"staging"}, {"thaw-station"}, {"transfer-port"}};
const WorkKind* find_work_kind(std::string_view type);
// A kind of place that makes journeys, with its cold: "shipper", or "...-shipper".
bool is_shipper_kind(std::string_view type);
// Where people thaw by hand: "thaw-station", or "...-thaw-station".
bool is_thaw_station_kind(std::string_view type);

// A place that stands from the first start on. Others are made by commands.
struct PlaceConfig {
  PlaceId id;
  std::string type;
  PlaceId parent;        // empty for the site itself
  std::string position;  // label within the parent; empty where the parent has no positions
  std::string title;
  DeviceId device;  // freezer that this place is the inside of; robot of a gripper; may be empty
  // Three words the robot knows it by: tank or station, rack, number of the first position; the
  // n-th position (from 0, in fill order) is at third word + n. Empty: no robot reaches it.
  std::vector<std::uint16_t> robot_location;
  std::string file;
  int line = 0;
};

struct UserConfig {
  UserId id;
  std::string name;                 // as printed beside a signature (21 CFR 11.50); staff only
  std::vector<std::string> roles;   // contract section 5
  std::vector<ChannelId> channels;  // where this person is paged
  std::vector<PlaceId> places;      // may change what lies in these only; empty: the whole site
  std::string signing_secret;       // hash (secret.hpp); empty: this person signs nothing
  std::string file;
  int line = 0;
};

struct ChannelConfig {
  ChannelId id;
  std::string title;
  int tier = 1;  // 1 is paged first; of no weight where the site declares duties
  // What it cannot do without, in the site's own words ("lan", "internet", "gsm"): two channels
  // that share none do not fail together. Empty: not said.
  std::vector<std::string> needs;
  std::string file;
  int line = 0;
};

// A login at the broker that carries pages. A site that declares none has one, called "pager", for
// every channel.
struct GatewayConfig {
  UserId user;
  std::vector<ChannelId> channels;  // that it serves; empty: all
  std::string file;
  int line = 0;
};

// Who is called on a tier, and when. Times are the site's own, over summer time.
struct DutyConfig {
  int tier = 1;
  std::vector<int> weekdays;  // 1 Monday to 7 Sunday, on which it begins; empty: every day
  std::vector<Day> dates;     // replaces the tier's other duties on these days; empty: no dates
  int from_minute = 0;        // of the day; a duty that ends before it begins goes over midnight
  int to_minute = 1440;
  std::vector<UserId> people;
  std::string file;
  int line = 0;
};

struct PagingConfig {
  Duration repeat_p1 = minutes(3);
  Duration tier2_after = minutes(5);
  Duration tier3_after = minutes(10);
  Duration repeat_p2 = minutes(15);
  Duration tier2_after_p2 = minutes(30);
  Duration verify_after = minutes(15);  // acknowledged and no better by then: page again
  std::vector<int> standing_at{480,
                               1200};  // minutes of the day: what nobody took is told as a list
  int proof_at_minute = 600;           // each day a test page goes to every tier; -1: never
  int proof_weekday = 1;  // on this day a person must answer it; 1 Monday to 7 Sunday, 0: never
};

struct AllocationConfig {
  enum class Strategy : std::uint8_t { same_box, least_empty, last_used };
  int freezers_min = 2;  // a course of 2 or more doses lies in at least so many freezers
  Fraction share_max;    // largest share of one course in one freezer; set in load(): 1/2
  Strategy strategy = Strategy::same_box;  // which box of the freezer, unless a command says
};

// Kinds of robot jobs: store, thaw, relocate, scan, retrieve.
struct OrdersConfig {
  std::vector<std::string> approval;  // wait until a supervisor who did not order them approves
  std::vector<std::string> at_robot;  // a person's order carries the robot's code, scanned at it
};

struct SigningConfig {
  bool required = false;  // acts of inventory/signature.hpp are refused unsigned
  int tries_max = 5;      // wrong secrets in a row until the signer is locked; 1 to 20
  // A signing session ends so long after its last signature; 1 min to 1 h.
  Duration session_idle = minutes(10);
};

// How long the record of a course is kept, and from when it counts. The longest rule that fits
// wins; without any, 30 years after the last use or expiry (2004/23/EC article 8).
struct RetentionConfig {
  enum class After : std::uint8_t { registered, expiry, end };
  std::string id;                     // "eu-traceability"
  int years = 30;                     // 1 to 100
  After after = After::end;           // end: last aliquot used, disposed of, lost or expired
  std::vector<ProtocolId> protocols;  // courses of these; empty: every course
  std::string source;                 // the law or rule behind it
  std::string file;
  int line = 0;
};

struct MqttConfig {
  std::string host = "127.0.0.1";
  std::uint16_t port = 1883;
  std::string user = "cryobankd";
  std::string password_file;  // read at start; empty: none
  std::string ca_file;        // empty: no TLS
  std::string cert_file;
  std::string key_file;
  int keep_alive_s = 10;
  int in_flight_max = 19;  // below the broker's Receive Maximum of 20
};

struct StoreConfig {
  std::string directory = "/var/lib/cryobank/store";
  std::string high_water_file;   // outside the store; empty: <directory>/../high-water
  std::string signing_key_file;  // Ed25519, made by `cryobankctl store create`
  // The journal once more as lines of text, followed at every commit: with a backup, the way back
  // from a damaged store without losing anything. Empty: <directory>/../journal-copy.jsonl
  std::string journal_copy_file;
};

// Backups that the daemon makes of its record while it runs (docs/store-format.md, section 6).
struct BackupConfig {
  std::string directory;             // where they are put, best on another machine; empty: none
  Duration every = hours(24);        // 1 min to 31 d
  int at_minute = 150;               // local minute of the day of one of them; 0 to 1439
  int keep = 14;                     // newest ones that are kept; 1 to 1000
  Duration alarm_after = hours(36);  // an alarm stands while the newest is older; above `every`
};

// The history behind charts (docs/telemetry-format.md). Losing it makes nothing wrong.
struct TelemetryConfig {
  std::string directory;        // of a store of its own; empty: no history is kept
  Duration raw = days(7);       // how long each reading is kept; 1 to 366 d
  Duration minute = days(120);  // and each minute; up to 10 years
  Duration hour = days(3650);
};

// The staff's page, metrics and probes over HTTP, on loopback only (docs/dashboard.md).
struct HttpConfig {
  int port = 0;               // 0: none
  std::string page;           // path of index.html; empty: none is served
  int websocket_port = 0;     // of the broker, told to the page; 0: the page asks for it
  std::string websocket_url;  // in place of the port, behind a proxy
};

struct SiteConfig {
  SiteId site;
  std::string title;
  std::string time_zone = "UTC";  // name of the tz database
  Zone zone;                      // its rules
  MqttConfig mqtt;
  StoreConfig store;
  BackupConfig backup;
  TelemetryConfig telemetry;
  HttpConfig http;
  PlanConfig plan;
  PagingConfig paging;
  AllocationConfig allocation;
  OrdersConfig orders;
  SigningConfig signing;
  std::vector<RetentionConfig> retention;
  std::vector<LineConfig> lines;
  std::vector<DeviceConfig> devices;
  // The ones the devices name, each once; after them those of devices with a wire of their own.
  std::vector<DeviceProfile> profiles;
  std::vector<PlaceTypeConfig> place_types;
  std::vector<PlaceConfig> places;
  std::vector<UserConfig> users;
  std::vector<ChannelConfig> channels;
  std::vector<GatewayConfig> gateways;
  std::vector<DutyConfig> duties;
  std::vector<AlarmOverride> alarms;  // what this site changed in the alarm catalogue
  std::vector<ProtocolConfig> protocols;
  std::vector<CalendarConfig> calendars;
  std::vector<ScanDialect> scans;
  std::vector<ListMapping> lists;
  std::vector<ClinicConfig> clinics;
  std::string revision;  // hex SHA-256 prefix over all files read
  // Where the main file says what: "mqtt" and "mqtt.user", for faults of no entry of a list.
  std::map<std::string, int, std::less<>> key_lines;

  const DeviceProfile* find_profile(const ProfileId& id) const;
  // The profile that a device of this site is read by, with its own wire; null when there is none.
  const DeviceProfile* profile_of(const DeviceConfig& device) const;
  const DeviceConfig* find_device(const DeviceId& id) const;
  const UserConfig* find_user(const UserId& id) const;
  const PlaceConfig* find_place(const PlaceId& id) const;
  const CalendarConfig* find_calendar(const CalendarId& id) const;
  const ClinicConfig* find_clinic(std::string_view id) const;
  // The newest version of a protocol when `version` is 0.
  const ProtocolConfig* find_protocol(const ProtocolId& id, int version = 0) const;
};

}  // namespace cryobank::config
