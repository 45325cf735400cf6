// journal, store: the record itself, with the daemon stopped (the store belongs to one process).
#include "inventory/backup_io.hpp"
#include "inventory/export_io.hpp"
#include "inventory/rebuild_ledger.hpp"
#include "service/base/text.hpp"
#include "service/config_files_io.hpp"
#include "service/ctl/command_line.hpp"
#include "service/ctl/print_io.hpp"
#include "service/record_files_io.hpp"

namespace cryobank::ctl {
namespace {

// A site file, or the faults on standard error.
Result<config::SiteConfig> open_site(const std::string& file) {
  config::SiteConfig site;
  config::Faults faults;
  const bool good = service::load_site(file, site, faults);
  service::print_faults(faults);
  if (good) return site;
  return make_error(ErrorCode::invalid_value, cat(file, " is refused"));
}

// The store of a site, opened for reading; the daemon must not run.
struct OpenStore {
  service::RecordFiles files;
  std::unique_ptr<inventory::LevelDbStore> store;
};

Result<OpenStore> open_store_of(const std::string& file) {
  const auto site = open_site(file);
  if (!site) return site.error();
  OpenStore open{service::record_files(*site), nullptr};
  auto store = inventory::open_store(open.files.store);
  if (!store) return store.error();
  open.store = std::move(*store);
  return open;
}

int print_report(const Globals& globals, const inventory::VerifyReport& report) {
  if (globals.json) {
    Json json = Json::object();
    json.set("entries", report.entries).set("root", to_hex(report.root));
    json.set("good", !report.fault.has_value());
    if (report.fault) {
      json.set("first_bad", report.fault->first).set("last_bad", report.fault->last);
      json.set("what", report.fault->what);
    }
    print_json(json);
  } else if (report.fault) {
    tell(cat("the journal is not as it was written: ", inventory::describe(*report.fault)));
  } else {
    print_line(
        cat("the journal is whole: ", report.entries, " entries, root ", to_hex(report.root)));
  }
  return report.fault ? kRefused : kDone;
}

int verify_journal(const Globals& globals, const CommandOptions& options) {
  if (!options.second.empty()) {
    const auto text = read_file(options.text, 4096);
    if (!text) return refuse(text.error());
    const auto key = inventory::parse_verifier_key(trim(*text));
    if (!key) return refuse(key.error());
    const auto report = inventory::verify_export(options.second, *key);
    return report ? print_report(globals, *report) : refuse(report.error());
  }
  const auto open = open_store_of(options.file);
  if (!open) return refuse(open.error());
  const auto key = inventory::SigningKey::load(open->files.key);
  if (!key) return refuse(key.error());
  const auto rows = inventory::scan_of(*open->store);
  const auto report = inventory::verify_record(rows, key->verifier());
  return report ? print_report(globals, *report) : refuse(report.error());
}

int export_journal(const CommandOptions& options) {
  const auto open = open_store_of(options.file);
  if (!open) return refuse(open.error());
  const auto key = inventory::SigningKey::load(open->files.key);
  if (!key) return refuse(key.error());
  const auto rows = inventory::scan_of(*open->store);
  const auto done = inventory::export_journal(rows, *key, options.text);
  if (!done) return refuse(done.error());
  print_line(cat("wrote ", done->size, " entries to ", options.text));
  return kDone;
}

int prove(const CommandOptions& options) {
  const auto open = open_store_of(options.file);
  if (!open) return refuse(open.error());
  const auto key = inventory::SigningKey::load(open->files.key);
  if (!key) return refuse(key.error());
  const Status done =
      inventory::export_proof(inventory::scan_of(*open->store), {options.id}, *key, options.text);
  if (!done) return refuse(done.error());
  print_line(cat("wrote the proof of ", options.id, " to ", options.text));
  return kDone;
}

int create_store(const CommandOptions& options) {
  const auto site = open_site(options.file);
  if (!site) return refuse(site.error());
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

int backup(const Globals& globals, const CommandOptions& options) {
  const auto open = open_store_of(options.file);
  if (!open) return refuse(open.error());
  return print_backup(globals,
                      inventory::write_backup(inventory::scan_of(*open->store), options.text),
                      cat("wrote ", options.text));
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

void add_journal(CLI::App& app, Globals& globals) {
  auto* journal = app.add_subcommand("journal", "the record's journal");
  journal->require_subcommand(1);
  auto* verify = journal->add_subcommand("verify", "names the first entry that was changed");
  auto options = with_options(verify);
  verify->add_option("--config", options->file, "site file: verify its store");
  verify->add_option("--export", options->second, "folder of an export: verify that instead");
  verify->add_option("--key", options->text, "verifier key file, kept apart from the export");
  on_chosen(verify, globals, [&globals, options] {
    if (options->file.empty() == options->second.empty()) {
      tell("expected --config FILE, or --export FOLDER with --key FILE");
      return kWrongUsage;
    }
    return verify_journal(globals, *options);
  });
  auto* write =
      journal->add_subcommand("export", "every entry, a signed checkpoint, the public key");
  auto to = with_options(write);
  write->add_option("--config", to->file, "site file")->required();
  write->add_option("folder", to->text, "folder to write to")->required();
  on_chosen(write, globals, [to] { return export_journal(*to); });
  auto* proof =
      journal->add_subcommand("proof", "the history of one aliquot or course, with its proof");
  auto subject = with_options(proof);
  proof->add_option("--config", subject->file, "site file")->required();
  proof->add_option("id", subject->id, "aliquot or course")->required();
  proof->add_option("file", subject->text, "file to write")->required();
  on_chosen(proof, globals, [subject] { return prove(*subject); });
}

}  // namespace

void add_record(CLI::App& app, Globals& globals) {
  add_journal(app, globals);
  auto* store = app.add_subcommand("store", "the record's store; the daemon must be stopped");
  store->require_subcommand(1);
  auto* create = store->add_subcommand("create", "an empty store and its signing key");
  auto site = with_options(create);
  create->add_option("--config", site->file, "site file")->required();
  on_chosen(create, globals, [site] { return create_store(*site); });
  auto* save = store->add_subcommand("backup", "one checksummed file");
  auto to = with_options(save);
  save->add_option("--config", to->file, "site file")->required();
  save->add_option("file", to->text, "file to write")->required();
  on_chosen(save, globals, [&globals, to] { return backup(globals, *to); });
  auto* anew =
      store->add_subcommand("rebuild", "makes the rows anew from the journal and compares");
  auto fresh = with_options(anew);
  anew->add_option("--config", fresh->file, "site file")->required();
  anew->add_option("folder", fresh->text, "folder of the new store; absent or empty")->required();
  on_chosen(anew, globals, [&globals, fresh] { return rebuild(globals, *fresh); });
  auto* check = store->add_subcommand("check-backup", "reads a backup whole and checks it");
  auto what = with_options(check);
  check->add_option("file", what->text, "backup file")->required();
  on_chosen(check, globals, [&globals, what] {
    return print_backup(globals, inventory::check_backup(what->text), what->text);
  });
  auto* restore = store->add_subcommand("restore", "a new store from a backup");
  auto from = with_options(restore);
  restore->add_option("file", from->text, "backup file")->required();
  restore->add_option("folder", from->second, "folder of the new store; absent or empty")
      ->required();
  on_chosen(restore, globals, [&globals, from] {
    return print_backup(globals, inventory::restore_backup(from->text, from->second),
                        cat("restored ", from->second));
  });
}

}  // namespace cryobank::ctl
