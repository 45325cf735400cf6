#include "service/core/custody_alarms.hpp"

#include <utility>

#include "base/text.hpp"
#include "inventory/ledger/row_codec.hpp"
#include "inventory/ledger/view.hpp"

namespace cryobank::core {
namespace {

constexpr std::string_view kMismatch = "mismatch";
constexpr std::string_view kRecall = "doses-to-recall";
constexpr std::string_view kSecondCourse = "second-course";
constexpr std::string_view kLocked = "signing-locked";
constexpr std::string_view kOverdue = "shipment-overdue";
constexpr std::string_view kOverBudget = "exposure-over-budget";
constexpr std::string_view kLongHandling = "handling-long";
constexpr std::string_view kShort = "dose-short";
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

void on_mismatch(const Now& now, const Json& data, AlarmDesk& alarms) {
  alarms.raise(now, condition(data.string_or("hold", ""), kMismatch, alarms::Priority::p1,
                              cat("MISMATCH at ", data.string_or("target", ""), ": expected ",
                                  data.string_or("expected", ""), ", scanned ",
                                  data.string_or("scanned", "")),
                              "Keep everything where it is; two people find out which vial this is "
                              "and release the hold."));
}

// "c1/d01, c2/d03"; the first few, for a page is short. Never who the patient is: a page is read by
// whoever stands beside its pager; the fact names them.
std::string recipients(const Json& given) {
  constexpr std::size_t kNamedMax = 8;
  std::string out;
  for (std::size_t i = 0; i < given.items().size() && i < kNamedMax; ++i) {
    const Json& dose = given.items()[i];
    out += cat(i == 0 ? "" : ", ", dose.string_or("course", ""), "/", dose.string_or("dose", ""));
  }
  return given.items().size() > kNamedMax ? out + " and more" : out;
}

void on_hold(const Now& now, const Json& data, AlarmDesk& alarms) {
  const Json& given = data["doses_given"];
  if (!given.is_array() || given.items().empty()) return;
  alarms.raise(
      now, condition(
               data.string_or("hold", ""), kRecall, alarms::Priority::p1,
               cat(given.items().size(), " doses of ", data.string_or("target", ""),
                   " were given or handed over before a test failed: ", recipients(given)),
               "Tell the treating physicians; the fact lists course, dose and pseudonym of each."));
}

// Nothing stands that could be settled: it is told once, and goes when it is acknowledged.
void on_second_course(const Now& now, const Json& data, AlarmDesk& alarms) {
  const std::string source = alarm_source(data.string_or("aliquot", ""));
  alarms.raise(now, condition(source, kSecondCourse, alarms::Priority::p2,
                              cat("Aliquot ", data.string_or("aliquot", ""), " of course ",
                                  data.string_or("course", ""), " was to be linked to course ",
                                  data.string_or("wanted", ""), " by ", data.string_or("by", "")),
                              "Refused. Find out which label or list is wrong before either course "
                              "goes on."));
  alarms.clear(now, source, kSecondCourse);
}

void on_release(const Now& now, const Json& data, AlarmDesk& alarms) {
  const std::string source = alarm_source(data.string_or("hold", ""));
  alarms.clear(now, source, kMismatch);
  alarms.clear(now, source, kRecall);
}

void on_locked(const Now& now, const Json& data, AlarmDesk& alarms) {
  const std::string user = data.string_or("user", "");
  alarms.raise(now,
               condition(user, kLocked, alarms::Priority::p3,
                         cat(user, " gave ", data.integer_or("wrong", 0), " wrong signing secrets"),
                         "Ask the person; another one unlocks with signer/unlock."));
}

void on_unlocked(const Now& now, const Json& data, AlarmDesk& alarms) {
  alarms.clear(now, alarm_source(data.string_or("user", "")), kLocked);
}

// Over budget counts as a hold; a person must hear of it. It stands while the excursion goes on,
// and until somebody took it.
void on_excursion(const Now& now, const Json& data, AlarmDesk& alarms) {
  const std::string place = data.string_or("at_place", "");
  const std::int64_t over = data.integer_or("over_budget", 0);
  if (over > 0) {
    alarms.raise(
        now,
        condition(place, kOverBudget, alarms::Priority::p2,
                  cat(over, " of ", data.integer_or("aliquots", 0), " aliquots in ", place,
                      " were warm for longer than their budget: ", data.string_or("excursion", "")),
                  "They are on hold: exposure/report lists them, and quality judges "
                  "them with exposure/waive."));
  }
  if (!data.bool_or("open", false)) alarms.clear(now, alarm_source(place), kOverBudget);
}

// Of vials that were moved together, the one that was out the longest is named.
void on_placed(const Now& now, const Json& data, AlarmDesk& alarms) {
  const Json* worst = nullptr;
  std::size_t others = 0;
  for (const Json& item : data["items"].items()) {
    if (!item.bool_or("over_budget", false) && !item.bool_or("over_handling", false)) continue;
    if (worst != nullptr) ++others;
    if (worst == nullptr || worst->integer_or("out_s", 0) < item.integer_or("out_s", 0)) {
      worst = &item;
    }
  }
  if (worst == nullptr) return;
  const std::string source = worst->string_or("aliquot", "");
  const bool hard = worst->bool_or("over_budget", false);
  const std::string_view name = hard ? kOverBudget : kLongHandling;
  alarms.raise(now, condition(source, name, hard ? alarms::Priority::p2 : alarms::Priority::p3,
                              cat("Aliquot ", source, " was out of the cold for ",
                                  worst->integer_or("out_s", 0), " s in one handling",
                                  others == 0 ? "" : cat(", and ", others, " more for too long")),
                              hard ? "It is on hold: quality judges it with exposure/waive."
                                   : "Find out why it took so long."));
  alarms.clear(now, alarm_source(source), name);
}

// A dose with too few viable cells: who plans the next must know what the rest will make.
void on_harvest(const Now& now, const Json& data, AlarmDesk& alarms) {
  const Json& less = data["short"];
  if (!less.is_object()) return;
  const std::string course = data.string_or("course", "");
  const std::string dose = data.string_or("dose", "");
  const std::string source = cat(course, ".", dose);
  alarms.raise(
      now, condition(source, kShort, alarms::Priority::p2,
                     cat("Dose ", dose, " of course ", course, " has ",
                         less.integer_or("viable_cells", 0), " viable cells, wanted ",
                         less.integer_or("wanted_cells", 0), ": the ", less.integer_or("usable", 0),
                         " usable of ", less.integer_or("doses_left", 0),
                         " doses left make at this yield ", less.integer_or("full_doses", 0)),
                     "Tell the treating physician; thaw more or plan the course anew."));
  alarms.clear(now, alarm_source(source), kShort);
}

struct Told {
  std::string_view type;
  void (*tell)(const Now&, const Json&, AlarmDesk&);
};

constexpr Told kTold[] = {{"aliquots-placed", on_placed},
                          {"dose-harvested", on_harvest},
                          {"excursion-recorded", on_excursion},
                          {"hold-placed", on_hold},
                          {"hold-released", on_release},
                          {"mismatch-seen", on_mismatch},
                          {"second-course-refused", on_second_course},
                          {"signer-locked", on_locked},
                          {"signer-unlocked", on_unlocked}};

}  // namespace

void tell_custody(const Now& now, const Fact& fact, AlarmDesk& alarms) {
  for (const Told& told : kTold) {
    if (told.type == fact.type) told.tell(now, fact.data, alarms);
  }
}

void ShipmentWatch::look(const Now& now) {
  at_ = now.mono + kCustodyLookEvery;
  const inventory::View view(bank_.ledger);
  std::set<std::string, std::less<>> late;
  for (const std::string& id : view.documents("shipment")) {
    const Json& shipment = *view.document("shipment", id);
    const WallTime due = inventory::time_at(shipment, "arrives_by");
    if (shipment.string_or("state", "") != "sent" || now.wall < due + kShipmentGrace) continue;
    late.insert(alarm_source(id));
    if (told_.contains(alarm_source(id))) continue;
    alarms_.raise(
        now, condition(id, kOverdue, alarms::Priority::p2,
                       cat(id, " to ", shipment.string_or("to", ""), " with ",
                           shipment["manifest"].items().size(), " aliquots was to arrive by ",
                           shipment.string_or("arrives_by", "")),
                       "Call the courier; receive what has come, and search for what is missing."));
  }
  alarms_.clear_others(now, kOverdue, late);
  told_ = std::move(late);
}

}  // namespace cryobank::core
