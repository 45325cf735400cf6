#include "inventory/commands/unblock.hpp"

#include "base/try.hpp"
#include "inventory/ledger/apply/apply.hpp"

namespace cryobank::inventory {

Status unblock_doses(Ask& ask, const CourseId& course, bool held) {
  std::vector<std::pair<CourseId, DoseId>> waiting;
  for (const Appointment& entry : ask.view().base().blocked) {
    if (!course.empty() && entry.course != course) continue;
    const Course* now = ask.view().course(entry.course);
    if (now == nullptr) continue;
    const Dose& dose = now->dose(entry.dose);
    if (dose.state != DoseState::planned || dose.blocked.empty()) continue;
    // What a person or a robot ended is not begun again by itself.
    if (dose.blocked.starts_with(kThawEnded)) continue;
    if (dose.blocked.starts_with(kThawHeld) && !held) continue;
    waiting.emplace_back(entry.course, dose.id);
    if (waiting.size() >= kUnblockMax) break;
  }
  for (const auto& [id, dose] : waiting) {
    Json data = Json::object().set("course", id.str()).set("dose", dose.str());
    TRY(ask.trial.add(inventory_fact(fact::kDoseThawUnblocked, std::move(data))));
  }
  return {};
}

}  // namespace cryobank::inventory
