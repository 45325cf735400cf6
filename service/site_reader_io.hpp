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

  // `at_start` is what `path` said at the start. `post` is called on this class's thread.
  SiteReader(std::string path, config::SiteShape at_start, Post post);

  // The core asks again only after the answer.
  void read();

 private:
  core::SiteRead look();

  std::string path_;
  config::SiteShape at_start_;
  config::SiteShape taken_;
  Post post_;
  std::jthread thread_;
};

}  // namespace cryobank::service
