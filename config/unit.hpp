// Units: the UCUM codes (ucum.org) that points may carry, one per quantity, so that no two devices
// tell the same quantity in different units. A profile scales what its model says into one of
// these.
#pragma once

#include <string_view>

namespace cryobank::config {

bool is_unit(std::string_view unit);
// The unit to use for a spelling that people write instead ("degC", "mBar", "C"); empty when none.
std::string_view unit_for_spelling(std::string_view spelling);

}  // namespace cryobank::config
