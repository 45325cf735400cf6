#include "service/core/hand/plan_hand_rules.hpp"

#include <algorithm>
#include <map>

#include "base/text.hpp"
#include "inventory/ledger/tables.hpp"
#include "service/core/problem/plan_chairs.hpp"
#include "service/core/problem/plan_problem.hpp"

namespace cryobank::core {
namespace {

using inventory::Course;
using inventory::Dose;
using ResourceOn = config::PlanResourceConfig::On;

constexpr Duration kAfterHarvest = hours(24);  // beyond the way to the clinic: nobody says it keeps

// A rule that is broken: whoever asks, or unless two people override it.
struct Broken {
  bool never = true;
  std::string what;
};

class HandRules {
 public:
  HandRules(const PlanAsk& ask, const HandDates& dates)
      : ask_(ask), site_(ask.bank.config), dates_(dates) {
    const auto protocol = protocol_of(site_, ask.view(), dates.before);
    if (protocol) protocol_ = *protocol;
  }

  std::optional<Broken> find() {
    for (const Dose& dose : dates_.after.doses) {
      if (!dates_.changed.contains(dose.id)) continue;
      add_freeze(dose);
      if (dose.thaw_at.ms == 0) continue;
      add_hours(dose);
      add_holds(dose);
      add_vials(dose);
      add_kin(dose);
      for (const config::PlanResourceConfig& resource : site_.plan.resources) {
        add_resource(resource, dose);
      }
      add_clinic(dose);
    }
    add_gaps();
    const auto never = std::ranges::find_if(found_, &Broken::never);
    if (never != found_.end()) return *never;
    return found_.empty() ? std::nullopt : std::optional<Broken>(found_.front());
  }

 private:
  Day day_of(WallTime at) const { return site_.zone.local(at).day; }
  std::string name(const Dose& dose) const {
    return cat("dose ", dose.id.str(), " of course ", dates_.after.id.str());
  }
  void never(std::string what) { found_.push_back({true, std::move(what)}); }
  void unless_two(std::string what) { found_.push_back({false, std::move(what)}); }

  // A published visit that is so near is not moved by planning.
  void add_freeze(const Dose& dose) {
    const Dose& old = *dates_.before.find(dose.id);
    const WallTime now = ask_.clock.plan_time(ask_.context.now.wall);
    if (!may_be_planned(old.state) || !old.blocked.empty()) return;
    if (old.infusion_at.ms == 0 || old.thaw_at < now) return;
    const int ahead = day_of(old.thaw_at).number - day_of(now).number;
    if (ahead >= site_.plan.freeze_days) return;
    unless_two(cat(name(dose), ": expected a visit outside the freeze of ", site_.plan.freeze_days,
                   " days, its thaw is planned for ", format_utc(old.thaw_at)));
  }

  // Cells in culture have a shortest and a longest time, and the way to the clinic takes its own.
  void add_hours(const Dose& dose) {
    if (!protocol_ || protocol_->reculture_max_hours == 0 || dose.harvest_from.ms == 0) return;
    const config::ProtocolConfig& p = *protocol_;
    const int hard = p.culture_limit();
    const auto says = [&](std::string_view expected, Duration came, std::string_view cure) {
      return cat(name(dose), ": expected ", expected, ", came ", hours_text(came), cure);
    };
    const Duration culture = dose.harvest_from - dose.thaw_at;
    const std::string last = format_utc(dose.thaw_at + hours(hard));
    if (culture > hours(hard)) {
      return never(says(cat("a harvest at most ", hard, " h after the thaw"), culture,
                        cat(": harvest until ", last, ", or thaw later")));
    }
    if (dose.harvest_until > dose.thaw_at + hours(hard)) {
      return never(says(cat("\"harvest_until\" at most ", hard, " h after the thaw"),
                        dose.harvest_until - dose.thaw_at, cat(": until ", last)));
    }
    if (culture < hours(p.reculture_min_hours)) {
      unless_two(
          says(cat("a culture of at least ", p.reculture_min_hours, " h"), culture,
               cat(": harvest from ", format_utc(dose.thaw_at + hours(p.reculture_min_hours)))));
    } else if (culture > hours(p.reculture_max_hours)) {
      unless_two(says(cat("a culture of at most ", p.reculture_max_hours, " h"), culture, ""));
    }
    if (dose.infusion_at.ms == 0) return;
    const Duration way = dose.infusion_at - dose.harvest_from;
    if (way < hours(p.transport_hours)) {
      never(says(cat("an infusion at least ", p.transport_hours,
                     " h after the harvest, which is the way to the clinic"),
                 way, ""));
    } else if (way > hours(p.transport_hours) + kAfterHarvest) {
      unless_two(
          says(cat("an infusion at most ", p.transport_hours + kAfterHarvest.seconds() / 3'600,
                   " h after the harvest"),
               way, ""));
    }
  }

