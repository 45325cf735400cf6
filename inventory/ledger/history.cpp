#include "inventory/ledger/history.hpp"

#include <algorithm>
#include <set>

#include "base/json_time.hpp"
#include "base/row_reader.hpp"
#include "base/text.hpp"
#include "inventory/ledger/row_codec.hpp"

namespace cryobank::inventory {
namespace {

std::string time_key(WallTime at) {
  return hex16(static_cast<std::uint64_t>(std::max<std::int64_t>(at.ms, 0)));
}

// 'g' follows the last hexadecimal digit.
KeyRange past_in(const std::string& prefix, WallTime after) {
  return {cat(prefix, time_key(WallTime{std::max<std::int64_t>(after.ms, 0) + 1})),
          cat(prefix, "g")};
}

Json row_of(const PastStay& stay) {
  Json row = Json::object().set("aliquot", stay.aliquot.str());
  row.set("place", stay.spot.place.str());
  put_number(row, "at", stay.spot.position, kNoPosition);
  put_text(row, "position", stay.position);
  row.set("state", name_of(stay.state));
  put_time(row, "from", stay.from);
  put_time(row, "until", stay.until);
  return row;
}

// Follows every parent that the place had in that time.
bool lay_in(const View& view, const Place& place, const PlaceId& outer, WallTime first,
            WallTime last, int depth) {
  if (place.id == outer) return true;
  if (depth > kTreeDepthMax || last < first) return false;
  const auto above = [&](const PlaceId& parent, WallTime from, WallTime until) {
    const Place* known = view.place(parent);
    return known != nullptr && lay_in(view, *known, outer, from, until, depth + 1);
  };
  if (place.since <= last && above(place.within.place, std::max(first, place.since), last)) {
    return true;
  }
  return std::ranges::any_of(place.stays, [&](const Stay& stay) {
    return stay.from <= last && first < stay.until &&
           above(stay.inside, std::max(first, stay.from), std::min(last, stay.until));
  });
}

}  // namespace

std::vector<RowChange> past_rows(const PastStay& stay) {
  const std::string value = row_of(stay).dump();
  const std::string until = time_key(stay.until);
  std::vector<RowChange> rows;
  rows.push_back({cat(kHistoryPrefix, "a/", stay.aliquot.str(), "/", until), value});
  if (stay.spot.place.str() == kExpectedPlace) return rows;
  rows.push_back(
      {cat(kHistoryPrefix, "p/", stay.spot.place.str(), "/", until, "/", stay.aliquot.str()),
       value});
  return rows;
}

Result<PastStay> read_past(std::string_view key, std::string_view value) {
  const auto row = parse_json(value);
  if (!row) return corrupt_row(key, row.error().context);
  RowReader in(key, *row);
  PastStay stay;
  stay.aliquot = in.id<AliquotId>("aliquot");
  stay.spot.place = in.id<PlaceId>("place");
  stay.spot.position = static_cast<int>(in.maybe_number("at", kNoPosition, 0, kPositionsMax));
  stay.position = in.maybe_text("position");
  stay.state = in.word("state", parse_aliquot_state);
  stay.from = in.maybe_time("from");
  stay.until = in.time("until");
  return in.all_of(std::move(stay));
}

void part_stays(std::vector<PastStay>& stays) {
  for (std::size_t i = 1; i < stays.size(); ++i) {
    const PastStay& before = stays[i - 1];
    if (before.spot == stays[i].spot && stays[i].from < before.until) stays[i].from = before.until;
  }
}

PastStay present_stay(const View& view, const Aliquot& aliquot) {
  return {aliquot.id, aliquot.spot, view.label_of(aliquot.spot), aliquot.state, aliquot.since, {}};
}

KeyRange past_of(const AliquotId& aliquot, WallTime after) {
  return past_in(cat(kHistoryPrefix, "a/", aliquot.str(), "/"), after);
}

KeyRange past_of(const PlaceId& place, WallTime after) {
  return past_in(cat(kHistoryPrefix, "p/", place.str(), "/"), after);
}

PlaceId parent_at(const View& view, const PlaceId& id, WallTime at) {
  const Place* place = view.place(id);
  if (place == nullptr) return {};
  if (place->since <= at) return place->within.place;
  for (const Stay& stay : place->stays) {
    if (stay.from <= at && at < stay.until) return stay.inside;
  }
  return {};
}

std::string path_at(const View& view, const PlaceId& id, WallTime at) {
  std::string path = id.str();
  PlaceId parent = parent_at(view, id, at);
  for (int depth = 0; depth < kTreeDepthMax && !parent.empty(); ++depth) {
    path = cat(parent.str(), "/", path);
    parent = parent_at(view, parent, at);
  }
  return path;
}

namespace {

// Times inside (first, last) at which something around the place changed; `last` 0: until now.
void gather_cuts(const View& view, const PlaceId& id, WallTime first, WallTime last, int depth,
                 std::set<WallTime>& cuts) {
  const Place* place = view.place(id);
  if (place == nullptr || depth >= kTreeDepthMax) return;
  std::vector<Stay> stays = place->stays;
  stays.push_back({place->within.place, place->since, last});
  for (Stay& stay : stays) {
    stay.from = std::max(stay.from, first);
    if (last.ms != 0 && stay.until.ms != 0) stay.until = std::min(stay.until, last);
    const bool apart =
        (stay.until.ms != 0 && stay.until <= stay.from) || (last.ms != 0 && last <= stay.from);
    if (apart) continue;
    if (first < stay.from) cuts.insert(stay.from);
    if (!stay.inside.empty()) {
      gather_cuts(view, stay.inside, stay.from, stay.until, depth + 1, cuts);
    }
  }
}

}  // namespace

std::vector<PastStay> pieces_of(const View& view, const PastStay& stay) {
  std::set<WallTime> cuts;
  gather_cuts(view, stay.spot.place, stay.from, stay.until, 0, cuts);
  std::vector<PastStay> pieces{stay};
  for (const WallTime cut : cuts) {
    PastStay later = pieces.back();
    pieces.back().until = cut;
    later.from = cut;
    pieces.push_back(std::move(later));
  }
  return pieces;
}

std::vector<PlaceId> places_during(const View& view, const PlaceId& outer, WallTime first,
                                   WallTime last) {
  std::vector<PlaceId> inside;
  for (const auto& [id, node] : view.base().places) {
    if (lay_in(view, node.place, outer, first, last, 0)) inside.push_back(id);
  }
  return inside;
}

std::vector<AliquotId> aliquots_during(const View& view, const PlaceId& outer, WallTime first,
                                       WallTime last) {
  std::set<AliquotId> found;
  const auto lay = [&](const PlaceId& inside, WallTime from, WallTime until) {
    const Place* place = view.place(inside);
    return place != nullptr && from <= last && first < until &&
           lay_in(view, *place, outer, std::max(first, from), std::min(last, until), 0);
  };
  const WallTime ever{INT64_MAX};
  for (const PlaceId& id : places_during(view, outer, first, last)) {
    for (const AliquotId& vial : view.aliquots_in(id)) {
      if (lay(id, view.aliquot(vial)->since, ever)) found.insert(vial);
    }
  }
  for (const auto& [slot, kept] : view.base().aliquots.stays()) {
    const AliquotId vial(std::string(view.base().aliquots.id(slot)));
    const auto was_there = [&](const Stay& stay) {
      return lay(stay.inside, stay.from, stay.until);
    };
    if (std::ranges::any_of(view.aliquot(vial)->stays, was_there)) found.insert(vial);
  }
  return {found.begin(), found.end()};
}

Json to_json(const View& view, const PastStay& stay, WallTime at) {
  Json json = Json::object().set("aliquot", stay.aliquot.str());
  json.set("place", stay.spot.place.str()).set("path", path_at(view, stay.spot.place, at));
  put_text(json, "position", stay.position);
  json.set("state", name_of(stay.state));
  json.set("from", time_or_null(stay.from)).set("until", time_or_null(stay.until));
  return json;
}

}  // namespace cryobank::inventory
