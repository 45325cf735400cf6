// Plan feeds: calendars that a person subscribes to at a secret address ("/calendar/SECRET.ics").
// Whoever makes one (feed/create) draws the secret and sends its SHA-256 alone, so the secret is in
// no message, no journal, no store and no log of this service. FeedDesk writes the calendars anew
// when the record changed, one after the other between other work, and hands them to the HTTP
// server. They may lag by kFeedRest and are no alarm channel; a feed that is revoked is gone at
// once.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "service/core/plan/plan_ask.hpp"
#include "service/core/plan/plan_visits.hpp"
#include "service/wire/effect.hpp"

namespace cryobank::core {

// A calendar for each clinic, the laboratory, and some patients.
inline constexpr std::size_t kFeedsMax = 50;
// Between two rounds of writing, and between two calendars of one.
inline constexpr Duration kFeedRest = seconds(30);
inline constexpr Duration kFeedPause = milliseconds(200);

std::span<const PlanVerb> feed_verbs();

class FeedDesk {
 public:
  FeedDesk(const Bank& bank, const PlanAnchor& clock) : bank_(bank), clock_(clock) {}

  void record_changed();
  // One was made or revoked: looked at once.
  void feeds_changed() { at_ = {}; }
  void stop() { stopped_ = true; }
  void look(const Now& now, Effects& effects);
  Instant next_deadline() const { return stopped_ ? kNever : at_; }

 private:
  struct Feed {
    ServedFeed served;
    std::string wanted;  // what it is of, as the record has it
    bool stale = true;
  };

  bool sync();
  bool write_one(const Now& now);

  const Bank& bank_;
  const PlanAnchor& clock_;
  std::map<std::string, Feed, std::less<>> feeds_;
  Instant at_{};         // the first look comes at once
  Instant rested_{};     // no round begins before
  bool changed_ = true;  // the record, since the last round began
  bool shown_ = false;   // once: until then the server says that it is starting
  bool stopped_ = false;
};

}  // namespace cryobank::core
