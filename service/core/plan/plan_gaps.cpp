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

// What a series asks of the calendars.
struct GapSeries {
  schedule::GapQuestion question;
  std::vector<schedule::GapRule> rules;  // between its doses
  int placed() const { return schedule::doses_in_a_row(question, rules); }
  bool fits() const { return placed() > static_cast<int>(rules.size()); }
};

// The shortest re-culture, in days, with which all doses find a day; 0: none.
int lead_that_would_do(GapSeries series) {
  for (int lead = 1; lead <= schedule::kLeadDaysMax; ++lead) {
    series.question.lead_min = series.question.lead_max = lead;
    if (series.fits()) return lead;
  }
  return 0;
}

// The longest interval, in days, with which they do; 0: none within a few more.
int interval_that_would_do(GapSeries series) {
  constexpr int kDaysMore = 14;
  for (int more = 1; more <= kDaysMore; ++more) {
    for (schedule::GapRule& rule : series.rules) ++rule.max;
    if (series.fits()) return series.question.gap_max + more;
  }
  return 0;
}

// What is asked for at one place: a protocol, or a course by its own.
class GapSearch {
 public:
  GapSearch(const config::SiteConfig& site, Day first, int days, std::size_t most)
      : site_(site),
        first_(first),
        days_(days),
        most_(most),
        centre_(open_marks(site, site.plan.centre_calendar, first, days)) {}

  // Of so many doses up to `last`, when the course's last one is given.
  void add(const config::ProtocolConfig& protocol, const GapPlace& place, const CourseId& course,
           int doses, Day last) {
    const auto [shortest, longest] = protocol.lead_days();
    if (protocol.reculture_max_hours == 0 || shortest > longest || doses < 1) return;
    if (gaps_.size() >= most_) return;
    GapSeries series;
    schedule::GapQuestion& question = series.question;
    question.centre = centre_;
    question.clinic = open_marks(site_, place.calendar, first_, days_);
    question.lead_min = shortest;
    question.lead_max = longest;
    question.transport = transport_days(site_, protocol);
    question.gap_min = protocol.shortest_gap();
    question.gap_max = protocol.longest_gap();
    for (int left = doses - 1; left > 0; --left) {
      series.rules.push_back(gap_rule(protocol, protocol.doses - left + 1));
    }
    CalendarGap told;
    told.protocol = protocol.id.str();
    told.course = course;
    told.clinic = place.clinic;
    told.shortest = question.gap_min;
    told.allowed = question.gap_max;
    told.from = told.to = first_;
    told.placed = series.placed();
    told.doses = doses;
    if (!series.fits()) {
      told.lead_cure = lead_that_would_do(series);
      told.interval_cure = told.placed == 0 ? 0 : interval_that_would_do(series);
      return keep(told);
    }
    if (doses < 2) return;
    for (const schedule::ForcedGap& gap : schedule::forced_gaps(question)) {
      CalendarGap one = calendar_gap(gap, first_, question);
      if (one.from >= last) return;
      one.protocol = told.protocol;
      one.course = told.course;
      one.clinic = told.clinic;
      keep(one);
    }
  }

  std::vector<CalendarGap> take() { return std::move(gaps_); }

 private:
  void keep(const CalendarGap& gap) {
    if (gaps_.size() < most_) gaps_.push_back(gap);
  }

  const config::SiteConfig& site_;
  Day first_;
  int days_;
  std::size_t most_;
  schedule::OpenDays centre_;
  std::vector<CalendarGap> gaps_;
};

int doses_left(const inventory::Course& course) {
  return static_cast<int>(std::ranges::count_if(
      course.doses, [](const inventory::Dose& dose) { return may_be_planned(dose.state); }));
}

// Local day of its last infusion; one that has no day yet may be on any.
Day last_infusion_day(const config::SiteConfig& site, const inventory::Course& course, Day end) {
  Day last{};
  for (const inventory::Dose& dose : course.doses) {
    if (!may_be_planned(dose.state)) continue;
    last = std::max(last, dose.infusion_at.ms == 0 ? end : site.zone.local(dose.infusion_at).day);
  }
  return last;
}

// Courses with another interval than their protocol's.
void add_courses(const config::SiteConfig& site, const inventory::View& view, Day end,
                 GapSearch& search) {
  for (const std::string& id : view.documents("change")) {
    const Result<CourseId> course_id = CourseId::parse(id);
    const inventory::Course* course = course_id ? view.course(*course_id) : nullptr;
    if (course == nullptr || !refusal_of(view, *course).empty()) continue;
    const auto own = protocol_of(site, view, *course);
    const config::ProtocolConfig* usual =
        site.find_protocol(course->protocol, course->protocol_version);
    if (!own ||
        (own->longest_gap() == usual->longest_gap() &&
         own->shortest_gap() == usual->shortest_gap() && own->early_doses == usual->early_doses &&
         own->early_min_days == usual->early_min_days)) {
      continue;
    }
    const std::string clinic = clinic_of(site, view, id);
    const config::ClinicConfig* place = site.find_clinic(clinic);
    search.add(*own, {clinic, place == nullptr ? CalendarId() : place->calendar}, *course_id,
               doses_left(*course), last_infusion_day(site, *course, end));
  }
}

}  // namespace

