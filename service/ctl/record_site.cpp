#include "service/ctl/record_site.hpp"

#include <utility>

#include "base/text.hpp"
#include "base/try.hpp"
#include "service/config_files_io.hpp"

namespace cryobank::ctl {

Result<config::SiteConfig> open_site(const std::string& file) {
  config::SiteConfig site;
  config::Faults faults;
  const bool good = service::load_site(file, site, faults);
  service::print_faults(faults);
  if (good) return site;
  return make_error(ErrorCode::invalid_value, cat(file, " is refused"));
}

Result<OpenStore> open_store_of(const std::string& site_file) {
  TRY_ASSIGN(const auto site, open_site(site_file));
  OpenStore open{service::record_files(site), nullptr};
  TRY_ASSIGN(auto store, inventory::open_store(open.files.store));
  open.store = std::move(store);
  return open;
}

}  // namespace cryobank::ctl
