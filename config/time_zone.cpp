#include "config/time_zone.hpp"

#include "base/text.hpp"

namespace cryobank::config {
namespace {

constexpr std::string_view kFolder = "/usr/share/zoneinfo/";
constexpr std::size_t kZoneNameMax = 64;
constexpr int kDaylightShift = 60;  // minutes, where the rule names no other

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool is_zone_character(char c) {
  return is_letter(c) || is_digit(c) || c == '/' || c == '_' || c == '-' || c == '+';
}

// Takes the parts of a rule from its front.
class RuleReader {
 public:
  explicit RuleReader(std::string_view text) : text_(text) {}

  bool done() const { return text_.empty(); }
  bool at_offset() const {
    return !done() && (is_digit(text_[0]) || text_[0] == '-' || text_[0] == '+');
  }
  bool at_dates() const { return !done() && text_[0] == ','; }

  // Letters, or anything between < and >.
  bool name() {
    std::size_t length = 0;
    if (!done() && text_[0] == '<') {
      length = text_.find('>') + 1;  // 0 when it is not closed
    } else {
      while (length < text_.size() && is_letter(text_[length])) ++length;
    }
    text_.remove_prefix(length);
    return length >= 3;
  }
  // Hours, minutes and seconds west of UTC: POSIX counts the other way round.
  bool offset(int& east_minutes) {
    const bool negative = !done() && text_[0] == '-';
    if (!done() && (text_[0] == '-' || text_[0] == '+')) text_.remove_prefix(1);
    int parts[3] = {};
    for (int part = 0; part < 3; ++part) {
      if (!number(parts[part])) return false;
      if (done() || text_[0] != ':') break;
      text_.remove_prefix(1);
    }
    const int minutes = parts[0] * 60 + parts[1];
    east_minutes = negative ? minutes : -minutes;
    return true;
  }

 private:
  bool number(int& out) {
    std::size_t length = 0;
    out = 0;
    while (length < 2 && length < text_.size() && is_digit(text_[length])) {
      out = out * 10 + (text_[length++] - '0');
    }
    text_.remove_prefix(length);
    return length > 0;
  }

  std::string_view text_;
};

}  // namespace

std::string zone_path(std::string_view zone) {
  if (zone.empty() || zone.size() > kZoneNameMax || zone.front() == '/') return {};
  for (const char c : zone) {
    if (!is_zone_character(c)) return {};
  }
  return cat(kFolder, zone);
}

Result<ZoneOffsets> parse_zone(std::string_view tzif) {
  if (!tzif.starts_with("TZif") || !tzif.ends_with('\n')) {
    return make_error(ErrorCode::malformed, "expected a time zone file (TZif)");
  }
  tzif.remove_suffix(1);
  const std::size_t start = tzif.rfind('\n');
  if (start == std::string_view::npos || start + 1 == tzif.size()) {
    return make_error(ErrorCode::malformed, "expected a rule at the end of the time zone file");
  }
  return parse_zone_rule(tzif.substr(start + 1));
}

Result<ZoneOffsets> parse_zone_rule(std::string_view rule) {
  const auto malformed = [rule] {
    return make_error(ErrorCode::malformed,
                      cat("expected a rule as \"CET-1CEST\", came \"", clip(rule, 40), "\""));
  };
  RuleReader reader(rule);
  ZoneOffsets offsets;
  if (!reader.name() || !reader.offset(offsets.standard)) return malformed();
  if (reader.done()) return offsets;
  int daylight = offsets.standard + kDaylightShift;
  if (!reader.name()) return malformed();
  if (reader.at_offset() && !reader.offset(daylight)) return malformed();
  if (!reader.done() && !reader.at_dates()) return malformed();
  offsets.daylight = daylight;
  return offsets;
}

}  // namespace cryobank::config
