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
};
constexpr Clearing kClearings[] = {{"temperature-top-high", "temperature-top", true},
                                   {"temperature-bottom-high", "temperature-bottom", true},
                                   {"level-low", "level", false}};

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
  const bool was = std::exchange(active_[id], active);
  if (!was || active) return;
  const std::size_t dot = id.rfind('.');
  const std::string device = id.substr(0, dot);
  for (const Clearing& clearing : kClearings) {
    if (id.substr(dot + 1) != clearing.condition || lies(device)) continue;
    const config::DeviceConfig* config = stage_.site.find_device(DeviceId(device));
    const auto truth = stage_.hardware.truth(device, clearing.quantity);
    if (config == nullptr || !truth) continue;
    const bool still = clearing.above ? *truth > config->limits.temperature_warn
                                      : *truth < config->limits.level_low_warn;
    if (still) stage_.wrong(cat("alarm ", id, " is cleared at ", format_milli(*truth)));
  }
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
    if (board.render(alarm).bool_or("active", false)) return;
  }
  stage_.wrong(
      cat(key, " stands for ", (stage_.mono() - since).seconds(), " s and nobody is told"));
}

void ToldChecker::look_at(const config::DeviceConfig& device) {
  const std::string& id = device.id.str();
  for (const std::string_view quantity : {"temperature-top", "temperature-bottom"}) {
    const auto truth = stage_.hardware.truth(id, quantity);
    // Beyond the noise of the probe, and by more than what a rounding hides.
    excursion(id, quantity, truth && *truth > device.limits.temperature_critical + whole(2));
  }
  const auto level = stage_.hardware.truth(id, "level");
  excursion(id, "level", level && *level < device.limits.level_low_critical - whole(5));
}

void ToldChecker::look() {
  for (const config::DeviceConfig& device : stage_.site.devices) {
    if (device.kind == config::DeviceKind::freezer) look_at(device);
  }
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
