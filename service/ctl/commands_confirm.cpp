// confirm: what waits for me as a second person, and my yes or no to it.
#include "base/text.hpp"
#include "base/try.hpp"
#include "service/ctl/command_line.hpp"
#include "service/ctl/print_io.hpp"
#include "service/ctl/record_table.hpp"

namespace cryobank::ctl {
namespace {

// The newest list of what waits, of everybody; each for the person it names.
Result<Json> waiting_of(Session& session) {
  TRY_ASSIGN(const auto found, session.retained("service/waiting"));
  const auto entry = found.find("service/waiting");
  if (entry == found.end()) return Json::array();
  TRY_ASSIGN(const auto json, parse_json(entry->second));
  return json["waiting"];
}

int list_waiting(const Globals& globals, bool everybody) {
  const auto session = globals.connect();
  if (!session) return refuse(session.error());
  if (const Status told = warn_if_silent(**session); !told) return refuse(told.error());
  const auto waiting = waiting_of(**session);
  if (!waiting) return refuse(waiting.error());
  Table table{{"command", "what", "asked by", "waits for", "until", "why", "body"}, {}};
  for (const Json& one : waiting->items()) {
    const std::string witness = cell(one["witness"]);
    if (!everybody && witness != "-" && witness != globals.access.user) continue;
    if (globals.json) print_json(one);
    table.rows.push_back({cell(one["command"]), cell(one["verb"]), cell(one["user"]),
                          witness == "-" ? "anybody who may" : witness,
                          time_text(one["until"], wall_now()), cell(one["reason"]),
                          clip(cell(one["body"]), 120)});
  }
  if (globals.json) return kDone;
  if (table.rows.empty()) {
    print_line("nothing waits for you");
    return kDone;
  }
  print_table(table);
  print_line("say: cryobankctl confirm COMMAND, or confirm COMMAND --refuse");
  return kDone;
}

int answer_waiting(const Globals& globals, const CommandOptions& options) {
  Json body = Json::object().set("command", options.id);
  return send_command(globals, options.flag ? "witness/refuse" : "witness/confirm",
                      make_command(std::move(body), options.reason, {}), false);
}

}  // namespace

void add_confirm(CLI::App& app, Globals& globals) {
  auto* confirm = app.add_subcommand("confirm", "what waits for you as a second person; your yes");
  auto options = std::make_shared<CommandOptions>();
  auto everybody = std::make_shared<bool>(false);
  confirm->add_option("command", options->id, "its id; without it, what waits is listed");
  confirm->add_option("--reason", options->reason, "why, for the journal");
  confirm->add_flag("--refuse", options->flag, "say no");
  confirm->add_flag("--all", *everybody, "list what waits for others too");
  on_chosen(confirm, globals, [&globals, options, everybody] {
    if (!options->id.empty()) return answer_waiting(globals, *options);
    if (options->flag) {
      refuse(make_error(ErrorCode::malformed, "expected the id of the command to refuse"));
      return kWrongUsage;
    }
    return list_waiting(globals, *everybody);
  });
}

}  // namespace cryobank::ctl
