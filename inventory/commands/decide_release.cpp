// course/release: what was received and not yet released, once the tests of its lot allow it.
#include "base/text.hpp"
#include "base/try.hpp"
#include "inventory/commands/decide.hpp"
#include "inventory/commands/gate/intake.hpp"
#include "inventory/commands/unblock.hpp"
#include "inventory/ledger/hold.hpp"
#include "inventory/ledger/quality.hpp"
#include "inventory/ledger/row_codec.hpp"

namespace cryobank::inventory {
namespace {

// QC release of everything received and not yet released, or of a dose's.
Result<Decision> release_course(Ask& ask) {
  TRY_ASSIGN(const auto course, need_course(ask));
  const bool conditional = flag_of(ask.body, "conditional");
  TRY(check_release(ask.view(), course.lot, conditional));
  const AliquotState to =
      conditional ? AliquotState::conditionally_released : AliquotState::released;
  Json ids = Json::array();
  for (const Dose& dose : course.doses) {
    for (const AliquotId& id : dose.aliquots) {
      const auto aliquot = ask.view().aliquot(id);
      const bool waits = aliquot && (aliquot->state == AliquotState::quarantined ||
                                     aliquot->state == AliquotState::conditionally_released);
      if (!waits || aliquot->state == to) continue;
      TRY(check_no_hold(ask.view(), *aliquot, ask.now()));
      ids.push(id.str());
    }
  }
  if (ids.is_null() || ids.items().empty()) {
    return make_error(ErrorCode::conflict,
                      cat("course ", course.id.str(), " has no aliquot that waits for release"));
  }
  const std::size_t count = ids.items().size();
  Json data = act(ask);
  data.set("course", course.id.str());
  data.set("to", name_of(to));
  data.set("aliquots", std::move(ids));
  TRY(ask.trial.add(inventory_fact(fact::kCourseReleased, std::move(data))));
  TRY(unblock_doses(ask, course.id));
  Json reply = Json::object().set("course", course.id.str());
  reply.set("aliquots", static_cast<std::uint64_t>(count));
  return answer(ask, std::move(reply),
                cat("course ", course.id.str(), ": ", count, " aliquots are ", name_of(to)));
}

constexpr DecidedVerb kReleaseCommands[] = {{"course/release", release_course}};

}  // namespace

std::span<const DecidedVerb> release_commands() { return kReleaseCommands; }

}  // namespace cryobank::inventory
