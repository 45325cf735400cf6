// Entries of aliquot/*, bulk/* and operation/*.
#include "inventory/commands/schema/keys.hpp"
#include "inventory/commands/schema/schemas.hpp"

namespace cryobank::inventory {
namespace {

constexpr BodyKey kOutKey = key::integer("out_seconds", 0, kOutsideMax, "out of the cold");
constexpr BodyKey kKeepKey =
    key::time("keep_until", "the position that it leaves stays its course's until then");

constexpr std::string_view kCodeOrAliquot[] = {"code", "aliquot"};
constexpr Choice kFindChoices[] = {{kCodeOrAliquot}};
constexpr BodyKey kFindKeys[] = {key::code("code"), key::id("aliquot")};

constexpr BodyKey kMeantKey = key::id("aliquot", "the vial that is meant: its code must be `code`");
constexpr BodyKey kOneMoveKeys[] = {
    kMeantKey, key::code("code").must(), kPlaceKey, kPositionKey, kOutKey, kKeepKey};
constexpr Shape kOneMove{kOneMoveKeys};
constexpr BodyKey kAMove = key::object("", kOneMove);
constexpr std::string_view kMovesOrCode[] = {"code", "moves"};
constexpr Choice kMoveChoices[] = {{kMovesOrCode}};
constexpr BodyKey kMoveKeys[] = {
    kMeantKey.only_with("code"),
    key::code("code"),
    key::id("place").must().only_with("code"),
    kPositionKey.only_with("code"),
    kOutKey.only_with("code"),
    kKeepKey.only_with("code"),
    key::list("moves", kAMove, 1, kItemsMax, "instead of one: all of them or none"),
    kOverrideKey,
};

constexpr BodyKey kStoreKeys[] = {
    kCourseKey,
    kRobotKey,
    key::list("aliquots", kAnId, 1, kMovesMax, "some of the course; else all that wait"),
    kPositionsKey,
    kWaiveShareKey,
    kStrategyKey,
    kOverrideKey,
    kAtRobotKey,
    key::dry_run(),
};

constexpr BodyKey kTransferKeys[] = {
    kCourseKey,    key::list("aliquots", kAnId, 1, kMovesMax).must(),
    kRobotKey,     key::id("place", "a container; else the transfer port"),
    kPositionsKey, kAtRobotKey,
};

constexpr std::int64_t kHashLength = 64;  // SHA-256 in hex digits
constexpr BodyKey kExportKeys[] = {key::id("place", "all in it; else everything"),
                                   key::id("after", "of the piece before: its `next`")};
constexpr BodyKey kImportKeys[] = {
    key::text("csv", kListBytesMax),
    key::id("list", "whose pieces were sent (bulk/piece)"),
    key::text("sha256", kHashLength, "of the whole text").only_with("list").must(),
    kOverrideKey,
    key::id("mapping", "how the table calls its columns ([files] lists)"),
    key::dry_run()};
constexpr BodyKey kUndoKeys[] = {key::id("operation").must()};

constexpr CommandSchema kAliquotEntries[] = {
    {.verb = "aliquot/find",
     .roles = kEveryone,
     .changes = false,
     .body = {kFindKeys, kFindChoices},
     .says = "Where a vial is and what holds it. By `code` or `aliquot`.",
     .example = R"({"code":"C1-VIAL-1"})",
     .reply = R"({"aliquot":"c1-d01-1","code":"C1-VIAL-1","course":"c1","dose":"d01","holds":[],)"
              R"("path":"site/room-1/freezer-1/...","patient":"p1","position":"A1",)"
              R"("state":"released"})"},
    {.verb = "aliquot/move",
     .roles = kHands,
     .witness = true,
     .body = {kMoveKeys, kMoveChoices},
     .says =
         "A person moved one vial by hand, by its scanned `code`, or with `moves` a list of them "
         "([{aliquot, code, place, position, out_seconds, keep_until}], at most 10,000): all "
         "or none; vials of one list may trade places. With `aliquot` another code than its "
         "own is a mismatch. Into a place of the site only. `out_seconds`: how long "
         "it was out of the cold, to 86,400; the record's own clock counts where it says more "
         "(docs/inventory.md). `keep_until`: the position it leaves stays its "
         "course's until then. A second course in a work area is a mismatch; `override` with "
         "a reason moves it all the same, and is counted. `operation` can be undone.",
     .example = R"({"aliquot":"c1-d01-1","code":"C1-VIAL-1","place":"freezer-1-rack-1-box-2",)"
                R"("position":"B3","out_seconds":40})",
     .reply = R"({"aliquot":"c1-d01-1","operation":"operation-12"})"},
    {.verb = "aliquot/store",
     .roles = kHands,
     .revision = Revision::course,
     .body = {kStoreKeys},
     .says = "Accepted; ends with the job. `aliquots` names some of them; expected ones are put "
             "into the transfer port first, at `positions` or in fill order. `waive_share`: as "
             "few freezers as needed. `strategy`: `same-box`, `least-empty` or `last-used`; the "
             "site's where it says none. `plan` says for each dose where it goes and why. "
             "`dry_run`: shows the plan and makes no job. A port with vials of another course is "
             "a mismatch; `override` as in `aliquot/move`.",
     .example = R"({"course":"c1","robot":"robot-1","strategy":"same-box"})",
     .reply = R"({"course":"c1","job":"job-7","placements":[{"aliquot":"c1-d01-1",)"
              R"("code":"C1-VIAL-1","place":"freezer-1-rack-1-box-1","position":"A1"}],)"
              R"("plan":[{"dose":"d01","freezer":"freezer-1",)"
              R"("positions":["freezer-1-rack-1-box-1 A1"],"why":"freezer-1 has 0 of at most 6 )"
              R"(doses of the course; freezer-1-rack-1-box-1 is the first with room, none has )"
              R"(vials of the course"}],"strategy":"same-box"})"},
    {.verb = "aliquot/transfer",
     .roles = kHands,
     .revision = Revision::course,
     .body = {kTransferKeys},
     .says = "Accepted; ends with the job. A robot brings vials of one course to its transfer "
             "port, to be handed over or disposed of, or to `place` (at `positions`, or in fill "
             "order). Never to a thaw station, nor into a work area that another course is in or "
             "on its way to.",
     .example = R"({"course":"c1","aliquots":["c1-d01-1"],"robot":"robot-1"})",
     .reply = R"({"course":"c1","job":"job-8","placements":[{"aliquot":"c1-d01-1",)"
              R"("code":"C1-VIAL-1","place":"transfer-port-1","position":"1"}]})"},
    {.verb = "bulk/export",
     .roles = kEveryone,
     .changes = false,
     .body = {kExportKeys},
     .says = "RFC 4180; without `place` everything. In pieces of whole lines up to 900,000 bytes, "
             "in the order of ids, each with the header: `next` is the `after` of the piece that "
             "follows, null at the end. `cryobankctl export` asks for all of them.",
     .example = R"({"place":"freezer-1","after":"c1-d03-1"})",
     .reply = R"({"csv":"aliquot,code,course,...","lines":5000,"next":"c9-d04-1"})"},
    {.verb = "bulk/import",
     .roles = kSupervisors,
     .witness = true,
     .signing = {"records imported as listed", true},
     .body = {kImportKeys},
     .says = "All lines or none, at most 100,000. Refused with `bad_lines` [{line, why}] in the "
             "reply body; it is read whole before its witness is asked, who sees how many vials "
             "of how many courses come where, and a refusal says `witness_asked` false. The "
             "columns of the example in any order and case, with commas, "
             "semicolons or tabs, or as `mapping` calls them; `expires` and `thaws` (freeze-thaw "
             "cycles, 0 to 255; of a known "
             "vial the number on record), `protocol` and `protocol_version` (of the course; else "
             "the newest) may be left out, or empty. A course without a protocol cannot be "
             "planned until a list or `course/protocol` names it. Dates, places, and what may "
             "come into being where: docs/inventory.md. Two courses in one work area are a "
             "mismatch, as in `aliquot/move`. A list places and receives; of what is known it "
             "releases, disposes of and finds nothing. A list above one command's size comes with "
             "`bulk/piece` and is named by `list` and the `sha256` of its text. `look_alikes`: "
             "new codes that differ from another only by case, O/0 or I/1.",
     .example = R"({"csv":"aliquot,code,course,patient,lot,dose,fraction,state,path,position,)"
                R"(expires,thaws,protocol,protocol_version\r\n...","dry_run":false})",
     .reply =
         R"({"lines":96,"courses":8,"places":4,"new":95,"moved":1,"operation":"operation-13"})"},
    {.verb = "operation/list",
     .roles = kEveryone,
     .changes = false,
     .says = "What can be undone, newest first: the 200 newest, with at most 20,000 things in "
             "them.",
     .example = R"({})",
     .reply = R"({"operations":[{"aliquots":81,"at":"2026-11-22T03:04:05.678Z","by":"operator",)"
              R"("containers":0,"operation":"operation-12","verb":"scan/accept"}]})"},
    {.verb = "operation/undo",
     .roles = kHands,
     .witness = true,
     .body = {kUndoKeys},
     .says = "All that one operation moved goes back to where it was. Refused, with who touched "
             "what since, unless nothing was touched. An undo is an operation too. Needs a "
             "reason. A signed stock-take is not undone: a new one of the same place corrects it.",
     .example = R"({"operation":"operation-12"})",
     .reply = R"({"aliquots":81,"containers":0,"operation":"operation-15",)"
              R"("undone":"operation-12"})"},
};

}  // namespace

std::span<const CommandSchema> aliquot_schemas() { return kAliquotEntries; }

}  // namespace cryobank::inventory
