// journal: the record's journal, with the daemon stopped (the store belongs to one process).
#include <fstream>
#include <functional>
#include <vector>

#include "base/row_reader.hpp"
#include "base/text.hpp"
#include "base/try.hpp"
#include "inventory/record/export_io.hpp"
#include "inventory/record/proof.hpp"
#include "service/ctl/command_line.hpp"
#include "service/ctl/print_io.hpp"
#include "service/ctl/record_print.hpp"
#include "service/ctl/record_site.hpp"

namespace cryobank::ctl {
namespace {

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

// Calls for every entry of an export; stops at the first that is none.
Status for_each_entry(
    const std::string& folder,
    const std::function<void(std::string_view, const inventory::JournalEntry&)>& each) {
  const std::string path = cat(folder, "/", inventory::kExportJournal);
  std::ifstream file(path);
  if (!file) return make_error(ErrorCode::not_found, cat("cannot read ", path));
  for (std::string line; std::getline(file, line);) {
    TRY_ASSIGN(const auto entry, inventory::parse_entry(line));
    each(line, entry);
  }
  return {};
}

// A course is told with its lot, whose tests release it.
int print_record(const CommandOptions& options) {
  std::vector<std::string> asked{options.id};
  Status readable;
  Status read = for_each_entry(options.text, [&](std::string_view, const auto& entry) {
    if (entry.fact.type != fact::kCourseRegistered) return;
    RowReader in(entry.fact.type, entry.fact.data);
    const std::string course = in.text("course");
    const std::string lot = in.maybe_text("lot");
    if (readable && !in.ok()) {
      readable = make_error(ErrorCode::corrupt,
                            cat("entry ", entry.sequence, ", ", in.status().error().context));
    }
    if (course == options.id && !lot.empty()) asked.push_back(lot);
  });
  if (read) read = readable;
  if (!read) return refuse(read.error());
  inventory::ProofSubjects subjects(asked);
  RecordPrint print;
  read = for_each_entry(options.text, [&](std::string_view bytes, const auto& entry) {
    if (!subjects.show(bytes)) return;
    for (const std::string& line : print.add(entry)) print_line(line);
  });
  if (!read) return refuse(read.error());
  if (print.entries() == 0) {
    return refuse(make_error(ErrorCode::not_found, cat("no entry is about ", options.id)));
  }
  tell(cat(print.entries(), " entries about ", options.id, ", ", print.changed(),
           " values changed since they were entered"));
  return kDone;
}

}  // namespace

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
  auto* print = journal->add_subcommand(
      "print", "the record of one thing, with what was changed since it was entered");
  auto about = with_options(print);
  print->add_option("folder", about->text, "folder of an export")->required();
  print->add_option("id", about->id, "course, aliquot, lot, job, place ...")->required();
  on_chosen(print, globals, [about] { return print_record(*about); });
}

}  // namespace cryobank::ctl
