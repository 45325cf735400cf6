// inventory ls: what lies where, counted as it says.
#include <algorithm>
#include <map>

#include "base/row_reader.hpp"
#include "base/text.hpp"
#include "service/ctl/commands.hpp"
#include "service/ctl/print_io.hpp"

namespace cryobank::ctl {
namespace {

struct Shown {
  Json payload;
  std::string type;
  std::string parent;        // empty: it stands in nothing
  std::uint64_t own = 0;     // aliquots, directly in it
  std::uint64_t inside = 0;  // aliquots, however deep
};

// Counted from what stands in what: the topic of a container says only what lies directly in it.
Result<std::map<std::string, Shown>> count_inside(
    const std::map<std::string, std::string>& topics) {
  constexpr std::string_view kPrefix = "container/";
  constexpr int kDepthMax = 12;
  std::map<std::string, Shown> containers;
  for (const auto& [topic, payload] : topics) {
    if (!topic.starts_with(kPrefix)) continue;
    auto json = parse_json(payload);
    if (!json) return make_error(ErrorCode::malformed, cat(topic, ": ", json.error().context));
    RowReader in(topic, *json);
    Shown& shown = containers[topic.substr(kPrefix.size())];
    shown.own = static_cast<std::uint64_t>(in.number("aliquots"));
    shown.type = in.any_text("type");
    if (!(*json)["parent"].is_null()) shown.parent = in.any_text("parent");
    if (!in.ok()) return make_error(ErrorCode::malformed, in.status().error().context);
    shown.payload = std::move(*json);
  }
  for (const auto& [id, shown] : containers) {
    std::string at = id;
    for (int depth = 0; depth <= kDepthMax; ++depth) {
      const auto found = containers.find(at);
      if (found == containers.end()) break;
      found->second.inside += shown.own;
      at = found->second.parent;
    }
  }
  return containers;
}

}  // namespace

int list_containers(const Globals& globals) {
  const auto session = globals.connect();
  if (!session) return refuse(session.error());
  if (const Status told = warn_if_silent(**session); !told) return refuse(told.error());
  const auto found = (*session)->retained("container/+");
  if (!found) return refuse(found.error());
  Table table;
  table.head = {"container", "type", "aliquots inside", "directly in it", "free positions"};
  const auto containers = count_inside(*found);
  if (!containers) return refuse(containers.error());
  for (const auto& [id, shown] : *containers) {
    if (globals.json) {
      Json line = shown.payload;
      print_json(line.set("aliquots_inside", shown.inside));
      continue;
    }
    table.rows.push_back({id, shown.type, cat(shown.inside), field_cell(shown.payload, "aliquots"),
                          field_cell(shown.payload, "counts.free")});
  }
  if (!globals.json) print_table(table);
  return kDone;
}

}  // namespace cryobank::ctl
