// What is to be done when: the worklist of a day, the thaws that are due, and what lies inside a
// freezer with the next thaw among it.
#include "inventory/ledger/agenda.hpp"

#include <algorithm>
#include <set>

#include "inventory/ledger/ledger.hpp"
#include "inventory/ledger/reach.hpp"
#include "inventory/ledger/row_codec.hpp"
#include "inventory/ledger/view.hpp"

namespace cryobank::inventory {
namespace {

std::string_view name_of(DoseStep step) {
  switch (step) {
    case DoseStep::thaw:
      return "thaw";
    case DoseStep::harvest:
      return "harvest";
    case DoseStep::infusion:
      return "infusion";
  }
  CHECK(false);
}

bool is_done(const Dose& dose, DoseStep step) {
  switch (step) {
    case DoseStep::thaw:
      return dose.thawed_at.ms != 0;
    case DoseStep::harvest:
      return dose.harvested_at.ms != 0;
    case DoseStep::infusion:
      return dose.state == DoseState::infused;
  }
  CHECK(false);
}

Json render_appointment(const View& view, const Appointment& entry) {
  const Course& course = *view.course(entry.course);
  const Dose& dose = course.dose(entry.dose);
  Json json = Json::object();
  json.set("step", name_of(entry.step));
  json.set("at", format_utc(entry.at));
  json.set("course", course.id.str());
  json.set("patient", course.patient.str());
  json.set("dose", dose.id.str());
  json.set("state", name_of(dose.state));
  json.set("done", is_done(dose, entry.step));
  if (entry.step == DoseStep::harvest) put_time(json, "until", dose.harvest_until);
  put_text(json, "blocked", dose.blocked);
  put_text(json, "job", dose.job.str());
  if (entry.step != DoseStep::thaw) return json;
  const Job* job = dose.job.empty() ? nullptr : view.job(dose.job);
  const bool lifted = job != nullptr && job->robot.empty();
  put_flag(json, "by_hand", lifted || find_beyond_robots(view, dose).has_value());
  Json aliquots = Json::array();
  for (const AliquotId& id : dose.aliquots) {
    const auto aliquot = view.aliquot(id);
    Json item = Json::object().set("aliquot", id.str()).set("place", aliquot->spot.place.str());
    put_text(item, "position", view.label_of(aliquot->spot));
    aliquots.push(std::move(item));
  }
  json.set("aliquots", std::move(aliquots));
  return json;
}

void count_inside(const View& view, const PlaceId& place, Contents& contents,
                  std::set<std::pair<CourseId, int>>& doses) {
  for (const AliquotId& id : view.aliquots_in(place)) {
    const auto aliquot = view.aliquot(id);
    ++contents.aliquots;
    doses.emplace(aliquot->course, aliquot->dose);
  }
  for (const PlaceId& child : view.containers_in(place)) {
    count_inside(view, child, contents, doses);
  }
}

}  // namespace

Json render_worklist(const Ledger& ledger, Day day, const Zone& zone) {
  const View view(ledger);
  const auto& agenda = ledger.tables().agenda;
  const WallTime first = zone.at(day, 0);
  const WallTime last = zone.at(Day{day.number + 1}, 0);
  Json items = Json::array();
  for (auto at = agenda.lower_bound(Appointment{first, {}, 0, DoseStep::thaw});
       at != agenda.end() && at->at < last; ++at) {
    items.push(render_appointment(view, *at));
  }
  if (items.items().empty()) return {};
  return Json::object().set("date", format_day(day)).set("items", std::move(items));
}

std::vector<Day> worklist_days(const Ledger& ledger, const Zone& zone) {
  // From the first of one day to the first of a later one, since a bank plans a million steps.
  const auto& agenda = ledger.tables().agenda;
  std::vector<Day> days;
  for (auto entry = agenda.begin(); entry != agenda.end();) {
    days.push_back(zone.local(entry->at).day);
    const Day next{days.back().number + 1};
    entry = agenda.lower_bound({zone.at(next, 0), {}, 0, DoseStep::thaw});
  }
  return days;
}

std::vector<CourseId> next_courses(const Ledger& ledger, std::size_t max) {
  std::vector<CourseId> courses;
  std::set<CourseId> seen;
  for (const Appointment& entry : ledger.tables().due) {
    if (courses.size() >= max) break;
    if (seen.insert(entry.course).second) courses.push_back(entry.course);
  }
  return courses;
}

Contents contents_of_device(const Ledger& ledger, const DeviceId& device) {
  const View view(ledger);
  Contents contents;
  std::set<std::pair<CourseId, int>> doses;
  for (const auto& [id, node] : ledger.tables().places) {
    if (node.place.device == device) count_inside(view, id, contents, doses);
  }
  std::set<CourseId> courses;
  std::set<PatientId> patients;
  for (const auto& [id, number] : doses) {
    const Course& course = *view.course(id);
    courses.insert(id);
    patients.insert(course.patient);
    const Dose& dose = course.dose(number);
    if (dose.state != DoseState::planned || dose.thaw_at.ms == 0) continue;
    if (contents.next_thaw.ms == 0 || dose.thaw_at < contents.next_thaw) {
      contents.next_thaw = dose.thaw_at;
    }
  }
  for (const CourseId& id : courses) {
    const Course& course = *view.course(id);
    const auto waits = [](const Dose& dose) {
      return dose.state == DoseState::stored || dose.state == DoseState::planned;
    };
    const auto left = std::count_if(course.doses.begin(), course.doses.end(), waits);
    std::ptrdiff_t here = 0;
    for (auto dose = doses.lower_bound({id, 0}); dose != doses.end() && dose->first == id; ++dose) {
      if (waits(course.dose(dose->second))) ++here;
    }
    if (left > 0 && here == left) ++contents.courses_only_here;
  }
  contents.doses = doses.size();
  contents.courses = courses.size();
  contents.patients = patients.size();
  return contents;
}

std::vector<DueDose> due_doses(const Ledger& ledger, WallTime at) {
  std::vector<DueDose> due;
  for (const Appointment& entry : ledger.tables().due) {
    if (entry.at > at) break;
    const Course& course = ledger.tables().courses.at(entry.course);
    due.push_back({entry.course, course.dose(entry.dose).id, entry.at});
  }
  return due;
}

WallTime next_due(const Ledger& ledger) {
  const auto& due = ledger.tables().due;
  return due.empty() ? WallTime{std::numeric_limits<std::int64_t>::max()} : due.begin()->at;
}

}  // namespace cryobank::inventory
