// PlaceType: how the positions of one kind of container are arranged, named and filled. A position
// is a small integer, row by row from the top left (for slot lists and lines: in order), so a
// relabelling never moves a vial. Made once at start from the site's declaration.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "config/site_config.hpp"

namespace cryobank::inventory {

// No position: the place has none, or the thing is not in one.
inline constexpr int kNoPosition = -1;
// Largest container: a 64 by 64 grid.
inline constexpr int kPositionsMax = 64 * 64;

class PlaceType {
 public:
  // Refuses rows and columns outside 1 to 64 (a line: to 4096), an unfit mask, doubled slot labels
  // and an unknown fill order.
  static Result<PlaceType> make(const config::PlaceTypeConfig& declared);

  const std::string& id() const { return declared_.id; }
  bool has_positions() const;
  // Positions run from 0 to size() - 1; the masked ones among them do not exist.
  int size() const { return static_cast<int>(ordinals_.size()); }
  int rows() const { return rows_; }
  int columns() const { return columns_; }
  bool exists(int position) const;

  // REQUIRES: exists(position).
  std::string label(int position) const;
  Result<int> position_of(std::string_view label) const;
  // Existing positions in the order they are filled, and the place of one in that order from 0.
  const std::vector<int>& fill_order() const { return order_; }
  int ordinal(int position) const { return ordinals_[static_cast<std::size_t>(position)]; }

  // Vials are handled there, as far as the type says; of several courses at a time when mixed.
  bool is_work_area() const;
  bool is_mixed() const;
  // Whether vials keep there, where the kind itself says so: a shipper brings its cold along.
  std::optional<bool> cold() const;

  // `inside` is a place type, or "aliquot".
  bool may_hold(std::string_view inside) const;

 private:
  explicit PlaceType(const config::PlaceTypeConfig& declared) : declared_(declared) {}
  Status arrange();
  Status arrange_grid();
  Result<int> parse_grid(std::string_view label) const;

  config::PlaceTypeConfig declared_;
  int rows_ = 0;
  int columns_ = 0;
  std::vector<int> order_;
  std::vector<int> ordinals_;  // by position; kNoPosition where masked
};

}  // namespace cryobank::inventory
