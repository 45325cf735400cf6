// Loading a site: main file, the files it includes, protocols, calendars and the profile of every
// device, read through a function the caller passes in, since this floor opens no file. Everything
// is parsed, linted and cross-checked, and every fault of every file is told at once.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "base/zone.hpp"
#include "config/site_config.hpp"

namespace cryobank::config {

// Text of one file. `path` is the main file's own path for the first call, and for each other file
// its path relative to the main file's folder, joined with it ("config/demo/../devices/x.toml").
using ReadText = std::function<Result<std::string>(std::string_view path)>;

// Files of one site: more are a mistake of generation, not a site.
inline constexpr std::size_t kFilesMax = 1000;

// The rules of an IANA zone, from the system's data (package tzdata) through `read`. Error: no such
// zone, or its data do not read.
Result<Zone> read_zone(const ReadText& read, std::string_view name);

// True when nothing refuses the site; `config` is complete then. Warnings are in `faults` as well.
bool load_site(std::string_view path, const ReadText& read, SiteConfig& config, Faults& faults);

// "a/b/site.toml" and "../devices/x.toml" give "a/devices/x.toml"; an absolute path stays.
std::string resolve_path(std::string_view main_file, std::string_view path);

}  // namespace cryobank::config
