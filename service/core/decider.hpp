// Decider: finds the room that a command belongs to and asks it. It changes nothing but the draft
// that the commands of one batch are decided on. Planning is decided here, because the schedule and
// the inventory do not know each other: times come from the schedule, and are recorded by the
// inventory.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "service/core/bank.hpp"
#include "service/core/list_errand.hpp"
#include "service/core/plan_anchor.hpp"
#include "service/wire/list_desk.hpp"
#include "service/wire/work.hpp"

namespace cryobank::core {

class PlanDesk;

// A list above this is decided on a thread of its own: about a hundred lines.
inline constexpr std::size_t kListAtOnceMax = 8 * 1024;
// And so is a command about more vials than these, as of moves or of a disposal.
inline constexpr std::size_t kItemsAtOnceMax = 100;

struct Decided {
  DecidedBy by = DecidedBy::inventory;
  Decision decision;
  std::vector<RowChange> rows;  // of this floor, beside those of the room
};

class Decider {
 public:
  Decider(const Bank& bank, const PlanAnchor& clock, const ListDesk& lists, const PlanDesk& plans)
      : bank_(bank), clock_(clock), lists_(lists), plans_(plans) {}

  // `draft` holds what the same batch decided before; the inventory's facts of this decision are
  // applied to it. After an Error it is as it was.
  Result<Decided> decide(inventory::Draft& draft, std::string_view verb, const Json& body,
                         const CommandContext& context) const;

  // A list that takes too long to be decided between two pages; it is then decided by errand_for,
  // on a draft that holds nothing else.
  bool is_long(const Command& command) const;
  // `body`: the command's, or its dry run. Error: as decide() would say. `trial`: it leaves nothing
  // in the draft and no fact, and only says what it would do.
  Result<std::shared_ptr<ListErrand>> errand_for(inventory::Draft& draft, const Command& command,
                                                 Json body, const CommandContext& context,
                                                 bool trial) const;

 private:
  Result<Decided> plan(inventory::Draft& draft, const Json& body,
                       const CommandContext& context) const;
  Result<Decided> release_and_plan(inventory::Draft& draft, const Json& body,
                                   const CommandContext& context) const;
  Result<Decided> thaw(inventory::Draft& draft, std::string_view verb, const Json& body,
                       const CommandContext& context) const;
  Result<Decided> pause(std::string_view verb, const Json& body,
                        const CommandContext& context) const;
  void put_steps(const Now& now, devices::DeviceIndex robot, Json& reply) const;
  Result<Decided> inspect(const Now& now, const Json& body) const;
  Result<Decided> backup() const;
  Result<Decided> page_test(const Json& body, const CommandContext& context) const;

  const Bank& bank_;
  const PlanAnchor& clock_;
  const ListDesk& lists_;
  const PlanDesk& plans_;
};

}  // namespace cryobank::core
