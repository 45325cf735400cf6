#include "inventory/record/journal.hpp"

#include <gmock/gmock.h>

#include "base/text.hpp"
#include "inventory/record/journal_format.hpp"
#include "tests/inventory/record/samples.hpp"

namespace cryobank::inventory {
namespace {

TEST(Journal, WritesTheEntryThatTheFormatDocumentShows) {
  Journal journal;
  CommandContext context = sample_context();
  const RowChange row = journal.append(Fact::read("inventory", "aliquot-stored", sample_data(1)),
                                       context, "synchronised");
  EXPECT_EQ(row.key, "j/0000000000000001");
  EXPECT_EQ(row.value,
            "{\"clock\":\"synchronised\",\"command\":\"5b0c6a3e-0f57-4c05-9b54-3f6f0b0d7c11\","
            "\"data\":{\"aliquot\":\"A-1\",\"place\":\"F1.R1.B1\",\"position\":\"A1\"},"
            "\"device\":\"terminal-2\",\"format\":1,\"mono_ns\":5000000000,"
            "\"prev\":\"0000000000000000000000000000000000000000000000000000000000000000\","
            "\"reason\":\"first storage\",\"roles\":[\"operator\"],\"sequence\":1,"
            "\"stream\":\"inventory\",\"time\":\"2026-11-22T03:04:05.678Z\","
            "\"type\":\"aliquot-stored\",\"user\":\"operator\",\"witness\":\"witness\","
            "\"witness_roles\":[\"witness\"]}");
}

TEST(Journal, ChainsEachEntryToTheLeafHashOfTheOneBefore) {
  Journal journal;
  Sha256 before{};
  for (int i = 1; i <= 20; ++i) {
    const RowChange row = append_sample(journal, i);
    const auto entry = parse_entry(*row.value);
    ASSERT_TRUE(entry.ok()) << entry.error().context;
    EXPECT_EQ(entry->previous, before);
    EXPECT_EQ(entry->sequence, static_cast<std::uint64_t>(i));
    before = leaf_hash(*row.value);
    EXPECT_EQ(journal.head().last_hash, before);
  }
}

TEST(Journal, AnEntryReadBackGivesTheFactAndItsContext) {
  Journal journal;
  const CommandContext context = sample_context();
  const Fact fact = Fact::read("inventory", "aliquot-stored", sample_data(7));
  const auto entry = parse_entry(*journal.append(fact, context, "stepped").value);
  ASSERT_TRUE(entry.ok());
  EXPECT_EQ(entry->clock_state, "stepped");
  EXPECT_EQ(entry->fact.stream, fact.stream);
  EXPECT_EQ(entry->fact.type, fact.type);
  EXPECT_EQ(entry->fact.data, fact.data);
  EXPECT_EQ(entry->context.actor.user, context.actor.user);
  EXPECT_EQ(entry->context.actor.roles, context.actor.roles);
  EXPECT_EQ(entry->context.actor.witness, context.actor.witness);
  EXPECT_EQ(entry->context.actor.witness_roles, context.actor.witness_roles);
  EXPECT_EQ(entry->context.now.wall, context.now.wall);
  EXPECT_EQ(entry->context.now.mono, context.now.mono);
  EXPECT_EQ(entry->context.command, context.command);
  EXPECT_EQ(entry->context.device, context.device);
  EXPECT_EQ(entry->context.reason, context.reason);
}

TEST(Journal, AnythingButTheCanonicalBytesIsRefused) {
  Journal journal;
  const std::string good = *append_sample(journal, 1).value;
  struct Case {
    std::string_view what;
    std::string from;
    std::string to;
  };
  const Case cases[] = {
      {"a blank after a colon", "\"format\":1", "\"format\": 1"},
      {"a dropped key", "\"reason\":\"first storage\",", ""},
      {"an added key", "\"format\":1", "\"extra\":0,\"format\":1"},
      {"another order", "\"device\":\"terminal-2\",\"format\":1",
       "\"format\":1,\"device\":\"terminal-2\""},
      {"a needless escape", "first", "\\u0066irst"},
      {"a leading zero", "\"sequence\":1", "\"sequence\":01"},
      {"another format", "\"format\":1", "\"format\":2"},
      {"sequence 0", "\"sequence\":1", "\"sequence\":0"},
      {"a short hash", "\"prev\":\"00", "\"prev\":\""},
      {"data of another kind", "\"data\":{\"aliquot\"", "\"data\":[],\"zdata\":{\"aliquot\""},
      {"a user with a blank", "\"user\":\"operator\"", "\"user\":\"oper ator\""},
      {"a time with an offset", "06.678Z", "06.678+00:00"},
      {"a cut end", "]}", "]"},
  };
  for (const Case& c : cases) {
    std::string text = good;
    const std::size_t at = text.rfind(c.from);
    ASSERT_NE(at, std::string::npos) << c.what;
    text.replace(at, c.from.size(), c.to);
    const auto parsed = parse_entry(text);
    ASSERT_FALSE(parsed.ok()) << c.what;
    EXPECT_EQ(parsed.error().code, ErrorCode::corrupt) << c.what;
    EXPECT_THAT(parsed.error().context, testing::StartsWith("journal entry: ")) << c.what;
  }
}

TEST(Journal, HeadRowsRestoreItAndItGoesOnAsIfNeverStopped) {
  Journal whole;
  auto part = std::make_unique<Journal>();
  for (int i = 1; i <= 700; ++i) {
    const RowChange expected = append_sample(whole, i);
    const RowChange came = append_sample(*part, i);
    ASSERT_EQ(came.value, expected.value) << i;
    if (i % 37 != 0) continue;
    const auto rows = part->head_rows();
    part = std::make_unique<Journal>();
    ASSERT_EQ(rows[0].key, "m/journal/head");
    ASSERT_TRUE(part->load_row(rows[0].key, *rows[0].value).ok());
  }
  EXPECT_EQ(part->head().root, whole.head().root);
  EXPECT_EQ(part->head().sequence, 700u);
}

TEST(Journal, HeadRowsCarryATreeNodeForEach256Entries) {
  Journal journal;
  MerkleFrontier first_block;
  for (int i = 1; i <= 600; ++i) {
    const RowChange row = append_sample(journal, i);
    if (i <= 256) first_block.append(leaf_hash(*row.value));
  }
  const auto rows = journal.head_rows();
  ASSERT_EQ(rows.size(), 3u);
  EXPECT_EQ(rows[1].key, "t/08/0000000000000000");
  EXPECT_EQ(rows[1].value, to_hex(first_block.root()));
  EXPECT_EQ(rows[2].key, "t/08/0000000000000001");
  EXPECT_EQ(journal.head_rows().size(), 1u);
}

TEST(Journal, RewindTakesBackEverythingSinceTheSavepoint) {
  Journal journal;
  for (int i = 1; i <= 250; ++i) append_sample(journal, i);
  (void)journal.head_rows();
  const JournalHead before = journal.head();
  const auto savepoint = journal.savepoint();
  for (int i = 251; i <= 300; ++i) append_sample(journal, i);
  ASSERT_EQ(journal.head_rows().size(), 2u);
  journal.rewind(savepoint);
  EXPECT_EQ(journal.head().sequence, 250u);
  EXPECT_EQ(journal.head().last_hash, before.last_hash);
  EXPECT_EQ(journal.head().root, before.root);
  for (int i = 251; i <= 300; ++i) append_sample(journal, i);
  EXPECT_EQ(journal.head_rows().size(), 2u) << "the tree node comes again with the next batch";
}

TEST(Journal, RefusesAHeadRowThatCannotBe) {
  Journal journal;
  const std::string zeros(64, '0');
  struct Case {
    std::string key;
    std::string value;
    std::string_view says;
  };
  const Case cases[] = {
      {"m/journal/tail", "{}", "expected the row m/journal/head, came m/journal/tail"},
      {"m/journal/head", "{", "expected JSON"},
      {"m/journal/head", "{\"frontier\":\"\",\"last\":\"" + zeros + "\",\"sequence\":1}",
       "expected 1 subtrees for 1 leaves, came 0"},
      {"m/journal/head", "{\"frontier\":\"\",\"last\":\"00\",\"sequence\":0}", "SHA-256"},
      {"m/journal/head", "{\"frontier\":\"0g\",\"last\":\"" + zeros + "\",\"sequence\":1}",
       "64 hex digits"},
      {"m/journal/head", "{\"frontier\":\"\",\"last\":\"" + zeros + "\",\"sequence\":-1}",
       "expected a whole number from 0 at \"sequence\", came -1"},
  };
  for (const Case& c : cases) {
    const Status status = journal.load_row(c.key, c.value);
    ASSERT_FALSE(status.ok()) << c.value;
    EXPECT_THAT(status.error().context, testing::HasSubstr(c.says));
  }
}

TEST(Journal, KeysOfEntriesSortAsTheirSequencesAndReadBack) {
  EXPECT_LT(journal_key(255), journal_key(256));
  EXPECT_EQ(*sequence_of_key(journal_key(0xFEDCBA9876543210u)), 0xFEDCBA9876543210u);
  for (const std::string_view bad : {"j/", "j/12", "j/000000000000000G", "k/0000000000000001",
                                     "j/000000000000000A", "j/00000000000000001"}) {
    EXPECT_FALSE(sequence_of_key(bad).ok()) << bad;
  }
}

TEST(Journal, CheckpointTextNamesOriginSizeAndRoot) {
  Journal journal;
  append_sample(journal, 1);
  EXPECT_EQ(journal.checkpoint_text("cryobank/v1/demo"),
            cat("cryobank/v1/demo\n1\n", to_base64(journal.head().root), "\n"));
}

}  // namespace
}  // namespace cryobank::inventory
