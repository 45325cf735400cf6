// Entries of course/* and dose/*.
#include "inventory/commands/donation.hpp"
#include "inventory/commands/schema/keys.hpp"
#include "inventory/commands/schema/schemas.hpp"

namespace cryobank::inventory {
namespace {

constexpr std::int64_t kAliquotsMax = std::int64_t{kDosesMax} * kAliquotsPerDoseMax;
// Of one dose: a hundred times the largest that is given (1e10 NK cells).
constexpr std::int64_t kCellsMax = 1'000'000'000'000;
constexpr std::int64_t kFractionMax = 24;  // bytes of "5/144"
constexpr std::string_view kPurposes[] = {"safety-test"};

constexpr BodyKey kNewAliquotKeys[] = {key::id("aliquot", "else course-dose-number"),
                                       key::text("code", kIdLengthMax).must(),
                                       key::time("expires_at")};
constexpr Shape kNewAliquot{kNewAliquotKeys};
constexpr BodyKey kANewAliquot = key::object("", kNewAliquot);
constexpr BodyKey kNewDoseKeys[] = {
    key::id("dose", "else d01, d02, ..."),
    key::text("fraction", kFractionMax, "of the course, as \"1/12\"; else equal shares"),
    key::list("aliquots", kANewAliquot, 1, kAliquotsPerDoseMax).must()};
constexpr Shape kNewDose{kNewDoseKeys};
constexpr BodyKey kANewDose = key::object("", kNewDose);
constexpr BodyKey kDoseList = key::list("doses", kANewDose, 1, kDosesMax);

constexpr BodyKey kStoreNowKeys[] = {kRobotKey,    kPositionsKey, kWaiveShareKey, kStrategyKey,
                                     kOverrideKey, kAtRobotKey,   key::dry_run()};
constexpr Shape kStoreNow{kStoreNowKeys};
constexpr std::string_view kDinOrDonation[] = {"din", "donation"};
constexpr Choice kRegisterChoices[] = {{kDinOrDonation, false}};
constexpr BodyKey kRegisterKeys[] = {
    kCourseKey,
    key::id("patient", "a pseudonym").must(),
    key::id("protocol"),
    key::id("lot"),
    key::integer("doses", 1, kDosesMax, "their number, or a list; else as the protocol says")
        .or_as(kDoseList),
    key::integer("aliquots_per_dose", 1, kAliquotsPerDoseMax, "else as the protocol says"),
    key::list("codes", kACode, 1, kAliquotsMax, "dose after dose, where doses are a number"),
    key::text("din", kIdentifierMax, "ISBT 128 donation number"),
    key::text("donation", kIdentifierMax, "of another numbering"),
    key::text("sec", kIdentifierMax, "Single European Code, split 000"),
    key::text("identity", kIdentifierMax, "chain of identity"),
    key::time("expires_at", "of every aliquot that has no own one"),
    key::object("store", kStoreNow, "what arrived goes into the freezers at once"),
};

constexpr std::string_view kPinners[] = {"physician", "supervisor"};
constexpr std::int64_t kProtocolVersionMax = 1'000'000;
constexpr BodyKey kProtocolKeys[] = {
    kCourseKey, key::id("protocol").must(),
    key::integer("version", 1, kProtocolVersionMax, "else the newest")};

constexpr BodyKey kReleaseKeys[] = {
    kCourseKey,
    key::flag("conditional", "while only late tests are open"),
    key::time("first_infusion", "plans the course as well, as course/plan does"),
};

constexpr BodyKey kCellsKey = key::number("cells", 0, kCellsMax);
constexpr BodyKey kViableKey = key::number("viable_percent", 0, 100);
constexpr BodyKey kDoseCodeKey = key::code("code", "the label of the dose, course/dose").must();

constexpr BodyKey kHarvestKeys[] = {
    kCourseKey,   kDoseKey,
    kDoseCodeKey, kCellsKey,
    kViableKey,   key::flag("override", "before the shortest culture is over: reason and witness")};
constexpr BodyKey kInfuseKeys[] = {
    kCourseKey, kDoseKey, kDoseCodeKey,
    key::text("part", kFractionMax, "of the dose, as \"1/2\"; else all that is left"),
    key::flag("override", "more cells than the protocol's cap: reason and witness")};
constexpr BodyKey kIssueKeys[] = {kCourseKey,   kDoseKey,
                                  kDoseCodeKey, kCellsKey,
                                  kViableKey,   key::text("to", kIdLengthMax, "who gets it")};
constexpr BodyKey kLostToKey = key::word("lost_to", kLostTo, "for the figures");
constexpr BodyKey kReturnKeys[] = {kCourseKey, kDoseKey, kDoseCodeKey, kLostToKey};
constexpr BodyKey kRejectKeys[] = {kCourseKey, kDoseKey, kLostToKey};

constexpr BodyKey kThawAtKey = key::time("thaw_at", "null takes the plan back").must().or_null();
constexpr BodyKey kHarvestFromKey = key::time("harvest_from").or_null();
constexpr BodyKey kHarvestUntilKey = key::time("harvest_until").or_null();
constexpr BodyKey kInfusionKey = key::time("infusion_at").or_null();
constexpr BodyKey kPlannedKeys[] = {kDoseKey, kThawAtKey, kHarvestFromKey, kHarvestUntilKey,
                                    kInfusionKey};
constexpr Shape kPlanned{kPlannedKeys};
constexpr BodyKey kAPlanned = key::object("", kPlanned);
constexpr std::string_view kDoseOrDoses[] = {"dose", "doses"};
constexpr Choice kPlanChoices[] = {{kDoseOrDoses}};
constexpr BodyKey kPlanKeys[] = {
    kCourseKey,
    key::id("dose"),
    kThawAtKey.only_with("dose"),
    kHarvestFromKey.only_with("dose"),
    kHarvestUntilKey.only_with("dose"),
    kInfusionKey.only_with("dose"),
    key::list("doses", kAPlanned, 1, kDosesMax, "instead of one"),
    key::flag("override", "what planning may not do and two people may: reason and witness"),
};

constexpr BodyKey kScannedKey =
    key::list("codes", kACode, 1, kAliquotsPerDoseMax, "of all its thawed vials").must();
constexpr BodyKey kRecultureKeys[] = {kCourseKey, kDoseKey, kScannedKey, kCellsKey, kViableKey};
constexpr BodyKey kRefreezeKeys[] = {kCourseKey, kDoseKey, kScannedKey, kPlaceKey, kPositionsKey};
constexpr BodyKey kAgainstRulesKey =
    key::flag("override",
              "an unplanned or unreleased dose, one of another day, a day that is closed: reason "
              "and witness");
constexpr BodyKey kPurposeKey =
    key::word("purpose", kPurposes, "for no patient: reason and witness");
constexpr BodyKey kThawKeys[] = {kCourseKey,       kDoseKey,    kRobotKey,
                                 kAgainstRulesKey, kPurposeKey, kAtRobotKey};
constexpr BodyKey kLiftKeys[] = {
    kCourseKey,
    kDoseKey,
    key::list("codes", kACode, 1, kAliquotsPerDoseMax,
              "of every vial of the dose, as scanned when it is lifted; a dry run may be without"),
    key::id("place", "the thaw station; may be left out where there is one"),
    kAgainstRulesKey,
    kPurposeKey,
    key::dry_run()};
constexpr BodyKey kSetDownKeys[] = {
    kCourseKey, kDoseKey,
    key::list("codes", kACode, 1, kAliquotsPerDoseMax, "as scanned where they are set down"),
    key::flag("back", "into the position that each was lifted from, not onto the station"),
    key::flag("lost", "all that are still in hands: reason and witness")};

constexpr std::string_view kSplitters[] = {"physician", "supervisor"};
constexpr BodyKey kSplitKeys[] = {kCourseKey, key::flag("undo", "makes whole doses of them again")};

constexpr CommandSchema kCourseEntries[] = {
    {.verb = "course/protocol",
     .roles = kPinners,
     .witness = true,
     .revision = Revision::course,
     .body = {kProtocolKeys},
     .says = "A course that has no protocol, as one does that came by a list without the column "
             "`protocol`, is given by this one from now on and can be planned. It is said once: "
             "what differs for its patient afterwards is `course/amend`. An expiry that its vials "
             "do not have is not made up. Needs a reason.",
     .example = R"({"course":"c1","protocol":"ank-12","version":2})",
     .reply = R"({"course":"c1","protocol":"ank-12","protocol_version":2,"doses":12,)"
              R"("protocol_doses":12,"revision":4})"},
    {.verb = "course/register",
     .roles = kHands,
     .body = {kRegisterKeys, kRegisterChoices},
     .says = "`doses` is a number (then `codes` dose after dose; without codes an aliquot's id is "
             "its code) or a list [{dose, fraction, aliquots: [{aliquot, code}]}]. Without "
             "`doses` the protocol says. `donation` instead of `din` for other numberings; `sec`, "
             "a Single European Code with split 000: its donation must agree with `din`, and each "
             "vial's label gets its own split. `expires_at` for all aliquots, or in one of the "
             "list. A field for a name, birth date or hospital number is refused; an id or code "
             "of another course is a mismatch and an alarm. With `store` accepted, and ends with "
             "the job; `positions` in the port, `waive_share`, `strategy`, `dry_run` (then "
             "nothing is registered) and `override` as in `aliquot/store`.",
     .example = R"({"course":"c1","patient":"p1","protocol":"ank-12","lot":"l1","doses":12,)"
                R"("codes":["C1-VIAL-1","..."],"din":"G1234 98 654321 H","identity":"COI-77",)"
                R"("store":{"robot":"robot-1"}})",
     .reply = R"({"aliquots":12,"course":"c1","doses":12,"job":"job-1","placements":[...],)"
              R"("plan":[...],"strategy":"same-box"})"},
    {.verb = "course/release",
     .roles = kQuality,
     .revision = Revision::course,
     .signing = {"released after review of its tests"},
     .body = {kReleaseKeys},
     .says = "Quality release of what waits. A lot with a test list must have passed; "
             "`conditional` while only late tests are open.",
     .example = R"({"course":"c1","conditional":false})",
     .reply = R"({"aliquots":12,"course":"c1"})"},
    {.verb = "course/split",
     .roles = kSplitters,
     .revision = Revision::course,
     .body = {kSplitKeys},
     .says = "Whole doses that are left become twice as many halves: each keeps half of its vials "
             "and its date, the other half is a new dose behind the last. `undo` while nothing of "
             "it is thawed and the new halves have no date. It needs a reason.",
     .example = R"({"course":"c1"})",
     .reply = R"({"course":"c1","doses":12,"revision":9})"},
    {.verb = "dose/harvest",
     .roles = kHands,
     .revision = Revision::course,
     .body = {kHarvestKeys},
     .says = "`code` is the label of the dose: course/dose. With too few viable cells for its "
             "stability rule the reply and the fact say what the doses left will make (`short`), "
             "and it is an alarm. Before its shortest culture is over it is refused: `override` "
             "(reason, witness).",
     .example = R"({"course":"c1","dose":"d01","code":"c1/d01","cells":500000000,)"
                R"("viable_percent":91.5})",
     .reply = R"({"course":"c1","dose":"d01","revision":9,"short":{"doses_left":11,)"
              R"("full_doses":8,"usable":9,"viable_cells":457500000,"wanted_cells":500000000},)"
              R"("state":"harvested"})"},
    {.verb = "dose/infuse",
     .roles = kHands,
     .witness = true,
     .revision = Revision::course,
     .signing = {"rule overridden", true, true},
     .body = {kInfuseKeys},
     .says =
         "`part` of the dose; without it all that is left. `given` and `left` are shares of "
         "the dose; it is `infused` when nothing is left. More cells, as counted at the harvest, "
         "than `cells_per_infusion_max` of the protocol are refused: `override` (reason).",
     .example = R"({"course":"c1","dose":"d01","code":"c1/d01","part":"1/2"})",
     .reply = R"({"course":"c1","dose":"d01","given":"1/2","left":"1/2","revision":11,)"
              R"("state":"issued"})"},
    {.verb = "dose/issue",
     .roles = kHands,
     .witness = true,
     .revision = Revision::course,
     .body = {kIssueKeys},
     .example = R"({"course":"c1","dose":"d01","code":"c1/d01","to":"clinic-1"})",
     .reply = R"({"course":"c1","dose":"d01","revision":10,"state":"issued"})"},
    {.verb = "dose/lift",
     .roles = kHands,
     .witness = true,
     .revision = Revision::course,
     .signing = {"rule overridden", true, true},
     .body = {kLiftKeys},
     .says = "A thaw by hand, where no robot reaches the vials or one is broken: two people take "
             "all of them out of the cold. What forbids a `dose/thaw` forbids it, `override` and "
             "`purpose` too; ask with `dry_run` before the lid is opened. The vials are in HANDS, "
             "their time out of the cold runs, and a position of the station is kept for each "
             "until `dose/set-down`.",
     .example = R"({"course":"c1","dose":"d01","codes":["C1-VIAL-1"],"place":"thaw-1"})",
     .reply = R"({"course":"c1","dose":"d01","job":"job-9","placements":[...],)"
              R"("station":"thaw-1"})"},
    {.verb = "dose/plan",
     .roles = kPlanners,
     .revision = Revision::course,
     .signing = {"rule overridden", true, true},
     .body = {kPlanKeys, kPlanChoices},
     .says =
         "Or `doses`: a list of such items. `thaw_at` null takes the plan back. Not after the "
         "thaw has begun. A thaw is from now on and within three years, harvest and infusion "
         "within 90 days of it. What the planner may not do is refused with what would do; "
         "`override` (reason, witness) for a shorter culture or gap, a day's reserve, a day "
         "near another series, a visit inside the freeze. Every change of dates is a version of "
         "the plan; that of a published visit needs a reason. `warnings` says what no rule "
         "was there to check: a course without a protocol, a thaw without an infusion.",
     .example = R"({"course":"c1","dose":"d01","thaw_at":"2026-12-01T08:00:00Z",)"
                R"("harvest_from":"2026-12-03T08:00:00Z","harvest_until":"2026-12-03T20:00:00Z",)"
                R"("infusion_at":"2026-12-04T09:00:00Z"})",
     .reply = R"({"course":"c1","revision":5,"version":9})"},
    {.verb = "dose/reculture",
     .roles = kHands,
     .revision = Revision::course,
     .body = {kRecultureKeys},
     .says = "The codes of all thawed vials, as scanned; with the count after the thaw, `cells` "
             "and `viable_percent`, if there is one.",
     .example = R"({"course":"c1","dose":"d01","codes":["C1-VIAL-1"]})",
     .reply = R"({"course":"c1","dose":"d01","revision":8,"state":"re-culture"})"},
    {.verb = "dose/refreeze",
     .roles = kHands,
     .witness = true,
     .revision = Revision::course,
     .body = {kRefreezeKeys},
     .says = "A thawed dose that is not used goes back into a freezer, as often as the stability "
             "rule of its protocol allows (without one: never). The codes of all its thawed "
             "vials, as scanned; `positions` one for each vial in the order of their ids, or in "
             "fill order. They are quarantined; after the last freezing that is allowed, on hold "
             "as well. Needs a reason.",
     .example = R"({"course":"c1","dose":"d01","codes":["C1-VIAL-1"],)"
                R"("place":"freezer-1-rack-1-box-1","positions":["A1"]})",
     .reply = R"({"course":"c1","dose":"d01","last_freezing":true})"},
    {.verb = "dose/reject",
     .roles = kJudges,
     .witness = true,
     .revision = Revision::course,
     .signing = {"dose rejected", true},
     .body = {kRejectKeys},
     .says = "Needs a reason. `lost_to` says in one word what it was lost to; left out, it counts "
             "as untold.",
     .example = R"({"course":"c1","dose":"d01","lost_to":"quality"})",
     .reply = R"({"course":"c1","dose":"d01","revision":12,"state":"rejected"})"},
    {.verb = "dose/return",
     .roles = kHands,
     .witness = true,
     .revision = Revision::course,
     .body = {kReturnKeys},
     .says = "Issued, and nothing of it given. Needs a reason; `lost_to` as in dose/reject.",
     .example = R"({"course":"c1","dose":"d01","code":"c1/d01","lost_to":"fever"})",
     .reply = R"({"course":"c1","dose":"d01","revision":12,"state":"returned"})"},
    {.verb = "dose/set-down",
     .roles = kHands,
     .body = {kSetDownKeys},
     .says =
         "Where what was lifted by `dose/lift` stands now, each scanned again: on the station, "
         "where its thaw begins, or `back` in the cold, which ends the thaw. A wrong code locks "
         "the dose. `left`: how many are still in hands.",
     .example = R"({"course":"c1","dose":"d01","codes":["C1-VIAL-1"]})",
     .reply = R"({"course":"c1","dose":"d01","job":"job-9","left":0,"state":"thawed"})"},
    {.verb = "dose/thaw",
     .roles = kHandsOrPlan,
     .revision = Revision::course,
     .signing = {"rule overridden", true, true},
     .body = {kThawKeys},
     .says = "With a purpose too. Accepted; ends with the job. `override` (reason, witness) for "
             "an unplanned or unreleased dose, one that is planned for another day or whose days "
             "are closed; `\"purpose\":\"safety-test\"` (reason, witness) "
             "also where a consent is withdrawn: the dose gets a hold of its own and reaches no "
             "patient. A refusal of the daemon's own request is journaled: "
             "{\"refused\":\"conflict\"}.",
     .example = R"({"course":"c1","dose":"d01","robot":"robot-1"})",
     .reply = R"({"course":"c1","dose":"d01","job":"job-9","placements":[...]})"},
};

}  // namespace

std::span<const CommandSchema> course_schemas() { return kCourseEntries; }

}  // namespace cryobank::inventory
