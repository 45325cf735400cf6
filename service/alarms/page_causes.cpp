// Which calls are told together: one cause, one page, one code. A call rides with the first of its
// cause that is as urgent, or is told on its own; it joins and leaves another in two places only,
// and both calls are shown anew each time.
#include <utility>

#include "service/alarms/page_ledger_parts.hpp"

namespace cryobank::alarms {

int PageLedger::Parts::riders_of(const AlarmId& leader) const {
  return static_cast<int>(index.riders_of(leader).size());
}

void PageLedger::Parts::file(const Call& call) {
  index.file(call.summons.alarm, call.leader, call.summons.cause, call.code);
}

// One cause, one page, one code: the call of the same cause that was first and is as urgent.
AlarmId PageLedger::Parts::leader_for(const Summons& summons) const {
  if (summons.cause.empty()) return {};
  for (const AlarmId& alarm : index.heads_of(summons.cause)) {
    const Call& call = calls.at(alarm);
    if (alarm == summons.alarm || call.standing) continue;
    if (call.summons.priority <= summons.priority) return alarm;
  }
  return {};
}

void PageLedger::Parts::ride(Call& call, const Call& leader, LedgerOutputs& out) {
  call.leader = leader.summons.alarm;
  call.code = leader.code;
  file(call);
  mark(out, call.summons.alarm);
  mark(out, call.leader);  // it tells one more
}

// It is told on its own from here on, with a code of its own.
void PageLedger::Parts::leave(Call& call, LedgerOutputs& out) {
  mark(out, call.summons.alarm);
  mark(out, std::exchange(call.leader, AlarmId{}));  // it tells one less
  call.code = draw_code();
  file(call);
}

}  // namespace cryobank::alarms
