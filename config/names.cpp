#include "config/names.hpp"

namespace cryobank::config {

std::string_view name_of(DeviceKind kind) { return word_of(kDeviceKinds, kind); }
std::string_view name_of(Trust trust) { return word_of(kTrusts, trust); }

}  // namespace cryobank::config
