// course/release: what was received and not yet released, once the tests of its lot allow it.
#include "base/text.hpp"
#include "inventory/commands/decide.hpp"
#include "inventory/commands/intake.hpp"
#include "inventory/commands/unblock.hpp"
#include "inventory/ledger/hold.hpp"
#include "inventory/ledger/quality.hpp"
#include "inventory/ledger/row_codec.hpp"

namespace cryobank::inventory {
namespace {

// QC release of everything received and not yet released, or of a dose's.
Result<Decision> release_course(Ask& ask) {
  const auto course = need_course(ask);
  if (!course) return course.error();
  const bool conditional = flag_of(ask.body, "conditional");
  const auto passed = check_release(ask.view(), course->lot, conditional);
  if (!passed) return passed.error();
  const AliquotState to =
      conditional ? AliquotState::conditionally_released : AliquotState::released;
  Json ids = Json::array();
  for (const Dose& dose : course->doses) {
    for (const AliquotId& id : dose.aliquots) {
      const auto aliquot = ask.view().aliquot(id);
      const bool waits = aliquot && (aliquot->state == AliquotState::quarantined ||
                                     aliquot->state == AliquotState::conditionally_released);
      if (!waits || aliquot->state == to) continue;
      const auto held = check_no_hold(ask.view(), *aliquot, ask.now());
      if (!held) return held.error();
      ids.push(id.str());
    }
  }
  if (ids.is_null() || ids.items().empty()) {
    return make_error(ErrorCode::conflict,
                      cat("course ", course->id.str(), " has no aliquot that waits for release"));
  }
  const std::size_t count = ids.items().size();
  Json data = act(ask);
  data.set("course", course->id.str());
  data.set("to", name_of(to));
  data.set("aliquots", std::move(ids));
  const auto added = ask.trial.add(inventory_fact(fact::kCourseReleased, std::move(data)));
  if (!added) return added.error();
  const auto unblocked = unblock_doses(ask, course->id);
  if (!unblocked) return unblocked.error();
  Json reply = Json::object().set("course", course->id.str());
  reply.set("aliquots", static_cast<std::uint64_t>(count));
  return answer(ask, std::move(reply),
                cat("course ", course->id.str(), ": ", count, " aliquots are ", name_of(to)));
}

constexpr DecidedVerb kReleaseCommands[] = {{"course/release", release_course}};

}  // namespace

std::span<const DecidedVerb> release_commands() { return kReleaseCommands; }

}  // namespace cryobank::inventory
