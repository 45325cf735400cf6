#include "service/core/thaw_desk.hpp"

#include <algorithm>

#include "service/base/checksum.hpp"
#include "service/base/text.hpp"

namespace cryobank::core {
namespace {

constexpr std::string_view kLate = "thaw-not-started";

std::string key_of(const CourseId& course, const DoseId& dose) {
  return cat(course.str(), ".", dose.str());
}

// A version 8 UUID (RFC 9562 section 5.8) from what is asked, so that asking again after a crash is
// the same command.
std::string command_id(std::string_view what, WallTime thaw_at, int attempt) {
  std::string hex = to_hex(sha256(what, format_utc(thaw_at), cat("/", attempt))).substr(0, 32);
  hex[12] = '8';
  hex[16] = '8';
  return cat(hex.substr(0, 8), "-", hex.substr(8, 4), "-", hex.substr(12, 4), "-",
             hex.substr(16, 4), "-", hex.substr(20, 12));
}

Actor schedule_actor() {
  Actor actor;
  actor.user = UserId("schedule");
  actor.roles = {"schedule"};
  return actor;
}

}  // namespace

ThawDesk::ThawDesk(Bank& bank, ThawClock& clock, CommandFlow& commands, AlarmDesk& alarms)
    : bank_(bank), clock_(clock), commands_(commands), alarms_(alarms) {}

void ThawDesk::look(const Now& now) {
  const Duration lead = bank_.config.plan.thaw_lead;
  const WallTime plan_now = clock_.plan_time(now.wall);
  const std::vector<inventory::DueDose> due = inventory::due_doses(bank_.ledger, plan_now + lead);
  forget_settled(now, due);
  for (const inventory::DueDose& dose : due) {
    Asked& asked = asked_[key_of(dose.course, dose.dose)];
    asked.course = dose.course;
    if (now.mono < asked.again_at || stopping_) continue;
    if (plan_now - dose.thaw_at > kThawLateMax) {
      asked.again_at = now.mono + kThawAgain;
      tell(now, dose.dose, asked,
           cat("Dose ", dose.dose.str(), " of course ", dose.course.str(),
               " should have been thawed at ", format_utc(dose.thaw_at),
               " and was not: plan it anew or thaw it by hand"));
      continue;
    }
    ask(now, dose, asked);
  }
  look_at_ = now.mono + kThawLook;
  const WallTime next = inventory::next_due(bank_.ledger);
  if (next.ms > plan_now.ms + lead.ms() && next.ms != WallTime{INT64_MAX}.ms) {
    const Duration wait = clock_.wall_time(next - lead) - now.wall;
    if (wait < kThawLook) look_at_ = now.mono + std::max(milliseconds(1), wait);
  }
  for (const auto& [key, asked] : asked_) look_at_ = std::min(look_at_, asked.again_at);
  look_at_ = std::max(look_at_, now.mono + milliseconds(1));
}

// Doses that are due no more: started, planned anew or given up.
void ThawDesk::forget_settled(const Now& now, const std::vector<inventory::DueDose>& due) {
  for (auto asked = asked_.begin(); asked != asked_.end();) {
    const bool still = std::ranges::any_of(due, [&asked](const inventory::DueDose& dose) {
      return key_of(dose.course, dose.dose) == asked->first;
    });
    if (still) {
      ++asked;
      continue;
    }
    if (asked->second.told) alarms_.clear(now, asked->first, kLate);
    asked = asked_.erase(asked);
  }
}

void ThawDesk::ask(const Now& now, const inventory::DueDose& dose, Asked& asked) {
  asked.again_at = now.mono + kThawAgain;
  Command command;
  command.user = UserId("schedule");
  command.verb = "dose/thaw";
  command.body = Json::object();
  command.body.set("course", dose.course.str());
  command.body.set("dose", dose.dose.str());
  command.reason = "its thaw time has come";
  command.id = command_id(key_of(dose.course, dose.dose), dose.thaw_at, asked.attempts++);
  command.fingerprint = to_hex(sha256(command.id));
  command.expires_at = now.wall + kCommandLifeMax;
  commands_.submit(now, std::move(command), schedule_actor());
}

void ThawDesk::on_recorded(const Now& now, const Recorded& recorded, const Status& status) {
  const Command& command = std::get<CommandWork>(recorded.work).command;
  if (command.user.str() != "schedule") return;
  const bool good =
      recorded.reply.status == ReplyStatus::accepted || recorded.reply.status == ReplyStatus::done;
  plan_changed();
  if (good && status) return;
  Result<DoseId> dose = DoseId::parse(command.body.string_or("dose", ""));
  Result<CourseId> course = CourseId::parse(command.body.string_or("course", ""));
  if (!dose || !course) return;
  Asked& asked = asked_[key_of(*course, *dose)];
  asked.course = *course;
  asked.again_at = now.mono + (status ? kThawAgain : kThawLook);
  if (!status) return;  // the store's own alarm tells it
  tell(now, *dose, asked,
       cat("Dose ", dose->str(), " of course ", course->str(),
           " is due to be thawed and was refused: ", recorded.reply.message));
}

void ThawDesk::tell(const Now& now, const DoseId& dose, Asked& asked, std::string text) {
  asked.told = true;
  alarms::Condition condition;
  condition.source = key_of(asked.course, dose);
  condition.condition = std::string(kLate);
  condition.priority = alarms::Priority::p1;
  condition.text = std::move(text);
  condition.action = "Remove the cause, or plan the dose anew.";
  alarms_.raise(now, std::move(condition));
}

Json ThawDesk::plan(WallTime wall) const {
  Json json = Json::object();
  json.set("plan_time", format_utc(clock_.plan_time(wall)));
  json.set("clock_anchor", format_utc(clock_.anchor()));
  json.set("clock_speed", clock_.speed());
  json.set("thaw_lead_s", bank_.config.plan.thaw_lead.seconds());
  const WallTime next = inventory::next_due(bank_.ledger);
  json.set("next_thaw", next.ms == INT64_MAX ? Json() : Json(format_utc(next)));
  Json courses = Json::array();
  for (const CourseId& id : inventory::all_courses(bank_.ledger)) courses.push(id.str());
  json.set("courses", std::move(courses));
  return json;
}

}  // namespace cryobank::core
