#include "service/core/retained.hpp"

#include <utility>

#include "base/json_time.hpp"
#include "service/core/plan/plan_forecast.hpp"
#include "service/core/plan/plan_own.hpp"
#include "service/wire/alarm_seal.hpp"
#include "service/wire/wire.hpp"

namespace cryobank::core {
namespace {

std::optional<std::uint32_t> find_device(const config::SiteConfig& config, std::string_view id) {
  for (std::uint32_t d = 0; d < config.devices.size(); ++d) {
    if (config.devices[d].id.str() == id) return d;
  }
  return std::nullopt;
}

std::optional<std::uint32_t> find_point(const config::DeviceProfile& profile, std::string_view id) {
  for (std::uint32_t p = 0; p < profile.points.size(); ++p) {
    if (profile.points[p].id.str() == id) return p;
  }
  return std::nullopt;
}

// Who works on a machine does not hide that it is lost.
Json device_state(const Bank& bank, devices::DeviceIndex device) {
  Json json = Json::object();
  Json work = bank.board.maintenance(bank.config.devices[device.value].id);
  const DeviceState state = bank.fleet.state(device);
  const bool shown = !work.is_null() && state == DeviceState::online;
  json.set("state", name_of(shown ? DeviceState::maintenance : state));
  if (!work.is_null()) json.set("maintenance", std::move(work));
  const WallTime last_ok = bank.fleet.last_ok(device);
  json.set("last_ok", time_or_null(last_ok));
  const std::string fault = bank.fleet.fault(device);
  if (!fault.empty() && state != DeviceState::online) json.set("reason", fault);
  return json;
}

Json device_payload(const Bank& bank, const RetainedKey& key) {
  const std::optional<std::uint32_t> device = find_device(bank.config, key.first);
  if (!device) return {};
  const devices::DeviceIndex index{*device};
  if (key.kind == TopicKind::device_description) return bank.fleet.describe(index);
  if (key.kind == TopicKind::device_model) return bank.fleet.told_model(index);
  if (key.kind == TopicKind::device_state) return device_state(bank, index);
  const std::optional<std::uint32_t> point = find_point(bank.fleet.profile(index), key.second);
  return point ? bank.fleet.target(index, {*point}) : Json();
}

// With what the plan foresees of it.
Json course_payload(const Bank& bank, const CourseId& id) {
  Json json = inventory::render_course(bank.ledger, id);
  if (json.is_null()) return json;
  const inventory::View view(bank.ledger);
  describe_own(bank.config, view, id, json);
  const auto forecast = forecast_of(bank.config, view, id);
  if (forecast) json.set("forecast", to_json(*forecast));
  return json;
}

bool is_of_record(TopicKind kind) {
  return kind == TopicKind::course || kind == TopicKind::container || kind == TopicKind::job ||
         kind == TopicKind::worklist || kind == TopicKind::plan || kind == TopicKind::plan_day ||
         kind == TopicKind::checkpoint || kind == TopicKind::event_head;
}

}  // namespace

Retained::Retained(const Bank& bank, const EventLog& events) : bank_(bank), events_(events) {}

void Retained::mark(TopicKind kind, std::string_view first, std::string_view second) {
  // Without a record nothing is known of it: what the broker shows is not replaced by emptiness.
  if (!bank_.no_record.empty() && is_of_record(kind)) return;
  (is_alarm(kind) ? alarms_ : others_).insert({kind, std::string(first), std::string(second)});
}

void Retained::mark(const inventory::Touched& touched) {
  for (const CourseId& course : touched.courses) mark(TopicKind::course, course.str());
  for (const PlaceId& place : touched.containers) mark(TopicKind::container, place.str());
  for (const JobId& job : touched.jobs) mark(TopicKind::job, job.str());
  const Zone& zone = bank_.config.zone;
  std::set<Day> days;
  for (const WallTime at : touched.steps) days.insert(zone.local(at).day);
  for (const Day day : days) mark(TopicKind::worklist, format_day(day));
}

void Retained::put(TopicKind kind, std::string payload) {
  own_[kind] = std::move(payload);
  mark(kind);
}

std::vector<std::string> Retained::targets_of(devices::DeviceIndex device) const {
  std::vector<std::string> points;
  const std::vector<config::Point>& all = bank_.fleet.profile(device).points;
  for (std::uint32_t p = 0; p < all.size(); ++p) {
    if (all[p].write.write_class == config::WriteClass::never) continue;
    if (!bank_.fleet.target(device, {p}).is_null()) points.push_back(all[p].id.str());
  }
  return points;
}

std::vector<RetainedKey> Retained::standing() const {
  std::vector<RetainedKey> keys;
  const auto add = [&keys](TopicKind kind, std::string first, std::string second = {}) {
    keys.push_back({kind, std::move(first), std::move(second)});
  };
  for (const auto& [kind, payload] : own_) add(kind, {});
  for (std::uint32_t d = 0; d < bank_.config.devices.size(); ++d) {
    const std::string& id = bank_.config.devices[d].id.str();
    add(TopicKind::device_description, id);
    add(TopicKind::device_state, id);
    if (!bank_.fleet.told_model({d}).is_null()) add(TopicKind::device_model, id);
    for (const std::string& point : targets_of({d})) add(TopicKind::device_target, id, point);
  }
  for (const AlarmId& alarm : bank_.board.open_alarms()) add(TopicKind::alarm, alarm.str());
  add(TopicKind::alarm_summary, {});
  for (const JobId& job : inventory::retained_jobs(bank_.ledger)) add(TopicKind::job, job.str());
  for (const CourseId& course : inventory::all_courses(bank_.ledger)) {
    add(TopicKind::course, course.str());
  }
  for (const PlaceId& place : inventory::all_containers(bank_.ledger)) {
    add(TopicKind::container, place.str());
  }
  const Zone& zone = bank_.config.zone;
  for (const Day day : inventory::worklist_days(bank_.ledger, zone)) {
    add(TopicKind::worklist, format_day(day));
  }
  for (const std::string& stream : events_.streams()) add(TopicKind::event_head, stream);
  return keys;
}

void Retained::mark_all() {
  sent_.clear();
  for (const RetainedKey& key : published_) mark(key.kind, key.first, key.second);
  for (const RetainedKey& key : standing()) mark(key.kind, key.first, key.second);
}

void Retained::on_read_back(const ParsedTopic& topic) {
  if (!rule_of(topic.kind).retain || topic.kind == TopicKind::device_point) return;
  if (published_.size() >= kRetainedMax) return;
  if (!bank_.no_record.empty() && is_of_record(topic.kind)) return;
  RetainedKey key{topic.kind, {}, {}};
  if (!topic.levels.empty()) key.first = std::string(topic.levels[0]);
  if (topic.levels.size() > 1) key.second = std::string(topic.levels[1]);
  published_.insert(key);
  if (payload_of(key).is_null() && !own_.contains(key.kind)) put_back(key);
}

Json Retained::payload_of(const RetainedKey& key) const {
  switch (key.kind) {
    case TopicKind::device_description:
    case TopicKind::device_state:
    case TopicKind::device_target:
    case TopicKind::device_model:
      return device_payload(bank_, key);
    case TopicKind::alarm: {
      Result<AlarmId> id = AlarmId::parse(key.first);
      if (!id) return {};
      Json alarm = bank_.board.render(*id);
      if (alarm.is_null()) return alarm;
      alarm.set("paging", bank_.pages.face(*id));
      seal_alarm(bank_.seal_key, alarm);
      return alarm;
    }
    case TopicKind::job: {
      Result<JobId> id = JobId::parse(key.first);
      return id ? inventory::render_job(bank_.ledger, *id) : Json();
    }
    case TopicKind::course: {
      Result<CourseId> id = CourseId::parse(key.first);
      return id ? course_payload(bank_, *id) : Json();
    }
    case TopicKind::container: {
      Result<PlaceId> id = PlaceId::parse(key.first);
      return id ? inventory::render_container(bank_.ledger, *id) : Json();
    }
    case TopicKind::worklist: {
      Result<Day> day = parse_day(key.first);
      const Zone& zone = bank_.config.zone;
      return day ? inventory::render_worklist(bank_.ledger, *day, zone) : Json();
    }
    case TopicKind::event_head:
      return events_.head(key.first);
    case TopicKind::service_state:
    case TopicKind::service_info:
    case TopicKind::service_beat:
    case TopicKind::service_pulse:
    case TopicKind::service_waiting:
    case TopicKind::device_point:
    case TopicKind::alarm_summary:
    case TopicKind::page:
    case TopicKind::receipt:
    case TopicKind::gateway_state:
    case TopicKind::gateway_beat:
    case TopicKind::gateway_report:
    case TopicKind::plan:
    case TopicKind::plan_day:
    case TopicKind::event:
    case TopicKind::checkpoint:
    case TopicKind::command:
    case TopicKind::reply:
      return {};
  }
  return {};
}

std::string Retained::render(const RetainedKey& key, WallTime at) const {
  const auto own = own_.find(key.kind);
  if (own != own_.end()) return own->second;
  Json payload = payload_of(key);
  return payload.is_null() ? std::string() : envelope(payload, rule_of(key.kind).schema, at);
}

std::string Retained::payload_now(const RetainedKey& key, const Now& now) const {
  if (key.kind != TopicKind::alarm_summary) return render(key, now.wall);
  return envelope(bank_.board.summary(now), rule_of(key.kind).schema, now.wall);
}

std::map<std::string, std::string> Retained::tree(const Now& now) const {
  std::map<std::string, std::string> out;
  for (const RetainedKey& key : standing()) {
    std::string payload = payload_now(key, now);
    if (payload.empty()) continue;
    out.emplace(bank_.topics.of(key.kind, key.first, key.second), std::move(payload));
  }
  return out;
}

std::map<std::string, std::string> Retained::settled(const Now& now) const {
  std::map<std::string, std::string> out;
  for (const RetainedKey& key : standing()) {
    const bool of_record = key.kind == TopicKind::course || key.kind == TopicKind::container ||
                           key.kind == TopicKind::job || key.kind == TopicKind::worklist;
    if (!of_record || others_.contains(key)) continue;
    out.emplace(bank_.topics.of(key.kind, key.first, key.second), payload_now(key, now));
  }
  return out;
}

bool Retained::is_news(const RetainedKey& key) {
  if (key.kind != TopicKind::worklist) return true;
  const Json payload = payload_of(key);
  if (payload.is_null()) {
    sent_.erase(key);
    return published_.contains(key);
  }
  const Sha256 hash = sha256(payload.dump());
  const auto [sent, fresh] = sent_.try_emplace(key, hash);
  return fresh || std::exchange(sent->second, hash) != hash;
}

std::optional<Publish> Retained::take(bool alarms, const Now& now, RetainedKey& key) {
  std::set<RetainedKey>& set = alarms ? alarms_ : others_;
  CHECK(!set.empty());
  key = set.extract(set.begin()).value();
  if (!is_news(key)) return std::nullopt;
  Publish publish;
  publish.topic = bank_.topics.of(key.kind, key.first, key.second);
  publish.retain = true;
  publish.payload = payload_now(key, now);
  if (publish.payload.empty()) {
    published_.erase(key);
  } else {
    published_.insert(key);
  }
  return publish;
}

void Retained::put_back(const RetainedKey& key) {
  published_.insert(key);
  sent_.erase(key);
  mark(key.kind, key.first, key.second);
}

}  // namespace cryobank::core
