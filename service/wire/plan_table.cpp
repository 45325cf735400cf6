#include "service/wire/plan_table.hpp"

#include <array>

namespace cryobank::core {
namespace {

constexpr std::array<std::string_view, 8> kPlanReaders{
    "viewer", "operator", "witness", "qc", "physician", "supervisor", "quality", "administrator"};
constexpr std::array<std::string_view, 3> kPlanHands{"operator", "physician", "supervisor"};
constexpr std::array<std::string_view, 2> kPlanJudges{"physician", "supervisor"};
constexpr std::array<std::string_view, 1> kPlanPhysicians{"physician"};

constexpr std::int64_t kProposalMax = 1'000'000'000;
constexpr std::int64_t kDayText = 10;
constexpr std::int64_t kHl7Max = 64 * 1'024;
constexpr std::string_view kHoldKinds[] = {"fever",   "tests",   "travel", "chemotherapy",
                                           "imaging", "request", "other"};
constexpr std::string_view kExportFormats[] = {"ics-clinic", "ics-lab",  "ics-patient", "fhir",
                                               "hl7",        "minizinc", "dose-series", "worklist",
                                               "figures",    "markers",  "day"};

constexpr BodyKey kOneCourse = key::id("");
constexpr BodyKey kProposeKeys[] = {
    key::list("courses", kOneCourse, 0, 500, "without planned doses, to be planned as well")};
constexpr BodyKey kAcceptKeys[] = {key::integer("number", 1, kProposalMax).must(),
                                   key::integer("option", 1, 5, "of those offered")};
constexpr BodyKey kDiscardKeys[] = {key::integer("number", 1, kProposalMax).must()};
constexpr BodyKey kMoveKeys[] = {
    key::id("course").must(), key::id("dose").must(),
    key::text("to", kDayText, "local day of the infusion, 2026-12-02").must()};
constexpr BodyKey kHoldKeys[] = {key::id("course").must(), key::word("kind", kHoldKinds).must(),
                                 key::text("from", kDayText, "local day; else today"),
                                 key::text("until", kDayText, "last day; else open").or_null()};
constexpr BodyKey kResumeKeys[] = {key::id("course").must(),
                                   key::id("hold", "else every one of the course")};
constexpr BodyKey kFitKeys[] = {key::id("course").must(), key::id("dose").must(),
                                key::flag("fit").must()};
constexpr BodyKey kToldKeys[] = {key::id("course").must(), key::id("dose").must()};
constexpr BodyKey kClinicKeys[] = {key::id("course").must(), key::id("clinic").must()};
constexpr BodyKey kAmendKeys[] = {key::id("course").must(),
                                  key::integer("interval_min_days", 1, 365),
                                  key::integer("interval_max_days", 1, 365),
                                  key::integer("limit_min_days", 1, 365),
                                  key::integer("limit_max_days", 1, 365),
                                  key::integer("early_doses", 1, 60),
                                  key::integer("early_min_days", 1, 365),
                                  key::integer("urgency", 1, 9),
                                  key::integer("apart_days", 1, 60, "from another series"),
                                  key::integer("chemotherapy_before_days", 1, 60),
                                  key::integer("chemotherapy_after_days", 1, 60)};
constexpr BodyKey kCheckKeys[] = {key::integer("months", 1, 18, "else 12")};
constexpr BodyKey kExportKeys[] = {
    key::word("format", kExportFormats).must(),
    key::id("course"),
    key::text("date", kDayText, "of a worklist or a day; else today"),
    key::text("from", kDayText, "first local day of figures or visits; else all"),
    key::text("until", kDayText, "last one"),
    key::integer("piece", 1, 1'000'000, "of the visits, when one reply does not hold all")};
constexpr BodyKey kNoticeKeys[] = {key::text("hl7", kHl7Max, "SIU^S15 or SIU^S26").must()};

constexpr std::string_view kFeedKinds[] = {"clinic", "lab", "patient"};
constexpr std::int64_t kDigestHex = 64;
constexpr BodyKey kFeedKeys[] = {
    key::id("feed").must(),
    key::word("of", kFeedKinds, "infusions, or thaws and harvests, or one course").must(),
    key::id("course", "of a patient's"), key::id("clinic", "else of every clinic"),
    key::text("secret_sha256", kDigestHex, "of the secret in the address, hexadecimal").must()};
constexpr BodyKey kRevokeKeys[] = {key::id("feed").must()};

constexpr std::int64_t kWordMax = 40;
constexpr std::int64_t kValueMax = 1'000'000'000;
constexpr BodyKey kAssessmentKeys[] = {
    key::id("course").must(), key::text("what", kWordMax, "ct, scintigraphy, spirometry").must(),
    key::text("date", kDayText, "local day").must(), key::id("after_dose"),
    key::flag("done", "else it is planned")};
constexpr BodyKey kMarkerKeys[] = {key::id("course").must(),
                                   key::id("dose"),
                                   key::id("marker", "pd-l1, nk-activity").must(),
                                   key::number("value", -kValueMax, kValueMax).must(),
                                   key::text("unit", kWordMax, "UCUM code").must(),
                                   key::id("assay", "antibody clone or method"),
                                   key::time("at", "else now")};
constexpr BodyKey kSeenKeys[] = {key::id("course", "else the rules alone")};
constexpr BodyKey kObservationKeys[] = {key::id("course").must(),
                                        key::id("dose").must(),
                                        key::id("measure", "temperature, ip, pai-1").must(),
                                        key::number("value", -kValueMax, kValueMax).must(),
                                        key::text("unit", kWordMax, "UCUM code").must(),
                                        key::time("at", "else now")};
constexpr BodyKey kRuleKeys[] = {
    key::id("rule").must(),
    key::id("measure"),
    key::text("unit", kWordMax, "UCUM code"),
    key::number("above", -kValueMax, kValueMax),
    key::number("below", -kValueMax, kValueMax),
    key::integer("falls_percent", 1, 99, "below any earlier value of the dose"),
    key::integer("within_hours", 1, 720, "of that value").only_with("falls_percent").must(),
    key::flag("hold", "the course is held when it is crossed"),
    key::flag("remove", "the rule is taken away")};

constexpr std::string_view kSlotStages[] = {"collection", "processing", "freezing", "testing"};
constexpr std::string_view kReferralStages[] = {"eligibility", "collection", "processing",
                                                "freezing", "testing"};
constexpr std::string_view kOutcomes[] = {"begun", "done", "failed"};
constexpr std::int64_t kCellsMax = 1'000'000'000'000;
constexpr std::int64_t kCauseMax = 200;
constexpr BodyKey kVolumeKeys[] = {
    key::integer("cells", 1, kCellsMax, "wanted").must(),
    key::number("per_microlitre", 0, kValueMax, "counted before").must(),
    key::number("efficiency_percent", 0, 100, "of the device").must(),
    key::number("low_count", 0, kValueMax, "below it the site does not trust the formula")};
constexpr BodyKey kReceiveKeys[] = {
    key::id("referral").must(),
    key::id("patient", "a pseudonym").must(),
    key::id("protocol").must(),
    key::time("received_at", "first contact; else now"),
    key::integer("urgency", 1, 9, "else 1, or as before"),
    key::id("instead_of", "course whose product failed: its first contact counts")};
constexpr std::string_view kFirstContact[] = {"received_at", "instead_of"};
constexpr Choice kReceiveChoices[] = {{kFirstContact, false}};
constexpr BodyKey kStageKeys[] = {
    key::id("referral").must(), key::word("stage", kReferralStages).must(),
    key::word("outcome", kOutcomes).must(), key::text("cause", kCauseMax, "of a failure")};
constexpr BodyKey kCloseKeys[] = {key::id("referral").must(),
                                  key::id("course", "that came of it; else a reason")};
constexpr BodyKey kSlotKeys[] = {
    key::id("slot").must(),
    key::word("stage", kSlotStages),
    key::integer("places", 1, 1'000, "at a time"),
    key::integer("days", 1, 120, "that one is in use"),
    key::integer("after_days", 0, 120, "at least so long after the stage before"),
    key::id("calendar", "on which it may begin; else every day"),
    key::flag("remove", "the slots are taken away")};

constexpr CommandSchema kPlanSchemas[] = {
    {.verb = "assessment/record",
     .roles = kPlanHands,
     .body = {kAssessmentKeys},
     .says = "An assessment and the dose after which it is made; it changes nothing of the plan.",
     .example = R"({"course":"c1","what":"ct","date":"2026-12-20","after_dose":"d04"})",
     .reply = "{}"},
    {.verb = "collection/calculate",
     .roles = kPlanReaders,
     .changes = false,
     .body = {kVolumeKeys},
     .says = "Blood to process before a collection, from counts and efficiency; warns outside 5 to "
             "8 L.",
     .example = R"({"cells":3000000000,"per_microlitre":1000,"efficiency_percent":50})",
     .reply = R"({"formula":1,"litres":6,"warnings":[]})"},
    {.verb = "course/amend",
     .roles = kPlanPhysicians,
     .body = {kAmendKeys},
     .says = "This patient's own interval, urgency, distance from another series and days "
             "without an infusion around chemotherapy; author and reason stand with it.",
     .example = R"({"course":"c1","interval_min_days":4,"interval_max_days":5})",
     .reply = R"({"course":"c1","too_soon":0})"},
    {.verb = "course/clinic",
     .roles = kPlanHands,
     .body = {kClinicKeys},
     .says = "Where the course is given.",
     .example = R"({"course":"c1","clinic":"clinic-1"})",
     .reply = R"({"clinic":"clinic-1"})"},
    {.verb = "course/hold",
     .roles = kPlanHands,
     .body = {kHoldKeys},
     .says =
         "Nothing of the course is thawed in that time, and no dose of it is infused; a proposal "
         "follows. It needs a reason.",
     .example = R"({"course":"c1","kind":"fever","until":"2026-12-05"})",
     .reply = R"({"hold":"pause-1"})"},
    {.verb = "course/resume",
     .roles = kPlanJudges,
     .body = {kResumeKeys},
     .says = "Holds of the course end; it needs a reason.",
     .example = R"({"course":"c1"})",
     .reply = R"({"holds":["pause-1"]})"},
    {.verb = "dose/fit",
     .roles = kPlanHands,
     .body = {kFitKeys},
     .says = "The clinic's word that the patient is fit, without which nothing is thawed where the "
             "site asks for it.",
     .example = R"({"course":"c1","dose":"d03","fit":true})",
     .reply = R"({"fit_until":"2026-12-02T05:00:00.000Z"})"},
    {.verb = "dose/move",
     .roles = kPlanHands,
     .body = {kMoveKeys},
     .says = "Asks for a proposal with the dose on that day; the doses after it follow. It needs a "
             "reason.",
     .example = R"({"course":"c1","dose":"d03","to":"2026-12-02"})",
     .reply = R"({"number":9})"},
    {.verb = "dose/told",
     .roles = kPlanHands,
     .body = {kToldKeys},
     .says = "The patient knows the date of this dose: it is moved last.",
     .example = R"({"course":"c1","dose":"d03"})",
     .reply = "{}"},
    {.verb = "feed/create",
     .roles = kPlanHands,
     .body = {kFeedKeys},
     .says =
         "A calendar at a secret address of the daemon's HTTP port, `/calendar/SECRET.ics`. Only "
         "the hash of the secret comes here: `cryobankctl feed subscribe` draws a secret, sends "
         "this and prints the address. It needs a reason.",
     .example = R"({"feed":"lab-wall","of":"lab","secret_sha256":)"
                R"("9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"})",
     .reply = R"({"feed":"lab-wall"})"},
    {.verb = "feed/list",
     .roles = kPlanReaders,
     .changes = false,
     .says = "Calendars that are served, without their addresses, which nobody here knows.",
     .example = "{}",
     .reply = R"({"feeds":[{"at":"2026-12-01T08:00:00.000Z","by":"operator","feed":"lab-wall",)"
              R"("of":"lab"}]})"},
    {.verb = "feed/revoke",
     .roles = kPlanHands,
     .body = {kRevokeKeys},
     .says = "The calendar is served no more. It needs a reason.",
     .example = R"({"feed":"lab-wall"})",
     .reply = R"({"feed":"lab-wall"})"},
    {.verb = "marker/record",
     .roles = kPlanHands,
     .body = {kMarkerKeys},
     .says =
         "A biomarker or NK activity of a course or dose, kept and exported; it changes nothing "
         "of the plan.",
     .example = R"({"course":"c1","marker":"pd-l1","value":45,"unit":"%","assay":"28-8"})",
     .reply = "{}"},
    {.verb = "observation/list",
     .roles = kPlanReaders,
     .changes = false,
     .body = {kSeenKeys},
     .says = "The rules that stand, and what is recorded of a course.",
     .example = R"({"course":"c1"})",
     .reply = R"({"assessments":[],"markers":[],"observations":{},"rules":[]})"},
    {.verb = "observation/record",
     .roles = kPlanHands,
     .body = {kObservationKeys},
     .says =
         "A value measured after an infusion; rules of physicians that it crosses give a message "
         "and may hold the course.",
     .example = R"({"course":"c1","dose":"d03","measure":"temperature","value":39.6,"unit":"Cel"})",
     .reply = R"({"crossed":["fever"],"hold":"pause-3"})"},
    {.verb = "observation/rule",
     .roles = kPlanPhysicians,
     .body = {kRuleKeys},
     .says =
         "Sets a rule on values after an infusion, or takes it away; it needs a reason. None comes "
         "with the program.",
     .example = R"({"rule":"fever","measure":"temperature","unit":"Cel","above":39.5,"hold":true})",
     .reply = R"({"rule":"fever"})"},
    {.verb = "plan/accept",
     .roles = kPlanJudges,
     .body = {kAcceptKeys},
     .says = "Publishes the proposal that waits.",
     .example = R"({"number":8})",
     .reply = R"({"moved":3,"version":8})"},
    {.verb = "plan/check",
     .roles = kPlanReaders,
     .changes = false,
     .body = {kCheckKeys},
     .says =
         "Pauses that calendars force, longer than a protocol allows, with what would cure them.",
     .example = R"({"months":12})",
     .reply = R"({"days":372,"gaps":[...]})"},
    {.verb = "plan/discard",
     .roles = kPlanJudges,
     .body = {kDiscardKeys},
     .says = "Throws the proposal away; it needs a reason.",
     .example = R"({"number":8})",
     .reply = "{}"},
    {.verb = "plan/export",
     .roles = kPlanReaders,
     .changes = false,
     .body = {kExportKeys},
     .says = "The published visits for calendars and hospital systems, a worklist to print, "
             "the minute plan of a `day`, the planning state for a stock solver. Visits come in "
             "pieces, those to come first; `withheld` of `total` are in the others.",
     .example = R"({"format":"ics-clinic"})",
     .reply = R"({"piece":1,"pieces":1,"text":"BEGIN:VCALENDAR...","total":36,)"
              R"("type":"text/calendar","withheld":0})"},
    {.verb = "plan/propose",
     .roles = kPlanHands,
     .body = {kProposeKeys},
     .says = "Plans everything that is open anew; the topic `plan` shows the proposal.",
     .example = R"({"courses":["c1"]})",
     .reply = R"({"number":8})"},
    {.verb = "referral/close",
     .roles = kPlanHands,
     .body = {kCloseKeys},
     .says = "It became a course, or it ends with a reason; its slots are free.",
     .example = R"({"referral":"r1","course":"c1"})",
     .reply = R"({"provisional":null,"referral":"r1"})"},
    {.verb = "referral/list",
     .roles = kPlanReaders,
     .changes = false,
     .says = "Open referrals by urgency and first contact, with their provisional plans, and the "
             "slots.",
     .example = "{}",
     .reply = R"({"referrals":[],"slots":[]})"},
    {.verb = "referral/receive",
     .roles = kPlanHands,
     .body = {kReceiveKeys, kReceiveChoices},
     .says = "A patient is referred: the reply has the provisional plan, from collection to doses. "
             "With `instead_of`, cells are collected anew for a course whose lot failed or of "
             "which a dose is rejected, and the patient keeps the place and the urgency.",
     .example = R"({"referral":"r1","patient":"p1","protocol":"ank-12"})",
     .reply = R"({"provisional":{"first_dose":"2027-01-12","slots":[...]},"referral":"r1"})"},
    {.verb = "referral/stage",
     .roles = kPlanHands,
     .body = {kStageKeys},
     .says = "A stage began, is done or failed. After a failure cells are collected anew, and the "
             "patient keeps the place.",
     .example = R"({"referral":"r1","stage":"collection","outcome":"failed","cause":"low yield"})",
     .reply = R"({"provisional":{"slots":[...]},"referral":"r1"})"},
    {.verb = "slot/set",
     .roles = kPlanJudges,
     .body = {kSlotKeys},
     .says =
         "Slots of a stage before the doses; open referrals are planned anew. It needs a reason.",
     .example =
         R"({"slot":"apheresis","stage":"collection","places":1,"days":1,"calendar":"japan"})",
     .reply = R"({"slots":[...]})"},
    {.verb = "visit/notice",
     .roles = kPlanHands,
     .body = {kNoticeKeys},
     .says = "A hospital's HL7 message that a visit is cancelled or the patient did not come holds "
             "the course.",
     .example =
         R"({"hl7":"MSH|^~\\&|HIS|H|||20261202||SIU^S26|1|P|2.5\rSCH||c1.d03.infusion@demo.cryobank|"})",
     .reply = R"({"hold":"pause-2"})"},
};

}  // namespace

std::span<const CommandSchema> plan_schemas() { return kPlanSchemas; }

}  // namespace cryobank::core
