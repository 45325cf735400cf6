// Entries of hold/*, disposal/* and retention/*.
#include "inventory/commands/schema/keys.hpp"
#include "inventory/commands/schema/schemas.hpp"

namespace cryobank::inventory {
namespace {

constexpr std::int64_t kMethodTextMax = 200;
// The longest a review may put off; a longer wish is a rule for the configuration.
constexpr std::int64_t kKeepYears = 30;

constexpr std::string_view kHoldKinds[] = {"quality", "consent", "exposure", "recall",
                                           "damage",  "legal",   "other"};
// A relation, never a name. As biobanks record it: the donor, the next of kin, a representative.
constexpr std::string_view kAskedBy[] = {"donor", "patient",  "next-of-kin", "legal-representative",
                                         "court", "authority"};
constexpr std::string_view kHoldTargets[] = {"aliquot", "course", "patient", "lot", "place"};
constexpr Choice kHoldChoices[] = {{kHoldTargets}};
constexpr BodyKey kHoldKeys[] = {
    key::id("aliquot"),
    key::id("course"),
    key::id("dose", "of the course").only_with("course"),
    key::id("patient"),
    key::id("lot"),
    key::id("place"),
    key::word("kind", kHoldKinds, "other where it is left out"),
    key::word("asked_by", kAskedBy, "who withdrew the consent"),
    key::time("asked_at", "when").must().only_with("asked_by"),
};
constexpr BodyKey kReleaseHoldKeys[] = {key::id("hold").must()};

constexpr BodyKey kDisposalKey = key::id("disposal").must();
constexpr BodyKey kDisposalOverride =
    key::flag("override", "while a dose of the course is planned: reason and witness");
constexpr BodyKey kRequestKeys[] = {key::list("aliquots", kAnId, 1, kItemsMax).must(),
                                    key::text("method", kMethodTextMax).must(), kDisposalOverride};
constexpr BodyKey kConfirmKeys[] = {kDisposalKey, kDisposalOverride};
constexpr BodyKey kWithdrawKeys[] = {kDisposalKey};

constexpr std::string_view kReviewWords[] = {"keep", "may-end"};
constexpr BodyKey kPurgeKeys[] = {kCourseKey};
constexpr BodyKey kRetentionKeys[] = {key::id("course"), key::time("by", "what is over by then")};
constexpr BodyKey kReviewKeys[] = {kCourseKey, key::word("decision", kReviewWords).must(),
                                   key::integer("years", 1, kKeepYears, "with keep")};

constexpr CommandSchema kHoldEntries[] = {
    {.verb = "disposal/confirm",
     .roles = kQualityOnly,
     .signing = {"disposal approved"},
     .body = {kConfirmKeys},
     .says = "Another person with another role, 24 h to 30 days after the request. `override` "
             "(reason, witness) while a dose of the course is planned.",
     .example = R"({"disposal":"disposal-1"})",
     .reply = R"({"aliquots":1,"disposal":"disposal-1","gone":[]})"},
    {.verb = "disposal/list",
     .roles = kEveryone,
     .changes = false,
     .says = "The open ones; `gone`: vials of it that are not there any more.",
     .example = R"({})",
     .reply = R"({"count":1,"open":[{"aliquots":1,"at":"2026-11-22T03:04:05.000Z",)"
              R"("by":"operator","confirm_from":"2026-11-23T03:04:05.000Z",)"
              R"("confirm_until":"2026-12-22T03:04:05.000Z","disposal":"disposal-1","gone":0,)"
              R"("method":"autoclave","reason":"..."}]})"},
    {.verb = "disposal/request",
     .roles = kHands,
     .body = {kRequestKeys},
     .says = "Needs a reason. `override` (reason, witness) while a dose of the course is planned. "
             "A vial is in one open request at most.",
     .example = R"({"aliquots":["c1-d04-1"],"method":"autoclave"})",
     .reply = R"({"confirm_from":"2026-11-23T03:04:05.000Z","disposal":"disposal-1"})"},
    {.verb = "disposal/withdraw",
     .roles = kDisposers,
     .body = {kWithdrawKeys},
     .example = R"({"disposal":"disposal-1"})",
     .reply = R"({"disposal":"disposal-1"})"},
    {.verb = "hold/list",
     .roles = kEveryone,
     .changes = false,
     .example = R"({})",
     .reply = R"({"holds":[{"at":"2026-11-22T03:04:05.678Z","by":"qc","hold":"hold-1",)"
              R"("kind":"quality","reason":"...","target":"lot:l1"}]})"},
    {.verb = "hold/place",
     .roles = kHolders,
     .revision = Revision::course,
     .body = {kHoldKeys, kHoldChoices},
     .says = "On `aliquot`, `course` (with `dose`), `patient`, `lot` or `place`. kind: quality, "
             "consent, exposure, recall, damage, legal, other. Needs a reason. consent needs "
             "`asked_by` (donor, patient, next-of-kin, legal-representative, court, authority) "
             "and `asked_at`. Open thaws are cancelled, or paused where a vial is under way.",
     .example = R"({"lot":"l1","kind":"quality"})",
     .reply = R"({"aliquots":12,"hold":"hold-1","target":"lot:l1"})"},
    {.verb = "hold/release",
     .roles = kHoldReleasers,
     .signing = {"hold lifted"},
     .body = {kReleaseHoldKeys},
     .says = "Needs a reason; a mismatch needs a witness too.",
     .example = R"({"hold":"hold-1"})",
     .reply = R"({"hold":"hold-1","target":"lot:l1"})"},
    {.verb = "retention/purge",
     .roles = kQualityOnly,
     .witness = true,
     .revision = Revision::course,
     .signing = {"purge of the record approved", true},
     .body = {kPurgeKeys},
     .says = "Signed even where the site asks for no signatures. Of a record that is due and "
             "whose review says `may-end`. Approves only: `cryobankctl store purge` does it, with "
             "the daemon stopped, and writes the certificate. Needs a reason.",
     .example = R"({"course":"c1"})",
     .reply = R"({"course":"c1","purge":"purge-1","signature":"signature-12"})"},
    {.verb = "retention/report",
     .roles = kEveryone,
     .changes = false,
     .body = {kRetentionKeys},
     .says = "How long records must be kept, and which are due. `course`: one; `by`: what is over "
             "by then; else all that have ended. state: in-use, kept, held, due. At most 1000 "
             "rows; `courses` counts all.",
     .example = R"({"by":"2057-01-01T00:00:00Z"})",
     .reply = R"({"counts":{"in-use":40,"kept":2},"courses":1,"rows":[{"course":"c1",)"
              R"("from":"2026-12-04T09:00:00.000Z","patient":"p1","rule":"eu-traceability",)"
              R"("source":"Directive 2004/23/EC, article 8.4","state":"kept",)"
              R"("until":"2056-12-04T09:00:00.000Z"}]})"},
    {.verb = "retention/review",
     .roles = kQualityOnly,
     .witness = true,
     .revision = Revision::course,
     .signing = {"retention of the record reviewed", true},
     .body = {kReviewKeys},
     .says = "Of a record that is due; decision: keep (with `years`, 1 to 30) or may-end. Needs a "
             "reason. Nothing goes by it.",
     .example = R"({"course":"c1","decision":"keep","years":5})",
     .reply = R"({"course":"c1","decision":"keep","signature":"signature-12",)"
              R"("until":"2061-12-04T09:00:00.000Z"})"},
};

}  // namespace

std::span<const CommandSchema> hold_schemas() { return kHoldEntries; }

}  // namespace cryobank::inventory
