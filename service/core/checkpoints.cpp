#include "service/core/checkpoints.hpp"

#include <algorithm>

#include "base/row_reader.hpp"
#include "base/text.hpp"
#include "inventory/record/checkpoint.hpp"
#include "service/core/wire.hpp"

namespace cryobank::core {

Checkpoints::Checkpoints(Bank& bank, Recorder& recorder, Retained& retained)
    : bank_(bank), recorder_(recorder), retained_(retained) {}

Status Checkpoints::load_row(std::string_view value) {
  Result<Json> row = parse_json(value);
  if (!row) return make_error(ErrorCode::corrupt, cat("row m/checkpoint: ", row.error().context));
  RowReader in("m/checkpoint", *row);
  note_ = in.text("note");
  signed_ = static_cast<std::uint64_t>(in.number("sequence"));
  return in.status();
}

void Checkpoints::start(const Now& now) {
  if (!note_.empty()) publish(now.wall);
  if (bank_.journal.sequence() > signed_) due_ = now.mono + kCheckpointEvery;
}

void Checkpoints::consider(const Now& now, Effects& effects) {
  const std::uint64_t entries = bank_.journal.sequence();
  if (entries == signed_) due_ = kNever;  // a batch that had more failed
  if (entries == signed_ || (sign_ != 0 && now.mono < sign_again_)) return;
  if (due_ == kNever) due_ = now.mono + kCheckpointEvery;
  if (entries - signed_ < kCheckpointEntries && now.mono < due_) return;
  due_ = kNever;
  sign_ = bank_.next_effect();
  sign_again_ = now.mono + kSignWithin;
  asked_ = entries;
  asked_text_ = bank_.journal.checkpoint_text(cat("cryobank/v1/", bank_.config.site.str()));
  effects.push_back(Sign{sign_, asked_text_});
}

void Checkpoints::on_signed(const Now& now, const Signed& result, Effects& effects) {
  if (result.sign != sign_) return;
  sign_ = 0;
  sign_again_ = kNever;
  if (!result.note.ok()) {
    log(effects, LogLevel::error, cat("no checkpoint: ", result.note.error().context));
    due_ = now.mono + kCheckpointEvery;
    return;
  }
  signed_ = asked_;
  note_ = inventory::format_note(asked_text_, {result.note.value()});
  if (bank_.journal.sequence() > signed_) due_ = now.mono + kCheckpointEvery;
  Json row = Json::object();
  row.set("note", note_);
  row.set("sequence", signed_);
  NoteWork note;
  note.rows.push_back({"m/checkpoint", row.dump()});
  note.rows.push_back({inventory::checkpoint_key(signed_), note_});
  recorder_.add(std::move(note));
  publish(now.wall);
}

void Checkpoints::publish(WallTime at) {
  Json json = Json::object();
  json.set("note", note_);
  json.set("sequence", signed_);
  retained_.put(TopicKind::checkpoint,
                envelope(std::move(json), rule_of(TopicKind::checkpoint).schema, at));
}

Instant Checkpoints::next_deadline() const { return sign_ != 0 ? sign_again_ : due_; }

}  // namespace cryobank::core
