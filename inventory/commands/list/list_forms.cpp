#include "inventory/commands/list/list_forms.hpp"

#include <algorithm>
#include <set>

#include "base/text.hpp"
#include "base/try.hpp"

namespace cryobank::inventory {
namespace {

// 1954 to 2119: a number outside is no date of a spreadsheet.
constexpr std::int64_t kSerialMin = 20'000;
constexpr std::int64_t kSerialMax = 80'000;
constexpr std::int64_t kSerialOfUnix = 25'569;  // 1970-01-01

Result<WallTime> read_serial(std::string_view text) {
  // The time of the day is left out: the day's beginning is the earlier reading.
  const std::string_view whole = text.substr(0, text.find('.'));
  TRY_ASSIGN(const auto serial, parse_integer(whole));
  if (serial < kSerialMin || serial > kSerialMax) {
    return make_error(ErrorCode::invalid_value, "not a serial number of a date");
  }
  return WallTime{} + days(serial - kSerialOfUnix);
}

std::vector<std::string_view> steps_of(std::string_view text) {
  std::vector<std::string_view> steps;
  while (!text.empty()) {
    const std::size_t mark = text.find_first_of("/>\\|");
    const std::string_view step = trim(text.substr(0, mark));
    if (!step.empty()) steps.push_back(step);
    if (mark == std::string_view::npos) break;
    text.remove_prefix(mark + 1);
  }
  return steps;
}

bool is_called(const View& view, const Place& place, const std::string& key) {
  return key == name_key(place.id.str()) ||
         (!place.title.empty() && key == name_key(place.title)) ||
         (place.within.position != kNoPosition && key == name_key(view.label_of(place.within)));
}

std::set<PlaceId> called(const View& view, const std::set<PlaceId>& outer, const std::string& key) {
  std::set<PlaceId> found;
  for (const PlaceId& id : outer) {
    for (const PlaceId& child : view.containers_in(id)) {
      if (is_called(view, *view.place(child), key)) found.insert(child);
    }
  }
  return found;
}

}  // namespace

Result<WallTime> read_date(std::string_view text) {
  const auto full = parse_utc(text);
  if (full) return full;
  if (const auto serial = read_serial(text)) return serial;
  std::string dashed(text);
  std::ranges::replace(dashed, '/', '-');
  if (const auto day = parse_utc(cat(dashed, "T00:00:00Z"))) return day;
  return make_error(ErrorCode::malformed,
                    cat("expected a date as 2026-11-22, 2026/11/22 or 2026-11-22T03:04:05Z, or a "
                        "serial number of a spreadsheet, came \"",
                        clip(text, 40), "\""));
}

Result<PlaceId> read_place(const View& view, std::string_view text) {
  const std::size_t slash = text.rfind('/');
  const std::string_view last = slash == std::string_view::npos ? text : text.substr(slash + 1);
  const auto id = PlaceId::parse(last);
  if (id && view.place(*id) != nullptr && (last == text || view.path_of(*id) == text)) return *id;
  const std::vector<std::string_view> steps = steps_of(text);
  std::set<PlaceId> found;
  if (!steps.empty()) {
    const std::string first = name_key(steps.front());
    for (const auto& [place_id, node] : view.base().places) {
      const Place* place = view.place(place_id);
      const bool named = first == name_key(place->id.str()) ||
                         (!place->title.empty() && first == name_key(place->title));
      if (named) found.insert(place_id);
    }
  }
  for (std::size_t i = 1; i < steps.size() && !found.empty(); ++i) {
    found = called(view, found, name_key(steps[i]));
  }
  if (found.size() == 1) return *found.begin();
  return make_error(ErrorCode::not_found,
                    found.empty()
                        ? cat("no place ", clip(text, 200))
                        : cat("place ", clip(text, 200), " could be ", view.path_of(*found.begin()),
                              " or ", found.size() - 1, " more: write its whole path"));
}

}  // namespace cryobank::inventory
