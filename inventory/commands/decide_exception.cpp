// quality/exception, quality/notice: the only way of a product that is out of its specification
// towards its patient (out_of_spec.hpp).
#include "base/text.hpp"
#include "base/try.hpp"
#include "inventory/commands/decide.hpp"
#include "inventory/commands/unblock.hpp"
#include "inventory/ledger/apply/effects.hpp"
#include "inventory/ledger/documents.hpp"
#include "inventory/ledger/hold.hpp"
#include "inventory/ledger/out_of_spec.hpp"
#include "inventory/ledger/row_codec.hpp"

namespace cryobank::inventory {
namespace {

constexpr std::size_t kStatementBytes = 1000;
constexpr std::string_view kExceptionFields[] = {"criterion", "investigation", "clinician"};

// What failed, what was found out and who was told: none of it may be blank.
Status read_statements(const Ask& ask, Json& data) {
  for (const std::string_view key : kExceptionFields) {
    TRY_ASSIGN(const auto text, maybe_text(ask.body, key, kStatementBytes));
    if (trim(text).empty()) {
      return make_error(ErrorCode::malformed, cat("expected a text at \"", key, "\""));
    }
    data.set(key, text);
  }
  return {};
}

// What waits in quarantine becomes released; gives how many there are. Neither the lot nor what is
// frozen of the course may be on hold.
Result<std::size_t> release_waiting(const Ask& ask, const Course& course, Json& data) {
  std::size_t count = 0;
  const auto holds = ask.view().holds_of(hold_target(HoldScope::lot, course.lot.str()));
  if (!course.lot.empty() && !holds.empty()) {
    return make_error(ErrorCode::conflict, cat("lot ", course.lot.str(), " is on hold (",
                                               holds.size(), " in force): ", holds.front()));
  }
  for (const AliquotId& id :
       reached_by(ask.view(), hold_target(HoldScope::course, course.id.str()))) {
    const auto aliquot = ask.view().aliquot(id);
    if (!aliquot || !is_frozen_stock(aliquot->state)) continue;
    TRY(check_no_hold(ask.view(), *aliquot, ask.now()));
    if (aliquot->state != AliquotState::quarantined) continue;
    add_state(data, id, AliquotState::released);
    ++count;
  }
  return count;
}

// Release although a criterion was not met: what failed, what was found out, who of the treating
// side was told, and two signatures.
Result<Decision> release_exceptionally(Ask& ask) {
  TRY_ASSIGN(const auto course, need_course(ask));
  Json data = act(ask);
  TRY(read_statements(ask, data));
  TRY(need_second_signer(ask, "an exceptional release"));
  TRY_ASSIGN(const auto count, release_waiting(ask, course, data));
  std::vector<std::string> tests = failed_tests(ask.view(), course.lot);
  if (count == 0 && tests.empty()) {
    return make_error(ErrorCode::conflict, cat("course ", course.id.str(),
                                               " has no aliquot in quarantine, and no test of its "
                                               "lot failed"));
  }
  CHECK(after(spec_of(ask.view(), course), SpecEvent::authorised) == SpecState::authorised);
  // Kept beside the course, so that its topic and every label printed later show it.
  const ExceptionDocument exception{ask.now(),
                                    ask.context.actor.user,
                                    ask.context.actor.witness,
                                    ask.context.reason,
                                    text_of(ask.body, "criterion"),
                                    text_of(ask.body, "investigation"),
                                    text_of(ask.body, "clinician"),
                                    std::move(tests),
                                    {},
                                    {}};
  keep_document(data, course.id.str(), exception);
  data.set("course", course.id.str());
  data.set("courses", Json::array().push(course.id.str()));
  add_count(data, "overrides");
  add_count(data, "overrides-release");
  TRY(ask.trial.add(inventory_fact(fact::kExceptionalRelease, std::move(data))));
  Json reply = Json::object().set("course", course.id.str());
  reply.set("aliquots", static_cast<std::uint64_t>(count));
  reply.set("state", name_of(spec_of(ask.view(), course)));
  return answer(ask, std::move(reply),
                cat(count, " aliquots are released by exception; nothing of course ",
                    course.id.str(), " is used before a physician confirms (quality/notice)"));
}

// The physician's own word, and nobody's who decided on it.
Result<Decision> tell_physician(Ask& ask) {
  TRY_ASSIGN(const auto course, need_course(ask));
  const SpecState state = spec_of(ask.view(), course);
  if (!after(state, SpecEvent::physician_told)) {
    return make_error(ErrorCode::conflict,
                      cat("course ", course.id.str(), " is ", name_of(state),
                          ", expected it authorised and not yet confirmed (quality/exception)"));
  }
  ExceptionDocument exception = *document_of<ExceptionDocument>(ask.view(), course.id.str());
  const UserId& user = ask.context.actor.user;
  if (user == exception.by || user == exception.witness) {
    return make_error(ErrorCode::not_authorised,
                      cat(user.str(), " signed the exception: expected another person"));
  }
  exception.told = user;
  exception.told_at = ask.now();
  Json data = act(ask);
  keep_document(data, course.id.str(), exception);
  data.set("course", course.id.str());
  data.set("courses", Json::array().push(course.id.str()));
  TRY(ask.trial.add(inventory_fact(fact::kExceptionTold, std::move(data))));
  TRY(unblock_doses(ask, course.id));
  Json reply = Json::object().set("course", course.id.str());
  reply.set("state", name_of(spec_of(ask.view(), course)));
  return answer(
      ask, std::move(reply),
      cat("course ", course.id.str(), " may be used by exception: ", user.str(), " knows it"));
}

constexpr DecidedVerb kExceptionCommands[] = {
    {"quality/exception", release_exceptionally},
    {"quality/notice", tell_physician},
};

}  // namespace

std::span<const DecidedVerb> exception_commands() { return kExceptionCommands; }

}  // namespace cryobank::inventory
