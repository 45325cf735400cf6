#include "service/core/plan_table.hpp"

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
constexpr std::string_view kExportFormats[] = {
    "ics-clinic", "ics-lab", "ics-patient", "fhir", "hl7", "minizinc", "dose-series", "worklist",
    "figures"};

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
                                  key::integer("urgency", 1, 9)};
constexpr BodyKey kCheckKeys[] = {key::integer("months", 1, 18, "else 12")};
constexpr BodyKey kExportKeys[] = {key::word("format", kExportFormats).must(), key::id("course"),
                                   key::text("date", kDayText, "of a worklist; else today")};
constexpr BodyKey kNoticeKeys[] = {key::text("hl7", kHl7Max, "SIU^S15 or SIU^S26").must()};

constexpr CommandSchema kPlanSchemas[] = {
    {.verb = "course/amend",
     .roles = kPlanPhysicians,
     .body = {kAmendKeys},
     .says = "This patient's own interval and urgency; author and reason stand with it.",
     .example = R"({"course":"c1","interval_min_days":4,"interval_max_days":5})",
     .reply = R"({"course":"c1"})"},
    {.verb = "course/clinic",
     .roles = kPlanHands,
     .body = {kClinicKeys},
     .says = "Where the course is given.",
     .example = R"({"course":"c1","clinic":"clinic-1"})",
     .reply = R"({"clinic":"clinic-1"})"},
    {.verb = "course/hold",
     .roles = kPlanHands,
     .body = {kHoldKeys},
     .says = "Nothing of the course is thawed in that time, and no dose of it is infused; a proposal "
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
     .says = "Pauses that calendars force, longer than a protocol allows, with what would cure them.",
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
     .says = "The published visits for calendars and hospital systems, a worklist to print, the "
             "planning state for a stock solver.",
     .example = R"({"format":"ics-clinic"})",
     .reply = R"({"text":"BEGIN:VCALENDAR...","type":"text/calendar","withheld":0})"},
    {.verb = "plan/propose",
     .roles = kPlanHands,
     .body = {kProposeKeys},
     .says = "Plans everything that is open anew; the topic `plan` shows the proposal.",
     .example = R"({"courses":["c1"]})",
     .reply = R"({"number":8})"},
    {.verb = "visit/notice",
     .roles = kPlanHands,
     .body = {kNoticeKeys},
     .says = "A hospital's HL7 message that a visit is cancelled or the patient did not come holds "
             "the course.",
     .example = R"({"hl7":"MSH|^~\\&|HIS|H|||20261202||SIU^S26|1|P|2.5\rSCH||c1.d03.infusion@demo.cryobank|"})",
     .reply = R"({"hold":"pause-2"})"},
};

}  // namespace

std::span<const CommandSchema> plan_schemas() { return kPlanSchemas; }

}  // namespace cryobank::core
