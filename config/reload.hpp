// Reload: what of a site may change while the service runs, and what changed between two readings
// of its files. People, channels, gateways, duties, calendars and what alarms are judged by
// ([[alarm]], [device.limits]) may; all else takes a restart, and is named so that nobody waits for
// it in vain. Secrets are compared and never shown.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "config/site_config.hpp"

namespace cryobank::config {

// What load_site() read, by path.
using SiteTexts = std::map<std::string, std::string, std::less<>>;

struct SiteChange {
  std::string what;    // "user ada", "alarm level-low of freezer-7", "limits of freezer-7"
  std::string before;  // as the file says it, keys in byte order; empty: it was not there
  std::string after;   // empty: it is gone
};

struct SiteDifference {
  std::vector<SiteChange> changes;
  std::vector<std::string> needs_restart;  // "site.toml: line", "devices/x.toml"
  bool empty() const { return changes.empty() && needs_restart.empty(); }
};

// What the files of a site said, in parts that can be compared.
struct SiteShape {
  std::map<std::string, std::string> entries;  // that may change, by name: "user ada"
  std::map<std::string, std::string> shown;    // the same without secrets
  std::map<std::string, std::string> others;   // that take a restart: "site.toml: line"
  std::set<std::string> devices;               // ids: limits of one that is new wait for it
};

// `site` was loaded from `texts` without a fault; it tells which file is a calendar's.
SiteShape shape_of(const SiteConfig& site, const SiteTexts& texts);

// What may change is held against what was taken last, all else against the start.
SiteDifference compare(const SiteShape& at_start, const SiteShape& taken, const SiteShape& read);

// Takes people, channels, gateways, duties, calendars, alarm settings and the limits of devices
// that both know from `read` into `running`; its revision too, when nothing of it waits for a
// restart.
void take_reloadable(SiteConfig& running, const SiteConfig& read, bool whole);

}  // namespace cryobank::config
