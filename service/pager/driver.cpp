#include "service/pager/driver.hpp"

#include <algorithm>

#include "base/text.hpp"

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

void refuse_value(config::TableReader& reader, std::string_view key, std::string_view expected,
                  std::string_view came) {
  reader.fault(key, cat("expected ", expected, ", came \"", clip(came, 60), "\""));
}

void read_user(config::TableReader& reader, std::string& out) {
  reader.text("user", out);
  if (!out.empty() && !is_id_text(out)) reader.fault("user", bad_id("user", out).context);
}

void read_path(config::TableReader& reader, std::string_view key, std::string& out,
               config::Need need) {
  reader.text(key, out, need);
  if (!out.empty() && !out.starts_with('/')) {
    refuse_value(reader, key, "an absolute path", out);
  }
}

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
