#include "service/wire/command_table.hpp"

#include <algorithm>
#include <array>

#include "base/ids.hpp"
#include "devices/plant/command_table.hpp"
#include "inventory/commands/schema/schemas.hpp"
#include "service/alarms/command_table.hpp"
#include "service/telemetry/chart.hpp"
#include "service/wire/plan_table.hpp"

namespace cryobank::core {
namespace {

constexpr std::array<std::string_view, 8> kAnyone{
    "viewer", "operator", "witness", "qc", "physician", "supervisor", "quality", "administrator"};
constexpr std::array<std::string_view, 3> kPausers{"operator", "supervisor", "service"};
constexpr std::array<std::string_view, 2> kCoursePlanners{"physician", "supervisor"};
constexpr std::array<std::string_view, 1> kResumers{"supervisor"};
constexpr std::array<std::string_view, 2> kKeepers{"supervisor", "administrator"};
constexpr std::array<std::string_view, 6> kReachable{"operator",   "qc",      "physician",
                                                     "supervisor", "quality", "administrator"};
constexpr std::array<std::string_view, 3> kConfirmers{"witness", "supervisor", "quality"};

constexpr std::int64_t kStreamMax = 40;
constexpr std::int64_t kEventNumberMax = 9'000'000'000'000'000;
constexpr std::int64_t kUuidLength = 36;

constexpr BodyKey kPlanCourseKeys[] = {
    key::id("course").must(),
    key::time("first_infusion", "of the first dose that can still be planned").must()};
constexpr BodyKey kPageTestKeys[] = {key::id("user").must()};
constexpr BodyKey kInspectKeys[] = {key::id("device").must()};
constexpr BodyKey kReplayKeys[] = {key::text("stream", kStreamMax).must(),
                                   key::integer("from", 1, kEventNumberMax).must()};
constexpr std::string_view kCodeOrId[] = {"code", "aliquot"};
constexpr Choice kVialChoices[] = {{kCodeOrId}};
constexpr BodyKey kVialKeys[] = {key::id("aliquot"), key::code("code"),
                                 key::time("at", "else every stay that it had")};
constexpr BodyKey kPastPlaceKeys[] = {key::id("place").must(), key::time("at").must()};
constexpr BodyKey kPastAffectedKeys[] = {key::id("place").must(), key::time("from").must(),
                                         key::time("until").must()};
constexpr BodyKey kChartKeys[] = {
    key::id("device").must(), key::id("point").must(), key::time("from").must(),
    key::time("until").must(),
    key::integer("rows_max", 2, telemetry::kRowsMax, "1,200 where nothing is said")};
constexpr BodyKey kRobotKeys[] = {key::id("robot").must()};
constexpr BodyKey kRobotResumeKeys[] = {
    key::id("robot").must(),
    key::code("code", "read off the robot: whoever sends it stands there").must()};
constexpr BodyKey kConfirmKeys[] = {
    key::text("command", kUuidLength, "the id of the command that waits").must()};

constexpr std::int64_t kPieceBytesMax = 256 * 1024;  // a command's own bound
constexpr std::int64_t kPiecesMax = 100'000;         // of one line each
constexpr BodyKey kPieceKeys[] = {key::id("list").must(),
                                  key::integer("piece", 1, kPiecesMax).must(),
                                  key::text("csv", kPieceBytesMax, "whole lines").must()};

constexpr CommandSchema kOwn[] = {
    {.verb = "bulk/piece",
     .roles = kResumers,
     .changes = false,
     .body = {kPieceKeys},
     .says = "The next piece of a long list: whole lines, `piece` 1 (with the header) and so on; "
             "the same piece once more is the same answer, piece 1 begins anew. At most 24 MiB a "
             "list and 4 lists, kept for an hour and not over a restart. Then `bulk/import` with "
             "`list` and `sha256`. `cryobankctl import` does all of it.",
     .example = R"({"list":"move-in-1","piece":1,"csv":"aliquot,code,...\n"})",
     .reply = R"({"bytes":109821,"lines":812,"list":"move-in-1","piece":1,"sha256":"5f0c..."})"},
    {.verb = "course/plan",
     .roles = kCoursePlanners,
     .revision = Revision::course,
     .body = {kPlanCourseKeys},
     .says = "Plans every dose that can still be planned, as the protocol says.",
     .example = R"({"course":"c1","first_infusion":"2026-12-04T09:00:00Z"})",
     .reply = R"({"course":"c1","revision":5})"},
    {.verb = "device/inspect",
     .roles = kAnyone,
     .changes = false,
     .body = {kInspectKeys},
     .says = "What the model of a machine concludes now; of a robot what it last reported, and the "
             "`steps` to bring it back, in Japanese under `texts.ja.steps`.",
     .example = R"({"device":"robot-1"})",
     .reply =
         R"({"exactly_once":"sequence","held":false,"idle":true,"paused":false,"zones":["aisle-1"]})"},
    {.verb = "event/replay",
     .roles = kAnyone,
     .changes = false,
     .body = {kReplayKeys},
     .says = "Events from a number on, at most 200; `next` is the number to ask from for more.",
     .example = R"({"stream":"inventory","from":10})",
     .reply = R"({"events":[...],"first":1,"from":10,"last":12,"next":13,"stream":"inventory"})"},
    {.verb = "history/affected",
     .roles = kAnyone,
     .changes = false,
     .body = {kPastAffectedKeys},
     .says = "Whose vials lay in a place at any time of an interval of the past, with doses left "
             "and the next thaw.",
     .example =
         R"({"place":"freezer-1","from":"2026-11-20T00:00:00Z","until":"2026-11-21T00:00:00Z"})",
     .reply =
         R"({"aliquots":300,"courses":25,"from":"2026-11-20T00:00:00.000Z","place":"freezer-1","rows":[...],"until":"2026-11-21T00:00:00.000Z"})"},
    {.verb = "history/aliquot",
     .roles = kAnyone,
     .changes = false,
     .body = {kVialKeys, kVialChoices},
     .says = "Where a vial was at a time, or with every stay that it had.",
     .example = R"({"aliquot":"c1-d01-1","at":"2026-11-21T00:00:00Z"})",
     .reply = R"({"aliquot":"c1-d01-1","at":"2026-11-21T00:00:00.000Z","stay":{...}})"},
    {.verb = "history/chart",
     .roles = kAnyone,
     .changes = false,
     .body = {kChartKeys},
     .says = "What a point said over hours to years, thinned: rows of time, lowest, mean, highest; "
             "a row of time and null is a gap.",
     .example =
         R"({"device":"freezer-1","point":"level","from":"2026-11-21T00:00:00Z","until":"2026-11-22T00:00:00Z"})",
     .reply =
         R"({"device":"freezer-1","period_ms":72000,"point":"level","resolution":"raw","rows":[[1795230000000,160,161.2,163]],"unit":"mm"})"},
    {.verb = "history/place",
     .roles = kAnyone,
     .changes = false,
     .body = {kPastPlaceKeys},
     .says = "What lay in a tank, rack or box at a time, with containers where they stood then.",
     .example = R"({"place":"freezer-1","at":"2026-11-21T00:00:00Z"})",
     .reply = R"({"aliquots":1,"at":"2026-11-21T00:00:00.000Z","place":"freezer-1","rows":[...]})"},
    {.verb = "pager/test",
     .roles = kReachable,
     .body = {kPageTestKeys},
     .says = "A page to one person now, over every channel. Accepted; done when it arrived, with "
             "what became of it on each.",
     .example = R"({"user":"operator"})",
     .reply = R"({"channels":{"pager-1":"delivered"}})"},
    {.verb = "robot/pause",
     .roles = kPausers,
     .body = {kRobotKeys},
     .says = "It finishes its motion and starts no other.",
     .example = R"({"robot":"robot-1"})",
     .reply = "{}"},
    {.verb = "robot/resume",
     .roles = kResumers,
     .body = {kRobotResumeKeys},
     .says = "It may move again. `code` is the robot's own, scanned at it; another one is refused.",
     .example = R"({"robot":"robot-1","code":"robot-1"})",
     .reply = "{}"},
    {.verb = "store/backup",
     .roles = kKeepers,
     .says = "Accepted; done when the file is written and checked.",
     .example = "{}",
     .reply = R"({"file":"...","root":"...","sequence":99})"},
    {.verb = "witness/confirm",
     .roles = kConfirmers,
     .body = {kConfirmKeys},
     .says = "By the witness whom a waiting command names. Where the witness signs as well it "
             "carries a `signature` with the meaning \"witnessed\".",
     .example = R"({"command":"123e4567-e89b-42d3-a456-426614174000"})",
     .reply = "{}"},
    {.verb = "witness/refuse",
     .roles = kConfirmers,
     .body = {kConfirmKeys},
     .says = "The command that waits for this witness is rejected.",
     .example = R"({"command":"123e4567-e89b-42d3-a456-426614174000"})",
     .reply = "{}"},
};

}  // namespace

std::span<const CommandSchema> own_schemas() { return kOwn; }

std::span<const CommandSchema> command_table() {
  static const std::vector<CommandSchema> kAll = [] {
    std::vector<CommandSchema> all;
    for (const auto& room : {own_schemas(), plan_schemas(), inventory::schemas(), alarms::schemas(),
                             devices::schemas()}) {
      all.insert(all.end(), room.begin(), room.end());
    }
    std::ranges::sort(all, {}, &CommandSchema::verb);
    return all;
  }();
  return kAll;
}

const CommandSchema* find_command(std::string_view verb) {
  return find_entry(command_table(), verb);
}

}  // namespace cryobank::core
