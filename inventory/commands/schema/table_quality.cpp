// Entries of quality/*, stability/*, exposure/*, excursion/* and probe/*.
#include "inventory/commands/schema/keys.hpp"
#include "inventory/commands/schema/schemas.hpp"
#include "inventory/ledger/quality.hpp"

namespace cryobank::inventory {
namespace {

constexpr std::int64_t kStatementMax = 1000;
constexpr std::int64_t kAnyNumber = 9'000'000'000'000;  // what a number of the record can hold
constexpr std::int64_t kBudgetSecondsMax = 3600;
// Temperatures that a probe of a cryobank can show, with room for a broken one: Cel.
constexpr std::int64_t kColdest = -300, kHottest = 300;
// Longest excursion that one record tells, in seconds: a year.
constexpr std::int64_t kAboveMax = 366LL * 24 * 3600;

constexpr BodyKey kExceptionKeys[] = {
    kCourseKey, key::text("criterion", kStatementMax, "what failed").must(),
    key::text("investigation", kStatementMax, "what was found out").must(),
    key::text("clinician", kStatementMax, "who of the treating side was told").must()};

constexpr BodyKey kNoticeKeys[] = {kCourseKey};

constexpr std::string_view kFindings[] = {"negative", "positive"};
constexpr BodyKey kTestKeys[] = {key::id("test").must(),
                                 key::text("method", kMethodMax, "how it is measured"),
                                 key::number("low", -kAnyNumber, kAnyNumber).or_null(),
                                 key::number("high", -kAnyNumber, kAnyNumber).or_null(),
                                 key::word("passes", kFindings, "the finding that passes"),
                                 key::flag("late", "may be open at a conditional release")};
constexpr Shape kTest{kTestKeys};
constexpr BodyKey kATest = key::object("", kTest);
constexpr BodyKey kPlanTestsKeys[] = {key::id("lot").must(),
                                      key::list("tests", kATest, 1, kQualityTestsMax).must()};

constexpr BodyKey kResultKeys[] = {
    key::id("lot").must(),
    key::id("test").must(),
    key::number("value", -kAnyNumber, kAnyNumber, "where the test has limits"),
    key::word("finding", kFindings),
    key::code("specimen", "what was measured"),
    key::flag("final", "true where it is left out"),
};

// 50 years, a month and 10 freezings are beyond what anybody validates; a dose is below 1e12 cells.
constexpr BodyKey kStabilityKeys[] = {
    key::id("protocol").must(),
    key::integer("frozen_days", 1, 18'250).or_null(),
    key::integer("thawed_hours", 1, 720).or_null(),
    key::integer("harvested_hours", 1, 720).or_null(),
    key::integer("freezings_max", 1, 10).or_null(),
    key::integer("million_cells_min", 1, 1'000'000).or_null(),
    key::integer("viable_percent_min", 1, 100).or_null(),
};

constexpr BodyKey kAboveKeys[] = {key::integer("-150", 0, kAboveMax, "s"),
                                  key::integer("-135", 0, kAboveMax, "s"),
                                  key::integer("-120", 0, kAboveMax, "s")};
constexpr Shape kAbove{kAboveKeys};
constexpr BodyKey kRecordKeys[] = {
    key::id("place"),
    key::text("probe", kProbeNameMax, "\"device.point\": the place that it was mapped to"),
    key::time("from").must(),
    key::time("until").must(),
    key::number("peak_cel", kColdest, kHottest),
    key::object("above_s", kAbove, "seconds above each limit, in Cel"),
    key::flag("open", "it still goes on").only_with("probe"),
    key::flag("cold", "what was read last was cold; it ends when that lasts").only_with("open"),
};

constexpr BodyKey kBudgetKeys[] = {
    key::text("type", kIdLengthMax, "of places").must(),
    key::integer("handling_s", 1, kBudgetSecondsMax).must(),
    key::integer("hard_s", 1, kBudgetSecondsMax, "no less than handling_s").must(),
};
constexpr std::string_view kExposed[] = {"aliquot", "course", "place"};
constexpr Choice kExposedChoices[] = {{kExposed}};
constexpr BodyKey kExposedKeys[] = {key::id("aliquot"), key::id("course"), key::id("place")};

constexpr BodyKey kDeviceKey = key::id("device").must();
constexpr BodyKey kPointKey = key::id("point").must();
constexpr BodyKey kChallengeKeys[] = {
    kDeviceKey, kPointKey, key::flag("passed").must(),
    key::text("responded", kProbeNameMax, "the probe that moved, \"device.point\"")};
constexpr BodyKey kMapKeys[] = {kDeviceKey, kPointKey, kPlaceKey,
                                key::time("from", "now where it is left out")};

constexpr CommandSchema kQualityEntries[] = {
    {.verb = "excursion/record",
     .roles = kRecorders,
     .body = {kRecordKeys},
     .says = "`above_s` has at least the seconds above -150 Cel, and those of each lower limit. "
             "`probe` (\"device.point\") instead of `place`: the mapping valid at its time; with "
             "both, `place` counts while the probe is mapped to none. `open`: it still goes on; "
             "told again with the same `from` and its totals so far it stays one record. The "
             "daemon gives this command by itself for every temperature probe of a freezer "
             "(docs/inventory.md).",
     .example = R"({"place":"freezer-1","from":"2026-11-22T01:00:00Z",)"
                R"("until":"2026-11-22T02:00:00Z","peak_cel":-131.5,"above_s":{"-150":3000,)"
                R"("-135":600}})",
     .reply = R"({"aliquots":36000,"excursion":"excursion-1","over_budget":36000,)"
              R"("place":"freezer-1"})"},
    {.verb = "exposure/budget",
     .roles = kQualityOnly,
     .witness = true,
     .signing = {"exposure budget approved", true},
     .body = {kBudgetKeys},
     .example = R"({"type":"box","handling_s":60,"hard_s":120})",
     .reply = R"({"type":"box"})"},
    {.verb = "exposure/report",
     .roles = kEveryone,
     .changes = false,
     .body = {kExposedKeys, kExposedChoices},
     .says = "By `aliquot`, `course` or `place`; the list is cut at 5000. `out_s`: seconds out of "
             "the cold in the handling that goes on, since `out_since`, which is in the other "
             "figures; `warm_left_s`: seconds "
             "until it is over its budget, or over what was waived; `thaws_left` by the stability "
             "rule of its protocol.",
     .example = R"({"place":"freezer-1"})",
     .reply = R"({"aliquots":36000,"exposures":[{"above_s":{"-120":0,"-135":600,"-150":3000},)"
              R"("aliquot":"c1-d01-1","excursions":1,"handled":2,"handled_longest_s":18,)"
              R"("handled_s":31,"out_s":0,"over_budget":true,"peak_cel":-131.5,"thaws_left":1,)"
              R"("warm_left_s":0}],"over_budget":36000})"},
    {.verb = "exposure/waive",
     .roles = kQualityOnly,
     .witness = true,
     .revision = Revision::course,
     .signing = {"exposure judged acceptable", true},
     .body = {kExposedKeys, kExposedChoices},
     .says = "Up to what it has now. By `aliquot`, or of a `course` or a `place` all that are "
             "over budget, at most 10,000. Needs a reason.",
     .example = R"({"aliquot":"c1-d01-1"})",
     .reply = R"({"target":"aliquot:c1-d01-1","waived":1})"},
    {.verb = "probe/challenge",
     .roles = kHands,
     .witness = true,
     .signing = {"challenge of the probe performed", true},
     .body = {kChallengeKeys},
     .says = "The place is warmed or cooled, and the probe that moves is `responded` (may be left "
             "out): if it is another one, the challenge has not passed.",
     .example = R"({"device":"freezer-1","point":"temperature-top","passed":true,)"
                R"("responded":"freezer-1.temperature-top"})",
     .reply = R"({"passed":true,"probe":"freezer-1.temperature-top"})"},
    {.verb = "probe/map",
     .roles = kSupervisors,
     .witness = true,
     .signing = {"mapping of the probe approved", true},
     .body = {kMapKeys},
     .says = "`from` is now when absent. A mapping from no later than one on record corrects it "
             "from then on, and needs a reason: exposures are computed anew.",
     .example = R"({"device":"freezer-1","point":"temperature-top","place":"freezer-1",)"
                R"("from":"2026-11-22T00:00:00Z"})",
     .reply = R"({"probe":"freezer-1.temperature-top","version":1})"},
    {.verb = "quality/exception",
     .roles = kQualityOnly,
     .witness = true,
     .revision = Revision::course,
     .signing = {"released although a criterion failed", true},
     .body = {kExceptionKeys},
     .says = "Needs a reason, and no open hold of the lot or the course. Releases what waits in "
             "quarantine, and is the only way to use what failed a test; it counts for the tests "
             "that had failed then. Nothing is thawed, issued or infused under it before a "
             "physician confirms (quality/notice). The course and its labels show it.",
     .example = R"({"course":"c1","criterion":"viability 68 %","investigation":"dev-12",)"
                R"("clinician":"clinic-1"})",
     .reply = R"({"aliquots":12,"course":"c1","state":"authorised"})"},
    {.verb = "quality/notice",
     .roles = kPhysicians,
     .revision = Revision::course,
     .signing = {"known to the treating side: used although a criterion failed"},
     .body = {kNoticeKeys},
     .says = "A physician confirms that the treating side knows that the course is used by "
             "exception. Neither the one who authorised it nor the witness may. Another test that "
             "fails, or another exception, asks for it anew.",
     .example = R"({"course":"c1"})",
     .reply = R"({"course":"c1","state":"usable"})"},
    {.verb = "quality/plan",
     .roles = kQuality,
     .body = {kPlanTestsKeys},
     .says = "The laboratory says what passing means for each test: a limit at `low` or `high`, "
             "the finding at `passes` (negative or positive), or both; there is no default. Given "
             "once more it corrects the list, with a reason and a witness: results stay with the "
             "tests that stay and are judged anew, a failed test is not dropped, and what was "
             "released further than the corrected list allows is held.",
     .example = R"({"lot":"l1","tests":[{"test":"viability","method":"flow cytometry","low":70},)"
                R"({"test":"endotoxin","high":5},)"
                R"({"test":"sterility-14d","passes":"negative","late":true}]})",
     .reply = R"({"lot":"l1","lot_verdict":"pending","tests":[...]})"},
    {.verb = "quality/result",
     .roles = kQuality,
     .body = {kResultKeys},
     .says = "What the test is judged by and nothing else: `value`, `finding` (negative, positive) "
             "or both; `final` false: to date; `specimen`: what was measured. A bad result holds "
             "the lot, stops its thaws, and lists its doses that were given, are out of the cold "
             "or are planned.",
     .example = R"({"lot":"l1","test":"sterility-14d","finding":"positive","final":true})",
     .reply = R"({"aliquots_held":12,"doses_given":[{"course":"c1","dose":"d01",)"
              R"("infused_at":"2026-12-04T09:00:00.000Z","issued_at":"2026-12-04T07:00:00.000Z",)"
              R"("part":"1","patient":"p1","state":"infused"}],)"
              R"("doses_planned":[{"course":"c1","dose":"d03",)"
              R"("thaw_at":"2026-12-09T09:00:00.000Z"}],)"
              R"("doses_under_way":[{"course":"c1","dose":"d02","state":"re-culture"}],)"
              R"("hold":"hold-2","jobs_stopped":["job-7"],"lot":"l1",)"
              R"("lot_verdict":"failed","test":"sterility-14d",)"
              R"("verdict":"failed"})"},
    {.verb = "stability/set",
     .roles = kQualityOnly,
     .witness = true,
     .signing = {"stability rule approved", true},
     .body = {kStabilityKeys},
     .says = "What the laboratory validated for a protocol, in all its versions; what is left out "
             "has no limit, but `freezings_max` is then 1. `frozen_days` from registration where "
             "no expiry is given; `thawed_hours` from the thaw until it is in culture or given; "
             "`harvested_hours` from the harvest until it is given; `freezings_max` of a vial in "
             "all; `million_cells_min` and `viable_percent_min` of a harvested dose.",
     .example = R"({"protocol":"ank-12","frozen_days":1825,"thawed_hours":2,"harvested_hours":12,)"
                R"("freezings_max":2,"million_cells_min":500,"viable_percent_min":70})",
     .reply = R"({"protocol":"ank-12"})"},
};

}  // namespace

std::span<const CommandSchema> quality_schemas() { return kQualityEntries; }

}  // namespace cryobank::inventory
