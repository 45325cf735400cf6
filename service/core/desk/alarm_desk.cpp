#include "service/core/desk/alarm_desk.hpp"

#include <iterator>
#include <utility>

#include "base/checksum.hpp"
#include "base/json_time.hpp"
#include "base/row_reader.hpp"
#include "base/text.hpp"
#include "inventory/ledger/view.hpp"
#include "service/wire/authoriser.hpp"
#include "service/wire/wire.hpp"

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
      points_.push_back(bank.board.watched(bank.config.devices[d].id, point.meaning()));
    }
  }
}

void AlarmDesk::on_reading(const Now& now, const devices::Reading& reading) {
  const auto& point = points_[first_point_[reading.device.value] + reading.point.value];
  if (point) bank_.board.observe(now, *point, reading.quality, reading.value, bank_.board_out);
}

void AlarmDesk::on_state(const Now& now, const devices::DeviceStateChange& change) {
  bank_.board.device_state(now, bank_.config.devices[change.device.value].id, change.state,
                           bank_.board_out);
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
  condition.device = device;
  condition.stage = seen.stage;
  bank_.board.raise(now, condition, bank_.board_out);
}

void AlarmDesk::on_model(const Now& now, devices::DeviceIndex index) {
  const config::DeviceConfig& device = bank_.config.devices[index.value];
  if (device.kind != config::DeviceKind::freezer) return;
  const Json model = bank_.fleet.told_model(index);
  const Json& span = model["lasts"]["to_130"];
  if (span.is_object()) {
    RowReader in("the model of a freezer", model);
    RowReader time("how long a freezer lasts", span);
    const alarms::Prognosis lasts{in.flag("losing"), time.number("low_s"), time.number("mid_s"),
                                  time.number("high_s")};
    if (in.ok() && time.ok()) bank_.board.prognosis(now, device.id, lasts, bank_.board_out);
  }
  if (!bank_.no_record.empty()) return;  // what lies in it is not known
  const inventory::Contents held = inventory::contents_of_device(bank_.ledger, device.id);
  alarms::TankContents inside;
  inside.doses = static_cast<std::int64_t>(held.doses);
  inside.courses = held.next_thaw.ms == 0 ? 0 : static_cast<std::int64_t>(held.courses);
  inside.only_here = static_cast<std::int64_t>(held.courses_only_here);
  bank_.board.inside(now, device.id, inside, bank_.board_out);
}

void AlarmDesk::start(const Now& now) {
  bank_.board.start(now, bank_.epoch, bank_.board_out);
  NoteWork note;
  note.rows = bank_.board.note_settings(now, bank_.board_out);
  if (!note.rows.empty()) recorder_.add(std::move(note));
}

void AlarmDesk::clear_others(const Now& now, std::string_view name,
                             const std::set<std::string, std::less<>>& standing) {
  for (const AlarmId& alarm : bank_.board.open_alarms()) {
    std::string_view source = alarm.str();
    if (!source.ends_with(name) || source.size() <= name.size() + 1) continue;
    source.remove_suffix(name.size() + 1);
    if (!standing.contains(source)) clear(now, source, name);
  }
}

// Who a patient is stands in no alarm: a page is read by whoever stands beside its pager, and what
// a person scanned, or the target of a hold, may be a pseudonym. Whatever part of the service says
// it, this is the door that all of its words go through.
std::string without_patients(const inventory::Ledger& ledger, std::string_view text) {
  const inventory::View view(ledger);
  std::string out;
  std::size_t at = 0;
  while (at < text.size()) {
    std::size_t end = at;
    while (end < text.size() && is_id_text(text.substr(end, 1))) ++end;
    std::string_view word = text.substr(at, end - at);
    while (word.ends_with('.')) word.remove_suffix(1);  // of the sentence
    if (word.empty()) {
      out += text[at++];
      continue;
    }
    const bool patient = !view.courses_of(cat("patient:", word)).empty();
    out += patient ? std::string_view("a patient") : word;
    at += word.size();
  }
  return out;
}

void AlarmDesk::raise(const Now& now, alarms::Condition condition) {
  condition.source = alarm_source(condition.source);
  condition.text = without_patients(bank_.ledger, condition.text);
  condition.action = without_patients(bank_.ledger, condition.action);
  bank_.board.raise(now, condition, bank_.board_out);
}

void AlarmDesk::clear(const Now& now, std::string_view source, std::string_view condition) {
  bank_.board.clear(now, alarm_source(source), condition, bank_.board_out);
}

namespace {

constexpr std::size_t kReceiptMax = 4'096;
// A gateway says what it knows of at most 100 channels.
constexpr std::size_t kGatewayMax = 64 * 1'024;

bool may_take(const config::UserConfig& user) {
  Actor actor;
  actor.user = user.id;
  actor.roles = user.roles;
  return authorise("alarm/acknowledge", actor).ok();
}

}  // namespace

void AlarmDesk::refuse(const Now& now, const UserId& user, const BrokerMessage& message,
                       const Error& error, Effects& effects) {
  log(effects, LogLevel::warning, cat("refused: ", clip(message.topic, 120), ": ", error.context));
  Command denied;
  denied.user = user;
  denied.verb = "page/receipt";
  if (std::optional<Fact> fact = recorder_.denials().note(now.mono, denied, error)) {
    NoteWork note;
    note.facts.push_back(std::move(*fact));
    recorder_.add(std::move(note));
  }
}

