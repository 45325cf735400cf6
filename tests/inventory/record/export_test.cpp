// Exports and proofs, checked by our own verifier and by the stand-alone one.
#include <gmock/gmock.h>

#include <filesystem>

#include "base/prng.hpp"
#include "base/text.hpp"
#include "inventory/record/export_io.hpp"
#include "inventory/record/journal_format.hpp"
#include "inventory/record/journal_tree.hpp"
#include "tests/contracts/temp_dir.hpp"
#include "tests/inventory/record/example.hpp"
#include "tests/inventory/record/files.hpp"
#include "tests/inventory/record/samples.hpp"
#include "tests/simulation/sim_store.hpp"

namespace cryobank::inventory {
namespace {

class Export : public testing::Test {
 protected:
  static constexpr int kEntries = 700;

  Export() {
    std::vector<RowChange> rows;
    for (int i = 1; i <= kEntries; ++i) {
      rows.push_back(append_sample(journal_, i));
      if (i == 300) {
        const std::string text = journal_.checkpoint_text(key_.verifier().name);
        rows.push_back({checkpoint_key(300), key_.sign_note(text)});
      }
    }
    for (RowChange& row : journal_.head_rows()) rows.push_back(std::move(row));
    EXPECT_TRUE(store_.commit(rows).ok());
  }

  std::string directory() const { return dir_ / "export"; }
  std::string journal_file() const { return directory() + "/journal.jsonl"; }
  void write_export() {
    const auto written = export_journal(scan_of(store_), key_, directory());
    ASSERT_TRUE(written.ok()) << written.error().context;
  }
  std::string own_check(const std::vector<std::string>& witnesses = {}) {
    const auto report = verify_export(directory(), key_.verifier(), witnesses);
    if (!report) return report.error().context;
    return report->fault ? describe(*report->fault) : cat("good, ", report->entries);
  }
  Ran stand_alone(std::string_view options = "") {
    return run(cat("python3 " CRYOBANK_SOURCE_DIR "/tools/verify_journal.py --key ", directory(),
                   "/key.txt ", directory(), " ", options));
  }

  struct Damage {
    std::string what;
    std::string bytes;
    std::string says;
  };
  // Both verifiers say the same of it.
  void expect_named(const Damage& damage) {
    spit(journal_file(), damage.bytes);
    EXPECT_THAT(own_check(), testing::HasSubstr(damage.says)) << damage.what;
    const Ran ran = stand_alone();
    EXPECT_EQ(ran.code, 1) << damage.what;
    EXPECT_THAT(ran.output, testing::HasSubstr(damage.says)) << damage.what;
  }

