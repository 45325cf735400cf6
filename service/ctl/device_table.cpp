#include "service/ctl/device_table.hpp"

#include <vector>

#include "base/text.hpp"
#include "service/ctl/table_layout.hpp"

namespace cryobank::ctl {
namespace {

constexpr std::int64_t kBitsMost = 63;

const Json& described(const Json& description, std::string_view id) {
  static const Json kNothing;
  if (!description["points"].is_array()) return kNothing;
  for (const Json& point : description["points"].items()) {
    if (cell(point["id"]) == id) return point;
  }
  return kNothing;
}

}  // namespace

std::string unit_text(std::string_view code) {
  if (code == "1" || code == "-") return {};
  return code == "Cel" ? "°C" : std::string(code);
}

std::string value_text(const Json& point, const Json& value) {
  const Json& names = point["values"];
  if (!value.is_number() || !names.is_object()) return cell(value);
  const auto number = parse_integer(value.dump());
  if (!number) return cell(value);
  const bool bits = cell(point["type"]) == "bits";
  std::string told;
  for (const auto& [name, at] : names.members()) {
    const auto wanted = parse_integer(at.dump());
    if (!wanted) continue;
    const bool is_it = bits ? *wanted >= 0 && *wanted <= kBitsMost && *number >= 0 &&
                                  ((static_cast<std::uint64_t>(*number) >> *wanted) & 1U) != 0
                            : *wanted == *number;
    if (is_it) told += cat(told.empty() ? "" : ", ", name);
  }
  if (told.empty()) return bits && *number == 0 ? "none" : cell(value);
  return harmless(told);
}

std::string point_that_means(const Json& description, std::string_view meaning) {
  if (!description["points"].is_array()) return {};
  std::string same_id;
  for (const Json& point : description["points"].items()) {
    if (cell(point["means"]) == meaning) return cell(point["id"]);
    if (cell(point["id"]) == meaning) same_id = cell(point["id"]);
  }
  return same_id;
}

Table points_table(const Json& description, const std::map<std::string, Json>& points) {
  Table table{{"point", "what", "value", "unit", "quality", "age"}, {}};
  for (const auto& [id, payload] : points) {
    const Json& point = described(description, id);
    table.rows.push_back({harmless(id), cell(point["title"]), value_text(point, payload["value"]),
                          unit_text(cell(payload["unit"])), cell(payload["quality"]),
                          age_of(payload["at"])});
  }
  return table;
}

}  // namespace cryobank::ctl
