#include "service/core/plan/plan_sheet.hpp"

#include <algorithm>
#include <map>

#include "base/text.hpp"
#include "service/core/plan/plan_stopped.hpp"
#include "service/core/problem/plan_problem.hpp"

namespace cryobank::core {
namespace {

using config::DayStepConfig;
using inventory::Dose;
using inventory::DoseState;

constexpr int kSheetMinutes = 24 * 60;
constexpr int kOverdueDays = 2;  // a harvest of so long ago may still be to do

class SheetMaker {
 public:
  SheetMaker(const config::SiteConfig& site, const inventory::View& view, const PlanAnchor& clock,
             Day day, WallTime now)
      : site_(site), view_(view), clock_(clock), midnight_(site.zone.at(day, 0)) {
    sheet_.day = day;
    // Of a day to come nothing has passed.
    sheet_.minutes.now = std::clamp(minute_of(now), 0, schedule::kDayHorizon - 1);
    add_machines();
    add_people();
  }

  DaySheet make() {
    const WallTime from = midnight_ - days(kOverdueDays);
    const std::set<inventory::Appointment>& agenda = view_.base().agenda;
    const WallTime until = site_.zone.at(Day{sheet_.day.number + 1}, 0);
    for (auto entry = agenda.lower_bound({from, CourseId(), 0, inventory::DoseStep::thaw});
         entry != agenda.end() && entry->at < until; ++entry) {
      const inventory::Course* course = view_.course(entry->course);
      if (course == nullptr || entry->step == inventory::DoseStep::infusion) continue;
      const bool today = !(entry->at < midnight_);
      add(*course, course->dose(entry->dose), entry->step == inventory::DoseStep::thaw, today);
    }
    add_infusions();
    return std::move(sheet_);
  }

