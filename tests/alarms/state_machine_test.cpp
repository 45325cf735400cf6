// Every state with every event: 40 results, each written out.
#include "service/alarms/state_machine.hpp"

#include <gtest/gtest.h>

#include <string>

#include "base/text.hpp"

namespace cryobank::alarms {
namespace {

using State = AlarmState;
using Event = AlarmEvent;

// "refused", or the next state with what it asks for.
std::string result(State state, Event event) {
  const Transition step = transition(state, event);
  if (!step.allowed) return "refused";
  return cat(name_of(step.next), step.new_occurrence ? " new" : "", step.page ? " page" : "",
             step.quiet ? " quiet" : "", step.verify ? " verify" : "");
}

TEST(StateMachine, EveryStateAnswersEveryEvent) {
  struct Row {
    State state;
    Event event;
    std::string expected;
  };
  const std::vector<Row> rows{
      {State::closed, Event::occur, "active-unacknowledged new page"},
      {State::closed, Event::rise, "refused"},
      {State::closed, Event::clear, "refused"},
      {State::closed, Event::clear_latching, "refused"},
      {State::closed, Event::acknowledge, "refused"},
      {State::closed, Event::unacknowledge, "refused"},
      {State::closed, Event::confirm, "refused"},
      {State::closed, Event::reset, "refused"},
      {State::active_unacknowledged, Event::occur, "refused"},
      {State::active_unacknowledged, Event::rise, "active-unacknowledged page"},
      {State::active_unacknowledged, Event::clear, "cleared-unacknowledged"},
      {State::active_unacknowledged, Event::clear_latching, "cleared-unacknowledged"},
      {State::active_unacknowledged, Event::acknowledge, "active-acknowledged quiet verify"},
      {State::active_unacknowledged, Event::unacknowledge, "refused"},
      {State::active_unacknowledged, Event::confirm, "active-acknowledged quiet verify"},
      {State::active_unacknowledged, Event::reset, "refused"},
      {State::active_acknowledged, Event::occur, "refused"},
      {State::active_acknowledged, Event::rise, "active-unacknowledged page"},
      {State::active_acknowledged, Event::clear, "closed quiet"},
      {State::active_acknowledged, Event::clear_latching, "latched quiet"},
      {State::active_acknowledged, Event::acknowledge, "refused"},
      {State::active_acknowledged, Event::unacknowledge, "active-unacknowledged page"},
      {State::active_acknowledged, Event::confirm, "refused"},
      {State::active_acknowledged, Event::reset, "refused"},
      {State::cleared_unacknowledged, Event::occur, "active-unacknowledged new page"},
      {State::cleared_unacknowledged, Event::rise, "refused"},
      {State::cleared_unacknowledged, Event::clear, "refused"},
      {State::cleared_unacknowledged, Event::clear_latching, "refused"},
      {State::cleared_unacknowledged, Event::acknowledge, "closed quiet"},
      {State::cleared_unacknowledged, Event::unacknowledge, "refused"},
      {State::cleared_unacknowledged, Event::confirm, "latched quiet"},
      {State::cleared_unacknowledged, Event::reset, "refused"},
      {State::latched, Event::occur, "active-unacknowledged new page"},
      {State::latched, Event::rise, "refused"},
      {State::latched, Event::clear, "refused"},
      {State::latched, Event::clear_latching, "refused"},
      {State::latched, Event::acknowledge, "closed quiet"},
      {State::latched, Event::unacknowledge, "refused"},
      {State::latched, Event::confirm, "refused"},
      {State::latched, Event::reset, "closed quiet"},
  };
  ASSERT_EQ(rows.size(), kAlarmStates * kAlarmEvents);
  for (const Row& row : rows) {
    EXPECT_EQ(result(row.state, row.event), row.expected)
        << name_of(row.state) << " + " << name_of(row.event);
  }
}

// Whatever is active and unseen is paged, and nothing that is closed ever is.
TEST(StateMachine, PagesExactlyOnTheWayIntoActiveUnacknowledged) {
  for (std::size_t s = 0; s < kAlarmStates; ++s) {
    for (std::size_t e = 0; e < kAlarmEvents; ++e) {
      const Transition step = transition(static_cast<State>(s), static_cast<Event>(e));
      if (!step.allowed) continue;
      EXPECT_EQ(step.page, step.next == State::active_unacknowledged);
      EXPECT_EQ(step.verify, step.next == State::active_acknowledged);
    }
  }
}

}  // namespace
}  // namespace cryobank::alarms
