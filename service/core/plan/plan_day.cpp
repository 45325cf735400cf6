#include "service/core/plan/plan_day.hpp"

#include <algorithm>
#include <map>

#include "base/text.hpp"

namespace cryobank::core {
namespace {

constexpr std::string_view kDayLate = "day-late";
constexpr std::string_view kHangsOnOne = "day-hangs-on-one";
constexpr std::string_view kDaySource = "plan";
constexpr std::uint64_t kDaySeed = 20'261'130;

std::string dose_source(const SheetItem& item) {
  return alarm_source(cat(item.course.str(), ".", item.dose.str()));
}

WallTime time_at(const config::SiteConfig& site, Day day, int minute) {
  return site.zone.at(day, 0) + minutes(minute);
}

const schedule::MinuteStep& step_of(const DayPlan& plan, const schedule::MinuteSlot& slot) {
  return plan.sheet.minutes.chains[static_cast<std::size_t>(slot.chain)]
      .steps[static_cast<std::size_t>(slot.step)];
}

std::string person_of(const DayPlan& plan, int person) {
  return person < 0 ? std::string()
                    : plan.sheet.minutes.people[static_cast<std::size_t>(person)].name;
}

std::string machine_of(const DayPlan& plan, int machine) {
  return machine < 0 ? std::string()
                     : plan.sheet.minutes.machines[static_cast<std::size_t>(machine)].name;
}

// Chain and minutes: the most of what it is late and what it waits.
std::map<int, int> late_chains(const DayPlan& plan) {
  std::map<int, int> late;
  for (const auto& list : {plan.plan.late, plan.plan.waits}) {
    for (const auto& [chain, minutes] : list) late[chain] = std::max(late[chain], minutes);
  }
  return late;
}

// "09:30": what the clock shows.
std::string clock_text(const config::SiteConfig& site, Day day, int minute) {
  return format_minute(site.zone.local(time_at(site, day, minute)).minute);
}

bool waits_too_long(const DayPlan& plan, int chain, int over) {
  return std::ranges::any_of(
      plan.plan.waits, [&](const auto& one) { return one.first == chain && one.second == over; });
}

std::string late_text(const config::SiteConfig& site, const DayPlan& plan, int chain, int over) {
  const SheetItem& item = plan.sheet.items[static_cast<std::size_t>(chain)];
  const std::string name = cat("Dose ", item.dose.str(), " of course ", item.course.str());
  if (waits_too_long(plan, chain, over)) {
    return cat(name, " waits ", over, " min longer between two steps than it may");
  }
  if (item.thaw) return cat(name, " is thawed ", over, " min later than it may be");
  const std::string courier = item.run.courier.empty() ? std::string("its time to leave")
                                                       : cat("courier ", item.run.courier);
  return cat(name, " misses ", courier, " at ", clock_text(site, plan.sheet.day, item.run.leaves),
             " by ", over, " min");
}

// The same with a code for programs: waits, thawed-late, misses-courier, leaves-late.
Json late_dose_json(const config::SiteConfig& site, const DayPlan& plan, int chain, int over) {
  const SheetItem& item = plan.sheet.items[static_cast<std::size_t>(chain)];
  Json json = Json::object().set("course", item.course.str()).set("dose", item.dose.str());
  json.set("minutes", over).set("why", late_text(site, plan, chain, over));
  if (waits_too_long(plan, chain, over)) return json.set("code", "waits");
  if (item.thaw) return json.set("code", "thawed-late");
  json.set("leaves", format_utc(time_at(site, plan.sheet.day, item.run.leaves)));
  if (item.run.courier.empty()) return json.set("code", "leaves-late");
  return json.set("code", "misses-courier").set("courier", item.run.courier);
}

Json slot_json(const config::SiteConfig& site, const DayPlan& plan,
               const schedule::MinuteSlot& slot) {
  const SheetItem& item = plan.sheet.items[static_cast<std::size_t>(slot.chain)];
  const schedule::MinuteStep& step = step_of(plan, slot);
  const auto or_null = [](std::string text) {
    return text.empty() ? Json() : Json(std::move(text));
  };
  Json json = Json::object().set("from", format_utc(time_at(site, plan.sheet.day, slot.start)));
  json.set("until", format_utc(time_at(site, plan.sheet.day, slot.end)));
  json.set("of", item.thaw ? "thaw" : "harvest").set("step", step.name);
  json.set("course", item.course.str()).set("dose", item.dose.str());
  json.set("machine", or_null(machine_of(plan, step.machine)));
  json.set("person", or_null(person_of(plan, slot.person)));
  return json.set("running", slot.running);
}

Json runs_json(const config::SiteConfig& site, const DayPlan& plan) {
  Json runs = Json::array();
  for (const SheetItem& item : plan.sheet.items) {
    if (item.thaw || item.infusion < 0) continue;
    Json run = Json::object().set("course", item.course.str()).set("dose", item.dose.str());
    run.set("courier", item.run.courier.empty() ? Json() : Json(item.run.courier));
    run.set("leaves", format_utc(time_at(site, plan.sheet.day, item.run.leaves)));
    run.set("arrives", format_utc(time_at(site, plan.sheet.day, item.run.arrives)));
    runs.push(run.set("infusion_at", format_utc(time_at(site, plan.sheet.day, item.infusion))));
  }
  return runs;
}

Json day_dose_json(const config::SiteConfig& site, const DayPlan& plan, const SheetItem& item) {
  Json json = Json::object().set("course", item.course.str()).set("dose", item.dose.str());
  json.set("of", item.thaw ? "thaw" : "harvest");
  return json.set("due", format_utc(time_at(site, plan.sheet.day, item.due)));
}

// Below 0: earlier than due.
Json ended_json(const config::SiteConfig& site, const DayPlan& plan, Json json, int due, int ends) {
  json.set("ends", format_utc(time_at(site, plan.sheet.day, ends)));
  return json.set("minutes", ends - due);
}

// Every dose of the day, those that are over too: when its work should end and when it does.
Json doses_json(const config::SiteConfig& site, const DayPlan& plan) {
  Json doses = Json::array();
  for (const SheetDone& done : plan.sheet.done) {
    Json json = day_dose_json(site, plan, done.item).set("state", "done").set("latest", Json());
    doses.push(ended_json(site, plan, std::move(json), done.item.due, done.ended));
  }
  for (int c = 0; c < static_cast<int>(plan.sheet.items.size()); ++c) {
    const auto at = static_cast<std::size_t>(c);
    const SheetItem& item = plan.sheet.items[at];
    const schedule::MinuteChain& chain = plan.sheet.minutes.chains[at];
    int ends = -1;
    bool running = chain.done > 0;
    for (const schedule::MinuteSlot& slot : plan.plan.slots) {
      if (slot.chain != c) continue;
      running = running || slot.running;
      if (slot.step + 1 == static_cast<int>(chain.steps.size())) ends = slot.end;
    }
    Json json = day_dose_json(site, plan, item).set("state", running ? "running" : "waiting");
    json.set("latest", chain.latest < 0
                           ? Json()
                           : Json(format_utc(time_at(site, plan.sheet.day, chain.latest))));
    if (ends < 0) {
      doses.push(json.set("ends", Json()).set("minutes", Json()));
      continue;
    }
    doses.push(ended_json(site, plan, std::move(json), item.due, ends));
  }
  return doses;
}

Json infusions_json(const config::SiteConfig& site, const DayPlan& plan) {
  Json infusions = Json::array();
  for (const ClinicVisit& one : plan.sheet.infusions) {
    Json json = Json::object().set("course", one.course.str()).set("dose", one.dose.str());
    json.set("clinic", one.clinic.empty() ? Json() : Json(one.clinic)).set("done", one.done);
    const WallTime from = site.zone.at(plan.sheet.day, one.visit.from);
    json.set("from", format_utc(from));
    const bool known = one.visit.minutes > 0;
    infusions.push(
        json.set("until", known ? Json(format_utc(from + minutes(one.visit.minutes))) : Json()));
  }
  return infusions;
}

Json texts_json(const std::vector<std::string>& texts) {
  Json json = Json::array();
  for (const std::string& text : texts) json.push(text);
  return json;
}

std::vector<std::string> faults_of(const DayPlan& plan) {
  std::vector<std::string> faults = plan.plan.faults;
  for (const auto* more : {&plan.sheet.no_courier, &plan.sheet.no_chair}) {
    faults.insert(faults.end(), more->begin(), more->end());
  }
  return faults;
}

}  // namespace

DayPlan plan_day(const config::SiteConfig& site, const inventory::View& view,
                 const PlanAnchor& clock, Day day, WallTime now) {
  DayPlan made{make_day_sheet(site, view, clock, day, now), {}, {}};
  const schedule::MinuteDay& minutes = made.sheet.minutes;
  if (const Status fits = schedule::check(minutes); !fits) {
    made.plan.verdict = schedule::SearchVerdict::unknown;
    made.plan.faults.push_back(fits.error().context);
    return made;
  }
  std::size_t steps = 0;
  for (const schedule::MinuteChain& chain : minutes.chains) steps += chain.steps.size();
  made.plan = schedule::plan_minutes(minutes, kDaySeed, kDayOrders,
                                     steps <= kDayExactSteps ? kDayNodes : 0);
  if (made.plan.verdict == schedule::SearchVerdict::infeasible) return made;
  for (int person = 0; person < static_cast<int>(minutes.people.size()); ++person) {
    if (schedule::hangs_on(minutes, made.plan, person, kDaySeed, kDayOrders)) {
      made.alone.push_back(person);
    }
  }
  return made;
}

Json to_json(const config::SiteConfig& site, const DayPlan& plan) {
  Json json = Json::object().set("date", format_day(plan.sheet.day));
  json.set("time_zone", site.time_zone).set("verdict", name_of(plan.plan.verdict));
  Json steps = Json::array();
  for (const schedule::MinuteSlot& slot : plan.plan.slots) steps.push(slot_json(site, plan, slot));
  json.set("steps", std::move(steps)).set("doses", doses_json(site, plan));
  json.set("runs", runs_json(site, plan)).set("infusions", infusions_json(site, plan));
  Json late = Json::array();
  for (const auto& [chain, minutes] : late_chains(plan)) {
    late.push(late_dose_json(site, plan, chain, minutes));
  }
  json.set("late", std::move(late));
  Json alone = Json::array();
  for (const int person : plan.alone) alone.push(person_of(plan, person));
  json.set("hangs_on", std::move(alone)).set("faults", texts_json(faults_of(plan)));
  return json.set("left_out", texts_json(plan.sheet.left_out));
}

std::string to_text(const config::SiteConfig& site, const DayPlan& plan) {
  std::string out = cat("Minute plan of ", format_day(plan.sheet.day), ", ", site.time_zone, ": ",
                        name_of(plan.plan.verdict), "\n");
  for (const schedule::MinuteSlot& slot : plan.plan.slots) {
    const SheetItem& item = plan.sheet.items[static_cast<std::size_t>(slot.chain)];
    const schedule::MinuteStep& step = step_of(plan, slot);
    out += cat(clock_text(site, plan.sheet.day, slot.start), "-",
               clock_text(site, plan.sheet.day, slot.end), "  ", item.course.str(), " ",
               item.dose.str(), "  ", step.name, "  ", machine_of(plan, step.machine), "  ",
               person_of(plan, slot.person), slot.running ? "  (running)" : "", "\n");
  }
  for (const ClinicVisit& one : plan.sheet.infusions) {
    out += cat(format_minute(one.visit.from), "  ", one.course.str(), " ", one.dose.str(),
               "  infusion  ", one.clinic, one.done ? "  (done)" : "", "\n");
  }
  for (const auto& [chain, minutes] : late_chains(plan)) {
    out += cat("LATE: ", late_text(site, plan, chain, minutes), "\n");
  }
  for (const int person : plan.alone) out += cat("HANGS ON: ", person_of(plan, person), "\n");
  for (const std::string& fault : faults_of(plan)) out += cat("FAULT: ", fault, "\n");
  for (const std::string& one : plan.sheet.left_out) out += cat("left out: ", one, "\n");
  return out;
}

void DayDesk::look(const Now& now) {
  look_at_ = now.mono + kDayLook;
  const WallTime plan_now = clock_.plan_time(now.wall);
  const Day today = bank_.config.zone.local(plan_now).day;
  const DayPlan plan =
      plan_day(bank_.config, inventory::View(bank_.ledger), clock_, today, plan_now);
  tell(now, plan);
}

void DayDesk::tell(const Now& now, const DayPlan& plan) {
  tell_late(now, plan);
  tell_alone(now, plan);
  Json json = to_json(bank_.config, plan);
  std::string shown = json.dump();
  if (shown == shown_) return;
  shown_ = std::move(shown);
  news_ = std::move(json);
}

void DayDesk::tell_late(const Now& now, const DayPlan& plan) {
  std::set<std::string, std::less<>> standing;
  const auto raise = [&](std::string source, std::string text) {
    standing.insert(source);
    alarms::Condition told;
    told.source = std::move(source);
    told.condition = std::string(kDayLate);
    told.text = std::move(text);
    alarms_.raise(now, std::move(told));
  };
  for (const auto& [chain, minutes] : late_chains(plan)) {
    raise(dose_source(plan.sheet.items[static_cast<std::size_t>(chain)]),
          late_text(bank_.config, plan, chain, minutes));
  }
  const std::vector<std::string> faults = faults_of(plan);
  if (!faults.empty()) {
    raise(std::string(kDaySource),
          cat("The work of ", format_day(plan.sheet.day), " cannot be done as planned: ",
              faults.front(), faults.size() == 1 ? "" : cat(" and ", faults.size() - 1, " more")));
  }
  alarms_.clear_others(now, kDayLate, standing);
}

void DayDesk::tell_alone(const Now& now, const DayPlan& plan) {
  std::set<std::string, std::less<>> standing;
  for (const int person : plan.alone) {
    const std::string name = person_of(plan, person);
    standing.insert(alarm_source(name));
    alarms::Condition told;
    told.source = name;
    told.condition = std::string(kHangsOnOne);
    told.text = cat("The work of ", format_day(plan.sheet.day), " hangs on ", name,
                    ": nobody else can do what ", name, " does then");
    alarms_.raise(now, std::move(told));
  }
  alarms_.clear_others(now, kHangsOnOne, standing);
}

}  // namespace cryobank::core
