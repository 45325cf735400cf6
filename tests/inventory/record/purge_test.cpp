// A purge, from the signed approval to the tool: the private words are nowhere any more, both
// verifiers still hold, the rows are those that the journal makes, and without a certificate no
// word can be taken out or put in.
#include <gmock/gmock.h>

#include <filesystem>

#include "base/text.hpp"
#include "inventory/commands/signature.hpp"
#include "inventory/ledger/paper/redact.hpp"
#include "inventory/ledger/retention.hpp"
#include "inventory/record/backup/rebuild_ledger.hpp"
#include "inventory/record/export_io.hpp"
#include "inventory/record/journal.hpp"
#include "inventory/record/journal_format.hpp"
#include "inventory/record/purge_check.hpp"
#include "inventory/record/signature_check.hpp"
#include "service/repair/record_events_io.hpp"
#include "service/repair/record_files_io.hpp"
#include "service/repair/record_purge_io.hpp"
#include "tests/contracts/temp_dir.hpp"
#include "tests/inventory/bank.hpp"
#include "tests/inventory/record/files.hpp"

namespace cryobank::service {
namespace {

namespace fs = std::filesystem;
using inventory::Bank;

// What the purge of c1 takes out, and what of c2 stays.
const std::vector<std::string> kPrivate = {"P-4711", "DON-9001", "COI-77", "VIAL-77-1",
                                           "called at night"};
const std::vector<std::string> kStays = {"P-0815", "VIAL-88-1", "c1-d01-1", "rebuilt the rack"};

class Purge : public testing::Test {
 protected:
  Purge() : site_(inventory::small_site()) {
    site_.store.directory = dir_ / "store";
    bank_ = std::make_unique<Bank>(site_);
    live();
  }

  // One command: its facts are entries of the journal under the same command id.
  Json tell(std::string_view verb, std::string_view body) {
    const std::size_t before = bank_->facts.size();
    Json reply = bank_->done(verb, body);
    CommandContext context;
    context.now = {Instant{static_cast<std::int64_t>(++commands_)}, bank_->now};
    context.command = cat("command-", commands_);
    context.reason = bank_->reason;
    context.actor.user = UserId(bank_->user);
    context.actor.roles = bank_->roles;
    if (!bank_->witness.empty()) context.actor.witness = UserId(bank_->witness);
    for (std::size_t i = before; i < bank_->facts.size(); ++i) {
      rows_.push_back(journal_.append(bank_->facts[i], context, "synchronised"));
    }
    return reply;
  }

  void be(const std::string& role) {
    bank_->user = role;
    bank_->roles = {role};
  }

