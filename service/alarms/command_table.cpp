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
constexpr std::int64_t kOccurrenceMax = 1'000'000'000;

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
    {.verb = "alarm/shelve",
     .roles = kShelvers,
     .body = {kShelveKeys},
     .says = "Silence for a time. A P1 never; it ends by itself, and at once when the alarm rises "
             "to P1.",
     .example = R"({"alarm":"freezer-1.door","for":"2h","reason":"cleaning"})",
     .reply =
         R"({"alarm":"freezer-1.door","at":"2026-11-22T03:04:05.678Z","by":"supervisor","occurrence":3,"priority":"P3","reason":"cleaning","until":"2026-11-22T05:04:05.678Z"})"},
    {.verb = "alarm/unshelve",
     .roles = kShelvers,
     .body = {kUnshelveKeys},
     .says = "Ends a silence; restores the acknowledgement that it found.",
     .example = R"({"alarm":"freezer-1.door"})",
     .reply =
         R"({"alarm":"freezer-1.door","at":"2026-11-22T03:04:05.678Z","by":"supervisor","occurrence":3,"priority":"P3"})"},
};

}  // namespace

// alarm/reset comes with what it resets.
std::span<const CommandSchema> schemas() { return kAlarmEntries; }

}  // namespace cryobank::alarms
