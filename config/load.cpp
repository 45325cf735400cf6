#include "config/load.hpp"

#include <algorithm>
#include <array>
#include <set>

#include "base/checksum.hpp"
#include "base/text.hpp"
#include "config/checks/profile_lint.hpp"
#include "config/checks/validate.hpp"
#include "config/parse.hpp"

namespace cryobank::config {
namespace {

// Reads files once each, and keeps what the revision is made of.
class Source {
 public:
  Source(std::string_view main_file, const ReadText& read, Faults& faults)
      : main_file_(main_file), read_(read), faults_(faults) {}

  // The text of a file that `line` of the main file names; empty after a fault.
  std::optional<std::string> text(const std::string& path, std::string_view named_by) {
    if (++count_ > kFilesMax) {
      if (count_ == kFilesMax + 1) {
        faults_.add(main_file_, 0, cat("expected at most ", kFilesMax, " files"));
      }
      return std::nullopt;
    }
    Result<std::string> content = read_(path);
    if (!content) {
      faults_.add(
          path, 0,
          cat("expected to read this file, named by ", named_by, ": ", content.error().context));
      return std::nullopt;
    }
    digests_ += to_hex(sha256(*content));
    return std::move(*content);
  }

  std::optional<TomlNode> document(const std::string& path, std::string_view named_by) {
    const std::optional<std::string> content = text(path, named_by);
    return content ? parse_toml(path, *content, faults_) : std::nullopt;
  }

  std::string revision() const {
    constexpr std::size_t kRevisionDigits = 16;
    return to_hex(sha256(digests_)).substr(0, kRevisionDigits);
  }

