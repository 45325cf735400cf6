// Text file: a table or message that a person made elsewhere, as UTF-8. What says so by its first
// bytes (UTF-8 with a mark, UTF-16 as spreadsheets' "Unicode text") is converted; any other
// encoding is told with the first byte that is none of UTF-8, and never guessed: a name in the
// wrong letters is another name.
#pragma once

#include <string>

#include "base/result.hpp"

namespace cryobank::service {

// `file` names it in messages. Error: malformed.
Result<std::string> as_utf8(const std::string& file, std::string bytes);

}  // namespace cryobank::service