void AlarmDesk::on_receipt(const Now& now, const ParsedTopic& topic, const BrokerMessage& message,
                           Effects& effects) {
  const Result<ChannelId> channel = ChannelId::parse(topic.levels[0]);
  const Result<UserId> user = UserId::parse(topic.levels[1]);
  const Result<Json> body = parse_json(message.payload, kReceiptMax);
  if (!channel || !user || message.retained) return;  // nobody can send such
  const Status taken =
      body && body->is_object()
          ? bank_.pages.receipt(now, *channel, *user, *body, may_take, bank_.board, bank_.board_out,
                                bank_.pages_out)
          : Status(make_error(ErrorCode::malformed, "expected a JSON object of at most 4 KiB"));
  if (!taken) refuse(now, *user, message, taken.error(), effects);
}

void AlarmDesk::on_gateway(const Now& now, const ParsedTopic& topic, const BrokerMessage& message,
                           Effects& effects) {
  const Result<UserId> user = UserId::parse(topic.levels[0]);
  if (!user || message.payload.empty()) return;
  const alarms::GatewayWord word = topic.kind == TopicKind::gateway_beat ? alarms::GatewayWord::beat
                                   : topic.kind == TopicKind::gateway_report
                                       ? alarms::GatewayWord::report
                                       : alarms::GatewayWord::state;
  const Result<Json> body = parse_json(message.payload, kGatewayMax);
  Status taken =
      body && body->is_object()
          ? bank_.pages.gateway(now, *user, word, *body, message.retained, bank_.pages_out)
          : Status(make_error(ErrorCode::malformed, "expected a JSON object"));
  if (!taken) refuse(now, *user, message, taken.error(), effects);
}

bool AlarmDesk::drain(const Now& now, Effects& effects) {
  alarms::BoardOutputs& out = bank_.board_out;
  alarms::LedgerOutputs& said = bank_.pages_out;
  const bool quiet = out.changed.empty() && out.facts.empty() && out.pending.empty() &&
                     out.rows.empty() && said.pages.empty() && said.again.empty() &&
                     said.changed.empty() && said.rows.empty() && said.facts.empty() &&
                     said.troubles.empty();
  if (quiet) return false;
  for (const AlarmId& alarm : out.changed) bank_.pages.on_alarm(now, alarm, said);
  for (const auto* pages : {&said.pages, &said.again}) {
    for (const alarms::Page& page : *pages) publisher_.page(now, page, page_payload(page), effects);
  }
  NoteWork note;
  note.facts = std::move(out.facts);
  note.facts.insert(note.facts.end(), std::make_move_iterator(said.facts.begin()),
                    std::make_move_iterator(said.facts.end()));
  note.alarms = std::move(out.changed);
  note.alarms.insert(note.alarms.end(), said.changed.begin(), said.changed.end());
  for (const AlarmId& alarm : note.alarms) retained_.mark(TopicKind::alarm, alarm.str());
  if (!note.alarms.empty()) retained_.mark(TopicKind::alarm_summary);
  // Delays that began or ended: rows only, nobody is told.
  note.alarms.insert(note.alarms.end(), out.pending.begin(), out.pending.end());
  note.rows = std::move(out.rows);
  note.rows.insert(note.rows.end(), std::make_move_iterator(said.rows.begin()),
                   std::make_move_iterator(said.rows.end()));
  const std::vector<alarms::Trouble> troubles = std::move(said.troubles);
  out.clear();
  said.clear();
  if (!note.facts.empty() || !note.alarms.empty() || !note.rows.empty())
    recorder_.add(std::move(note));
  // What keeps pages from people is an alarm like any other; it is told in the next round.
  for (const alarms::Trouble& trouble : troubles) {
    const alarms::Condition& told = trouble.condition;
    if (trouble.stands) {
      raise(now, told);
    } else if (trouble.heard) {
      clear(now, told.source, told.condition);
    } else {
      bank_.board.clear_unheard(now, alarm_source(told.source), told.condition, bank_.board_out);
    }
  }
  return true;
}

Json AlarmDesk::at_risk(const DeviceId& device) const {
  const inventory::Contents contents = inventory::contents_of_device(bank_.ledger, device);
  Json risk = Json::object();
  risk.set("device", device.str());
  risk.set("aliquots", static_cast<std::uint64_t>(contents.aliquots));
  risk.set("doses", static_cast<std::uint64_t>(contents.doses));
  risk.set("courses", static_cast<std::uint64_t>(contents.courses));
  risk.set("patients", static_cast<std::uint64_t>(contents.patients));
  risk.set("next_thaw", time_or_null(contents.next_thaw));
  return risk;
}

std::string AlarmDesk::page_payload(const alarms::Page& page) const {
  Json json = Json::object();
  json.set("page", page.id);
  json.set("kind", alarms::name_of(page.kind));
  json.set("channel", page.channel.str());
  json.set("alarm", page.alarm.empty() ? Json() : Json(page.alarm.str()));
  json.set("occurrence", page.occurrence);
  json.set("priority", alarms::name_of(page.priority));
  json.set("tier", page.tier);
  json.set("attempt", page.attempt);
  json.set("text", page.text);
  if (!page.text_ja.empty()) json.set("text_ja", page.text_ja);
  json.set("ack_code", page.ack_code.empty() ? Json() : Json(page.ack_code));
  json.set("created", format_utc(page.created));
  json.set("expires_at", format_utc(page.created + page.expires_in));
  if (!page.withdraws.empty()) {
    Json pages = Json::array();
    for (const std::string& id : page.withdraws) pages.push(id);
    json.set("withdraw", std::move(pages));
  }
  // Without a record nobody knows what lies there; absent says so, and none would be a lie.
  if (!page.device.empty() && bank_.no_record.empty()) json.set("at_risk", at_risk(page.device));
  return envelope(std::move(json), rule_of(TopicKind::page).schema, page.created);
}

}  // namespace cryobank::core
