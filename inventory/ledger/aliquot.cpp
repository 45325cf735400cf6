#include "inventory/ledger/aliquot.hpp"

#include "base/text.hpp"
#include "inventory/ledger/row_codec.hpp"

namespace cryobank::inventory {
namespace {

constexpr std::size_t kTypicalRow = 224;  // spares the growing of a string; no bound

}  // namespace

std::string row_key(const AliquotId& aliquot) { return cat("r/aliquot/", aliquot.str()); }

std::string encode(const Aliquot& aliquot) {
  const bool reserved = aliquot.state == AliquotState::reserved;
  std::string out;
  out.reserve(kTypicalRow);
  RowWriter row(out);
  row.text("aliquot", aliquot.id.str());
  row.number_unless("at", aliquot.spot.position, kNoPosition);
  if (reserved) row.text("before", name_of(aliquot.before));
  row.text("code", aliquot.code).text("course", aliquot.course.str()).number("dose", aliquot.dose);
  row.time("expires", aliquot.expires_at);
  row.number_unless("handled", aliquot.handling.count);
  row.number_unless("handled_longest_s", aliquot.handling.longest_s);
  row.number_unless("handled_s", aliquot.handling.seconds);
  row.text("place", aliquot.spot.place.str()).time("since", aliquot.since);
  row.text("state", name_of(aliquot.state));
  if (!aliquot.stays.empty()) row.json("stays", encode_stays(aliquot.stays));
  row.number_unless("thaws", aliquot.thaws).end();
  return out;
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
