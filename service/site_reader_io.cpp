#include "service/site_reader_io.hpp"

#include <csignal>
#include <memory>
#include <utility>

#include "base/text.hpp"
#include "service/config_files_io.hpp"

namespace cryobank::service {

SiteReader::SiteReader(std::string path, config::SiteShape at_start, Post post)
    : path_(std::move(path)),
      at_start_(at_start),
      taken_(std::move(at_start)),
      post_(std::move(post)) {}

void SiteReader::read() {
  thread_ = std::jthread([this] {
    // Signals are for the loop's thread.
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, nullptr);
    post_(look());
  });
}

core::SiteRead SiteReader::look() {
  core::SiteRead read;
  auto site = std::make_shared<config::SiteConfig>();
  config::SiteTexts texts;
  config::Faults faults;
  const bool good = load_site(path_, *site, faults, texts);
  for (const config::Fault& fault : faults.items()) {
    read.faults.push_back(
        cat(fault.file, ":", fault.line, ": ", fault.warning ? "warning: " : "", fault.text));
  }
  if (!good) return read;
  config::SiteShape shape = config::shape_of(*site, texts);
  read.difference = config::compare(at_start_, taken_, shape);
  taken_ = std::move(shape);
  read.site = std::move(site);
  return read;
}

}  // namespace cryobank::service