  static std::string hours_text(Duration time) {
    const std::int64_t tenths = time.seconds() * 10 / 3'600;
    const std::string rest = tenths % 10 == 0 ? std::string() : cat(".", tenths % 10);
    return cat(tenths / 10, rest, " h");
  }

  void add_holds(const Dose& dose) {
    const inventory::View view = ask_.view();
    for (const std::string& id : pauses_of(view, dates_.after.id)) {
      const Json& pause = *view.document("pause", id);
      const bool thaw = covers_day(pause, day_of(dose.thaw_at));
      const bool infusion =
          dose.infusion_at.ms != 0 && bars_infusion(site_, view, pause, day_of(dose.infusion_at));
      if (!thaw && !infusion) continue;
      const Day day = day_of(thaw ? dose.thaw_at : dose.infusion_at);
      never(cat(name(dose), ": expected a day outside hold ", id, " (", text_in(pause, "kind"),
                ", ", text_in(pause, "from"), " until ", text_in(pause, "until", "further notice"),
                "), came ", format_day(day), ": a later day, or course/resume ends it"));
    }
  }

  void add_vials(const Dose& dose) {
    for (const AliquotId& id : dose.aliquots) {
      const auto aliquot = ask_.view().aliquot(id);
      if (!aliquot || aliquot->expires_at.ms == 0 || dose.thaw_at < aliquot->expires_at) continue;
      never(cat(name(dose), ": expected a thaw before aliquot ", id.str(), " expires at ",
                format_utc(aliquot->expires_at), ", came ", format_utc(dose.thaw_at)));
    }
  }

  // Another series of the patient.
  void add_kin(const Dose& dose) {
    if (dose.infusion_at.ms == 0) return;
    const inventory::View view = ask_.view();
    const Day day = day_of(dose.infusion_at);
    for (const CourseId& id : view.courses_of(cat("patient:", dates_.after.patient.str()))) {
      if (id == dates_.after.id) continue;
      const int apart = days_between(site_, view, dates_.after.id, id);
      for (const Dose& other : view.course(id)->doses) {
        const std::optional<Day> given = visit_day(other);
        if (!given) continue;
        const int distance = std::abs(given->number - day.number);
        if (distance >= apart) continue;
        Broken broken{
            distance == 0,
            cat(name(dose), ": expected at least ", apart, " days from dose ", other.id.str(),
                " of course ", id.str(), " of the same patient on ", format_day(*given), ", came ",
                format_day(day), ": until ", format_day(Day{given->number - apart}), " or from ",
                format_day(Day{given->number + apart}))};
        found_.push_back(std::move(broken));
      }
    }
  }

  // Of its infusion, as it was or is planned; none: nothing is given.
  std::optional<Day> visit_day(const Dose& dose) const {
    const bool out = dose.state == inventory::DoseState::rejected ||
                     dose.state == inventory::DoseState::returned;
    const WallTime at = dose.infused_at.ms != 0 ? dose.infused_at : dose.infusion_at;
    if (out || at.ms == 0) return std::nullopt;
    return day_of(at);
  }

  static bool takes_places(const Dose& dose) {
    return dose.thaw_at.ms != 0 && dose.state != inventory::DoseState::rejected &&
           dose.state != inventory::DoseState::returned;
  }

  // Days on which a dose takes something of the centre, both ends included.
  std::pair<int, int> taken_days(const Dose& dose, ResourceOn on) const {
    const int thaw = day_of(dose.thaw_at).number;
    const int harvest = dose.harvest_from.ms == 0 ? thaw : day_of(dose.harvest_from).number;
    if (on == ResourceOn::thaw) return {thaw, thaw};
    if (on == ResourceOn::harvest) return {harvest, harvest};
    return {thaw, harvest - 1};
  }

  // As it would be: of this course by its new dates, of the others by theirs.
  const Dose* dose_after(const inventory::Appointment& entry) const {
    const Course* course =
        entry.course == dates_.after.id ? nullptr : ask_.view().course(entry.course);
    if (course == nullptr) return nullptr;
    const Dose& dose = course->dose(entry.dose);
    return takes_places(dose) ? &dose : nullptr;
  }

