// Reads configuration files from disk for the tests; the library itself opens no file.
#pragma once

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>

#include "base/text.hpp"
#include "config/load.hpp"

namespace cryobank::config {

inline ReadText files_under(std::string folder) {
  return [folder = std::move(folder)](std::string_view path) -> Result<std::string> {
    const bool absolute = path.starts_with('/');  // time zone data
    std::ifstream file((absolute ? std::string() : folder + "/") + std::string(path),
                       std::ios::binary);
    if (!file) return make_error(ErrorCode::not_found, cat("no file ", path));
    return std::string(std::istreambuf_iterator<char>(file), {});
  };
}

inline std::string all_faults(const Faults& faults) {
  std::string out;
  for (const Fault& fault : faults.items()) out += format_fault(fault) + "\n";
  return out;
}

// The site that ships as the demonstration, read once.
inline const SiteConfig& demo_site() {
  static const SiteConfig kSite = [] {
    SiteConfig site;
    Faults faults;
    EXPECT_TRUE(load_site("config/demo/site.toml", files_under(CRYOBANK_SOURCE_DIR), site, faults))
        << all_faults(faults);
    return site;
  }();
  return kSite;
}

}  // namespace cryobank::config
