#include "service/core/custody_alarms.hpp"

#include <utility>

#include "inventory/row_codec.hpp"
#include "inventory/view.hpp"
#include "service/base/text.hpp"

namespace cryobank::core {
namespace {

constexpr std::string_view kMismatch = "mismatch";
constexpr std::string_view kRecall = "doses-to-recall";
constexpr std::string_view kLocked = "signing-locked";
constexpr std::string_view kOverdue = "shipment-overdue";
constexpr std::string_view kOverBudget = "exposure-over-budget";
constexpr std::string_view kLongHandling = "handling-long";
constexpr Duration kLookEvery = minutes(1);

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

void on_hold(const Now& now, const Json& data, AlarmDesk& alarms) {
  const Json& given = data["doses_given"];
  if (!given.is_array() || given.items().empty()) return;
  alarms.raise(
      now, condition(
               data.string_or("hold", ""), kRecall, alarms::Priority::p1,
               cat(given.items().size(), " doses of ", data.string_or("target", ""),
                   " were given or handed over before a test failed"),
               "Tell the treating physicians; the fact lists course, dose and pseudonym of each."));
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

void on_placed(const Now& now, const Json& data, AlarmDesk& alarms) {
  const bool hard = data.bool_or("over_budget", false);
  if (!hard && !data.bool_or("over_handling", false)) return;
  const Json& item = data["items"].items().front();
  const std::string source = item.string_or("aliquot", "");
  const std::string_view name = hard ? kOverBudget : kLongHandling;
  alarms.raise(now, condition(source, name, hard ? alarms::Priority::p2 : alarms::Priority::p3,
                              cat("Aliquot ", source, " was out of the cold for ",
                                  item.integer_or("out_s", 0), " s in one handling"),
                              hard ? "It is on hold: quality judges it with exposure/waive."
                                   : "Find out why it took so long."));
  alarms.clear(now, alarm_source(source), name);
}

struct Told {
  std::string_view type;
  void (*tell)(const Now&, const Json&, AlarmDesk&);
};

constexpr Told kTold[] = {{"aliquots-placed", on_placed},  {"excursion-recorded", on_excursion},
                          {"hold-placed", on_hold},        {"hold-released", on_release},
                          {"mismatch-seen", on_mismatch},  {"signer-locked", on_locked},
                          {"signer-unlocked", on_unlocked}};

}  // namespace

void tell_custody(const Now& now, const Fact& fact, AlarmDesk& alarms) {
  for (const Told& told : kTold) {
    if (told.type == fact.type) told.tell(now, fact.data, alarms);
  }
}

void ShipmentWatch::look(const Now& now) {
  at_ = now.mono + kLookEvery;
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
  for (const AlarmId& alarm : bank_.board.open_alarms()) {
    std::string_view source = alarm.str();
    if (!source.ends_with(kOverdue)) continue;
    source.remove_suffix(kOverdue.size() + 1);
    if (!late.contains(source)) alarms_.clear(now, source, kOverdue);
  }
  told_ = std::move(late);
}

}  // namespace cryobank::core
