#include "service/schedule/exchange.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "base/try.hpp"
#include "service/schedule/day_model.hpp"

namespace cryobank::schedule {
namespace {

// Version 1 has no bridges: no gap is longer than its rule.
constexpr int kExchangeVersion = 2;

constexpr std::array<std::string_view, 4> kOn{"thaw", "culture", "harvest", "infusion"};

// Words of a text, with the line each stands on.
class Words {
 public:
  explicit Words(std::string_view text) : text_(text) {}

  std::string_view word() {
    while (at_ < text_.size() && blank(text_[at_])) {
      if (text_[at_] == '\n') ++line_;
      ++at_;
    }
    const std::size_t from = at_;
    while (at_ < text_.size() && !blank(text_[at_])) ++at_;
    return text_.substr(from, at_ - from);
  }
  std::int64_t number(std::int64_t low, std::int64_t high) {
    const std::string_view came = word();
    const Result<std::int64_t> value = parse_integer(came);
    if (value && *value >= low && *value <= high) return *value;
    wrong(cat("a number from ", low, " to ", high), came);
    return low;
  }
  int integer(int low, int high) { return static_cast<int>(number(low, high)); }
  void expect(std::string_view wanted) {
    const std::string_view came = word();
    if (came != wanted) wrong(cat("\"", wanted, "\""), came);
  }
  void wrong(std::string_view expected, std::string_view came) {
    if (!status_) return;
    status_ = make_error(ErrorCode::malformed, cat("line ", line_, ": expected ", expected,
                                                   ", came \"", clip(came, 40), "\""));
  }
  bool ok() const { return status_.ok(); }
  const Status& status() const { return status_; }

