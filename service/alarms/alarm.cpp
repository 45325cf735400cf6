#include "service/alarms/alarm.hpp"

#include <algorithm>

#include "base/checksum.hpp"
#include "base/json_time.hpp"
#include "base/text.hpp"
#include "base/try.hpp"
#include "service/alarms/row_parts.hpp"

namespace cryobank::alarms {
namespace {

Json value_or_null(const std::optional<Milli>& value) { return value ? Json(*value) : Json(); }

Json acknowledgement_json(const std::optional<Acknowledgement>& taken) {
  if (!taken) return {};
  Json out = Json::object();
  out.set("by", taken->by.str()).set("reason", taken->reason).set("at", format_utc(taken->at));
  if (!taken->comment.empty()) out.set("comment", taken->comment);
  return out;
}

Json shelf_json(const std::optional<Shelf>& shelf) {
  if (!shelf) return {};
  return Json::object()
      .set("by", shelf->by.str())
      .set("reason", shelf->reason)
      .set("first", time_or_null(shelf->first))
      .set("until", format_utc(shelf->until));
}

std::string_view activity_of(const Alarm& alarm) {
  if (is_active(alarm.state)) return alarm.judged ? "active" : "unknown";
  return alarm.state == AlarmState::closed ? "normal" : "returned";
}

// The axis of its own: nothing here changes what is true or who took it.
Json suppression_json(const Alarm& alarm) {
  if (alarm.shelf) {
    return Json::object()
        .set("kind", "shelved")
        .set("by", alarm.shelf->by.str())
        .set("reason", alarm.shelf->reason)
        .set("since", time_or_null(alarm.shelf->first))
        .set("until", format_utc(alarm.shelf->until));
  }
  if (alarm.by_design.empty()) return {};
  return Json::object().set("kind", "by-design").set("by_alarm", alarm.by_design);
}

Json notes_json(const std::deque<Note>& notes) {
  Json out = Json::array();
  for (const Note& note : notes) {
    Json item = Json::object();
    item.set("by", note.by.str()).set("text", note.text).set("at", format_utc(note.at));
    out.push(std::move(item));
  }
  return out;
}

Result<std::deque<Note>> notes_in(std::string_view what, RowReader& in, std::string_view key) {
  std::deque<Note> out;
  for (const Json& item : in.list(key)) {
    RowReader one(what, item);
    out.push_back({one.id<UserId>("by"), one.any_text("text"), one.time("at")});
    TRY(one.end());
  }
  return out;
}

Json coming_row(const std::optional<Coming>& coming) {
  if (!coming) return {};
  return Json::object()
      .set("by", coming->by.str())
      .set("at", format_utc(coming->at))
      .set("due", time_or_null(coming->due));
}

void read_life(RowReader& in, Alarm& alarm) {
  alarm.source = in.text("source");
  alarm.condition = in.text("condition");
  alarm.watched = in.flag("watched");
  alarm.device = id_or_none<DeviceId>(in, "device");
  alarm.state = numbered<AlarmState>(in, "state", kAlarmStates);
  alarm.stage = static_cast<int>(in.number("stage", 0, 3));
  alarm.highest = static_cast<int>(in.number("highest", 0, 3));
  alarm.priority = numbered<Priority>(in, "priority", 3);
  alarm.occurrence = static_cast<std::uint64_t>(in.number("occurrence"));
  alarm.text = in.any_text("text");
  alarm.action = in.any_text("action");
  alarm.since = in.maybe_time("since");
  alarm.cleared_at = in.maybe_time("cleared_at");
  alarm.value = in.maybe_milli("value");
  alarm.verify_at = in.maybe_time("verify_at");
  alarm.verify_stage = static_cast<int>(in.number("verify_stage", 0, 3));
  alarm.verify_value = in.maybe_milli("verify_value");
}

// Rows of before the catalogue and the page ledger lack these, and have who was paged instead.
void read_later(RowReader& in, Alarm& alarm) {
  alarm.verify_loss_s = in.maybe_number("verify_loss_s", -1, RowReader::kLeast);
  alarm.cause = in.maybe_text("cause");
  alarm.by_design = in.maybe_text("by_design");
  if (in.has("latch")) alarm.latch = numbered<config::AlarmLatch>(in, "latch", 3);
  alarm.silenced = in.maybe_time("silenced");
  alarm.unsilenced = in.maybe_time("unsilenced");
  alarm.telling = static_cast<std::uint32_t>(in.maybe_number("telling", 0, 0, 1'000'000'000));
  (void)in.maybe_object("paging");
}

Status read_people(std::string_view key, RowReader& in, Alarm& alarm) {
  if (const Json* taken = in.maybe_object("acknowledged")) {
    const std::string what = cat(key, ", acknowledged");
    RowReader by(what, *taken);
    alarm.acknowledged = Acknowledgement{by.id<UserId>("by"), by.any_text("reason"),
                                         by.maybe_text("comment"), by.time("at")};
    TRY(by.end());
  }
  if (const Json* shelf = in.maybe_object("shelf")) {
    const std::string what = cat(key, ", shelf");
    RowReader by(what, *shelf);
    alarm.shelf =
        Shelf{by.id<UserId>("by"), by.any_text("reason"), by.time("until"), by.maybe_time("first")};
    TRY(by.end());
  }
  if (const Json* coming = in.maybe_object("coming")) {
    const std::string what = cat(key, ", coming");
    RowReader by(what, *coming);
    alarm.coming = Coming{by.id<UserId>("by"), by.time("at"), by.maybe_time("due")};
    TRY(by.end());
  }
  TRY_ASSIGN(auto comments, notes_in(cat(key, ", comments"), in, "comments"));
  alarm.comments = std::move(comments);
  TRY_ASSIGN(auto answers, notes_in(cat(key, ", answers"), in, "answers"));
  alarm.answers = std::move(answers);
  return {};
}

}  // namespace

AlarmId alarm_id(std::string_view source, std::string_view condition) {
  const std::string plain = cat(source, ".", condition);
  if (is_id_text(plain)) return AlarmId(plain);
  constexpr std::size_t kKept = 16;
  std::string out;
  for (const char c : source.substr(0, kKept)) {
    out += is_id_text(std::string_view(&c, 1)) ? c : '-';
  }
  out += cat("-", hex16(fnv1a32(source)).substr(8), ".", condition.substr(0, 32));
  CHECK(is_id_text(out));
  return AlarmId(out);
}

Json to_row(const Alarm& alarm) {
  Json row = Json::object();
  row.set("source", alarm.source)
      .set("condition", alarm.condition)
      .set("watched", alarm.watched)
      .set("device", alarm.device.str())
      .set("state", static_cast<int>(alarm.state))
      .set("stage", alarm.stage)
      .set("highest", alarm.highest)
      .set("priority", static_cast<int>(alarm.priority))
      .set("occurrence", alarm.occurrence)
      .set("text", alarm.text)
      .set("action", alarm.action)
      .set("since", time_or_null(alarm.since))
      .set("cleared_at", time_or_null(alarm.cleared_at))
      .set("value", value_or_null(alarm.value))
      .set("acknowledged", acknowledgement_json(alarm.acknowledged))
      .set("verify_at", time_or_null(alarm.verify_at))
      .set("verify_stage", alarm.verify_stage)
      .set("verify_value", value_or_null(alarm.verify_value))
      .set("verify_loss_s", alarm.verify_loss_s)
      .set("cause", alarm.cause)
      .set("by_design", alarm.by_design)
      .set("latch", static_cast<int>(alarm.latch))
      .set("silenced", time_or_null(alarm.silenced))
      .set("unsilenced", time_or_null(alarm.unsilenced))
      .set("shelf", shelf_json(alarm.shelf))
      .set("telling", alarm.telling)
      .set("coming", coming_row(alarm.coming))
      .set("comments", notes_json(alarm.comments))
      .set("answers", notes_json(alarm.answers));
  return row;
}

Result<Alarm> from_row(std::string_view key, const AlarmId& id, const Json& row) {
  Alarm alarm;
  alarm.id = id;
  RowReader in(key, row);
  read_life(in, alarm);
  read_later(in, alarm);
  const Status people = read_people(key, in, alarm);
  TRY(in.end());
  TRY(people);
  return alarm;
}

Json render_alarm(const Alarm& alarm) {
  if (!alarm.open()) return {};
  Json out = Json::object();
  out.set("alarm", alarm.id.str())
      .set("source", alarm.source)
      .set("condition", alarm.condition)
      .set("device", alarm.device.empty() ? Json() : Json(alarm.device.str()))
      .set("occurrence", alarm.occurrence)
      .set("priority", name_of(alarm.priority))
      .set("state", name_of(alarm.state))
      .set("active", is_active(alarm.state))
      .set("activity", activity_of(alarm))
      .set("latched", alarm.state == AlarmState::latched)
      .set("latch", config::name_of(alarm.latch))
      .set("cause", alarm.cause)
      .set("acknowledged", is_acknowledged(alarm.state))
      .set("text", alarm.text)
      .set("action", alarm.action)
      .set("value", value_or_null(alarm.value))
      .set("since", time_or_null(alarm.since))
      .set("cleared_at", time_or_null(alarm.cleared_at))
      .set("acknowledgement", acknowledgement_json(alarm.acknowledged))
      .set("verify_at", time_or_null(alarm.verify_at))
      .set("shelved", shelf_json(alarm.shelf))
      .set("suppression", suppression_json(alarm))
      .set("comments", notes_json(alarm.comments))
      .set("answers", notes_json(alarm.answers));
  return out;
}

}  // namespace cryobank::alarms
