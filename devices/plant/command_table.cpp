// Entries of device/fill, stop-fill and write (plant_decide.cpp).
#include "devices/plant/command_table.hpp"

#include <array>

#include "base/ids.hpp"

namespace cryobank::devices {
namespace {

// The administrator keeps the machines and has no say over products (contract section 5).
constexpr std::array<std::string_view, 3> kBench{"operator", "supervisor", "service"};
constexpr std::array<std::string_view, 2> kSetPoints{"supervisor", "service"};
// Beyond any set-point in any unit; each point has its own range.
constexpr std::int64_t kValueMax = 1'000'000'000;

constexpr std::string_view kDeviceOrGroup[] = {"device", "group"};
constexpr Choice kFillChoices[] = {{kDeviceOrGroup}};
constexpr BodyKey kFillKeys[] = {key::id("device"),
                                 key::id("group", "every freezer of it, one after the other")};
constexpr BodyKey kStopKeys[] = {key::id("device").must()};
constexpr BodyKey kANamedValue = key::text("value", kIdLengthMax, "a name of the point");
constexpr BodyKey kWriteKeys[] = {
    key::id("device").must(), key::id("point").must(),
    key::number("value", -kValueMax, kValueMax, "in the point's unit, or one of its names")
        .must()
        .or_as(kANamedValue)};

constexpr CommandSchema kPlantEntries[] = {
    {.verb = "device/fill",
     .roles = kBench,
     .body = {kFillKeys, kFillChoices},
     .says = "A freezer is filled with LN2, or every one of a group in turn. Accepted; ends when "
             "the machine shows it. What an interlock forbids is left out, with the reason.",
     .example = R"({"device":"freezer-1"})",
     .reply = R"({"left_out":[],"ordered":["freezer-1"]})"},
    {.verb = "device/stop-fill",
     .roles = kBench,
     .body = {kStopKeys},
     .says = "The valve is closed. Always allowed: it is the safe side. Accepted.",
     .example = R"({"device":"freezer-1"})",
     .reply = R"({"device":"freezer-1"})"},
    {.verb = "device/write",
     .roles = kSetPoints,
     .body = {kWriteKeys},
     .says = "A set-point within its range, confirmed by reading it back. Accepted.",
     .example = R"({"device":"freezer-1","point":"fill-start","value":150})",
     .reply = R"({"device":"freezer-1","point":"fill-start","value":150})"},
};

}  // namespace

// device/maintenance comes with what it silences.
std::span<const CommandSchema> schemas() { return kPlantEntries; }

}  // namespace cryobank::devices
