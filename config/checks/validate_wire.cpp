// Rules about what a wire and its gateway can be, and what can be told apart on it.
#include <array>
#include <map>
#include <vector>

#include "base/text.hpp"
#include "config/checks/site_rules.hpp"
#include "config/checks/validate.hpp"
#include "config/duration.hpp"

namespace cryobank::config {
namespace {

using LineKind = LineConfig::Kind;

// A habit that a line of its kind cannot have is a mistake of who wrote it.
void line_habits(const SiteIndex& index, Faults& faults) {
  std::map<std::string_view, int> on_line;
  for (const DeviceConfig& device : index.config.devices) ++on_line[device.line.str()];
  for (const LineConfig& line : index.config.lines) {
    const GatewayHabits& habits = line.habits;
    if (habits.transaction != TransactionHabit::same && line.kind != LineKind::tcp) {
      fault_of(line, "habits.transaction: expected only on a line of kind \"tcp\"", faults);
    }
    const bool frames_come_back = line.kind == LineKind::rtu || line.kind == LineKind::ascii ||
                                  line.kind == LineKind::rtu_tcp;
    if (habits.echoes && !frames_come_back) {
      fault_of(line, "habits.echoes: expected only on lines of kind rtu, ascii or rtu-tcp", faults);
    }
    if (habits.answers_as != 0 && on_line[line.id.str()] > 1) {
      faults.warn(
          line.file, line.line,
          cat("line \"", line.id.str(), "\": every answer bears unit ", habits.answers_as,
              ", so only an identity word tells its ", on_line[line.id.str()], " devices apart"));
    }
  }
}

// Behind one gateway the answer of one machine may come as another's. A unit word tells; without
// one, somebody should know.
void units_apart(const SiteIndex& index, Faults& faults) {
  std::map<std::pair<std::string_view, std::string_view>, std::vector<const DeviceConfig*>> alike;
  for (const DeviceConfig& device : index.config.devices) {
    const LineConfig* line = lookup(index.lines, device.line.str());
    const DeviceProfile* profile = lookup(index.profiles, device.profile.str());
    if (line == nullptr || profile == nullptr || profile->is_text()) continue;
    if (profile->tells_units_apart()) continue;
    alike[{device.line.str(), device.profile.str()}].push_back(&device);
  }
  for (const auto& [key, devices] : alike) {
    if (devices.size() < 2) continue;
    const DeviceConfig& second = *devices[1];
    faults.warn(
        second.file, second.line_number,
        cat("line \"", key.first, "\": ", devices.size(), " devices of profile \"", key.second,
            "\" cannot be told apart by what they answer: a gateway that mixes ",
            "up units shows one as another; the reference blocks of version 2 have a unit ",
            "word"));
  }
}

// A value that did not change between two polls is not frozen yet.
void frozen_after(const SiteIndex& index, Faults& faults) {
  constexpr int kPollsMin = 3;
  for (const DeviceConfig& device : index.config.devices) {
    const DeviceProfile* profile = lookup(index.profiles, device.profile.str());
    if (profile == nullptr) continue;
    for (const Point& point : profile->points) {
      const bool slow = point.read_class == ReadClass::slow;
      const Duration least = (slow ? device.poll_slow : device.poll_fast) * kPollsMin;
      if (point.frozen_after.ns == 0 || point.frozen_after >= least) continue;
      fault_of(device,
               cat("point \"", point.id.str(), "\" of profile \"", profile->id.str(),
                   "\": expected frozen_after of at least three polls, ", format_duration(least),
                   ", came ", format_duration(point.frozen_after)),
               faults);
    }
  }
}

// A deadband of a point that is not there, or of a state, is a mistake of who wrote it.
void publish_points(const SiteIndex& index, Faults& faults) {
  for (const DeviceConfig& device : index.config.devices) {
    const DeviceProfile* profile = lookup(index.profiles, device.profile.str());
    if (profile == nullptr) continue;
    for (const auto& [id, deadband] : device.publish_deadbands) {
      const Point* point = profile->find(id);
      if (point == nullptr) {
        fault_of(device,
                 cat("[device.publish_deadband]: expected a point of profile \"", profile->id.str(),
                     "\", came \"", clip(id, 64), "\""),
                 faults);
      } else if (point->has_range && deadband >= point->range_max - point->range_min) {
        fault_of(device,
                 cat("[device.publish_deadband]: expected of \"", id, "\" less than its range, ",
                     format_milli(point->range_max - point->range_min), " ", point->unit, ", came ",
                     format_milli(deadband)),
                 faults);
      } else if (!has_deadband(*point) && deadband.v > 0) {
        fault_of(device,
                 cat("[device.publish_deadband]: \"", id,
                     "\" is a state or a text: each change of it is told"),
                 faults);
      }
    }
  }
}

constexpr std::array<ValidationRule, 4> kWireRules{{{"line-habits", line_habits},
                                                    {"units-apart", units_apart},
                                                    {"frozen-after", frozen_after},
                                                    {"publish-points", publish_points}}};

}  // namespace

std::span<const ValidationRule> wire_rules() { return kWireRules; }

}  // namespace cryobank::config
