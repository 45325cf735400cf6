// A late positive of a lot that was released "negative to date", in 10,000 random lots: every vial
// of the lot and no other is held, no thaw of it goes on, what patients have is listed, and none of
// it is used once the hold is gone. What is expected is kept beside the bank, dose by dose.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "base/prng.hpp"
#include "inventory/ledger/hold.hpp"
#include "inventory/ledger/job_row.hpp"
#include "tests/inventory/bank.hpp"

namespace cryobank::inventory {
namespace {

constexpr std::uint64_t kLots = 10'000;

enum class Stage : std::uint8_t {
  stored,
  planned,
  ordered,  // a thaw order that no robot has begun
  moving,   // the robot has the vial
  thawed,
  culture,
  harvested,
  issued,
  part,
  infused,
  returned,
  rejected,
};
constexpr std::uint64_t kStages = 12;

struct Known {
  std::string course, dose, patient;
  int aliquots = 1;
  Stage stage = Stage::stored;
  std::string infused_at, job;

  std::string body(std::string_view more = {}) const {
    return cat(R"({"course":")", course, R"(","dose":")", dose, R"(")", more, "}");
  }
  std::string label(std::string_view more = {}) const {
    return body(cat(R"(,"code":")", course, "/", dose, R"(")", more));
  }
  std::string vial(int i) const { return cat(course, "-", dose, "-", i); }
  std::string name() const { return cat(course, "/", dose); }
};

class RandomLot {
 public:
  RandomLot(Bank& bank, std::uint64_t seed) : bank_(bank), prng_(seed) {
    bank_.reason = "because";
    bank_.witness = "witness";
    register_lot("l1", 1 + static_cast<int>(prng_.below(2)));
    register_lot("other", 1);
    for (const char* lot : {"l1", "other"}) release(lot);
    drive();
  }

  void fail() {
    reply_ =
        bank_.done("quality/result", R"({"lot":"l1","test":"sterility-14d","finding":"positive"})");
  }
  void expect_told() {
    EXPECT_EQ(names("doses_given"), expected({Stage::issued, Stage::part, Stage::infused}));
    EXPECT_EQ(names("doses_under_way"),
              expected({Stage::moving, Stage::thawed, Stage::culture, Stage::harvested}));
    EXPECT_EQ(names("doses_planned"), expected({Stage::planned, Stage::ordered}));
    for (const Json& item : reply_["doses_given"].items()) {
      const Known& known = find(cat(item.string_or("course", ""), "/", item.string_or("dose", "")));
      EXPECT_EQ(item.string_or("patient", ""), known.patient);
      EXPECT_EQ(item.string_or("infused_at", ""), known.infused_at);
      EXPECT_FALSE(item.string_or("issued_at", "").empty());
    }
    EXPECT_EQ(reply_.integer_or("aliquots_held", 0), count_vials());
  }
  void expect_held() {
    for (const Known& known : doses_) {
      for (int i = 1; i <= known.aliquots; ++i) {
        const bool held = !holds_on(bank_.view(), bank_.aliquot(known.vial(i))).empty();
        EXPECT_EQ(held, known.course != "other-c1") << known.vial(i);
      }
    }
    for (const Job& job : open_jobs()) {
      const bool mine = job.course.str() != "other-c1";
      EXPECT_TRUE(!mine || job.state == JobState::paused) << job.id.str();
      const auto moving = std::ranges::any_of(doses_, [&](const Known& k) {
        return k.job == job.id.str() && k.stage == Stage::moving;
      });
      EXPECT_TRUE(!mine || moving) << job.id.str() << " was not begun and goes on";
    }
  }
  // With the hold of the lot released, by whomever, the failed test still stands in the way.
  void expect_unused() {
    bank_.done("hold/release", cat(R"({"hold":")", reply_.string_or("hold", ""), R"("})"));
    for (const Known& known : doses_) {
      if (known.course == "other-c1") continue;
      for (const auto& [verb, body] :
           {std::pair("dose/thaw", known.body()), std::pair("dose/issue", known.label()),
            std::pair("dose/infuse", known.label())}) {
        const auto answer = bank_.tell(verb, std::string_view(body));
        ASSERT_FALSE(answer.ok()) << verb << " " << known.name();
        EXPECT_EQ(answer.error().code, ErrorCode::conflict) << answer.error().context;
      }
    }
    EXPECT_FALSE(
        bank_.tell("course/release", parse(R"({"course":"l1-c1","conditional":true})")).ok());
  }
  const std::set<Stage>& stages() const { return seen_; }