std::vector<CalendarGap> calendar_gaps(const config::SiteConfig& site, const inventory::View& view,
                                       Day first, int days, std::size_t most) {
  GapSearch search(site, first, days, most);
  const Day end{first.number + days};
  add_courses(site, view, end, search);
  for (const config::ProtocolConfig& protocol : site.protocols) {
    for (const GapPlace& place : gap_places(site)) {
      search.add(protocol, place, {}, protocol.doses, end);
    }
  }
  return search.take();
}

CalendarGap calendar_gap(const schedule::ForcedGap& gap, Day first,
                         const schedule::GapQuestion& question) {
  CalendarGap told;
  told.from = Day{first.number + gap.from};
  told.to = Day{first.number + gap.to};
  told.shortest = question.gap_min;
  told.allowed = question.gap_max;
  told.cures = cures_json(gap, first);
  told.lead_cure = gap.lead_cure;
  return told;
}

Json to_json(const CalendarGap& gap) {
  Json item = span_json(gap).set("protocol", gap.protocol).set("clinic", gap.clinic);
  item.set("shortest", gap.shortest);
  if (gap.never()) {
    item.set("placed", gap.placed).set("doses", gap.doses);
    item.set("interval_cure", gap.interval_cure == 0 ? Json() : Json(gap.interval_cure));
  }
  if (!gap.course.empty()) item.set("course", gap.course.str());
  return item;
}

Json span_json(const CalendarGap& gap) {
  Json item = Json::object();
  item.set("from", format_day(gap.from)).set("to", gap.never() ? Json() : Json(format_day(gap.to)));
  item.set("days", gap.never() ? Json() : Json(gap.to.number - gap.from.number));
  item.set("allowed", gap.allowed).set("cures", gap.cures);
  return item.set("lead_cure", gap.lead_cure == 0 ? Json() : Json(gap.lead_cure));
}

namespace {

std::string interval_text(const CalendarGap& gap) {
  return gap.shortest == gap.allowed ? cat(gap.allowed) : cat(gap.shortest, " to ", gap.allowed);
}

// Nothing of it can be given, or not all, wherever it begins.
std::string never_text(const CalendarGap& gap) {
  std::string cure;
  if (gap.interval_cure > 0) cure = cat("intervals of up to ", gap.interval_cure, " days would do");
  if (gap.lead_cure > 0) {
    cure += cat(cure.empty() ? "" : ", or ", gap.lead_cure, " days of re-culture would do");
  }
  if (gap.placed > 0) {
    return cat("from ", format_day(gap.from), " on only ", gap.placed, " of ", gap.doses,
               " doses find days ", interval_text(gap),
               " apart on which centre and clinic are open as its re-culture needs, wherever the "
               "course begins; ",
               cure.empty() ? "open more days" : cure);
  }
  return cat("no infusion is possible from ", format_day(gap.from),
             " on, since centre and clinic are never open as its re-culture needs; ",
             cure.empty() ? "no length of re-culture would do: open more days" : cure);
}

}  // namespace

std::string to_text(const CalendarGap& gap) {
  const std::string where =
      cat(gap.course.empty() ? cat("protocol ", gap.protocol)
                             : cat("course ", gap.course.str(), " with its own interval"),
          gap.clinic.empty() ? "" : cat(" at ", gap.clinic));
  return cat(where, ": ", gap.never() ? never_text(gap) : span_text(gap));
}

std::string span_text(const CalendarGap& gap) {
  const std::string from = format_day(gap.from);
  const std::string to = format_day(gap.to);
  const std::string text =
      gap.narrow()
          ? cat("no two possible infusions up to ", from, " and from ", to, " on are ",
                interval_text(gap), " days apart, so a course ends there")
          : cat("no infusion is possible between ", from, " and ", to, ", ",
                gap.to.number - gap.from.number, " days where ", gap.allowed, " are allowed");
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
  for (const CalendarGap& gap :
       calendar_gaps(ask.bank.config, ask.view(), ask.today(), days, kPlanListedMax)) {
    gaps.push(to_json(gap));
  }
  Decision decision;
  const std::size_t count = gaps.items().size();
  decision.reply = Json::object().set("gaps", std::move(gaps)).set("days", days);
  decision.message = cat(count, " gaps longer than allowed are forced within ", months, " months");
  return decision;
}

}  // namespace cryobank::core