  void add_resource(const config::PlanResourceConfig& resource, const Dose& dose) {
    const auto [first, last] = taken_days(dose, resource.on);
    std::map<int, int> used;
    const auto take = [&](const Dose& one) {
      const auto [from, until] = taken_days(one, resource.on);
      for (int d = std::max(from, first); d <= std::min(until, last); ++d) {
        used[d] += resource.amount;
      }
    };
    // A culture lasts kLeadDaysMax at most, so what still takes a place began no earlier.
    const WallTime from = site_.zone.at(Day{first - schedule::kLeadDaysMax}, 0);
    const WallTime until = site_.zone.at(Day{last + 1 + schedule::kLeadDaysMax}, 0);
    const auto& agenda = ask_.view().base().agenda;
    for (auto entry = agenda.lower_bound({from, CourseId(), 0, inventory::DoseStep::thaw});
         entry != agenda.end() && entry->at < until; ++entry) {
      if (entry->step != inventory::DoseStep::thaw) continue;
      if (const Dose* one = dose_after(*entry)) take(*one);
    }
    for (const Dose& one : dates_.after.doses) {
      if (takes_places(one)) take(one);
    }
    const int reserve = std::min(resource.reserve, resource.per_day);
    for (const auto& [day, amount] : used) {
      if (amount <= resource.per_day - reserve) continue;
      const bool full = amount > resource.per_day;
      found_.push_back({full, cat(name(dose), ": expected room at ", resource.id, " on ",
                                  format_day(Day{day}), ", which takes ", resource.per_day, " (",
                                  reserve, " of them kept for holds), with it ", amount,
                                  " are taken: another day, or plan/propose finds one")});
      return;
    }
  }

  void add_clinic(const Dose& dose) {
    const std::string id = clinic_of(site_, ask_.view(), dates_.after.id.str());
    const config::ClinicConfig* clinic = site_.find_clinic(id);
    if (clinic == nullptr || clinic->chairs == 0 || dose.infusion_at.ms == 0) return;
    const Day day = day_of(dose.infusion_at);
    std::vector<schedule::ChairVisit> visits;
    for (ClinicVisit& one : clinic_visits(site_, ask_.view(), day)) {
      if (one.clinic == id && one.course != dates_.after.id) visits.push_back(std::move(one.visit));
    }
    const int infusion = protocol_ ? protocol_->infusion_minutes : 0;
    for (const Dose& own : dates_.after.doses) {
      if (visit_day(own) != day || own.infusion_at.ms == 0) continue;
      visits.push_back({site_.zone.local(own.infusion_at).minute, infusion, name(own)});
    }
    const auto hours = chair_day(site_, *clinic);
    if (hours && infusion > 0) {
      const std::vector<std::string> faults = schedule::chair_faults(*hours, visits);
      if (!faults.empty()) {
        never(cat(name(dose), ": expected a free chair of ", id, " on ", format_day(day), ": ",
                  faults.front()));
      }
      return;
    }
    const int taken = static_cast<int>(visits.size());
    if (taken <= clinic->chairs - clinic->reserve) return;
    found_.push_back({taken > clinic->chairs,
                      cat(name(dose), ": expected a free chair of ", id, " on ", format_day(day),
                          ", which has ", clinic->chairs, " (", clinic->reserve,
                          " of them kept for holds), with it ", taken, " are taken")});
  }

  // Doses of the course by the day they are given, those without one left out.
  void add_gaps() {
    std::vector<std::pair<Day, const Dose*>> given;
    for (const Dose& dose : dates_.after.doses) {
      if (const auto day = visit_day(dose)) given.emplace_back(*day, &dose);
    }
    std::ranges::stable_sort(given, {}, [](const auto& one) { return one.first; });
    for (std::size_t k = 1; k < given.size(); ++k) {
      const bool changed = dates_.changed.contains(given[k].second->id) ||
                           dates_.changed.contains(given[k - 1].second->id);
      if (changed) add_gap(given[k - 1], given[k], static_cast<int>(k) + 1);
    }
  }

  // No plan could have a shorter one: everything between is closed, or the patient is away.
  bool is_forced(const schedule::GapRule& rule, Day before, Day after) const {
    const CourseId& id = dates_.after.id;
    const PlanProblem made =
        make_plan_problem(site_, ask_.view(), ask_.clock.plan_time(ask_.context.now.wall), {id});
    const auto found = std::ranges::find(made.courses, id);
    if (found == made.courses.end()) return false;
    const schedule::Series& series =
        made.problem.series[static_cast<std::size_t>(found - made.courses.begin())];
    const int first = made.first.number;
    return schedule::crossed_bridge(series, rule, before.number - first, after.number - first) !=
           nullptr;
  }