 private:
  void register_lot(const std::string& lot, int courses) {
    for (int c = 1; c <= courses; ++c) {
      const std::string course = cat(lot, "-c", c);
      const std::string patient = cat("p-", lot, "-", c);
      const int doses = 1 + static_cast<int>(prng_.below(3));
      const int per_dose = 1 + static_cast<int>(prng_.below(2));
      for (int d = 1; d <= doses; ++d) {
        doses_.push_back({course, cat("d0", d), patient, per_dose, Stage::stored, {}, {}});
      }
      bank_.done("course/register", cat(R"({"course":")", course, R"(","patient":")", patient,
                                        R"(","lot":")", lot, R"(","doses":)", doses,
                                        R"(,"aliquots_per_dose":)", per_dose, R"(,"store":{}})"));
      bank_.run_jobs();
    }
  }
  void release(const std::string& lot) {
    bank_.done("quality/plan",
               cat(R"({"lot":")", lot, R"(","tests":[{"test":"viability","low":70},)",
                   R"({"test":"sterility-14d","passes":"negative","late":true}]})"));
    bank_.done("quality/result", cat(R"({"lot":")", lot, R"(","test":"viability","value":91})"));
    bank_.done(
        "quality/result",
        cat(R"({"lot":")", lot, R"(","test":"sterility-14d","finding":"negative","final":false})"));
    std::set<std::string> courses;
    for (const Known& known : doses_) {
      if (known.course.starts_with(lot)) courses.insert(known.course);
    }
    for (const std::string& course : courses) {
      bank_.done("course/release", cat(R"({"course":")", course, R"(","conditional":true})"));
    }
  }
  // Each dose to a stage of its own; what stands at the thaw station keeps others away from it, and
  // a thaw that is refused for that leaves its dose planned.
  void drive() {
    for (std::size_t i = doses_.size(); i > 1; --i) {
      std::swap(doses_[i - 1], doses_[static_cast<std::size_t>(prng_.below(i))]);
    }
    for (Known& known : doses_) {
      if (known.course != "other-c1" || prng_.chance(1, 2)) drive(known);
      seen_.insert(known.stage);
    }
  }
  void drive(Known& known) {
    const auto goal = static_cast<Stage>(prng_.below(kStages));
    if (goal == Stage::rejected) step(known, "dose/reject", known.body(), goal);
    if (goal == Stage::stored || goal == Stage::rejected) return;
    step(known, "dose/plan", known.body(cat(R"(,"thaw_at":")", format_utc(bank_.now), R"(")")),
         Stage::planned);
    if (goal == Stage::planned || !thaw(known, goal)) return;
    Json codes = Json::array();
    for (int i = 1; i <= known.aliquots; ++i) codes.push(known.vial(i));
    if (goal == Stage::thawed) return;
    step(known, "dose/reculture", known.body(cat(R"(,"codes":)", codes.dump())), Stage::culture);
    if (goal == Stage::culture) return;
    step(known, "dose/harvest", known.label(), Stage::harvested);
    if (goal == Stage::harvested) return;
    step(known, "dose/issue", known.label(), Stage::issued);
    if (goal == Stage::returned) step(known, "dose/return", known.label(), goal);
    if (goal == Stage::part) step(known, "dose/infuse", known.label(R"(,"part":"1/2")"), goal);
    if (goal == Stage::infused) step(known, "dose/infuse", known.label(), goal);
    if (goal == Stage::part || goal == Stage::infused) known.infused_at = format_utc(bank_.now);
  }
  bool thaw(Known& known, Stage goal) {
    const auto ordered = bank_.tell("dose/thaw", parse(known.body()));
    if (!ordered) return false;
    known.stage = Stage::ordered;
    known.job = ordered->reply.string_or("job", "");
    // A gripper holds one vial: after it, others wait as orders.
    const bool busy = std::ranges::any_of(
        doses_, [](const Known& other) { return other.stage == Stage::moving; });
    if (goal == Stage::ordered || busy) return false;
    const JobId job(known.job);
    for (std::size_t i = 0; i < bank_.ledger().find_job(job)->moves.size(); ++i) {
      const std::string code = bank_.ledger().find_job(job)->moves[i].code;
      const std::uint32_t next = next_sequence(bank_.ledger(), DeviceId("robot-1"));
      EXPECT_TRUE(bank_.commit(move_issued(job, i, next, Epoch{1}, bank_.now)).ok());
      EXPECT_TRUE(bank_.commit(move_holding(job, i, code, bank_.now)).ok());
      known.stage = Stage::moving;
      if (goal == Stage::moving) return false;
      EXPECT_TRUE(bank_.commit(move_done(job, i, code, bank_.now)).ok());
    }
    known.stage = Stage::thawed;
    return true;
  }
  static Json parse(const std::string& text) { return *parse_json(text); }
  void step(Known& known, std::string_view verb, const std::string& body, Stage stage) {
    bank_.done(verb, body);
    known.stage = stage;
  }

  std::set<std::string> names(std::string_view key) const {
    std::set<std::string> names;
    for (const Json& item : reply_[key].items()) {
      const std::string name = cat(item.string_or("course", ""), "/", item.string_or("dose", ""));
      EXPECT_TRUE(names.insert(name).second) << name << " is listed twice";
    }
    return names;
  }
  std::set<std::string> expected(const std::set<Stage>& stages) const {
    std::set<std::string> names;
    for (const Known& known : doses_) {
      if (known.course != "other-c1" && stages.contains(known.stage)) names.insert(known.name());
    }
    return names;
  }
  const Known& find(const std::string& name) const {
    return *std::ranges::find_if(doses_, [&](const Known& k) { return k.name() == name; });
  }
  std::int64_t count_vials() const {
    std::int64_t count = 0;
    for (const Known& known : doses_) count += known.course == "other-c1" ? 0 : known.aliquots;
    return count;
  }
  std::vector<Job> open_jobs() {
    std::vector<Job> jobs;
    for (const JobId& id : bank_.view().open_jobs()) jobs.push_back(*bank_.view().job(id));
    return jobs;
  }

  Bank& bank_;
  Prng prng_;
  std::vector<Known> doses_;
  std::set<Stage> seen_;
  Json reply_;
};

TEST(Recall, ALatePositiveMissesNothingInTenThousandRandomLots) {
  std::set<Stage> seen;
  for (std::uint64_t seed = 1; seed <= kLots && !testing::Test::HasFailure(); ++seed) {
    SCOPED_TRACE(seed);
    Bank bank;
    RandomLot lot(bank, seed);
    lot.fail();
    lot.expect_told();
    lot.expect_held();
    lot.expect_unused();
    seen.insert(lot.stages().begin(), lot.stages().end());
    if (seed % 500 == 0) bank.expect_rebuilds();
  }
  EXPECT_EQ(seen.size(), kStages) << "each stage of a dose is met";
}

}  // namespace
}  // namespace cryobank::inventory
