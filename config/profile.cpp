// Reads config/devices/*.toml: one profile per file.
#include <numeric>

#include "base/spelling.hpp"
#include "base/text.hpp"
#include "config/device_profile.hpp"
#include "config/names.hpp"
#include "config/table_reader.hpp"

namespace cryobank::config {
namespace {

// Registers of an ASCII point: the longest text a device is believed to hold in one.
constexpr int kAsciiRegistersMax = 64;
// Points of one profile: far above the richest instrument, and what one poll can still carry.
constexpr std::size_t kPointsMax = 500;
constexpr std::array<std::string_view, 3> kProtocols{"registers", "modbus-ascii", "text"};
constexpr std::array<std::string_view, 2> kCoolings{"ln2", "mechanical"};
constexpr std::array<std::string_view, 5> kPrintedForms{"decimal", "decimal-1", "hex", "hex-1",
                                                        "modicon"};

template <std::size_t N>
void one_of(TableReader& reader, std::string_view key, std::string& out,
            const std::array<std::string_view, N>& words) {
  std::string value = out;
  reader.text(key, value);
  if (std::find(words.begin(), words.end(), value) == words.end()) {
    std::string list;
    for (const std::string_view word : words) list += cat(list.empty() ? "" : ", ", word);
    reader.fault(key, cat("expected one of ", list, ", came \"", clip(value, 40), "\"",
                          suggestion(value, words)));
    return;
  }
  out = std::move(value);
}

void read_width(TableReader& reader, Point& point) {
  const int fixed = fixed_registers_of(point.type);
  int registers = fixed == 0 ? 1 : fixed;
  const bool ascii = point.type == PointType::ascii;
  reader.integer("registers", registers, 1, kAsciiRegistersMax,
                 ascii ? Need::required : Need::optional);
  if (fixed != 0 && registers != fixed) {
    reader.fault("registers", cat("expected ", fixed, " for type ",
                                  word_of(kPointTypes, point.type), ", came ", registers));
  }
  if (point.type == PointType::bits && registers != 1 && registers != 2 && registers != 4) {
    reader.fault("registers", cat("expected 1, 2 or 4 for type bits, came ", registers));
  }
  point.registers = static_cast<std::uint8_t>(registers);
}

void set_scale(TableReader& reader, std::int64_t numerator, std::int64_t denominator,
               Point& point) {
  constexpr std::int64_t kScaleMax = 1'000'000'000;
  if (numerator < -kScaleMax || numerator > kScaleMax || denominator < 1 ||
      denominator > kScaleMax) {
    reader.fault("scale", "expected both parts within 1,000,000,000, the lower one above 0");
    return;
  }
  const std::int64_t common = std::gcd(numerator, denominator);
  point.scale_num = numerator / common;
  point.scale_den = denominator / common;
}

void read_scale(TableReader& reader, Point& point) {
  const TomlNode* node = reader.any("scale");
  if (node == nullptr) return;
  if (node->kind == TomlNode::Kind::integer) return set_scale(reader, node->integer, 1, point);
  if (node->kind == TomlNode::Kind::decimal) {
    return set_scale(reader, node->decimal.v, 1000, point);
  }
  if (node->kind == TomlNode::Kind::text) {
    const std::vector<std::string_view> parts = split(node->text, '/');
    const Result<std::int64_t> over = parse_integer(parts[0]);
    const Result<std::int64_t> under = parse_integer(parts.size() == 2 ? parts[1] : "1");
    if (over && under && parts.size() <= 2) return set_scale(reader, *over, *under, point);
  }
  reader.fault("scale",
               cat("expected a number or a ratio such as \"1/10\", came ", describe(*node)));
}

// Scale, unit and what is plausible: alike for registers and for lines of text.
void read_measure(TableReader& reader, Point& point) {
  read_scale(reader, point);
  reader.milli("offset", point.offset);
  reader.text("unit", point.unit, point.type == PointType::ascii ? Need::optional : Need::required);
  point.has_range = reader.milli_range("range", point.range_min, point.range_max);
  reader.text("means", point.means);
  reader.duration("every", point.every, milliseconds(100), days(31));
  reader.milli("step", point.step);
  if (point.step.v < 0) reader.fault("step", "expected a step above 0");
  reader.boolean("end_told", point.end_told);
  reader.milli("step_max", point.step_max);
  reader.milli("publish_deadband", point.publish_deadband);
  reader.duration("frozen_after", point.frozen_after, seconds(10), days(30));
}

void read_sentinels(TableReader& reader, Point& point) {
  const std::vector<TomlNode>* items = reader.array("sentinels");
  if (items == nullptr) return;
  for (const TomlNode& item : *items) {
    if (item.kind == TomlNode::Kind::integer && item.integer >= 0) {
      point.sentinels.push_back(static_cast<std::uint64_t>(item.integer));
      continue;
    }
    // 64-bit patterns with the top bit set do not fit a TOML integer: they come as hex texts.
    std::uint64_t value = 0;
    bool ok = item.kind == TomlNode::Kind::text && item.text.size() > 2 && item.text.size() <= 18 &&
              item.text.substr(0, 2) == "0x";
    for (std::size_t i = 2; ok && i < item.text.size(); ++i) {
      const char digit = lower_ascii(item.text.substr(i, 1))[0];
      const std::size_t at = std::string_view("0123456789abcdef").find(digit);
      ok = at != std::string_view::npos;
      if (ok) value = value * 16 + at;
    }
    if (ok) {
      point.sentinels.push_back(value);
    } else {
      reader.fault("sentinels",
                   cat("expected raw register patterns such as 0xFFFF, came ", describe(item)));
    }
  }
}

void read_values(TableReader& reader, Point& point) {
  const TomlNode* table = reader.table("values");
  if (table == nullptr) return;
  for (const TomlNode::Member& member : table->members) {
    if (member.value.kind != TomlNode::Kind::integer) {
      reader.fault("values", cat("expected a whole number for \"", clip(member.key, 40),
                                 "\", came ", describe(member.value)));
      continue;
    }
    if (!is_id_text(member.key)) {
      reader.fault("values", bad_id("value name", member.key).context);
      continue;
    }
    point.values.push_back({member.value.integer, member.key});
  }
  std::sort(point.values.begin(), point.values.end(),
            [](const PointName& a, const PointName& b) { return a.value < b.value; });
}

void read_write(std::string_view file, const TomlNode& table, Faults& faults, Point& point) {
  TableReader reader(file, cat("write of point \"", point.id.str(), "\""), table, faults);
  WriteRules& write = point.write;
  reader.choice("class", write.write_class, kWriteClasses, Need::required);
  write.has_range = reader.milli_range("range", write.minimum, write.maximum);
  reader.duration("interval", write.interval_min, milliseconds(0), days(1));
  reader.duration("confirm_within", write.confirm_within, milliseconds(100), minutes(10));
  reader.integer("lifetime_budget", write.lifetime_budget, 0, 1'000'000'000'000);
  reader.boolean("two_people", write.two_people);
  reader.text("confirm_point", write.confirm_point);
  reader.finish();
}

Point read_point(std::string_view file, const TomlNode& table, Faults& faults) {
  Point point;
  point.line = table.line;
  const TomlNode* id = table.find("id");
  const std::string where =
      cat("[[point]] \"", id != nullptr ? clip(id->text, 64) : std::string("?"), "\"");
  TableReader reader(file, where, table, faults);
  reader.id("id", point.id, Need::required);
  reader.text("title", point.title);
  reader.choice("table", point.table, kTables, Need::required);
  reader.integer("address", point.address, 0, 65535, Need::required);
  reader.text("printed", point.printed);
  reader.choice("type", point.type, kPointTypes, Need::required);
  reader.integer("bit", point.bit, 0, 15);
  read_width(reader, point);
  reader.choice("order", point.order, kWordOrders);
  read_measure(reader, point);
  read_sentinels(reader, point);
  read_values(reader, point);
  reader.choice("read", point.read_class, kReadClasses);
  if (const TomlNode* write = reader.table("write")) read_write(file, *write, faults, point);
  reader.finish();
  return point;
}

// Either a number or a text; int32 stands for any decimal number.
constexpr std::array<Word<PointType>, 2> kTextTypes{
    {{"number", PointType::int32}, {"text", PointType::ascii}}};

Point read_text_point(std::string_view file, const TomlNode& table, Faults& faults) {
  Point point;
  point.line = table.line;
  point.table = PointTable::input;
  point.type = PointType::int32;
  point.registers = 2;
  const TomlNode* id = table.find("id");
  const std::string where =
      cat("[[point]] \"", id != nullptr ? clip(id->text, 64) : std::string("?"), "\"");
  TableReader reader(file, where, table, faults);
  reader.id("id", point.id, Need::required);
  reader.text("title", point.title);
  reader.choice("type", point.type, kTextTypes);
  read_measure(reader, point);
  reader.integer("decimals", point.decimals, 0, 3);
  read_values(reader, point);
  reader.choice("read", point.read_class, kReadClasses);
  reader.finish();
  return point;
}

TextLine read_text_line(std::string_view file, const TomlNode& table, Faults& faults) {
  TextLine line;
  line.line = table.line;
  TableReader reader(file, "[[line]]", table, faults);
  reader.text("ask", line.ask);
  reader.text("text", line.pattern, Need::required);
  if (const TomlNode* sets = reader.table("sets")) {
    TableReader values(file, "[[line]] sets", *sets, faults);
    for (const TomlNode::Member& member : sets->members) {
      Milli value{};
      values.milli(member.key, value);
      line.sets.emplace_back(member.key, value);
    }
  }
  reader.finish();
  return line;
}

void read_quirks(std::string_view file, const TomlNode& table, Faults& faults, Quirks& quirks) {
  TableReader reader(file, "[quirks]", table, faults);
  reader.integer("registers_max", quirks.registers_max, 1, kRegistersMax);
  reader.integer("bits_max", quirks.bits_max, 1, kBitsMax);
  reader.integer("gap_max", quirks.gap_max, 0, kGapMax);
  reader.boolean("single_item_reads", quirks.single_item_reads);
  reader.duration("frame_pause", quirks.frame_pause, milliseconds(0), kFramePauseMax);
  reader.duration("connect_pause", quirks.connect_pause, milliseconds(0), kConnectPauseMax);
  reader.duration("response_timeout", quirks.response_timeout, kResponseTimeoutMin,
                  kResponseTimeoutMax);
  reader.boolean("write_single", quirks.write_single);
  reader.boolean("counts_characters", quirks.counts_characters);
  reader.finish();
}

ProofFrame read_proof(std::string_view file, const TomlNode& table, Faults& faults) {
  ProofFrame proof;
  proof.line = table.line;
  TableReader reader(file, "[[proof]]", table, faults);
  reader.choice("origin", proof.origin, kProofOrigins);
  reader.text("request", proof.request);
  reader.text("response", proof.response, Need::required);
  reader.text("point", proof.point, Need::required);
  reader.text("expect", proof.expect, Need::required);
  reader.finish();
  return proof;
}

// "0xC0F1" as docs/registers.md prints it is the number that the point reads as; other texts stay.
std::string decimal_of(const std::string& text) {
  constexpr std::size_t kDigitsMax = 8;
  if (!text.starts_with("0x") && !text.starts_with("0X")) return text;
  const std::string digits = lower_ascii(std::string_view(text).substr(2));
  if (digits.empty() || digits.size() > kDigitsMax) return text;
  std::uint64_t number = 0;
  for (const char digit : digits) {
    const std::size_t value = std::string_view("0123456789abcdef").find(digit);
    if (value == std::string_view::npos) return text;
    number = number * 16 + value;
  }
  return cat(number);
}

void read_identity(std::string_view file, const TomlNode& table, Faults& faults,
                   DeviceProfile& profile) {
  TableReader reader(file, "identity", table, faults);
  reader.id("point", profile.identity_point, Need::required);
  reader.text("value", profile.identity_value, Need::required);
  reader.id("unit", profile.unit_point);
  profile.identity_value = decimal_of(profile.identity_value);
  reader.finish();
}

void read_head(TableReader& reader, DeviceProfile& profile) {
  reader.id("id", profile.id, Need::required);
  reader.text("title", profile.title, Need::required);
  reader.integer("revision", profile.revision, 1, 1'000'000);
  reader.choice("kind", profile.kind, kDeviceKinds, Need::required);
  reader.choice("trust", profile.trust, kTrusts, Need::required);
  reader.text("source", profile.source, Need::required);
  one_of(reader, "protocol", profile.protocol, kProtocols);
  one_of(reader, "printed_form", profile.printed_form, kPrintedForms);
  reader.integer("printed_offset", profile.printed_offset, -65535, 65535);
  reader.choice("exactly_once", profile.exactly_once, kExactlyOnce);
  reader.texts("named_on_site", profile.named_on_site);
  std::string cooling = "ln2";
  one_of(reader, "cooling", cooling, kCoolings);
  profile.mechanical = cooling == "mechanical";
}

}  // namespace

bool parse_profile(std::string_view file, std::string_view text, DeviceProfile& profile,
                   Faults& faults) {
  Faults own;
  profile = DeviceProfile{};
  profile.file = std::string(file);
  const std::optional<TomlNode> document = parse_toml(file, text, own);
  if (document) {
    TableReader reader(file, "profile", *document, own);
    read_head(reader, profile);
    if (const TomlNode* node = reader.table("identity")) {
      read_identity(file, *node, own, profile);
    }
    if (const TomlNode* node = reader.table("quirks")) {
      read_quirks(file, *node, own, profile.quirks);
    }
    for (const TomlNode* node : reader.tables("point")) {
      profile.points.push_back(profile.is_text() ? read_text_point(file, *node, own)
                                                 : read_point(file, *node, own));
    }
    if (profile.is_text()) {
      for (const TomlNode* node : reader.tables("line")) {
        profile.lines.push_back(read_text_line(file, *node, own));
      }
    }
    for (const TomlNode* node : reader.tables("proof")) {
      profile.proofs.push_back(read_proof(file, *node, own));
    }
    if (profile.points.size() > kPointsMax || profile.lines.size() > kPointsMax) {
      own.add(file, 0,
              cat("expected at most ", kPointsMax, " points and lines, came ",
                  std::max(profile.points.size(), profile.lines.size())));
    }
    reader.finish();
  }
  faults.append(own);
  return own.ok();
}

}  // namespace cryobank::config
