// More places: what a test adds to the small site (bank.hpp), kinds of places and places of them.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/site_config.hpp"

namespace cryobank::inventory {

// Without positions, until the test says otherwise.
inline config::PlaceTypeConfig& add_type(config::SiteConfig& site, std::string_view id,
                                         std::vector<std::string> holds) {
  config::PlaceTypeConfig made;
  made.id = id;
  made.layout = config::PlaceTypeConfig::Layout::dimensionless;
  made.holds = std::move(holds);
  return site.place_types.emplace_back(std::move(made));
}

inline void may_stand_in_room(config::SiteConfig& site, std::vector<std::string> types) {
  for (config::PlaceTypeConfig& room : site.place_types) {
    if (room.id == "room") room.holds.insert(room.holds.end(), types.begin(), types.end());
  }
}

inline void stand(config::SiteConfig& site, std::string_view id, std::string_view type,
                  std::string_view parent) {
  config::PlaceConfig place;
  place.id = PlaceId(std::string(id));
  place.type = type;
  place.parent = PlaceId(std::string(parent));
  site.places.push_back(std::move(place));
}

}  // namespace cryobank::inventory
