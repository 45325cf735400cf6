// store: the record itself. All but `backup` needs the daemon stopped, since the store belongs to
// one process; `backup` asks the daemon when it runs.
#include <algorithm>
#include <filesystem>
#include <utility>

#include "base/row_reader.hpp"
#include "base/text.hpp"
#include "base/try.hpp"
#include "inventory/record/backup/rebuild_ledger.hpp"
#include "service/clock_io.hpp"
#include "service/ctl/answer.hpp"
#include "service/ctl/command_line.hpp"
#include "service/ctl/print_io.hpp"
#include "service/ctl/record_site.hpp"
#include "service/repair/act_as_owner_io.hpp"
#include "service/repair/new_key_io.hpp"
#include "service/repair/record_purge_io.hpp"
#include "service/repair/record_recover_io.hpp"
#include "service/repair/record_restore_io.hpp"

namespace cryobank::ctl {
namespace {

// A daemon that backs up 10 GB needs minutes.
constexpr int kBackupWaitSeconds = 3600;

// A tool that writes to the record does so as whoever the record belongs to: what root leaves
// behind the daemon could not open.
void act_as_owner(const config::SiteConfig& site) {
  const auto name = service::act_as_owner_of(service::record_files(site).store);
  if (!name) return tell(name.error().context);
  if (!name->empty()) tell(cat("acting as ", *name, ", to whom the record belongs"));
}

int create_store(const CommandOptions& options) {
  const auto site = open_site(options.file);
  if (!site) return refuse(site.error());
  act_as_owner(*site);
  const Status created = service::create_record(*site);
  if (!created) return refuse(created.error());
  print_line(cat("made an empty store in ", site->store.directory));
  return kDone;
}

int print_backup(const Globals& globals, const Result<inventory::BackupInfo>& info,
                 std::string_view what) {
  if (!info) return refuse(info.error());
  if (globals.json) {
    print_json(Json::object()
                   .set("sequence", info->sequence)
                   .set("rows", info->rows)
                   .set("root", to_hex(info->root)));
  } else {
    print_line(cat(what, ": journal up to ", info->sequence, ", ", info->rows, " rows"));
  }
  return kDone;
}

// Where the site's daemon is to be found, unless the command line says so.
Globals at_site(const Globals& globals, const config::SiteConfig& site) {
  Globals there = globals;
  there.access.host = site.mqtt.host;
  there.access.port = site.mqtt.port;
  there.access.site = site.site.str();
  if (there.access.ca_file.empty()) there.access.ca_file = site.mqtt.ca_file;
  return there;
}

// What the daemon wrote, once more where the asker wants it.
int copy_backup(const Globals& globals, const std::string& from, const std::string& to) {
  const std::string part = to + ".part";
  std::error_code error;
  std::filesystem::copy_file(from, part, std::filesystem::copy_options::overwrite_existing, error);
  if (!error) std::filesystem::rename(part, to, error);
  if (error) {
    return refuse(make_error(
        ErrorCode::io,
        cat("the daemon's backup is ", from, "; cannot copy it to ", to, ": ", error.message())));
  }
  return print_backup(globals, inventory::check_backup(to), cat("copied to ", to));
}

int ask_for_backup(const Globals& globals, const std::string& to) {
  const auto session = globals.connect();
  if (!session) return refuse(session.error());
  const auto state = (*session)->retained("service/state");
  if (!state) return refuse(state.error());
  const auto found = state->find("service/state");
  const auto json = found == state->end() ? Result<Json>(Json()) : parse_json(found->second);
  if (!json) return refuse(json.error());
  if ((*json)["state"] != Json("online")) {
    const std::string shown = json->is_null() ? "absent" : cell((*json)["state"]);
    return refuse(
        make_error(ErrorCode::unavailable, cat("expected a daemon of site ", globals.access.site,
                                               " that is online, found it ", shown)));
  }
  const auto wait = std::chrono::seconds(std::max(globals.wait_s, kBackupWaitSeconds));
  const auto reply = (*session)->request(
      "store/backup", make_command(Json::object(), {}, {}), wait, true,
      [](const Json& accepted) { tell(cat("accepted: ", cell(accepted["message"]))); });
  if (!reply) return refuse(reply.error());
  if (globals.json) print_json(*reply);
  const Answer answer = *read_answer(*reply);
  const std::string line = cat(answer.status, ": ", answer.message);
  if (!answer.done()) {
    tell(line);
    return kRefused;
  }
  if (!globals.json) print_line(line);
  if (to.empty()) return kDone;
  RowReader body("the reply about a backup", (*reply)["body"]);
  const std::string file = body.text("file");
  if (!body.ok()) return refuse(body.status().error());
  return copy_backup(globals, file, to);
}

// With the daemon running only the daemon can read the store; without, this does it.
int backup(const Globals& globals, const CommandOptions& options) {
  if (options.file.empty()) return ask_for_backup(globals, options.text);
  const auto site = open_site(options.file);
  if (!site) return refuse(site.error());
  const std::string directory = service::record_files(*site).store;
  auto store = inventory::open_store(directory);
  if (!store) {
    const bool runs = !inventory::StoreLock::take(directory).ok();
    return runs ? ask_for_backup(at_site(globals, *site), options.text) : refuse(store.error());
  }
  if (options.text.empty()) {
    tell("expected a file to write to: the daemon does not run");
    return kWrongUsage;
  }
  return print_backup(globals, inventory::write_backup(inventory::scan_of(**store), options.text),
                      cat("wrote ", options.text));
}

// Who does it goes on record: somebody of the staff who may do more than look.
Result<config::SiteConfig> open_site_by(const std::string& user, const std::string& file) {
  TRY_ASSIGN(auto site, open_site(file));
  if (user.empty()) return site;
  const auto id = UserId::parse(user);
  const config::UserConfig* person = id ? site.find_user(*id) : nullptr;
  if (person == nullptr) {
    return make_error(ErrorCode::not_found,
                      cat("expected a person of the staff of site ", site.site.str(),
                          " as --user, came \"", clip(user, 64), "\""));
  }
  const auto looks = [](const std::string& role) { return role == "viewer"; };
  if (std::ranges::all_of(person->roles, looks)) {
    return make_error(
        ErrorCode::not_authorised,
        cat("expected a person who may change the record, came ", user, ", who may look alone"));
  }
  return site;
}

int purge(const Globals& globals, const CommandOptions& options) {
  const auto site = open_site_by(globals.access.user, options.file);
  if (!site) return refuse(site.error());
  act_as_owner(*site);
  const auto done =
      service::purge_record(*site, {globals.access.user, options.reason, service::Clock().now()});
  if (!done) return refuse(done.error());
  if (globals.json) {
    Json courses = Json::array();
    for (const std::string& course : done->courses) courses.push(course);
    Json elsewhere = Json::array();
    for (const std::string& path : done->elsewhere) elsewhere.push(path);
    print_json(Json::object()
                   .set("certificate", done->certificate)
                   .set("courses", std::move(courses))
                   .set("elsewhere", std::move(elsewhere))
                   .set("entries", done->entries));
    return kDone;
  }
  print_line(cat("purged ", done->entries, " entries of ", done->courses.size(),
                 " courses; the certificate is entry ", done->certificate));
  for (const std::string& path : done->elsewhere) tell(cat("still has the words: ", path));
  return kDone;
}

int rebuild(const Globals& globals, const CommandOptions& options) {
  const auto site = open_site(options.file);
  if (!site) return refuse(site.error());
  const auto open = open_store_of(options.file);
  if (!open) return refuse(open.error());
  if (const Status made = inventory::create_store(options.text); !made) return refuse(made.error());
  const auto fresh = inventory::open_store(options.text);
  if (!fresh) return refuse(fresh.error());
  inventory::LedgerRebuild ledger(*site);
  const auto done = inventory::rebuild_rows(inventory::entries_of(inventory::scan_of(*open->store)),
                                            ledger.applier(), **fresh);
  if (!done) return refuse(done.error());
  const auto difference = inventory::compare_rows(
      inventory::scan_of(*open->store), inventory::scan_of(**fresh), inventory::is_rebuilt_row);
  if (!difference) return refuse(difference.error());
  if (globals.json) {
    Json json = Json::object().set("entries", done->entries).set("equal", !difference->has_value());
    if (*difference) json.set("key", (*difference)->key).set("what", (*difference)->what);
    print_json(json);
  } else if (*difference) {
    tell(cat("row ", (*difference)->key, " is not what the journal says: ", (*difference)->what));
  } else {
    print_line(
        cat("the rows made anew from ", done->entries, " entries equal the rows of the store"));
  }
  return *difference ? kRefused : kDone;
}

int recover(const Globals& globals, const service::RecoverOrder& given, const std::string& file) {
  const auto site = open_site_by(globals.access.user, file);
  if (!site) return refuse(site.error());
  act_as_owner(*site);
  service::RecoverOrder order = given;
  order.user = globals.access.user;
  const auto done = service::recover_record(*site, order);
  if (!done) return refuse(done.error());
  for (const std::string& note : done->notes) tell(note);
  if (globals.json) {
    Json json = Json::object();
    json.set("backup", done->backup).set("entries", done->entries).set("journal", done->journal);
    json.set("epoch", done->epoch.value).set("lost", done->lost ? Json(*done->lost) : Json());
    print_json(json.set("set_aside", done->set_aside));
    return kDone;
  }
  print_line(cat("recovered ", done->entries, " journal entries",
                 done->backup.empty() ? "" : cat(" with the backup ", done->backup),
                 done->journal.empty() ? "" : cat(" and the journal ", done->journal)));
  if (!done->lost) {
    print_line(
        "it is NOT KNOWN how many entries are lost: there was no high-water mark, now or at "
        "a repair before");
  } else {
    print_line(*done->lost == 0 ? "nothing that was acknowledged is lost"
                                : cat(*done->lost, " entries that were durable are lost"));
  }
  if (!done->set_aside.empty()) print_line(cat("the damaged store lies in ", done->set_aside));
  print_line("start the daemon again");
  return kDone;
}

int accept(const Globals& globals, const CommandOptions& options) {
  const auto site = open_site_by(globals.access.user, options.file);
  if (!site) return refuse(site.error());
  act_as_owner(*site);
  const auto lost = service::accept_loss(*site, globals.access.user, options.reason);
  if (!lost) return refuse(lost.error());
  print_line(cat("the record goes on without ", *lost,
                 " entries; the journal will say so, and who accepted it"));
  return kDone;
}

int new_key(const Globals& globals, const CommandOptions& options) {
  const auto site = open_site_by(globals.access.user, options.file);
  if (!site) return refuse(site.error());
  act_as_owner(*site);
  const auto changed = service::replace_signing_key(*site, globals.access.user, options.reason);
  if (!changed) return refuse(changed.error());
  print_line(cat("made the signing key ", service::record_files(*site).key));
  print_line(cat("its verifier key is ", format_verifier_key(changed->key)));
  if (changed->former.empty()) {
    tell("nobody kept the public half of the old key: its checkpoints are not checked any more");
  } else {
    print_line(cat("checkpoints until now are checked with ", changed->former));
  }
  tell(
      "keep a copy of the key away from this computer, and give the verifier key to your "
      "witnesses");
  return kDone;
}

void add_ways_back(CLI::App& store, Globals& globals) {
  auto* renewed = store.add_subcommand(
      "new-key", "a new signing key in place of a lost one; --user and --reason go on record");
  auto lost_key = with_options(renewed);
  renewed->add_option("--config", lost_key->file, "site file")->required();
  on_chosen(renewed, globals, [&globals, lost_key] { return new_key(globals, *lost_key); });
  auto* restore = store.add_subcommand("restore", "a new store from a backup");
  auto from = with_options(restore);
  restore->add_option("file", from->text, "backup file")->required();
  restore->add_option("folder", from->second, "folder of the new store; absent or empty")
      ->required();
  on_chosen(restore, globals, [&globals, from] {
    const auto restored = service::restore_record(
        from->text, from->second, {globals.access.user, from->reason, service::Clock().now()});
    if (!restored) return refuse(restored.error());
    const int printed = print_backup(globals, restored->info, cat("restored ", from->second));
    tell(cat("its next start has an epoch above ", restored->epoch.value,
             "; what was recorded after the backup is not in it, and nobody can tell how much"));
    return printed;
  });
  auto* back = store.add_subcommand(
      "recover", "a damaged store made anew from a backup and the journal's text");
  auto site = std::make_shared<std::string>();
  auto order = std::make_shared<service::RecoverOrder>();
  back->add_option("--config", *site, "site file")->required();
  back->add_option("--backup", order->backup, "file; else the newest whole one of the site");
  back->add_option("--journal", order->journal,
                   "export's folder or file; else the journal's copy beside the store");
  back->add_flag("--accept-loss", order->accept_loss,
                 "go on although entries that were durable are in no source");
  back->add_option("--reason", order->reason, "why, for the journal");
  on_chosen(back, globals, [&globals, site, order] { return recover(globals, *order, *site); });
  auto* loss = store.add_subcommand(
      "accept",
      "goes on with a store that lost its last entries; --user and --reason go on record");
  auto options = with_options(loss);
  loss->add_option("--config", options->file, "site file")->required();
  on_chosen(loss, globals, [&globals, options] { return accept(globals, *options); });
}

}  // namespace

void add_store(CLI::App& app, Globals& globals) {
  auto* store = app.add_subcommand("store", "the record's store: its backups and the ways back");
  store->require_subcommand(1);
  auto* create = store->add_subcommand("create", "an empty store and its signing key");
  auto site = with_options(create);
  create->add_option("--config", site->file, "site file")->required();
  on_chosen(create, globals, [site] { return create_store(*site); });
  auto* save = store->add_subcommand(
      "backup", "one checksummed file; by the daemon into its folder while it runs");
  auto to = with_options(save);
  save->add_option("--config", to->file, "site file; without, the daemon is asked");
  save->add_option("file", to->text, "file to write, or to copy the daemon's to");
  on_chosen(save, globals, [&globals, to] { return backup(globals, *to); });
  auto* anew =
      store->add_subcommand("rebuild", "makes the rows anew from the journal and compares");
  auto fresh = with_options(anew);
  anew->add_option("--config", fresh->file, "site file")->required();
  anew->add_option("folder", fresh->text, "folder of the new store; absent or empty")->required();
  on_chosen(anew, globals, [&globals, fresh] { return rebuild(globals, *fresh); });
  auto* gone = store->add_subcommand(
      "purge", "takes out the private words of courses whose purge was approved and signed");
  auto ended = with_options(gone);
  gone->add_option("--config", ended->file, "site file")->required();
  on_chosen(gone, globals, [&globals, ended] { return purge(globals, *ended); });
  auto* check = store->add_subcommand("check-backup", "reads a backup whole and checks it");
  auto what = with_options(check);
  check->add_option("file", what->text, "backup file")->required();
  on_chosen(check, globals, [&globals, what] {
    return print_backup(globals, inventory::check_backup(what->text), what->text);
  });
  add_ways_back(*store, globals);
}

}  // namespace cryobank::ctl
