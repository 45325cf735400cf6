// Properties: after any sequence of commands, sensible or not, and any outcome of the robot, every
// invariant holds, and rows and replay give the same record. And: of many who want one slot, one
// gets it.
#include <gtest/gtest.h>

#include <cstdio>

#include "inventory/commands/schema/schemas.hpp"
#include "inventory/ledger/job_row.hpp"
#include "tests/inventory/bank.hpp"
#include "tests/inventory/chaos.hpp"

namespace cryobank::inventory {
namespace {

// What was true at a time, to be asked for again at the end.
struct Moment {
  WallTime at;
  std::map<AliquotId, Spot> spots;
};

Moment moment_of(Bank& bank) {
  Moment moment{bank.now, {}};
  const AliquotTable& table = bank.ledger().tables().aliquots;
  for (const auto slot : table.by_id()) {
    moment.spots[AliquotId(std::string(table.id(slot)))] = table.spot(slot);
  }
  bank.now = bank.now + milliseconds(1);
  return moment;
}

void run(std::uint64_t seed, int steps, Tallies& tallies) {
  Bank bank(chaos_site(seed % 4 == 0));
  Chaos chaos(bank, seed, tallies);
  std::vector<Moment> moments;
  for (int i = 0; i < steps && !testing::Test::HasFailure(); ++i) {
    chaos.step();
    if (i % 64 != 0) continue;
    expect_sound(bank.ledger());
    moments.push_back(moment_of(bank));
  }
  expect_sound(bank.ledger());
  bank.expect_rebuilds();
  for (const Moment& moment : moments) {
    for (const auto& [id, spot] : moment.spots) {
      const auto then = bank.was(id, moment.at);
      ASSERT_TRUE(then.has_value()) << id.str() << " at " << format_utc(moment.at);
      ASSERT_EQ(*then, spot) << id.str() << " at " << format_utc(moment.at);
    }
  }
}

std::string table_of(const Tallies& tallies) {
  std::string table = "  accepted   refused  verb\n";
  const auto column = [](std::uint64_t number) {
    const std::string digits = cat(number);
    return std::string(digits.size() < 10 ? 10 - digits.size() : 0, ' ') + digits;
  };
  for (const auto& [verb, tally] : tallies) {
    table += cat(column(tally.accepted), column(tally.refused), "  ", verb, "\n");
  }
  return table;
}

// A verb that is added to the table and not here is never tried.
TEST(Property, EveryVerbOfTheTableIsDrawn) {
  std::vector<std::string_view> table;
  for (const CommandSchema& rule : schemas()) table.push_back(rule.verb);
  EXPECT_EQ(Chaos::drawn_verbs(), table);
}

TEST(Property, AFewThousandRandomCommandsKeepEveryInvariant) {
  Tallies tallies;
  for (const std::uint64_t seed : {1, 2, 3, 188}) {
    SCOPED_TRACE(seed);
    run(seed, 1000, tallies);
  }
}

// A bank of six courses is used up after some thousand steps, so a million commands are many banks.
TEST(PropertySlow, AMillionRandomCommandsKeepEveryInvariant) {
  Tallies tallies;
  for (std::uint64_t seed = 100; seed < 600 && !testing::Test::HasFailure(); ++seed) {
    SCOPED_TRACE(seed);
    run(seed, 2000, tallies);
  }
  const std::string table = table_of(tallies);
  for (const CommandSchema& rule : schemas()) {
    const Tally& tally = tallies[std::string(rule.verb)];
    EXPECT_GT(tally.accepted, 0u) << rule.verb << " was never accepted";
    EXPECT_GT(tally.refused, 0u) << rule.verb << " was never refused";
  }
  std::printf("%s", table.c_str());
}

TEST(Race, OfThirtyTwoWhoWantOneSlotExactlyOneGetsIt) {
  for (const bool one_batch : {true, false}) {
    Bank bank;
    for (int i = 0; i < 32; ++i) {
      bank.done("course/register", cat(R"({"course":"c)", i, R"(","patient":"p","doses":1})"));
    }
    Draft batch(bank.ledger());
    int winners = 0, losers = 0;
    for (int i = 0; i < 32; ++i) {
      const std::string vial = cat("c", i, "-d01-1");
      CommandContext context;
      context.now.wall = bank.now;
      context.actor.user = UserId("operator");
      context.actor.witness = UserId("witness");
      const Json body = Json::object()
                            .set("aliquot", vial)
                            .set("code", vial)
                            .set("place", "f1-r1-b1")
                            .set("position", "A1");
      if (!one_batch) {
        bank.witness = "witness";
        const auto decision = bank.tell("aliquot/move", body);
        decision.ok() ? ++winners : ++losers;
        if (decision.ok()) continue;
        EXPECT_EQ(decision.error().code, ErrorCode::slot_taken);
        continue;
      }
      const auto decision = decide(batch, "aliquot/move", body, context);
      if (!decision.ok()) {
        EXPECT_EQ(decision.error().code, ErrorCode::slot_taken);
        ++losers;
        continue;
      }
      ++winners;
      for (const Fact& fact : decision->facts) ASSERT_TRUE(batch.apply(fact).ok());
    }
    EXPECT_EQ(winners, 1);
    EXPECT_EQ(losers, 31);
  }
}

TEST(Draft, ARefusedCommandInABatchLeavesNoTrace) {
  Bank bank;
  bank.done("course/register", R"({"course":"c1","patient":"p","doses":2,"store":{}})");
  Draft draft(bank.ledger());
  const auto before = draft.mark();
  ASSERT_TRUE(draft.apply(move_issued(JobId("job-1"), 0, 1, Epoch{1})).ok());
  ASSERT_TRUE(draft.apply(move_holding(JobId("job-1"), 0, "c1-d01-1")).ok());
  EXPECT_FALSE(draft.rows().empty());
  draft.rewind(before);
  EXPECT_TRUE(draft.rows().empty());
  EXPECT_FALSE(draft.apply(Fact::read("inventory", "never-heard-of", Json::object())).ok());
  EXPECT_TRUE(draft.rows().empty());
}

TEST(Loading, ADamagedRecordIsNamed) {
  Bank bank;
  bank.done("course/register", R"({"course":"c1","patient":"p","doses":2,"store":{}})");
  bank.run_jobs();
  const struct {
    const char* name;
    const char* key;
    const char* value;
  } damages[] = {
      {"no JSON", "r/aliquot/c1-d01-1", "{"},
      {"no object", "r/course/c1", "7"},
      {"no state", "r/aliquot/c1-d01-1", R"({"aliquot":"c1-d01-1","code":"x"})"},
      {"a prefix nobody owns", "r/mystery/1", "{}"},
  };
  for (const auto& damage : damages) {
    Ledger ledger(small_site());
    const auto loaded = ledger.load_row(damage.key, damage.value);
    ASSERT_FALSE(loaded.ok()) << damage.name;
    EXPECT_EQ(loaded.error().code, ErrorCode::corrupt) << damage.name;
    EXPECT_NE(loaded.error().context.find(damage.key), std::string::npos) << damage.name;
  }
  for (const char* missing : {"r/course/c1", "r/aliquot/c1-d02-1"}) {
    Ledger ledger(small_site());
    for (const auto& [key, value] : bank.rows) {
      if (key != missing && !key.starts_with("h/")) {
        ASSERT_TRUE(ledger.load_row(key, value).ok());
      }
    }
    EXPECT_EQ(ledger.loaded().ok(), std::string_view(missing) != "r/course/c1") << missing;
  }
}

}  // namespace
}  // namespace cryobank::inventory
