#include "service/alarms/alarm.hpp"

#include <algorithm>

#include "base/checksum.hpp"
#include "base/text.hpp"

namespace cryobank::alarms {
namespace {

Json time_or_null(WallTime time) { return time.ms == 0 ? Json() : Json(format_utc(time)); }

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

// Reads rows that this program wrote; whatever does not fit makes the row corrupt as a whole.
class RowReader {
 public:
  explicit RowReader(const Json& row) : row_(row) {}

  bool ok() const { return ok_; }
  const Json& at(std::string_view key) const { return row_[key]; }

  WallTime time(const Json& object, std::string_view key) {
    if (object[key].is_null()) return {};
    const Result<std::string> text = object.get_string(key);
    const Result<WallTime> parsed = text ? parse_utc(*text) : Result<WallTime>(text.error());
    ok_ = ok_ && parsed.ok();
    return parsed ? *parsed : WallTime{};
  }

  template <class SomeId>
  SomeId id(const Json& object, std::string_view key) {
    const std::string text = object.string_or(key, "");
    if (text.empty()) return {};
    Result<SomeId> parsed = SomeId::parse(text);
    ok_ = ok_ && parsed.ok();
    return parsed ? *parsed : SomeId{};
  }

  int number(std::string_view key, int low, int high) {
    const Result<std::int64_t> value = row_.get_integer(key);
    if (!value || *value < low || *value > high) {
      ok_ = false;
      return low;
    }
    return static_cast<int>(*value);
  }

  std::optional<Milli> value(std::string_view key) {
    if (row_[key].is_null()) return std::nullopt;
    const Result<Milli> parsed = row_.get_milli(key);
    ok_ = ok_ && parsed.ok();
    if (!parsed) return std::nullopt;
    return *parsed;
  }

  std::deque<Note> notes(std::string_view key) {
    std::deque<Note> out;
    if (!row_[key].is_array()) return out;
    for (const Json& item : row_[key].items()) {
      out.push_back({id<UserId>(item, "by"), item.string_or("text", ""), time(item, "at")});
    }
    return out;
  }

 private:
  const Json& row_;
  bool ok_ = true;
};

void read_life(RowReader& reader, const Json& row, Alarm& alarm) {
  alarm.source = row.string_or("source", "");
  alarm.condition = row.string_or("condition", "");
  alarm.watched = row.bool_or("watched", false);
  alarm.device = reader.id<DeviceId>(row, "device");
  alarm.state = static_cast<AlarmState>(reader.number("state", 0, int{kAlarmStates} - 1));
  alarm.stage = reader.number("stage", 0, 3);
  alarm.highest = reader.number("highest", 0, 3);
  alarm.priority = static_cast<Priority>(reader.number("priority", 0, 2));
  alarm.occurrence = static_cast<std::uint64_t>(row.integer_or("occurrence", 0));
  alarm.text = row.string_or("text", "");
  alarm.action = row.string_or("action", "");
  alarm.since = reader.time(row, "since");
  alarm.cleared_at = reader.time(row, "cleared_at");
  alarm.value = reader.value("value");
  alarm.verify_at = reader.time(row, "verify_at");
  alarm.verify_stage = reader.number("verify_stage", 0, 3);
  alarm.verify_value = reader.value("verify_value");
  alarm.verify_loss_s = row.integer_or("verify_loss_s", -1);
  alarm.cause = row.string_or("cause", "");
  alarm.by_design = row.string_or("by_design", "");
  // Rows of before the catalogue have none.
  if (row.has("latch")) {
    alarm.latch = static_cast<config::AlarmLatch>(reader.number("latch", 0, 2));
  }
  alarm.silenced = reader.time(row, "silenced");
  alarm.unsilenced = reader.time(row, "unsilenced");
}

void read_people(RowReader& reader, const Json& row, Alarm& alarm) {
  const Json& taken = row["acknowledged"];
  if (!taken.is_null()) {
    alarm.acknowledged =
        Acknowledgement{reader.id<UserId>(taken, "by"), taken.string_or("reason", ""),
                        taken.string_or("comment", ""), reader.time(taken, "at")};
  }
  const Json& shelf = row["shelf"];
  if (!shelf.is_null()) {
    alarm.shelf = Shelf{reader.id<UserId>(shelf, "by"), shelf.string_or("reason", ""),
                        reader.time(shelf, "until"), reader.time(shelf, "first")};
  }
  alarm.telling = static_cast<std::uint32_t>(
      std::clamp<std::int64_t>(row.integer_or("telling", 0), 0, 1'000'000'000));
  alarm.comments = reader.notes("comments");
  alarm.answers = reader.notes("answers");
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
      .set("comments", notes_json(alarm.comments))
      .set("answers", notes_json(alarm.answers));
  return row;
}

Result<Alarm> from_row(const AlarmId& id, const Json& row) {
  Alarm alarm;
  alarm.id = id;
  RowReader reader(row);
  read_life(reader, row, alarm);
  read_people(reader, row, alarm);
  if (!reader.ok() || alarm.occurrence == 0) {
    return make_error(ErrorCode::corrupt, cat("expected an alarm's row under r/alarm/", id.str(),
                                              ", came ", clip(row.dump(), 200)));
  }
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
