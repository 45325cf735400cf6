#include "devices/simulator/robot/cell.hpp"

#include <algorithm>

#include "base/row_reader.hpp"
#include "base/text.hpp"
#include "base/try.hpp"
#include "devices/robot/robot_block.hpp"

namespace cryobank::simulator {

namespace {

constexpr std::uint16_t kPositionsUnsaid = 96;

std::uint16_t positions_of(const config::PlaceTypeConfig& type) {
  using Layout = config::PlaceTypeConfig::Layout;
  std::size_t positions = 0;
  switch (type.layout) {
    case Layout::grid:
      positions = static_cast<std::size_t>(type.rows) * static_cast<std::size_t>(type.columns);
      break;
    case Layout::masked_grid:
      for (const std::string& row : type.mask) {
        positions += row.size() - static_cast<std::size_t>(std::count(row.begin(), row.end(), '.'));
      }
      break;
    case Layout::linear:
      positions = static_cast<std::size_t>(type.columns);
      break;
    case Layout::slots:
      positions = type.slots.size();
      break;
    case Layout::dimensionless:
      positions = kPositionsUnsaid;
      break;
  }
  return static_cast<std::uint16_t>(std::clamp<std::size_t>(positions, 1, 9999));
}

}  // namespace

Json to_json(const devices::RobotLocation& location) {
  Json out = Json::array();
  for (const std::uint16_t word : location) out.push(static_cast<int>(word));
  return out;
}

Result<devices::RobotLocation> location_of(const Json& json) {
  const Error wrong = make_error(ErrorCode::invalid_value,
                                 "location: expected three words from 0 to 65535, e.g. [1,2,101]");
  if (!json.is_array() || json.items().size() != 3) return wrong;
  devices::RobotLocation out{};
  for (std::size_t i = 0; i < 3; ++i) {
    const Json& word = json.items()[i];
    if (!word.is_integer() || word.integer() < 0 || word.integer() > 0xFFFF) return wrong;
    out[i] = static_cast<std::uint16_t>(word.integer());
  }
  return out;
}

std::string to_text(const devices::RobotLocation& location) {
  return cat("[", location[0], ",", location[1], ",", location[2], "]");
}

Cell::Cell(const config::SiteConfig& config) {
  for (const config::PlaceConfig& place : config.places) {
    if (place.robot_location.size() != 3) continue;
    const devices::RobotLocation first{place.robot_location[0], place.robot_location[1],
                                       place.robot_location[2]};
    units_[first[0]] = true;
    for (const config::PlaceTypeConfig& type : config.place_types) {
      if (type.id == place.type) containers_[first] = positions_of(type);
    }
  }
}

Status Cell::put(const devices::RobotLocation& location, std::string_view code) {
  if (!is_code_text(code)) {
    return make_error(
        ErrorCode::invalid_value,
        cat("code: expected 1 to 64 printable ASCII characters, came \"", clip(code, 80), "\""));
  }
  if (vials_.size() >= kVialsMax) {
    return make_error(ErrorCode::too_large, cat("more than ", kVialsMax, " vials"));
  }
  const auto [found, added] = vials_.emplace(location, std::string(code));
  if (!added) {
    return make_error(ErrorCode::slot_taken,
                      cat("location ", to_text(location), " holds ", found->second));
  }
  return {};
}

Status Cell::take(const devices::RobotLocation& location) {
  if (vials_.erase(location) == 0) {
    return make_error(ErrorCode::not_found, cat("location ", to_text(location), " is empty"));
  }
  return {};
}

const std::string* Cell::at(const devices::RobotLocation& location) const {
  const auto found = vials_.find(location);
  return found == vials_.end() ? nullptr : &found->second;
}

void Cell::move(const devices::RobotLocation& from, const devices::RobotLocation& to, bool counts) {
  auto vial = vials_.extract(from);
  CHECK(!vial.empty());
  vial.key() = to;
  CHECK(vials_.insert(std::move(vial)).inserted);
  if (counts) ++moves_;
}

devices::RobotLocation Cell::free_floor(std::uint16_t robot) const {
  devices::RobotLocation place{robot, kFloorRack, 0};
  while (at(place) != nullptr) ++place[2];
  return place;
}

void Cell::begin_motion(const std::string& robot, std::uint32_t epoch, std::uint32_t sequence) {
  motions_.push_back({robot, epoch, sequence});
}

bool Cell::knows(const devices::RobotLocation& location) const {
  if (location[0] == 0 || location[1] >= kFloorRack) return false;
  return units_.empty() || units_.count(location[0]) != 0;
}

std::uint16_t Cell::positions_at(const devices::RobotLocation& first) const {
  const auto found = containers_.find(first);
  const std::uint16_t positions = found == containers_.end() ? kPositionsUnsaid : found->second;
  return std::min(positions, devices::robot_block::kScanPositionsMax);
}

Json Cell::save() const {
  Json vials = Json::array();
  for (const auto& [location, code] : vials_) {
    vials.push(Json::object().set("location", to_json(location)).set("code", code));
  }
  Json motions = Json::array();
  for (const Hardware::Motion& motion : motions_) {
    motions.push(Json::array().push(motion.robot).push(motion.epoch).push(motion.sequence));
  }
  return Json::object().set("vials", vials).set("motions", motions).set("moves", moves_);
}

Status Cell::restore(const Json& saved) {
  vials_.clear();
  motions_.clear();
  RowReader in("the saved cell", saved);
  for (const Json& vial : in.list("vials")) {
    RowReader one("a vial of the saved cell", vial);
    const std::string code = one.text("code");
    if (!one.ok()) return one.status();
    TRY_ASSIGN(devices::RobotLocation location, location_of(vial["location"]));
    TRY(this->put(location, code));
  }
  for (const Json& motion : in.list("motions")) {
    if (!motion.is_array() || motion.items().size() != 3 || !motion.items()[0].is_string() ||
        !motion.items()[1].is_integer() || !motion.items()[2].is_integer()) {
      return make_error(ErrorCode::malformed, "saved cell: a motion is [robot, epoch, sequence]");
    }
    begin_motion(motion.items()[0].string(),
                 static_cast<std::uint32_t>(motion.items()[1].integer()),
                 static_cast<std::uint32_t>(motion.items()[2].integer()));
  }
  moves_ = static_cast<std::uint64_t>(in.number("moves"));
  return in.end();
}

}  // namespace cryobank::simulator
