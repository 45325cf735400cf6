// A file that is made from the site and that a person may have changed: it is never overwritten in
// silence. Its first line holds the SHA-256 of the rest (broker_config.hpp).
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"

namespace cryobank::ctl {

// True when the file now holds `text`; false when a person's file was kept, which is told, and the
// new text lies beside it as FILE.new. `replace` overwrites what a person changed. Mode 0644.
Result<bool> put_rendered(const std::string& path, std::string_view text, bool replace);

}  // namespace cryobank::ctl
