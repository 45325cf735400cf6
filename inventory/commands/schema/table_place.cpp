// Entries of place/*, position/*, evacuation/* and reservation/*.
#include "inventory/commands/schema/keys.hpp"
#include "inventory/commands/schema/schemas.hpp"

namespace cryobank::inventory {
namespace {

constexpr std::int64_t kTitleLength = 120;

constexpr BodyKey kParentKey = key::id("parent").must();
constexpr BodyKey kMakeKeys[] = {kPlaceKey, key::text("type", kIdLengthMax).must(), kParentKey,
                                 kPositionKey, key::text("title", kTitleLength)};
constexpr BodyKey kMovePlaceKeys[] = {kPlaceKey, kParentKey, kPositionKey, kOverrideKey};
constexpr BodyKey kBlockKeys[] = {kPlaceKey, kPositionKey.must()};
constexpr BodyKey kFreeKeys[] = {kPlaceKey, kPositionKey.must(), kCourseKey};

constexpr std::string_view kPlaceOrStrategy[] = {"place", "strategy"};
constexpr std::string_view kPlaceOrShare[] = {"place", "waive_share"};
constexpr Choice kReserveChoices[] = {{kPlaceOrStrategy, false}, {kPlaceOrShare, false}};
constexpr BodyKey kReserveKeys[] = {
    kCourseKey,
    key::id("place", "else one position for each vial that is still to come"),
    kPositionKey.must().only_with("place"),
    key::time("until", "else until it is used or freed"),
    kStrategyKey,
    kWaiveShareKey,
    key::dry_run(),
};

constexpr BodyKey kEvacuationKey = key::id("evacuation").must();
constexpr BodyKey kEvacuateKeys[] = {key::id("from").must(), key::id("to").must(),
                                     key::flag("apply", "else a dry run")};
constexpr BodyKey kEndKeys[] = {kEvacuationKey};
constexpr BodyKey kRackKeys[] = {kEvacuationKey, key::id("rack").must()};

constexpr CommandSchema kPlaceEntries[] = {
    {.verb = "evacuation/end",
     .roles = kSupervisors,
     .body = {kEndKeys},
     .says = "Frees what is still reserved.",
     .example = R"({"evacuation":"evacuation-1"})",
     .reply = R"({"evacuation":"evacuation-1"})"},
    {.verb = "evacuation/list",
     .roles = kEveryone,
     .changes = false,
     .says = "The open ones, with the racks still to move.",
     .example = R"({})",
     .reply = R"({"count":1,"open":[{"done":1,"evacuation":"evacuation-1","from":"freezer-1",)"
              R"("racks":[{"aliquots":300,"at":0,"from":"1","rack":"freezer-1-rack-1",)"
              R"("to":"1"}],"to":"freezer-2"}]})"},
    {.verb = "evacuation/plan",
     .roles = kSupervisors,
     .body = {kEvacuateKeys},
     .says = "Without `apply` a dry run.",
     .example = R"({"from":"freezer-1","to":"freezer-2","apply":true})",
     .reply = R"({"evacuation":"evacuation-1","from":"freezer-1","racks":[{"aliquots":300,"at":0,)"
              R"("from":"1","rack":"freezer-1-rack-1","to":"1"}],"to":"freezer-2"})"},
    {.verb = "evacuation/rack",
     .roles = kHands,
     .witness = true,
     .body = {kRackKeys},
     .says = "The rack stands in its new place.",
     .example = R"({"evacuation":"evacuation-1","rack":"freezer-1-rack-1"})",
     .reply = R"({"evacuation":"evacuation-1","left":3,"operation":"operation-14",)"
              R"("rack":"freezer-1-rack-1"})"},
    {.verb = "place/make",
     .roles = kSupervisors,
     .body = {kMakeKeys},
     .example = R"({"place":"rack-9","type":"rack","parent":"freezer-1","position":"4",)"
                R"("title":"Rack 9"})",
     .reply = R"({"place":"rack-9"})"},
    {.verb = "place/move",
     .roles = kHands,
     .witness = true,
     .body = {kMovePlaceKeys},
     .says = "With everything in it; `override` as in `aliquot/move` where it brings a second "
             "course into a work area.",
     .example = R"({"place":"rack-9","parent":"freezer-2","position":"1"})",
     .reply = R"({"aliquots":300,"operation":"operation-16",)"
              R"("path":"site/room-1/freezer-2/rack-9","place":"rack-9"})"},
    {.verb = "position/block",
     .roles = kHands,
     .body = {kBlockKeys},
     .says = "Needs a reason.",
     .example = R"({"place":"freezer-1-rack-1-box-1","position":"A1"})",
     .reply = R"({"place":"freezer-1-rack-1-box-1"})"},
    {.verb = "position/free",
     .roles = kHands,
     .revision = Revision::course,
     .body = {kFreeKeys},
     .says = "Only what this course reserved.",
     .example = R"({"place":"freezer-1-rack-1-box-1","position":"A1","course":"c1"})",
     .reply = R"({"place":"freezer-1-rack-1-box-1"})"},
    {.verb = "position/reserve",
     .roles = kHands,
     .revision = Revision::course,
     .body = {kReserveKeys, kReserveChoices},
     .says = "For vials of this course; `until` may be left out. Its end is an event. Without "
             "`place` one position for each vial that is still to come, where `aliquot/store` "
             "would put it; with `strategy`, `waive_share` and `dry_run` as there.",
     .example = R"({"place":"freezer-1-rack-1-box-1","position":"A1","course":"c1",)"
                R"("until":"2026-12-01T00:00:00Z"})",
     .reply = R"({"place":"freezer-1-rack-1-box-1"})"},
    {.verb = "position/unblock",
     .roles = kHands,
     .body = {kBlockKeys},
     .example = R"({"place":"freezer-1-rack-1-box-1","position":"A1"})",
     .reply = R"({"place":"freezer-1-rack-1-box-1"})"},
    {.verb = "reservation/end",
     .roles = kService,
     .says = "The daemon's own, when the time of a reservation has come: the positions are free.",
     .example = R"({})",
     .reply = R"({"ended":1})"},
};

}  // namespace

std::span<const CommandSchema> place_schemas() { return kPlaceEntries; }

}  // namespace cryobank::inventory
