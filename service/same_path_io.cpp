#include "service/same_path_io.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <deque>
#include <filesystem>
#include <system_error>

namespace cryobank::service {
namespace {

namespace fs = std::filesystem;

constexpr int kLinksMax = 40;  // as Linux follows them

// The name without links and dots. Unlike weakly_canonical() it follows a link that leads to
// nothing, for what is written through it is made where it leads.
fs::path without_links(const std::string& path) {
  std::error_code error;
  const fs::path whole = fs::absolute(path, error);
  const fs::path names = whole.relative_path();
  std::deque<fs::path> parts(names.begin(), names.end());
  fs::path done = "/";
  int links = 0;
  while (!parts.empty()) {
    const fs::path part = parts.front();
    parts.pop_front();
    if (part.empty() || part == ".") continue;
    if (part == "..") {
      done = done.parent_path();
      continue;
    }
    const fs::path next = done / part;
    const bool link = fs::is_symlink(fs::symlink_status(next, error)) && ++links <= kLinksMax;
    const fs::path target = link ? fs::read_symlink(next, error) : fs::path();
    if (!link || target.empty()) {
      done = next;
      continue;
    }
    if (target.is_absolute()) done = "/";
    const fs::path more = target.relative_path();
    parts.insert(parts.begin(), more.begin(), more.end());
  }
  return done;
}

// One file by what the file system says of it: hard links, mounts, nodes of one device.
bool is_one_file(const fs::path& first, const fs::path& second) {
  struct stat a {};
  struct stat b {};
  if (::stat(first.c_str(), &a) != 0 || ::stat(second.c_str(), &b) != 0) return false;
  if (a.st_dev == b.st_dev && a.st_ino == b.st_ino) return true;
  return S_ISCHR(a.st_mode) && S_ISCHR(b.st_mode) && a.st_rdev == b.st_rdev;
}

bool lies_in(const fs::path& inner, const fs::path& folder) {
  for (fs::path above = inner; above.has_relative_path();) {
    above = above.parent_path();
    if (above == folder || is_one_file(above, folder)) return true;
  }
  return false;
}

}  // namespace

PathRelation relation_of(const std::string& first, const std::string& second) {
  const fs::path a = without_links(first);
  const fs::path b = without_links(second);
  if (a == b || is_one_file(a, b)) return PathRelation::same;
  if (lies_in(a, b)) return PathRelation::first_inside;
  return lies_in(b, a) ? PathRelation::second_inside : PathRelation::apart;
}

}  // namespace cryobank::service
