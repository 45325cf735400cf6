#include "service/core/watch/culture_watch.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "inventory/ledger/tables.hpp"
#include "inventory/ledger/view.hpp"
#include "service/core/problem/plan_problem.hpp"

namespace cryobank::core {
namespace {

constexpr std::string_view kCultureClock = "culture-clock";
// The wall clock may be set meanwhile.
constexpr Duration kCultureLook = seconds(30);

bool in_culture(const inventory::Dose& dose) {
  return dose.state == inventory::DoseState::thawed ||
         dose.state == inventory::DoseState::reculture;
}

std::string culture_source(const inventory::Course& course, const inventory::Dose& dose) {
  return alarm_source(cat(course.id.str(), ".", dose.id.str()));
}

}  // namespace

void CultureWatch::start() {
  std::set<CourseId> courses;
  for (const inventory::Appointment& entry : bank_.ledger.tables().agenda) {
    if (entry.step == inventory::DoseStep::thaw) courses.insert(entry.course);
  }
  for (const CourseId& course : courses) on_course(course);
  at_ = {};
}

void CultureWatch::on_course(const CourseId& course) {
  const inventory::Course* found = inventory::View(bank_.ledger).course(course);
  if (found == nullptr) return;
  for (const inventory::Dose& dose : found->doses) {
    const Key key{course, dose.number};
    const bool inside = in_culture(dose);
    if (inside == inside_.contains(key)) continue;
    if (inside) {
      inside_.insert(key);
    } else {
      inside_.erase(key);
    }
    at_ = {};
  }
}

std::vector<CultureWatch::Due> CultureWatch::clock_of(const inventory::Course& course,
                                                      const inventory::Dose& dose) const {
  const std::string name = cat("Dose ", dose.id.str(), " of course ", course.id.str());
  const WallTime thawed = clock_.plan_time(dose.thawed_at);
  const auto protocol = protocol_of(bank_.config, inventory::View(bank_.ledger), course);
  const int shortest = protocol ? protocol->reculture_min_hours : 0;
  const int limit = protocol ? protocol->culture_limit() : 0;
  const WallTime until = limit > 0 ? thawed + hours(limit) : dose.harvest_until;
  const std::string last = until.ms == 0 ? "" : cat(", at most until ", format_utc(until));
  std::vector<Due> dues;
  const WallTime earliest = shortest > 0 ? thawed + hours(shortest) : WallTime{};
  if (earliest.ms != 0) {
    dues.push_back({earliest, alarms::Priority::p3,
                    cat(name, " may be harvested from ", format_utc(earliest), " on", last),
                    "Harvest it as planned."});
  }
  if (dose.harvest_from.ms != 0) {
    const WallTime planned = std::max(dose.harvest_from, earliest);
    dues.push_back({planned, alarms::Priority::p2,
                    cat(name, " is due to be harvested: planned for ", format_utc(planned), last),
                    "Harvest it now and scan its label, or reject it with the reason."});
  }
  if (until.ms != 0) {
    dues.push_back({until, alarms::Priority::p1,
                    cat(name, " is in culture longer than it may be: thawed at ",
                        format_utc(thawed), ", its maximum was ", format_utc(until)),
                    "Harvest it at once; a physician decides whether it is still given."});
  }
  std::stable_sort(dues.begin(), dues.end(),
                   [](const Due& a, const Due& b) { return a.at < b.at; });
  return dues;
}

void CultureWatch::raise(const Now& now, const std::string& source, const Due& due) {
  alarms::Condition told;
  told.source = source;
  told.condition = std::string(kCultureClock);
  told.priority = due.priority;
  told.text = due.text;
  told.action = due.action;
  alarms_.raise(now, std::move(told));
}

void CultureWatch::look(const Now& now) {
  at_ = inside_.empty() ? kNever : now.mono + kCultureLook;
  const inventory::View view(bank_.ledger);
  const WallTime plan_now = clock_.plan_time(now.wall);
  std::set<std::string, std::less<>> standing;
  for (const auto& [course_id, number] : inside_) {
    const inventory::Course& course = *view.course(course_id);
    const inventory::Dose& dose = course.dose(number);
    const Due* reached = nullptr;
    const std::vector<Due> dues = clock_of(course, dose);
    for (const Due& due : dues) {
      if (due.at <= plan_now) {
        reached = &due;
        continue;
      }
      const Duration wait = clock_.wall_time(due.at) - now.wall;
      at_ = std::min(at_, now.mono + std::max(milliseconds(1), wait));
      break;
    }
    if (reached == nullptr) continue;
    const std::string source = culture_source(course, dose);
    standing.insert(source);
    raise(now, source, *reached);
  }
  for (const AlarmId& alarm : bank_.board.open_alarms()) {
    std::string_view source = alarm.str();
    if (!source.ends_with(kCultureClock)) continue;
    source.remove_suffix(kCultureClock.size() + 1);
    if (!standing.contains(source)) alarms_.clear(now, source, kCultureClock);
  }
}

}  // namespace cryobank::core
