// Properties: after any sequence of commands, sensible or not, and any outcome of the robot, every
// invariant holds, and rows and replay give the same record. And: of many who want one slot, one
// gets it.
#include <gtest/gtest.h>

#include "inventory/job_row.hpp"
#include "service/base/prng.hpp"
#include "tests/inventory/bank.hpp"

namespace cryobank::inventory {
namespace {

constexpr const char* kPeople[] = {"operator", "witness", "qc", "quality", "supervisor"};

class Chaos {
 public:
  Chaos(Bank& bank, std::uint64_t seed) : bank_(bank), prng_(seed) {}

  // One command, and now and then one event of the robot.
  void step() {
    bank_.user = kPeople[prng_.below(std::size(kPeople))];
    bank_.witness = prng_.chance(1, 2) ? "second" : "";
    bank_.reason = prng_.chance(2, 3) ? "because" : "";
    bank_.roles = {bank_.user};
    if (prng_.chance(1, 50)) bank_.now = bank_.now + hours(prng_.between(1, 30));
    command();
    if (prng_.chance(1, 2)) robot();
  }
  std::uint64_t accepted() const { return accepted_; }

 private:
  std::string course() { return cat("c", prng_.below(6)); }
  std::string dose() { return cat("d0", prng_.between(1, 3)); }
  std::string aliquot() { return cat(course(), "-", dose(), "-1"); }
  std::string place() {
    constexpr const char* kPlaces[] = {"port",     "station", "gripper", "f1-r1-b1",
                                       "f2-r1-b1", "f1-r1",   "f3-r2",   "freezer-2",
                                       "UNKNOWN",  "OUTSIDE", "EXPECTED"};
    return kPlaces[prng_.below(std::size(kPlaces))];
  }
  std::string position() {
    if (prng_.chance(1, 4)) return cat(prng_.between(1, 4));
    return cat(std::string(1, static_cast<char>('A' + prng_.below(2))), prng_.between(1, 3));
  }
  std::string job() { return cat("job-", prng_.between(1, 40)); }

  void tell(std::string_view verb, const Json& body) {
    if (bank_.tell(verb, body).ok()) ++accepted_;
  }

  Json terms() {
    constexpr const char* kStrategies[] = {"same-box", "least-empty", "last-used"};
    return Json::object()
        .set("override", prng_.chance(1, 2))
        .set("strategy", kStrategies[prng_.below(std::size(kStrategies))]);
  }

  Json of_dose() { return Json::object().set("course", course()).set("dose", dose()); }

  void command() {
    switch (prng_.below(18)) {
      case 0:
        return tell("course/register", Json::object()
                                           .set("course", course())
                                           .set("patient", cat("p", prng_.below(3)))
                                           .set("lot", cat("l", prng_.below(3)))
                                           .set("doses", 3)
                                           .set("store", prng_.chance(1, 2) ? terms() : Json()));
      case 1:
        return tell("aliquot/store", terms().set("course", course()));
      case 2:
        return tell("course/release", Json::object().set("course", course()));
      case 3:
        return tell("dose/plan", of_dose().set("thaw_at", format_utc(bank_.now)));
      case 4:
        return tell("dose/thaw", of_dose().set("override", prng_.chance(1, 4)));
      case 5:
        return tell("dose/reculture", of_dose().set("codes", Json::array().push(aliquot())));
      case 6:
        return next_custody_step();
      case 7:
        return tell(prng_.chance(1, 3)   ? "job/cancel"
                    : prng_.chance(1, 2) ? "job/pause"
                                         : "job/resume",
                    Json::object().set("job", job()));
      case 8:
        return resolve();
      case 9:
        return move_vial();
      case 10:
        return tell("hold/place", Json::object().set("course", course()));
      case 11:
        return tell("hold/release", Json::object().set("hold", cat("hold-", prng_.between(1, 60))));
      case 12:
        return tell("place/move", Json::object()
                                      .set("place", place())
                                      .set("parent", cat("freezer-", prng_.between(1, 4)))
                                      .set("position", cat(prng_.between(1, 5))));
      case 13:
        return tell(prng_.chance(1, 2) ? "position/block" : "position/unblock",
                    Json::object().set("place", place()).set("position", position()));
      case 14:
        return tell(prng_.chance(1, 2) ? "disposal/request" : "disposal/confirm",
                    Json::object()
                        .set("aliquots", Json::array().push(aliquot()))
                        .set("method", "autoclave")
                        .set("disposal", cat("disposal-", prng_.between(1, 9))));
      case 15:
        return tell(prng_.chance(1, 2) ? "signature/refused" : "signer/unlock",
                    Json::object().set("user", kPeople[prng_.below(std::size(kPeople))]));
      case 16:
        return tell("retention/review",
                    Json::object().set("course", course()).set("decision", "may-end"));
      default:
        return tell("dose/reject", of_dose());
    }
  }