  bool waits_between(int first, int second) const {
    for (int number = std::min(first, second) + 1; number < std::max(first, second); ++number) {
      const Dose& dose = dates_.after.dose(number);
      if (may_be_planned(dose.state) && dose.infusion_at.ms == 0) return true;
    }
    return false;
  }

  void add_gap(const std::pair<Day, const Dose*>& before, const std::pair<Day, const Dose*>& after,
               int place) {
    const int gap = after.first.number - before.first.number;
    const std::string what = cat(name(*after.second), " on ", format_day(after.first));
    const std::string from =
        cat(" dose ", before.second->id.str(), " on ", format_day(before.first));
    if (gap == 0) {
      return never(cat(what, ": expected another day than", from,
                       ": two doses are not given to a patient on one day"));
    }
    if (!protocol_) return;
    const schedule::GapRule rule = gap_rule(*protocol_, place);
    if (gap < rule.min) {
      unless_two(cat(what, ": expected at least ", rule.min, " days after", from, ", came ", gap,
                     ": from ", format_day(Day{before.first.number + rule.min}),
                     ", or course/amend for this patient"));
    }
    // After one that is given or under way a longer gap may be: the course was stopped.
    const bool stopped = !may_be_planned(before.second->state);
    if (gap <= rule.max || stopped || waits_between(before.second->number, after.second->number) ||
        is_forced(rule, before.first, after.first)) {
      return;
    }
    never(cat(what, ": expected at most ", rule.max, " days after", from, ", came ", gap,
              ": until ", format_day(Day{before.first.number + rule.max}),
              ", course/amend changes it for this patient, and dose/move takes the doses after it "
              "along"));
  }

  const PlanAsk& ask_;
  const config::SiteConfig& site_;
  const HandDates& dates_;
  std::optional<config::ProtocolConfig> protocol_;
  std::vector<Broken> found_;
};

// The times of one item put onto its dose; false: it is malformed.
bool put_times(const Json& item, HandDates& dates) {
  if (!item.is_object() || !item["dose"].is_string()) return false;
  const Result<DoseId> id = DoseId::parse(item["dose"].string());
  Dose* dose = id ? dates.after.find(*id) : nullptr;
  if (dose == nullptr || !may_be_planned(dose->state)) return false;
  const std::pair<std::string_view, WallTime*> fields[] = {{"thaw_at", &dose->thaw_at},
                                                           {"harvest_from", &dose->harvest_from},
                                                           {"harvest_until", &dose->harvest_until},
                                                           {"infusion_at", &dose->infusion_at}};
  for (const auto& [key, field] : fields) {
    *field = {};
    if (item[key].is_null()) continue;
    const Result<WallTime> at = item[key].is_string() ? parse_utc(item[key].string())
                                                      : make_error(ErrorCode::malformed, "time");
    if (!at) return false;
    *field = *at;
  }
  const Dose& old = *dates.before.find(*id);
  const bool same = old.thaw_at == dose->thaw_at && old.harvest_from == dose->harvest_from &&
                    old.harvest_until == dose->harvest_until &&
                    old.infusion_at == dose->infusion_at;
  if (!same) dates.changed.insert(*id);
  return true;
}

}  // namespace

std::optional<HandDates> read_hand(const PlanAsk& ask, const Json& body) {
  if (!body["course"].is_string()) return std::nullopt;
  const Result<CourseId> id = CourseId::parse(body["course"].string());
  const Course* course = id ? ask.view().course(*id) : nullptr;
  if (course == nullptr) return std::nullopt;
  HandDates dates{*course, *course, {}};
  const Json list = body["doses"].is_array() ? body["doses"] : Json(Json::Array{body});
  for (const Json& item : list.items()) {
    if (!put_times(item, dates)) return std::nullopt;
  }
  return dates;
}

Status check_hand_rules(const PlanAsk& ask, const HandDates& dates, bool overridden) {
  const std::optional<Broken> broken = HandRules(ask, dates).find();
  if (!broken || (!broken->never && overridden)) return {};
  if (broken->never) return make_error(ErrorCode::invalid_value, broken->what);
  return make_error(
      ErrorCode::interlock,
      cat(broken->what, " (two people may do it with a reason: \"override\" and a witness)"));
}

}  // namespace cryobank::core