 private:
  int minute_of(WallTime at) const { return static_cast<int>((at.ms - midnight_.ms) / 60'000); }
  // Of a time of day by the clock; days longer than this one's last for as long as it does.
  int clock_minute(int minute) const {
    const Day day{sheet_.day.number + minute / kSheetMinutes};
    return minute_of(site_.zone.at(day, minute % kSheetMinutes));
  }
  // Of a time that the record has by the wall clock.
  int minute_seen(WallTime at) const { return minute_of(clock_.plan_time(at)); }

  void add_machines() {
    for (const config::DayMachineConfig& machine : site_.plan.day.machines) {
      machines_[machine.id] = static_cast<int>(sheet_.minutes.machines.size());
      sheet_.minutes.machines.push_back({machine.id, machine.count});
    }
  }

  int skill_of(const std::string& name) {
    if (name.empty()) return -1;
    const auto [found, fresh] =
        skills_.try_emplace(name, static_cast<int>(sheet_.minutes.skills.size()));
    if (fresh) sheet_.minutes.skills.push_back(name);
    return found->second;
  }

  void add_people() {
    for (const config::DayPersonConfig& person : site_.plan.day.people) {
      const config::CalendarConfig* calendar = site_.find_calendar(person.calendar);
      const bool away = (calendar != nullptr && !calendar->open_on(sheet_.day)) ||
                        std::ranges::count(person.absent, sheet_.day) > 0;
      if (away) continue;
      schedule::MinutePerson there;
      there.name = person.user.str();
      for (const std::string& skill : person.skills) there.skills.push_back(skill_of(skill));
      there.from = clock_minute(person.from_minute);
      there.until = clock_minute(person.until_minute);
      sheet_.minutes.people.push_back(std::move(there));
    }
  }

  void add(const inventory::Course& course, const Dose& dose, bool thaw, bool today) {
    const bool waits = dose.state == DoseState::planned;
    const bool inside = dose.state == DoseState::thawing || dose.state == DoseState::thawed ||
                        dose.state == DoseState::reculture;
    const bool infused = dose.state == DoseState::infused;
    const bool out =
        dose.state == DoseState::harvested || dose.state == DoseState::issued || infused;
    if (thaw && !(today && (waits || inside || out))) return;
    if (!thaw && !(inside || (today && (out || waits)))) return;
    const std::string name =
        cat(thaw ? "thaw" : "harvest", " of dose ", dose.id.str(), " of course ", course.id.str());
    if (sheet_.items.size() >= schedule::kChainsMax) {
      sheet_.left_out.push_back(
          cat(name, ": a day has at most ", schedule::kChainsMax, " of them"));
      return;
    }
    if (waits && thaw && stopped(course, dose)) {
      sheet_.left_out.push_back(cat(name, ": it is stopped"));
      return;
    }
    if (!thaw && waits) return;  // what is not thawed yet is no harvest of today's
    schedule::MinuteChain chain;
    chain.name = name;
    add_steps(thaw, chain);
    if (chain.steps.empty()) return;
    SheetItem item{course.id, dose.id, dose.number, thaw, {}, -1, 0};
    if (thaw) {
      time_thaw(dose, chain, item);
    } else {
      time_harvest(course, dose, chain, item);
    }
    const bool over = infused || (thaw && out) || chain.done == chain.steps.size();
    if (over) {
      const int ended = end_of(dose, thaw, chain);
      sheet_.done.push_back({std::move(item), ended});
      return;
    }
    sheet_.minutes.chains.push_back(std::move(chain));
    sheet_.items.push_back(std::move(item));
  }

  // When what is over ended, by the last of its steps that the record shows.
  int end_of(const Dose& dose, bool thaw, const schedule::MinuteChain& chain) const {
    if (chain.done == chain.steps.size()) return chain.done_at;
    const WallTime last = dose.issued_at.ms != 0 ? dose.issued_at : dose.harvested_at;
    const WallTime ended = thaw ? dose.reculture_at : last;
    return ended.ms == 0 ? chain.done_at : minute_seen(ended);
  }

  bool stopped(const inventory::Course& course, const Dose& dose) const {
    return !dose.blocked.empty() || is_paused(view_, course.id, sheet_.day);
  }

  void add_steps(bool thaw, schedule::MinuteChain& chain) {
    for (const DayStepConfig& step : site_.plan.day.steps) {
      if ((step.of == DayStepConfig::Of::thaw) != thaw) continue;
      schedule::MinuteStep made;
      made.name = step.id;
      made.minutes = step.minutes;
      const auto machine = machines_.find(step.machine);
      made.machine = machine == machines_.end() ? -1 : machine->second;
      made.skill = skill_of(step.skill);
      made.within = chain.steps.empty() ? -1 : step.within;
      made.clearance = step.clearance;
      made.proven = step.ends != DayStepConfig::Ends::nothing;
      chain.steps.push_back(std::move(made));
    }
  }

  // The record shows that everything up to the step that ends so has ended.
  void prove(bool thaw, DayStepConfig::Ends ends, WallTime at, schedule::MinuteChain& chain) const {
    if (at.ms == 0) return;
    std::size_t place = 0;
    for (const DayStepConfig& step : site_.plan.day.steps) {
      if ((step.of == DayStepConfig::Of::thaw) != thaw) continue;
      ++place;
      if (step.ends != ends || place <= chain.done) continue;
      chain.done = place;
      chain.done_at = minute_seen(at);
      return;
    }
  }

  void time_thaw(const Dose& dose, schedule::MinuteChain& chain, SheetItem& item) const {
    const int planned = minute_of(dose.thaw_at);
    chain.earliest = std::max(0, minute_of(dose.thaw_at - site_.plan.thaw_lead));
    int after = 0;  // minutes of the steps after the thaw itself
    bool seen = false;
    std::size_t place = 0;
    for (const DayStepConfig& step : site_.plan.day.steps) {
      if (step.of != DayStepConfig::Of::thaw) continue;
      if (seen) after += chain.steps[place].minutes;
      seen = seen || step.ends == DayStepConfig::Ends::thawed;
      ++place;
    }
    if (!seen) after = 0;
    item.due = planned + after;
    chain.latest = std::min(schedule::kDayHorizon,
                            planned + static_cast<int>(kThawTooLate.seconds() / 60) + after);
    if (dose.state == DoseState::thawing) {
      const inventory::Job* job = dose.job.empty() ? nullptr : view_.job(dose.job);
      chain.begun = true;
      chain.begun_at = job == nullptr ? chain.earliest : minute_seen(job->made_at);
    }
    prove(true, DayStepConfig::Ends::thawed, dose.thawed_at, chain);
    prove(true, DayStepConfig::Ends::recultured, dose.reculture_at, chain);
    if (chain.done > 0) chain.begun = false;
  }

  void time_harvest(const inventory::Course& course, const Dose& dose, schedule::MinuteChain& chain,
                    SheetItem& item) {
    const auto protocol = protocol_of(site_, view_, course);
    const int shortest = protocol ? protocol->reculture_min_hours : 0;
    chain.earliest = std::max(0, minute_of(dose.harvest_from));
    if (shortest > 0 && dose.thawed_at.ms != 0) {
      chain.earliest = std::max(chain.earliest, minute_seen(dose.thawed_at) + shortest * 60);
    }
    item.due = minute_of(dose.harvest_from);
    for (const schedule::MinuteStep& step : chain.steps) item.due += step.minutes;
    if (dose.infusion_at.ms != 0) {
      item.infusion = minute_of(dose.infusion_at);
      find_run(course, protocol ? protocol->transport_hours : 0, item);
      chain.latest = std::clamp(item.run.leaves, 0, schedule::kDayHorizon);
    }
    prove(false, DayStepConfig::Ends::harvested, dose.harvested_at, chain);
    prove(false, DayStepConfig::Ends::issued, dose.issued_at, chain);
  }

  void find_run(const inventory::Course& course, int transport_hours, SheetItem& item) {
    const int own = item.infusion - transport_hours * 60;
    item.run = {{}, own, item.infusion};
    if (site_.plan.day.couriers.empty()) return;
    const std::string clinic = clinic_of(site_, view_, course.id.str());
    std::optional<CourierRun> best;
    for (const config::CourierConfig& courier : site_.plan.day.couriers) {
      if (!courier.clinic.empty() && courier.clinic != clinic) continue;
      for (const int clock : courier.leaves) {
        for (const int leaves : {clock_minute(clock), clock_minute(clock + kSheetMinutes)}) {
          const int arrives = leaves + courier.minutes;
          const auto taken = taken_.find({courier.id, leaves});
          const bool full =
              courier.places > 0 && taken != taken_.end() && taken->second >= courier.places;
          if (arrives > item.infusion || full) continue;
          if (!best || best->leaves < leaves) best = CourierRun{courier.id, leaves, arrives};
        }
      }
    }
    if (!best) {
      sheet_.no_courier.push_back(cat("no courier with a place takes dose ", item.dose.str(),
                                      " of course ", course.id.str(), " to clinic \"", clinic,
                                      "\" in time"));
      return;
    }
    ++taken_[{best->courier, best->leaves}];
    item.run = *best;
  }

  // Infusions of the day, and where a clinic has no chair or is closed then.
  void add_infusions() {
    sheet_.infusions = clinic_visits(site_, view_, sheet_.day);
    for (const config::ClinicConfig& clinic : site_.clinics) {
      const auto hours = chair_day(site_, clinic);
      if (!hours) continue;
      std::vector<schedule::ChairVisit> visits;
      for (const ClinicVisit& one : sheet_.infusions) {
        if (one.clinic == clinic.id && one.visit.minutes > 0) visits.push_back(one.visit);
      }
      for (const std::string& fault : schedule::chair_faults(*hours, visits)) {
        sheet_.no_chair.push_back(cat("clinic \"", clinic.id, "\": ", fault));
      }
    }
  }

  const config::SiteConfig& site_;
  const inventory::View& view_;
  const PlanAnchor& clock_;
  WallTime midnight_;
  DaySheet sheet_;
  std::map<std::string, int> machines_;
  std::map<std::string, int> skills_;
  std::map<std::pair<std::string, int>, int> taken_;  // places of a run, by courier and minute
};

}  // namespace

DaySheet make_day_sheet(const config::SiteConfig& site, const inventory::View& view,
                        const PlanAnchor& clock, Day day, WallTime now) {
  return SheetMaker(site, view, clock, day, now).make();
}

}  // namespace cryobank::core
