#include "inventory/export.hpp"

#include <algorithm>
#include <utility>

#include "inventory/journal_format.hpp"
#include "inventory/journal_tree.hpp"
#include "inventory/verify.hpp"
#include "service/base/text.hpp"

namespace cryobank::inventory {
namespace {

bool holds_text(const Json& value, const std::vector<std::string>& texts) {
  if (value.is_string()) {
    return std::find(texts.begin(), texts.end(), value.string()) != texts.end();
  }
  if (value.is_array()) {
    return std::any_of(value.items().begin(), value.items().end(),
                       [&](const Json& item) { return holds_text(item, texts); });
  }
  if (!value.is_object()) return false;
  return std::any_of(value.members().begin(), value.members().end(),
                     [&](const auto& member) { return holds_text(member.second, texts); });
}

struct Found {
  std::uint64_t sequence;
  std::string entry;
};

Result<std::vector<Found>> find_entries(const RowScan& rows, std::uint64_t size,
                                        const std::vector<std::string>& subjects) {
  std::vector<Found> found;
  std::uint64_t sequence = 0;
  const Status scanned =
      rows(kJournalPrefix, journal_key(size + 1), [&](std::string_view, std::string_view entry) {
        ++sequence;
        if (mentions(entry, subjects)) found.push_back({sequence, std::string(entry)});
        return found.size() <= kProofEntriesMax;
      });
  if (!scanned) return scanned.error();
  if (found.size() > kProofEntriesMax) {
    return make_error(ErrorCode::too_large,
                      cat("more than ", kProofEntriesMax, " entries are about them"));
  }
  if (found.empty()) {
    return make_error(ErrorCode::not_found,
                      cat("no journal entry is about ", subjects.empty() ? "" : subjects[0]));
  }
  return found;
}

}  // namespace

bool mentions(std::string_view entry, const std::vector<std::string>& subjects) {
  const bool perhaps =
      std::any_of(subjects.begin(), subjects.end(), [&](const std::string& subject) {
        return entry.find(cat('"', subject, '"')) != std::string_view::npos;
      });
  if (!perhaps) return false;
  const auto parsed = parse_entry(entry);
  return parsed.ok() && holds_text(parsed->fact.data, subjects);
}

Result<std::vector<std::string>> kept_notes(const RowScan& rows, std::size_t notes_max) {
  std::size_t count = 0;
  const Status counted =
      rows(kCheckpointPrefix, kCheckpointEnd, [&](std::string_view, std::string_view) {
        ++count;
        return true;
      });
  if (!counted) return counted.error();
  const std::size_t step = count / notes_max + 1;
  std::size_t left = count;  // counted down, so that the last one is always taken
  std::vector<std::string> notes;
  const Status scanned =
      rows(kCheckpointPrefix, kCheckpointEnd, [&](std::string_view, std::string_view note) {
        if (--left % step == 0) notes.emplace_back(note);
        return left > 0;
      });
  if (!scanned) return scanned.error();
  return notes;
}

Result<Checkpoint> export_entries(const RowScan& rows, std::string_view origin,
                                  const std::vector<Checkpoint>& earlier,
                                  const std::function<Status(std::string_view)>& write) {
  JournalVerifier verifier(earlier);
  Status written;
  const Status scanned =
      rows(kJournalPrefix, kJournalEnd, [&](std::string_view, std::string_view entry) {
        if (!verifier.feed(entry)) return false;
        written = write(entry);
        return written.ok();
      });
  if (!scanned) return scanned.error();
  if (!written) return written.error();
  const auto head_row = read_row(rows, kJournalHeadKey);
  if (!head_row) return head_row.error();
  std::vector<JournalVerifier::End> ends;
  if (*head_row) {
    const auto head = parse_head(**head_row);
    if (!head) return head.error();
    ends.push_back({head->sequence, head->last_hash, "the head row"});
  }
  if (!verifier.finish(ends)) {
    return make_error(ErrorCode::corrupt, cat("journal: ", describe(*verifier.fault())));
  }
  return Checkpoint{std::string(origin), verifier.sequence(), verifier.frontier().root()};
}

Result<std::string> make_proof(const RowScan& rows, const std::vector<std::string>& subjects,
                               const Checkpoint& checkpoint, std::string_view note,
                               std::string_view key) {
  const auto found = find_entries(rows, checkpoint.size, subjects);
  if (!found) return found.error();
  JournalTree tree(rows);
  Json entries = Json::array();
  for (const Found& one : *found) {
    const auto path = inclusion_path(one.sequence - 1, checkpoint.size, tree.reader());
    if (!path) return path.error();
    if (!inclusion_holds(leaf_hash(one.entry), one.sequence - 1, checkpoint.size, *path,
                         checkpoint.root)) {
      return make_error(ErrorCode::corrupt,
                        cat("journal: entry ", one.sequence, " does not lead to the checkpoint"));
    }
    Json hashes = Json::array();
    for (const Sha256& hash : *path) hashes.push(to_hex(hash));
    Json entry;
    entry.set("entry", one.entry).set("path", std::move(hashes)).set("sequence", one.sequence);
    entries.push(std::move(entry));
  }
  Json names = Json::array();
  for (const std::string& subject : subjects) names.push(subject);
  Json proof;
  proof.set("checkpoint", note).set("entries", std::move(entries)).set("format", kJournalFormat);
  proof.set("key", key).set("subjects", std::move(names));
  return proof.dump() + "\n";
}

}  // namespace cryobank::inventory