  TempDir dir_;
  SigningKey key_ = example_key();
  Journal journal_;
  simulation::SimStore store_{1};
};

TEST_F(Export, HoldsForBothVerifiers) {
  write_export();
  EXPECT_EQ(own_check(), "good, 700");
  const Ran ran = stand_alone();
  EXPECT_EQ(ran.code, 0) << ran.output;
  EXPECT_EQ(ran.output, cat("700 entries hold, root ", to_hex(journal_.head().root),
                            ", 1 signed checkpoint(s)\n"));
}

// Every kind of damage that a disk, a person or a program does to an export, and what must be said.
TEST_F(Export, EveryDroppedMovedOrDoubledPartIsNamedByBothVerifiers) {
  write_export();
  const std::string good = slurp(journal_file());
  std::vector<std::size_t> begins{0};
  for (int i = 0; i < kEntries; ++i) begins.push_back(good.find('\n', begins.back()) + 1);
  const auto line = [&](int number) {
    const auto at = begins[static_cast<std::size_t>(number - 1)];
    return good.substr(at, begins[static_cast<std::size_t>(number)] - at);
  };
  const auto with_line = [&](int number, const std::string& text) {
    return good.substr(0, begins[static_cast<std::size_t>(number - 1)]) + text +
           good.substr(begins[static_cast<std::size_t>(number)]);
  };
  std::vector<Damage> cases;
  const auto entry = parse_json(trim(line(400)), kJournalEntryMax);
  ASSERT_TRUE(entry.ok());
  for (const auto& [key, value] : entry->members()) {
    Json without = Json::object();
    for (const auto& [name, other] : entry->members()) {
      if (name != key) without.set(name, other);
    }
    cases.push_back({cat("the key ", key, " dropped"), with_line(400, without.dump() + "\n"),
                     cat("the key \"", key, "\"")});
  }
  std::string text = line(400);
  text.insert(1, "\"added\":1,");
  cases.push_back({"a key added", with_line(400, text), "entry 400: "});
  text = line(400);
  text.insert(text.find(',') + 1, " ");
  cases.push_back({"a blank added", with_line(400, text), "entry 400: "});
  text = line(400);
  const std::size_t clock = text.find(",\"command\"");
  text = "{" + text.substr(clock + 1, text.find(",\"data\"") - clock - 1) + "," +
         text.substr(1, clock - 1) + text.substr(text.find(",\"data\""));
  cases.push_back({"two keys swapped", with_line(400, text), "entry 400: "});
  cases.push_back({"an entry doubled", with_line(400, line(400) + line(400)),
                   "entry 401: expected sequence 401, came 400"});
  cases.push_back({"an entry emptied", with_line(400, "\n"), "entry 400: "});
  cases.push_back({"the first entry removed", with_line(1, ""), "entry 1: "});
  cases.push_back({"the last entry removed", good.substr(0, begins[kEntries - 1]), "700"});
  cases.push_back({"the tail cut within an entry", good.substr(0, begins[650] + 40), "651"});
  cases.push_back({"everything cut", "", "700"});
  cases.push_back(
      {"two far entries swapped", with_line(100, line(600)).replace(0, 0, ""), "entry 100: "});
  cases.push_back({"an entry appended", good + line(kEntries), "entry 701: "});
  for (const Damage& damage : cases) expect_named(damage);
}

TEST_F(Export, AChangeIsNamedTheSameByBothVerifiers) {
  write_export();
  const std::string good = slurp(journal_file());
  const auto line = [&](int number) {
    std::size_t at = 0;
    for (int i = 1; i < number; ++i) at = good.find('\n', at) + 1;
    return std::pair(at, good.find('\n', at) + 1 - at);
  };
  std::vector<Damage> cases;
  std::string bytes = good;
  bytes[bytes.find("A-250")] = 'B';
  cases.push_back({"a changed text", bytes, "entry 250: its bytes are not those that were hashed"});
  bytes = good;
  const auto [first, first_length] = line(400);
  const auto [second, second_length] = line(401);
  bytes = good.substr(0, first) + good.substr(second, second_length) +
          good.substr(first, first_length) + good.substr(second + second_length);
  cases.push_back({"a swapped pair", bytes, "entry 400: expected sequence 400, came 401"});
  bytes = good;
  bytes.erase(first, first_length);
  cases.push_back({"a removed entry", bytes, "entry 400: expected sequence 400, came 401"});
  bytes = good;
  bytes.erase(bytes.find(",\"device\":\"terminal-2\"", first), 22);
  cases.push_back({"a dropped key", bytes, "entry 400: "});
  cases.push_back({"a cut tail", good.substr(0, line(690).first), "690"});
  bytes = good;
  bytes[bytes.find("A-700")] = 'B';
  cases.push_back({"a changed last entry", bytes, "an entry between 1 and 700"});
  for (const Damage& damage : cases) expect_named(damage);
}

TEST_F(Export, EveryFlippedBitIsFoundByTheStandAloneVerifier) {
  write_export();
  const std::string good = slurp(journal_file());
  Prng prng(3);
  for (int round = 0; round < 8; ++round) {
    std::string bad = good;
    const std::size_t at = prng.below(bad.size());
    bad[at] = static_cast<char>(bad[at] ^ (1 << prng.below(8)));
    const auto entry = 1 + std::count(good.begin(), good.begin() + static_cast<long>(at), '\n');
    spit(journal_file(), bad);
    const Ran ran = stand_alone();
    EXPECT_EQ(ran.code, 1) << at;
    // A changed line end joins two entries; the first of them is the bad one.
    const std::string says = good[at] == '\n' ? "entry" : cat("entry ", entry, ":");
    EXPECT_THAT(ran.output, testing::HasSubstr(says)) << at;
  }
}

TEST_F(Export, ARewrittenAndSignedPastContradictsAWitness) {
  write_export();
  const std::string kept = dir_ / "witness.txt";
  spit(kept, slurp(directory() + "/checkpoint.txt"));
  Journal forged;
  simulation::SimStore other(2);
  std::vector<RowChange> rows;
  for (int i = 1; i <= kEntries + 10; ++i) rows.push_back(append_sample(forged, i == 5 ? 9 : i));
  for (RowChange& row : forged.head_rows()) rows.push_back(std::move(row));
  ASSERT_TRUE(other.commit(rows).ok());
  ASSERT_TRUE(export_journal(scan_of(other), key_, directory()).ok());
  EXPECT_EQ(own_check(), "good, 710") << "the thief's own files agree with each other";
  EXPECT_EQ(stand_alone().code, 0);
  const std::string_view says =
      "an entry between 1 and 700: the signed checkpoint over 700 entries has another root";
  EXPECT_EQ(own_check({slurp(kept)}), says);
  const Ran ran = stand_alone("--witness " + kept);
  EXPECT_EQ(ran.code, 1);
  EXPECT_THAT(ran.output, testing::HasSubstr(says));
}

TEST_F(Export, AJournalThatContradictsItsOwnCheckpointIsNeverSigned) {
  const auto old = store_.get(checkpoint_key(300)).value();
  const auto [text, root] = std::pair(cat(key_.verifier().name, "\n300\n"), sha256("another"));
  const std::string other = key_.sign_note(cat(text, to_base64(root), "\n"));
  ASSERT_TRUE(store_.commit({{checkpoint_key(300), other}}).ok());
  const auto refused = export_journal(scan_of(store_), key_, directory());
  ASSERT_FALSE(refused.ok());
  EXPECT_THAT(refused.error().context, testing::HasSubstr("between 1 and 300"));
  EXPECT_FALSE(std::filesystem::exists(journal_file()));
  EXPECT_FALSE(std::filesystem::exists(journal_file() + ".part"));
  ASSERT_TRUE(store_.commit({{checkpoint_key(300), "no note"}}).ok());
  EXPECT_FALSE(export_journal(scan_of(store_), key_, directory()).ok());
  ASSERT_TRUE(store_.commit({{checkpoint_key(300), old}}).ok());
  EXPECT_TRUE(export_journal(scan_of(store_), key_, directory()).ok());
}

TEST_F(Export, AForeignKeyOrASpoiltCheckpointIsRefused) {
  write_export();
  const std::string good = slurp(directory() + "/checkpoint.txt");
  std::string bad = good;
  bad.replace(bad.find("700"), 3, "699");
  spit(directory() + "/checkpoint.txt", bad);
  EXPECT_THAT(own_check(), testing::HasSubstr("no signature of cryobank/v1/example"));
  EXPECT_THAT(stand_alone().output, testing::HasSubstr("no signature of cryobank/v1/example"));
  spit(directory() + "/checkpoint.txt", good);
  const auto stranger = SigningKey::create(dir_ / "key", key_.verifier().name);
  spit(directory() + "/key.txt", format_verifier_key(stranger->verifier()));
  EXPECT_EQ(stand_alone().code, 1);
}

TEST_F(Export, AProofShowsEveryEntryAboutAnAliquotAndHoldsAlone) {
  const std::string path = dir_ / "proof.json";
  ASSERT_TRUE(export_proof(scan_of(store_), {"A-12", "A-650"}, key_, path).ok());
  spit(dir_ / "key.txt", format_verifier_key(key_.verifier()));
  const std::string command = cat("python3 " CRYOBANK_SOURCE_DIR "/tools/verify_journal.py --key ",
                                  dir_ / "key.txt", " --print --proof ", path);
  const Ran ran = run(command);
  EXPECT_EQ(ran.code, 0) << ran.output;
  EXPECT_THAT(ran.output,
              testing::HasSubstr("2 entries about A-12, A-650 and 0 linked ids are in the journal "
                                 "of 700"));
  EXPECT_THAT(ran.output, testing::HasSubstr("\"aliquot\":\"A-650\""));
  std::string bad = slurp(path);
  bad[bad.find("A-650", bad.find("entries"))] = 'B';
  spit(path, bad);
  const Ran caught = run(command);
  EXPECT_EQ(caught.code, 1);
  EXPECT_THAT(caught.output,
              testing::HasSubstr("entry 650: its path does not lead to the signed root"));
}

// A small journal as the inventory writes it: two courses, a job, and facts that name a vial by its
// code, by its id, or by its job.
class Proofs : public testing::Test {
 protected:
  Proofs() {
    add(fact::kCourseRegistered, R"({"course":"c1","doses":[{"dose":"d01","aliquots":[
        {"aliquot":"c1-1","code":"V-1"},{"aliquot":"c1-2","code":"V-2"}]}]})");
    add(fact::kCourseRegistered,
        R"({"course":"c2","doses":[{"dose":"d01","aliquots":[{"aliquot":"c2-1","code":"V-9"}]}]})");
    add(fact::kJobCreated, R"({"job":{"job":"job-1","course":"c1","moves":[]}})");
    add(fact::kMoveDone, R"({"job":"job-1","code":"V-1"})");
    add(fact::kLabelPrinted, R"({"code":"V-2"})");
    add(fact::kAliquotsPlaced, R"({"items":[{"aliquot":"c2-1","place":"box"}]})");
    add(fact::kJobPaused, R"({"job":"job-1"})");
    add(fact::kMismatchSeen, R"({"course":"c1","found":"V-9"})");
    add(fact::kDoseInfused, R"({"course":"c1","dose":"d01"})");
    std::vector<RowChange> head = journal_.head_rows();
    EXPECT_TRUE(store_.commit(head).ok());
  }
  void add(const FactName& name, std::string_view data) {
    const Fact fact(name, *parse_json(data));
    EXPECT_TRUE(store_.commit({journal_.append(fact, sample_context(), "synchronised")}).ok());
  }
  std::string prove(const std::vector<std::string>& subjects) {
    const std::string path = dir_ / "proof.json";
    EXPECT_TRUE(export_proof(scan_of(store_), subjects, key_, path).ok());
    return slurp(path);
  }
  Ran check(std::string_view proof) {
    spit(dir_ / "proof.json", proof);
    spit(dir_ / "key.txt", format_verifier_key(key_.verifier()));
    return run(cat("python3 " CRYOBANK_SOURCE_DIR "/tools/verify_journal.py --key ",
                   dir_ / "key.txt", " --proof ", dir_ / "proof.json"));
  }
  static std::vector<std::int64_t> sequences(const std::string& proof) {
    std::vector<std::int64_t> found;
    const auto json = parse_json(proof, 1u << 20);
    EXPECT_TRUE(json.ok());
    for (const Json& one : (*json)["entries"].items()) {
      found.push_back(one["sequence"].integer());
    }
    return found;
  }

  TempDir dir_;
  SigningKey key_ = example_key();
  Journal journal_;
  simulation::SimStore store_{1};
};