  // Two courses of two patients, in one box; the first ends, and thirty years go by.
  void live() {
    tell("course/register", R"({"course":"c1","patient":"P-4711","doses":1,"codes":["VIAL-77-1"],
                                "donation":"DON-9001","identity":"COI-77"})");
    tell("course/register", R"({"course":"c2","patient":"P-0815","doses":1,
                                "codes":["VIAL-88-1"]})");
    bank_->witness = "witness";
    bank_->reason = "rebuilt the rack";
    tell("aliquot/move", R"({"moves":[
        {"aliquot":"c1-d01-1","code":"VIAL-77-1","place":"f1-r1-b1","position":"A1"},
        {"aliquot":"c2-d01-1","code":"VIAL-88-1","place":"f1-r1-b1","position":"A2"}]})");
    bank_->witness.clear();
    bank_->reason = "the patient called at night";
    const Json asked =
        tell("disposal/request", R"({"aliquots":["c1-d01-1"],"method":"autoclave"})");
    bank_->now = bank_->now + hours(30);
    be("quality");
    tell("disposal/confirm", cat(R"({"disposal":")", asked.string_or("disposal", ""), R"("})"));
    bank_->now = inventory::years_after(bank_->now, 31);
    bank_->witness = "supervisor";
    bank_->reason = "thirty years on";
    tell("retention/review", R"({"course":"c1","decision":"may-end"})");
  }

  void approve() {
    const std::string body = R"({"course":"c1"})";
    const Json shown =
        bank_->done("signature/prepare", cat(R"({"act":"retention/purge","body":)", body, "}"));
    bank_->signature = {shown.string_or("meaning", ""), shown.string_or("record", ""), true};
    bank_->witness_signature = {std::string(inventory::kWitnessMeaning), "", true};
    tell("retention/purge", body);
    bank_->signature = {};
    bank_->witness_signature = {};
  }

  // The record on disk, as the daemon left it.
  void write() {
    ASSERT_TRUE(create_record(site_).ok());
    auto store = inventory::open_store(site_.store.directory);
    ASSERT_TRUE(store.ok()) << store.error().context;
    inventory::LedgerRebuild ledger(site_);
    const auto entries = [this](const std::function<Status(std::string_view)>& visit) {
      for (const RowChange& row : rows_) {
        if (Status seen = visit(*row.value); !seen) return seen;
      }
      return Status();
    };
    const auto rebuilt = inventory::rebuild_rows(entries, ledger.applier(), **store);
    ASSERT_TRUE(rebuilt.ok()) << rebuilt.error().context;
    const auto key = inventory::SigningKey::load(record_files(site_).key);
    ASSERT_TRUE(key.ok());
    const std::string text = journal_.checkpoint_text(key->verifier().name);
    ASSERT_TRUE((*store)
                    ->commit({{inventory::checkpoint_key(rows_.size()), key->sign_note(text)},
                              {"c/one", R"({"reply":"{\"patient\":\"P-4711\"}"})"}})
                    .ok());
    ASSERT_TRUE(rebuild_events(**store, site_, 0).ok());
    spit(record_files(site_).journal_copy, "P-4711\n");
    auto mark = inventory::HighWater::open(record_files(site_).high_water);
    ASSERT_TRUE(mark.ok());
    ASSERT_TRUE(inventory::accept_record(**store, **mark).ok());
  }

  Result<PurgedRecord> purge() {
    return purge_record(site_, {"quality", "yearly purge", {Instant{1}, bank_->now}});
  }

  std::string all_rows() const {
    auto store = inventory::open_store(site_.store.directory);
    EXPECT_TRUE(store.ok());
    std::string text;
    EXPECT_TRUE((*store)
                    ->scan("", "",
                           [&text](std::string_view key, std::string_view value) {
                             text += cat(key, " ", value, "\n");
                             return true;
                           })
                    .ok());
    return text;
  }

  std::string directory() const { return dir_ / "export"; }
  std::string journal_file() const { return directory() + "/journal.jsonl"; }

  // An export of the record as it is; gives its lines.
  std::vector<std::string> lines() {
    auto store = inventory::open_store(site_.store.directory);
    EXPECT_TRUE(store.ok());
    const auto key = inventory::SigningKey::load(record_files(site_).key);
    const auto done = inventory::export_journal(inventory::scan_of(**store), *key, directory());
    EXPECT_TRUE(done.ok()) << done.error().context;
    std::vector<std::string> out;
    const std::string text = slurp(journal_file());
    for (const std::string_view line : split(text, '\n')) {
      if (!line.empty()) out.emplace_back(line);
    }
    return out;
  }

  // What both verifiers say of an export with these lines.
  void expect_both(const std::vector<std::string>& lines, const std::string& wanted) {
    std::string text;
    for (const std::string& line : lines) text += line + "\n";
    spit(journal_file(), text);
    const auto key = inventory::SigningKey::load(record_files(site_).key);
    const auto report = inventory::verify_export(directory(), key->verifier());
    ASSERT_TRUE(report.ok()) << report.error().context;
    const std::string own =
        report->fault ? inventory::describe(*report->fault) : cat(report->entries, " entries hold");
    EXPECT_THAT(own, testing::HasSubstr(wanted));
    const Ran ran = run(cat("python3 -B " CRYOBANK_SOURCE_DIR "/tools/verify_journal.py --key ",
                            directory(), "/key.txt ", directory()));
    EXPECT_THAT(ran.output, testing::HasSubstr(wanted));
    EXPECT_EQ(ran.code, report->fault ? 1 : 0) << ran.output;
  }

  TempDir dir_;
  config::SiteConfig site_;
  std::unique_ptr<Bank> bank_;
  inventory::Journal journal_;
  std::vector<RowChange> rows_;
  int commands_ = 0;
};

TEST_F(Purge, TakesThePrivateWordsOutAndEverythingStillVerifies) {
  approve();
  write();
  for (const std::string& word : kPrivate) EXPECT_THAT(all_rows(), testing::HasSubstr(word));
  const auto done = purge();
  ASSERT_TRUE(done.ok()) << done.error().context;
  EXPECT_EQ(done->courses, std::vector<std::string>{"c1"});
  EXPECT_EQ(done->certificate, rows_.size() + 1);
  EXPECT_GT(done->entries, 3u);
  const std::string rows = all_rows();
  const std::string copy = slurp(record_files(site_).journal_copy);
  for (const std::string& word : kPrivate) {
    EXPECT_THAT(rows, testing::Not(testing::HasSubstr(word)));
    EXPECT_THAT(copy, testing::Not(testing::HasSubstr(word)));
  }
  for (const std::string& word : kStays) {
    EXPECT_THAT(rows, testing::HasSubstr(word));
    EXPECT_THAT(copy, testing::HasSubstr(word));
  }
  EXPECT_FALSE(fs::exists(site_.store.directory + ".before-purge"));
  EXPECT_EQ(run(cat("grep -rl P-4711 ", dir_ / "")).output, "") << "a file still has the words";
  expect_both(lines(), cat(rows_.size() + 1, " entries hold"));
}

TEST_F(Purge, LeavesTheRowsThatTheJournalMakesAndSignaturesThatHold) {
  approve();
  write();
  ASSERT_TRUE(purge().ok());
  auto store = inventory::open_store(site_.store.directory);
  ASSERT_TRUE(store.ok());
  ASSERT_TRUE(inventory::create_store(dir_ / "anew").ok());
  auto anew = inventory::open_store(dir_ / "anew");
  ASSERT_TRUE(anew.ok());
  inventory::LedgerRebuild ledger(site_);
  const auto entries = inventory::entries_of(inventory::scan_of(**store));
  const auto rebuilt = inventory::rebuild_rows(entries, ledger.applier(), **anew);
  ASSERT_TRUE(rebuilt.ok()) << rebuilt.error().context;
  const auto difference = inventory::compare_rows(
      inventory::scan_of(**store), inventory::scan_of(**anew), inventory::is_rebuilt_row);
  ASSERT_TRUE(difference.ok());
  EXPECT_FALSE(difference->has_value()) << (*difference)->key << ": " << (*difference)->what;

  const inventory::View view(ledger.ledger());
  const inventory::Course* course = view.course(CourseId("c1"));
  ASSERT_NE(course, nullptr);
  EXPECT_TRUE(course->patient.str().starts_with(inventory::kTokenStart));
  EXPECT_TRUE(inventory::is_purged(view, CourseId("c1")));
  EXPECT_TRUE(inventory::render_course(ledger.ledger(), CourseId("c1")).is_null())
      << "its topic is cleared";
  EXPECT_EQ(inventory::all_courses(ledger.ledger()), std::vector<CourseId>{CourseId("c2")});
  EXPECT_FALSE(view.aliquot_by_code("VIAL-77-1"));
  EXPECT_TRUE(view.aliquot_by_code("VIAL-88-1"));

  int signatures = 0;
  inventory::SignatureCheck check(site_, [&](const inventory::CheckedSignature& found) {
    ++signatures;
    EXPECT_EQ(found.fault, "") << found.id;
    EXPECT_TRUE(found.purged) << found.id;
  });
  ASSERT_TRUE(entries([&check](std::string_view line) { return check.feed(line); }).ok());
  EXPECT_EQ(signatures, 1);
  const auto key = inventory::SigningKey::load(record_files(site_).key);
  ASSERT_TRUE(key.ok());
  const Status proof =
      inventory::export_proof(inventory::scan_of(**store), {"c1-d01-1"}, *key, dir_ / "proof.json");
  ASSERT_FALSE(proof.ok());
  EXPECT_THAT(proof.error().context, testing::HasSubstr("was purged"));
}

TEST_F(Purge, WithoutItsCertificateNoLineStandsForAnEntry) {
  approve();
  write();
  const std::vector<std::string> before = lines();
  std::vector<std::string> forged = before;
  std::string other = before[0];
  const std::size_t at = other.find("P-4711");
  ASSERT_NE(at, std::string::npos);
  other.replace(at, 6, "P-9999");
  forged[0] = inventory::format_purged(other, inventory::leaf_hash(before[0]));
  expect_both(forged, "entry 1: it was purged, and no signed purge certificate says so");

  ASSERT_TRUE(purge().ok());
  const std::vector<std::string> after = lines();
  ASSERT_TRUE(inventory::read_purged(after[0]).has_value());
  std::vector<std::string> changed = after;
  changed[0].replace(changed[0].find("\"doses\""), 7, "\"Doses\"");
  expect_both(changed, "entry 1: it was purged, and no signed purge certificate says so");
  changed = after;
  changed[0].replace(changed[0].find("\"leaf\":\"") + 8, 1,
                     changed[0][changed[0].find("\"leaf\":\"") + 8] == '0' ? "1" : "0");
  expect_both(changed, "entry 1: ");
  changed = after;
  changed.back().replace(changed.back().find("\"leaf\""), 6, "\"Leaf\"");
  expect_both(changed, cat("an entry between 1 and ", after.size(), ": "));
  changed = after;
  changed[0] = before[0];  // the words put back from an older export are as they were written
  expect_both(changed, cat(after.size(), " entries hold"));
}

TEST_F(Purge, IsRefusedWithoutApprovalUnderAHoldAndTwice) {
  write();
  EXPECT_EQ(purge().error().code, ErrorCode::not_found) << "nobody approved one";
  approve();
  fs::remove_all(dir_ / "store");
  write();
  ASSERT_TRUE(purge().ok());
  const std::string rows = all_rows();
  EXPECT_EQ(purge().error().code, ErrorCode::not_found);
  EXPECT_EQ(all_rows(), rows);
}

TEST_F(Purge, ALegalHoldPlacedAfterTheApprovalStopsIt) {
  approve();
  bank_->reason = "a court asked";
  tell("hold/place", R"({"patient":"P-4711","kind":"legal"})");
  write();
  const std::string rows = all_rows();
  const auto refused = purge();
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, ErrorCode::conflict);
  EXPECT_THAT(refused.error().context, testing::HasSubstr("is held by hold-1"));
  EXPECT_EQ(all_rows(), rows) << "nothing was changed";
  EXPECT_FALSE(fs::exists(site_.store.directory + ".purged"));
}

