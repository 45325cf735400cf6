#include "service/core/plan/plan_gaps.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "base/try.hpp"
#include "service/core/plan/plan_ask.hpp"

namespace cryobank::core {
namespace {

constexpr std::int64_t kMonthDays = 31;
constexpr std::int64_t kGapMonthsMax = 18;
constexpr std::size_t kCuresSaid = 3;

struct GapPlace {
  std::string clinic;
  CalendarId calendar;
};

std::vector<GapPlace> gap_places(const config::SiteConfig& site) {
  std::vector<GapPlace> places;
  for (const config::ClinicConfig& clinic : site.clinics) {
    places.push_back({clinic.id, clinic.calendar});
  }
  if (places.empty()) places.push_back({});
  return places;
}

schedule::OpenDays open_marks(const config::SiteConfig& site, const CalendarId& id, Day first,
                              int days) {
  schedule::OpenDays marks;
  const config::CalendarConfig* calendar = site.find_calendar(id);
  for (int d = 0; d < days; ++d) {
    marks.push_back(calendar == nullptr || calendar->open_on(Day{first.number + d}) ? 1 : 0);
  }
  return marks;
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

// The shortest re-culture, in days, for which there is an infusion day at all; 0: none.
int lead_that_would_do(schedule::GapQuestion question) {
  for (int lead = 1; lead <= schedule::kLeadDaysMax; ++lead) {
    question.lead_min = question.lead_max = lead;
    if (!schedule::possible_days(question).empty()) return lead;
  }
  return 0;
}

std::vector<CalendarGap> gaps_at(const schedule::GapQuestion& question, const GapPlace& place,
                                 const config::ProtocolConfig& protocol, Day first) {
  CalendarGap told;
  told.protocol = protocol.id.str();
  told.clinic = place.clinic;
  told.allowed = protocol.longest_gap();
  told.from = told.to = first;
  if (schedule::possible_days(question).empty()) {
    told.lead_cure = lead_that_would_do(question);
    return {told};
  }
  std::vector<CalendarGap> gaps;
  for (const schedule::ForcedGap& gap : schedule::forced_gaps(question)) {
    gaps.push_back(calendar_gap(gap, first, told.allowed));
    gaps.back().protocol = told.protocol;
    gaps.back().clinic = told.clinic;
  }
  return gaps;
}

}  // namespace

std::vector<CalendarGap> calendar_gaps(const config::SiteConfig& site, Day first, int days,
                                       std::size_t most) {
  std::vector<CalendarGap> gaps;
  for (const config::ProtocolConfig& protocol : site.protocols) {
    const auto [shortest, longest] = protocol.lead_days();
    if (protocol.doses < 2 || protocol.reculture_max_hours == 0 || shortest > longest) continue;
    schedule::GapQuestion question;
    question.centre = open_marks(site, site.plan.centre_calendar, first, days);
    question.lead_min = shortest;
    question.lead_max = longest;
    question.transport = transport_days(site, protocol);
    question.gap_min = protocol.shortest_gap();
    question.gap_max = protocol.longest_gap();
    for (const GapPlace& place : gap_places(site)) {
      question.clinic = open_marks(site, place.calendar, first, days);
      for (CalendarGap& gap : gaps_at(question, place, protocol, first)) {
        if (gaps.size() >= most) return gaps;
        gaps.push_back(std::move(gap));
      }
    }
  }
  return gaps;
}

CalendarGap calendar_gap(const schedule::ForcedGap& gap, Day first, int allowed) {
  CalendarGap told;
  told.from = Day{first.number + gap.from};
  told.to = Day{first.number + gap.to};
  told.allowed = allowed;
  told.cures = cures_json(gap, first);
  told.lead_cure = gap.lead_cure;
  return told;
}

Json to_json(const CalendarGap& gap) {
  return span_json(gap).set("protocol", gap.protocol).set("clinic", gap.clinic);
}

Json span_json(const CalendarGap& gap) {
  Json item = Json::object();
  item.set("from", format_day(gap.from)).set("to", gap.never() ? Json() : Json(format_day(gap.to)));
  item.set("days", gap.never() ? Json() : Json(gap.to.number - gap.from.number));
  item.set("allowed", gap.allowed).set("cures", gap.cures);
  return item.set("lead_cure", gap.lead_cure == 0 ? Json() : Json(gap.lead_cure));
}

std::string to_text(const CalendarGap& gap) {
  const std::string where =
      cat("protocol ", gap.protocol, gap.clinic.empty() ? "" : cat(" at ", gap.clinic));
  if (gap.never()) {
    return cat(where, ": no infusion is possible from ", format_day(gap.from),
               " on, since centre and clinic are never open as its re-culture needs; ",
               gap.lead_cure > 0 ? cat(gap.lead_cure, " days of re-culture would do")
                                 : std::string("no length of re-culture would do: open more days"));
  }
  return cat(where, ": ", span_text(gap));
}

std::string span_text(const CalendarGap& gap) {
  const std::string text =
      cat("no infusion is possible between ", format_day(gap.from), " and ", format_day(gap.to),
          ", ", gap.to.number - gap.from.number, " days where ", gap.allowed, " are allowed");
  std::string cures;
  for (std::size_t i = 0; i < gap.cures.items().size() && i < kCuresSaid; ++i) {
    std::string set;
    for (const Json& day : gap.cures.items()[i].items()) {
      set += cat(set.empty() ? "" : " with ", text_in(day, "open"), " on ", text_in(day, "day"));
    }
    cures += cat(cures.empty() ? "; opening cures it: " : ", or ", set);
  }
  if (gap.lead_cure > 0) cures += cat("; ", gap.lead_cure, " days of re-culture would do");
  return cat(text, cures.empty() ? "; no opening would cure it" : cures);
}

Result<Decision> check_calendars(PlanAsk& ask) {
  TRY(only_keys(ask.body, {"months"}));
  std::int64_t months = kGapMonths;
  if (ask.body.has("months")) {
    TRY_ASSIGN(const std::int64_t given, ask.body.get_integer("months"));
    months = given;
  }
  if (months < 1 || months > kGapMonthsMax) {
    return make_error(ErrorCode::invalid_value,
                      cat("expected 1 to ", kGapMonthsMax, " at \"months\", came ", months));
  }
  const int days =
      static_cast<int>(std::min<std::int64_t>(months * kMonthDays, schedule::kHorizonDaysMax));
  Json gaps = Json::array();
  for (const CalendarGap& gap : calendar_gaps(ask.bank.config, ask.today(), days, kPlanListedMax)) {
    gaps.push(to_json(gap));
  }
  Decision decision;
  const std::size_t count = gaps.items().size();
  decision.reply = Json::object().set("gaps", std::move(gaps)).set("days", days);
  decision.message = cat(count, " gaps longer than allowed are forced within ", months, " months");
  return decision;
}

}  // namespace cryobank::core
