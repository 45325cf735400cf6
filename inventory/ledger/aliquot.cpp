#include "inventory/ledger/aliquot.hpp"

#include "base/row_reader.hpp"
#include "base/text.hpp"
#include "base/try.hpp"
#include "inventory/ledger/course.hpp"
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
  row.time("out_since", aliquot.out_since);
  row.text("place", aliquot.spot.place.str()).time("since", aliquot.since);
  row.text("state", name_of(aliquot.state));
  if (!aliquot.stays.empty()) row.json("stays", encode_stays(aliquot.stays));
  row.number_unless("thaws", aliquot.thaws).end();
  return out;
}

Result<Aliquot> decode_aliquot(std::string_view key, const Json& row) {
  RowReader in(key, row);
  Aliquot aliquot;
  aliquot.id = in.id<AliquotId>("aliquot");
  aliquot.code = in.text("code");
  if (in.ok() && !is_code_text(aliquot.code)) in.refuse("code", "a code");
  aliquot.course = in.id<CourseId>("course");
  aliquot.dose = static_cast<int>(in.number("dose", 1, kDosesMax));
  aliquot.spot.place = in.id<PlaceId>("place");
  aliquot.spot.position = static_cast<int>(in.maybe_number("at", kNoPosition, 0, kPositionsMax));
  aliquot.state = in.word("state", parse_aliquot_state);
  if (aliquot.state == AliquotState::reserved) {
    aliquot.before = in.word("before", parse_aliquot_state);
  }
  aliquot.since = in.maybe_time("since");
  aliquot.expires_at = in.maybe_time("expires");
  aliquot.handling.count = static_cast<std::uint32_t>(in.maybe_number("handled", 0, 0, UINT32_MAX));
  aliquot.handling.seconds =
      static_cast<std::uint32_t>(in.maybe_number("handled_s", 0, 0, UINT32_MAX));
  aliquot.handling.longest_s =
      static_cast<std::uint32_t>(in.maybe_number("handled_longest_s", 0, 0, UINT32_MAX));
  aliquot.out_since = in.maybe_time("out_since");
  aliquot.thaws = static_cast<std::uint8_t>(in.maybe_number("thaws", 0, 0, UINT8_MAX));
  TRY_ASSIGN(auto stays, decode_stays(key, in.maybe_list("stays")));
  aliquot.stays = std::move(stays);
  return in.whole(std::move(aliquot));
}

}  // namespace cryobank::inventory