TEST_F(Proofs, OfACourseAddItsVialsTheirCodesAndItsJobsByThemselves) {
  const std::string proof = prove({"c1"});
  EXPECT_EQ(sequences(proof), (std::vector<std::int64_t>{1, 3, 4, 5, 7, 8, 9}));
  EXPECT_THAT(proof, testing::HasSubstr(
                         R"("related":["V-1","V-2","c1-1","c1-2","job-1"],"subjects":["c1"])"));
  const Ran ran = check(proof);
  EXPECT_EQ(ran.code, 0) << ran.output;
  EXPECT_EQ(ran.output, "7 entries about c1 and 5 linked ids are in the journal of 9 entries\n");
}

TEST_F(Proofs, OfAVialAddItsCodeAndNothingOfItsSiblings) {
  const std::string proof = prove({"c1-2"});
  EXPECT_EQ(sequences(proof), (std::vector<std::int64_t>{1, 5}));
  EXPECT_EQ(check(proof).code, 0);
}

TEST_F(Proofs, DamagedInAnyPartAreRefusedByTheStandAloneVerifier) {
  const std::string good = prove({"c1"});
  ASSERT_EQ(check(good).code, 0);
  struct Case {
    std::string_view what;
    std::string_view from;
    std::string_view to;
    std::string_view says;
  };
  const Case cases[] = {
      {"an entry changed", R"(\"code\":\"V-1\"})", R"(\"code\":\"V-7\"})", "entry 1: its path"},
      {"a sequence changed", R"("sequence":4)", R"("sequence":6)", "entry 6: expected sequence 6"},
      {"a related id added", R"("related":[)", R"("related":["V-9",)", "do not link V-9 to c1"},
      {"a related id dropped", R"("V-2",)", "", "entry 5: it is not about c1"},
      {"another subject", R"("subjects":["c1"])", R"("subjects":["c2"])", "is not about c2"},
      {"the checkpoint's size", R"(\n9\n)", R"(\n8\n)", "no signature of"},
      {"a key dropped", R"("related":)", R"("relates":)", "is no proof file"},
  };
  for (const Case& c : cases) {
    std::string bad = good;
    const std::size_t at = bad.find(c.from);
    ASSERT_NE(at, std::string::npos) << c.what;
    bad.replace(at, c.from.size(), c.to);
    const Ran ran = check(bad);
    EXPECT_NE(ran.code, 0) << c.what;
    EXPECT_THAT(ran.output, testing::HasSubstr(c.says)) << c.what;
  }
  EXPECT_NE(check(good.substr(0, good.size() / 2)).code, 0) << "cut";
}

