#include "inventory/decide.hpp"

#include <algorithm>
#include <vector>

#include "service/base/text.hpp"

namespace cryobank::inventory {
namespace {

const std::vector<Command>& all_commands() {
  static const std::vector<Command> kCommands = [] {
    std::vector<Command> commands;
    for (const auto& family :
         {course_commands(), store_commands(), dose_commands(), thaw_commands(), job_commands(),
          hold_commands(), disposal_commands(), place_commands(), evacuation_commands(),
          scan_commands(), take_commands(), bulk_commands(), quality_commands(),
          exposure_commands(), shipment_commands(), report_commands()}) {
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
  Trial trial(draft);
  Ask ask{trial, body, context};
  return command->decide(ask);
}

}  // namespace cryobank::inventory
