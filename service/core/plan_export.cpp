#include "service/core/plan_export.hpp"

#include <algorithm>
#include <array>
#include <set>

#include "base/text.hpp"
#include "inventory/ledger/ledger.hpp"
#include "inventory/ledger/tables.hpp"
#include "service/schedule/exchange.hpp"
#include "service/schedule/feeds.hpp"

namespace cryobank::core {
namespace {

using schedule::FeedVisit;

constexpr std::array<std::string_view, 9> kFormats{"ics-clinic",  "ics-lab",  "ics-patient",
                                                   "fhir",        "hl7",      "minizinc",
                                                   "dose-series", "worklist", "figures"};

struct Wanted {
  bool thaws = true;
  bool infusions = true;
  CourseId course;  // empty: every course
};

// Visits of the record by time; those that went by stay as done.
std::vector<FeedVisit> visits_of(const PlanAsk& ask, const Wanted& wanted, std::size_t& withheld) {
  const inventory::View view = ask.view();
  std::vector<FeedVisit> visits;
  for (const inventory::Appointment& entry : view.base().agenda) {
    if (!wanted.course.empty() && entry.course != wanted.course) continue;
    const bool infusion = entry.step == inventory::Step::infusion;
    if (infusion ? !wanted.infusions : !wanted.thaws) continue;
    if (visits.size() >= kExportVisitsMax) {
      ++withheld;
      continue;
    }
    const inventory::Course& course = *view.course(entry.course);
    const inventory::Dose& dose = course.dose(entry.dose);
    FeedVisit visit;
    visit.course = course.id.str();
    visit.patient = course.patient.str();
    visit.dose = dose.id.str();
    visit.at = entry.at;
    visit.sequence = course.revision;  // rises with every change of the course
    visit.cancelled = dose.state == inventory::DoseState::rejected;
    if (entry.step == inventory::Step::thaw) {
      visit.step = FeedVisit::Step::thaw;
      visit.done = dose.thawed_at.ms != 0;
    } else if (entry.step == inventory::Step::harvest) {
      visit.step = FeedVisit::Step::harvest;
      visit.done = dose.harvested_at.ms != 0;
    } else {
      visit.done = dose.state == inventory::DoseState::infused;
      const Json* clinic = view.document("clinic", course.id.str());
      if (clinic != nullptr) visit.place = clinic->string_or("clinic", "");
      const auto protocol = protocol_of(ask.bank.config, view, course);
      if (protocol && protocol->infusion_minutes > 0) visit.minutes = protocol->infusion_minutes;
    }
    visits.push_back(std::move(visit));
  }
  return visits;
}

std::string messages_of(const PlanAsk& ask, const std::vector<FeedVisit>& visits) {
  std::string out;
  for (const FeedVisit& visit : visits) {
    if (visit.step != FeedVisit::Step::infusion || visit.done) continue;
    const std::string_view event = visit.cancelled ? "S15" : visit.sequence > 1 ? "S13" : "S12";
    const std::int64_t number =
        ask.context.now.wall.ms / 1'000 * 1'000 + static_cast<std::int64_t>(out.size() % 1'000);
    out += schedule::to_siu(ask.bank.config.site.str(), visit, event, number, ask.context.now.wall);
    out += "\n";
  }
  return out;
}

// One line a step, by local time, for paper.
std::string worklist_text(const PlanAsk& ask, Day day) {
  const Zone& zone = ask.bank.config.zone;
  const inventory::View view = ask.view();
  std::string out = cat("Worklist of ", format_day(day), " (", ask.bank.config.time_zone, "), printed at ",
                        format_utc(ask.context.now.wall), ", plan version ", ask.desk.version(view),
                        ". Valid until the plan changes.\n");
  const WallTime first = zone.at(day, 0);
  const WallTime last = zone.at(Day{day.number + 1}, 0);
  constexpr std::array<std::string_view, 3> kSteps{"thaw", "harvest", "infusion"};
  const auto& agenda = view.base().agenda;
  for (auto at = agenda.lower_bound(inventory::Appointment{first, {}, 0, inventory::Step::thaw});
       at != agenda.end() && at->at < last; ++at) {
    const inventory::Course& course = *view.course(at->course);
    const inventory::Dose& dose = course.dose(at->dose);
    const int minute = zone.local(at->at).minute;
    const auto two_of = [](int n) { return n < 10 ? cat("0", n) : cat(n); };
    out += cat("[ ] ", two_of(minute / 60), ":", two_of(minute % 60), "  ",
               kSteps[static_cast<std::size_t>(at->step)], "  course ", course.id.str(), "  dose ",
               dose.id.str(), "  patient ", course.patient.str(), "  ", name_of(dose.state));
    if (at->step == inventory::Step::thaw) {
      for (const AliquotId& id : dose.aliquots) {
        const auto aliquot = view.aliquot(id);
        if (aliquot) out += cat("  ", id.str(), " at ", view.name_of(aliquot->spot));
      }
    }
    if (!dose.blocked.empty()) out += cat("  STOPPED: ", dose.blocked);
    out += "\n";
  }
  return out;
}

// Figures of every course in the agenda; each definition stands in docs/planning.md.
Json figures(const PlanAsk& ask) {
  const inventory::View view = ask.view();
  const Zone& zone = ask.bank.config.zone;
  std::set<CourseId> courses;
  for (const inventory::Appointment& entry : view.base().agenda) courses.insert(entry.course);
  std::int64_t thawed = 0, infused = 0, gaps = 0, within = 0, wanted = 0, wasted = 0, late = 0;
  for (const CourseId& id : courses) {
    const inventory::Course& course = *view.course(id);
    const auto protocol = protocol_of(ask.bank.config, view, course);
    Day last{};
    for (const inventory::Dose& dose : course.doses) {
      if (dose.thawed_at.ms != 0) ++thawed;
      const bool lost = dose.state == inventory::DoseState::rejected ||
                        dose.state == inventory::DoseState::returned;
      if (dose.thawed_at.ms != 0 && lost) ++wasted;
      if (dose.state == inventory::DoseState::planned && !dose.blocked.empty()) ++late;
      if (dose.state != inventory::DoseState::infused || dose.infused_at.ms == 0) continue;
      ++infused;
      const Day day = zone.local(dose.infused_at).day;
      if (last.number != 0 && protocol) {
        const int gap = day.number - last.number;
        ++gaps;
        within += gap >= protocol->shortest_gap() && gap <= protocol->longest_gap() ? 1 : 0;
        wanted += gap >= protocol->interval_min_days && gap <= protocol->interval_max_days ? 1 : 0;
      }
      last = day;
    }
  }
  Json json = Json::object().set("open_courses", static_cast<std::uint64_t>(courses.size()));
  json.set("doses_thawed", thawed).set("doses_infused", infused).set("doses_wasted", wasted);
  json.set("doses_stopped", late).set("gaps", gaps).set("gaps_within_limits", within);
  json.set("gaps_as_wanted", wanted);
  const Json* current = view.document("plan", "current");
  json.set("plan_version", ask.desk.version(view));
  json.set("optimality", current == nullptr ? Json() : (*current)["bound"]);
  return json;
}

Result<Decision> text_reply(std::string type, std::string text, std::size_t withheld) {
  if (text.size() > kExportBytesMax) {
    return make_error(ErrorCode::too_large,
                      cat("expected an export of at most ", kExportBytesMax, " bytes, it has ",
                          text.size(), ": name one course or one day"));
  }
  Decision decision;
  decision.reply = Json::object().set("type", std::move(type)).set("text", std::move(text));
  decision.reply.set("withheld", static_cast<std::uint64_t>(withheld));
  decision.message = withheld == 0 ? "the whole export" : cat(withheld, " visits were left out");
  return decision;
}

}  // namespace

Result<Decision> export_plan(PlanAsk& ask) {
  const Result<std::string> format = ask.body.get_string("format");
  if (!format) return format.error();
  if (std::find(kFormats.begin(), kFormats.end(), *format) == kFormats.end()) {
    std::string known;
    for (const std::string_view one : kFormats) known += cat(known.empty() ? "" : ", ", one);
    return make_error(
        ErrorCode::invalid_value,
        cat("expected one of ", known, " at \"format\", came \"", clip(*format, 30), "\""));
  }
  Wanted wanted;
  if (ask.body.has("course")) {
    const Result<CourseId> id = CourseId::parse(ask.body.string_or("course", ""));
    if (!id) return id.error();
    if (ask.view().course(*id) == nullptr) {
      return make_error(ErrorCode::not_found, cat("no course is called ", id->str()));
    }
    wanted.course = *id;
  }
  if (*format == "ics-patient" && wanted.course.empty()) {
    return make_error(ErrorCode::invalid_value, "expected a course for a patient's calendar");
  }
  wanted.thaws = *format != "ics-clinic" && *format != "ics-patient";
  wanted.infusions = *format != "ics-lab";
  const std::string& site = ask.bank.config.site.str();
  const WallTime now = ask.context.now.wall;
  if (*format == "worklist") {
    Day day = ask.today();
    if (ask.body.has("date")) {
      const Result<Day> given = parse_day(ask.body.string_or("date", ""));
      if (!given) return given.error();
      day = *given;
    }
    return text_reply("text/plain", worklist_text(ask, day), 0);
  }
  if (*format == "figures") return text_reply("application/json", figures(ask).dump(), 0);
  if (*format == "minizinc" || *format == "dose-series") {
    const PlanProblem made =
        make_plan_problem(ask.bank.config, ask.view(), ask.clock.plan_time(now), {});
    return text_reply("text/plain",
                      *format == "minizinc" ? schedule::write_minizinc(made.problem)
                                            : schedule::write_problem(made.problem),
                      made.left_out.size());
  }
  std::size_t withheld = 0;
  const std::vector<FeedVisit> visits = visits_of(ask, wanted, withheld);
  if (*format == "fhir") {
    return text_reply("application/fhir+json", schedule::to_fhir(site, visits, now).dump(),
                      withheld);
  }
  if (*format == "hl7")
    return text_reply("x-application/hl7-v2+er7", messages_of(ask, visits), withheld);
  return text_reply("text/calendar",
                    schedule::to_icalendar(site, cat("cryobank ", site), visits, now), withheld);
}

}  // namespace cryobank::core
