#include "inventory/ledger/place.hpp"

#include "base/text.hpp"
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

std::map<int, std::string> decode_texts(const Json& list) {
  std::map<int, std::string> texts;
  if (!list.is_array()) return texts;
  for (const Json& item : list.items()) {
    texts[static_cast<int>(item.integer_or("at", kNoPosition))] = item.string_or("reason", "");
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

std::map<int, Reservation> decode_reserved(const Json& list) {
  std::map<int, Reservation> reserved;
  if (!list.is_array()) return reserved;
  for (const Json& item : list.items()) {
    reserved[static_cast<int>(item.integer_or("at", kNoPosition))] = {
        item.string_or("owner", ""), time_at(item, "until"), id_at<AliquotId>(item, "out")};
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
  Place place;
  place.id = id_at<PlaceId>(row, "place");
  place.type = row.string_or("type", "");
  if (place.id.empty() || place.type.empty()) {
    return corrupt_row(key, "expected a place with its type");
  }
  place.within.place = id_at<PlaceId>(row, "parent");
  place.within.position = static_cast<int>(row.integer_or("at", kNoPosition));
  place.title = row.string_or("title", "");
  place.device = id_at<DeviceId>(row, "device");
  place.declared = row.bool_or("declared", false);
  place.moved = row.bool_or("moved", false);
  place.reserved = decode_reserved(row["reserved"]);
  place.blocked = decode_texts(row["blocked"]);
  place.held = decode_texts(row["held"]);
  place.since = time_at(row, "since");
  place.stays = decode_stays(row["stays"]);
  return place;
}

}  // namespace cryobank::inventory