TEST_F(Export, AProofAboutNothingIsRefused) {
  const Status refused = export_proof(scan_of(store_), {"A-9999"}, key_, dir_ / "proof.json");
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().context, "no journal entry is about A-9999");
}

TEST_F(Export, MentionsLooksAtWholeTextsWithinTheData) {
  const std::string entry = *store_.get(journal_key(12)).value();
  EXPECT_TRUE(mentions(entry, {"A-12"}));
  EXPECT_TRUE(mentions(entry, {"other", "F1.R1.B1"}));
  EXPECT_FALSE(mentions(entry, {"A-1"}));
  EXPECT_FALSE(mentions(entry, {"operator"})) << "the user is not the subject";
  EXPECT_FALSE(mentions(entry, {"aliquot"})) << "a key is not a text";
}

TEST_F(Export, TheTreeGivesTheSameProofsWithoutItsKeptNodes) {
  JournalTree with(scan_of(store_));
  const auto expected = inclusion_path(10, kEntries, with.reader());
  ASSERT_TRUE(store_.commit({{tree_key(8, 0), std::nullopt}, {tree_key(8, 1), std::nullopt}}).ok());
  JournalTree without(scan_of(store_));
  EXPECT_EQ(*inclusion_path(10, kEntries, without.reader()), *expected);
  ASSERT_TRUE(store_.commit({{journal_key(3), std::nullopt}}).ok());
  JournalTree broken(scan_of(store_));
  EXPECT_EQ(inclusion_path(10, kEntries, broken.reader()).error().context,
            "journal: entry 3 is missing");
}

