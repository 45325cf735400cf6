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

struct Told {
  std::string_view type;
  void (*tell)(const Now&, const Json&, AlarmDesk&);
};

constexpr Told kTold[] = {{"hold-placed", on_hold},
                          {"hold-released", on_release},
                          {"mismatch-seen", on_mismatch},
                          {"signer-locked", on_locked},
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
