// inventory ls: what lies where, counted as it says. ids: the names of what there is.
#include <algorithm>
#include <map>
#include <tuple>

#include "base/row_reader.hpp"
#include "base/spelling.hpp"
#include "base/text.hpp"
#include "base/try.hpp"
#include "service/ctl/command_line.hpp"
#include "service/ctl/completion.hpp"
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

namespace {

// Names that the retained service/info lists, and the member that names one.
constexpr std::tuple<std::string_view, std::string_view, std::string_view> kInfoLists[] = {
    {"calendar", "calendars", ""},
    {"clinic", "clinics", "clinic"},
    {"protocol", "protocols", ""},
    {"user", "staff", "user"}};

std::vector<std::string> ids_in_info(std::string_view kind, const Json& info) {
  std::vector<std::string> ids;
  for (const auto& [one, list, member] : kInfoLists) {
    if (one != kind || !info[list].is_array()) continue;
    for (const Json& item : info[list].items())
      ids.push_back(cell(member.empty() ? item : item[member]));
  }
  return ids;
}

// Machines by their description, all else by the topic of its own.
Result<std::vector<std::string>> ids_of_kind(Session& session, const std::string& kind) {
  const bool machine = kind == "device" || kind == "freezer" || kind == "robot";
  const bool listed =
      std::ranges::any_of(kInfoLists, [&](const auto& one) { return std::get<0>(one) == kind; });
  const std::string filter = listed    ? "service/info"
                             : machine ? "device/+/description"
                                       : cat(kind, "/+");
  TRY_ASSIGN(const auto found, session.retained(filter));
  std::vector<std::string> ids;
  for (const auto& [topic, payload] : found) {
    const auto json = parse_json(payload);
    if (!json) return make_error(ErrorCode::malformed, cat(topic, ": ", json.error().context));
    if (listed) return ids_in_info(kind, *json);
    if (topic == "alarm/summary") continue;
    if (machine && kind != "device" && cell((*json)["kind"]) != kind) continue;
    ids.emplace_back(split(topic, '/')[1]);
  }
  return ids;
}

std::string kinds_of_ids() {
  std::string all;
  for (const std::string_view one : kIdKinds) all += cat(all.empty() ? "" : ", ", one);
  return all;
}

int list_ids(const Globals& globals, const std::string& kind) {
  if (std::ranges::find(kIdKinds, kind) == std::end(kIdKinds)) {
    tell(cat("expected one of ", kinds_of_ids(), ", came \"", clip(kind, 40), "\"",
             suggestion(kind, kIdKinds)));
    return kWrongUsage;
  }
  const auto session = globals.connect();
  if (!session) return refuse(session.error());
  const auto ids = ids_of_kind(**session, kind);
  if (!ids) return refuse(ids.error());
  for (const std::string& id : *ids) globals.json ? print_json(Json(id)) : print_line(id);
  return kDone;
}

}  // namespace

void add_ids(CLI::App& app, Globals& globals) {
  auto* ids = app.add_subcommand("ids", "every id of one kind, one a line; completion asks it");
  auto kind = std::make_shared<std::string>();
  ids->add_option("kind", *kind, kinds_of_ids())->required();
  on_chosen(ids, globals, [&globals, kind] { return list_ids(globals, *kind); });
}

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
