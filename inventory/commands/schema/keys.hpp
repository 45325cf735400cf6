// Keys: what many commands of the inventory name in the same way, and the bounds of their bodies.
// The entries themselves stand in table_*.cpp, by noun; schemas.hpp joins them.
#pragma once

#include <array>
#include <span>
#include <string_view>

#include "base/command_schema.hpp"
#include "base/ids.hpp"
#include "config/names.hpp"
#include "inventory/commands/ask.hpp"
#include "inventory/commands/make_job.hpp"
#include "inventory/ledger/course.hpp"

namespace cryobank::inventory {

// Roles, from least to most, as the entries name them.
inline constexpr std::string_view kHands[] = {"operator", "supervisor"};
inline constexpr std::string_view kHandsOrPlan[] = {"operator", "supervisor", "schedule"};
inline constexpr std::string_view kPlanners[] = {"operator", "physician", "supervisor", "schedule"};
inline constexpr std::string_view kQuality[] = {"qc", "quality"};
inline constexpr std::string_view kJudges[] = {"physician", "quality", "supervisor"};
inline constexpr std::string_view kSupervisors[] = {"supervisor"};
inline constexpr std::string_view kRecorders[] = {"service", "supervisor", "quality"};
inline constexpr std::string_view kService[] = {"service"};
inline constexpr std::string_view kQualityOnly[] = {"quality"};
inline constexpr std::string_view kPhysicians[] = {"physician"};
inline constexpr std::string_view kHolders[] = {"operator",  "witness",    "qc",
                                                "physician", "supervisor", "quality"};
inline constexpr std::string_view kHoldReleasers[] = {"quality", "supervisor"};
inline constexpr std::string_view kDisposers[] = {"operator", "supervisor", "quality"};
inline constexpr std::string_view kEveryone[] = {"viewer",    "operator",   "witness", "qc",
                                                 "physician", "supervisor", "quality"};

// A label of a position, as a person writes it; the longest are names of slots.
inline constexpr std::int64_t kLabelMax = kIdLengthMax;
// A list of a whole bank by the command line is larger than a message: 64 MiB are 600,000 lines.
inline constexpr std::int64_t kListBytesMax = 64LL * 1024 * 1024;
// Seconds: a vial that was out for longer was not handled but left standing, another report.
inline constexpr std::int64_t kOutsideMax = 86'400;
// "device.point"
inline constexpr std::int64_t kProbeNameMax = 2 * kIdLengthMax + 1;

inline constexpr BodyKey kAnId = key::id("");
inline constexpr BodyKey kACode = key::code("");
inline constexpr BodyKey kALabel = key::text("", kLabelMax);

// The words of a configuration's enum, for a command that takes the same ones.
template <class Words>
constexpr auto words_of(const Words& named) {
  std::array<std::string_view, std::tuple_size_v<Words>> words{};
  for (std::size_t i = 0; i < words.size(); ++i) words[i] = named[i].first;
  return words;
}
inline constexpr auto kStrategyWords = words_of(config::kStrategies);

inline constexpr BodyKey kCourseKey = key::id("course").must();
inline constexpr BodyKey kDoseKey = key::id("dose").must();
inline constexpr BodyKey kAliquotKey = key::id("aliquot").must();
inline constexpr BodyKey kPlaceKey = key::id("place").must();
inline constexpr BodyKey kPositionKey = key::text("position", kLabelMax);
inline constexpr BodyKey kPositionsKey =
    key::list("positions", kALabel, 1, kItemsMax, "one for each vial; else in fill order");
inline constexpr BodyKey kRobotKey = key::id("robot", "may be left out where there is one");
inline constexpr BodyKey kAtRobotKey =
    key::code("at_robot", "the robot's own code, read off it: whoever sends it stands there");
inline constexpr BodyKey kStrategyKey =
    key::word("strategy", kStrategyWords, "the site's where it is left out");
inline constexpr BodyKey kWaiveShareKey =
    key::flag("waive_share", "as few freezers as needed, whatever share of a course one may hold");
inline constexpr BodyKey kOverrideKey =
    key::flag("override", "a second course in a work area: needs a reason, and is counted");

}  // namespace cryobank::inventory