TEST_F(Export, TheStoreIsCheckedAgainstItsOwnSignedCheckpoints) {
  const auto good = verify_record(scan_of(store_), key_.verifier());
  ASSERT_TRUE(good.ok()) << good.error().context;
  EXPECT_FALSE(good->fault);
  const std::string text = cat(key_.verifier().name, "\n300\n", to_base64(sha256("x")), "\n");
  ASSERT_TRUE(store_.commit({{checkpoint_key(300), key_.sign_note(text)}}).ok());
  const auto bad = verify_record(scan_of(store_), key_.verifier());
  ASSERT_TRUE(bad.ok() && bad->fault);
  EXPECT_EQ(bad->fault->last, 300u);
}

TEST_F(Export, OfManyKeptCheckpointsABoundedPartIsTakenWithTheLast) {
  std::vector<RowChange> rows{{checkpoint_key(300), std::nullopt}};
  for (std::uint64_t size = 1; size <= 95; ++size)
    rows.push_back({checkpoint_key(size), cat(size)});
  ASSERT_TRUE(store_.commit(rows).ok());
  EXPECT_EQ(kept_notes(scan_of(store_))->size(), 95u);
  const auto some = kept_notes(scan_of(store_), 10);
  ASSERT_TRUE(some.ok());
  EXPECT_LE(some->size(), 10u);
  EXPECT_GE(some->size(), 9u);
  EXPECT_EQ(some->back(), "95");
}

