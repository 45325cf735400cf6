// Exposure watch: which vials are over their exposure budget (inventory/ledger/exposure.hpp), on
// hold and not waived, also while they still stand out of the cold. Each stands as an alarm until
// quality has waived it or it is frozen stock no more: one alarm a dose for what was handled too
// long (a P1 while it is in somebody's hands), one a place for what an excursion warmed. A handling
// over the lesser budget is told once, and so is an excursion of the past that a person put on
// record. What the record changed is looked at anew, and what is out
// of the cold every ten seconds.
#pragma once

#include <map>
#include <set>
#include <string>

#include "base/row_reader.hpp"
#include "inventory/ledger/exposure.hpp"
#include "service/core/desk/alarm_desk.hpp"

namespace cryobank::core {

inline constexpr Duration kExposureLookEvery = seconds(10);

class ExposureWatch {
 public:
  ExposureWatch(Bank& bank, AlarmDesk& alarms) : bank_(bank), alarms_(alarms) {}

  void record_changed(const inventory::Touched& touched);
  // REQUIRES: the fact is durable.
  void on_fact(const Now& now, const Fact& fact);
  void look(const Now& now);
  Instant next_deadline() const { return at_; }

 private:
  struct Over {
    std::string source;
    bool handled = false;  // in one handling, else in an excursion
    std::int64_t warm_s = 0;
    WallTime out_since{};   // it goes on; 0: it is over
    bool in_hands = false;  // lifted to be thawed, and not set down
  };
  std::set<AliquotId> to_look_at(const inventory::View& view);
  void judge(const Now& now, const inventory::View& view, const inventory::ExposureBook& book,
             const AliquotId& id);
  void tell_long(const Now& now, const inventory::Aliquot& aliquot, std::uint32_t longest_s);
  void tell_late(const Now& now, const std::string& id,
                 const inventory::ExcursionDocument& excursion, RowReader& in);
  void tell(const Now& now);

  Bank& bank_;
  AlarmDesk& alarms_;
  Instant at_{};  // the first look comes at once, at every vial
  bool everything_ = true;
  bool first_ = true;
  std::set<CourseId> courses_;
  std::set<AliquotId> aliquots_;
  std::map<AliquotId, Over> over_;
  std::map<AliquotId, std::uint32_t> longest_;  // handlings over the lesser budget, as told, s
  std::map<std::string, std::string, std::less<>> told_;  // text by source
};

}  // namespace cryobank::core
