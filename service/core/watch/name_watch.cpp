#include "service/core/watch/name_watch.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "inventory/commands/gate/intake.hpp"
#include "inventory/ledger/view.hpp"

namespace cryobank::core {
namespace {

constexpr std::string_view kNamesSource = "names";
constexpr std::string_view kNamesContradict = "record-contradiction";

}  // namespace

void tell_names(const Now& now, const Bank& bank, AlarmDesk& alarms) {
  if (!bank.no_record.empty()) return;
  const auto taken = inventory::names_of_vials(inventory::View(bank.ledger), bank.config);
  if (taken.empty()) return alarms.clear(now, kNamesSource, kNamesContradict);
  alarms::Condition told;
  told.source = std::string(kNamesSource);
  told.condition = std::string(kNamesContradict);
  told.priority = alarms::Priority::p2;
  told.text = taken.size() == 1
                  ? taken.front()
                  : cat(taken.front(), "; and ", taken.size() - 1, " more names like it");
  told.action = "Give it another name in the site's files; until then scan neither of them.";
  alarms.raise(now, std::move(told));
}

std::vector<std::string> new_names_of_vials(const Bank& bank, const config::SiteConfig& read) {
  const inventory::View view(bank.ledger);
  const auto before = inventory::names_of_vials(view, bank.config);
  std::vector<std::string> taken = inventory::names_of_vials(view, read);
  std::erase_if(taken, [&before](const std::string& name) {
    return std::ranges::find(before, name) != before.end();
  });
  return taken;
}

}  // namespace cryobank::core
