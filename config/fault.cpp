#include "config/fault.hpp"

#include "base/text.hpp"

namespace cryobank::config {

std::string format_fault(const Fault& fault) {
  std::string out = fault.file;
  if (fault.line > 0) out += cat(":", fault.line);
  out += fault.warning ? ": warning: " : ": ";
  out += fault.text;
  return out;
}

}  // namespace cryobank::config
