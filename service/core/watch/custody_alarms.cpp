#include "service/core/watch/custody_alarms.hpp"

#include <utility>

#include "base/row_reader.hpp"
#include "base/text.hpp"
#include "inventory/ledger/documents.hpp"
#include "inventory/ledger/row_codec.hpp"
#include "inventory/ledger/view.hpp"

namespace cryobank::core {
namespace {

constexpr std::string_view kMismatch = "mismatch";
constexpr std::string_view kRecall = "doses-to-recall";
constexpr std::string_view kLotFailed = "lot-failed";
constexpr std::string_view kSecondCourse = "second-course";
constexpr std::string_view kLocked = "signing-locked";
constexpr std::string_view kOverdue = "shipment-overdue";
constexpr std::string_view kShort = "dose-short";
constexpr std::string_view kUnreadFact = "record-contradiction";
constexpr std::string_view kAfterInfusion = "after-infusion";
constexpr Duration kCustodyLookEvery = minutes(1);

alarms::Condition condition(std::string_view source, std::string_view name,
                            alarms::Priority priority, std::string text, std::string action) {
  alarms::Condition told;
  told.source = alarm_source(source);
  told.condition = std::string(name);
  told.priority = priority;
  told.text = std::move(text);
  told.action = std::move(action);
  return told;
}

void on_mismatch(const Now& now, RowReader& in, AlarmDesk& alarms) {
  alarms.raise(now, condition(in.any_text("hold"), kMismatch, alarms::Priority::p1,
                              cat("MISMATCH at ", in.any_text("target"), ": expected ",
                                  in.any_text("expected"), ", scanned ", in.any_text("scanned")),
                              "Keep everything where it is; two people find out which vial this is "
                              "and release the hold."));
}

// "c1/d01 on 2026-12-04, c2/d03 on ..."; the first few, for a page is short. Never who the patient
// is: a page is read by whoever stands beside its pager; the fact names them.
std::string recipients(const Json::Array& given) {
  constexpr std::size_t kNamedMax = 8;
  std::string out;
  for (std::size_t i = 0; i < given.size() && i < kNamedMax; ++i) {
    RowReader dose("a dose that was given", given[i]);
    out += cat(i == 0 ? "" : ", ", dose.any_text("course"), "/", dose.any_text("dose"));
    WallTime at = dose.maybe_time("infused_at");
    if (at.ms == 0) at = dose.maybe_time("issued_at");
    if (at.ms != 0) out += cat(" at ", format_utc(at));
  }
  return given.size() > kNamedMax ? out + " and more" : out;
}

// A lot that failed a test: with doses that reached patients it is a recall, which comes first.
void on_hold(const Now& now, RowReader& in, AlarmDesk& alarms) {
  const Json::Array& given = in.maybe_list("doses_given");
  const std::string test = in.maybe_text("test");
  if (!given.empty()) {
    alarms.raise(
        now, condition(in.any_text("hold"), kRecall, alarms::Priority::p1,
                       cat(given.size(), " doses of ", in.any_text("target"),
                           " were given or handed over before a test failed: ", recipients(given)),
                       "Tell the treating physicians; the fact lists course, dose and pseudonym of "
                       "each."));
  } else if (!test.empty()) {
    alarms.raise(
        now,
        condition(in.any_text("hold"), kLotFailed, alarms::Priority::p2,
                  cat("Test ", test, " of ", in.any_text("target"),
                      " is not passed: ", in.maybe_number("aliquots"), " aliquots are on hold, ",
                      in.maybe_list("doses_under_way").size(), " doses are out of the cold, ",
                      in.maybe_list("doses_planned").size(), " have a date; nobody was given any"),
                  "Find out what happened; tell the treating physicians; decide on another "
                  "collection, or on an exception."));
  }
}

// Nothing stands that could be settled: it is told once, and goes when it is acknowledged.
void on_second_course(const Now& now, RowReader& in, AlarmDesk& alarms) {
  const std::string source = alarm_source(in.any_text("aliquot"));
  alarms.raise(now, condition(source, kSecondCourse, alarms::Priority::p2,
                              cat("Aliquot ", in.any_text("aliquot"), " of course ",
                                  in.any_text("course"), " was to be linked to course ",
                                  in.any_text("wanted"), " by ", in.any_text("by")),
                              "Refused. Find out which label or list is wrong before either course "
                              "goes on."));
  alarms.clear(now, source, kSecondCourse);
}

void on_release(const Now& now, RowReader& in, AlarmDesk& alarms) {
  const std::string source = alarm_source(in.any_text("hold"));
  alarms.clear(now, source, kMismatch);
  alarms.clear(now, source, kRecall);
  alarms.clear(now, source, kLotFailed);
}

void on_locked(const Now& now, RowReader& in, AlarmDesk& alarms) {
  const std::string user = in.any_text("user");
  alarms.raise(now, condition(user, kLocked, alarms::Priority::p3,
                              cat(user, " gave ", in.number("wrong"), " wrong signing secrets"),
                              "Ask the person; another one unlocks with signer/unlock."));
}

void on_unlocked(const Now& now, RowReader& in, AlarmDesk& alarms) {
  alarms.clear(now, alarm_source(in.any_text("user")), kLocked);
}

// A dose with too few viable cells: who plans the next must know what the rest will make.
void on_harvest(const Now& now, RowReader& in, AlarmDesk& alarms) {
  const Json* shortfall = in.maybe_object("short");
  if (shortfall == nullptr) return;
  RowReader less("\"short\" of fact dose-harvested", *shortfall);
  const std::string course = in.any_text("course");
  const std::string dose = in.any_text("dose");
  const std::string source = cat(course, ".", dose);
  alarms.raise(
      now, condition(source, kShort, alarms::Priority::p2,
                     cat("Dose ", dose, " of course ", course, " has ", less.number("viable_cells"),
                         " viable cells, wanted ", less.maybe_number("wanted_cells"), ": the ",
                         less.number("usable"), " usable of ", less.number("doses_left"),
                         " doses left make at this yield ", less.number("full_doses")),
                     "Tell the treating physician; thaw more or plan the course anew."));
  alarms.clear(now, alarm_source(source), kShort);
}

// No value in it: a page says nothing about a patient. It is told once, and goes when taken.
void on_observation(const Now& now, RowReader& in, AlarmDesk& alarms) {
  const std::string course = in.text("course");
  const std::string dose = in.text("dose");
  const std::string measure = in.text("measure");
  const std::vector<std::string> crossed = in.texts("crossed");
  const bool held = in.flag("held");
  if (!in.ok() || crossed.empty()) return;
  const std::string source = cat(course, ".", dose, ".", measure);
  alarms.raise(now,
               condition(source, kAfterInfusion, alarms::Priority::p2,
                         cat("An observation after dose ", dose, " of course ", course,
                             " crossed rule ", crossed.front(), held ? "; the course is held" : ""),
                         "Tell the treating physician; observation/list shows the values."));
  alarms.clear(now, alarm_source(source), kAfterInfusion);
}

struct Told {
  FactName fact;
  void (*tell)(const Now&, RowReader&, AlarmDesk&);
};

constexpr Told kTold[] = {{fact::kDoseHarvested, on_harvest},
                          {fact::kHoldPlaced, on_hold},
                          {fact::kHoldReleased, on_release},
                          {fact::kMismatchSeen, on_mismatch},
                          {fact::kObservationRecorded, on_observation},
                          {fact::kSecondCourseRefused, on_second_course},
                          {fact::kSignerLocked, on_locked},
                          {fact::kSignerUnlocked, on_unlocked}};

}  // namespace

void tell_custody(const Now& now, const Fact& fact, AlarmDesk& alarms) {
  for (const Told& told : kTold) {
    if (fact.type != told.fact) continue;
    RowReader in(told.fact.type(), fact.data);
    told.tell(now, in, alarms);  // also with what could be read, when not all could
    if (in.ok()) continue;
    alarms.raise(
        now, condition("service", kUnreadFact, alarms::Priority::p2, in.status().error().context,
                       "Keep the journal as it is and call the people who maintain it."));
  }
}

void ShipmentWatch::look(const Now& now) {
  at_ = now.mono + kCustodyLookEvery;
  const inventory::View view(bank_.ledger);
  std::set<std::string, std::less<>> late;
  for (const std::string& id : view.documents("shipment")) {
    const auto shipment = *inventory::document_of<inventory::ShipmentDocument>(view, id);
    const WallTime due = shipment.arrives_by;
    if (shipment.state != "sent" || now.wall < due + kShipmentGrace) continue;
    late.insert(alarm_source(id));
    if (told_.contains(alarm_source(id))) continue;
    alarms_.raise(
        now, condition(id, kOverdue, alarms::Priority::p2,
                       cat(id, " to ", shipment.to, " with ", shipment.manifest.size(),
                           " aliquots was to arrive by ", format_utc(due)),
                       "Call the courier; receive what has come, and search for what is missing."));
  }
  alarms_.clear_others(now, kOverdue, late);
  told_ = std::move(late);
}

}  // namespace cryobank::core