 private:
  std::string_view main_file_;
  const ReadText& read_;
  Faults& faults_;
  std::size_t count_ = 0;
  std::string digests_;
};

void load_profiles(std::string_view main_file, const FilesConfig& files, Source& source,
                   SiteConfig& config, Faults& faults) {
  std::set<ProfileId> wanted;
  for (const DeviceConfig& device : config.devices) {
    if (!device.profile.empty()) wanted.insert(device.profile);
  }
  for (const ProfileId& id : wanted) {
    const std::string path = resolve_path(main_file, cat(files.profiles, "/", id.str(), ".toml"));
    const std::optional<std::string> text = source.text(path, cat("profile \"", id.str(), "\""));
    if (!text) continue;
    DeviceProfile profile;
    if (!parse_profile(path, *text, profile, faults)) continue;
    lint_profile(profile, faults);
    if (profile.id != id) {
      faults.add(path, 0,
                 cat("expected id \"", id.str(), "\" as the file is named, came \"",
                     profile.id.str(), "\""));
    }
    config.profiles.push_back(std::move(profile));
  }
}

// A device that declares a wire of its own is read by a copy of its model's profile.
void load_wires(SiteConfig& config) {
  std::vector<DeviceProfile> own;
  for (const DeviceConfig& device : config.devices) {
    const DeviceProfile* model = config.find_profile(device.profile);
    if ((device.wire.empty() && device.means.empty()) || model == nullptr) continue;
    own.push_back(*model);
    own.back().owner = device.id;
    device.wire.apply(own.back().quirks);
    for (Point& point : own.back().points) {
      for (const auto& [meaning, id] : device.means) {
        if (point.id.str() == id) point.means = meaning;
      }
    }
  }
  for (DeviceProfile& profile : own) config.profiles.push_back(std::move(profile));
}

void note_lines(const TomlNode& document, SiteConfig& config) {
  for (const TomlNode::Member& table : document.members) {
    config.key_lines.emplace(table.key, table.value.line);
    for (const TomlNode::Member& key : table.value.members) {
      config.key_lines.emplace(cat(table.key, ".", key.key), key.value.line);
    }
  }
}

// The data change with the system and are no part of the revision.
void load_zone(std::string_view main_file, const ReadText& read, SiteConfig& config,
               Faults& faults) {
  Result<Zone> zone = read_zone(read, config.time_zone);
  if (zone) {
    config.zone = std::move(*zone);
  } else {
    const auto said = config.key_lines.find("site.time_zone");
    const int line = said == config.key_lines.end() ? 0 : said->second;
    faults.add(main_file, line, cat("[site]: ", zone.error().context));
  }
}

template <class Item, class Parse>
void load_each(std::string_view main_file, const std::vector<std::string>& paths,
               std::string_view named_by, Source& source, std::vector<Item>& items, Parse parse) {
  for (const std::string& relative : paths) {
    const std::string path = resolve_path(main_file, relative);
    const std::optional<TomlNode> document = source.document(path, named_by);
    if (!document) continue;
    Item item;
    parse(path, *document, item);
    items.push_back(std::move(item));
  }
}

// A command names one of them by its id.
template <class Item>
void expect_own_ids(const std::vector<Item>& items, std::string_view what, Faults& faults) {
  std::set<std::string_view> seen;
  for (const Item& item : items) {
    if (item.id.empty() || seen.insert(item.id).second) continue;
    faults.add(item.file, item.line,
               cat(what, ": expected an id of its own, \"", clip(item.id, 40), "\" is taken"));
  }
}

void load_holiday_lists(std::string_view main_file, Source& source, SiteConfig& config,
                        Faults& faults) {
  for (CalendarConfig& calendar : config.calendars) {
    if (calendar.holiday_list.empty()) continue;
    const std::string path = resolve_path(main_file, calendar.holiday_list);
    const auto text = source.text(path, cat("calendar \"", calendar.id.str(), "\""));
    if (!text) continue;
    Result<HolidayList> list = parse_holiday_list(*text);
    if (!list) {
      faults.add(path, 0, list.error().context);
      continue;
    }
    for (const int year : list->gaps) {
      faults.warn(path, 0,
                  cat("no holiday of ", year,
                      " in this list, though it has earlier and "
                      "later years: the law's are taken"));
    }
    if (calendar.japan) complete_by_law(*list);
    for (const auto& [year, days] : list->missing) {
      std::string named;
      for (const Day day : days) named += cat(named.empty() ? "" : ", ", format_day(day));
      faults.warn(path, 0,
                  cat("expected the holidays of ", year, " in this list, ", days.size(),
                      " that the law names are missing and taken as holidays: ", named));
    }
    calendar.official = std::move(*list);
  }
}

}  // namespace

std::string resolve_path(std::string_view main_file, std::string_view path) {
  if (!path.empty() && path.front() == '/') return std::string(path);
  const std::size_t slash = main_file.rfind('/');
  std::string joined =
      slash == std::string_view::npos ? std::string() : std::string(main_file.substr(0, slash + 1));
  joined += path;
  std::vector<std::string_view> parts;
  for (const std::string_view part : split(joined, '/')) {
    if (part == "." || (part.empty() && !parts.empty())) continue;
    if (part == ".." && !parts.empty() && parts.back() != ".." && !parts.back().empty()) {
      parts.pop_back();
      continue;
    }
    parts.push_back(part);
  }
  std::string out;
  for (std::size_t i = 0; i < parts.size(); ++i) out += cat(i == 0 ? "" : "/", parts[i]);
  return out;
}

// Names of an offset that never changes, whatever the law of a place says.
bool is_fixed_offset(std::string_view name) {
  constexpr std::array<std::string_view, 8> kFixed{"EST", "GMT",       "Greenwich", "HST",
                                                   "MST", "Universal", "UCT",       "Zulu"};
  return name.starts_with("Etc/") || name.starts_with("GMT") ||
         std::find(kFixed.begin(), kFixed.end(), name) != kFixed.end();
}

Result<Zone> read_zone(const ReadText& read, std::string_view name) {
  constexpr std::string_view kFolder = "/usr/share/zoneinfo/";  // Debian's tzdata
  if (name == "UTC") return Zone();                             // no data are needed for it
  if (is_fixed_offset(name)) {
    return make_error(ErrorCode::invalid_value,
                      cat("expected `time_zone` to be the zone of a place, such as \"Asia/Tokyo\", "
                          "or \"UTC\", came \"",
                          clip(name, 64), "\", an offset that no summer time changes"));
  }
  const Result<std::string> bytes =
      is_zone_name(name) ? read(cat(kFolder, name))
                         : Result<std::string>(make_error(ErrorCode::not_found, "no such name"));
  Result<Zone> zone = bytes ? Zone::parse(*bytes) : Result<Zone>(bytes.error());
  if (zone) return zone;
  return make_error(ErrorCode::not_found,
                    cat("expected `time_zone` to be a zone of the time zone data (package tzdata), "
                        "such as \"Asia/Tokyo\", came \"",
                        clip(name, 64), "\"", bytes ? cat(": ", zone.error().context) : ""));
}

bool load_site(std::string_view path, const ReadText& read, SiteConfig& config, Faults& faults) {
  config = SiteConfig{};
  const Result<Fraction> half = Fraction::make(1, 2);
  config.allocation.share_max = *half;
  config.signing.required = true;
  Faults own;
  Source source(path, read, own);
  FilesConfig files;
  const auto document = source.document(std::string(path), "the command line");
  if (!document) {
    faults.append(own);
    return false;
  }
  note_lines(*document, config);
  parse_site_file(path, *document, true, config, files, own);
  for (const std::string& include : files.include) {
    const std::string file = resolve_path(path, include);
    if (const auto included = source.document(file, "[files] include")) {
      FilesConfig unused;
      parse_site_file(file, *included, false, config, unused, own);
    }
  }
  load_profiles(path, files, source, config, own);
  load_wires(config);
  load_each(path, files.protocols, "[files] protocols", source, config.protocols,
            [&](const std::string& file, const TomlNode& node, ProtocolConfig& item) {
              parse_protocol(file, node, item, own);
            });
  load_each(path, files.calendars, "[files] calendars", source, config.calendars,
            [&](const std::string& file, const TomlNode& node, CalendarConfig& item) {
              parse_calendar(file, node, item, own);
            });
  load_zone(path, read, config, own);
  load_each(path, files.scans, "[files] scans", source, config.scans,
            [&](const std::string& file, const TomlNode& node, ScanDialect& item) {
              parse_scan(file, node, item, own);
            });
  load_each(path, files.lists, "[files] lists", source, config.lists,
            [&](const std::string& file, const TomlNode& node, ListMapping& item) {
              parse_list(file, node, item, own);
            });
  expect_own_ids(config.scans, "scan", own);
  expect_own_ids(config.lists, "list mapping", own);
  load_holiday_lists(path, source, config, own);
  if (config.gateways.empty()) config.gateways.push_back({UserId("pager"), {}, {}, 0});
  config.revision = source.revision();
  validate_site(path, config, own);
  faults.append(own);
  return own.ok();
}

}  // namespace cryobank::config
