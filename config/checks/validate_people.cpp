// Rules about people, paging, allocation and protocols.
#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "config/checks/validate.hpp"
#include "config/names.hpp"
#include "config/secret.hpp"

namespace cryobank::config {
namespace {

// The gateway's login at the broker (config/cryobank-pager.toml): its receipts are no person's.
constexpr std::string_view kPagerLogin = "pager";

void refuse(const UserConfig& user, std::string_view text, Faults& faults) {
  faults.add(user.file, user.line, cat("user \"", user.id.str(), "\": ", text));
}

void refuse(const ChannelConfig& channel, std::string_view text, Faults& faults) {
  faults.add(channel.file, channel.line, cat("channel \"", channel.id.str(), "\": ", text));
}

void refuse(const ProtocolConfig& protocol, std::string_view text, Faults& faults) {
  faults.add(protocol.file, protocol.line, cat("protocol \"", protocol.id.str(), "\": ", text));
}

void unique_user_ids(const SiteIndex& index, Faults& faults) {
  std::map<std::string_view, const UserConfig*> owners;
  for (const UserConfig& user : index.config.users) {
    const auto [first, added] = owners.emplace(user.id.str(), &user);
    if (!added) {
      refuse(user,
             cat("expected each id once, ", first->second->file, ":", first->second->line,
                 " has it too"),
             faults);
    }
    // The daemon's own acts are journaled under these names.
    if (user.id.str() == "schedule" || user.id.str() == "service" ||
        user.id.str() == index.config.mqtt.user) {
      refuse(user, "expected another id: the daemon acts under this one", faults);
    }
    if (user.id.str() == kPagerLogin) {
      refuse(user, "expected another id: the pager gateway logs in under this one", faults);
    }
  }
}

void unique_channel_ids(const SiteIndex& index, Faults& faults) {
  for (const ChannelConfig& channel : index.config.channels) {
    const ChannelConfig* first = index.channels.find(channel.id.str())->second;
    if (first != &channel) {
      refuse(channel, cat("expected each id once, ", first->file, ":", first->line, " has it too"),
             faults);
    }
  }
}

void user_roles(const SiteIndex& index, Faults& faults) {
  for (const UserConfig& user : index.config.users) {
    if (user.roles.empty()) refuse(user, "expected at least one role", faults);
    for (const std::string& role : user.roles) {
      if (std::find(kRoles.begin(), kRoles.end(), role) != kRoles.end()) continue;
      std::string list;
      for (const std::string_view known : kRoles) list += cat(list.empty() ? "" : ", ", known);
      refuse(user, cat("expected roles of ", list, ", came \"", clip(role, 40), "\""), faults);
    }
  }
}

void user_channels(const SiteIndex& index, Faults& faults) {
  for (const UserConfig& user : index.config.users) {
    for (const ChannelId& channel : user.channels) {
      if (index.channels.count(channel.str()) > 0) continue;
      refuse(user, cat("expected channels of this site, came \"", channel.str(), "\""), faults);
    }
  }
}

// A staff list with a broken hash would lock its person out of signing, and a short name for a
// signature is none.
void user_signing(const SiteIndex& index, Faults& faults) {
  for (const UserConfig& user : index.config.users) {
    if (user.signing_secret.empty()) continue;
    const Status checked = check_secret_hash(user.signing_secret);
    if (!checked) refuse(user, cat("signing_secret: ", checked.error().context), faults);
    if (trim(user.name).empty()) {
      refuse(user, "expected `name`, which is printed beside each signature", faults);
    }
  }
}

// Where signing is required, some person of every role that signs must be able to.
void signing_people(const SiteIndex& index, Faults& faults) {
  if (!index.config.signing.required) return;
  for (const std::string_view role : {"quality", "supervisor"}) {
    const bool able = std::ranges::any_of(index.config.users, [role](const UserConfig& user) {
      return !user.signing_secret.empty() &&
             std::find(user.roles.begin(), user.roles.end(), role) != user.roles.end();
    });
    if (able) continue;
    index.fault({"signing.required", "signing", "user"},
                cat("[signing]: expected a user of role ", role,
                    " with `signing_secret`: what is required could never be signed"),
                faults);
  }
}

void user_places(const SiteIndex& index, Faults& faults) {
  for (const UserConfig& user : index.config.users) {
    for (const PlaceId& place : user.places) {
      if (index.places.count(place.str()) > 0) continue;
      refuse(user, cat("expected places of this site, came \"", place.str(), "\""), faults);
    }
  }
}

void retention_rules(const SiteIndex& index, Faults& faults) {
  std::set<std::string_view> seen;
  for (const RetentionConfig& rule : index.config.retention) {
    const std::string name = cat("retention \"", rule.id, "\": ");
    if (!seen.insert(rule.id).second) {
      faults.add(rule.file, rule.line, cat(name, "expected each id once"));
    }
    for (const ProtocolId& protocol : rule.protocols) {
      if (index.config.find_protocol(protocol) != nullptr) continue;
      faults.add(rule.file, rule.line,
                 cat(name, "expected protocols of this site, came \"", protocol.str(), "\""));
    }
  }
}

void allocation(const SiteIndex& index, Faults& faults) {
  const AllocationConfig& wanted = index.config.allocation;
  const auto freezers =
      std::count_if(index.config.devices.begin(), index.config.devices.end(),
                    [](const DeviceConfig& device) { return device.kind == DeviceKind::freezer; });
  if (freezers > 0 && wanted.freezers_min > freezers) {
    index.fault({"allocation.freezers_min", "allocation"},
                cat("[allocation]: expected freezers_min at most the ", freezers,
                    freezers == 1 ? " freezer" : " freezers", " of the site; it is ",
                    wanted.freezers_min, " (2 unless the file says another)"),
                faults);
  }
  if (freezers > 0 && wanted.share_max.numerator() * freezers < wanted.share_max.denominator()) {
    index.fault({"allocation.share_max", "allocation"},
                cat("[allocation]: expected share_max of at least ", freezers == 1 ? "1" : "1/",
                    freezers == 1 ? "" : cat(freezers), ", so that the ", freezers,
                    freezers == 1 ? " freezer holds" : " freezers hold", " a whole course; it is ",
                    wanted.share_max.str(), " (1/2 unless the file says another)"),
                faults);
  }
}

void unique_protocols(const SiteIndex& index, Faults& faults) {
  std::set<std::pair<std::string_view, int>> seen;
  for (const ProtocolConfig& protocol : index.config.protocols) {
    if (seen.emplace(protocol.id.str(), protocol.version).second) continue;
    refuse(protocol, cat("expected each version once, came version ", protocol.version, " again"),
           faults);
  }
}

void protocol_sums(const SiteIndex& index, Faults& faults) {
  for (const ProtocolConfig& protocol : index.config.protocols) {
    const Fraction& dose = protocol.dose_fraction;
    const std::int64_t given = protocol.doses * dose.numerator();
    if (protocol.total_doses > 0 && given != protocol.total_doses * dose.denominator()) {
      refuse(protocol,
             cat("expected ", protocol.doses, " doses of ", dose.str(),
                 " to make total_doses, came ", protocol.total_doses),
             faults);
    }
    if (protocol.transport_hours > 0 && protocol.reculture_max_hours == 0) {
      faults.warn(
          protocol.file, protocol.line,
          cat("protocol \"", protocol.id.str(),
              "\": transport_hours is set and reculture_hours is not: planning is refused"));
    }
  }
}

void calendar_closures(const SiteIndex& index, Faults& faults) {
  for (const CalendarConfig& calendar : index.config.calendars) {
    const std::string name = cat("calendar \"", calendar.id.str(), "\": ");
    for (std::size_t a = 0; a < calendar.closures.size(); ++a) {
      for (std::size_t b = a + 1; b < calendar.closures.size(); ++b) {
        const ClosureConfig& first = calendar.closures[a];
        const ClosureConfig& second = calendar.closures[b];
        if (first.to < second.from || second.to < first.from) continue;
        faults.add(calendar.file, calendar.line,
                   cat(name, "expected closures that do not overlap, came ", format_day(first.from),
                       " to ", format_day(first.to), " and ", format_day(second.from), " to ",
                       format_day(second.to)));
      }
    }
  }
}

void plan_calendars(const SiteIndex& index, Faults& faults) {
  const SiteConfig& config = index.config;
  const PlanConfig& plan = config.plan;
  if (!plan.centre_calendar.empty() && config.find_calendar(plan.centre_calendar) == nullptr) {
    index.fault(
        {"plan.centre_calendar"},
        cat("[plan] centre_calendar: no calendar is called \"", plan.centre_calendar.str(), "\""),
        faults);
  }
  std::set<std::string_view> seen;
  for (const ClinicConfig& clinic : config.clinics) {
    if (!seen.insert(clinic.id).second) {
      faults.add(clinic.file, clinic.line,
                 cat("clinic \"", clinic.id, "\": expected each id once"));
    }
    if (clinic.calendar.empty() || config.find_calendar(clinic.calendar) != nullptr) continue;
    faults.add(
        clinic.file, clinic.line,
        cat("clinic \"", clinic.id, "\": no calendar is called \"", clinic.calendar.str(), "\""));
  }
  std::set<std::string_view> resources;
  for (const PlanResourceConfig& resource : plan.resources) {
    if (resources.insert(resource.id).second) continue;
    faults.add(resource.file, resource.line,
               cat("[[plan.resource]] \"", resource.id, "\": expected each id once"));
  }
}

// Hours of re-culture become whole days, since thaw and harvest are at the same time of day.
void protocol_windows(const SiteIndex& index, Faults& faults) {
  for (const ProtocolConfig& protocol : index.config.protocols) {
    const auto [shortest, longest] = protocol.lead_days();
    if (protocol.reculture_max_hours > 0 && shortest > longest) {
      faults.warn(protocol.file, protocol.line,
                  cat("protocol \"", protocol.id.str(),
                      "\": no whole number of days lies within "
                      "reculture_hours ",
                      protocol.reculture_min_hours, " to ", protocol.reculture_max_hours,
                      ": planning by days is refused"));
    }
    for (const std::string& fault : protocol.gap_faults()) refuse(protocol, fault, faults);
    if (protocol.reculture_limit_hours > 0 &&
        protocol.reculture_limit_hours < protocol.reculture_min_hours) {
      refuse(protocol, "expected reculture_limit_hours not below reculture_hours", faults);
    }
    if (protocol.cells_per_infusion > 0 && protocol.cells_per_dose > protocol.cells_per_infusion) {
      refuse(protocol, "expected cells_per_dose of at most cells_per_infusion_max", faults);
    }
  }
}

void calendar_open(const SiteIndex& index, Faults& faults) {
  std::set<std::string_view> seen;
  for (const CalendarConfig& calendar : index.config.calendars) {
    const std::string name = cat("calendar \"", calendar.id.str(), "\": ");
    if (!seen.insert(calendar.id.str()).second) {
      faults.add(calendar.file, calendar.line, cat(name, "expected each id once"));
    }
    const std::set<int> closed(calendar.closed_weekdays.begin(), calendar.closed_weekdays.end());
    if (closed.size() >= 7) {
      faults.add(calendar.file, calendar.line, cat(name, "expected at least one open weekday"));
    }
    const auto twice = std::adjacent_find(calendar.holidays.begin(), calendar.holidays.end());
    if (twice != calendar.holidays.end()) {
      faults.add(calendar.file, calendar.line,
                 cat(name, "expected each holiday once, came ", format_day(*twice), " twice"));
    }
  }
}

constexpr std::array<ValidationRule, 15> kPeopleRules{{{"unique-user-ids", unique_user_ids},
                                                       {"unique-channel-ids", unique_channel_ids},
                                                       {"user-roles", user_roles},
                                                       {"user-channels", user_channels},
                                                       {"user-signing", user_signing},
                                                       {"user-places", user_places},
                                                       {"signing-people", signing_people},
                                                       {"retention-rules", retention_rules},
                                                       {"allocation", allocation},
                                                       {"unique-protocols", unique_protocols},
                                                       {"protocol-sums", protocol_sums},
                                                       {"protocol-windows", protocol_windows},
                                                       {"calendar-open", calendar_open},
                                                       {"calendar-closures", calendar_closures},
                                                       {"plan-calendars", plan_calendars}}};

}  // namespace

std::span<const ValidationRule> people_rules() { return kPeopleRules; }

}  // namespace cryobank::config
