#include "inventory/ledger/place.hpp"

#include "base/row_reader.hpp"
#include "base/text.hpp"
#include "base/try.hpp"
#include "inventory/ledger/row_codec.hpp"

namespace cryobank::inventory {
namespace {

Json encode_texts(const std::map<int, std::string>& texts) {
  Json list = Json::array();
  for (const auto& [position, text] : texts) {
    list.push(Json::object().set("at", position).set("reason", text));
  }
  return list;
}

// Texts by position.
Result<std::map<int, std::string>> decode_texts(std::string_view key, const Json::Array& list) {
  std::map<int, std::string> texts;
  for (const Json& item : list) {
    RowReader in(key, item);
    const int at = static_cast<int>(in.number("at", kNoPosition, kPositionsMax));
    TRY_ASSIGN(auto text, in.whole(in.any_text("reason")));
    texts[at] = std::move(text);
  }
  return texts;
}

Json encode_reserved(const std::map<int, Reservation>& reserved) {
  Json list = Json::array();
  for (const auto& [position, reservation] : reserved) {
    Json item = Json::object().set("at", position).set("owner", reservation.owner);
    put_time(item, "until", reservation.until);
    put_text(item, "out", reservation.out.str());
    list.push(std::move(item));
  }
  return list;
}

Result<std::map<int, Reservation>> decode_reserved(std::string_view key, const Json::Array& list) {
  std::map<int, Reservation> reserved;
  for (const Json& item : list) {
    RowReader in(key, item);
    const int at = static_cast<int>(in.number("at", kNoPosition, kPositionsMax));
    TRY_ASSIGN(auto reservation, in.whole(Reservation{in.text("owner"), in.maybe_time("until"),
                                                      in.maybe_id<AliquotId>("out")}));
    reserved[at] = std::move(reservation);
  }
  return reserved;
}

}  // namespace

std::string row_key(const PlaceId& place) { return cat("r/place/", place.str()); }

std::string encode(const Place& place) {
  Json row = Json::object();
  row.set("place", place.id.str());
  row.set("type", place.type);
  put_text(row, "parent", place.within.place.str());
  put_number(row, "at", place.within.position, kNoPosition);
  put_text(row, "title", place.title);
  put_text(row, "device", place.device.str());
  put_flag(row, "declared", place.declared);
  put_flag(row, "moved", place.moved);
  if (!place.reserved.empty()) row.set("reserved", encode_reserved(place.reserved));
  if (!place.blocked.empty()) row.set("blocked", encode_texts(place.blocked));
  if (!place.held.empty()) row.set("held", encode_texts(place.held));
  put_time(row, "since", place.since);
  if (!place.stays.empty()) row.set("stays", encode_stays(place.stays));
  return row.dump();
}

void Place::leave(WallTime at) {
  if (!within.place.empty()) stays.push_back({within.place, since, at});
  since = at;
}

Result<Place> decode_place(std::string_view key, const Json& row) {
  RowReader in(key, row);
  Place place;
  place.id = in.id<PlaceId>("place");
  place.type = in.text("type");
  place.within.place = in.maybe_id<PlaceId>("parent");
  place.within.position = static_cast<int>(in.maybe_number("at", kNoPosition, 0, kPositionsMax));
  place.title = in.maybe_text("title");
  place.device = in.maybe_id<DeviceId>("device");
  (void)in.maybe_list("robot_location");  // of rows of before: the configuration says it now
  place.declared = in.maybe_flag("declared");
  place.moved = in.maybe_flag("moved");
  auto reserved = decode_reserved(key, in.maybe_list("reserved"));
  auto blocked = decode_texts(key, in.maybe_list("blocked"));
  auto held = decode_texts(key, in.maybe_list("held"));
  auto stays = decode_stays(key, in.maybe_list("stays"));
  place.since = in.maybe_time("since");
  TRY(reserved);
  TRY(blocked);
  TRY(held);
  TRY(stays);
  place.reserved = std::move(*reserved);
  place.blocked = std::move(*blocked);
  place.held = std::move(*held);
  place.stays = std::move(*stays);
  return in.whole(std::move(place));
}

}  // namespace cryobank::inventory
