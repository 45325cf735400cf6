// Conformance of a machine to the reference blocks of docs/registers.md: each numbered sentence of
// that page is one rule, tried from outside, with one finding. What cannot be tried from outside,
// or was not allowed, is said. Pure: the machine is asked through `Bench`, and waiting is its too.
// Without leave nothing is moved, filled or set.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.hpp"
#include "config/device_profile.hpp"
#include "devices/line/modbus.hpp"

namespace cryobank::devices {

struct Bench {
  std::uint8_t unit = 1;
  std::function<ModbusReply(ModbusRequest)> ask;
  std::function<void(Duration)> wait;
};

// What the person at the machine allows.
struct Leave {
  bool move = false;   // robots: park, which moves no vial
  bool write = false;  // set-points are written, and written back as they were
};

struct ConformRule {
  std::string_view number;  // as on the page: "R12"
  std::string_view says;
};
// Of every block, in the order of the page.
std::span<const ConformRule> conform_rules();

struct ConformFinding {
  enum class Verdict : std::uint8_t { good, violated, not_checked } verdict = Verdict::not_checked;
  std::string number;
  std::string rule;
  std::string seen;  // what came, or why it was not checked
};

// Every rule of the blocks that the profile's machine serves, each exactly once.
std::vector<ConformFinding> conform(const Bench& bench, const config::DeviceProfile& profile,
                                    const Leave& leave);

}  // namespace cryobank::devices
