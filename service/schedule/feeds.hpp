// Feeds: the published visits for calendars and hospital systems. iCalendar (RFC 5545, lines of at
// most 75 octets, never cut inside a character), HL7 v2.5 SIU messages (S12 new, S13 moved, S15
// cancelled), FHIR R5 resources. Pseudonyms only. A feed is polled: it is no alarm channel, and
// says as of when it is true. Times are UTC instants; pure text in, pure text out.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.hpp"
#include "base/json.hpp"
#include "base/time.hpp"

namespace cryobank::schedule {

struct FeedVisit {
  enum class Step : std::uint8_t { thaw, harvest, infusion };
  std::string course;
  std::string patient;  // pseudonym
  std::string dose;
  Step step = Step::infusion;
  WallTime at{};
  int minutes = 30;
  std::string place;
  std::int64_t moves = 0;     // since people were first told of it
  std::string why;            // of its last change, for people; may be empty
  std::string by;             // who published it
  std::int64_t sequence = 0;  // rises with every change, never falls
  bool cancelled = false;     // stays in the feed, so that every reader hears of it
  bool done = false;
};

std::string_view name_of(FeedVisit::Step step);
// The same for a visit for ever, wherever it moves.
std::string uid_of(std::string_view site, const FeedVisit& visit);

std::string to_icalendar(std::string_view site, std::string_view title,
                         const std::vector<FeedVisit>& visits, WallTime as_of);

// One message, segments ended by a carriage return. `event`: "S12", "S13" or "S15". Fields as
// HL7 v2.5 numbers them: chapter 2.14.9 MSH, 10.6.1 SCH, 4.5.4 TQ1, 3.4.2 PID, 10.6.2 to 10.6.5.
std::string to_siu(std::string_view site, const FeedVisit& visit, std::string_view event,
                   std::int64_t message, WallTime as_of);

// What a hospital sends back: a cancelled visit or a patient who did not come.
struct SiuNotice {
  std::string event;    // "S15" or "S26"
  std::string sender;   // MSH-3 and MSH-4, as they came
  std::string control;  // MSH-10: a sender's messages of one number are one message
  std::string uid;      // ours, whichever of SCH-1 and SCH-2 has it
  std::string course;
  std::string dose;
};
inline constexpr std::size_t kSiuBytesMax = 64 * 1'024;
// Segments may end with CR, LF or both, and the whole may stand in an MLLP frame. A visit of
// another site is refused.
Result<SiuNotice> read_siu(std::string_view site, std::string_view message);

// A Bundle (collection): CarePlan per course, ServiceRequest per dose, Task per thaw and harvest,
// Appointment per infusion, BiologicallyDerivedProduct per dose.
Json to_fhir(std::string_view site, const std::vector<FeedVisit>& visits, WallTime as_of);

}  // namespace cryobank::schedule
