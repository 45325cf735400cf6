#include "inventory/decide.hpp"

#include <algorithm>
#include <vector>

#include "inventory/scope.hpp"
#include "inventory/signature.hpp"
#include "service/base/text.hpp"

namespace cryobank::inventory {
namespace {

const std::vector<Command>& all_commands() {
  static const std::vector<Command> kCommands = [] {
    std::vector<Command> commands;
    for (const auto& family :
         {course_commands(),     store_commands(),       move_commands(),      transfer_commands(),
          undo_commands(),       reservation_commands(), dose_commands(),      thaw_commands(),
          job_commands(),        hold_commands(),        disposal_commands(),  place_commands(),
          evacuation_commands(), scan_commands(),        take_commands(),      bulk_commands(),
          quality_commands(),    exposure_commands(),    probe_commands(),     shipment_commands(),
          report_commands(),     signature_commands(),   retention_commands(), refreeze_commands(),
          label_commands(),      defragment_commands()}) {
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

// `changed`: what the decision would change, for the look at where that lies now.
Result<Decision> decide_in_trial(const Draft& draft, const Command& command, const Json& body,
                                 const CommandContext& context, Changed& changed) {
  Trial trial(draft);
  Ask ask{trial, body, context};
  const SignedAct* act = find_signed_act(command.rule.verb, body);
  const auto record = check_signature(ask, act);
  if (!record) return record.error();
  auto decision = command.decide(ask);
  if (!decision) return decision;
  changed = changed_by(trial);
  const Status within = check_scope(trial.view(), context.actor.user, changed);
  if (!within) return within.error();
  if (record->empty() || decision->refused) return decision;
  const Status added = add_signature(ask, *act, *record, *decision);
  if (!added) return added.error();
  return decision;
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
  const Command* command = find_command(verb);
  if (command == nullptr) {
    return make_error(ErrorCode::unknown_key, cat("no inventory command \"", clip(verb, 60), "\""));
  }
  if (!body.is_object()) {
    return make_error(ErrorCode::malformed,
                      cat("expected an object as the body of ", verb, ", came ", body.kind_name()));
  }
  const Actor& actor = context.actor;
  if (command->rule.needs_witness && (actor.witness.empty() || actor.witness == actor.user)) {
    return make_error(ErrorCode::witness_needed, cat("expected a second person to confirm ", verb));
  }
  Changed changed;
  auto decision = decide_in_trial(draft, *command, body, context, changed);
  if (!decision) return decision;
  const Status within = check_scope(View(draft), actor.user, changed);
  if (!within) return within.error();
  return decision;
}

}  // namespace cryobank::inventory
