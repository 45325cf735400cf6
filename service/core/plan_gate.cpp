// What calendars, holds, the clinic's word and the incubator say to a dose.
#include <algorithm>

#include "base/text.hpp"
#include "inventory/ledger/tables.hpp"
#include "service/core/plan_commands.hpp"
#include "service/schedule/explain.hpp"
#include "service/schedule/forced_gaps.hpp"

namespace cryobank::core {
namespace {

const config::CalendarConfig* clinic_calendar(const PlanAsk& ask, const std::string& course) {
  const config::SiteConfig& site = ask.bank.config;
  const Json* document = ask.view().document("clinic", course);
  const config::ClinicConfig* clinic = document != nullptr
                                           ? site.find_clinic(document->string_or("clinic", ""))
                                       : site.clinics.empty() ? nullptr
                                                              : &site.clinics.front();
  return clinic == nullptr ? nullptr : site.find_calendar(clinic->calendar);
}

Status check_open(const PlanAsk& ask, const config::CalendarConfig* calendar, const Json& item,
                  std::string_view key) {
  const Result<WallTime> at = parse_utc(item.string_or(key, ""));
  if (!at || calendar == nullptr) return {};  // what is no time is refused by the inventory
  const Day day = ask.bank.config.zone.local(*at).day;
  const std::string why = calendar->closed_because(day);
  if (why.empty()) return {};
  return make_error(
      ErrorCode::invalid_value,
      cat("dose ", item.string_or("dose", "?"), ": expected an open day at \"", key, "\", came ",
          format_day(day), ", on which calendar ", calendar->id.str(), " is closed: ", why));
}

Json cures_json(const schedule::ForcedGap& gap, Day first) {
  Json cures = Json::array();
  for (const std::vector<schedule::OpenDay>& set : gap.cures) {
    Json days = Json::array();
    for (const schedule::OpenDay& one : set) {
      Json item = Json::object().set("open", one.centre ? "centre" : "clinic");
      days.push(item.set("day", format_day(Day{first.number + one.day})));
    }
    cures.push(std::move(days));
  }
  return cures;
}

}  // namespace

Result<Decision> check_calendars(PlanAsk& ask) {
  if (Status keys = only_keys(ask.body, {"months"}); !keys) return keys.error();
  const std::int64_t months =
      ask.body.has("months") ? ask.body["months"].is_integer() ? ask.body["months"].integer() : 0
                             : 12;
  if (months < 1 || months > 18) {
    return make_error(ErrorCode::invalid_value, "expected 1 to 18 at \"months\"");
  }
  constexpr std::int64_t kMonthDays = 31;
  const int days =
      static_cast<int>(std::min<std::int64_t>(months * kMonthDays, schedule::kHorizonDaysMax));
  const config::SiteConfig& site = ask.bank.config;
  const Day first = ask.today();
  const auto open = [&](const CalendarId& id) {
    schedule::OpenDays marks;
    const config::CalendarConfig* calendar = site.find_calendar(id);
    for (int d = 0; d < days; ++d) {
      marks.push_back(calendar == nullptr || calendar->open_on(Day{first.number + d}) ? 1 : 0);
    }
    return marks;
  };
  std::vector<std::pair<std::string, CalendarId>> clinics;
  for (const config::ClinicConfig& clinic : site.clinics)
    clinics.emplace_back(clinic.id, clinic.calendar);
  if (clinics.empty()) clinics.emplace_back("", CalendarId());
  Json gaps = Json::array();
  for (const config::ProtocolConfig& protocol : site.protocols) {
    const auto [shortest, longest] = protocol.lead_days();
    if (protocol.doses < 2 || protocol.reculture_max_hours == 0 || shortest > longest) continue;
    for (const auto& [clinic, calendar] : clinics) {
      schedule::GapQuestion question;
      question.centre = open(site.plan.centre_calendar);
      question.clinic = open(calendar);
      question.lead_min = shortest;
      question.lead_max = longest;
      question.gap_min = protocol.shortest_gap();
      question.gap_max = protocol.longest_gap();
      for (const schedule::ForcedGap& gap : schedule::forced_gaps(question)) {
        if (gaps.items().size() >= kPlanListedMax) break;
        Json item = Json::object().set("protocol", protocol.id.str()).set("clinic", clinic);
        item.set("from", format_day(Day{first.number + gap.from}));
        item.set("to", format_day(Day{first.number + gap.to})).set("days", gap.days());
        item.set("allowed", protocol.longest_gap()).set("cures", cures_json(gap, first));
        gaps.push(item.set("lead_cure", gap.lead_cure == 0 ? Json() : Json(gap.lead_cure)));
      }
    }
  }
  Decision decision;
  const std::size_t count = gaps.items().size();
  decision.reply = Json::object().set("gaps", std::move(gaps)).set("days", days);
  decision.message = cat(count, " gaps longer than allowed are forced within ", months, " months");
  return decision;
}

Status check_open_days(const PlanAsk& ask, const Json& body) {
  const config::CalendarConfig* centre =
      ask.bank.config.find_calendar(ask.bank.config.plan.centre_calendar);
  const config::CalendarConfig* clinic = clinic_calendar(ask, body.string_or("course", ""));
  const Json list = body["doses"].is_array() ? body["doses"] : Json(Json::Array{body});
  for (const Json& item : list.items()) {
    if (!item.is_object()) return {};
    for (const std::string_view key : {"thaw_at", "harvest_from"}) {
      if (Status open = check_open(ask, centre, item, key); !open) return open;
    }
    if (Status open = check_open(ask, clinic, item, "infusion_at"); !open) return open;
  }
  return {};
}

Result<Json> plan_from(const PlanAsk& ask, const inventory::Course& course, Day first) {
  PlanProblem made = make_plan_problem(ask.bank.config, ask.view(),
                                       ask.clock.plan_time(ask.context.now.wall), {course.id});
  const auto found = std::find(made.courses.begin(), made.courses.end(), course.id);
  if (found == made.courses.end()) {
    return make_error(ErrorCode::conflict, made.left_out.empty() ? "nothing of it can be planned"
                                                                 : made.left_out.back());
  }
  const auto series = static_cast<std::size_t>(found - made.courses.begin());
  schedule::Series& own = made.problem.series[series];
  own.release = std::max(own.release, first.number - made.first.number);
  for (schedule::DoseNeed& dose : own.doses) dose.published_day = -1;
  made.standing[series] = schedule::Route{};
  const schedule::DayModel model(made.problem, schedule::Reserve::kept);
  schedule::Load free = model.capacity();
  for (const schedule::Route& route : made.standing) {
    for (const schedule::Visit& visit : route.visits) {
      for (const schedule::CellUse& use : visit.cells)
        free[static_cast<std::size_t>(use.cell)] -= use.amount;
    }
  }
  const schedule::Route route = model.best(static_cast<int>(series), &free, {}, made.standing);
  if (route.missing > 0) {
    std::string why;
    made.standing[series] = route;
    for (const schedule::LateDose& late : schedule::explain(model, made.standing)) {
      if (late.series != static_cast<int>(series) || late.day >= 0) continue;
      why += cat(why.empty() ? "" : "; ", "dose ", late.number, " finds no day:");
      for (const schedule::Reason& reason : late.reasons) {
        why += cat(" ", schedule::to_text(made.problem, reason), ",");
      }
    }
    return make_error(ErrorCode::no_space,
                      cat(route.missing, " doses find no day. ", clip(why, 500)));
  }
  const auto protocol = protocol_of(ask.bank.config, ask.view(), course);
  if (!protocol) return protocol.error();
  Json doses = Json::array();
  for (std::size_t k = 0; k < route.visits.size(); ++k) {
    const Day day{made.first.number + route.visits[k].period};
    doses.push(planned_dose(ask.bank.config, *protocol, made.doses[series][k], day,
                            route.visits[k].variant));
  }
  return Json::object().set("course", course.id.str()).set("doses", std::move(doses));
}

Status check_thaw_gate(const PlanAsk& ask, const CourseId& course, const DoseId& dose) {
  const inventory::View view = ask.view();
  const inventory::Course* found = view.course(course);
  const inventory::Dose* own = found == nullptr ? nullptr : found->find(dose);
  if (own == nullptr) return {};  // the inventory says what is wrong
  const WallTime now = ask.clock.plan_time(ask.context.now.wall);
  const config::PlanConfig& plan = ask.bank.config.plan;
  const Day today = ask.bank.config.zone.local(now).day;
  const Day infusion =
      own->infusion_at.ms == 0 ? today : ask.bank.config.zone.local(own->infusion_at).day;
  if (is_paused(view, course, today) || is_paused(view, course, infusion)) {
    return make_error(ErrorCode::conflict, cat("course ", course.str(), " is held"));
  }
  if (plan.fit_to_thaw.ns > 0) {
    const Json* fit = view.document("fit", cat(course.str(), ".", dose.str()));
    const Result<WallTime> until = parse_utc(fit == nullptr ? "" : fit->string_or("until", ""));
    if (!until || *until < now) {
      return make_error(ErrorCode::interlock,
                        cat("the clinic has not said within ", plan.fit_to_thaw.seconds() / 3'600,
                            " h that the patient of dose ", dose.str(), " of course ", course.str(),
                            " is fit (dose/fit)"));
    }
  }
  for (const config::PlanResourceConfig& resource : plan.resources) {
    if (resource.on != config::PlanResourceConfig::On::culture) continue;
    int used = 0;
    for (const inventory::Appointment& entry : view.base().agenda) {
      if (entry.step != inventory::Step::thaw) continue;
      const inventory::Course* other = view.course(entry.course);
      const inventory::DoseState state = other->dose(entry.dose).state;
      const bool inside = state == inventory::DoseState::thawing ||
                          state == inventory::DoseState::thawed ||
                          state == inventory::DoseState::reculture;
      used += inside ? resource.amount : 0;
    }
    if (used + resource.amount > resource.per_day) {
      return make_error(ErrorCode::no_space,
                        cat(resource.id, " is full: ", used, " of ", resource.per_day, " in use"));
    }
  }
  return {};
}

}  // namespace cryobank::core