TEST_F(Purge, ARunThatWasKilledIsPutBackOrCarriedOnByTheNext) {
  approve();
  write();
  const std::string store = site_.store.directory;
  fs::rename(store, store + ".before-purge");  // killed between the renames
  ASSERT_TRUE(purge().ok());
  EXPECT_FALSE(fs::exists(store + ".before-purge"));
  fs::create_directory(store + ".before-purge");  // killed before the old store was removed
  spit(store + ".before-purge/000001.log", "P-4711");
  spit(record_files(site_).journal_copy, "P-4711\n");
  EXPECT_EQ(purge().error().code, ErrorCode::not_found);
  EXPECT_FALSE(fs::exists(store + ".before-purge"));
  EXPECT_THAT(slurp(record_files(site_).journal_copy), testing::HasSubstr("record-purged"));
  EXPECT_THAT(slurp(record_files(site_).journal_copy), testing::Not(testing::HasSubstr("P-4711")));
}

TEST_F(Purge, ApprovalNeedsADueRecordAReviewAndTwoSignatures) {
  const char* body = R"({"course":"c1"})";
  bank_->refused("retention/purge", body, ErrorCode::signature_needed);
  bank_->refused("retention/purge", R"({"course":"c2"})", ErrorCode::signature_needed);
  tell("hold/place", R"({"course":"c1","kind":"legal"})");
  const auto signed_by_both = [this](const std::string& what) {
    bank_->signature = {};
    bank_->witness_signature = {};
    const Json shown =
        bank_->done("signature/prepare", cat(R"({"act":"retention/purge","body":)", what, "}"));
    bank_->signature = {shown.string_or("meaning", ""), shown.string_or("record", ""), true};
    bank_->witness_signature = {std::string(inventory::kWitnessMeaning), "", true};
  };
  signed_by_both(body);
  bank_->refused("retention/purge", body, ErrorCode::conflict);
  signed_by_both(R"({"course":"c2"})");
  bank_->refused("retention/purge", R"({"course":"c2"})", ErrorCode::conflict);
  bank_->signature = {};
  bank_->witness_signature = {};
  tell("hold/release", R"({"hold":"hold-1"})");
  bank_->witness.clear();
  bank_->refused("retention/purge", body, ErrorCode::witness_needed);
  bank_->witness = "supervisor";
  approve();
  signed_by_both(body);
  bank_->refused("retention/purge", body, ErrorCode::already_exists);
  bank_->expect_rebuilds();
}

