#include "service/repair/record_purge_io.hpp"

#include <sys/random.h>

#include <array>
#include <filesystem>
#include <map>
#include <memory>
#include <set>
#include <utility>

#include "base/row_reader.hpp"
#include "base/text.hpp"
#include "base/try.hpp"
#include "inventory/ledger/documents.hpp"
#include "inventory/ledger/paper/redact.hpp"
#include "inventory/ledger/retention.hpp"
#include "inventory/ledger/row_codec.hpp"
#include "inventory/record/backup/rebuild_ledger.hpp"
#include "inventory/record/export_io.hpp"
#include "inventory/record/file_io.hpp"
#include "inventory/record/journal_format.hpp"
#include "inventory/record/purge_check.hpp"
#include "service/repair/record_events_io.hpp"
#include "service/repair/record_files_io.hpp"

namespace cryobank::service {
namespace {

namespace fs = std::filesystem;
using inventory::LevelDbStore;

constexpr std::size_t kSaltBytes = 32;
constexpr std::size_t kPurgeBatchRows = 1000;

std::string random_salt() {
  std::array<std::uint8_t, kSaltBytes> salt{};
  CHECK(getrandom(salt.data(), salt.size(), 0) == static_cast<ssize_t>(salt.size()));
  return to_hex(salt);
}

// The courses with an approved purge, and what of them is still to be taken out.
struct Wanted {
  std::set<CourseId> courses;          // approved, done or not
  std::vector<std::string> waiting;    // of them, those not done
  std::vector<std::string> approvals;  // of all of them
  std::set<std::string> words;
};

Result<Wanted> find_wanted(const inventory::View& view, WallTime now) {
  Wanted wanted;
  for (const std::string& id : view.documents(inventory::kPurge)) {
    const auto purge = *inventory::document_of<inventory::PurgeDocument>(view, id);
    const inventory::Course* course = view.course(CourseId(id));
    if (course == nullptr) continue;
    if (purge.done.ms == 0) {
      TRY(inventory::may_purge(view, *course, now));
      wanted.waiting.push_back(id);
    }
    wanted.courses.insert(course->id);
    wanted.approvals.push_back(purge.approval);
  }
  wanted.words = inventory::private_words(view, wanted.courses);
  if (!wanted.waiting.empty() || !wanted.words.empty()) return wanted;
  return make_error(ErrorCode::not_found,
                    "no approved purge waits: retention/report tells what is due, retention/purge "
                    "approves");
}

// What shows that a purge was right is never purged.
bool is_of_purge(const Fact& fact) {
  return fact.type == fact::kPurgeApproved || fact.type == fact::kRecordPurged ||
         (fact.type == fact::kRecordSigned && fact.data["act"] == Json(inventory::kPurgeVerb));
}

// Rewrites entry after entry, and ends with the certificate.
class Rewriting {
 public:
  Rewriting(const inventory::View& view, const Wanted& wanted, const PurgeOrder& order)
      : view_(view), wanted_(wanted), order_(order), redaction_(wanted.words, random_salt()) {}

  // The journal as it shall stand.
  inventory::EntrySource source(const inventory::EntrySource& entries) {
    return [this, entries](const std::function<Status(std::string_view)>& visit) -> Status {
      TRY(entries([this, &visit](std::string_view line) -> Status {
        TRY_ASSIGN(const auto rewritten, rewrite(line));
        return visit(rewritten.empty() ? line : std::string_view(rewritten));
      }));
      const auto last = certificate();
      return last ? visit(*last) : Status(last.error());
    };
  }

  std::uint64_t sequence() const { return sequence_; }
  std::uint64_t changed() const { return changed_.size(); }

  // A row that the journal does not make: an event, a reply, an alarm.
  std::string row(std::string_view key, std::string_view value) const {
    if (key.starts_with(inventory::kCheckpointPrefix)) return std::string(value);
    if (!key.starts_with("e/")) return redaction_.text(value);
    auto event = parse_json(value, inventory::kJournalEntryMax);
    if (!event) return redaction_.text(value);
    RowReader in(key, *event);
    const auto of = changed_.find(static_cast<std::uint64_t>(in.maybe_number("journal")));
    const std::string why = in.maybe_text("reason");
    if (!in.ok()) return redaction_.text(value);
    if (of == changed_.end()) return std::string(value);
    event->set("data", redaction_.data((*event)["data"], of->second));
    if (event->has("reason")) event->set("reason", reason(why, of->second));
    return event->dump();
  }

 private:
  std::string reason(const std::string& text, bool free_text) const {
    return free_text && !text.empty() ? std::string(inventory::kNoText) : redaction_.text(text);
  }

