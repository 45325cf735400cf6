#include "inventory/commands/store_at_once.hpp"

#include "base/text.hpp"
#include "base/try.hpp"
#include "inventory/commands/make_job.hpp"

namespace cryobank::inventory {

Result<Decision> store_at_once(Ask& ask, const CourseId& id, const std::vector<AliquotId>& aliquots,
                               Json reply, std::string_view what) {
  const Json& store = ask.body["store"];
  TRY_ASSIGN(const auto dry, maybe_bool(store, "dry_run"));
  TRY_ASSIGN(const auto robot, need_robot(ask, store));
  TRY(put_into_port(ask, *robot, aliquots, store["positions"]));
  const Course course = *ask.view().course(id);
  TRY_ASSIGN(const auto stored, store_aliquots(ask, *robot, course, aliquots, store));
  show(ask.view(), course, stored, reply);
  if (dry) {
    (void)ask.trial.take_facts();
    return answer(ask, std::move(reply), cat("dry run: ", what, " would find a place"));
  }
  reply.set("job", stored.job.id.str());
  Decision decision =
      answer(ask, std::move(reply), cat(what, " registered; stored by ", stored.job.id.str()));
  decision.accepted_only = true;
  return decision;
}

}  // namespace cryobank::inventory
