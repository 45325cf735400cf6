#include "service/pager/driver.hpp"

#include <algorithm>

namespace cryobank::pager {
namespace {

// Filled before main() by each kind's own file; never changed after.
std::vector<KindOfChannel>& kinds() {
  static std::vector<KindOfChannel> all;
  return all;
}

}  // namespace

std::vector<Heard> Driver::listen(Until) { return {}; }
std::string Driver::probe(Until) { return {}; }

KindRegistration::KindRegistration(const KindOfChannel& kind) { kinds().push_back(kind); }

const KindOfChannel* find_kind(std::string_view name) {
  const auto found = std::ranges::find(kinds(), name, &KindOfChannel::name);
  return found == kinds().end() ? nullptr : &*found;
}

std::vector<std::string_view> kind_names() {
  std::vector<std::string_view> names;
  for (const KindOfChannel& kind : kinds()) names.push_back(kind.name);
  std::ranges::sort(names);
  return names;
}

}  // namespace cryobank::pager