  void next_custody_step() {
    constexpr const char* kVerbs[] = {"dose/harvest", "dose/issue", "dose/infuse", "dose/return"};
    Json body = of_dose();
    body.set("code", cat(body.string_or("course", ""), "/", body.string_or("dose", "")));
    tell(kVerbs[prng_.below(4)], body);
  }

  void resolve() {
    const std::string vial = aliquot();
    tell("job/resolve", Json::object()
                            .set("job", job())
                            .set("code", vial)
                            .set("place", place())
                            .set("position", position())
                            .set("lost", prng_.chance(1, 5)));
  }

  void move_vial() {
    const std::string vial = aliquot();
    tell("aliquot/move", Json::object()
                             .set("aliquot", vial)
                             .set("override", prng_.chance(1, 2))
                             .set("code", prng_.chance(1, 9) ? aliquot() : vial)
                             .set("place", place())
                             .set("position", position()));
  }

  void robot() {
    const auto open = bank_.ledger().open_jobs();
    if (open.empty()) return;
    const JobId& id = open[prng_.below(open.size())];
    const Job& running = *bank_.ledger().find_job(id);
    for (std::size_t i = 0; i < running.moves.size(); ++i) {
      const Move& move = running.moves[i];
      if (!is_open(move.state)) continue;
      if (move.state == MoveState::planned) {
        if (running.state == JobState::paused || in_flight()) return;
        if (!may_issue(bank_.ledger(), id, i)) return;
        const auto sequence = next_sequence(bank_.ledger(), running.robot);
        EXPECT_TRUE(bank_.commit(move_issued(id, i, sequence, Epoch{1}, bank_.now)).ok());
        return;
      }
      outcome(id, i, move);
      return;
    }
  }

  // One robot holds one vial: nothing else is issued while a move is under way.
  bool in_flight() {
    for (const JobId& id : bank_.ledger().open_jobs()) {
      for (const Move& move : bank_.ledger().find_job(id)->moves) {
        if (move.state == MoveState::issued || move.state == MoveState::holding) return true;
      }
    }
    return false;
  }

  void outcome(const JobId& id, std::size_t index, const Move& move) {
    const std::string code = move.code;
    const bool issued = move.state == MoveState::issued;
    const std::uint64_t draw = prng_.below(10);
    Fact fact = move_done(id, index, code, bank_.now);
    if (draw == 0) fact = move_unknown(id, index, "", "doubt", bank_.now);
    if (draw == 1) fact = move_failed(id, index, !issued, "jam", bank_.now);
    if (draw == 2 && issued) fact = move_not_delivered(id, index, bank_.now);
    if (draw > 5 && issued) fact = move_holding(id, index, code, bank_.now);
    const auto done = bank_.commit(fact);
    EXPECT_TRUE(done.ok()) << fact.type << ": " << (done ? "" : done.error().context);
  }

  Bank& bank_;
  Prng prng_;
  std::uint64_t accepted_ = 0;
};

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

void run(std::uint64_t seed, int steps) {
  Bank bank;
  Chaos chaos(bank, seed);
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
  EXPECT_GT(chaos.accepted(), static_cast<std::uint64_t>(steps / 50)) << "too little was done";
}

TEST(Property, AFewThousandRandomCommandsKeepEveryInvariant) {
  for (const std::uint64_t seed : {1, 2, 3, 190}) {
    SCOPED_TRACE(seed);
    run(seed, 1000);
  }
}

// A bank of six courses is used up after some thousand steps, so a million commands are many banks.
TEST(PropertySlow, AMillionRandomCommandsKeepEveryInvariant) {
  for (std::uint64_t seed = 100; seed < 600 && !testing::Test::HasFailure(); ++seed) {
    SCOPED_TRACE(seed);
    run(seed, 2000);
  }
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
  EXPECT_FALSE(draft.apply({"inventory", "never-heard-of", Json::object()}).ok());
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
