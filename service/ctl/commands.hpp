// The command groups of cryobankctl. Each function adds its subcommands to the parser; the chosen
// one leaves its work in Globals::run, which main() calls once the line is parsed.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/json.hpp"
#include "config/fault.hpp"
#include "service/ctl/session_io.hpp"

namespace CLI {  // NOLINT(readability-identifier-naming): the library's own name
class App;
}

namespace cryobank::ctl {

struct Globals {
  Access access;
  std::string login = "default";  // which kept login
  bool json = false;
  int wait_s = 20;  // for a reply
  std::string password_file;
  bool sign = false;        // sign what is signed, after showing it, with user and secret
  bool sign_again = false;  // the same within a signing session, with the secret alone
  std::string signing_secret_file;
  std::string signing_secret;
  std::function<int()> run;  // returns the exit code

  Result<std::unique_ptr<Session>> connect() const;
};

void add_status(CLI::App& app, Globals& globals);
void add_device(CLI::App& app, Globals& globals);
// device probe, device conform: subcommands of `device`.
void add_machine(CLI::App& device, Globals& globals);
void add_alarm(CLI::App& app, Globals& globals);
// alarm coverage, alarm report: subcommands of `alarm`.
void add_alarm_reports(CLI::App& alarm, Globals& globals);
void add_course(CLI::App& app, Globals& globals);
void add_inventory(CLI::App& app, Globals& globals);
// "a.b" reaches into an inner object; a trailing # counts an array.
std::string field_cell(const Json& json, std::string_view path);
// Every container, with the aliquots in it, however deep.
int list_containers(const Globals& globals);
void add_job(CLI::App& app, Globals& globals);
void add_plan(CLI::App& app, Globals& globals);
void add_ids(CLI::App& app, Globals& globals);  // what completion asks
void add_event(CLI::App& app, Globals& globals);
void add_feed(CLI::App& app, Globals& globals);  // feed subscribe
void add_send(CLI::App& app, Globals& globals);
void add_config(CLI::App& app, Globals& globals);  // config, profile
void add_user(CLI::App& app, Globals& globals);
void add_broker(CLI::App& app, Globals& globals);
void add_lists(CLI::App& app, Globals& globals);  // import, export, scan FILE
void add_confirm(CLI::App& app, Globals& globals);
void add_verbs(CLI::App& app, Globals& globals);  // every command of the table; after the others
void add_top(CLI::App& app, Globals& globals);
void add_login(CLI::App& app, Globals& globals);  // login, logout
void add_journal(CLI::App& app, Globals& globals);
void add_store(CLI::App& app, Globals& globals);
void add_signature(CLI::App& app, Globals& globals);
void add_commands(CLI::App& app, Globals& globals);
// Asks for a signing secret, twice on a terminal: the hash that the staff list keeps.
Result<std::string> ask_secret_hash();

// Prints the faults (or one JSON line each) and tells whether none refuses.
int report_faults(const Globals& globals, const config::Faults& faults, std::string_view what);

// Sends one command and prints its reply; the exit code tells done from refused.
int send_command(const Globals& globals, const std::string& verb, Json command, bool until_done);

// The parts of send_command(), for whoever sends a command more than once.
Status sign_if_asked(const Globals& globals, Session& session, const std::string& verb,
                     Json& command);
struct Answered {
  Json reply;             // has passed read_answer()
  bool taken_in = false;  // `accepted` came before it
};
Result<Answered> ask_service(const Globals& globals, Session& session, const std::string& verb,
                             Json command, bool until_done);
int print_reply(const Globals& globals, const Json& reply);

// A command with reason and witness as given on the line (empty: left out).
Json make_command(Json body, const std::string& reason, const std::string& witness);

// Retained topics as a table: one row per topic, the named fields as columns; or as JSON lines.
struct Column {
  std::string head;
  std::string field;  // of the payload, "a.b", "list#", "@time"; "" is the topic's own name
};
using RowOrder = std::string (*)(const Json&);
int list_retained(const Globals& globals, const std::string& filter, const std::string& prefix,
                  const std::vector<Column>& columns, RowOrder order = nullptr);
// What is wrong with the service, as far as the broker tells: "offline (its newest word is 4min
// old): what follows may be old"; empty: it is online and was heard just now.
Result<std::string> service_fault(Session& session);
// Says it on standard error: what follows may be old.
Status warn_if_silent(Session& session);

// One retained topic: its fields one per line, or as JSON.
int show_retained(const Globals& globals, const std::string& topic);

}  // namespace cryobank::ctl
