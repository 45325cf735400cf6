// What holds for one patient alone: the protocol as it was changed for this one, and holds.
#include <algorithm>

#include "base/text.hpp"
#include "inventory/ledger/out_of_spec.hpp"
#include "inventory/ledger/tables.hpp"
#include "service/core/problem/plan_problem.hpp"

namespace cryobank::core {

Result<config::ProtocolConfig> protocol_of(const config::SiteConfig& site,
                                           const inventory::View& view,
                                           const inventory::Course& course) {
  for (const config::ProtocolConfig& protocol : site.protocols) {
    if (protocol.id != course.protocol || protocol.version != course.protocol_version) continue;
    config::ProtocolConfig own = protocol;
    const Json* change = view.document("change", course.id.str());
    if (change == nullptr) return own;
    const std::pair<std::string_view, int*> fields[] = {
        {"interval_min_days", &own.interval_min_days},
        {"interval_max_days", &own.interval_max_days},
        {"limit_min_days", &own.limit_min_days},
        {"limit_max_days", &own.limit_max_days},
        {"early_doses", &own.early_doses},
        {"early_min_days", &own.early_min_days},
        {"urgency", &own.urgency}};
    for (const auto& [key, field] : fields) {
      if (!change->has(key)) continue;
      *field = static_cast<int>(number_in(*change, key, *field));
      if (key != "urgency") own.interval_costs.clear();
    }
    return own;
  }
  if (course.protocol.empty()) {
    return make_error(ErrorCode::not_found, cat("course ", course.id.str(),
                                                " has no protocol: course/protocol gives it one"));
  }
  return make_error(ErrorCode::not_found,
                    cat("protocol ", course.protocol.str(), " version ", course.protocol_version,
                        " is not in the site's configuration"));
}

std::string clinic_of(const config::SiteConfig& site, const inventory::View& view,
                      std::string_view course) {
  const Json* document = view.document("clinic", course);
  if (document != nullptr) return text_in(*document, "clinic");
  return site.clinics.empty() ? std::string() : site.clinics.front().id;
}

std::vector<std::string> pauses_of(const inventory::View& view, const CourseId& course) {
  std::vector<std::string> ids;
  for (const std::string& id : view.documents("pause")) {
    const Json* pause = view.document("pause", id);
    if (pause != nullptr && text_in(*pause, "course") == course.str()) ids.push_back(id);
  }
  return ids;
}

bool covers_day(const Json& pause, Day day) {
  const Result<Day> from = parse_day(text_in(pause, "from"));
  const Result<Day> until = parse_day(text_in(pause, "until"));
  return from && *from <= day && (!until || day <= *until);
}

config::AroundConfig around_of(const config::SiteConfig& site, const inventory::View& view,
                               const Json& pause) {
  const std::string kind = text_in(pause, "kind");
  config::AroundConfig around{kind, 0, 0};
  for (const config::AroundConfig& one : site.plan.around) {
    if (one.hold == kind) around = one;
  }
  const Json* change = view.document("change", text_in(pause, "course"));
  if (change == nullptr || kind != "chemotherapy") return around;
  around.before = static_cast<int>(number_in(*change, "chemotherapy_before_days", around.before));
  around.after = static_cast<int>(number_in(*change, "chemotherapy_after_days", around.after));
  return around;
}

bool bars_infusion(const config::SiteConfig& site, const inventory::View& view, const Json& pause,
                   Day day) {
  const Result<Day> from = parse_day(text_in(pause, "from"));
  if (!from) return false;
  const config::AroundConfig around = around_of(site, view, pause);
  if (day.number < from->number - around.before) return false;
  const Result<Day> until = parse_day(text_in(pause, "until"));
  return !until || day.number <= until->number + around.after;
}

bool is_barred(const config::SiteConfig& site, const inventory::View& view, const CourseId& course,
               Day day) {
  const std::vector<std::string> ids = pauses_of(view, course);
  return std::ranges::any_of(ids, [&](const std::string& id) {
    return bars_infusion(site, view, *view.document("pause", id), day);
  });
}

int days_between(const config::SiteConfig& site, const inventory::View& view, const CourseId& one,
                 const CourseId& other) {
  int days = site.plan.apart_days;
  for (const CourseId& course : {one, other}) {
    const Json* change = view.document("change", course.str());
    if (change == nullptr) continue;
    days = std::max(days, static_cast<int>(number_in(*change, "apart_days", 1)));
  }
  return days;
}

bool is_paused(const inventory::View& view, const CourseId& course, Day day) {
  const std::vector<std::string> ids = pauses_of(view, course);
  return std::ranges::any_of(
      ids, [&](const std::string& id) { return covers_day(*view.document("pause", id), day); });
}

schedule::GapRule gap_rule(const config::ProtocolConfig& protocol, int number) {
  schedule::GapRule rule;
  rule.min = protocol.shortest_gap();
  rule.max = protocol.longest_gap();
  // Before dose 2 and 3 of a protocol with two early doses.
  if (number >= 2 && number <= protocol.early_doses + 1) {
    rule.min = std::max(rule.min, protocol.early_min_days);
  }
  for (int gap = rule.min; gap <= rule.max; ++gap) rule.cost.push_back(protocol.gap_cost(gap));
  return rule;
}

std::string why_unplannable(const config::ProtocolConfig& protocol) {
  const auto [shortest, longest] = protocol.lead_days();
  if (protocol.reculture_max_hours == 0) {
    return cat("protocol ", protocol.id.str(), " version ", protocol.version,
               " has no reculture_hours, set by your laboratory");
  }
  if (longest < shortest) {
    return cat("no whole number of days lies within the re-culture hours of protocol ",
               protocol.id.str());
  }
  return {};
}

void block_pauses(const config::SiteConfig& site, const inventory::View& view,
                  const CourseId& course, Day first, int days, schedule::Series& series) {
  for (const std::string& id : pauses_of(view, course)) {
    const Json& pause = *view.document("pause", id);
    const Result<Day> from = parse_day(text_in(pause, "from"));
    const Result<Day> until = parse_day(text_in(pause, "until"));
    if (!from) continue;
    if (series.blocked.empty()) series.blocked.assign(static_cast<std::size_t>(days), 0);
    // Nothing is thawed in that time either: the first infusion after it is a culture later.
    const config::AroundConfig around = around_of(site, view, pause);
    const int after = std::max(series.transport + series.lead_max, around.after);
    const int last = until ? until->number - first.number + after : days - 1;
    const int begin = from->number - first.number - around.before;
    for (int d = std::max(0, begin); d <= std::min(days - 1, last); ++d) {
      series.blocked[static_cast<std::size_t>(d)] = 1;
    }
    series.resumes = true;
  }
}

bool may_be_planned(inventory::DoseState state) {
  using inventory::DoseState;
  return state == DoseState::expected || state == DoseState::stored || state == DoseState::planned;
}

WallTime safe_from(const config::SiteConfig& site, WallTime plan_now) {
  return plan_now + days(std::max(site.plan.resume_within_days, site.plan.freeze_days + 1));
}

std::string refusal_of(const inventory::View& view, const inventory::Course& course) {
  if (inventory::spec_of(view, course) != inventory::SpecState::failed) return {};
  std::string failed;
  for (const std::string& test : inventory::failed_tests(view, course.lot)) {
    failed += cat(failed.empty() ? "" : ", ", test);
  }
  return cat("its lot ", course.lot.str(), " failed ", failed);
}

bool has_dates(const inventory::Course& course) {
  return std::ranges::any_of(course.doses, [](const inventory::Dose& dose) {
    return may_be_planned(dose.state) && dose.thaw_at.ms != 0;
  });
}

std::vector<DoseId> too_soon(const config::SiteConfig& site, const config::ProtocolConfig& protocol,
                             const inventory::Course& course) {
  std::vector<std::pair<Day, const inventory::Dose*>> given;
  for (const inventory::Dose& dose : course.doses) {
    const bool out = dose.state == inventory::DoseState::rejected ||
                     dose.state == inventory::DoseState::returned;
    const WallTime at = dose.infused_at.ms != 0 ? dose.infused_at : dose.infusion_at;
    if (!out && at.ms != 0) given.emplace_back(site.zone.local(at).day, &dose);
  }
  std::ranges::stable_sort(given, {}, [](const auto& one) { return one.first; });
  std::vector<DoseId> soon;
  for (std::size_t k = 1; k < given.size(); ++k) {
    const int gap = given[k].first.number - given[k - 1].first.number;
    if (!may_be_planned(given[k].second->state)) continue;
    if (gap < gap_rule(protocol, static_cast<int>(k) + 1).min) soon.push_back(given[k].second->id);
  }
  return soon;
}

}  // namespace cryobank::core
