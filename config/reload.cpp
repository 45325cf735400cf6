#include "config/reload.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "base/text.hpp"
#include "config/toml_document.hpp"

namespace cryobank::config {
namespace {

constexpr std::array<std::string_view, 5> kReloadable{"user", "channel", "gateway", "duty",
                                                      "alarm"};
constexpr std::string_view kLimitsOf = "limits of ";
constexpr std::string_view kSecretKey = "signing_secret";

std::string text_of(const TomlNode& node, bool secrets) {
  std::string out;
  if (node.kind == TomlNode::Kind::table) {
    for (const TomlNode::Member& member : node.members) {
      const bool hidden = !secrets && member.key == kSecretKey;
      out += cat(out.empty() ? "" : ", ", member.key, " = ",
                 hidden ? std::string("(not shown)") : text_of(member.value, secrets));
    }
    return cat("{ ", out, " }");
  }
  if (node.kind == TomlNode::Kind::array) {
    for (const TomlNode& item : node.items) {
      out += cat(out.empty() ? "" : ", ", text_of(item, secrets));
    }
    return cat("[", out, "]");
  }
  if (node.kind == TomlNode::Kind::text) return cat("\"", node.text, "\"");
  return describe(node);
}

// Empty: it has no name of its own.
std::string name_of_entry(std::string_view kind, const TomlNode& entry) {
  const auto text = [&entry](std::string_view key) {
    const TomlNode* node = entry.find(key);
    return node == nullptr ? std::string() : node->text;
  };
  if (kind != "alarm") return text(kind == "gateway" ? "user" : "id");
  return cat(text("condition"), " of ", text("device"), text("profile"));
}

void read_entries(const TomlNode::Member& member, SiteShape& read) {
  int number = 0;
  for (const TomlNode& entry : member.value.items) {
    ++number;
    const std::string own = name_of_entry(member.key, entry);
    std::string name = cat(member.key, " ", own.empty() ? cat("#", number) : own);
    // Of two settings of the same, each counts.
    for (int again = 2; read.entries.contains(name); ++again) {
      name = cat(member.key, " ", own, " #", again);
    }
    read.shown[name] = text_of(entry, false);
    read.entries[std::move(name)] = text_of(entry, true);
  }
}

// A device takes a restart, its limits do not.
void read_devices(const std::string& path, const TomlNode::Member& member, SiteShape& read) {
  TomlNode rest = member.value;
  for (TomlNode& device : rest.items) {
    const TomlNode* id = device.find("id");
    if (id == nullptr) continue;
    read.devices.insert(id->text);
    if (const TomlNode* limits = device.find("limits")) {
      std::string name = cat(kLimitsOf, id->text);
      read.shown[name] = text_of(*limits, false);
      read.entries[std::move(name)] = text_of(*limits, true);
    }
    std::erase_if(device.members, [](const auto& own) { return own.key == "limits"; });
  }
  read.others[cat(path, ": device")] = text_of(rest, true);
}

void read_file(const std::string& path, const std::string& text, bool calendar, SiteShape& read) {
  if (calendar) {
    read.entries[cat("calendar ", path)] = text;
    read.shown[cat("calendar ", path)] = cat(text.size(), " bytes");
    return;
  }
  Faults ignored;  // it was loaded before
  const auto document = path.ends_with(".toml") ? parse_toml(path, text, ignored) : std::nullopt;
  if (!document) {
    read.others[path] = text;
    return;
  }
  for (const TomlNode::Member& member : document->members) {
    if (std::ranges::find(kReloadable, member.key) != kReloadable.end()) {
      read_entries(member, read);
    } else if (member.key == "device" && member.value.kind == TomlNode::Kind::array) {
      read_devices(path, member, read);
    } else {
      read.others[cat(path, ": ", member.key)] = text_of(member.value, true);
    }
  }
}

std::string find_or_empty(const std::map<std::string, std::string>& in, const std::string& key) {
  const auto found = in.find(key);
  return found == in.end() ? std::string() : found->second;
}

// Keys of either whose values differ.
std::set<std::string> differing(const std::map<std::string, std::string>& a,
                                const std::map<std::string, std::string>& b) {
  std::set<std::string> keys;
  for (const auto& [key, value] : a) {
    if (find_or_empty(b, key) != value || !b.contains(key)) keys.insert(key);
  }
  for (const auto& [key, value] : b) {
    if (!a.contains(key)) keys.insert(key);
  }
  return keys;
}

}  // namespace

SiteShape shape_of(const SiteConfig& site, const SiteTexts& texts) {
  std::set<std::string_view> calendars;
  for (const CalendarConfig& calendar : site.calendars) calendars.insert(calendar.file);
  SiteShape shape;
  for (const auto& [path, text] : texts) read_file(path, text, calendars.contains(path), shape);
  return shape;
}

SiteDifference compare(const SiteShape& at_start, const SiteShape& taken, const SiteShape& read) {
  SiteDifference difference;
  for (const std::string& key : differing(taken.entries, read.entries)) {
    if (key.starts_with(kLimitsOf) && !at_start.devices.contains(key.substr(kLimitsOf.size()))) {
      continue;  // of a device that is new, and is named as such
    }
    difference.changes.push_back(
        {key, find_or_empty(taken.shown, key), find_or_empty(read.shown, key)});
  }
  for (const std::string& key : differing(at_start.others, read.others)) {
    difference.needs_restart.push_back(key);
  }
  return difference;
}

namespace {

void take_limits(SiteConfig& running, const SiteConfig& read) {
  for (DeviceConfig& device : running.devices) {
    const DeviceConfig* fresh = read.find_device(device.id);
    if (fresh == nullptr || fresh->kind != device.kind) continue;
    device.limits = fresh->limits;
    device.room_limits = fresh->room_limits;
    device.supply_limits = fresh->supply_limits;
  }
}

}  // namespace

void take_reloadable(SiteConfig& running, const SiteConfig& read, bool whole) {
  running.users = read.users;
  running.channels = read.channels;
  running.gateways = read.gateways;
  running.duties = read.duties;
  running.calendars = read.calendars;
  running.alarms = read.alarms;
  take_limits(running, read);
  if (whole) running.revision = read.revision;
}

}  // namespace cryobank::config
