#include "inventory/commands/list/bulk_lines.hpp"

#include <algorithm>

#include "base/scan_text.hpp"
#include "base/text.hpp"
#include "base/try.hpp"
#include "inventory/commands/gate/intake.hpp"
#include "inventory/commands/list/csv.hpp"
#include "inventory/commands/list/list_forms.hpp"
#include "inventory/commands/list/scan_table.hpp"

namespace cryobank::inventory {
namespace {

enum Column : std::size_t {
  aliquot_column,
  code_column,
  course_column,
  patient_column,
  lot_column,
  dose_column,
  fraction_column,
  state_column,
  path_column,
  position_column,
  expires_column,
  thaws_column,
  protocol_column,
  version_column,
  column_count
};
static_assert(column_count == std::size(kBulkColumns));

Result<BulkReader::Shelf> find_shelf(const View& view, std::string_view path) {
  TRY_ASSIGN(const auto id, read_place(view, path));
  const Place* place = view.place(id);
  const PlaceType& type = view.type_of(*place);
  if (type.may_hold("aliquot")) return BulkReader::Shelf{place, &type};
  return make_error(ErrorCode::conflict, cat("place ", id.str(), " holds no aliquots"));
}

bool is_called(const std::vector<std::string>& names, std::string_view key) {
  return std::ranges::any_of(names, [key](const std::string& one) { return name_key(one) == key; });
}

// What the mapping calls a column of ours; null: it does not say.
const std::vector<std::string>* names_of(const config::ListMapping* mapping,
                                         std::string_view ours) {
  if (mapping == nullptr) return nullptr;
  const auto known = mapping->columns.find(ours);
  return known == mapping->columns.end() ? nullptr : &known->second;
}

// Our column that a table's column is, by the mapping or by our own name for it; empty: none.
std::string_view column_called(const config::ListMapping* mapping, std::string_view key) {
  for (const std::string_view ours : kBulkColumns) {
    const std::vector<std::string>* names = names_of(mapping, ours);
    if (names != nullptr ? is_called(*names, key) : name_key(ours) == key) return ours;
  }
  return {};
}

Error no_such_column(const config::ListMapping* mapping, std::string_view came) {
  const bool clinic = name_key(came) == "clinic";
  return make_error(
      ErrorCode::malformed,
      cat("line 1: no column is called \"", clip(came, 40), "\"",
          mapping == nullptr ? "" : cat(" (mapping ", mapping->id, ")"),
          clinic ? ": leave it out, and say where each course is given with course/clinic" : ""));
}

// The column of ours of which a table's column is a part.
bool take_part(std::size_t field, std::string_view key, BulkReader::Header& header) {
  if (header.mapping == nullptr) return false;
  for (const auto& [ours, names] : header.mapping->joined) {
    const auto* const known = std::ranges::find(kBulkColumns, ours);
    auto& parts = header.parts[static_cast<std::size_t>(known - std::begin(kBulkColumns))];
    parts.resize(names.size(), -1);
    for (std::size_t i = 0; i < names.size(); ++i) {
      if (name_key(names[i]) != key || parts[i] >= 0) continue;
      parts[i] = static_cast<int>(field);
      return true;
    }
  }
  return false;
}

Status read_names(const BulkFields& fields, BulkReader::Header& header) {
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const std::string key = name_key(fields[i]);
    if (key.empty()) continue;
    if (header.mapping != nullptr && is_called(header.mapping->ignored, key)) {
      header.ignored[i] = true;
      continue;
    }
    if (take_part(i, key, header)) continue;
    const std::string_view ours = column_called(header.mapping, key);
    if (ours.empty()) return no_such_column(header.mapping, fields[i]);
    const auto* known = std::ranges::find(kBulkColumns, ours);
    int& at = header.at[static_cast<std::size_t>(known - std::begin(kBulkColumns))];
    if (at >= 0) {
      return make_error(ErrorCode::malformed, cat("line 1: column \"", ours, "\" comes twice"));
    }
    at = static_cast<int>(i);
  }
  return {};
}

Error column_missing(const config::ListMapping* mapping, std::string_view column) {
  std::string wanted;
  append_csv(wanted, {std::begin(kBulkColumns), std::end(kBulkColumns)});
  std::string names;
  const auto tell = [&](const std::vector<std::string>& called, std::string_view word) {
    for (const std::string& one : called) names += cat(names.empty() ? "" : word, one);
    names = cat(" (", names, " in mapping ", mapping->id, ")");
  };
  if (const std::vector<std::string>* called = names_of(mapping, column)) tell(*called, " or ");
  if (mapping != nullptr && mapping->joined.contains(column)) {
    tell(mapping->joined.find(column)->second, " and ");
  }
  return make_error(ErrorCode::malformed,
                    cat("line 1: expected the columns ", trim(wanted), " in any order, \"", column,
                        "\"", names, " is missing"));
}

Result<BulkReader::Header> read_header(const BulkFields& fields,
                                       const config::ListMapping* mapping) {
  BulkReader::Header header;
  header.at.fill(-1);
  header.ignored.resize(fields.size(), false);
  header.fields = fields.size();
  header.mapping = mapping;
  if (mapping != nullptr) {
    for (const auto& [theirs, ours] : mapping->states) header.states[name_key(theirs)] = ours;
  }
  TRY(read_names(fields, header));
  for (std::size_t column = 0; column < column_count; ++column) {
    if (header.at[column] >= 0) continue;
    const std::vector<int>& parts = header.parts[column];
    if (!parts.empty()) {
      if (std::ranges::find(parts, -1) == parts.end()) continue;
      return column_missing(mapping, kBulkColumns[column]);
    }
    if (mapping != nullptr) {
      const auto fixed = mapping->constants.find(kBulkColumns[column]);
      if (fixed != mapping->constants.end()) header.constant[column] = fixed->second;
    }
    const bool needed = column + kBulkOptional < column_count;
    if (needed && header.constant[column].empty()) {
      return column_missing(mapping, kBulkColumns[column]);
    }
  }
  return header;
}

// The fields in our order.
Status arrange(const BulkReader::Header& header, const BulkFields& came, BulkFields& fields) {
  const auto end = came.begin() + static_cast<std::ptrdiff_t>(std::min(came.size(), header.fields));
  const bool blank =
      std::all_of(end, came.end(), [](std::string_view text) { return trim(text).empty(); });
  if (came.size() < header.fields || !blank) {
    return make_error(ErrorCode::malformed,
                      cat("expected ", header.fields, " fields, came ", came.size()));
  }
  std::vector<bool> used = header.ignored;
  used.resize(came.size(), false);
  for (std::size_t column = 0; column < column_count; ++column) {
    const auto at = static_cast<std::size_t>(header.at[column]);
    const bool there = header.at[column] >= 0 && at < came.size();
    fields[column] = there ? trim(came[at]) : header.constant[column];
    if (there) used[at] = true;
    for (const int part : header.parts[column]) used[static_cast<std::size_t>(part)] = true;
  }
  for (std::size_t i = 0; i < came.size(); ++i) {
    if (used[i] || trim(came[i]).empty()) continue;
    return make_error(ErrorCode::malformed,
                      cat("\"", clip(came[i], 40), "\" stands in a column without a name"));
  }
  return {};
}

template <class AnyId>
Status read_id(std::string_view text, AnyId& id) {
  if (!is_id_text(text)) return AnyId::parse(text).error();
  id = AnyId(std::string(text));
  return {};
}

Status read_ids(const View& view, const BulkFields& fields, BulkLine& line) {
  const Status ids[] = {
      read_id(fields[aliquot_column], line.aliquot), read_id(fields[course_column], line.course),
      read_id(fields[patient_column], line.patient), read_id(fields[dose_column], line.dose),
      fields[lot_column].empty() ? Status() : read_id(fields[lot_column], line.lot)};
  for (const Status& id : ids) {
    TRY(id);
  }
  TRY_ASSIGN(auto code, listed_code(view, fields[code_column]));
  line.code = std::move(code);
  return {};
}

Status read_dose(const BulkFields& fields, const BulkReader::Header& header, BulkLine& line) {
  TRY_ASSIGN(const auto fraction, Fraction::parse(fields[fraction_column]));
  const std::string_view came = fields[state_column];
  // The state that the table's word means.
  const auto word =
      header.states.empty() ? header.states.end() : header.states.find(name_key(came));
  TRY_ASSIGN(const auto state,
             parse_aliquot_state(word == header.states.end() ? came : word->second));
  line.fraction = fraction;
  line.state = state;
  return {};
}

Status read_expiry(const BulkFields& fields, BulkLine& line) {
  if (fields[expires_column].empty()) return {};
  TRY_ASSIGN(const auto expires, read_date(fields[expires_column]));
  line.expires_at = expires;
  return {};
}

Status read_thaws(const BulkFields& fields, BulkLine& line) {
  constexpr std::int64_t kThawsMax = UINT8_MAX;  // as the record counts them
  if (fields[thaws_column].empty()) return {};
  const auto count = parse_integer(fields[thaws_column]);
  if (!count || *count < 0 || *count > kThawsMax) {
    return make_error(ErrorCode::invalid_value, cat("thaws: expected 0 to ", kThawsMax, ", came \"",
                                                    clip(fields[thaws_column], 40), "\""));
  }
  line.thaws = static_cast<std::uint8_t>(*count);
  return {};
}

Status read_protocol(const BulkFields& fields, BulkLine& line) {
  constexpr std::int64_t kVersionMax = 1'000'000;
  const std::string_view version = fields[version_column];
  if (!fields[protocol_column].empty()) TRY(read_id(fields[protocol_column], line.protocol));
  if (version.empty()) return {};
  const auto number = parse_integer(version);
  if (!number || *number < 1 || *number > kVersionMax || line.protocol.empty()) {
    return make_error(ErrorCode::invalid_value,
                      cat("protocol_version: expected the version of a protocol, from 1 on, beside "
                          "its name, came \"",
                          clip(version, 40), "\""));
  }
  line.protocol_version = static_cast<int>(*number);
  return {};
}

}  // namespace

