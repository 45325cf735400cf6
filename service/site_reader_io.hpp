// Site reader: reads the site's files anew on a thread of its own, whole, and tells what changed
// against what runs. A site with a fault is told with its faults and is not used.
#pragma once

#include <functional>
#include <string>
#include <thread>

#include "config/reload.hpp"
#include "service/wire/input.hpp"

namespace cryobank::service {

class SiteReader {
 public:
  using Post = std::function<void(core::SiteRead)>;

  // `site` and `texts` are those of the start. `post` is called on this class's thread.
  SiteReader(std::string path, config::SiteConfig site, config::SiteTexts texts, Post post);

  // The core asks again only after the answer.
  void read();

 private:
  core::SiteRead look();

  std::string path_;
  config::SiteConfig running_;  // with what was taken since
  config::SiteTexts at_start_;  // what takes a restart is held against these
  config::SiteTexts taken_;     // what may change, against these
  Post post_;
  std::jthread thread_;
};

}  // namespace cryobank::service
