#include "config/meaning.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <string>
#include <vector>

#include "base/spelling.hpp"
#include "base/text.hpp"
#include "config/checks/lint_rules.hpp"
#include "config/table_reader.hpp"

namespace cryobank::config {
namespace {

constexpr auto kFreezer = DeviceKind::freezer;
constexpr auto kRoom = DeviceKind::room;
constexpr auto kSupply = DeviceKind::supply;

constexpr Milli kAbsoluteZero{-273'150};  // Cel
constexpr Milli kHottest = whole(200);
constexpr Milli kHighestTank = whole(10'000);  // mm
constexpr Milli kOxygenMost = whole(30);
constexpr Milli kStockMost = whole(110);  // %: of a tank that is overfilled
constexpr Milli kVacuum = whole(-1'100);  // mbar
constexpr Milli kPressureMost = whole(25'000);

constexpr std::array kMeanings = {
    Meaning{"level", kFreezer, "mm", "LN2 above the floor", {}, kHighestTank},
    Meaning{"weight", kFreezer, "kg", "of tank and contents, by a scale below it"},
    Meaning{"temperature-top", kFreezer, "Cel",
            "vapour under the lid, or the air of a mechanical one", kAbsoluteZero, kHottest},
    Meaning{"temperature-bottom", kFreezer, "Cel", "at the tray", kAbsoluteZero, kHottest},
    Meaning{"lid", kFreezer, "1", "0 closed, 1 open"},
    Meaning{"fill-valve", kFreezer, "1", "0 closed, 1 open"},
    Meaning{"bypass-valve", kFreezer, "1", "0 closed, 1 open: warm gas is blown off"},
    Meaning{"fill-disabled", kFreezer, "1", "1: the controller refuses fills"},
    Meaning{"fill-start",
            kFreezer,
            "mm",
            "level at which the controller begins to fill",
            {},
            kHighestTank},
    Meaning{"fill-stop", kFreezer, "mm", "level at which it ends", {}, kHighestTank},
    Meaning{"fill-command", kFreezer, "1", "order to fill or to stop"},
    Meaning{"power", kFreezer, "1", "1: on battery"},
    Meaning{"powered-up", kFreezer, "1", "1: came back from a power cut; an event, never 0 again"},
    Meaning{"controller-alarms", kFreezer, "1", "the controller's own alarms, as bits"},
    Meaning{"clock", kFreezer, "s", "of the controller, Unix time"},
    Meaning{"oxygen-1", kRoom, "%", "by volume", {}, kOxygenMost},
    Meaning{"oxygen-2", kRoom, "%", "by volume", {}, kOxygenMost},
    Meaning{"door", kRoom, "1", "0 closed, 1 open"},
    Meaning{"ventilation", kRoom, "1", "1: the fan runs"},
    Meaning{"inlet-closed", kRoom, "1", "1: the LN2 inlet of the room is shut"},
    Meaning{"inlet-close-request", kRoom, "1", "1: asks the inlet to close"},
    Meaning{"mains", kRoom, "1", "1: the mains are lost"},
    Meaning{"level", kSupply, "%", "of the tank", {}, kStockMost},
    Meaning{"pressure", kSupply, "mbar", "above the air's", kVacuum, kPressureMost},
    Meaning{"outlet-valve", kSupply, "1", "1: open"},
};

using Group = std::span<const std::string_view>;
constexpr std::array<std::string_view, 2> kContent{"level", "weight"};
constexpr std::array<std::string_view, 2> kTemperature{"temperature-top", "temperature-bottom"};
constexpr std::array<Group, 2> kNeedsOfTank{Group(kContent), Group(kTemperature)};
constexpr std::array<Group, 1> kNeedsOfMechanical{Group(kTemperature)};
constexpr std::array<std::string_view, 2> kSupplyLeft{"level", "pressure"};
constexpr std::array<Group, 1> kNeedsOfSupply{Group(kSupplyLeft)};

std::vector<std::string_view> names_of(DeviceKind kind) {
  std::vector<std::string_view> names;
  for (const Meaning& meaning : kMeanings) {
    if (meaning.kind == kind) names.push_back(meaning.name);
  }
  return names;
}

// "temp-top", "level-1", "o2-1": short forms that people write for a meaning.
std::string expanded(std::string_view id) {
  std::string out;
  for (const std::string_view word : split(id, '-')) {
    std::string_view full = word;
    if (word == "temp" || word == "t") full = "temperature";
    if (word == "o2") full = "oxygen";
    out += cat(out.empty() ? "" : "-", full);
  }
  return out;
}

std::string_view probably(const DeviceProfile& profile, const Point& point) {
  const std::string id = lower_ascii(point.id.str());
  const std::string full = expanded(id);
  if (find_meaning(full, profile.kind) != nullptr) return find_meaning(full, profile.kind)->name;
  const std::vector<std::string_view> names = names_of(profile.kind);
  // "o2", "oxygen-floor": one of several that are numbered.
  for (const std::string_view name : names) {
    const std::string_view stem = name.substr(0, name.rfind('-'));
    const bool numbered = name.ends_with("-1") || name.ends_with("-2");
    const bool meant = full == stem || full.starts_with(cat(stem, "-"));
    const bool taken = std::ranges::any_of(
        profile.points, [&](const Point& other) { return other.meaning() == name; });
    if (numbered && meant && !taken) return name;
  }
  return nearest_word(id, names);
}

// What 0 and 1 mean follows from the meaning: a lid whose open is 0 would alarm while it is shut.
void check_point_states(const Point& point, std::string_view meaning,
                        const std::function<void(std::string_view)>& tell) {
  struct State {
    std::string_view meaning, zero, one;
  };
  constexpr std::array kStates = {
      State{"lid", "closed", "open"},          State{"door", "closed", "open"},
      State{"fill-valve", "closed", "open"},   State{"bypass-valve", "closed", "open"},
      State{"outlet-valve", "closed", "open"}, State{"inlet-closed", "open", "closed"},
      State{"power", "mains", "battery"},      State{"mains", "mains", "battery"}};
  if (point.type == PointType::bits) return;
  const auto* state = std::ranges::find(kStates, meaning, &State::meaning);
  if (state == kStates.end()) return;
  for (const PointName& value : point.values) {
    const bool zero = value.name == state->zero;
    if (!zero && value.name != state->one) continue;
    const std::int64_t number = zero ? 0 : 1;
    if (value.value == number) continue;
    tell(cat("means ", meaning, ": expected ", value.name, " = ", number, ", came ", value.value));
  }
}

// A share in "%" is the unit that is mistaken: its range must be said, and be one of percents.
void check_point_range(const Point& point, const Meaning& meaning,
                       const std::function<void(std::string_view)>& tell) {
  if (!meaning.bounded() || (!point.has_range && meaning.unit != "%")) return;
  const std::string expected =
      cat("means ", meaning.name, ": expected a range within [", format_milli(meaning.lowest), ", ",
          format_milli(meaning.highest), "] ", meaning.unit, ", came ");
  if (!point.has_range) return tell(cat(expected, "none"));
  if (point.range_min >= meaning.lowest && point.range_max <= meaning.highest) return;
  tell(cat(expected, "[", format_milli(point.range_min), ", ", format_milli(point.range_max), "]"));
}

void lint_point(const DeviceProfile& profile, const Point& point,
                std::map<std::string_view, const Point*>& seen, Faults& faults) {
  const Meaning* meaning = find_meaning(point.meaning(), profile.kind);
  if (!point.means.empty() && meaning == nullptr) {
    const std::vector<std::string_view> names = names_of(profile.kind);
    return point_fault(profile, point,
                       cat("means: expected a meaning of a ", name_of(profile.kind), ", came \"",
                           clip(point.means, 64), "\"", suggestion(point.means, names)),
                       faults);
  }
  if (meaning == nullptr) {
    const std::string_view meant = probably(profile, point);
    const bool taken = std::any_of(
        profile.points.begin(), profile.points.end(),
        [&](const Point& other) { return &other != &point && other.meaning() == meant; });
    if (!meant.empty() && !taken) {
      point_fault(profile, point,
                  cat("has no meaning, so that no alarm watches it: expected means = \"", meant,
                      "\", or another id"),
                  faults);
    }
    return;
  }
  const auto [first, added] = seen.emplace(meaning->name, &point);
  if (!added) {
    point_fault(profile, point,
                cat("expected each meaning once, line ", first->second->line, " means ",
                    meaning->name, " too"),
                faults);
  }
  check_meaning(point, *meaning,
                [&](std::string_view text) { point_fault(profile, point, text, faults); });
}

}  // namespace

std::span<const Meaning> meanings() { return kMeanings; }

const Meaning* find_meaning(std::string_view name, DeviceKind kind) {
  for (const Meaning& meaning : kMeanings) {
    if (meaning.kind == kind && meaning.name == name) return &meaning;
  }
  return nullptr;
}

std::span<const Group> needs_of(DeviceKind kind, bool mechanical) {
  if (kind == DeviceKind::supply) return kNeedsOfSupply;
  if (kind != DeviceKind::freezer) return {};
  if (mechanical) return kNeedsOfMechanical;
  return kNeedsOfTank;
}

void check_meaning(const Point& point, const Meaning& meaning,
                   const std::function<void(std::string_view)>& tell) {
  const bool number = point.type != PointType::ascii && point.type != PointType::bits;
  if (number && point.unit != meaning.unit && meaning.unit != "1") {
    tell(cat("means ", meaning.name, ": expected unit \"", meaning.unit, "\", came \"",
             clip(point.unit, 16), "\""));
  } else if (number) {
    check_point_range(point, meaning, tell);
  }
  check_point_states(point, meaning.name, tell);
}

void lint_meanings(const DeviceProfile& profile, Faults& faults) {
  if (profile.kind == DeviceKind::robot) return;
  std::map<std::string_view, const Point*> seen;
  for (const Point& point : profile.points) lint_point(profile, point, seen, faults);
  const auto needs = needs_of(profile.kind, profile.mechanical);
  const bool any = needs.empty() || !profile.named_on_site.empty() ||
                   std::any_of(needs.begin(), needs.end(), [&](const Group& group) {
                     return std::any_of(group.begin(), group.end(), [&](std::string_view name) {
                       return seen.count(name) > 0;
                     });
                   });
  if (any) return;
  std::string list;
  for (const Group& group : needs) {
    for (const std::string_view name : group) list += cat(list.empty() ? "" : ", ", name);
  }
  faults.add(profile.file, profile.line,
             cat("expected a point that means one of ", list,
                 ": without them no alarm watches such a ", name_of(profile.kind)));
}

}  // namespace cryobank::config
