// import, export: lists of any size; scan: one rack scanner's file. A list goes up in pieces, each
// a command of its own that may be sent again; it is imported whole by one command at the end, or
// not at all. A list comes down in pieces of whole lines into FILE.part, which a later run goes on
// with.
#include <algorithm>
#include <cstdio>
#include <filesystem>

#include "base/checksum.hpp"
#include "base/row_reader.hpp"
#include "base/text.hpp"
#include "base/try.hpp"
#include "service/ctl/answer.hpp"
#include "service/ctl/command_line.hpp"
#include "service/ctl/print_io.hpp"

namespace cryobank::ctl {
namespace {

namespace fs = std::filesystem;

// A command is at most 256 KiB, and a line end or a quote takes two bytes in JSON.
constexpr std::size_t kPieceBytes = 100'000;
constexpr std::size_t kListMax = 24 * 1024 * 1024;
constexpr int kExportMode = 0640;

// Whole lines of at most kPieceBytes; a longer line is a piece by itself, for the daemon to refuse.
std::vector<std::string_view> pieces_of(std::string_view text) {
  std::vector<std::string_view> pieces;
  while (!text.empty()) {
    std::size_t end = std::min(kPieceBytes, text.size());
    if (end < text.size()) {
      const std::size_t line = text.substr(0, end).rfind('\n');
      end = line != std::string_view::npos ? line + 1
                                           : std::min(text.find('\n', end), text.size() - 1) + 1;
    }
    pieces.push_back(text.substr(0, end));
    text.remove_prefix(end);
  }
  return pieces;
}

// An id that the same bytes give again, in the form of a UUID (version 8, RFC 9562), so that a
// command sent again after an interruption is the same command.
std::string id_of(std::string_view bytes, std::string_view what) {
  const Sha256 digest = sha256(what, "\n", bytes);
  std::string hex = to_hex(digest).substr(0, 32);
  hex[12] = '8';
  hex[16] = 'a';
  return cat(hex.substr(0, 8), "-", hex.substr(8, 4), "-", hex.substr(12, 4), "-",
             hex.substr(16, 4), "-", hex.substr(20));
}

Result<Json> done_body(Session& session, const Globals& globals, std::string_view verb, Json body) {
  TRY_ASSIGN(const auto reply,
             session.request(verb, make_command(std::move(body), {}, {}),
                             std::chrono::seconds(globals.wait_s), true, [](const Json&) {}));
  if (cell(reply["status"]) == "done") return reply["body"];
  const auto code = parse_error_code(cell(reply["code"]));
  return make_error(code.value_or(ErrorCode::unavailable),
                    cat(verb, ": ", cell(reply["status"]), ": ", cell(reply["message"]), " [",
                        cell(reply["code"]), "]"));
}

// Of the same words about the same list, the ids of one try after the other.
std::string import_id(const Globals& globals, const Json& command, std::string_view digest,
                      int attempt) {
  return id_of(digest, cat("import ", globals.access.user, " ", command.dump(), " ", attempt));
}

// The very same line once more is the same command, so that an interrupted import is told its end
// and happens once. A try that came to nothing is no such command: its witness refused or came too
// late, or it was refused then for what is mended by now; the list is then asked for anew.
int ask_import(const Globals& globals, Json command, std::string_view digest) {
  constexpr int kTriesADay = 200;  // more than a day has waits of ten minutes
  const Json words = command;
  const auto session = globals.connect();
  if (!session) return refuse(session.error());
  const Status is_signed = sign_if_asked(globals, **session, "bulk/import", command);
  if (!is_signed) return refuse(is_signed.error());
  for (int attempt = 1;; ++attempt) {
    command.set("id", import_id(globals, words, digest, attempt));
    const auto answered = ask_service(globals, **session, "bulk/import", command, true);
    if (!answered) return refuse(answered.error());
    const bool over = answered->taken_in || read_answer(answered->reply)->good();
    if (over) return print_reply(globals, answered->reply);
    // Read whole and refused now, before anybody was asked: the same list would be refused again.
    if (answered->reply["body"]["witness_asked"] == Json(false)) {
      return print_reply(globals, answered->reply);
    }
    // At once and not taken in: the end of an earlier try, or a refusal that nobody kept.
    const std::string code = cell(answered->reply["code"]);
    const bool unnamed = command["witness"].is_null();
    if (code == name_of(ErrorCode::witness_needed) && !unnamed && attempt < kTriesADay) continue;
    // A wrong secret is never said twice: too many of them lock the signer.
    if (unnamed || code == name_of(ErrorCode::not_authorised)) {
      return print_reply(globals, answered->reply);
    }
    command.set("id", make_command_id());
    const auto anew = ask_service(globals, **session, "bulk/import", std::move(command), true);
    return anew ? print_reply(globals, anew->reply) : refuse(anew.error());
  }
}

int import_list(const Globals& globals, const CommandOptions& options) {
  const auto text = read_text_file(options.file, kListMax);
  if (!text) return refuse(text.error());
  const std::string digest = to_hex(sha256(*text));
  const std::string list = cat("list-", digest.substr(0, 12));
  const auto pieces = pieces_of(*text);
  if (pieces.empty()) {
    return refuse(make_error(ErrorCode::malformed, cat("expected lines in ", options.file)));
  }
  {
    const auto session = globals.connect();
    if (!session) return refuse(session.error());
    for (std::size_t i = 0; i < pieces.size(); ++i) {
      Json body = Json::object();
      body.set("list", list).set("piece", static_cast<std::int64_t>(i + 1));
      body.set("csv", std::string(pieces[i]));
      const auto sent = done_body(**session, globals, "bulk/piece", std::move(body));
      if (!sent) return refuse(sent.error());
      tell(cat("piece ", i + 1, " of ", pieces.size(), ": ", cell((*sent)["lines"]),
               " lines are there"));
    }
  }
  Json body = Json::object().set("list", list).set("sha256", digest);
  if (!options.id.empty()) body.set("mapping", options.id);
  if (options.flag) body.set("dry_run", true);
  Json command = make_command(std::move(body), options.reason, options.witness);
  // A trial changes nothing and may be asked again at any time.
  if (options.flag) return send_command(globals, "bulk/import", std::move(command), true);
  return ask_import(globals, std::move(command), digest);
}

struct ScanOptions {
  std::string file;
  std::string container;
  std::string rack;
  std::string dialect;
  std::string reason;
  bool only_tubes = false;
  bool accept = false;
  bool missing_to_unknown = false;
};

constexpr std::size_t kScanFileMax = 512 * 1024;

void print_differences(const Globals& globals, const Json& preview) {
  if (globals.json) return print_json(preview);
  Table table{{"what", "position", "code", "aliquot", "did you mean"}, {}};
  for (const Json& item : preview["differences"].items()) {
    std::vector<std::string> row;
    for (const char* key : {"kind", "position", "code", "aliquot", "did_you_mean"}) {
      row.push_back(cell(item[key]));
    }
    table.rows.push_back(std::move(row));
  }
  if (!table.rows.empty()) print_table(table);
  print_line(cat(cell(preview["same"]), " vials as recorded, ", table.rows.size(),
                 " differences (dialect ", cell(preview["dialect"]), ")"));
}

// Looks first; what was looked at is what is accepted.
int scan_file(const Globals& globals, const ScanOptions& options) {
  if (options.file.empty() || options.container.empty()) {
    tell("expected scan FILE --container BOX, or one of its acts: see scan --help");
    return kWrongUsage;
  }
  auto text = read_text_file(options.file, kScanFileMax);
  if (!text) return refuse(text.error());
  Json body = Json::object().set("container", options.container).set("csv", std::move(*text));
  if (!options.rack.empty()) body.set("rack", options.rack);
  if (!options.dialect.empty()) body.set("dialect", options.dialect);
  if (options.only_tubes) body.set("only_tubes", true);
  {
    const auto session = globals.connect();
    if (!session) return refuse(session.error());
    const auto preview = done_body(**session, globals, "scan/preview", body);
    if (!preview) return refuse(preview.error());
    print_differences(globals, *preview);
    body.set("token", cell((*preview)["token"]));
    if ((*preview)["differences"].items().empty()) return kDone;
  }
  if (!options.accept) {
    tell("nothing was changed; --accept takes this over");
    return kDone;
  }
  if (options.missing_to_unknown) body.set("missing_to_unknown", true);
  return send_command(globals, "scan/accept", make_command(std::move(body), options.reason, {}),
                      true);
}

void add_scan(CLI::App& app, Globals& globals) {
  auto* scan = app.add_subcommand(
      "scan", "scan FILE: a rack scanner's file compared with the record; accept, order, preview");
  scan->require_subcommand(0, 1);
  auto options = std::make_shared<ScanOptions>();
  scan->add_option("file", options->file, "as the scanner wrote it (docs/inventory.md)");
  scan->add_option("--container", options->container, "the box that was scanned");
  scan->add_option("--rack", options->rack, "the rack's barcode that is expected");
  scan->add_option("--dialect", options->dialect,
                   "how the file is written; else the one that fits");
  scan->add_flag("--only-tubes", options->only_tubes, "what the file leaves out is empty");
  scan->add_flag("--accept", options->accept, "take over what the comparison shows");
  scan->add_flag("--missing-to-unknown", options->missing_to_unknown,
                 "with --accept: vials that were not seen become UNKNOWN");
  scan->add_option("--reason", options->reason, "why, for the journal");
  scan->callback([scan, &globals, options] {
    if (!scan->get_subcommands().empty()) return;  // one of its acts was chosen
    globals.run = [&globals, options] { return scan_file(globals, *options); };
  });
}

// The id that the last whole line begins with, and the file cut after that line.
Result<std::string> last_id(const std::string& path) {
  TRY_ASSIGN(auto text, read_file(path, std::size_t{1} << 30));
  const std::size_t end = text.rfind('\n');
  const std::size_t kept = end == std::string::npos ? 0 : end + 1;
  std::error_code failed;
  fs::resize_file(path, kept, failed);
  if (failed) return make_error(ErrorCode::io, cat("cannot cut ", path, ": ", failed.message()));
  text.resize(kept);
  if (std::count(text.begin(), text.end(), '\n') < 2) return std::string();
  const std::size_t line = text.rfind('\n', kept - 2) + 1;
  return text.substr(line, text.find(',', line) - line);
}

Status append(const std::string& path, std::string_view text) {
  std::FILE* file = std::fopen(path.c_str(), "ab");
  const bool good =
      file != nullptr && std::fwrite(text.data(), 1, text.size(), file) == text.size();
  const bool closed = file == nullptr || std::fclose(file) == 0;
  if (good && closed) return {};
  return make_error(ErrorCode::io, cat("cannot write ", path));
}

int export_list(const Globals& globals, const CommandOptions& options) {
  // What was begun of another place is another list, and is not gone on with.
  const std::string part = cat(options.file, options.id.empty() ? "" : ".", options.id, ".part");
  std::string after;
  std::error_code failed;
  // The finished list takes the name's place: a device or a folder of that name would be gone.
  for (const std::string& path : {options.file, part}) {
    if (!fs::exists(path, failed) || fs::is_regular_file(path, failed)) continue;
    return refuse(make_error(
        ErrorCode::invalid_value,
        cat("expected a new file or a plain one, but ", path, " is a device, a pipe or a folder")));
  }
  if (fs::exists(part, failed)) {
    const auto last = last_id(part);
    if (!last) return refuse(last.error());
    after = *last;
    if (!after.empty()) tell(cat("going on after ", after, " in ", part));
  }
  if (after.empty()) {
    if (const Status made = write_file(part, "", kExportMode); !made) return refuse(made.error());
  }
  const auto session = globals.connect();
  if (!session) return refuse(session.error());
  std::int64_t lines = 0;
  for (;;) {
    Json body = Json::object();
    if (!options.id.empty()) body.set("place", options.id);
    if (!after.empty()) body.set("after", after);
    const auto piece = done_body(**session, globals, "bulk/export", std::move(body));
    if (!piece) return refuse(piece.error());
    RowReader in("a piece of the export", *piece);
    const std::string csv = in.any_text("csv");
    const std::int64_t more = in.number("lines");
    const std::string next = (*piece)["next"].is_null() ? std::string() : in.text("next");
    if (!in.ok()) return refuse(in.status().error());
    // Each piece has the header; the file has it once.
    const std::size_t header = after.empty() ? 0 : csv.find('\n') + 1;
    if (const Status kept = append(part, std::string_view(csv).substr(header)); !kept) {
      return refuse(kept.error());
    }
    lines += more;
    tell(cat(lines, " lines are in ", part));
    if (next.empty()) break;
    after = next;
  }
  fs::rename(part, options.file, failed);
  if (failed) {
    return refuse(
        make_error(ErrorCode::io, cat("cannot name ", options.file, ": ", failed.message())));
  }
  print_line(cat("wrote ", options.file));
  return kDone;
}

}  // namespace

void add_lists(CLI::App& app, Globals& globals) {
  auto* import =
      app.add_subcommand("import", "a list of vials from a CSV file, whole or not at all");
  auto list = with_options(import);
  import->add_option("file", list->file, "the list (docs/inventory.md)")->required();
  import->add_option("--mapping", list->id, "how its columns are called ([files] lists)");
  import->add_flag("--dry-run", list->flag, "tell what would happen, do nothing");
  on_chosen(import, globals, [&globals, list] { return import_list(globals, *list); });
  auto* out = app.add_subcommand("export", "the vials as a CSV file; goes on with FILE.part");
  auto from = with_options(out);
  out->add_option("file", from->file, "the file to write")->required();
  out->add_option("--place", from->id, "what lies in it only");
  on_chosen(out, globals, [&globals, from] { return export_list(globals, *from); });
  add_scan(app, globals);
}

}  // namespace cryobank::ctl
