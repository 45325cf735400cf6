#include "tests/simulation/told_checker.hpp"

#include <algorithm>
#include <functional>

namespace cryobank::simulation {
namespace {

std::uint64_t hash_of(std::string_view text) {
  std::uint64_t hash = 0xCBF2'9CE4'8422'2325ull;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100'0000'01B3ull;
  return hash;
}

struct Clearing {
  std::string_view condition;
  std::string_view quantity;
  bool above;
  Duration calm;  // the rule's off-delay, less two looks
};
constexpr Clearing kClearings[] = {
    {"temperature-top-high", "temperature-top", true, minutes(9)},
    {"temperature-bottom-high", "temperature-bottom", true, minutes(9)},
    {"level-low", "level", false, minutes(4)}};

Milli limit_of(const config::DeviceConfig& device, const Clearing& clearing) {
  return clearing.above ? device.limits.temperature_warn : device.limits.level_low_warn;
}

}  // namespace

bool ToldChecker::lies(const std::string& device) const {
  const auto found = stage_.lying_until.find(device);
  return found != stage_.lying_until.end() && stage_.mono() < found->second;
}

void ToldChecker::on_alarm(const core::Publish& publish) {
  const std::string id = publish.topic.substr(publish.topic.rfind('/') + 1);
  bool active = false;
  if (!publish.payload.empty()) {
    const Result<Json> alarm = parse_json(publish.payload);
    if (!alarm) return stage_.wrong(cat("alarm ", id, " is no JSON"));
    active = alarm->bool_or("active", false);
  }
  Told& told = told_[id];
  if (told.active == active) return;
  if (!active) check_clearing(id, told.since);
  told = {active, stage_.mono()};
}

void ToldChecker::check_clearing(const std::string& alarm, Instant told_at) {
  const std::size_t dot = alarm.rfind('.');
  const std::string device = alarm.substr(0, dot);
  if (lies(device) || !std::ranges::any_of(kClearings, [&](const Clearing& one) {
        return alarm.substr(dot + 1) == one.condition;
      })) {
    return;
  }
  const Calm& calm = calm_[alarm];
  if (calm.until > told_at) return;
  stage_.wrong(cat("alarm ", alarm, " is cleared and its truth was ",
                   calm.inside ? "not long within its limits" : "out of its limits all the time"));
}

void ToldChecker::on_page(const core::Publish& publish) {
  const Result<Json> page = parse_json(publish.payload);
  if (!page) return stage_.wrong("a page that is no JSON");
  paged_[page->string_or("alarm", "")] = stage_.mono();
}

void ToldChecker::on_event(const core::Publish& publish) {
  const std::string stream = publish.topic.substr(publish.topic.rfind('/') + 1);
  const Result<Json> event = parse_json(publish.payload);
  if (!event) return stage_.wrong(cat("an event that is no JSON on ", stream));
  const std::int64_t number = event->integer_or("seq", 0);
  if (number <= 0) return stage_.wrong(cat("an event without seq on ", stream));
  std::vector<std::uint64_t>& known = events_[stream];
  const auto index = static_cast<std::size_t>(number) - 1;
  if (known.size() <= index) known.resize(index + 1);
  const std::uint64_t hash = hash_of(publish.payload);
  if (known[index] != 0 && known[index] != hash) {
    stage_.wrong(cat("event ", number, " of ", stream, " tells two things"));
  }
  known[index] = hash;
}

void ToldChecker::check_streams() {
  if (stage_.daemon == nullptr) return;
  for (const std::string& stream : stage_.daemon->events.streams()) {
    const std::int64_t last = stage_.daemon->events.head(stream).integer_or("last", 0);
    const std::vector<std::uint64_t>& known = events_[stream];
    if (known.size() != static_cast<std::size_t>(last)) {
      stage_.wrong(
          cat("stream ", stream, " ends at ", last, ", a reader heard up to ", known.size()));
    }
    const auto gap = std::ranges::find(known, std::uint64_t{0});
    if (gap == known.end()) continue;
    stage_.wrong(cat("stream ", stream, ": event ", gap - known.begin() + 1, " never came"));
  }
}

void ToldChecker::excursion(const std::string& device, std::string_view what, bool true_now) {
  const std::string key = cat(device, " ", what);
  if (!true_now || stage_.daemon == nullptr || lies(device)) {
    since_.erase(key);
    return;
  }
  const Instant since =
      std::max(since_.emplace(key, stage_.mono()).first->second, stage_.alive_since);
  if (stage_.mono() - since < kToldWithin) return;
  const alarms::Board& board = stage_.daemon->bank.board;
  const std::string prefix = cat(device, ".");
  for (const AlarmId& alarm : board.open_alarms()) {
    if (!alarm.str().starts_with(prefix)) continue;
    // That a probe's mapping is not proven says nothing of the tank.
    if (alarm.str().find(".probe-") != std::string::npos) continue;
    if (board.render(alarm).bool_or("active", false)) return;
  }
  stage_.wrong(
      cat(key, " stands for ", (stage_.mono() - since).seconds(), " s and nobody is told"));
}

// A top that opened lids warmed is nobody's alarm, up to the limit that waits for nothing.
bool ToldChecker::by_lid(const config::DeviceConfig& device, std::string_view quantity,
                         Milli truth) {
  constexpr Duration kLidFades = hours(2);
  const auto open = stage_.hardware.truth(device.id.str(), "lid");
  if (open && open->v != 0) lid_at_[device.id.str()] = stage_.mono();
  const auto lid = lid_at_.find(device.id.str());
  return quantity == "temperature-top" && lid != lid_at_.end() &&
         stage_.mono() - lid->second < kLidFades &&
         truth <= device.limits.temperature_critical + whole(10);
}

void ToldChecker::look_at(const config::DeviceConfig& device) {
  const std::string& id = device.id.str();
  for (const Clearing& clearing : kClearings) {
    const auto truth = stage_.hardware.truth(id, clearing.quantity);
    if (!truth) return stage_.wrong(cat(id, " has no truth of ", clearing.quantity));
    const Milli limit = limit_of(device, clearing);
    Calm& calm = calm_[cat(id, ".", clearing.condition)];
    const bool inside = clearing.above ? *truth <= limit : *truth >= limit;
    if (inside && !calm.inside) calm.since = stage_.mono();
    calm.inside = inside;
    if (inside && stage_.mono() - calm.since >= clearing.calm) calm.until = stage_.mono();
    // Beyond the noise of the probe, and by more than what a rounding hides.
    const bool out = clearing.above ? *truth > device.limits.temperature_critical + whole(2)
                                    : *truth < device.limits.level_low_critical - whole(5);
    excursion(id, clearing.quantity, out && !by_lid(device, clearing.quantity, *truth));
  }
}

void ToldChecker::look_at_alarm(const AlarmId& alarm, const Json& shown, const Standing& standing) {
  if (stage_.mono() - standing.since < kAtBrokerWithin) return;
  const auto held = broker_.retained().find(stage_.topics.of(core::TopicKind::alarm, alarm.str()));
  if (held == broker_.retained().end() ||
      held->second.find("\"active\":true") == std::string::npos) {
    return stage_.wrong(cat("alarm ", alarm.str(), " is active and the broker does not show it"));
  }
  if (standing.pages_since == kNever) return;
  const bool urgent = shown.string_or("priority", "") == "p1";
  const config::PagingConfig& paging = stage_.site.paging;
  const Duration repeat = urgent ? paging.repeat_p1 : paging.repeat_p2;
  // A condition that comes back before anybody saw it goes on with its round of pages.
  const Instant last = paged_[alarm.str()];
  if (stage_.mono() - std::max({last, standing.since, standing.pages_since}) <=
      repeat + kAtBrokerWithin)
    return;
  stage_.wrong(cat("alarm ", alarm.str(), " pages, and no page reached the broker for ",
                   (stage_.mono() - last).seconds(), " s"));
}

void ToldChecker::look() {
  for (const config::DeviceConfig& device : stage_.site.devices) {
    if (device.kind == config::DeviceKind::freezer) look_at(device);
  }
  if (stage_.daemon == nullptr || !broker_.link_up()) return standing_.clear();
  const alarms::Board& board = stage_.daemon->bank.board;
  std::map<AlarmId, Standing> standing;
  for (const AlarmId& alarm : board.open_alarms()) {
    const Json shown = board.render(alarm);
    if (!shown.bool_or("active", false)) continue;
    const auto known = standing_.find(alarm);
    Standing now{shown.integer_or("occurrence", 0), stage_.mono(), kNever};
    const bool same = known != standing_.end() && known->second.occurrence == now.occurrence;
    if (same) now.since = known->second.since;
    now.since = std::max({now.since, broker_.up_since(), stage_.alive_since});
    const Json paging = stage_.daemon->bank.pages.face(alarm);
    if (!paging.is_null() && paging["with"].is_null() && !paging.bool_or("standing", false) &&
        !paging.bool_or("taken", false)) {
      const bool paged = same && known->second.pages_since != kNever;
      now.pages_since = paged ? known->second.pages_since : stage_.mono();
    }
    standing.emplace(alarm, now);
    look_at_alarm(alarm, shown, now);
  }
  standing_ = std::move(standing);
}

std::map<std::string, std::string> comparable_tree(const std::map<std::string, std::string>& tree,
                                                   std::string_view root) {
  std::map<std::string, std::string> out;
  for (const auto& [topic, payload] : tree) {
    const std::string below = topic.substr(root.size());
    // They change with every reading or beat.
    const bool moving = below.find("/point/") != std::string::npos ||
                        below.starts_with("service/") || below == "alarm/summary" ||
                        below.ends_with("/state");
    if (moving) {
      out.emplace(below, "");
      continue;
    }
    Result<Json> json = parse_json(payload);
    if (!json || !json->is_object()) {
      out.emplace(below, payload);
      continue;
    }
    json->members().erase("at");
    out.emplace(below, json->dump());
  }
  return out;
}

}  // namespace cryobank::simulation
