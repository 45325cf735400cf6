#include "service/core/plan/plan_export.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "base/try.hpp"
#include "inventory/ledger/ledger.hpp"
#include "inventory/ledger/tables.hpp"
#include "service/core/plan/plan_day.hpp"
#include "service/core/plan/plan_figures.hpp"
#include "service/core/plan/plan_visits.hpp"
#include "service/schedule/exchange.hpp"
#include "service/schedule/feeds.hpp"

namespace cryobank::core {
namespace {

using schedule::FeedVisit;

constexpr std::array<std::string_view, 11> kFormats{
    "markers",  "ics-clinic",  "ics-lab",  "ics-patient", "fhir", "hl7",
    "minizinc", "dose-series", "worklist", "figures",     "day"};

// What of the visits one reply holds: the piece asked for, so that none is lost.
struct Piece {
  std::vector<FeedVisit> feed;  // by time
  std::size_t total = 0;
  std::int64_t number = 1;
  std::int64_t pieces = 1;
};

// A visit in HL7 or FHIR is about three times as long as in a calendar.
std::size_t piece_max(std::string_view format) {
  return format == "hl7" || format == "fhir" ? kExportLongVisitsMax : kExportVisitsMax;
}

Result<Piece> piece_of(const PlanAsk& ask, std::vector<FeedVisit> feed, std::size_t most) {
  Piece piece;
  piece.total = feed.size();
  piece.pieces =
      std::max<std::int64_t>(1, static_cast<std::int64_t>((feed.size() + most - 1) / most));
  if (ask.body.has("piece")) {
    TRY_ASSIGN(const std::int64_t asked, ask.body.get_integer("piece"));
    piece.number = asked;
  }
  if (piece.number < 1 || piece.number > piece.pieces) {
    return make_error(ErrorCode::invalid_value,
                      cat("expected a piece from 1 to ", piece.pieces, ", came ", piece.number));
  }
  const std::size_t from = static_cast<std::size_t>(piece.number - 1) * most;
  const std::size_t until = std::min(feed.size(), from + most);
  for (std::size_t k = from; k < until; ++k) piece.feed.push_back(std::move(feed[k]));
  std::ranges::stable_sort(piece.feed, {}, [](const FeedVisit& one) { return one.at; });
  return piece;
}

// One message a visit, numbered by the moment of the export.
std::string messages_of(const PlanAsk& ask, const Piece& piece) {
  static_assert(kExportLongVisitsMax <= 1'000,
                "the numbers of one export lie within one millisecond");
  const WallTime now = ask.context.now.wall;
  std::string out;
  std::int64_t number = now.ms * 1'000;
  for (const FeedVisit& visit : piece.feed) {
    const std::string_view event = visit.cancelled ? "S15" : visit.moves > 0 ? "S13" : "S12";
    out += schedule::to_siu(ask.bank.config.site.str(), visit, event, number++, now);
    out += "\n";
  }
  return out;
}

// One line a step, by local time, for paper.
std::string worklist_text(const PlanAsk& ask, Day day) {
  const Zone& zone = ask.bank.config.zone;
  const inventory::View view = ask.view();
  std::string out = cat("Worklist of ", format_day(day), " (", ask.bank.config.time_zone,
                        "), printed at ", format_utc(ask.context.now.wall), ", plan version ",
                        ask.desk.version(view), ". Valid until the plan changes.\n");
  const WallTime first = zone.at(day, 0);
  const WallTime last = zone.at(Day{day.number + 1}, 0);
  constexpr std::array<std::string_view, 3> kSteps{"thaw", "harvest", "infusion"};
  const auto& agenda = view.base().agenda;
  for (auto at =
           agenda.lower_bound(inventory::Appointment{first, {}, 0, inventory::DoseStep::thaw});
       at != agenda.end() && at->at < last; ++at) {
    const inventory::Course& course = *view.course(at->course);
    const inventory::Dose& dose = course.dose(at->dose);
    const int minute = zone.local(at->at).minute;
    const auto two_of = [](int n) { return n < 10 ? cat("0", n) : cat(n); };
    out += cat("[ ] ", two_of(minute / 60), ":", two_of(minute % 60), "  ",
               kSteps[static_cast<std::size_t>(at->step)], "  course ", course.id.str(), "  dose ",
               dose.id.str(), "  patient ", course.patient.str(), "  ", name_of(dose.state));
    if (at->step == inventory::DoseStep::thaw) {
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

Result<Day> asked_day(const PlanAsk& ask) {
  if (!ask.body.has("date")) return ask.today();
  return parse_day(text_in(ask.body, "date"));
}

// The minute plan of a day, today's or one to come.
Result<Decision> export_day(const PlanAsk& ask) {
  const config::SiteConfig& site = ask.bank.config;
  if (site.plan.day.empty()) {
    return make_error(ErrorCode::not_found,
                      "expected the steps of a day ([[plan.step]]), this site tells none");
  }
  TRY_ASSIGN(const Day day, asked_day(ask));
  const WallTime now = ask.clock.plan_time(ask.context.now.wall);
  return text_reply("text/plain", to_text(site, plan_day(site, ask.view(), ask.clock, day, now)),
                    0);
}

// Calendars, FHIR and HL7. A hospital is told of infusions to come, whether they stand or are off.
Result<Decision> export_visits(const PlanAsk& ask, const std::string& format, WantedVisits wanted) {
  TRY_ASSIGN(const FigurePeriod period, figure_period(ask));
  const Zone& zone = ask.bank.config.zone;
  const WallTime now = ask.context.now.wall;
  const bool messages = format == "hl7";
  if (messages) wanted.thaws = false;
  if (ask.body.has("from")) wanted.from = zone.at(period.from, 0);
  if (ask.body.has("until")) wanted.until = zone.at(Day{period.until.number + 1}, 0);
  if (messages && !ask.body.has("from")) wanted.from = zone.at(ask.today(), 0);
  std::vector<FeedVisit> feed = all_visits(ask.bank.config, ask.view(), wanted, ask.today());
  if (messages) std::erase_if(feed, [](const FeedVisit& one) { return one.done; });
  TRY_ASSIGN(const Piece piece, piece_of(ask, std::move(feed), piece_max(format)));
  const std::string& site = ask.bank.config.site.str();
  std::string text, type;
  if (messages) {
    type = "x-application/hl7-v2+er7";
    text = messages_of(ask, piece);
  } else if (format == "fhir") {
    type = "application/fhir+json";
    text = schedule::to_fhir(site, piece.feed, now).dump();
  } else {
    type = "text/calendar";
    text = schedule::to_icalendar(site, cat("cryobank ", site), piece.feed, now);
  }
  const std::size_t withheld = piece.total - piece.feed.size();
  TRY_ASSIGN(Decision decision, text_reply(std::move(type), std::move(text), withheld));
  decision.reply.set("piece", piece.number).set("pieces", piece.pieces);
  decision.reply.set("total", static_cast<std::uint64_t>(piece.total));
  if (withheld > 0) {
    decision.message = cat("piece ", piece.number, " of ", piece.pieces, ": ", withheld, " of ",
                           piece.total, " visits are in the others");
  }
  return decision;
}

}  // namespace

Result<Decision> export_plan(PlanAsk& ask) {
  TRY_ASSIGN(const std::string format, ask.body.get_string("format"));
  if (std::find(kFormats.begin(), kFormats.end(), format) == kFormats.end()) {
    std::string known;
    for (const std::string_view one : kFormats) known += cat(known.empty() ? "" : ", ", one);
    return make_error(
        ErrorCode::invalid_value,
        cat("expected one of ", known, " at \"format\", came \"", clip(format, 30), "\""));
  }
  WantedVisits wanted;
  if (ask.body.has("course")) {
    TRY_ASSIGN(const CourseId id, CourseId::parse(text_in(ask.body, "course")));
    if (ask.view().course(id) == nullptr) {
      return make_error(ErrorCode::not_found, cat("no course is called ", id.str()));
    }
    wanted.course = id;
  }
  if (format == "ics-patient" && wanted.course.empty()) {
    return make_error(ErrorCode::invalid_value, "expected a course for a patient's calendar");
  }
  wanted.thaws = format != "ics-clinic" && format != "ics-patient";
  wanted.infusions = format != "ics-lab";
  const WallTime now = ask.context.now.wall;
  if (format == "worklist") {
    TRY_ASSIGN(const Day day, asked_day(ask));
    return text_reply("text/plain", worklist_text(ask, day), 0);
  }
  if (format == "day") return export_day(ask);
  if (format == "markers") return text_reply("text/csv", markers_csv(ask), 0);
  if (format == "figures") {
    TRY_ASSIGN(const FigurePeriod period, figure_period(ask));
    return text_reply("application/json", figures(ask, period).dump(), 0);
  }
  if (format == "minizinc" || format == "dose-series") {
    // What a proposal that waits was made for is a part of the planning state.
    const Proposal* waits = ask.desk.proposal();
    const std::vector<CourseId> also =
        waits == nullptr ? std::vector<CourseId>() : waits->made.courses;
    const PlanProblem made =
        make_plan_problem(ask.bank.config, ask.view(), ask.clock.plan_time(now), also);
    return text_reply("text/plain",
                      format == "minizinc" ? schedule::write_minizinc(made.problem)
                                           : schedule::write_problem(made.problem),
                      made.left_out.size());
  }
  return export_visits(ask, format, wanted);
}

}  // namespace cryobank::core
