#include "inventory/record/proof.hpp"

#include <algorithm>
#include <utility>

#include "base/text.hpp"
#include "base/try.hpp"
#include "inventory/record/journal_tree.hpp"

namespace cryobank::inventory {
namespace {

struct Found {
  std::uint64_t sequence;
  std::string entry;
};

// Its words are gone, so nothing shows that it is about the subjects; and what is left proves
// nothing about them.
Error purged_away(const ProofSubjects& subjects, std::uint64_t sequence) {
  return make_error(ErrorCode::unsupported,
                    cat("the record of ", subjects.asked()[0], " was purged (entry ", sequence,
                        " and others): no proof of it is given any more; the certificate is in the "
                        "journal as record-purged"));
}

Result<std::vector<Found>> find_entries(const RowScan& rows, std::uint64_t size,
                                        ProofSubjects& subjects) {
  std::vector<Found> found;
  std::uint64_t sequence = 0;
  std::uint64_t purged = 0;
  TRY(rows(kJournalPrefix, journal_key(size + 1), [&](std::string_view, std::string_view entry) {
    ++sequence;
    if (subjects.show(entry)) {
      found.push_back({sequence, std::string(entry)});
      if (read_purged(entry)) purged = sequence;
    }
    if (purged != 0) return false;
    return found.size() <= kProofEntriesMax && subjects.related().size() <= kProofRelatedMax;
  }));
  if (purged != 0) return purged_away(subjects, purged);
  if (found.size() > kProofEntriesMax || subjects.related().size() > kProofRelatedMax) {
    return make_error(ErrorCode::too_large,
                      cat("expected at most ", kProofEntriesMax, " entries about ",
                          kProofRelatedMax, " ids: ask for fewer subjects"));
  }
  if (found.empty()) {
    return make_error(
        ErrorCode::not_found,
        cat("no journal entry is about ", subjects.asked().empty() ? "" : subjects.asked()[0]));
  }
  return found;
}

template <class Texts>
Json list_of(const Texts& texts) {
  Json list = Json::array();
  for (const std::string& text : texts) list.push(text);
  return list;
}

}  // namespace

ProofSubjects::ProofSubjects(const std::vector<std::string>& asked) : asked_(asked) {
  for (const std::string& text : asked_) written_.insert(Json(text).dump());
}

// Each text of the entry is looked up as it is written, so that most entries need no parsing. A
// quote within a text is always escaped.
bool ProofSubjects::perhaps(std::string_view entry) const {
  std::size_t open = entry.find('"');
  while (open != std::string_view::npos) {
    std::size_t close = open + 1;
    while (close < entry.size() && entry[close] != '"') close += entry[close] == '\\' ? 2 : 1;
    if (close >= entry.size()) return false;
    if (written_.contains(entry.substr(open, close + 1 - open))) return true;
    open = entry.find('"', close + 1);
  }
  return false;
}

bool ProofSubjects::is_one(std::string_view text) const {
  return related_.contains(text) || std::find(asked_.begin(), asked_.end(), text) != asked_.end();
}

bool ProofSubjects::names(const Json& value) const {
  if (value.is_string()) return is_one(value.string());
  if (value.is_array()) {
    return std::any_of(value.items().begin(), value.items().end(),
                       [this](const Json& item) { return names(item); });
  }
  return value.is_object() &&
         std::any_of(value.members().begin(), value.members().end(),
                     [this](const auto& member) { return names(member.second); });
}

void ProofSubjects::add(const Json& text) {
  if (!text.is_string() || text.string().empty() || is_one(text.string())) return;
  related_.insert(text.string());
  written_.insert(text.dump());
}

void ProofSubjects::link(const Fact& fact) {
  const auto asked = [this](const Json& id) {
    return id.is_string() && std::find(asked_.begin(), asked_.end(), id.string()) != asked_.end();
  };
  const Json& data = fact.data;
  if (fact.type == fact::kJobCreated && asked(data["job"]["course"])) add(data["job"]["job"]);
  if (fact.type != fact::kCourseRegistered || !data["doses"].is_array()) return;
  const bool whole = asked(data["course"]);
  for (const Json& dose : data["doses"].items()) {
    if (!dose["aliquots"].is_array()) continue;
    for (const Json& aliquot : dose["aliquots"].items()) {
      if (!whole && !asked(aliquot["aliquot"])) continue;
      add(aliquot["aliquot"]);
      add(aliquot["code"]);
    }
  }
}

bool ProofSubjects::show(std::string_view entry) {
  if (!perhaps(entry)) return false;
  const auto parsed = parse_entry(entry);
  if (!parsed || !names(parsed->fact.data)) return false;
  link(parsed->fact);
  return true;
}

bool mentions(std::string_view entry, const std::vector<std::string>& subjects) {
  return ProofSubjects(subjects).show(entry);
}

Result<std::string> make_proof(const RowScan& rows, const std::vector<std::string>& asked,
                               const Checkpoint& checkpoint, std::string_view note,
                               std::string_view key) {
  ProofSubjects subjects(asked);
  TRY_ASSIGN(const auto found, find_entries(rows, checkpoint.size, subjects));
  JournalTree tree(rows);
  Json entries = Json::array();
  for (const Found& one : found) {
    TRY_ASSIGN(const auto path, inclusion_path(one.sequence - 1, checkpoint.size, tree.reader()));
    if (!inclusion_holds(leaf_hash(one.entry), one.sequence - 1, checkpoint.size, path,
                         checkpoint.root)) {
      return make_error(ErrorCode::corrupt,
                        cat("journal: entry ", one.sequence, " does not lead to the checkpoint"));
    }
    Json hashes = Json::array();
    for (const Sha256& hash : path) hashes.push(to_hex(hash));
    Json entry;
    entry.set("entry", one.entry).set("path", std::move(hashes)).set("sequence", one.sequence);
    entries.push(std::move(entry));
  }
  Json proof;
  proof.set("checkpoint", note).set("entries", std::move(entries)).set("format", kJournalFormat);
  proof.set("key", key).set("related", list_of(subjects.related()));
  proof.set("subjects", list_of(subjects.asked()));
  return proof.dump() + "\n";
}

}  // namespace cryobank::inventory
