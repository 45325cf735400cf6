#include "inventory/aliquot.hpp"

#include "inventory/row_codec.hpp"
#include "service/base/text.hpp"

namespace cryobank::inventory {

std::string row_key(const AliquotId& aliquot) { return cat("r/aliquot/", aliquot.str()); }

std::string encode(const Aliquot& aliquot) {
  Json row = Json::object();
  row.set("aliquot", aliquot.id.str());
  row.set("code", aliquot.code);
  row.set("course", aliquot.course.str());
  row.set("dose", aliquot.dose);
  row.set("state", name_of(aliquot.state));
  if (aliquot.state == AliquotState::reserved) row.set("before", name_of(aliquot.before));
  row.set("place", aliquot.spot.place.str());
  put_number(row, "at", aliquot.spot.position, kNoPosition);
  put_time(row, "since", aliquot.since);
  put_time(row, "expires", aliquot.expires_at);
  put_number(row, "handled", aliquot.handling.count);
  put_number(row, "handled_s", aliquot.handling.seconds);
  put_number(row, "handled_longest_s", aliquot.handling.longest_s);
  put_number(row, "thaws", aliquot.thaws);
  if (!aliquot.stays.empty()) row.set("stays", encode_stays(aliquot.stays));
  return row.dump();
}

Result<Aliquot> decode_aliquot(std::string_view key, const Json& row) {
  Aliquot aliquot;
  aliquot.id = id_at<AliquotId>(row, "aliquot");
  aliquot.code = row.string_or("code", "");
  aliquot.course = id_at<CourseId>(row, "course");
  aliquot.dose = static_cast<int>(row.integer_or("dose", 0));
  aliquot.spot.place = id_at<PlaceId>(row, "place");
  aliquot.spot.position = static_cast<int>(row.integer_or("at", kNoPosition));
  const auto state = parse_aliquot_state(row.string_or("state", ""));
  if (!state) return corrupt_row(key, state.error().context);
  aliquot.state = *state;
  if (aliquot.state == AliquotState::reserved) {
    const auto before = parse_aliquot_state(row.string_or("before", ""));
    if (!before) return corrupt_row(key, before.error().context);
    aliquot.before = *before;
  }
  aliquot.since = time_at(row, "since");
  aliquot.expires_at = time_at(row, "expires");
  aliquot.handling.count = static_cast<std::uint32_t>(row.integer_or("handled", 0));
  aliquot.handling.seconds = static_cast<std::uint32_t>(row.integer_or("handled_s", 0));
  aliquot.handling.longest_s = static_cast<std::uint32_t>(row.integer_or("handled_longest_s", 0));
  aliquot.thaws = static_cast<std::uint8_t>(row.integer_or("thaws", 0));
  aliquot.stays = decode_stays(row["stays"]);
  const bool complete = !aliquot.id.empty() && is_code_text(aliquot.code) &&
                        !aliquot.course.empty() && aliquot.dose >= 1 && !aliquot.spot.place.empty();
  if (!complete) return corrupt_row(key, "expected an aliquot with code, course, dose and place");
  return aliquot;
}

}  // namespace cryobank::inventory
