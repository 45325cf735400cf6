#include "service/site_paths_io.hpp"

#include <utility>

#include "base/text.hpp"
#include "service/repair/record_files_io.hpp"
#include "service/same_path_io.hpp"

namespace cryobank::service {
namespace {

using Use = NamedPath::Use;

bool is_written(Use use) { return use != Use::reads; }
bool is_folder(Use use) { return use == Use::fills || use == Use::owns; }

// What is wrong with `inner` standing so to `outer`; empty: nothing.
std::string_view conflict(const NamedPath& inner, const NamedPath& outer, bool same) {
  if (!is_written(inner.use) && !is_written(outer.use)) return {};
  if (same) return "which is the same";
  if (outer.use == Use::fills) return {};
  return is_folder(outer.use) ? "in which it lies" : "which is a file above it";
}

void check_pair(std::string_view file, const NamedPath& first, const NamedPath& second,
                config::Faults& faults) {
  const PathRelation relation = relation_of(first.path, second.path);
  if (relation == PathRelation::apart) return;
  const bool swapped = relation == PathRelation::second_inside;
  const NamedPath& inner = swapped ? second : first;
  const NamedPath& outer = swapped ? first : second;
  const std::string_view what = conflict(inner, outer, relation == PathRelation::same);
  if (what.empty()) return;
  faults.add(file, inner.line != 0 ? inner.line : outer.line,
             cat(inner.key, ": expected a place of its own, came ", inner.path, "; ", outer.key,
                 " is ", outer.path, ", ", what));
}

int line_of(const config::SiteConfig& site, std::string_view table, std::string_view key) {
  auto said = site.key_lines.find(cat(table, ".", key));
  if (said == site.key_lines.end()) said = site.key_lines.find(table);
  return said == site.key_lines.end() ? 0 : said->second;
}

}  // namespace

void expect_apart(std::string_view file, const std::vector<NamedPath>& paths,
                  config::Faults& faults) {
  for (std::size_t i = 0; i < paths.size(); ++i) {
    for (std::size_t j = i + 1; j < paths.size(); ++j) {
      if (!is_written(paths[i].use) && !is_written(paths[j].use)) continue;
      if (paths[i].path.empty() || paths[j].path.empty()) continue;
      check_pair(file, paths[i], paths[j], faults);
    }
  }
}

void expect_site_apart(std::string_view file, const config::SiteConfig& site,
                       const config::SiteTexts& texts, config::Faults& faults) {
  const RecordFiles record = record_files(site);
  std::vector<NamedPath> paths;
  const auto add = [&](std::string_view table, std::string_view key, const std::string& path,
                       Use use) {
    paths.push_back({cat("[", table, "] ", key), path, use, line_of(site, table, key)});
  };
  add("store", "directory", record.store, Use::owns);
  add("store", "high_water_file", record.high_water, Use::writes);
  add("store", "signing_key_file", record.key, Use::writes);
  add("store", "journal_copy_file", record.journal_copy, Use::writes);
  add("backup", "directory", site.backup.directory, Use::fills);
  add("telemetry", "directory", site.telemetry.directory, Use::owns);
  add("mqtt", "password_file", site.mqtt.password_file, Use::reads);
  add("mqtt", "ca_file", site.mqtt.ca_file, Use::reads);
  add("mqtt", "cert_file", site.mqtt.cert_file, Use::reads);
  add("mqtt", "key_file", site.mqtt.key_file, Use::reads);
  add("http", "page", site.http.page, Use::reads);
  for (const auto& [path, text] : texts) {
    paths.push_back({path == file ? "this file" : "a file of this site", path, Use::reads, 0});
  }
  for (const config::LineConfig& line : site.lines) {
    if (line.path.empty()) continue;
    paths.push_back({cat("line \"", line.id.str(), "\""), line.path, Use::reads, 0});
  }
  expect_apart(file, paths, faults);
}

}  // namespace cryobank::service
