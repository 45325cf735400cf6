#include "service/core/desk/thaw_desk.hpp"

#include <algorithm>

#include "base/command_schema.hpp"
#include "base/text.hpp"
#include "inventory/ledger/agenda.hpp"
#include "inventory/ledger/apply/apply.hpp"
#include "inventory/ledger/reach.hpp"
#include "inventory/ledger/view.hpp"

namespace cryobank::core {
namespace {

// Courses named in the plan: it is told anew with every change, and a bank has 100,000 of them.
constexpr std::size_t kPlanCoursesMax = 200;

constexpr std::string_view kNotStarted = "thaw-not-started";
constexpr std::int64_t kNoThaw = INT64_MAX;

std::string key_of(const CourseId& course, const DoseId& dose) {
  return alarm_source(cat(course.str(), ".", dose.str()));
}

Actor schedule_actor() {
  Actor actor;
  actor.user = UserId("schedule");
  actor.roles = {"schedule"};
  return actor;
}

}  // namespace

ThawDesk::ThawDesk(Bank& bank, PlanAnchor& clock, CommandFlow& commands, AlarmDesk& alarms)
    : bank_(bank), clock_(clock), commands_(commands), alarms_(alarms) {}

void ThawDesk::look(const Now& now) {
  const WallTime plan_now = clock_.plan_time(now.wall);
  Keys standing;
  for (const inventory::DueDose& dose :
       inventory::due_doses(bank_.ledger, plan_now + bank_.config.plan.thaw_lead)) {
    consider(now, dose, standing);
  }
  const inventory::View view(bank_.ledger);
  for (const inventory::Appointment& blocked : view.base().blocked) {
    const inventory::Course* course = view.course(blocked.course);
    if (!course) continue;
    const inventory::Dose& dose = course->dose(blocked.dose);
    const std::string key = key_of(course->id, dose.id);
    standing.insert(key);
    // A job that ended early refused nothing, so nobody was told yet.
    const bool ended = dose.blocked.starts_with(inventory::kThawEnded) ||
                       dose.blocked.starts_with(inventory::kThawHeld);
    if (ended && dose.thaw_at <= plan_now + bank_.config.plan.thaw_lead) {
      tell(now, key,
           cat("Dose ", dose.id.str(), " of course ", course->id.str(), ", due at ",
               format_utc(dose.thaw_at), ": ", dose.blocked));
    }
  }
  clear_settled(now, standing);
  std::erase_if(asked_, [&now](const auto& asked) { return asked.second <= now.mono; });
  look_at_ = next_look(now, plan_now);
}

void ThawDesk::consider(const Now& now, const inventory::DueDose& dose, Keys& standing) {
  const std::string key = key_of(dose.course, dose.dose);
  const inventory::View view(bank_.ledger);
  const inventory::Dose& own = *view.course(dose.course)->find(dose.dose);
  const bool by_hand = inventory::find_beyond_robots(view, own).has_value();
  const Duration late = by_hand ? kHandThawLateMax : kThawLateMax;
  if (now.wall - clock_.wall_time(dose.thaw_at) <= late) {
    const auto asked = asked_.find(key);
    const bool again = asked == asked_.end() || asked->second <= now.mono;
    if (again && !stopping_) ask(now, dose);
    return;
  }
  standing.insert(key);
  tell(now, key,
       cat("Dose ", dose.dose.str(), " of course ", dose.course.str(), " should have been thawed ",
           by_hand ? "by hand " : "", "at ", format_utc(dose.thaw_at), " and was not"));
}

// Of several robots that go there the first one is asked, unless it takes no motion and another
// does. Empty: the inventory's own choice.
DeviceId ThawDesk::robot_instead(const inventory::DueDose& dose) const {
  const inventory::View view(bank_.ledger);
  const auto robots = inventory::robots_to_fetch(view, *view.course(dose.course)->find(dose.dose));
  const auto takes_motions = [this](const config::DeviceConfig* robot) {
    const auto& devices = bank_.config.devices;
    const auto own = std::ranges::find(devices, robot->id, &config::DeviceConfig::id);
    const devices::DeviceIndex index{static_cast<std::uint32_t>(own - devices.begin())};
    if (bank_.fleet.state(index) == DeviceState::lost) return false;
    const Json told = bank_.fleet.inspect(index);
    return !flag_of(told, "paused") && !flag_of(told, "held");
  };
  const auto found = std::ranges::find_if(robots, takes_motions);
  return found == robots.end() || found == robots.begin() ? DeviceId() : (*found)->id;
}

Instant ThawDesk::next_look(const Now& now, WallTime plan_now) const {
  Instant at = now.mono + kThawLook;
  const WallTime next = inventory::next_due(bank_.ledger);
  const Duration lead = bank_.config.plan.thaw_lead;
  if (next.ms != kNoThaw && next > plan_now + lead) {
    const Duration wait = clock_.wall_time(next - lead) - now.wall;
    at = std::min(at, now.mono + std::max(milliseconds(1), wait));
  }
  for (const auto& [key, again_at] : asked_) at = std::min(at, again_at);
  return at;
}

// Alarms of doses that were started, planned anew or given up; those of an earlier run too.
void ThawDesk::clear_settled(const Now& now, const Keys& standing) {
  alarms_.clear_others(now, kNotStarted, standing);
}

void ThawDesk::ask(const Now& now, const inventory::DueDose& dose) {
  const std::string key = key_of(dose.course, dose.dose);
  asked_[key] = now.mono + kThawAgain;
  Command command;
  command.user = UserId("schedule");
  command.verb = "dose/thaw";
  command.body = Json::object();
  command.body.set("course", dose.course.str());
  command.body.set("dose", dose.dose.str());
  if (const DeviceId robot = robot_instead(dose); !robot.empty()) {
    command.body.set("robot", robot.str());
  }
  command.reason = "its thaw time has come";
  command.id = command_id(cat(key, format_utc(dose.thaw_at), format_utc(now.wall)));
  commands_.submit(now, std::move(command), schedule_actor());
}

void ThawDesk::on_recorded(const Now& now, const Recorded& recorded, const Status& status) {
  const Command& command = std::get<CommandWork>(recorded.work).command;
  if (command.user.str() != "schedule" || !status) return;
  const bool refused =
      recorded.reply.status == ReplyStatus::rejected || recorded.reply.body.has("refused");
  if (!refused) return;
  const std::string course = text_of(command.body, "course");
  const std::string dose = text_of(command.body, "dose");
  tell(now, alarm_source(cat(course, ".", dose)),
       cat("Dose ", dose, " of course ", course, " is due: ", recorded.reply.message));
}

void ThawDesk::tell(const Now& now, const std::string& key, std::string text) {
  alarms::Condition condition;
  condition.source = key;
  condition.condition = std::string(kNotStarted);
  condition.priority = alarms::Priority::p1;
  condition.text = std::move(text);
  condition.action =
      "Remove the cause, or plan the dose anew. Two people may thaw it by hand: lift its vials, "
      "scanned, and set them down at the station (dose/lift, dose/set-down).";
  alarms_.raise(now, std::move(condition));
}

Json ThawDesk::plan(WallTime wall) const {
  Json json = Json::object();
  json.set("plan_time", format_utc(clock_.plan_time(wall)));
  json.set("clock_anchor", format_utc(clock_.anchor()));
  json.set("clock_speed", clock_.speed());
  json.set("thaw_lead_s", bank_.config.plan.thaw_lead.seconds());
  const WallTime next = inventory::next_due(bank_.ledger);
  json.set("next_thaw", next.ms == kNoThaw ? Json() : Json(format_utc(next)));
  Json courses = Json::array();
  for (const CourseId& id : inventory::next_courses(bank_.ledger, kPlanCoursesMax)) {
    courses.push(id.str());
  }
  json.set("courses", std::move(courses));
  return json;
}

}  // namespace cryobank::core