BulkReader::BulkReader(const View& view, const Header& header)
    : view_(view), header_(header), fields_(column_count) {}

Result<BulkReader> BulkReader::open(const View& view, const BulkFields& header,
                                    const config::ListMapping* mapping) {
  TRY_ASSIGN(const auto known, read_header(header, mapping));
  return BulkReader(view, known);
}

Status BulkReader::read(const BulkFields& came, BulkLine& line) {
  TRY(arrange(header_, came, fields_));
  const BulkFields& fields = fields_;
  const Status steps[] = {read_ids(view_, fields, line), read_dose(fields, header_, line),
                          read_spot(came, line),         read_expiry(fields, line),
                          read_thaws(fields, line),      read_protocol(fields, line)};
  for (const Status& step : steps) {
    TRY(step);
  }
  return {};
}

// As scanners write it as well: A01, a1.
Result<int> BulkReader::read_position(const BulkFields& came, const PlaceType& type) const {
  const std::vector<int>& parts = header_.parts[position_column];
  if (!parts.empty()) {
    const auto at = [&](std::size_t i) { return trim(came[static_cast<std::size_t>(parts[i])]); };
    if (!type.has_positions() && at(0).empty() && at(1).empty()) return kNoPosition;
    TRY_ASSIGN(const auto number, find_position(type, at(0), at(1)));
    if (type.exists(number)) return number;
    return make_error(ErrorCode::invalid_value,
                      cat("expected a position of a ", type.id(), ", came row ", clip(at(0), 20),
                          " and column ", clip(at(1), 20)));
  }
  const std::string_view position = fields_[position_column];
  if (!type.has_positions() && position.empty()) return kNoPosition;
  const bool grid = type.has_positions() && type.rows() > 1;
  return grid ? find_position(type, position, config::ScanDialect::Order::none)
              : type.position_of(position);
}

Status BulkReader::read_spot(const BulkFields& came, BulkLine& line) {
  std::string_view path = fields_[path_column];
  if (!header_.parts[path_column].empty()) {
    path_.clear();
    for (const int part : header_.parts[path_column]) {
      const std::string_view level = trim(came[static_cast<std::size_t>(part)]);
      if (!level.empty()) path_ += cat(path_.empty() ? "" : " > ", level);
    }
    path = path_;
  }
  auto known = shelves_.find(path);
  if (known == shelves_.end()) {
    known = shelves_.emplace(std::string(path), find_shelf(view_, path)).first;
  }
  TRY(known->second);
  const Shelf& shelf = *known->second;
  line.spot = {shelf.place->id, kNoPosition};
  TRY_ASSIGN(const auto number, read_position(came, *shelf.type));
  if (number == kNoPosition) return {};
  line.spot.position = number;
  line.position = shelf.type->label(number);
  return {};
}

}  // namespace cryobank::inventory
