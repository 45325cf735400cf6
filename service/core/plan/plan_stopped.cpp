#include "service/core/plan/plan_stopped.hpp"

#include <algorithm>
#include <tuple>

#include "base/text.hpp"
#include "inventory/ledger/hold.hpp"
#include "service/core/plan/plan_room.hpp"
#include "service/core/problem/plan_closed.hpp"
#include "service/core/problem/plan_problem.hpp"

namespace cryobank::core {
namespace {

using inventory::Dose;
using inventory::DoseState;

bool is_gone(inventory::AliquotState state) {
  return state == inventory::AliquotState::disposed || state == inventory::AliquotState::lost;
}

// Why a dose cannot be thawed at its time, as far as its vials say it now; empty: nothing does. A
// vial that is not released yet may be by then.
std::string vial_fault(const inventory::View& view, const Dose& dose, WallTime now) {
  for (const AliquotId& id : dose.aliquots) {
    const auto aliquot = view.aliquot(id);
    if (!aliquot || is_gone(aliquot->state)) return cat("aliquot ", id.str(), " is gone");
    if (aliquot->state == inventory::AliquotState::rejected) {
      return cat("aliquot ", id.str(), " is rejected");
    }
    if (aliquot->spot.place.str() == inventory::kUnknownPlace) {
      return cat("nobody knows where aliquot ", id.str(), " is");
    }
    if (aliquot->expires_at.ms != 0 && aliquot->expires_at <= dose.thaw_at) {
      return cat("aliquot ", id.str(), " expires before its thaw");
    }
    if (const Status free = inventory::check_no_hold(view, *aliquot, now); !free) {
      return free.error().context;
    }
  }
  return {};
}

StoppedDose stopped(const CourseId& course, const Dose& dose, std::string why) {
  StoppedDose one;
  one.course = course;
  one.dose = dose.id;
  one.number = dose.number;
  one.why = std::move(why);
  return one;
}

bool is_moving(const inventory::Job& job) {
  return std::ranges::any_of(job.moves, [](const inventory::Move& move) {
    return move.state == inventory::MoveState::issued ||
           move.state == inventory::MoveState::holding || move.state == inventory::MoveState::done;
  });
}

bool is_lost(const Bank& bank, const DeviceId& robot) {
  for (std::uint32_t d = 0; d < bank.config.devices.size(); ++d) {
    if (bank.config.devices[d].id != robot) continue;
    return bank.fleet.state({d}) == DeviceState::lost;
  }
  return false;
}

}  // namespace

namespace {

SettledDoses listed_doses(const inventory::View& view, std::string_view list) {
  SettledDoses settled;
  const Json* document = view.document("plan", list);
  if (document == nullptr) return settled;
  for (const Json& item : (*document)["items"].items()) {
    const Result<CourseId> course = CourseId::parse(text_in(item, "course"));
    const Result<DoseId> dose = DoseId::parse(text_in(item, "dose"));
    if (course && dose) settled.insert({*course, *dose});
  }
  return settled;
}

// Held from today on until somebody says that it goes on.
bool is_held_for_good(const inventory::View& view, const CourseId& course, Day today) {
  return std::ranges::any_of(pauses_of(view, course), [&](const std::string& id) {
    const Json& pause = *view.document("pause", id);
    return !pause.has("until") && covers_day(pause, today);
  });
}

}  // namespace

SettledDoses settled_doses(const inventory::View& view) { return listed_doses(view, "settled"); }

SettledDoses dayless_doses(const inventory::View& view) {
  SettledDoses dayless = listed_doses(view, "dayless");
  std::erase_if(dayless, [&view](const std::pair<CourseId, DoseId>& one) {
    const inventory::Course* course = view.course(one.first);
    const Dose* dose = course == nullptr ? nullptr : course->find(one.second);
    return dose == nullptr || !may_be_planned(dose->state) || dose->thaw_at.ms != 0;
  });
  return dayless;
}

bool left_a_gap(const Dose& dose) {
  return dose.state == DoseState::rejected && dose.infusion_at.ms != 0;
}

std::string to_text(const std::vector<StoppedDose>& stopped) {
  std::string text;
  for (const StoppedDose& one : stopped) {
    text += cat(text.empty() ? "" : "; ", "course ", one.course.str(), " dose ", one.dose.str(),
                ": ", one.why);
  }
  return text;
}

void StoppedDoses::add_refused(Found& found) const {
  const inventory::View view(bank_.ledger);
  for (const inventory::Appointment& entry : view.base().blocked) {
    const Dose& dose = view.course(entry.course)->dose(entry.dose);
    found.push_back(stopped(entry.course, dose, dose.blocked));
  }
}

void StoppedDoses::add_late(WallTime plan_now, Found& found) const {
  const inventory::View view(bank_.ledger);
  for (const inventory::Appointment& entry : view.base().due) {
    if (entry.at + kThawTooLate >= plan_now) break;
    const Dose& dose = view.course(entry.course)->dose(entry.dose);
    found.push_back(stopped(entry.course, dose, "its thaw time has passed"));
  }
}

// Nothing of a held course is thawed, and no dose of it is infused.
void StoppedDoses::add_held(Found& found) const {
  const inventory::View view(bank_.ledger);
  const Zone& zone = bank_.config.zone;
  for (const std::string& id : view.documents("pause")) {
    const Json& pause = *view.document("pause", id);
    const Result<CourseId> course_id = CourseId::parse(text_in(pause, "course"));
    const inventory::Course* course = course_id ? view.course(*course_id) : nullptr;
    if (course == nullptr) continue;
    for (const Dose& dose : course->doses) {
      // Its day is published whether its vials are stored by now or not.
      if (!may_be_planned(dose.state) || dose.thaw_at.ms == 0) continue;
      const Day infusion = zone.local(dose.infusion_at).day;
      const bool held = bars_infusion(bank_.config, view, pause, infusion) ||
                        covers_day(pause, zone.local(dose.thaw_at).day);
      if (!held) continue;
      found.push_back(stopped(*course_id, dose,
                              cat(text_in(pause, "kind", "hold"), " until ",
                                  text_in(pause, "until", "further notice"))));
      found.back().mark = id;
    }
  }
}

// Its thaw time has passed, and its vials never came into the cold.
void StoppedDoses::add_unstored(WallTime plan_now, Found& found) const {
  constexpr Duration kLookedBack = days(31);
  const inventory::View view(bank_.ledger);
  const std::set<inventory::Appointment>& agenda = view.base().agenda;
  const WallTime from = plan_now - kLookedBack;
  for (auto entry = agenda.lower_bound({from, CourseId(), 0, inventory::DoseStep::thaw});
       entry != agenda.end() && entry->at + kThawTooLate < plan_now; ++entry) {
    if (entry->step != inventory::DoseStep::thaw) continue;
    const Dose& dose = view.course(entry->course)->dose(entry->dose);
    if (dose.state != DoseState::expected) continue;
    found.push_back(
        stopped(entry->course, dose, "its thaw time has passed and its vials are not stored"));
  }
}

// Published before a physician set a longer interval for the patient, and nearer than that.
void StoppedDoses::add_amended(Found& found) const {
  const inventory::View view(bank_.ledger);
  for (const std::string& id : view.documents("change")) {
    const Json& change = *view.document("change", id);
    const Result<CourseId> course_id = CourseId::parse(id);
    const inventory::Course* course = course_id ? view.course(*course_id) : nullptr;
    if (course == nullptr || !change["breaks"].is_array()) continue;
    const auto protocol = protocol_of(bank_.config, view, *course);
    if (!protocol) continue;
    for (const DoseId& dose_id : too_soon(bank_.config, *protocol, *course)) {
      const Dose& dose = *course->find(dose_id);
      const std::string at = format_utc(dose.infusion_at);
      const bool as_then = std::ranges::any_of(change["breaks"].items(), [&](const Json& one) {
        return text_in(one, "dose") == dose_id.str() && text_in(one, "infusion_at") == at;
      });
      if (!as_then) continue;  // two people gave it that date since
      found.push_back(
          stopped(*course_id, dose, "its interval is shorter than the one set for this patient"));
      found.back().mark = text_in(change, "at");
    }
  }
}

void StoppedDoses::add_dayless(WallTime plan_now, Found& found) const {
  const inventory::View view(bank_.ledger);
  const Day today = bank_.config.zone.local(plan_now).day;
  for (const auto& [id, dose] : dayless_doses(view)) {
    const inventory::Course& course = *view.course(id);
    if (is_held_for_good(view, id, today) || !refusal_of(view, course).empty()) continue;
    const auto protocol = protocol_of(bank_.config, view, course);
    const std::string fault = protocol ? protocol->gap_fault() : protocol.error().context;
    found.push_back(
        stopped(id, *course.find(dose), cat("it has no day", fault.empty() ? "" : ": ", fault)));
  }
}

void StoppedDoses::add_waiting_jobs(const Now& now, Found& found) const {
  const inventory::View view(bank_.ledger);
  for (const auto& [priority, due, id] : view.base().open_jobs) {
    const inventory::Job* job = view.job(id);
    if (job == nullptr || job->kind != inventory::JobKind::thaw || is_moving(*job)) continue;
    const inventory::Course* course = view.course(job->course);
    const Dose* dose = course == nullptr ? nullptr : course->find(job->dose);
    if (dose == nullptr || dose->thaw_at.ms == 0) continue;
    const bool lost = is_lost(bank_, job->robot);
    const WallTime patience = clock_.wall_time(dose->thaw_at) + kThawJobWaits;
    if (!lost && now.wall < patience) continue;
    found.push_back(stopped(job->course, *dose,
                            cat("its ", id.str(), " waits: robot ", job->robot.str(),
                                lost ? " does not answer" : " has not begun it")));
    found.back().movable = false;
  }
}

void StoppedDoses::look_at_dose(const Now& now, const inventory::Course& course, const Dose& dose) {
  const inventory::View view(bank_.ledger);
  std::string refused = refusal_of(view, course);
  std::string why = refused.empty() ? vial_fault(view, dose, now.wall) : std::string();
  const bool is_refused = !refused.empty();
  if (is_refused) {
    vials_.push_back(stopped(course.id, dose, std::move(refused)));
    vials_.back().failed = true;
    const auto holds =
        view.holds_of(inventory::hold_target(inventory::HoldScope::lot, course.lot.str()));
    if (!holds.empty()) vials_.back().mark = holds.front();
  }
  if (!why.empty()) {
    next_unsafe_[course.id].insert(dose.number);
    vials_.push_back(stopped(course.id, dose, std::move(why)));
    vials_.back().movable = false;
  } else if (!is_refused) {
    const Day today = bank_.config.zone.local(clock_.plan_time(now.wall)).day;
    std::string closed = closed_fault(bank_.config, view, course.id, dose, today);
    if (!closed.empty()) {
      vials_.push_back(stopped(course.id, dose, std::move(closed)));
      vials_.back().closed = true;
    }
  }
  for (const FreezerDanger& danger : dangers_) {
    const bool inside = std::ranges::any_of(dose.aliquots, [&](const AliquotId& id) {
      const auto aliquot = view.aliquot(id);
      return aliquot && view.freezer_of(aliquot->spot.place) == danger.freezer;
    });
    if (!inside) continue;
    next_unsafe_[course.id].insert(dose.number);
    next_inside_[{danger.freezer.str(), course.id}].push_back(dose.number);
  }
  if (!rejected_seen_.insert(course.id).second) return;
  for (const Dose& gone : course.doses) {
    const bool open =
        left_a_gap(gone) && !settled_.contains({course.id, gone.id}) &&
        std::ranges::any_of(course.doses, [&gone](const Dose& later) {
          return later.state == DoseState::planned && gone.infusion_at < later.infusion_at;
        });
    if (!open) continue;
    vials_.push_back(stopped(course.id, gone, "rejected"));
    vials_.back().bereft = true;
  }
}

void StoppedDoses::look_at_vials(const Now& now) {
  const inventory::View view(bank_.ledger);
  const std::set<inventory::Appointment>& due = view.base().due;
  auto entry = whole_ ? due.begin() : due.lower_bound(from_);
  if (whole_) {
    vials_.clear();
    next_unsafe_.clear();
    next_inside_.clear();
    rejected_seen_.clear();
    settled_ = settled_doses(view);
    dangers_ = freezers_in_danger(bank_);
  } else {
    // A look that goes on keeps what the ones before it found nearer.
    std::erase_if(vials_, [&](const StoppedDose& one) {
      const inventory::Course* course = view.course(one.course);
      if (course == nullptr) return true;
      const Dose& dose = course->dose(one.number);
      return !one.bereft && (dose.state != DoseState::planned || !(dose.thaw_at < from_.at));
    });
  }
  std::size_t looked = 0;
  for (; entry != due.end() && looked < kVialsLooked; ++entry, ++looked) {
    const inventory::Course& course = *view.course(entry->course);
    look_at_dose(now, course, course.dose(entry->dose));
  }
  whole_ = entry == due.end();
  if (!whole_) from_ = *entry;
  if (whole_) end_look(clock_.plan_time(now.wall));
}

// What a look at all vials found, with the doses that can change places.
void StoppedDoses::end_look(WallTime plan_now) {
  const inventory::View view(bank_.ledger);
  const WallTime safe = safe_from(bank_.config, plan_now);
  unsafe_ = std::move(next_unsafe_);
  std::map<CourseId, std::set<int>> put_back;
  for (const auto& [id, numbers] : unsafe_) {
    put_back[id] = order_doses(*view.course(id), numbers, safe).put_back;
  }
  for (StoppedDose& one : vials_) {
    if (one.bereft || one.closed || one.failed) continue;
    one.movable = put_back[one.course].contains(one.number);
  }
  threats_.clear();
  for (const FreezerDanger& danger : dangers_) {
    for (auto& [key, numbers] : next_inside_) {
      if (key.first != danger.freezer.str() || threats_.size() >= kThreatsMax) continue;
      Threat threat{danger, key.second, {}, {}, false, bank_.config.zone.local(safe).day};
      std::ranges::sort(numbers);
      const inventory::Course& course = *view.course(threat.course);
      for (const int number : numbers) {
        const Dose& dose = course.dose(number);
        threat.doses.push_back(dose.id);
        threat.soon = threat.soon || !(safe < dose.thaw_at);
        if (put_back[threat.course].contains(number)) threat.put_back.push_back(dose.id);
      }
      threats_.push_back(std::move(threat));
    }
  }
}

// All that is published is counted for it, so it is done when something changed that it hangs on,
// and again while somebody has no room.
void StoppedDoses::look_at_room_for(WallTime plan_now, bool again) {
  if (room_looked_ && (over_.empty() || !again)) {
    const inventory::View view(bank_.ledger);
    std::erase_if(over_, [&](const StoppedDose& one) {
      const Dose* dose = view.course(one.course)->find(one.dose);
      return dose == nullptr || dose->thaw_at.ms == 0 || !may_be_planned(dose->state);
    });
    return;
  }
  PlanRoom room = look_at_room(bank_.config, inventory::View(bank_.ledger), plan_now);
  over_ = std::move(room.over);
  warnings_ = std::move(room.warnings);
  room_looked_ = true;
}

std::vector<StoppedDose> StoppedDoses::look(const Now& now, bool vials) {
  Found found;
  add_refused(found);
  add_late(clock_.plan_time(now.wall), found);
  add_held(found);
  add_unstored(clock_.plan_time(now.wall), found);
  add_amended(found);
  add_dayless(clock_.plan_time(now.wall), found);
  add_waiting_jobs(now, found);
  if (vials) look_at_vials(now);
  found.insert(found.end(), vials_.begin(), vials_.end());
  look_at_room_for(clock_.plan_time(now.wall), vials);
  found.insert(found.end(), over_.begin(), over_.end());
  // The first cause of a dose is the one that is told.
  std::stable_sort(found.begin(), found.end(), [](const StoppedDose& a, const StoppedDose& b) {
    return std::tie(a.course, a.number) < std::tie(b.course, b.number);
  });
  const auto last = std::unique(found.begin(), found.end(), [](const auto& a, const auto& b) {
    return a.course == b.course && a.number == b.number;
  });
  found.erase(last, found.end());
  if (found.size() > kStoppedMax) found.resize(kStoppedMax);
  const inventory::View view(bank_.ledger);
  for (StoppedDose& one : found) {
    const WallTime thaw = view.course(one.course)->dose(one.number).thaw_at;
    one.mark += cat(one.mark.empty() ? "" : " ", format_utc(thaw));
  }
  return found;
}

}  // namespace cryobank::core