TEST(Redaction, ReplacesWholeWordsTheSameWayEverywhere) {
  const inventory::Redaction redact({"P-1", "K,1", "7", "COI.x"}, "salt");
  const std::string token = redact.text("P-1");
  EXPECT_TRUE(token.starts_with(inventory::kTokenStart));
  EXPECT_EQ(token.size(), inventory::kTokenStart.size() + 24);
  EXPECT_EQ(redact.text("patient/P-1, not P-10 or XP-1"),
            cat("patient/", token, ", not P-10 or XP-1"));
  EXPECT_EQ(redact.text("ends with P-1."), cat("ends with ", token, "."));
  EXPECT_EQ(redact.text("expected K,1"), cat("expected ", redact.text("K,1")));
  EXPECT_EQ(redact.text("1/7 of 7"), "1/7 of 7") << "a number is a word only as a whole text";
  EXPECT_NE(redact.text("7"), "7");
  EXPECT_NE(inventory::Redaction({"P-1"}, "other").text("P-1"), token);
  const auto json = parse_json(R"({"P-1":["P-1",{"reason":"he said so"}],"reason":"","n":7})");
  EXPECT_EQ(redact.data(*json, true).dump(),
            cat(R"({"n":7,")", token, R"(":[")", token, R"(",{"reason":"purged"}],"reason":""})"));
  EXPECT_EQ(redact.data(*json, false)[token].items()[1].string_or("reason", ""), "he said so");
}

}  // namespace
}  // namespace cryobank::service
