#include "service/core/watch/warm_watch.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include "base/command_schema.hpp"
#include "base/text.hpp"
#include "inventory/ledger/documents.hpp"
#include "inventory/ledger/row_codec.hpp"
#include "inventory/ledger/view.hpp"

namespace cryobank::core {
namespace {

using inventory::kExposureLimits;
using inventory::View;

constexpr std::string_view kRecord = "excursion/record";
constexpr std::string_view kUnmapped = "probe-unmapped";
constexpr std::string_view kDue = "probe-challenge-due";
constexpr std::string_view kProbeFailed = "probe-challenge-failed";
constexpr Duration kMappingsEvery = minutes(1);
constexpr Duration kTellAgain = seconds(10);

Milli warm_above() { return whole(kExposureLimits[0]); }

// A temperature inside a freezer: what its models and rules call so.
bool is_probe(const config::DeviceConfig& device, const config::Point& point) {
  return device.kind == config::DeviceKind::freezer && point.id.str().starts_with("temperature-") &&
         point.unit == "Cel";
}

PlaceId inside_of(const config::SiteConfig& site, const DeviceId& device) {
  const auto found = std::ranges::find(site.places, device, &config::PlaceConfig::device);
  return found == site.places.end() ? PlaceId() : found->id;
}

}  // namespace

WarmWatch::WarmWatch(Bank& bank, CommandFlow& commands, AlarmDesk& alarms)
    : bank_(bank), commands_(commands), alarms_(alarms) {
  for (std::uint32_t d = 0; d < bank.config.devices.size(); ++d) {
    const config::DeviceConfig& device = bank.config.devices[d];
    first_point_.push_back(probe_at_.size());
    for (const config::Point& point : bank.fleet.profile({d}).points) {
      probe_at_.push_back(is_probe(device, point) ? static_cast<int>(probes_.size()) : -1);
      if (probe_at_.back() < 0) continue;
      Probe probe;
      probe.name = cat(device.id.str(), ".", point.id.str());
      probe.device = device.id;
      probe.place = inside_of(bank.config, device.id);
      probes_.push_back(std::move(probe));
    }
  }
}

void WarmWatch::start(const Now& now) {
  mappings_at_ = now.mono + kMappingsEvery;
  for (Probe& probe : probes_) resume(now, probe);
}

void WarmWatch::resume(const Now& now, Probe& probe) const {
  const View view(bank_.ledger);
  const std::string id = inventory::open_excursion(view, probe.name);
  if (id.empty()) return;
  const auto excursion = *inventory::document_of<inventory::ExcursionDocument>(view, id);
  Warm warm;
  warm.from = excursion.from;
  warm.from_mono = now.mono - (now.wall - warm.from);
  const WallTime until = excursion.until;
  warm.last_warm = warm.from_mono + (until - warm.from);
  warm.peak = excursion.peak.value_or(warm_above());
  for (std::size_t i = 0; i < kLimits; ++i) {
    warm.above[i] = seconds(excursion.above[i]);
  }
  warm.told_at = now.mono;
  probe.warm = warm;
  // Nobody measured while the service was down: as it was read last, so it stays until it is read.
  probe.seen = true;
  probe.last = excursion.cold ? warm_above() : warm.peak;
  probe.last_at = warm.last_warm;
  probe.last_wall = until;
}

void WarmWatch::on_reading(const Now& now, const devices::Reading& reading) {
  const int at = probe_at_[first_point_[reading.device.value] + reading.point.value];
  if (at < 0 || reading.quality != Quality::good || !reading.value) return;
  Probe& probe = probes_[static_cast<std::size_t>(at)];
  follow(probe, reading);
  probe.seen = true;
  probe.last = *reading.value;
  probe.last_at = reading.at_mono;
  probe.last_wall = reading.at;
  if (probe.warm && probe.warm->told_at == Instant{}) at_ = now.mono;
}

void WarmWatch::follow(Probe& probe, const devices::Reading& reading) {
  const Milli value = *reading.value;
  const bool near = probe.seen && reading.at_mono - probe.last_at <= kWarmGapMax;
  const Milli warmer = probe.seen && (near || probe.warm) ? std::max(value, probe.last) : value;
  if (warmer <= warm_above()) return;
  if (!probe.warm) {
    Warm warm;
    warm.from = near ? probe.last_wall : reading.at;
    warm.from_mono = near ? probe.last_at : reading.at_mono;
    warm.last_warm = warm.from_mono;
    warm.peak = warmer;
    probe.warm = warm;
  }
  Warm& warm = *probe.warm;
  const Instant since = std::max(probe.last_at, warm.from_mono);
  if (since < reading.at_mono) {
    for (std::size_t i = 0; i < kLimits; ++i) {
      if (whole(kExposureLimits[i]) < warmer) {
        warm.above[i] = warm.above[i] + (reading.at_mono - since);
      }
    }
  }
  warm.ended = false;
  warm.last_warm = reading.at_mono;
  warm.peak = std::max(warm.peak, warmer);
}

void WarmWatch::on_deadline(const Now& now) {
  at_ = now.mono + kTellAgain;
  if (stopping_) return;
  for (Probe& probe : probes_) {
    if (!probe.warm) continue;
    Warm& warm = *probe.warm;
    // A probe that says nothing any more may still be warm: it ends with a cold reading.
    const bool cold = probe.last <= warm_above() && probe.last_at - warm.last_warm >= kWarmSettled;
    // That it is cold again is told soon: a restart would take the time since for warm.
    const bool turned = probe.last <= warm_above() && !warm.cold_told;
    const Duration wait = cold || turned ? kTellAgain : kWarmToldEvery;
    warm.ended = cold;
    if (warm.told_at == Instant{} || cold || warm.told_at + wait <= now.mono) tell(now, probe);
  }
  if (mappings_at_ <= now.mono) look_at_mappings(now);
}

void WarmWatch::tell(const Now& now, Probe& probe) {
  Warm& warm = *probe.warm;
  const WallTime until = warm.from + (warm.last_warm - warm.from_mono);
  if (until <= warm.from) return;  // one warm reading; the next one tells how long
  Json above = Json::object();
  for (std::size_t i = 0; i < kLimits; ++i) {
    above.set(cat(kExposureLimits[i]), warm.above[i].seconds());
  }
  Json body = Json::object().set("probe", probe.name).set("from", format_utc(warm.from));
  body.set("until", format_utc(until)).set("above_s", std::move(above));
  body.set("peak_cel", warm.peak).set("open", !warm.ended);
  if (!probe.place.empty()) body.set("place", probe.place.str());
  const bool reads_cold = probe.last <= warm_above();
  if (reads_cold && !warm.ended) body.set("cold", true);
  warm.cold_told = reads_cold;
  warm.told_at = now.mono;
  commands_.act(now, {std::string(kRecord), std::move(body), "measured"});
}

void WarmWatch::on_recorded(const Recorded& recorded, const Status& status) {
  const Command& command = std::get<CommandWork>(recorded.work).command;
  if (command.verb != kRecord || command.user.str() != "service") return;
  if (!status || recorded.reply.status != ReplyStatus::done) return;
  if (flag_of(command.body, "open")) return;
  const auto probe = std::ranges::find(probes_, text_of(command.body, "probe"), &Probe::name);
  if (probe != probes_.end() && probe->warm && probe->warm->ended) probe->warm.reset();
}

void WarmWatch::look_at_mappings(const Now& now) {
  mappings_at_ = now.mono + kMappingsEvery;
  std::set<AlarmId> standing;
  std::map<DeviceId, std::string> unmapped;  // one alarm a freezer, however many probes it has
  for (const Probe& probe : probes_) {
    look_at(now, probe, standing);
    if (!inventory::probed_place(View(bank_.ledger), probe.name, now.wall).empty()) continue;
    std::string& list = unmapped[probe.device];
    list += cat(list.empty() ? "" : ", ", probe.name);
  }
  for (const auto& [device, list] : unmapped) {
    raise(now, standing, device, device.str(), kUnmapped,
          cat("Mapped to no place: ", list,
              "; they count for what the site declares as the inside of ", device.str()));
  }
  for (const AlarmId& alarm : bank_.board.open_alarms()) {
    for (const std::string_view condition : {kUnmapped, kDue, kProbeFailed}) {
      std::string_view source = alarm.str();
      if (!source.ends_with(cat(".", condition)) || standing.contains(alarm)) continue;
      source.remove_suffix(condition.size() + 1);
      alarms_.clear(now, source, condition);
    }
  }
  told_ = std::move(standing);
}

void WarmWatch::look_at(const Now& now, const Probe& probe, std::set<AlarmId>& standing) {
  const View view(bank_.ledger);
  const auto mapping = inventory::document_of<inventory::ProbeDocument>(view, probe.name);
  const PlaceId place = inventory::probed_place(view, probe.name, now.wall);
  if (!mapping || place.empty()) return;
  if (mapping->failed) {
    return raise(now, standing, probe.device, probe.name, kProbeFailed,
                 cat("Probe ", probe.name, " failed its challenge at ",
                     format_utc(mapping->challenged_at), ": it may not sit in ", place.str()));
  }
  const WallTime at = mapping->challenged_at;
  const bool proven = mapping->challenged;
  if (proven && now.wall - at < kChallengeEvery) return;
  raise(now, standing, probe.device, probe.name, kDue,
        cat("Nobody proved since ", proven ? format_utc(at) : "it was mapped", " that probe ",
            probe.name, " measures ", place.str()));
}

void WarmWatch::raise(const Now& now, std::set<AlarmId>& standing, const DeviceId& device,
                      std::string_view of, std::string_view condition, std::string text) {
  const std::string source = alarm_source(of);
  const AlarmId alarm(cat(source, ".", condition));
  standing.insert(alarm);
  if (told_.contains(alarm)) return;
  alarms::Condition told;
  told.source = source;
  told.condition = std::string(condition);
  told.priority = condition == kProbeFailed ? alarms::Priority::p2 : alarms::Priority::p3;
  told.text = std::move(text);
  told.action = condition == kUnmapped
                    ? "Two people map each to the place where it sits, with probe/map."
                    : "Warm or cool its place, see which probe moves, and tell probe/challenge.";
  told.device = device;
  alarms_.raise(now, std::move(told));
}

}  // namespace cryobank::core