  // The line in place of this one; empty when it stays.
  Result<std::string> rewrite(std::string_view line) {
    TRY_ASSIGN(auto entry, inventory::parse_entry(line));
    sequence_ = entry.sequence;
    const Sha256 leaf = inventory::line_hash(line);
    last_leaf_ = leaf;
    if (is_of_purge(entry.fact)) return std::string();
    const bool free_text = inventory::is_only_about(view_, entry.fact.data, wanted_.courses);
    Json data = redaction_.data(entry.fact.data, free_text);
    std::string why = reason(entry.context.reason, free_text);
    if (data == entry.fact.data && why == entry.context.reason) return std::string();
    if (changed_.size() >= kPurgedEntriesMax) {
      return make_error(ErrorCode::too_large, cat("expected at most ", kPurgedEntriesMax,
                                                  " entries for one certificate"));
    }
    entry.fact.data = std::move(data);
    entry.context.reason = std::move(why);
    std::string inner;
    inventory::append_entry(inner, entry.sequence, entry.previous, entry.clock_state, entry.fact,
                            entry.context);
    std::string rewritten = inventory::format_purged(inner, leaf);
    if (rewritten.size() > inventory::kJournalEntryMax) {
      return make_error(ErrorCode::too_large, cat("entry ", entry.sequence, " would grow beyond ",
                                                  inventory::kJournalEntryMax, " bytes"));
    }
    changed_[entry.sequence] = free_text;
    Json named = Json::object().set("leaf", to_hex(leaf)).set("line", to_hex(sha256(rewritten)));
    entries_.push(named.set("sequence", entry.sequence));
    return rewritten;
  }

  Result<std::string> certificate() {
    Json data = Json::object();
    Json approvals = Json::array();
    for (const std::string& id : wanted_.approvals) approvals.push(id);
    Json purged = Json::array();
    Json documents = Json::array();
    for (const std::string& id : wanted_.waiting) {
      purged.push(id);
      auto content = *inventory::document_of<inventory::PurgeDocument>(view_, id);
      content.done = order_.now.wall;
      Json document = Json::object().set("kind", inventory::kPurge).set("id", id);
      documents.push(document.set("content", content.encode()));
    }
    data.set("approvals", std::move(approvals)).set("by", order_.user);
    data.set("documents", std::move(documents)).set("entries", entries_);
    data.set("purged", std::move(purged));
    inventory::put_time(data, "at", order_.now.wall);
    CommandContext context;
    context.now = order_.now;
    context.actor.user = UserId(order_.user);
    context.reason = order_.reason;
    std::string entry;
    inventory::append_entry(entry, ++sequence_, last_leaf_, "unsynchronised",
                            {fact::kRecordPurged, std::move(data)}, context);
    return entry;
  }

  const inventory::View& view_;
  const Wanted& wanted_;
  const PurgeOrder& order_;
  const inventory::Redaction redaction_;
  std::uint64_t sequence_ = 0;  // of the last entry
  Sha256 last_leaf_{};
  std::map<std::uint64_t, bool> changed_;  // by sequence: was its free text taken out, too
  Json entries_ = Json::array();
};

class Purging {
 public:
  Purging(const config::SiteConfig& site, const PurgeOrder& order)
      : site_(site),
        order_(order),
        files_(record_files(site)),
        store_(fs::path(files_.store).lexically_normal().string()) {
    if (store_.ends_with('/')) store_.pop_back();
    made_ = store_ + ".purged";
    before_ = store_ + ".before-purge";
  }

  Result<PurgedRecord> run() {
    TRY(finish_interrupted());
    TRY_ASSIGN(const auto key, inventory::SigningKey::load(files_.key));
    TRY_ASSIGN(auto mark, inventory::HighWater::open(files_.high_water));
    std::unique_ptr<inventory::FileWriter> copy;
    {
      TRY_ASSIGN(auto old, inventory::open_store(store_));
      TRY(expect_whole(*old, key.verifier(), *mark));
      Status made = make(*old, key.verifier());
      if (made) made = begin_copy(made_, copy);
      if (!made) {
        std::error_code ignored;
        fs::remove_all(made_, ignored);
        return made.error();
      }
    }
    TRY(swap());
    TRY(finish(*copy));
    look_elsewhere();
    return std::move(purged_);
  }

 private:
  // What a run that was killed left: between the two renames it goes back, after them on.
  Status finish_interrupted() {
    std::error_code ignored;
    if (!fs::exists(store_, ignored) && fs::exists(before_, ignored)) {
      TRY(rename_durably(before_, store_));
    }
    {
      TRY(inventory::StoreLock::take(store_));
      fs::remove_all(made_, ignored);  // nothing else has this name
    }
    if (!fs::exists(before_, ignored)) return {};
    std::unique_ptr<inventory::FileWriter> copy;
    const Status begun = begin_copy(store_, copy);
    return begun ? finish(*copy) : begun;
  }

  Status expect_whole(LevelDbStore& old, const inventory::VerifierKey& key,
                      const inventory::HighWater& mark) {
    TRY_ASSIGN(const auto report, inventory::verify_record(inventory::scan_of(old), key));
    if (report.fault) {
      return make_error(ErrorCode::corrupt, cat("the journal is not as it was written: ",
                                                inventory::describe(*report.fault)));
    }
    entries_ = report.entries;
    if (!mark.mark() || mark.mark()->sequence <= entries_) return {};
    return make_error(ErrorCode::mismatch, cat("the journal ends at entry ", entries_,
                                               ", the high-water mark says ", mark.mark()->sequence,
                                               ": entries have vanished, recover the store first"));
  }

