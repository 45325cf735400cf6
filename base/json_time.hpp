// Json time: an instant as a document tells it; at 0 there is none, which is null.
#pragma once

#include "base/json.hpp"
#include "base/time.hpp"

namespace cryobank {

inline Json time_or_null(WallTime at) { return at.ms == 0 ? Json() : Json(format_utc(at)); }

}  // namespace cryobank
