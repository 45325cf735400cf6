// Entries of alarm/*: what people decide about alarms (board_commands.cpp).
#include <array>

#include "service/alarms/alarm.hpp"
#include "service/alarms/command_table.hpp"

namespace cryobank::alarms {
namespace {

constexpr std::array<std::string_view, 6> kStaff{"operator",   "qc",      "physician",
                                                 "supervisor", "quality", "administrator"};
constexpr std::array<std::string_view, 1> kShelvers{"supervisor"};
constexpr std::int64_t kDurationMax = 16;  // bytes of "2h30min"
constexpr std::int64_t kOccurrenceMax = 9'000'000'000'000'000;

constexpr BodyKey kAlarmKey = key::id("alarm").must();
constexpr BodyKey kOccurrenceKey =
    key::integer("occurrence", 0, kOccurrenceMax, "refused when the alarm is at another one");
constexpr BodyKey kCommentText = key::text("comment", kNoteLengthMax);

constexpr BodyKey kAcknowledgeKeys[] = {kAlarmKey, kOccurrenceKey,
                                        key::word("reason", kTakenReasons).must(), kCommentText};
constexpr BodyKey kCommentKeys[] = {kAlarmKey, kOccurrenceKey,
                                    key::text("text", kNoteLengthMax).must()};
constexpr BodyKey kShelveKeys[] = {
    kAlarmKey, kOccurrenceKey,
    key::text("for", kDurationMax, "from 1min; a P2 at most 8h, others 72h").must(),
    key::text("reason", kNoteLengthMax).must()};
constexpr std::array<std::string_view, 8> kReaders{
    "viewer", "operator", "witness", "qc", "physician", "supervisor", "quality", "administrator"};
constexpr std::array<std::string_view, 2> kUpkeep{"supervisor", "administrator"};
constexpr BodyKey kReasonKey = key::text("reason", kNoteLengthMax).must();
constexpr BodyKey kTakenBackKeys[] = {kAlarmKey, kOccurrenceKey, kReasonKey};
constexpr BodyKey kDeviceKey = key::id("device").must();
constexpr BodyKey kDeviceKeys[] = {kDeviceKey};
constexpr BodyKey kMaintainKeys[] = {
    kDeviceKey, key::text("for", kDurationMax, "1min to 8h").must(), kReasonKey};
// What a person can read at a machine, by its meaning (config/meaning.hpp).
constexpr std::int64_t kFarthest = 1'000'000;
constexpr BodyKey kReadKeys[] = {key::number("level", 0, kFarthest),
                                 key::number("oxygen-1", 0, 100),
                                 key::number("oxygen-2", 0, 100),
                                 key::number("pressure", 0, kFarthest),
                                 key::number("temperature-bottom", -273, 100),
                                 key::number("temperature-top", -273, 100),
                                 key::number("weight", 0, kFarthest)};
constexpr Shape kReadValues{kReadKeys};
constexpr BodyKey kRoundKeys[] = {kDeviceKey,
                                  key::object("values", kReadValues, "by meaning").must(),
                                  key::time("measured_at").must(), kCommentText};
constexpr BodyKey kUnshelveKeys[] = {kAlarmKey, kOccurrenceKey};

constexpr CommandSchema kAlarmEntries[] = {
    {.verb = "alarm/acknowledge",
     .roles = kStaff,
     .body = {kAcknowledgeKeys},
     .says = "Somebody takes it: paging stops. Refused when somebody else has it, with the name "
             "(docs/alarms.md).",
     .example = R"({"alarm":"freezer-1.temperature-high","reason":"going"})",
     .reply =
         R"({"alarm":"freezer-1.temperature-high","at":"2026-11-22T03:04:05.678Z","by":"operator","comment":"","occurrence":3,"priority":"P2","reason":"going","severity":2})"},
    {.verb = "alarm/comment",
     .roles = kStaff,
     .body = {kCommentKeys},
     .says = "A note on an open alarm.",
     .example = R"({"alarm":"freezer-1.temperature-high","text":"door seal is iced"})",
     .reply =
         R"({"alarm":"freezer-1.temperature-high","at":"2026-11-22T03:04:05.678Z","by":"operator","occurrence":3,"priority":"P2","text":"door seal is iced"})"},
    {.verb = "alarm/coverage",
     .roles = kReaders,
     .changes = false,
     .body = {kDeviceKeys},
     .says =
         "Which conditions of a device are watched, by which signal, and which are not and why.",
     .example = R"({"device":"freezer-1"})",
     .reply =
         R"({"coverage":[{"condition":"level-low","watched":true,"watched_by":"level by point level","why_not":null}],"device":"freezer-1"})"},
    {.verb = "alarm/maintain",
     .roles = kUpkeep,
     .body = {kMaintainKeys},
     .says =
         "Somebody works on a device until then. Its alarms still page, marked MAINT; it ends by "
         "itself, and the values must prove that all works again.",
     .example = R"({"device":"room-1","for":"2h","reason":"fan service"})",
     .reply =
         R"({"at":"2026-11-22T03:04:05.678Z","by":"supervisor","device":"room-1","reason":"fan service","until":"2026-11-22T05:04:05.678Z"})"},
    {.verb = "alarm/maintain-end",
     .roles = kUpkeep,
     .body = {kDeviceKeys},
     .says = "The work is over. Refused while the values do not prove it: inlet and supply open, "
             "oxygen above 20 %, a fill seen.",
     .example = R"({"device":"room-1"})",
     .reply = R"({"at":"2026-11-22T03:04:05.678Z","by":"supervisor","device":"room-1"})"},
    {.verb = "alarm/reset",
     .roles = kUpkeep,
     .body = {kTakenBackKeys},
     .says = "Ends the latch of an interlock, once its signal is back and it was acknowledged.",
     .example = R"({"alarm":"room-1.ln2-inhibited","reason":"each freezer fills"})",
     .reply =
         R"({"alarm":"room-1.ln2-inhibited","at":"2026-11-22T03:04:05.678Z","by":"supervisor","occurrence":3,"priority":"p1","reason":"each freezer fills"})"},
    {.verb = "alarm/round",
     .roles = kStaff,
     .body = {kRoundKeys},
     .says =
         "Values that a person read by hand. When they were read and when they were written down "
         "are both kept; far from what was known they want a comment.",
     .example =
         R"({"device":"freezer-1","measured_at":"2026-11-22T03:00:00.000Z","values":{"level":150}})",
     .reply =
         R"({"at":"2026-11-22T03:04:05.678Z","by":"operator","comment":"","device":"freezer-1","late":false,"measured_at":"2026-11-22T03:00:00.000Z","values":{"level":150}})"},
    {.verb = "alarm/shelve",
     .roles = kShelvers,
     .body = {kShelveKeys},
     .says = "Silence for a time. A P1 never; it ends by itself, and at once when the alarm rises "
             "to P1.",
     .example = R"({"alarm":"freezer-1.door","for":"2h","reason":"cleaning"})",
     .reply =
         R"({"alarm":"freezer-1.door","at":"2026-11-22T03:04:05.678Z","by":"supervisor","occurrence":3,"priority":"P3","reason":"cleaning","until":"2026-11-22T05:04:05.678Z"})"},
    {.verb = "alarm/unacknowledge",
     .roles = kStaff,
     .body = {kTakenBackKeys},
     .says = "Taken by mistake: it is open again and pages.",
     .example = R"({"alarm":"freezer-1.level-low","reason":"wrong tank"})",
     .reply =
         R"({"alarm":"freezer-1.level-low","at":"2026-11-22T03:04:05.678Z","by":"operator","occurrence":3,"priority":"p1","reason":"wrong tank"})"},
    {.verb = "alarm/unshelve",
     .roles = kShelvers,
     .body = {kUnshelveKeys},
     .says = "Ends a silence; restores the acknowledgement that it found.",
     .example = R"({"alarm":"freezer-1.door"})",
     .reply =
         R"({"alarm":"freezer-1.door","at":"2026-11-22T03:04:05.678Z","by":"supervisor","occurrence":3,"priority":"P3"})"},
};

}  // namespace

std::span<const CommandSchema> schemas() { return kAlarmEntries; }

}  // namespace cryobank::alarms
