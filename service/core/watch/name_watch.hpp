// Name watch: what a scan means is one thing, but the files of a site are written without the
// record: a machine, a place or a person may be called there by the code of a vial. Said at start
// as an alarm that stands until the next start with other names; a reload that would bring one is
// refused (site_reload.hpp).
#pragma once

#include <string>
#include <vector>

#include "service/core/bank.hpp"
#include "service/core/desk/alarm_desk.hpp"

namespace cryobank::core {

// REQUIRES: the record is loaded.
void tell_names(const Now& now, const Bank& bank, AlarmDesk& alarms);
// Those of the site that was read, and not of the one that holds.
std::vector<std::string> new_names_of_vials(const Bank& bank, const config::SiteConfig& read);

}  // namespace cryobank::core
