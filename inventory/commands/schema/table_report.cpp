// Entries of report/*, signature/* and signer/*.
#include "inventory/commands/schema/keys.hpp"
#include "inventory/commands/schema/schemas.hpp"

namespace cryobank::inventory {
namespace {

constexpr std::int64_t kMovesListMax = 2000;  // of one reply
constexpr std::int64_t kVerbMax = 2 * kIdLengthMax + 1;

constexpr std::string_view kPlaceOrProbe[] = {"place", "probe"};
constexpr Choice kAffectedChoices[] = {{kPlaceOrProbe}};
constexpr BodyKey kAffectedKeys[] = {
    key::id("place"),
    key::text("probe", kProbeNameMax, "\"device.point\": where it is mapped to now")};
constexpr BodyKey kDefragmentKeys[] = {
    kPlaceKey, key::integer("moves_max", 1, kMovesListMax, "100 where it is left out")};
constexpr BodyKey kExpiringKeys[] = {key::time("from", "else from the beginning"),
                                     key::time("until").must(),
                                     key::id("place", "else everywhere")};
constexpr BodyKey kOccupancyKeys[] = {kPlaceKey, key::flag("boxes", "every box, however deep")};
constexpr BodyKey kRiskKeys[] = {kCourseKey};

constexpr BodyKey kPrepareKeys[] = {
    key::text("act", kVerbMax, "the verb").must(),
    {.name = "body", .type = KeyType::command, .says = "of that act"}};
constexpr BodyKey kRefusedKeys[] = {key::text("act", kVerbMax).must()};
constexpr BodyKey kUnlockKeys[] = {key::id("user").must()};

constexpr CommandSchema kReportEntries[] = {
    {.verb = "report/affected",
     .roles = kEveryone,
     .changes = false,
     .body = {kAffectedKeys, kAffectedChoices},
     .says = "What lies there now; or `probe` (\"device.point\"): where that is mapped to. Of an "
             "interval of the past: `history/affected`.",
     .example = R"({"place":"freezer-1"})",
     .reply = R"({"aliquots":300,"courses":25,"place":"freezer-1","rows":[{"course":"c1",)"
              R"("doses":3,"next_thaw":null,"patient":"p1"}]})"},
    {.verb = "report/defragment",
     .roles = kEveryone,
     .changes = false,
     .body = {kDefragmentKeys},
     .says = "A dry run: which vials would have to be moved so that boxes become empty, each line "
             "a move (`aliquot`, `code`, `place`, `position`) and from where. Within their "
             "freezer, whole boxes only, nothing held "
             "or in a job; at most `moves_max` (100; to 2000).",
     .example = R"({"place":"freezer-1","moves_max":100})",
     .reply = R"({"freed":[{"path":"site/room-1/freezer-1/...",)"
              R"("place":"freezer-1-rack-1-box-2"}],"moves":[{"aliquot":"c1-d01-1",)"
              R"("code":"C1-VIAL-1","from":"site/room-1/freezer-1/...","from_position":"A1",)"
              R"("place":"freezer-1-rack-1-box-1","position":"B7"}],"place":"freezer-1"})"},
    {.verb = "report/expiring",
     .roles = kEveryone,
     .changes = false,
     .body = {kExpiringKeys},
     .says = "From `from` (the beginning) to `until`, in a `place` or everywhere, the first "
             "first; the list is cut at 2000.",
     .example = R"({"from":"2026-12-01T00:00:00Z","until":"2027-01-01T00:00:00Z",)"
                R"("place":"freezer-1"})",
     .reply = R"({"aliquots":1,"rows":[{"aliquot":"c1-d01-1","code":"C1-VIAL-1","course":"c1",)"
              R"("dose":"d01","expires_at":"2026-12-24T00:00:00.000Z",)"
              R"("path":"site/room-1/freezer-1/...","position":"A1","state":"released"}]})"},
    {.verb = "report/occupancy",
     .roles = kEveryone,
     .changes = false,
     .body = {kOccupancyKeys},
     .says = "Of what stands directly inside; with `boxes`, of every box however deep, with its "
             "path: a heat map.",
     .example = R"({"place":"freezer-1","boxes":false})",
     .reply = R"({"inside":[{"percent":2,"place":"freezer-1-rack-1","positions":405,"used":12}],)"
              R"("place":"freezer-1","positions":1620,"used":12})"},
    {.verb = "report/overrides",
     .roles = kEveryone,
     .changes = false,
     .example = R"({})",
     .reply = R"({"mismatches":1,"overrides":2,"overrides-dose-thaw":2})"},
    {.verb = "report/risk",
     .roles = kEveryone,
     .changes = false,
     .body = {kRiskKeys},
     .says =
         "Doses that may still be given: a rejected one is none. Usable: released, in date, not "
         "held, in their place.",
     .example = R"({"course":"c1"})",
     .reply = R"({"course":"c1","doses_stored":12,"doses_usable":12,"freezers":[{)"
              R"("doses_at_risk":3,"doses_left":9,"freezer":"freezer-1","usable_left":9}]})"},
    {.verb = "signature/end",
     .roles = kEveryone,
     .says = "The sender's signing sessions end, at every terminal; the next signature gives both "
             "components. Journaled as `signing-ended`.",
     .example = R"({})",
     .reply = R"({})"},
    {.verb = "signature/prepare",
     .roles = kEveryone,
     .changes = false,
     .body = {kPrepareKeys},
     .says = "What would be signed under an act with this body, and under the reason of this "
             "command: its meaning, the record as lines, and their hash (SHA-256, each line with "
             "its line end). An act that is not signed answers `\"signed\":false`.",
     .example = R"({"act":"course/release","body":{"course":"c1"}})",
     .reply = R"({"act":"course/release","lines":["{\"act\":\"course/release\",...}",)"
              R"("r/course/c1 {...}"],"lines_left_out":0,"meaning":"released after review of its )"
              R"(tests","record":"5f0c...","required":true,"signed":true,"witness_too":false})"},
    {.verb = "signature/refused",
     .roles = kService,
     .body = {kRefusedKeys},
     .says = "The daemon's own, in the name of a person whose signing secret was wrong: it "
             "counts, and locks after `[signing] tries_max` in a row. The asker is refused with "
             "`not-authorised`.",
     .example = R"({"act":"course/release"})",
     .reply = R"({})"},
    {.verb = "signer/unlock",
     .roles = kHoldReleasers,
     .signing = {"identity of the signer established"},
     .body = {kUnlockKeys},
     .says = "Of another person, whose signing is locked or has wrong tries. Needs a reason.",
     .example = R"({"user":"qc"})",
     .reply = R"({"signature":"signature-9","user":"qc"})"},
};

}  // namespace

std::span<const CommandSchema> report_schemas() { return kReportEntries; }

}  // namespace cryobank::inventory
