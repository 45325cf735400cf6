#include "service/site_reader_io.hpp"

#include <csignal>
#include <memory>
#include <utility>

#include "base/text.hpp"
#include "service/config_files_io.hpp"

namespace cryobank::service {

SiteReader::SiteReader(std::string path, config::SiteConfig site, config::SiteTexts texts,
                       Post post)
    : path_(std::move(path)),
      running_(std::move(site)),
      at_start_(texts),
      taken_(std::move(texts)),
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
  read.difference = config::compare(running_, taken_, *site, texts);
  read.difference.needs_restart = config::compare(running_, at_start_, *site, texts).needs_restart;
  config::take_reloadable(running_, *site, read.difference.needs_restart.empty());
  taken_ = std::move(texts);
  read.site = std::move(site);
  return read;
}

}  // namespace cryobank::service
