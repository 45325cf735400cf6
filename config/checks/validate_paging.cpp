// Rules about who is told: tiers, duties, channels and the gateways that carry them. A roster with
// a hole is refused at load, not found at night.
#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "config/checks/validate.hpp"
#include "config/duration.hpp"
#include "config/duty.hpp"
#include "config/names.hpp"

namespace cryobank::config {
namespace {

// One person asleep, ill or out of reach must not be the end of the line; and a P1 needs three
// people in all and somebody to go on to (docs/alarms.md).
constexpr std::size_t kPeoplePerTierMin = 2;
constexpr std::size_t kPeopleMin = 3;
constexpr int kTiersMin = 2;
constexpr int kMinutesOfDay = 24 * 60;
// 2026-01-05 is a Monday: where the week is looked at that has no dates.
constexpr Day kSomeMonday{20'458};
constexpr std::array<std::string_view, 7> kDayNames{"mon", "tue", "wed", "thu",
                                                    "fri", "sat", "sun"};

void blame(const ChannelConfig& channel, std::string_view text, Faults& faults) {
  faults.add(channel.file, channel.line, cat("channel \"", channel.id.str(), "\": ", text));
}

void blame(const DutyConfig& duty, std::string_view text, Faults& faults) {
  faults.add(duty.file, duty.line, cat("duty of tier ", duty.tier, ": ", text));
}

void blame(const GatewayConfig& gateway, std::string_view text, Faults& faults) {
  faults.add(gateway.file, gateway.line, cat("gateway \"", gateway.user.str(), "\": ", text));
}

// Somebody who only looks on, or only witnesses, may not take an alarm: calling him calls nobody.
bool may_take(const UserConfig& user) {
  return std::ranges::any_of(
      user.roles, [](const std::string& role) { return role != "viewer" && role != "witness"; });
}

bool is_reachable(const SiteIndex& index, const UserId& person) {
  const UserConfig* user = index.config.find_user(person);
  return user != nullptr && may_take(*user) &&
         std::ranges::any_of(user->channels, [&index](const ChannelId& id) {
           return index.channels.count(id.str()) > 0;
         });
}

using Tiers = std::map<int, std::set<std::string_view>>;  // people of each

void check_tiers(const SiteIndex& index, const Tiers& tiers, Faults& faults) {
  std::set<std::string_view> people;
  int expected = 1;
  for (const auto& [tier, reachable] : tiers) {
    if (tier != expected) {
      index.fault({"duty", "user", "paging"},
                  cat("paging: expected people on tier ", expected, ", the next is tier ", tier),
                  faults);
    }
    expected = tier + 1;
    people.insert(reachable.begin(), reachable.end());
    if (reachable.size() >= kPeoplePerTierMin) continue;
    index.fault({"duty", "user", "paging"},
                cat("paging: expected at least ", kPeoplePerTierMin, " people on tier ", tier,
                    ", came ", reachable.size()),
                faults);
  }
  if (expected - 1 < kTiersMin) {
    index.fault({"duty", "user", "paging"},
                cat("paging: expected at least ", kTiersMin, " tiers, came ", expected - 1,
                    ": nobody would be called when the first does not answer"),
                faults);
  }
  if (people.size() >= kPeopleMin) return;
  index.fault({"duty", "user", "paging"},
              cat("paging: expected at least ", kPeopleMin, " people in all, came ", people.size()),
              faults);
}

// Every tier is reached on the way up, and behind each stand people who can answer.
void paging_people(const SiteIndex& index, Faults& faults) {
  const SiteConfig& site = index.config;
  if (site.channels.empty()) {
    index.fault({"duty", "user", "paging"},
                "paging: expected at least one [[channel]], nobody could be told", faults);
    return;
  }
  Tiers tiers;
  if (!site.duties.empty()) {
    for (const DutyConfig& duty : site.duties) {
      std::set<std::string_view>& people = tiers[duty.tier];
      for (const UserId& person : duty.people) {
        if (is_reachable(index, person)) people.insert(person.str());
      }
    }
    return check_tiers(index, tiers, faults);
  }
  for (const ChannelConfig& channel : site.channels) {
    if (channel.tier == 0) {
      blame(channel, "expected `tier`, or people on duty in [[duty]]", faults);
    } else {
      tiers[channel.tier];
    }
  }
  for (const UserConfig& user : site.users) {
    for (const ChannelId& id : user.channels) {
      const auto channel = index.channels.find(id.str());
      if (channel == index.channels.end() || channel->second->tier == 0) continue;
      if (may_take(user)) tiers[channel->second->tier].insert(user.id.str());
    }
  }
  check_tiers(index, tiers, faults);
}

void paging_times(const SiteIndex& index, Faults& faults) {
  const PagingConfig& paging = index.config.paging;
  if (paging.tier2_after >= paging.tier3_after) {
    index.fault(
        {"paging.tier3_after", "paging.tier2_after", "paging"},
        cat("[paging]: expected tier2_after shorter than tier3_after, came ",
            format_duration(paging.tier2_after), " and ", format_duration(paging.tier3_after)),
        faults);
  }
  if (paging.repeat_p1 > paging.repeat_p2) {
    index.fault({"paging.repeat_p1", "paging.repeat_p2", "paging"},
                cat("[paging]: expected repeat_p1 not longer than repeat_p2, came ",
                    format_duration(paging.repeat_p1), " and ", format_duration(paging.repeat_p2)),
                faults);
  }
  if (paging.standing_at.empty()) {
    index.fault({"paging"}, "[paging]: expected standing_at: a time when what stands is told",
                faults);
  }
}

// A moment of a day at which fewer people than needed are on duty on a tier.
struct Hole {
  int minute = 0;
  std::string people;        // who can be reached
  const DutyConfig* duty{};  // that is to be mended; none where nobody is on duty
};

// The first one of that day.
std::optional<Hole> hole_of(const SiteIndex& index, int tier, Day day) {
  const std::vector<DutyConfig>& duties = index.config.duties;
  std::set<int> edges{0};
  for (const DutyConfig& duty : duties) {
    edges.insert(duty.from_minute % kMinutesOfDay);
    edges.insert(duty.to_minute % kMinutesOfDay);
  }
  for (const int minute : edges) {
    const LocalTime at{day, minute, 0, weekday_of(day)};
    Hole hole{minute, {}, nullptr};
    std::size_t reachable = 0;
    for (const UserId& one : on_duty(duties, tier, at)) {
      if (!is_reachable(index, one)) continue;
      ++reachable;
      hole.people += cat(hole.people.empty() ? "" : ", ", one.str());
    }
    if (reachable >= kPeoplePerTierMin) continue;
    for (const DutyConfig& duty : duties) {
      // Duties of a date take the place of the others.
      const bool then = !on_duty({duty}, tier, at).empty();
      if (then && (hole.duty == nullptr || !duty.dates.empty())) hole.duty = &duty;
    }
    return hole;
  }
  return std::nullopt;
}

void check_cover(const SiteIndex& index, int tier, Faults& faults) {
  const auto tell = [&](std::string_view day, const Hole& hole) {
    const std::string text =
        cat("expected at least ", kPeoplePerTierMin, " reachable people at every hour, came ",
            hole.people.empty() ? "nobody" : cat(hole.people, " alone"), " on ", day, " at ",
            format_minute(hole.minute));
    if (hole.duty != nullptr) return blame(*hole.duty, text, faults);
    index.fault({"duty", "user", "paging"}, cat("duty of tier ", tier, ": ", text), faults);
  };
  for (int weekday = 1; weekday <= 7; ++weekday) {
    const auto hole = hole_of(index, tier, Day{kSomeMonday.number + weekday - 1});
    if (hole) return tell(kDayNames.at(static_cast<std::size_t>(weekday) - 1), *hole);
  }
  std::set<Day> dates;
  for (const DutyConfig& duty : index.config.duties) {
    if (duty.tier != tier) continue;
    for (const Day day : duty.dates) {
      dates.insert(day);
      dates.insert(Day{day.number + 1});
    }
  }
  for (const Day day : dates) {
    if (const auto hole = hole_of(index, tier, day)) return tell(format_day(day), *hole);
  }
}

void duties(const SiteIndex& index, Faults& faults) {
  std::set<int> tiers;
  for (const DutyConfig& duty : index.config.duties) {
    tiers.insert(duty.tier);
    if (duty.people.empty()) blame(duty, "expected `people`", faults);
    if (!duty.dates.empty() && !duty.weekdays.empty()) {
      blame(duty, "expected `days` or `dates`, not both", faults);
    }
    for (const UserId& person : duty.people) {
      if (index.config.find_user(person) == nullptr) {
        blame(duty, cat("expected people of this site, came \"", person.str(), "\""), faults);
      } else if (!is_reachable(index, person)) {
        const bool looks_on = !may_take(*index.config.find_user(person));
        blame(duty,
              cat("expected people ",
                  looks_on ? "who may take an alarm, and not only viewers or witnesses"
                           : "with a channel",
                  ", came \"", person.str(), "\""),
              faults);
      }
    }
  }
  if (tiers.empty()) return;
  for (const ChannelConfig& channel : index.config.channels) {
    if (channel.tier != 0) blame(channel, "expected no `tier` beside [[duty]]", faults);
  }
  for (const int tier : tiers) check_cover(index, tier, faults);
}

void gateways(const SiteIndex& index, Faults& faults) {
  std::set<std::string_view> logins;
  std::set<std::string_view> served;
  bool all = false;
  for (const GatewayConfig& gateway : index.config.gateways) {
    if (!logins.insert(gateway.user.str()).second) {
      blame(gateway, "expected each login once", faults);
    }
    if (gateway.user.str() == index.config.mqtt.user) {
      blame(gateway, "expected another login than the daemon's", faults);
    }
    if (const UserConfig* user = index.config.find_user(gateway.user)) {
      faults.add(
          user->file, user->line,
          cat("user \"", user->id.str(), "\": expected another id: a gateway has this login"));
    }
    all = all || gateway.channels.empty();
    for (const ChannelId& channel : gateway.channels) {
      served.insert(channel.str());
      if (index.channels.count(channel.str()) > 0) continue;
      blame(gateway, cat("expected channels of this site, came \"", channel.str(), "\""), faults);
    }
  }
  for (const ChannelConfig& channel : index.config.channels) {
    if (!all && served.count(channel.id.str()) == 0) {
      blame(channel, "expected a [[gateway]] that serves it: nobody would hear of its pages",
            faults);
    }
    const bool carried =
        std::ranges::any_of(index.config.users, [&channel](const UserConfig& user) {
          return std::ranges::find(user.channels, channel.id) != user.channels.end();
        });
    if (!carried) blame(channel, "expected a user who carries it", faults);
  }
}

bool share_nothing(const ChannelConfig& a, const ChannelConfig& b) {
  return std::ranges::none_of(a.needs, [&b](const std::string& need) {
    return std::ranges::find(b.needs, need) != b.needs.end();
  });
}

// A P1 goes over two technologies without a common failure, on every tier.
void paging_paths(const SiteIndex& index, Faults& faults) {
  const SiteConfig& site = index.config;
  const bool said =
      std::ranges::any_of(site.channels, [](const auto& c) { return !c.needs.empty(); });
  if (site.channels.empty()) return;
  if (!said) {
    faults.warn(site.channels.front().file, site.channels.front().line,
                "paging: no channel says what it `needs`: whether a P1 goes over two ways that do "
                "not fail together cannot be checked");
    return;
  }
  std::map<int, std::vector<const ChannelConfig*>> tiers;
  for (const ChannelConfig& channel : site.channels) {
    if (channel.needs.empty()) blame(channel, "expected `needs`, as other channels have", faults);
    if (site.duties.empty()) tiers[channel.tier].push_back(&channel);
  }
  for (const DutyConfig& duty : site.duties) {
    for (const UserId& person : duty.people) {
      const UserConfig* user = site.find_user(person);
      if (user == nullptr) continue;
      for (const ChannelId& id : user->channels) {
        const auto channel = index.channels.find(id.str());
        if (channel != index.channels.end()) tiers[duty.tier].push_back(channel->second);
      }
    }
  }
  for (const auto& [tier, channels] : tiers) {
    const bool two = std::ranges::any_of(channels, [&channels](const ChannelConfig* a) {
      return std::ranges::any_of(channels,
                                 [a](const ChannelConfig* b) { return share_nothing(*a, *b); });
    });
    if (two) continue;
    index.fault({"duty", "user", "paging"},
                cat("paging: expected two channels on tier ", tier,
                    " that need nothing in common: one failure would silence a P1"),
                faults);
  }
}

constexpr std::array<ValidationRule, 5> kPagingRules{{{"paging-people", paging_people},
                                                      {"paging-times", paging_times},
                                                      {"paging-duties", duties},
                                                      {"paging-gateways", gateways},
                                                      {"paging-paths", paging_paths}}};

}  // namespace

std::span<const ValidationRule> paging_rules() { return kPagingRules; }

}  // namespace cryobank::config
