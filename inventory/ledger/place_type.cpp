#include "inventory/ledger/place_type.hpp"

#include <algorithm>
#include <set>

#include "base/text.hpp"
#include "base/try.hpp"
#include "config/labels.hpp"

namespace cryobank::inventory {
namespace {

using Layout = config::PlaceTypeConfig::Layout;
using config::format_label;
using config::labels_run_together;
using config::parse_label;

constexpr int kGridSideMax = 64;
constexpr char kNoSlot = '.';

struct FillOrder {
  bool by_row = true;
  bool from_top = true;
  bool from_left = true;
};

Result<FillOrder> parse_fill_order(std::string_view text) {
  const auto parts = split(text, '-');
  const bool known = parts.size() == 3 && (parts[0] == "row" || parts[0] == "column") &&
                     (parts[1] == "top" || parts[1] == "bottom") &&
                     (parts[2] == "left" || parts[2] == "right");
  if (!known) {
    return make_error(ErrorCode::invalid_value,
                      cat("expected a fill order {row,column}-{top,bottom}-{left,right}, came \"",
                          clip(text, 40), "\""));
  }
  return FillOrder{parts[0] == "row", parts[1] == "top", parts[2] == "left"};
}

int position_at(const FillOrder& order, int step, int rows, int columns) {
  const int line = order.by_row ? step / columns : step % rows;
  const int column_step = order.by_row ? step % columns : step / rows;
  const int row = order.from_top ? line : rows - 1 - line;
  const int column = order.from_left ? column_step : columns - 1 - column_step;
  return row * columns + column;
}

Error bad_type(const config::PlaceTypeConfig& declared, std::string_view why) {
  return make_error(ErrorCode::invalid_value, cat("place type \"", declared.id, "\": ", why));
}

}  // namespace

Result<PlaceType> PlaceType::make(const config::PlaceTypeConfig& declared) {
  PlaceType type(declared);
  const auto arranged = type.arrange();
  if (!arranged) return bad_type(declared, arranged.error().context);
  return type;
}

bool PlaceType::has_positions() const { return declared_.layout != Layout::dimensionless; }

bool PlaceType::exists(int position) const {
  return position >= 0 && position < size() && ordinal(position) != kNoPosition;
}

Status PlaceType::arrange() {
  switch (declared_.layout) {
    case Layout::dimensionless:
      return {};
    case Layout::grid:
    case Layout::masked_grid:
      return arrange_grid();
    case Layout::linear:
      rows_ = 1;
      columns_ = declared_.columns;
      break;
    case Layout::slots:
      rows_ = 1;
      columns_ = static_cast<int>(declared_.slots.size());
      if (std::set<std::string>(declared_.slots.begin(), declared_.slots.end()).size() !=
          declared_.slots.size()) {
        return make_error(ErrorCode::invalid_value, "expected slot labels that differ");
      }
      break;
  }
  if (columns_ < 1 || columns_ > kPositionsMax) {
    return make_error(ErrorCode::invalid_value,
                      cat("expected 1 to ", kPositionsMax, " positions, came ", columns_));
  }
  for (int i = 0; i < columns_; ++i) order_.push_back(i);
  ordinals_ = order_;
  return {};
}

Status PlaceType::arrange_grid() {
  rows_ = declared_.rows;
  columns_ = declared_.columns;
  if (rows_ < 1 || rows_ > kGridSideMax || columns_ < 1 || columns_ > kGridSideMax) {
    return make_error(
        ErrorCode::invalid_value,
        cat("expected 1 to ", kGridSideMax, " rows and columns, came ", rows_, " by ", columns_));
  }
  const bool masked = declared_.layout == Layout::masked_grid;
  if (masked && declared_.mask.size() != static_cast<std::size_t>(rows_)) {
    return make_error(ErrorCode::invalid_value, "expected one mask line per row");
  }
  TRY_ASSIGN(const auto order, parse_fill_order(declared_.fill_order));
  const int size = rows_ * columns_;
  ordinals_.assign(static_cast<std::size_t>(size), kNoPosition);
  for (int step = 0; step < rows_ * columns_; ++step) {
    const int position = position_at(order, step, rows_, columns_);
    if (masked) {
      const std::string& line = declared_.mask[static_cast<std::size_t>(position / columns_)];
      if (line.size() != static_cast<std::size_t>(columns_)) {
        return make_error(ErrorCode::invalid_value, "expected mask lines as long as the columns");
      }
      if (line[static_cast<std::size_t>(position % columns_)] == kNoSlot) continue;
    }
    ordinals_[static_cast<std::size_t>(position)] = static_cast<int>(order_.size());
    order_.push_back(position);
  }
  if (order_.empty()) return make_error(ErrorCode::invalid_value, "expected a position");
  return {};
}

std::string PlaceType::label(int position) const {
  CHECK(exists(position));
  if (declared_.layout == Layout::slots) return declared_.slots[static_cast<std::size_t>(position)];
  if (declared_.layout == Layout::linear || declared_.linear_labels) {
    return format_label(declared_.column_labels, ordinal(position) + 1, declared_.pad);
  }
  std::string out = format_label(declared_.row_labels, position / columns_ + 1, declared_.pad);
  if (labels_run_together(declared_.row_labels, declared_.column_labels)) out += '-';
  return out + format_label(declared_.column_labels, position % columns_ + 1, declared_.pad);
}

Result<int> PlaceType::parse_grid(std::string_view text) const {
  const auto unreadable = [&] {
    return make_error(ErrorCode::malformed,
                      cat("expected a position label like \"", label(order_.front()), "\", came \"",
                          clip(text, 40), "\""));
  };
  std::size_t cut = 0;
  std::size_t gap = 0;
  if (labels_run_together(declared_.row_labels, declared_.column_labels)) {
    cut = text.find('-');
    gap = 1;
  } else {
    const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
    while (cut < text.size() && is_digit(text[cut]) == is_digit(text[0])) ++cut;
  }
  if (cut == 0 || cut >= text.size()) return unreadable();
  const auto row = parse_label(declared_.row_labels, text.substr(0, cut), declared_.pad);
  const auto column = parse_label(declared_.column_labels, text.substr(cut + gap), declared_.pad);
  if (!row || !column || *row > rows_ || *column > columns_) return unreadable();
  return (*row - 1) * columns_ + *column - 1;
}

Result<int> PlaceType::position_of(std::string_view text) const {
  const auto missing = [&] {
    return make_error(ErrorCode::not_found,
                      cat("place type \"", id(), "\" has no position \"", clip(text, 40), "\""));
  };
  if (!has_positions()) return missing();
  if (declared_.layout == Layout::slots) {
    const auto found = std::find(declared_.slots.begin(), declared_.slots.end(), text);
    if (found == declared_.slots.end()) return missing();
    return static_cast<int>(found - declared_.slots.begin());
  }
  if (declared_.layout == Layout::linear || declared_.linear_labels) {
    const auto number = parse_label(declared_.column_labels, text, declared_.pad);
    if (!number) {
      return make_error(ErrorCode::malformed,
                        cat("expected a position label like \"", label(order_.front()),
                            "\", came \"", clip(text, 40), "\""));
    }
    if (*number > static_cast<int>(order_.size())) return missing();
    return order_[static_cast<std::size_t>(*number - 1)];
  }
  TRY_ASSIGN(const auto position, parse_grid(text));
  if (!exists(position)) return missing();
  return position;
}

bool PlaceType::is_work_area() const {
  return declared_.work_area.value_or(config::find_work_kind(declared_.id) != nullptr);
}

bool PlaceType::is_mixed() const {
  const config::WorkKind* kind = config::find_work_kind(declared_.id);
  return declared_.mixed.value_or(kind != nullptr && kind->mixed);
}

std::optional<bool> PlaceType::cold() const {
  if (declared_.cold || !config::is_shipper_kind(declared_.id)) return declared_.cold;
  return true;
}

bool PlaceType::may_hold(std::string_view inside) const {
  return std::find(declared_.holds.begin(), declared_.holds.end(), inside) != declared_.holds.end();
}

}  // namespace cryobank::inventory
