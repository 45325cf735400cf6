// import, export: whole lists in pieces; inventory ls: what lies where, counted as it says.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <map>

#include "base/checksum.hpp"
#include "base/text.hpp"
#include "service/ctl/command_line.hpp"
#include "service/ctl/commands.hpp"
#include "service/ctl/print_io.hpp"

namespace cryobank::ctl {
namespace {

// A command may hold 256 KiB, and every quote or line end of the text is written as two bytes.
constexpr std::size_t kPieceMax = 110'000;
constexpr std::size_t kListFileMax = 24u << 20;  // as the service keeps at most of one list

struct ImportOptions {
  std::string file;
  std::string list = "ctl";
  std::string reason;
  std::string witness;
  bool dry_run = false;
};

// Whole lines: a line end within quotes ends none.
std::vector<std::string> pieces_of(std::string_view text) {
  std::vector<std::string> pieces;
  std::size_t begin = 0, end = 0;
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '"') quoted = !quoted;
    if (text[i] != '\n' || quoted) continue;
    if (i + 1 - begin > kPieceMax && end > begin) {
      pieces.emplace_back(text.substr(begin, end - begin));
      begin = end;
    }
    end = i + 1;
  }
  if (begin < text.size()) pieces.emplace_back(text.substr(begin));
  if (!pieces.empty() && pieces.back().back() != '\n') pieces.back() += "\r\n";
  return pieces;
}

Status send_pieces(const Globals& globals, const ImportOptions& options,
                   const std::vector<std::string>& pieces) {
  const auto session = globals.connect();
  if (!session) return session.error();
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    Json body = Json::object().set("list", options.list);
    body.set("piece", static_cast<std::uint64_t>(i + 1)).set("csv", pieces[i]);
    const auto reply =
        (*session)->request("bulk/piece", make_command(std::move(body), "", ""),
                            std::chrono::seconds(globals.wait_s), false, [](const Json&) {});
    if (!reply) return reply.error();
    if (reply->string_or("status", "") == "done") continue;
    return make_error(ErrorCode::conflict, cat("piece ", i + 1, " of ", pieces.size(), ": ",
                                               reply->string_or("message", "refused")));
  }
  return {};
}

int import_file(const Globals& globals, const ImportOptions& options) {
  const auto text = read_file(options.file, kListFileMax);
  if (!text) return refuse(text.error());
  const std::vector<std::string> pieces = pieces_of(*text);
  std::string whole;
  for (const std::string& piece : pieces) whole += piece;
  const Status sent = send_pieces(globals, options, pieces);
  if (!sent) return refuse(sent.error());
  Json body = Json::object().set("list", options.list).set("sha256", to_hex(sha256(whole)));
  if (options.dry_run) body.set("dry_run", true);
  return send_command(globals, "bulk/import",
                      make_command(std::move(body), options.reason, options.witness), true);
}

// Piece after piece to standard output; the header once.
int export_list(const Globals& globals, const std::string& place) {
  const auto session = globals.connect();
  if (!session) return refuse(session.error());
  std::string after;
  do {
    Json body = Json::object();
    if (!place.empty()) body.set("place", place);
    if (!after.empty()) body.set("after", after);
    const auto reply =
        (*session)->request("bulk/export", make_command(std::move(body), "", ""),
                            std::chrono::seconds(globals.wait_s), false, [](const Json&) {});
    if (!reply) return refuse(reply.error());
    if (reply->string_or("status", "") != "done") {
      return refuse(make_error(ErrorCode::conflict, reply->string_or("message", "refused")));
    }
    const std::string csv = (*reply)["body"].string_or("csv", "");
    std::string_view lines = csv;
    if (!after.empty()) lines.remove_prefix(std::min(csv.size(), csv.find('\n') + 1));
    if (!lines.empty()) print_line(lines.substr(0, lines.size() - 1));
    after = (*reply)["body"].string_or("next", "");
  } while (!after.empty());
  return kDone;
}

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

void add_lists(CLI::App& app, Globals& globals) {
  auto* in = app.add_subcommand("import", "a list of aliquots, all lines or none");
  auto options = std::make_shared<ImportOptions>();
  in->add_option("file", options->file, "CSV with the columns of bulk/import")->required();
  in->add_option("--list", options->list, "name of the list while its pieces are sent");
  in->add_option("--reason", options->reason, "why");
  in->add_option("--witness", options->witness, "who confirms");
  in->add_flag("--dry-run", options->dry_run, "check every line and change nothing");
  on_chosen(in, globals, [&globals, options] { return import_file(globals, *options); });
  auto* out = app.add_subcommand("export", "the inventory as CSV");
  auto place = std::make_shared<std::string>();
  out->add_option("--place", *place, "only what lies in it");
  on_chosen(out, globals, [&globals, place] { return export_list(globals, *place); });
}

}  // namespace cryobank::ctl
