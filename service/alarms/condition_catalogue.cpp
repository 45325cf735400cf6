#include "service/alarms/condition_catalogue.hpp"

#include <algorithm>
#include <array>

#include "config/site_config.hpp"

namespace cryobank::alarms {
namespace {

constexpr std::array<CatalogueEntry, 34> kCatalogue{{
    {"high-level-while-filling", Priority::p1, false, "",
     "Close the fill valve by hand; watch the oxygen before you go in"},
    {"valve-stuck-open", Priority::p1, false, "",
     "Close the valve before the freezer by hand; watch the oxygen before you go in"},
    {"level-falling-fast", Priority::p1, false, "",
     "Look for frost and vapour; prepare to move the contents now"},
    {"weight-falling-fast", Priority::p1, false, "",
     "Look for frost and vapour; prepare to move the contents now"},
    {"top-frozen", Priority::p2, false, "",
     "Read a second probe or a portable one; write it down; repair the probe"},
    {"bottom-frozen", Priority::p2, false, "",
     "Read a second probe or a portable one; write it down; repair the probe"},
    {"level-frozen", Priority::p2, false, "",
     "Read it with the stick and write it down; repair the sensor"},
    {"level-stuck", Priority::p2, false, "",
     "Read it with the stick and write it down; clear or repair the sensor"},
    {"level-weight-apart", Priority::p2, false, "",
     "Read the level with the stick; look what stands on the scale"},
    {"probes-disagree", Priority::p2, false, "",
     "Measure with a portable probe; look whether somebody moved one"},
    {"fill-too-often", Priority::p2, false, "",
     "Look for frost; compare its evaporation; plan to move the contents"},
    {"weight-loss-doubled", Priority::p2, false, "",
     "The vacuum may be failing: plan to move the contents"},
    {"weight-loss-raised", Priority::p3, false, "", "Watch its evaporation; look at the lid seal"},
    {"weight-stuck", Priority::p3, false, "", "Look whether the scale stands free"},
    {"fill-slower", Priority::p3, false, "", "Look at supply pressure, line and valve"},
    {"clock-off", Priority::p3, false, "", "Set the clock at the controller"},
    {"oxygen-falling", Priority::p1, true, "", "Keep everybody out; ventilate from outside"},
    {"oxygen-unknown", Priority::p1, true, "",
     "Nothing measures the oxygen: enter with a portable meter only"},
    {"supply-empty-inferred", Priority::p1, false, "",
     "Several freezers cannot fill: check supply tank, valves and interlock"},
    {"fill-not-rising", Priority::p2, false, "", "Check supply and valve; fill by hand"},
    {"fill-too-long", Priority::p2, false, "", "Check supply pressure, valve and level sensor"},
    {"fill-not-started", Priority::p2, false, "", "Check lid, valve and controller; fill by hand"},
    {"fill-missed", Priority::p2, false, "", "Check supply and controller; fill by hand"},
    {"evaporation-doubled", Priority::p2, false, "",
     "The vacuum may be failing: plan to move the contents"},
    {"supply-autonomy-low", Priority::p2, false, "", "Order LN2 now"},
    {"oxygen-disagree", Priority::p2, false, "", "Compare with a portable meter; calibrate"},
    {"evaporation-raised", Priority::p3, false, "", "Watch its evaporation; look at the lid seal"},
    {"temperature-unusual", Priority::p3, false, "", "Look at lid and probe"},
    {"controller-alarm", Priority::p3, false, "", "Read the controller's display"},
    {"fill-disabled", Priority::p2, false, "fill-disabled", ""},
    {"ventilation-off", Priority::p2, false, "ventilation-off", ""},
    {"inlet-closed", Priority::p1, false, "ln2-inhibited", ""},
    {"supply-outlet-closed", Priority::p1, false, "ln2-inhibited", ""},
    {"supply-empty", Priority::p1, false, "level-low", ""},
}};

// Judged by the rules of both sensors; which one told is in the alarm's name.
constexpr std::array<CatalogueEntry, 3> kJudgedPerSensor{{
    {"oxygen-low", Priority::p1, true, "oxygen-1-low, oxygen-2-low", ""},
    {"oxygen-critical", Priority::p1, true, "oxygen-1-low, oxygen-2-low", ""},
    {"oxygen-sensor-lost", Priority::p2, false, "oxygen-1-unusable, oxygen-2-unusable", ""},
}};

// An alarm's id is its device, a dot and its condition: config bounds the device by this.
static_assert(std::all_of(kCatalogue.begin(), kCatalogue.end(), [](const CatalogueEntry& entry) {
  return entry.condition.size() <= config::kConditionMax;
}));

}  // namespace

const CatalogueEntry* find_in_catalogue(std::string_view condition) {
  for (const CatalogueEntry& entry : kCatalogue) {
    if (entry.condition == condition) return &entry;
  }
  for (const CatalogueEntry& entry : kJudgedPerSensor) {
    if (entry.condition == condition) return &entry;
  }
  return nullptr;
}

}  // namespace cryobank::alarms