TEST_F(Export, MissingFilesAreSaid) {
  EXPECT_THAT(own_check(), testing::HasSubstr("checkpoint.txt"));
  const Ran ran = stand_alone();
  EXPECT_EQ(ran.code, 2);
  EXPECT_THAT(ran.output, testing::HasSubstr("cannot check: "));
}

// The worked example of the documentation, done as it says.
TEST(JournalDocument, ItsWorkedExampleIsTrue) {
  const std::string document = slurp(CRYOBANK_SOURCE_DIR "/docs/journal-format.md");
  std::size_t from = document.find("## 8. A worked example");
  ASSERT_NE(from, std::string::npos);
  const auto block = [&](const std::string& kind) {
    const std::string fence = "```" + kind + "\n";
    const std::size_t at = document.find(fence, from);
    EXPECT_NE(at, std::string::npos) << kind;
    const std::size_t end = document.find("```\n", at + fence.size());
    from = end + 4;
    return document.substr(at + fence.size(), end - at - fence.size());
  };
  const std::string jsonl = block("jsonl");
  const std::string by_hand = block("sh");
  const std::string by_hand_says = block("text");
  const std::string root = block("text");
  const std::string note = block("note");
  const std::string key = block("key");
  const std::string check = block("sh");
  const std::string check_says = block("text");
  const std::string changed_says = block("text");

  Journal journal;
  std::string written;
  for (const std::string& entry : example_entries(journal)) written += entry + "\n";
  EXPECT_EQ(jsonl, written);
  EXPECT_EQ(root, to_hex(journal.head().root) + "\n");
  EXPECT_EQ(note, example_key().sign_note(journal.checkpoint_text(example_key().verifier().name)));
  EXPECT_EQ(key, format_verifier_key(example_key().verifier()) + "\n");

  const TempDir dir;
  std::filesystem::create_directory(dir / "export");
  std::filesystem::create_directory_symlink(CRYOBANK_SOURCE_DIR "/tools", dir / "tools");
  spit(dir / "export/journal.jsonl", jsonl);
  spit(dir / "export/checkpoint.txt", note);
  spit(dir / "export/key.txt", key);
  EXPECT_EQ(run(cat("cd ", dir / "export", " && ", by_hand)).output, by_hand_says);
  const std::string check_there = cat("cd ", dir.path(), " && ", trim(check));
  EXPECT_EQ(run(check_there).output, check_says);
  std::string changed = jsonl;
  changed.replace(changed.find("\"C4\""), 4, "\"C5\"");
  spit(dir / "export/journal.jsonl", changed);
  EXPECT_EQ(run(check_there).output, changed_says);
}

}  // namespace
}  // namespace cryobank::inventory
