// Roster: who is to be told at a moment, on which channels, tier by tier. Read from the site's
// people, channels and duties; local times follow the site's zone over summer time. Knows no alarm.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/zone.hpp"
#include "config/site_config.hpp"
#include "service/alarms/board.hpp"

namespace cryobank::alarms {

struct Target {
  ChannelId channel;
  int tier = 1;
  auto operator<=>(const Target&) const = default;
};

class Roster {
 public:
  explicit Roster(const config::SiteConfig& site) : site_(site) {}

  int tiers() const;
  // People on duty on a tier. Empty: nobody, or the site's tiers are those of its channels.
  std::vector<UserId> on_duty(WallTime at, int tier) const;
  // Every channel of tiers 1 to `tier`, each once, lowest tier first. A P1 goes over every channel
  // of a person, all else over the first.
  std::vector<Target> targets(WallTime at, int tier, Priority priority) const;
  // Every channel of the site.
  std::vector<Target> all() const;
  std::vector<Target> channels_of(const UserId& user) const;

  std::vector<UserId> carriers(const ChannelId& channel) const;
  bool carries(const UserId& user, const ChannelId& channel) const;
  // The login of a gateway that serves this channel?
  bool serves(const UserId& login, const ChannelId& channel) const;
  bool is_gateway(const UserId& login) const;
  std::vector<UserId> gateways() const;
  // The highest tier at which this person is told of an alarm that has reached `tier`; 0: not.
  int tier_of(const UserId& user, WallTime at, int tier) const;
  // The next moment at or after `at` that the wall shows one of these minutes of the day.
  WallTime next_of(const std::vector<int>& minutes, WallTime at) const;
  // The moment of a time of day ("02:40") that was said at `said`; ms 0: none was.
  WallTime due_of(std::string_view time, WallTime said) const;
  const Zone& zone() const { return site_.zone; }

 private:
  bool by_duty() const { return !site_.duties.empty(); }

  const config::SiteConfig& site_;
};

}  // namespace cryobank::alarms
