// inventory ls: what lies where, counted as it says.
#include <algorithm>
#include <map>

#include "base/text.hpp"
#include "service/ctl/commands.hpp"
#include "service/ctl/print_io.hpp"

namespace cryobank::ctl {
namespace {

struct Shown {
  Json payload;
  std::uint64_t inside = 0;  // aliquots, however deep
};

// Counted from what stands in what: the topic of a container says only what lies directly in it.
std::map<std::string, Shown> count_inside(const std::map<std::string, std::string>& topics) {
  constexpr std::string_view kPrefix = "container/";
  constexpr int kDepthMax = 12;
  std::map<std::string, Shown> containers;
  for (const auto& [topic, payload] : topics) {
    auto json = parse_json(payload);
    if (!json || !topic.starts_with(kPrefix)) continue;
    containers[topic.substr(kPrefix.size())].payload = std::move(*json);
  }
  for (const auto& [id, shown] : containers) {
    const auto own = static_cast<std::uint64_t>(
        std::max<std::int64_t>(0, shown.payload.integer_or("aliquots", 0)));
    std::string at = id;
    for (int depth = 0; depth <= kDepthMax; ++depth) {
      const auto found = containers.find(at);
      if (found == containers.end()) break;
      found->second.inside += own;
      at = found->second.payload.string_or("parent", "");
    }
  }
  return containers;
}

}  // namespace

int list_containers(const Globals& globals) {
  const auto session = globals.connect();
  if (!session) return refuse(session.error());
  const auto found = (*session)->retained("container/+");
  if (!found) return refuse(found.error());
  Table table;
  table.head = {"container", "type", "aliquots inside", "directly in it", "free positions"};
  for (const auto& [id, shown] : count_inside(*found)) {
    if (globals.json) {
      Json line = shown.payload;
      print_json(line.set("aliquots_inside", shown.inside));
      continue;
    }
    table.rows.push_back({id, shown.payload.string_or("type", ""), cat(shown.inside),
                          field_cell(shown.payload, "aliquots"),
                          field_cell(shown.payload, "counts.free")});
  }
  if (!globals.json) print_table(table);
  return kDone;
}

}  // namespace cryobank::ctl
