// Entries of job/*, motion/*, scan/*, take/*, shipment/* and label/*.
#include "inventory/commands/list/rack_scan.hpp"
#include "inventory/commands/schema/keys.hpp"
#include "inventory/commands/schema/schemas.hpp"
#include "inventory/ledger/paper/label.hpp"

namespace cryobank::inventory {
namespace {

constexpr std::int64_t kFindingTextMax = 500;
constexpr std::int64_t kReceiverMax = 200;
constexpr std::int64_t kHoldHours = 24 * 30;  // dry shippers keep cold for one to three weeks
constexpr std::int64_t kDigestLength = 64;    // hex digits
constexpr std::int64_t kTokenMax = 64;
constexpr std::int64_t kBoxesMax = 100'000;  // more than the largest site has

constexpr BodyKey kJobKey = key::id("job").must();
constexpr BodyKey kJobKeys[] = {kJobKey};
constexpr BodyKey kJobAtRobotKeys[] = {kJobKey, kAtRobotKey.must()};
constexpr std::string_view kLostOrPlace[] = {"lost", "place"};
constexpr Choice kResolveChoices[] = {{kLostOrPlace}};
constexpr BodyKey kResolveKeys[] = {
    kJobKey,
    key::id("aliquot", "where more than one is UNKNOWN"),
    key::id("place", "where it was found"),
    key::code("code").must().only_with("place"),
    kPositionKey.only_with("place"),
    kAtRobotKey.must().only_with("place"),
    key::integer("out_seconds", 0, kOutsideMax, "out of the cold, where it is less than the clock")
        .only_with("place"),
    key::flag("lost", "given up: needs a reason"),
    key::text("finding", kFindingTextMax, "what was seen"),
};

// As a robot block can carry them; the reason as the driver words it.
constexpr std::int64_t kRobotCode = 64;
constexpr std::int64_t kDriverReason = 4000;
constexpr BodyKey kAWord = key::integer("", 0, 65'535);
constexpr BodyKey kUnexplainedKeys[] = {
    key::id("robot").must(),
    key::integer("sequence", 0, 4'294'967'295, "that the robot took; 0: none new").must(),
    key::text("code", kRobotCode, "what its reader read"),
    key::text("expected", kRobotCode, "the code of a command of ours that was given up"),
    key::list("source", kAWord, 3, 3, "the robot's words of the command").or_null(),
    key::list("destination", kAWord, 3, 3).or_null(),
    key::flag("gripper_occupied"),
    key::text("reason", kDriverReason),
};

constexpr BodyKey kContainerKey = key::id("container").must();
constexpr std::string_view kCsvOrJob[] = {"csv", "job"};
constexpr Choice kScanChoices[] = {{kCsvOrJob}};
constexpr BodyKey kCsvKey = key::text("csv", kScanSizeMax, "the scanner's file");
constexpr BodyKey kScanJobKey = key::id("job", "a done scan/order");
constexpr BodyKey kRackCodeKey = key::text("rack", kIdLengthMax, "the barcode expected");
constexpr BodyKey kDialectKey =
    key::text("dialect", kIdLengthMax, "how the file is written; else the one that fits");
constexpr BodyKey kOnlyTubesKey = key::flag("only_tubes", "what the file leaves out is empty");
constexpr BodyKey kPreviewKeys[] = {kContainerKey, kCsvKey,     kScanJobKey,
                                    kRackCodeKey,  kDialectKey, kOnlyTubesKey};
constexpr BodyKey kAcceptKeys[] = {
    kContainerKey,
    kCsvKey,
    kScanJobKey,
    kRackCodeKey,
    kDialectKey,
    kOnlyTubesKey,
    key::text("token", kTokenMax, "of the preview").must(),
    key::flag("missing_to_unknown", "vials that were not seen become UNKNOWN")};
constexpr BodyKey kOrderKeys[] = {kContainerKey, kRobotKey, kAtRobotKey};

constexpr BodyKey kTakeKey = key::id("take").must();
constexpr BodyKey kTakeKeys[] = {kTakeKey};
constexpr std::string_view kContainerOrEmpty[] = {"container", "empty"};
constexpr Choice kCountChoices[] = {{kContainerOrEmpty}};
constexpr BodyKey kCountKeys[] = {
    kTakeKey,
    key::id("container"),
    key::text("csv", kScanSizeMax).only_with("container").must(),
    kDialectKey,
    kOnlyTubesKey,
    key::list("empty", kAnId, 1, kItemsMax, "boxes that were opened and in which nothing is")};
constexpr BodyKey kOpenKeys[] = {
    kPlaceKey, key::flag("blind", "true where it is left out"),
    key::integer("sample", 1, kBoxesMax, "so many boxes only, drawn by hash")};

constexpr BodyKey kShipmentKey = key::id("shipment").must();
constexpr BodyKey kShipmentKeys[] = {kShipmentKey};
constexpr BodyKey kCodesKey = key::list("codes", kACode, 1, kItemsMax, "as scanned").must();
constexpr BodyKey kPackKeys[] = {
    key::id("shipper").must(),
    key::text("to", kReceiverMax).must(),
    key::time("arrives_by").must(),
    key::integer("hold_hours", 1, kHoldHours, "how long it keeps cold from now on"),
    kCodesKey,
    kOverrideKey,
};
constexpr BodyKey kReceiveKeys[] = {
    kShipmentKey, kPlaceKey, kCodesKey,
    key::text("logger_sha256", kDigestLength, "of the temperature logger's file"), kOverrideKey};

constexpr BodyKey kUnpackKeys[] = {kShipmentKey, kPlaceKey, kCodesKey, kOverrideKey};

constexpr BodyKey kALine = key::text("", kLabelLineMax);
constexpr BodyKey kLabelKeys[] = {kAliquotKey};
constexpr BodyKey kVerifyKeys[] = {kAliquotKey, key::code("code").must()};
constexpr BodyKey kTemplateKeys[] = {key::id("protocol").must(),
                                     key::list("lines", kALine, 0, kLabelLinesMax).must(),
                                     key::flag("autologous", "true where it is left out")};

constexpr CommandSchema kHandsEntries[] = {
    {.verb = "job/approve",
     .roles = kSupervisors,
     .body = {kJobAtRobotKeys},
     .says = "Of a job that waits for it (`[orders] approval`), by another person than who "
             "ordered it.",
     .example = R"({"job":"job-3","at_robot":"robot-1"})",
     .reply = R"({"job":"job-3","state":"queued"})"},
    {.verb = "job/cancel",
     .roles = kHands,
     .body = {kJobKeys},
     .says = "Not while a vial is under way.",
     .example = R"({"job":"job-3"})",
     .reply = R"({"job":"job-3","state":"cancelled"})"},
    {.verb = "job/pause",
     .roles = kHands,
     .body = {kJobKeys},
     .example = R"({"job":"job-3"})",
     .reply = R"({"job":"job-3","state":"paused"})"},
    {.verb = "job/resolve",
     .roles = kHands,
     .witness = true,
     .signing = {"place of the vial established", true},
     .body = {kResolveKeys, kResolveChoices},
     .says = "Where two people found a vial whose place is UNKNOWN; or `lost`: true with a "
             "reason. Beside vials of another course it is recorded, and locks the work area. "
             "The clock out of the cold ran while nobody knew; `out_seconds` says how long it was "
             "out, from 0 (it never left the cold) but not less than the record saw before, with a "
             "reason; it is counted as an override (`overrides-out-of-cold`).",
     .example = R"({"job":"job-3","aliquot":"c1-d01-1","code":"C1-VIAL-1",)"
                R"("place":"transfer-port-1","position":"1","at_robot":"robot-1",)"
                R"("finding":"lay in the port"})",
     .reply = R"({"aliquot":"c1-d01-1","job":"job-3","state":"failed"})"},
    {.verb = "job/resume",
     .roles = kHands,
     .body = {kJobAtRobotKeys},
     .example = R"({"job":"job-3","at_robot":"robot-1"})",
     .reply = R"({"job":"job-3","state":"queued"})"},
    {.verb = "label/print",
     .roles = kHands,
     .body = {kLabelKeys},
     .says = "A reprint needs a reason. A field for a name is refused.",
     .example = R"({"aliquot":"c1-d01-1"})",
     .reply = R"({"aliquot":"c1-d01-1","data_matrix":"C1-VIAL-1","lines":["..."],"zpl":"^XA..."})"},
    {.verb = "label/template",
     .roles = kQualityOnly,
     .witness = true,
     .body = {kTemplateKeys},
     .says = "Up to 8 lines of the labels of a protocol's vials, above those that the law wants; "
             "{aliquot} {code} {course} {patient} {dose} {lot} {protocol} {expires} stand for "
             "what they name. `autologous` false: no words on autologous use.",
     .example = R"({"protocol":"ank-12","lines":["NK cells, {expires}","store below -150 Cel"],)"
                R"("autologous":true})",
     .reply = R"({"protocol":"ank-12"})"},
    {.verb = "label/verify",
     .roles = kHands,
     .body = {kVerifyKeys},
     .says = "Scan-back before use. A void label is refused. Until it was scanned back, and once "
             "it is void, the vial's code is refused wherever a person scans it to move it on.",
     .example = R"({"aliquot":"c1-d01-1","code":"C1-VIAL-1"})",
     .reply = R"({"aliquot":"c1-d01-1"})"},
    {.verb = "label/void",
     .roles = kHands,
     .body = {kLabelKeys},
     .says = "Needs a reason.",
     .example = R"({"aliquot":"c1-d01-1"})",
     .reply = R"({"aliquot":"c1-d01-1"})"},
    {.verb = "motion/unexplained",
     .roles = kService,
     .body = {kUnexplainedKeys},
     .says = "The daemon's own, when a robot shows a motion that nobody ordered: each vial that it "
             "may have moved is UNKNOWN, both ends and the gripper are held, and `job/resolve` "
             "settles it. What is known of the motion is in the keys.",
     .example = R"({"robot":"robot-1","sequence":7,"code":"NK-0001-01","expected":"",)"
                R"("source":[901,0,1],"destination":[1,1,101],"gripper_occupied":false,)"
                R"("reason":"its count of completed motions went from 12 to 13"})",
     .reply = R"({"aliquots":["c1-d01-1"]})"},
    {.verb = "scan/accept",
     .roles = kHands,
     .body = {kAcceptKeys, kScanChoices},
     .says = "`missing_to_unknown`: vials not seen become UNKNOWN. An unread tube is taken for "
             "the one on record there; while one is unread, nothing can be missing.",
     .example = R"({"container":"freezer-1-rack-1-box-1","csv":"Position,Code\n...",)"
                R"("token":"9f2c..."})",
     .reply = R"({"changed":81,"container":"freezer-1-rack-1-box-1","operation":"operation-12"})"},
    {.verb = "scan/order",
     .roles = kHands,
     .body = {kOrderKeys},
     .says = "A robot reads every position of the box and moves nothing. When the job is done, "
             "`job/{job}` holds `codes`, one for each position in fill order: the code, \"\" for "
             "an empty position, null for a vial that could not be read; give the job to "
             "`scan/preview` and `scan/accept` instead of `csv`.",
     .example = R"({"container":"freezer-1-rack-1-box-1","robot":"robot-1"})",
     .reply = R"({"container":"freezer-1-rack-1-box-1","job":"job-7"})"},
    {.verb = "scan/preview",
     .roles = kHands,
     .changes = false,
     .body = {kPreviewKeys, kScanChoices},
     .says =
         "kind: moved, arrived, missing, unread, unknown-code (with `did_you_mean` where a known "
         "code looks like it). `rack`: the barcode expected; refused when the scan names another "
         "or none. `dialect`: one of the site's or `plain`; `only_tubes`: positions that the "
         "file leaves out are empty. "
         "`csv`, or `job` of a done `scan/order`; what was moved on record since the scan was "
         "ordered makes it void.",
     .example = R"({"container":"freezer-1-rack-1-box-1","csv":"Position,Code\nA01,)"
                R"(C1-VIAL-1\n..."})",
     .reply = R"({"container":"freezer-1-rack-1-box-1","differences":[{"aliquot":"c1-d02-1",)"
              R"("at":4,"code":"C1-VIAL-2","kind":"moved","place":"freezer-1-rack-1-box-1",)"
              R"("position":"A5"}],"same":80,"token":"9f2c..."})"},
    {.verb = "shipment/close",
     .roles = kSupervisors,
     .witness = true,
     .body = {kShipmentKeys},
     .says = "What never came is lost, and the shipment is at its end. Needs a reason.",
     .example = R"({"shipment":"shipment-1"})",
     .reply = R"({"lost":1,"shipment":"shipment-1"})"},
    {.verb = "shipment/list",
     .roles = kEveryone,
     .changes = false,
     .says = "The open ones; `late`: sent, and past `arrives_by`.",
     .example = R"({})",
     .reply = R"({"count":1,"open":[{"aliquots":1,"arrives_by":"2026-12-02T00:00:00.000Z",)"
              R"("cold_until":null,"late":false,"packed_by":"operator","shipment":"shipment-1",)"
              R"("shipper":"shipper-1","state":"packed","to":"clinic-2"}]})"},
    {.verb = "shipment/pack",
     .roles = kHands,
     .body = {kPackKeys},
     .says =
         "The shipper is a place of a type called `shipper` or `...-shipper`, which no open "
         "shipment has, or OUTSIDE, a carrier's own box. `hold_hours`: how long it keeps cold "
         "from now on; it must outlast `arrives_by`, which is within 90 days. It may hold several "
         "courses; one with positions is filled from its first free one. `override` as in "
         "`aliquot/move`. Once it is sent nothing comes into it until the shipment is received or "
         "closed.",
     .example = R"({"shipper":"shipper-1","to":"clinic-2","arrives_by":"2026-12-02T00:00:00Z",)"
                R"("hold_hours":168,"codes":["C1-VIAL-1"]})",
     .reply = R"({"manifest":[{"aliquot":"c1-d01-1","code":"C1-VIAL-1","course":"c1",)"
              R"("state":"released"}],"shipment":"shipment-1"})"},
    {.verb = "shipment/receive",
     .roles = kHands,
     .body = {kReceiveKeys},
     .says = "By another person than the packer. What is short stays in transit; what is over, or "
             "unknown, is told. `logger_sha256`: of the file of the shipper's temperature logger.",
     .example = R"({"shipment":"shipment-1","place":"reception","codes":["C1-VIAL-1"],)"
                R"("logger_sha256":"9f86..."})",
     .reply = R"({"over":[],"shipment":"shipment-1","short":[]})"},
    {.verb = "shipment/send",
     .roles = kHands,
     .witness = true,
     .body = {kShipmentKeys},
     .says = "Refused while something in it is held.",
     .example = R"({"shipment":"shipment-1"})",
     .reply = R"({"shipment":"shipment-1"})"},
    {.verb = "shipment/unpack",
     .roles = kHands,
     .body = {kUnpackKeys},
     .says = "The way back from packed: what is scanned stands in `place` again, as it was packed; "
             "the shipment ends with its last vial. `override` as in `aliquot/move`.",
     .example = R"({"shipment":"shipment-1","place":"reception","codes":["C1-VIAL-1"]})",
     .reply = R"({"left":0,"shipment":"shipment-1"})"},
    {.verb = "take/count",
     .roles = kHands,
     .body = {kCountKeys, kCountChoices},
     .says = "A box by its file (`dialect` and `only_tubes` as in `scan/preview`), or with `empty` "
             "the boxes that were opened and in which nothing is.",
     .example = R"({"take":"take-1","container":"freezer-1-rack-1-box-1","csv":"Position,)"
                R"(Code\n..."})",
     .reply = R"({"container":"freezer-1-rack-1-box-1","take":"take-1"})"},
    {.verb = "take/list",
     .roles = kEveryone,
     .changes = false,
     .says = "The open ones.",
     .example = R"({})",
     .reply = R"({"count":1,"open":[{"boxes":80,"by":"supervisor","counted":12,)"
              R"("opened_at":"2026-11-22T03:04:05.000Z","place":"freezer-1","take":"take-1"}]})"},
    {.verb = "take/open",
     .roles = kSupervisors,
     .body = {kOpenKeys},
     .says = "A guided count (`blind` false) says how many to expect. `sample`: so many boxes "
             "only, drawn by the hash of the take, its time and the box, so that nobody chooses "
             "them. Boxes in a shipper on its way are left out, and told at `away`.",
     .example = R"({"place":"freezer-1","blind":true})",
     .reply = R"({"containers":[{"container":"freezer-1-rack-1-box-1","path":"..."}],)"
              R"("take":"take-1"})"},
    {.verb = "take/report",
     .roles = kEveryone,
     .changes = false,
     .body = {kTakeKeys},
     .says = "kind: missing, misplaced, extra, unreadable, doubled (one code in two positions). "
             "`outdated`: boxes in which something was moved on record after their count. `away`: "
             "boxes in a shipper on its way, which nobody can count.",
     .example = R"({"take":"take-1"})",
     .reply = R"({"accuracy":0.998,"away":[],"differences":1,"expected":500,)"
              R"("findings":[{"aliquot":"c1-d01-1","at":0,"code":"C1-VIAL-1","kind":"missing",)"
              R"("path":"site/room-1/freezer-1/...","place":"freezer-1-rack-1-box-1",)"
              R"("position":"A1"}],"found":499,"freezers":[{"accuracy":0.998,"expected":500,)"
              R"("found":499,"freezer":"freezer-1"}],"outdated":[],"uncounted":[]})"},
    {.verb = "take/sign",
     .roles = kSupervisors,
     .witness = true,
     .signing = {"stock-take reconciled", true},
     .body = {kTakeKeys},
     .says = "Misplaced vials get the place they were seen in, missing ones become UNKNOWN. "
             "Refused while a code was seen twice, and while something that was counted was moved "
             "on record since: that box is counted again. It is not undone by `operation/undo`: "
             "what it has wrong is corrected by a new stock-take.",
     .example = R"({"take":"take-1"})",
     .reply = R"({"accuracy":0.998,"take":"take-1"})"},
};

}  // namespace

std::span<const CommandSchema> hands_schemas() { return kHandsEntries; }

}  // namespace cryobank::inventory
