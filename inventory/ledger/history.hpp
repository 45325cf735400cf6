// History: where every aliquot was, for as-of questions. When an aliquot leaves a spot, or becomes
// something else there, one row is written by aliquot and one by place, with the state that was
// true until then: of several rows that begin at one time, each goes on where the one before ended.
// The present is in the ledger. Both are made by facts, so a rebuild of the rows makes them anew.
// Where containers stood is in their own records.
//   h/a/<aliquot>/<until>          until: 16 hex digits of milliseconds since 1970 UTC
//   h/p/<place>/<until>/<aliquot>  not for EXPECTED
//   {"aliquot","at"?,"from","place","position"?,"state","until"}
// A wall clock that was stepped back leaves a gap here; the journal itself has none.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/record.hpp"
#include "inventory/ledger/view.hpp"

namespace cryobank::inventory {

inline constexpr std::string_view kHistoryPrefix = "h/";
inline constexpr std::string_view kHistoryEnd = "h0";

struct PastStay {
  AliquotId aliquot;
  Spot spot;
  std::string position;                         // label; empty where the place has none
  AliquotState state = AliquotState::expected;  // until then
  WallTime from{};
  WallTime until{};  // 0: it is still there

  bool covers(WallTime at) const { return overlaps(at, at); }
  bool overlaps(WallTime first, WallTime last) const {
    return from <= last && (until.ms == 0 || first < until);
  }
};

// The rows of a stay that ends now.
std::vector<RowChange> past_rows(const PastStay& stay);
Result<PastStay> read_past(std::string_view key, std::string_view value);
// The parts of a stay, oldest first, one after the other: of rows by aliquot in their order.
void part_stays(std::vector<PastStay>& stays);
// Where it is now.
PastStay present_stay(const View& view, const Aliquot& aliquot);

// Keys in [first, last) of stays that ended after a time, in the order of their ends.
struct KeyRange {
  std::string first;
  std::string last;
};
KeyRange past_of(const AliquotId& aliquot, WallTime after);
KeyRange past_of(const PlaceId& place, WallTime after);

// What a place stood in at a time; empty: in none, or it did not exist.
PlaceId parent_at(const View& view, const PlaceId& place, WallTime at);
// "site/room/tank/rack/box" as it was then.
std::string path_at(const View& view, const PlaceId& place, WallTime at);
// A stay in a container, cut wherever the container, or what it stands in, was moved meanwhile:
// each piece has one path.
std::vector<PastStay> pieces_of(const View& view, const PastStay& stay);
// Every place that lay in `outer` at some time from `first` to `last`, and itself, by id.
std::vector<PlaceId> places_during(const View& view, const PlaceId& outer, WallTime first,
                                   WallTime last);

// Every aliquot that lay in `outer` at some time from `first` to `last`, by id, as the places that
// the record keeps in memory tell it: the present ones and those in freezers.
std::vector<AliquotId> aliquots_during(const View& view, const PlaceId& outer, WallTime first,
                                       WallTime last);

Json to_json(const View& view, const PastStay& stay, WallTime at);

}  // namespace cryobank::inventory
