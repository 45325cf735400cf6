#include "service/ctl/rendered_io.hpp"

#include <filesystem>

#include "base/text.hpp"
#include "base/try.hpp"
#include "service/ctl/broker_config.hpp"
#include "service/ctl/print_io.hpp"

namespace cryobank::ctl {
namespace {

constexpr int kReadableByAll = 0644;
constexpr std::size_t kRenderedMax = 4 * 1024 * 1024;

}  // namespace

Result<bool> put_rendered(const std::string& path, std::string_view text, bool replace) {
  const std::string full = with_digest(text);
  std::error_code failed;
  if (std::filesystem::exists(path, failed)) {
    TRY_ASSIGN(const auto old, read_file(path, kRenderedMax));
    if (old == full) return true;
    if (!replace && !is_untouched(old)) {
      TRY(write_file(path + ".new", full, kReadableByAll));
      tell(cat(path, " was changed by a person and is kept; the new text is ", path,
               ".new. Compare them and move it, or say --replace."));
      return false;
    }
  }
  TRY(write_file(path, full, kReadableByAll));
  print_line(cat("wrote ", path));
  return true;
}

}  // namespace cryobank::ctl
