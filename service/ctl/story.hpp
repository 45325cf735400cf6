// Story: one sentence for one event, for a person who watches. Events it has no sentence for are
// told by their type and plain fields, so that nothing is left out.
#pragma once

#include <string>

#include "base/json.hpp"

namespace cryobank::ctl {

// `event` is a CloudEvent of event/{stream} (docs/mqtt.md).
std::string tell_story(const Json& event);

}  // namespace cryobank::ctl
