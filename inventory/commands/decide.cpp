#include "inventory/commands/decide.hpp"

#include <algorithm>
#include <vector>

#include "base/text.hpp"
#include "inventory/commands/scope.hpp"
#include "inventory/commands/signature.hpp"

namespace cryobank::inventory {
namespace {

const std::vector<Command>& all_commands() {
  static const std::vector<Command> kCommands = [] {
    std::vector<Command> commands;
    for (const auto& family : {course_commands(),     store_commands(),      move_commands(),
                               transfer_commands(),   undo_commands(),       reservation_commands(),
                               dose_commands(),       thaw_commands(),       job_commands(),
                               hold_commands(),       disposal_commands(),   place_commands(),
                               evacuation_commands(), scan_commands(),       take_commands(),
                               bulk_commands(),       quality_commands(),    exposure_commands(),
                               probe_commands(),      shipment_commands(),   report_commands(),
                               signature_commands(),  retention_commands(),  refreeze_commands(),
                               label_commands(),      defragment_commands(), release_commands(),
                               unexplained_commands()}) {
      commands.insert(commands.end(), family.begin(), family.end());
    }
    std::sort(commands.begin(), commands.end(),
              [](const Command& a, const Command& b) { return a.rule.verb < b.rule.verb; });
    return commands;
  }();
  return kCommands;
}

const Command* find_command(std::string_view verb) {
  for (const Command& command : all_commands()) {
    if (command.rule.verb == verb) return &command;
  }
  return nullptr;
}

Result<Decision> decide_in_trial(Trial& trial, const Command& command, const Json& body,
                                 const CommandContext& context) {
  Ask ask{trial, body, context};
  const SignedAct* act = find_signed_act(command.rule.verb, body);
  const auto record = check_signature(ask, act);
  if (!record) return record.error();
  auto decision = command.decide(ask);
  if (!decision || record->empty() || decision->refused) return decision;
  const Status added = add_signature(ask, *act, *record, *decision);
  if (!added) return added.error();
  return decision;
}

// Where a limited person's acts would change something is looked at as it would be, and as it is.
Result<Decision> decide_within_scope(const Draft& draft, const Command& command, const Json& body,
                                     const CommandContext& context) {
  Changed changed;
  auto decision = [&]() -> Result<Decision> {
    Trial trial(draft);
    auto decided = decide_in_trial(trial, command, body, context);
    if (!decided) return decided;
    changed = changed_by(trial);
    const Status within = check_scope(trial.view(), context.actor.user, changed);
    if (!within) return within.error();
    return decided;
  }();
  if (!decision) return decision;
  const Status within = check_scope(View(draft), context.actor.user, changed);
  if (!within) return within.error();
  return decision;
}

// The command by its name, when its form and its witness are right.
Result<const Command*> admit(std::string_view verb, const Json& body, const Actor& actor) {
  const Command* command = find_command(verb);
  if (command == nullptr) {
    return make_error(ErrorCode::unknown_key, cat("no inventory command \"", clip(verb, 60), "\""));
  }
  if (!body.is_object()) {
    return make_error(ErrorCode::malformed,
                      cat("expected an object as the body of ", verb, ", came ", body.kind_name()));
  }
  if (command->rule.needs_witness && (actor.witness.empty() || actor.witness == actor.user)) {
    return make_error(ErrorCode::witness_needed, cat("expected a second person to confirm ", verb));
  }
  return command;
}

Status apply_all(Draft& draft, const std::vector<Fact>& facts) {
  const std::size_t mark = draft.mark();
  for (const Fact& fact : facts) {
    const Status applied = draft.apply(fact);
    if (applied) continue;
    draft.rewind(mark);
    return applied;
  }
  return {};
}

}  // namespace

std::span<const VerbRule> verbs() {
  static const std::vector<VerbRule> kRules = [] {
    std::vector<VerbRule> rules;
    for (const Command& command : all_commands()) rules.push_back(command.rule);
    return rules;
  }();
  return kRules;
}

const VerbRule* find_verb(std::string_view verb) {
  for (const VerbRule& rule : verbs()) {
    if (rule.verb == verb) return &rule;
  }
  return nullptr;
}

bool handles(std::string_view verb) { return find_command(verb) != nullptr; }

Result<Decision> decide(const Draft& draft, std::string_view verb, const Json& body,
                        const CommandContext& context) {
  const auto command = admit(verb, body, context.actor);
  if (!command) return command.error();
  if (is_limited(View(draft), context.actor.user)) {
    return decide_within_scope(draft, **command, body, context);
  }
  Trial trial(draft);
  return decide_in_trial(trial, **command, body, context);
}

Result<Decision> decide_into(Draft& draft, std::string_view verb, const Json& body,
                             const CommandContext& context) {
  const auto command = admit(verb, body, context.actor);
  if (!command) return command.error();
  const bool limited = is_limited(View(draft), context.actor.user);
  if (!limited) {
    Trial trial(draft);
    auto decision = decide_in_trial(trial, **command, body, context);
    if (!decision) return decision;
    // A dry run gives none of the facts that it tried.
    if (decision->facts.size() == trial.added()) {
      trial.keep();
      return decision;
    }
    if (decision->facts.empty()) return decision;
  }
  auto decision = decide(draft, verb, body, context);
  if (!decision) return decision;
  const Status applied = apply_all(draft, decision->facts);
  if (!applied) return applied.error();
  return decision;
}

}  // namespace cryobank::inventory
