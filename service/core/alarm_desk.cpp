#include "service/core/alarm_desk.hpp"

#include <utility>

#include "base/checksum.hpp"
#include "base/text.hpp"
#include "service/core/wire.hpp"

namespace cryobank::core {

std::string alarm_source(std::string_view text) {
  if (text.size() <= kAlarmSourceMax) return std::string(text);
  constexpr std::size_t kHashDigits = 16;
  const std::string hash = to_hex(sha256(text)).substr(0, kHashDigits);
  return cat(text.substr(0, kAlarmSourceMax - kHashDigits - 1), "-", hash);
}

AlarmDesk::AlarmDesk(Bank& bank, Publisher& publisher, Retained& retained, Recorder& recorder)
    : bank_(bank), publisher_(publisher), retained_(retained), recorder_(recorder) {
  for (std::uint32_t d = 0; d < bank.config.devices.size(); ++d) {
    first_point_.push_back(points_.size());
    for (const config::Point& point : bank.fleet.profile({d}).points) {
      points_.push_back(bank.board.watched(bank.config.devices[d].id, point.id.str()));
    }
  }
}

void AlarmDesk::on_reading(const Now& now, const devices::Reading& reading) {
  const auto& point = points_[first_point_[reading.device.value] + reading.point.value];
  if (point) bank_.board.observe(now, *point, reading.quality, reading.value, bank_.board_out);
}

void AlarmDesk::on_state(const Now& now, const devices::DeviceStateChange& change) {
  bank_.board.device_state(now, bank_.config.devices[change.device.value].id,
                           devices::name_of(change.state), bank_.board_out);
}

void AlarmDesk::on_condition(const Now& now, const devices::DeviceCondition& seen) {
  const DeviceId& device = bank_.config.devices[seen.device.value].id;
  if (!seen.active) {
    bank_.board.clear(now, device.str(), seen.condition, bank_.board_out);
    return;
  }
  alarms::Condition condition;
  condition.source = device.str();
  condition.condition = seen.condition;
  condition.text = seen.text;
  condition.action = "Look at the device.";  // the board's catalogue knows better, where it can
  condition.device = device;
  bank_.board.raise(now, condition, bank_.board_out);
}

void AlarmDesk::raise(const Now& now, alarms::Condition condition) {
  condition.source = alarm_source(condition.source);
  bank_.board.raise(now, condition, bank_.board_out);
}

void AlarmDesk::clear(const Now& now, std::string_view source, std::string_view condition) {
  bank_.board.clear(now, alarm_source(source), condition, bank_.board_out);
}

bool AlarmDesk::drain(const Now& now, Effects& effects) {
  alarms::BoardOutputs& out = bank_.board_out;
  if (out.changed.empty() && out.pages.empty() && out.facts.empty()) return false;
  for (const AlarmId& alarm : out.changed) retained_.mark(TopicKind::alarm, alarm.str());
  if (!out.changed.empty()) retained_.mark(TopicKind::alarm_summary);
  for (const alarms::Page& page : out.pages) {
    publisher_.page(now, page, page_payload(page), effects);
  }
  NoteWork note;
  note.facts = std::move(out.facts);
  note.alarms = std::move(out.changed);
  out.clear();
  recorder_.add(std::move(note));
  return true;
}

std::string AlarmDesk::page_payload(const alarms::Page& page) const {
  Json json = Json::object();
  json.set("page", page.id);
  json.set("channel", page.channel.str());
  json.set("alarm", page.alarm.str());
  json.set("occurrence", page.occurrence);
  json.set("priority", alarms::name_of(page.priority));
  json.set("tier", page.tier);
  json.set("attempt", page.attempt);
  json.set("text", page.text);
  json.set("ack_code", page.ack_code);
  json.set("created", format_utc(page.created));
  if (!page.device.empty()) {
    const inventory::Contents contents = inventory::contents_of_device(bank_.ledger, page.device);
    Json risk = Json::object();
    risk.set("device", page.device.str());
    risk.set("aliquots", static_cast<std::uint64_t>(contents.aliquots));
    risk.set("doses", static_cast<std::uint64_t>(contents.doses));
    risk.set("courses", static_cast<std::uint64_t>(contents.courses));
    risk.set("patients", static_cast<std::uint64_t>(contents.patients));
    risk.set("next_thaw",
             contents.next_thaw.ms == 0 ? Json() : Json(format_utc(contents.next_thaw)));
    json.set("at_risk", std::move(risk));
  }
  return envelope(std::move(json), rule_of(TopicKind::page).schema, page.created);
}

}  // namespace cryobank::core
