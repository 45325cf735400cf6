// Site paths: every file and folder that a program writes, held against every other path that its
// configuration names and the files of the configuration itself. Two names for one file mean that
// one is written over the other: the signing key, of which there is no second, under the
// high-water mark. Always a fault, at a start as well: nothing may be opened then.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "config/fault.hpp"
#include "config/reload.hpp"
#include "config/site_config.hpp"

namespace cryobank::service {

struct NamedPath {
  enum class Use : std::uint8_t {
    reads,
    writes,  // the file
    fills,   // a folder, in which others may put files as well
    owns,    // a folder, whole
  };
  std::string key;   // "[store] directory"
  std::string path;  // empty: none
  Use use = Use::reads;
  int line = 0;
};

void expect_apart(std::string_view file, const std::vector<NamedPath>& paths,
                  config::Faults& faults);

// Of a site that was loaded from `texts`.
void expect_site_apart(std::string_view file, const config::SiteConfig& site,
                       const config::SiteTexts& texts, config::Faults& faults);

}  // namespace cryobank::service
