#include "service/alarms/roster.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "config/duty.hpp"

namespace cryobank::alarms {
namespace {

void add(std::vector<Target>& targets, const ChannelId& channel, int tier) {
  const bool known = std::ranges::any_of(
      targets, [&channel](const Target& target) { return target.channel == channel; });
  if (!known) targets.push_back({channel, tier});
}

}  // namespace

// Counted each time: people and channels may change while the service runs.
int Roster::tiers() const {
  int tiers = 0;
  for (const config::DutyConfig& duty : site_.duties) tiers = std::max(tiers, duty.tier);
  if (by_duty()) return tiers;
  for (const config::ChannelConfig& channel : site_.channels) {
    tiers = std::max(tiers, channel.tier);
  }
  return tiers;
}

std::vector<UserId> Roster::on_duty(WallTime at, int tier) const {
  return config::on_duty(site_.duties, tier, site_.zone.local(at));
}

std::vector<Target> Roster::targets(WallTime at, int tier, Priority priority) const {
  std::vector<Target> out;
  for (int level = 1; level <= std::min(tier, tiers()); ++level) {
    if (!by_duty()) {
      for (const config::ChannelConfig& channel : site_.channels) {
        if (channel.tier == level) add(out, channel.id, level);
      }
      continue;
    }
    for (const UserId& person : on_duty(at, level)) {
      const config::UserConfig* user = site_.find_user(person);
      if (user == nullptr) continue;
      for (const ChannelId& channel : user->channels) {
        add(out, channel, level);
        if (priority != Priority::p1) break;
      }
    }
  }
  return out;
}

std::vector<Target> Roster::all() const {
  std::vector<Target> out;
  for (const config::ChannelConfig& channel : site_.channels) {
    add(out, channel.id, by_duty() ? 1 : channel.tier);
  }
  return out;
}

std::vector<Target> Roster::channels_of(const UserId& user) const {
  std::vector<Target> out;
  const config::UserConfig* found = site_.find_user(user);
  if (found == nullptr) return out;
  for (const ChannelId& channel : found->channels) add(out, channel, 1);
  return out;
}

std::vector<UserId> Roster::carriers(const ChannelId& channel) const {
  std::vector<UserId> out;
  for (const config::UserConfig& user : site_.users) {
    if (std::ranges::find(user.channels, channel) != user.channels.end()) out.push_back(user.id);
  }
  return out;
}

bool Roster::carries(const UserId& user, const ChannelId& channel) const {
  const config::UserConfig* found = site_.find_user(user);
  return found != nullptr && std::ranges::find(found->channels, channel) != found->channels.end();
}

bool Roster::serves(const UserId& login, const ChannelId& channel) const {
  return std::ranges::any_of(site_.gateways, [&](const config::GatewayConfig& gateway) {
    return gateway.user == login &&
           (gateway.channels.empty() ||
            std::ranges::find(gateway.channels, channel) != gateway.channels.end());
  });
}

bool Roster::is_gateway(const UserId& login) const {
  return std::ranges::any_of(site_.gateways, [&login](const config::GatewayConfig& gateway) {
    return gateway.user == login;
  });
}

std::vector<UserId> Roster::gateways() const {
  std::vector<UserId> out;
  for (const config::GatewayConfig& gateway : site_.gateways) out.push_back(gateway.user);
  return out;
}

int Roster::tier_of(const UserId& user, WallTime at, int tier) const {
  for (int level = std::min(tier, tiers()); level >= 1; --level) {
    if (by_duty()) {
      const std::vector<UserId> people = on_duty(at, level);
      if (std::ranges::find(people, user) != people.end()) return level;
      continue;
    }
    for (const config::ChannelConfig& channel : site_.channels) {
      if (channel.tier == level && carries(user, channel.id)) return level;
    }
  }
  return 0;
}

WallTime Roster::next_of(const std::vector<int>& minutes, WallTime at) const {
  WallTime best{};
  const Day today = site_.zone.local(at).day;
  for (std::int32_t ahead = 0; ahead <= 1; ++ahead) {
    for (const int minute : minutes) {
      const WallTime moment = site_.zone.at(Day{today.number + ahead}, minute);
      if (moment >= at && (best.ms == 0 || moment < best)) best = moment;
    }
  }
  return best;
}

WallTime Roster::due_of(std::string_view time, WallTime said) const {
  const std::vector<std::string_view> parts = split(time, ':');
  if (parts.size() != 2) return {};
  const Result<std::int64_t> hour = parse_integer(parts[0]);
  const Result<std::int64_t> minute = parse_integer(parts[1]);
  if (!hour || !minute) return {};
  return next_of({static_cast<int>(*hour * 60 + *minute)}, said - minutes(1));
}

}  // namespace cryobank::alarms