 private:
  static bool blank(char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r'; }
  std::string_view text_;
  std::size_t at_ = 0;
  int line_ = 1;
  Status status_;
};

constexpr int kDayMin = -10'000;  // fixed doses may lie before the horizon
constexpr int kDayMax = 10'000;

void read_dose(Words& words, Series& series) {
  DoseNeed dose;
  dose.number = words.integer(1, 1'000);
  dose.earliest = words.integer(kDayMin, kDayMax);
  dose.latest = words.integer(kDayMin, kDayMax);
  const int published = words.integer(-1, kDayMax);
  dose.published_day = published < 0 ? kNoDay : published;
  dose.published_lead = words.integer(0, kLeadDaysMax);
  dose.told = words.integer(0, 1) == 1;
  GapRule gap;
  gap.min = words.integer(0, kGapDaysMax);
  gap.max = words.integer(gap.min, kGapDaysMax);
  for (int g = gap.min; g <= gap.max && words.ok(); ++g) {
    gap.cost.push_back(words.integer(0, kGapCostMax));
  }
  series.doses.push_back(dose);
  series.gaps.push_back(std::move(gap));
}

void read_demand(Words& words, Series& series) {
  Demand demand;
  demand.resource = words.integer(0, kResourcesMax);
  const std::string_view told = words.word();
  // "infusion+2": two days after it.
  const std::size_t plus = told.find('+');
  const std::string_view on = told.substr(0, plus);
  bool known = false;
  for (std::size_t i = 0; i < kOn.size(); ++i) {
    if (kOn[i] != on) continue;
    demand.on = static_cast<Demand::On>(i);
    known = true;
  }
  if (plus != std::string_view::npos) {
    const std::string_view days = told.substr(plus + 1);
    known = known && demand.on == Demand::On::infusion && !days.empty() && days.size() <= 2 &&
            days.find_first_not_of("0123456789") == std::string_view::npos;
    for (const char digit : known ? days : std::string_view()) {
      demand.after = demand.after * 10 + (digit - '0');
    }
  }
  if (!known) words.wrong("thaw, culture, harvest, infusion or infusion+days", told);
  demand.amount = words.integer(0, kAmountMax);
  series.demands.push_back(demand);
}

void read_bridges(Words& words, Series& series) {
  words.expect("bridges");
  for (int i = words.integer(0, kHorizonDaysMax); i > 0 && words.ok(); --i) {
    Bridge bridge;
    const int before = words.integer(-1, kHorizonDaysMax);
    bridge.before = before < 0 ? kNoDay : before;
    bridge.after = words.integer(0, kHorizonDaysMax);
    bridge.closed = words.integer(0, 1) == 1;
    series.bridges.push_back(bridge);
  }
}

void read_series(Words& words, int version, DayProblem& problem) {
  Series series;
  series.name = std::string(words.word());
  series.patient = std::string(words.word());
  series.weight = words.integer(1, 9);
  series.release = words.integer(kDayMin, kDayMax);
  series.first_thaw = words.integer(kDayMin, kDayMax);
  series.lead_min = words.integer(0, kLeadDaysMax);
  series.lead_max = words.integer(0, kLeadDaysMax);
  series.transport = words.integer(0, kLeadDaysMax);
  series.thaw_calendar = words.integer(0, kResourcesMax);
  series.clinic_calendar = words.integer(0, kResourcesMax);
  series.resumes = words.integer(0, 1) == 1;
  words.expect("blocked");
  const int blocked = words.integer(0, problem.days);
  if (blocked > 0) series.blocked.assign(static_cast<std::size_t>(problem.days), 0);
  for (int i = 0; i < blocked && words.ok(); ++i) {
    series.blocked[static_cast<std::size_t>(words.integer(0, problem.days - 1))] = 1;
  }
  words.expect("demands");
  for (int i = words.integer(0, kResourcesMax); i > 0 && words.ok(); --i)
    read_demand(words, series);
  if (version > 1) read_bridges(words, series);
  words.expect("fixed");
  for (int i = words.integer(0, kDosesPerSeriesMax); i > 0 && words.ok(); --i) {
    FixedDose fixed;
    fixed.number = words.integer(1, 1'000);
    fixed.day = words.integer(kDayMin, kDayMax);
    fixed.lead = words.integer(0, kLeadDaysMax);
    fixed.uses = words.integer(0, 1) == 1;
    series.fixed.push_back(fixed);
  }
  words.expect("doses");
  for (int i = words.integer(0, kDosesPerSeriesMax); i > 0 && words.ok(); --i) {
    read_dose(words, series);
  }
  problem.series.push_back(std::move(series));
}

void read_calendars(Words& words, DayProblem& problem) {
  words.expect("calendars");
  for (int i = words.integer(1, kResourcesMax); i > 0 && words.ok(); --i) {
    problem.calendar_names.push_back(std::string(words.word()));
    const std::string_view marks = words.word();
    if (static_cast<int>(marks.size()) != problem.days) words.wrong("one 0 or 1 a day", marks);
    OpenDays open;
    for (const char mark : marks) {
      if (mark != '0' && mark != '1') words.wrong("0 or 1", marks);
      open.push_back(mark == '1' ? 1 : 0);
    }
    problem.calendars.push_back(std::move(open));
  }
}

void read_resources(Words& words, DayProblem& problem) {
  words.expect("resources");
  for (int i = words.integer(0, kResourcesMax); i > 0 && words.ok(); --i) {
    Resource resource;
    resource.name = std::string(words.word());
    resource.reserve = words.integer(0, kAmountMax);
    for (int d = 0; d < problem.days && words.ok(); ++d) {
      resource.capacity.push_back(words.integer(0, kAmountMax));
    }
    problem.resources.push_back(std::move(resource));
  }
}

// The format separates by blanks; a name of several words is written as one.
std::string one_word(std::string name) {
  std::replace(name.begin(), name.end(), ' ', '-');
  return name.empty() ? std::string("-") : name;
}

void add_series(std::string& out, const Series& series) {
  out += cat(series.name, " ", series.patient.empty() ? "-" : series.patient, " ", series.weight,
             " ", series.release, " ", series.first_thaw, " ", series.lead_min, " ",
             series.lead_max, " ", series.transport, " ", series.thaw_calendar, " ",
             series.clinic_calendar, " ", series.resumes ? 1 : 0, "\n");
  std::string blocked;
  int count = 0;
  for (std::size_t d = 0; d < series.blocked.size(); ++d) {
    if (series.blocked[d] == 0) continue;
    blocked += cat(" ", d);
    ++count;
  }
  out += cat("blocked ", count, blocked, "\ndemands ", series.demands.size());
  for (const Demand& demand : series.demands) {
    out += cat(" ", demand.resource, " ", kOn[static_cast<std::size_t>(demand.on)],
               demand.after > 0 ? cat("+", demand.after) : std::string(), " ", demand.amount);
  }
  out += cat("\nbridges ", series.bridges.size());
  for (const Bridge& bridge : series.bridges) {
    out += cat(" ", std::max(-1, bridge.before), " ", bridge.after, " ", bridge.closed ? 1 : 0);
  }
  out += cat("\nfixed ", series.fixed.size());
  for (const FixedDose& fixed : series.fixed) {
    out += cat(" ", fixed.number, " ", fixed.day, " ", fixed.lead, " ", fixed.uses ? 1 : 0);
  }
  out += cat("\ndoses ", series.doses.size(), "\n");
  for (std::size_t k = 0; k < series.doses.size(); ++k) {
    const DoseNeed& dose = series.doses[k];
    const GapRule& gap = series.gaps[k];
    // Where no gap is allowed the dose has no last day: the same, in the form that is read.
    const bool none = gap.cost.empty();
    out += cat(dose.number, " ", dose.earliest, " ", none ? -1 : dose.latest, " ",
               std::max(-1, dose.published_day), " ", std::max(0, dose.published_lead), " ",
               dose.told ? 1 : 0, " ", none ? gap.max : gap.min, " ", gap.max);
    if (none) out += " 0";
    for (const std::int32_t cost : gap.cost) out += cat(" ", cost);
    out += "\n";
  }
}

}  // namespace

std::string write_problem(const DayProblem& problem) {
  std::string out =
      cat("dose-series ", kExchangeVersion, "\ndays ", problem.days, "\ntoday ", problem.today,
          "\nweights ", problem.weights.unscheduled, " ", problem.weights.interval, " ",
          problem.weights.waiting, "\ncalendars ", problem.calendars.size(), "\n");
  for (std::size_t c = 0; c < problem.calendars.size(); ++c) {
    out += cat(c < problem.calendar_names.size() ? problem.calendar_names[c] : cat("calendar-", c),
               " ");
    for (const std::uint8_t open : problem.calendars[c]) out += open != 0 ? '1' : '0';
    out += "\n";
  }
  out += cat("resources ", problem.resources.size(), "\n");
  for (const Resource& resource : problem.resources) {
    out += cat(one_word(resource.name), " ", resource.reserve);
    for (const std::int32_t capacity : resource.capacity) out += cat(" ", capacity);
    out += "\n";
  }
  out += cat("series ", problem.series.size(), "\n");
  for (const Series& series : problem.series) add_series(out, series);
  out += cat("apart ", problem.apart.size(), "\n");
  for (const Apart& rule : problem.apart) {
    out += cat(rule.first, " ", rule.second, " ", rule.days, "\n");
  }
  return out + "end\n";
}

Result<DayProblem> read_problem(std::string_view text) {
  if (text.size() > kExchangeBytesMax) {
    return make_error(ErrorCode::too_large, cat("expected at most ", kExchangeBytesMax, " bytes"));
  }
  Words words(text);
  DayProblem problem;
  words.expect("dose-series");
  const int version = words.integer(1, kExchangeVersion);
  words.expect("days");
  problem.days = words.integer(1, kHorizonDaysMax);
  words.expect("today");
  problem.today = words.integer(0, problem.days - 1);
  words.expect("weights");
  constexpr Cost kWeightMax = 1'000'000'000'000;
  problem.weights.unscheduled = words.number(1, kWeightMax);
  problem.weights.interval = words.number(0, kWeightMax);
  problem.weights.waiting = words.number(0, kWeightMax);
  if (words.ok()) read_calendars(words, problem);
  if (words.ok()) read_resources(words, problem);
  words.expect("series");
  for (int i = words.integer(0, kSeriesMax); i > 0 && words.ok(); --i) {
    read_series(words, version, problem);
  }
  words.expect("apart");
  for (int i = words.integer(0, kSeriesMax); i > 0 && words.ok(); --i) {
    Apart rule;
    rule.first = words.integer(0, kSeriesMax);
    rule.second = words.integer(0, kSeriesMax);
    rule.days = words.integer(1, kGapDaysMax);
    problem.apart.push_back(rule);
  }
  words.expect("end");
  if (!words.ok()) return words.status().error();
  TRY(check(problem));
  return problem;
}

std::string write_plan(const DayProblem& problem, const Routes& routes, Cost bound) {
  const Objective objective = measure(problem, routes);
  std::string visits;
  std::size_t count = 0;
  for (std::size_t s = 0; s < routes.size(); ++s) {
    for (std::size_t k = 0; k < routes[s].visits.size(); ++k) {
      const Visit& visit = routes[s].visits[k];
      visits += cat(problem.series[s].name, " ", problem.series[s].doses[k].number, " ",
                    visit.period, " ", visit.variant, "\n");
      ++count;
    }
  }
  return cat("dose-series-plan 1\ncost ", objective.unscheduled, " ", objective.interval, " ",
             objective.waiting, "\nbound ", bound, "\nvisits ", count, "\n", visits, "end\n");
}

}  // namespace cryobank::schedule
