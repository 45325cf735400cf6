// The linter's rules by subject; each looks at one thing and adds what it finds. Internal to
// profile_lint.cpp, lint_values.cpp and lint_text.cpp.
#pragma once

#include "config/device_profile.hpp"

namespace cryobank::config {

// "point \"level\": ..." at the point's line.
void point_fault(const DeviceProfile& profile, const Point& point, std::string_view text,
                 Faults& faults);
void point_warning(const DeviceProfile& profile, const Point& point, std::string_view text,
                   Faults& faults);

// lint_values.cpp: what the number can be.
void lint_scale_and_unit(const DeviceProfile& profile, const Point& point, Faults& faults);
void lint_range(const DeviceProfile& profile, const Point& point, Faults& faults);
void lint_sentinels(const DeviceProfile& profile, const Point& point, Faults& faults);
void lint_names(const DeviceProfile& profile, const Point& point, Faults& faults);
void lint_write(const DeviceProfile& profile, const Point& point, Faults& faults);

// lint_text.cpp: the points, lines and proofs of a text device.
void lint_text(const DeviceProfile& profile, Faults& faults);

}  // namespace cryobank::config
