#include "service/core/site_reload.hpp"

#include <utility>

#include "base/text.hpp"
#include "service/core/watch/name_watch.hpp"

namespace cryobank::core {
namespace {

// Of each list in the journal; the counts say how many there were.
constexpr std::size_t kReloadListed = 100;
constexpr std::size_t kReloadText = 500;

Json fault_texts(const std::vector<std::string>& texts) {
  Json list = Json::array();
  for (std::size_t i = 0; i < std::min(texts.size(), kReloadListed); ++i) {
    list.push(clip(texts[i], kReloadText));
  }
  return list;
}

Json changes_json(const std::vector<config::SiteChange>& changes) {
  Json list = Json::array();
  for (std::size_t i = 0; i < std::min(changes.size(), kReloadListed); ++i) {
    const config::SiteChange& change = changes[i];
    list.push(Json::object()
                  .set("what", change.what)
                  .set("old", clip(change.before, kReloadText))
                  .set("new", clip(change.after, kReloadText)));
  }
  return list;
}

}  // namespace

void SiteReload::begin(Effects& effects) {
  if (std::exchange(reading_, true)) {
    again_ = true;
    return;
  }
  effects.push_back(ReadSite{});
}

bool SiteReload::on_read(const Now& now, const SiteRead& read, Effects& effects) {
  if (recorder_.errand_out()) {
    meanwhile_ = read;
    return false;
  }
  reading_ = false;
  auto taken =
      read.site == nullptr ? std::vector<std::string>() : new_names_of_vials(bank_, *read.site);
  if (read.site == nullptr) {
    refuse(read, effects);
  } else if (!taken.empty()) {
    refuse({nullptr, {}, std::move(taken)}, effects);
  } else {
    take(now, read, effects);
  }
  if (std::exchange(again_, false)) begin(effects);
  return true;
}

void SiteReload::refuse(const SiteRead& read, Effects& effects) {
  log(effects, LogLevel::error,
      cat("the site was not reloaded, and nothing of it changed: ", read.faults.size(), " faults"));
  for (std::size_t i = 0; i < std::min(read.faults.size(), kReloadListed); ++i) {
    log(effects, LogLevel::error, clip(read.faults[i], kReloadText));
  }
  Json data = Json::object();
  data.set("faults", fault_texts(read.faults));
  data.set("faults_count", static_cast<std::int64_t>(read.faults.size()));
  NoteWork note;
  note.facts.push_back({fact::kSiteReloadRefused, std::move(data)});
  recorder_.add(std::move(note));
}

void SiteReload::take(const Now& now, const SiteRead& read, Effects& effects) {
  const config::SiteDifference& difference = read.difference;
  for (const std::string& warning : read.faults) {
    log(effects, LogLevel::warning, clip(warning, kReloadText));
  }
  if (difference.empty()) {
    return log(effects, LogLevel::info, "the site's files are as they were: nothing was reloaded");
  }
  const std::string before = bank_.config.revision;
  config::take_reloadable(bank_.config, *read.site, difference.needs_restart.empty());
  for (const config::SiteChange& change : difference.changes) {
    log(effects, LogLevel::info,
        cat("reloaded ", change.what, ": ",
            change.before.empty()  ? "new"
            : change.after.empty() ? "gone"
                                   : "changed"));
  }
  for (const std::string& what : difference.needs_restart) {
    log(effects, LogLevel::warning, cat(what, " changed, and takes a restart"));
  }
  Json data = Json::object();
  data.set("changes", changes_json(difference.changes));
  data.set("changes_count", static_cast<std::int64_t>(difference.changes.size()));
  data.set("needs_restart", fault_texts(difference.needs_restart));
  data.set("revision_old", before).set("revision_new", read.site->revision);
  NoteWork note;
  note.facts.push_back({fact::kSiteReloaded, std::move(data)});
  if (!difference.changes.empty()) judge_anew(now, note);
  recorder_.add(std::move(note));
  health_.say_info(now);
}

// Models and board judge by the limits of now, and devices are described with them.
void SiteReload::judge_anew(const Now& now, NoteWork& note) {
  bank_.fleet.take_limits(now, bank_.fleet_out);
  note.rows = bank_.board.reload(now, bank_.board_out);
  for (const config::DeviceConfig& device : bank_.config.devices) {
    retained_.mark(TopicKind::device_description, device.id.str());
  }
}

}  // namespace cryobank::core
