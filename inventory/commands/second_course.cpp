#include "inventory/commands/second_course.hpp"

#include "base/text.hpp"
#include "base/try.hpp"
#include "inventory/ledger/apply/effects.hpp"

namespace cryobank::inventory {

Status add_second_course(Ask& ask, const Aliquot& aliquot, const CourseId& wanted, ErrorCode told) {
  Json data = act(ask);
  data.set("aliquot", aliquot.id.str());
  data.set("code", aliquot.code);
  data.set("course", aliquot.course.str());
  data.set("refused", name_of(told));
  data.set("wanted", wanted.str());
  add_count(data, "second-courses");
  return ask.trial.add(inventory_fact(fact::kSecondCourseRefused, std::move(data)));
}

Result<Decision> note_second_course(Ask& ask, const Aliquot& aliquot, const CourseId& wanted) {
  TRY(add_second_course(ask, aliquot, wanted));
  const std::string why =
      cat("aliquot ", aliquot.id.str(), " with code ", aliquot.code, " belongs to course ",
          aliquot.course.str(), ", not to ", wanted.str());
  Json reply = Json::object().set("refused", name_of(ErrorCode::mismatch));
  reply.set("aliquot", aliquot.id.str()).set("course", aliquot.course.str());
  Decision decision = answer(ask, std::move(reply), why);
  decision.refused = make_error(ErrorCode::mismatch, why);
  return decision;
}

}  // namespace cryobank::inventory
