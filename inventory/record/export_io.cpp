#include "inventory/record/export_io.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <memory>
#include <optional>
#include <utility>

#include "base/text.hpp"
#include "base/try.hpp"
#include "inventory/record/file_io.hpp"
#include "inventory/record/journal_format.hpp"
#include "inventory/record/site_keys.hpp"

namespace cryobank::inventory {
namespace {

constexpr std::size_t kSmallFileMax = 64 * 1024;

struct ExportClose {
  void operator()(std::FILE* file) const { (void)std::fclose(file); }
};

std::string in(const std::string& directory, std::string_view name) {
  return cat(directory, "/", name);
}

Status write_whole(const std::string& path, std::string_view text) {
  TRY_ASSIGN(auto file, FileWriter::open(path));
  TRY(file->write(text));
  return file->finish();
}

// A note that the key in use did not sign, but one before it: opened with that one's public half,
// or left alone when nobody kept it. Any other is an Error.
Result<std::optional<Checkpoint>> open_former(const std::string& note, const Error& refused,
                                              const std::vector<FormerKey>& former) {
  TRY_ASSIGN(const auto parsed, parse_note(note));
  for (const FormerKey& one : former) {
    const bool signed_by = std::ranges::any_of(
        parsed.signatures, [&](const NoteSignature& s) { return to_hex(s.hash) == one.hash; });
    if (!signed_by) continue;
    if (!one.key) return std::optional<Checkpoint>();
    TRY_ASSIGN(auto checkpoint, open_note(note, *one.key));
    return std::optional(std::move(checkpoint));
  }
  return refused;
}

Result<std::vector<Checkpoint>> earlier_checkpoints(const RowScan& rows, const VerifierKey& key) {
  TRY_ASSIGN(const auto notes, kept_notes(rows));
  TRY_ASSIGN(const auto former, former_keys(rows));
  std::vector<Checkpoint> checkpoints;
  for (std::size_t i = 0; i < notes.size(); ++i) {
    auto checkpoint = open_note(notes[i], key);
    if (checkpoint) {
      checkpoints.push_back(std::move(*checkpoint));
      continue;
    }
    const Error refused = make_error(checkpoint.error().code,
                                     cat("checkpoint ", i + 1, ": ", checkpoint.error().context));
    TRY_ASSIGN(auto older, open_former(notes[i], refused, former));
    if (older) checkpoints.push_back(std::move(*older));
  }
  return checkpoints;
}

}  // namespace

Result<Checkpoint> export_journal(const RowScan& rows, const SigningKey& key,
                                  const std::string& directory) {
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  if (error) {
    return make_error(ErrorCode::io, cat("cannot make ", directory, ": ", error.message()));
  }
  TRY_ASSIGN(const auto earlier, earlier_checkpoints(rows, key.verifier()));
  TRY_ASSIGN(auto journal, FileWriter::open(in(directory, kExportJournal)));
  const auto checkpoint =
      export_entries(rows, key.verifier().name, earlier, [&](std::string_view entry) {
        Status written = journal->write(entry);
        return written ? journal->write("\n") : written;
      });
  TRY(checkpoint);
  TRY(journal->finish());
  const std::string note = key.sign_note(checkpoint_text(*checkpoint));
  TRY(write_whole(in(directory, kExportCheckpoint), note));
  const std::string verifier = format_verifier_key(key.verifier()) + "\n";
  TRY(write_whole(in(directory, kExportKey), verifier));
  return checkpoint;
}

Status export_proof(const RowScan& rows, const std::vector<std::string>& subjects,
                    const SigningKey& key, const std::string& path) {
  CHECK(!subjects.empty());
  TRY_ASSIGN(const auto earlier, earlier_checkpoints(rows, key.verifier()));
  TRY_ASSIGN(const auto checkpoint, export_entries(rows, key.verifier().name, earlier,
                                                   [](std::string_view) { return Status(); }));
  const std::string note = key.sign_note(checkpoint_text(checkpoint));
  TRY_ASSIGN(const auto proof,
             make_proof(rows, subjects, checkpoint, note, format_verifier_key(key.verifier())));
  return write_whole(path, proof);
}

Status read_export(const std::string& journal_path,
                   const std::function<Status(std::string_view)>& visit, LastLine last) {
  const std::unique_ptr<std::FILE, ExportClose> file(std::fopen(journal_path.c_str(), "rbe"));
  if (file == nullptr) {
    return make_error(errno == ENOENT ? ErrorCode::not_found : ErrorCode::io,
                      cat("cannot open ", journal_path, ": ", std::strerror(errno)));
  }
  std::string buffer;
  constexpr std::size_t kChunk = 1u << 20;
  std::size_t start = 0;
  while (true) {
    const std::size_t end = buffer.find('\n', start);
    if (end != std::string::npos) {
      TRY(visit(std::string_view(buffer).substr(start, end - start)));
      start = end + 1;
      continue;
    }
    buffer.erase(0, start);
    start = 0;
    if (buffer.size() > kJournalEntryMax) {
      return make_error(ErrorCode::too_large, cat("expected lines of at most ", kJournalEntryMax,
                                                  " bytes in ", journal_path));
    }
    const std::size_t before = buffer.size();
    buffer.resize(before + kChunk);
    buffer.resize(before + std::fread(buffer.data() + before, 1, kChunk, file.get()));
    if (buffer.size() == before) break;
  }
  if (std::ferror(file.get()) != 0) {
    return make_error(ErrorCode::io, cat("cannot read ", journal_path));
  }
  return buffer.empty() || last == LastLine::whole ? Status() : visit(buffer);
}

Result<VerifyReport> verify_record(const RowScan& rows, const VerifierKey& key) {
  TRY_ASSIGN(const auto checkpoints, earlier_checkpoints(rows, key));
  return verify_rows(rows, checkpoints);
}

Result<VerifyReport> verify_export(const std::string& directory, const VerifierKey& key,
                                   const std::vector<std::string>& witnessed_notes) {
  TRY_ASSIGN(const auto own, read_file(in(directory, kExportCheckpoint), kSmallFileMax));
  std::vector<std::string> notes{own};
  notes.insert(notes.end(), witnessed_notes.begin(), witnessed_notes.end());
  TRY_ASSIGN(auto checkpoints, open_notes(notes, key));
  JournalVerifier verifier(checkpoints);
  TRY(read_export(in(directory, kExportJournal), [&](std::string_view entry) {
    (void)verifier.feed(entry);
    return Status();
  }));
  (void)verifier.finish();
  VerifyReport report{verifier.sequence(), verifier.frontier().root(), verifier.fault()};
  if (!report.fault && report.entries > checkpoints.front().size) {
    report.fault = JournalFault{checkpoints.front().size + 1, report.entries,
                                "the signed checkpoint does not know of it"};
  }
  return report;
}

}  // namespace cryobank::inventory