  Status make(LevelDbStore& old, const inventory::VerifierKey& key) {
    const auto entries = inventory::entries_of(inventory::scan_of(old));
    inventory::LedgerRebuild before(site_);
    const auto apply = before.applier();
    TRY(entries([&apply](std::string_view line) -> Status {
      TRY_ASSIGN(const auto entry, inventory::parse_entry(line));
      std::vector<RowChange> rows;
      return apply(entry.fact, entry.context, rows);
    }));
    const inventory::View view(before.ledger());
    TRY_ASSIGN(const auto wanted, find_wanted(view, order_.now.wall));
    purged_.courses = wanted.waiting;
    Rewriting rewriting(view, wanted, order_);
    TRY(inventory::create_store(made_));
    TRY_ASSIGN(const auto store, inventory::open_store(made_));
    inventory::LedgerRebuild ledger(site_);
    TRY(inventory::rebuild_rows(rewriting.source(entries), ledger.applier(), *store));
    purged_.entries = rewriting.changed();
    purged_.certificate = rewriting.sequence();
    TRY(copy_others(old, rewriting, *store));
    TRY(rebuild_events(*store, site_, entries_));
    return expect_good(*store, key);
  }

  static Status copy_others(LevelDbStore& old, const Rewriting& rewriting, LevelDbStore& to) {
    std::vector<RowChange> rows;
    Status written;
    const Status scanned = old.scan("", "", [&](std::string_view key, std::string_view value) {
      if (inventory::is_rebuilt_row(key)) return true;
      rows.push_back({std::string(key), rewriting.row(key, value)});
      if (rows.size() >= kPurgeBatchRows) written = to.commit(std::exchange(rows, {}));
      return written.ok();
    });
    if (!scanned || !written) return scanned ? written : scanned;
    return rows.empty() ? Status() : to.commit(rows);
  }

  Status expect_good(LevelDbStore& store, const inventory::VerifierKey& key) const {
    TRY_ASSIGN(const auto report, inventory::verify_record(inventory::scan_of(store), key));
    if (!report.fault && report.entries == entries_ + 1) return {};
    return make_error(ErrorCode::corrupt,
                      cat("what the purge would leave does not verify: ",
                          report.fault ? inventory::describe(*report.fault) : "entries differ",
                          ". Nothing was changed"));
  }

  // The journal's copy, complete with the certificate; it takes its place after the store.
  Status begin_copy(const std::string& from, std::unique_ptr<inventory::FileWriter>& copy) const {
    TRY_ASSIGN(auto store, inventory::open_store(from));
    TRY_ASSIGN(auto writer, inventory::FileWriter::open(files_.journal_copy));
    copy = std::move(writer);
    return inventory::entries_of(inventory::scan_of(*store))([&copy](std::string_view line) {
      const Status written = copy->write(line);
      return written ? copy->write("\n") : written;
    });
  }

  Status swap() {
    TRY(inventory::StoreLock::take(store_));
    TRY(rename_durably(store_, before_));
    return rename_durably(made_, store_);
  }

  // The high-water mark stays as it is: what it says is still true.
  Status finish(inventory::FileWriter& copy) const {
    TRY(copy.finish());
    std::error_code error;
    fs::remove_all(before_, error);
    if (!error) return {};
    return make_error(ErrorCode::io, cat("the purge is done, but ", before_,
                                         " cannot be removed: ", error.message()));
  }

  // What this tool does not touch.
  void look_elsewhere() {
    if (!site_.backup.directory.empty()) {
      for (const std::string& path : inventory::list_backups(backup_folder(site_))) {
        purged_.elsewhere.push_back(path);
      }
    }
    std::error_code ignored;
    const fs::path store(store_);
    for (const auto& file : fs::directory_iterator(store.parent_path(), ignored)) {
      const std::string name = file.path().filename().string();
      const bool aside = name.starts_with(store.filename().string() + ".damaged-") ||
                         file.path().string().starts_with(files_.journal_copy + ".set-aside-");
      if (aside) purged_.elsewhere.push_back(file.path().string());
    }
  }

  const config::SiteConfig& site_;
  const PurgeOrder& order_;
  const RecordFiles files_;
  std::string store_;
  std::string made_;
  std::string before_;
  std::uint64_t entries_ = 0;
  PurgedRecord purged_;
};

}  // namespace

Result<PurgedRecord> purge_record(const config::SiteConfig& site, const PurgeOrder& order) {
  const auto user = UserId::parse(order.user);
  if (!user || order.reason.empty()) {
    return make_error(ErrorCode::invalid_value,
                      "expected --user and --reason: the purge goes on record");
  }
  return Purging(site, order).run();
}

}  // namespace cryobank::service
