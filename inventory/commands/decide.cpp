#include "inventory/commands/decide.hpp"

#include <algorithm>
#include <vector>

#include "base/text.hpp"
#include "base/try.hpp"
#include "inventory/commands/gate/scope.hpp"
#include "inventory/commands/gate/shipper.hpp"
#include "inventory/commands/gate/standing_words.hpp"
#include "inventory/commands/gate/under_way.hpp"
#include "inventory/commands/schema/schemas.hpp"
#include "inventory/commands/signature.hpp"

namespace cryobank::inventory {
namespace {

// A command of this room: what it may say, and what decides it.
struct Verb {
  const CommandSchema* schema = nullptr;
  Decide decide = nullptr;
};

std::vector<CommandSchema> all_schemas() {
  std::vector<CommandSchema> all;
  for (const auto& family : {aliquot_schemas(), course_schemas(), place_schemas(), hold_schemas(),
                             quality_schemas(), hands_schemas(), report_schemas()}) {
    all.insert(all.end(), family.begin(), family.end());
  }
  std::ranges::sort(all, {}, &CommandSchema::verb);
  return all;
}

std::vector<DecidedVerb> all_decided() {
  std::vector<DecidedVerb> all;
  for (const auto& family : {course_commands(),     store_commands(),       move_commands(),
                             transfer_commands(),   undo_commands(),        reservation_commands(),
                             dose_commands(),       thaw_commands(),        job_commands(),
                             hold_commands(),       disposal_commands(),    place_commands(),
                             evacuation_commands(), scan_commands(),        take_commands(),
                             bulk_commands(),       quality_commands(),     exception_commands(),
                             exposure_commands(),   probe_commands(),       shipment_commands(),
                             report_commands(),     signature_commands(),   retention_commands(),
                             refreeze_commands(),   label_commands(),       defragment_commands(),
                             release_commands(),    unexplained_commands(), split_commands(),
                             protocol_commands(),   hand_thaw_commands()}) {
    all.insert(all.end(), family.begin(), family.end());
  }
  std::ranges::sort(all, {}, &DecidedVerb::verb);
  return all;
}

// Each entry with its decider: one without the other is a mistake of ours.
const std::vector<Verb>& all_verbs() {
  static const std::vector<Verb> kVerbs = [] {
    const std::vector<DecidedVerb> decided = all_decided();
    const auto entries = schemas();
    CHECK(decided.size() == entries.size());
    std::vector<Verb> verbs;
    for (std::size_t i = 0; i < entries.size(); ++i) {
      CHECK(entries[i].verb == decided[i].verb);
      verbs.push_back({&entries[i], decided[i].decide});
    }
    return verbs;
  }();
  return kVerbs;
}

const Verb* find_verb(std::string_view verb) {
  const auto& all = all_verbs();
  const auto found =
      std::ranges::lower_bound(all, verb, {}, [](const Verb& one) { return one.schema->verb; });
  return found != all.end() && found->schema->verb == verb ? &*found : nullptr;
}

Result<Decision> decide_in_trial(Trial& trial, const Verb& command, const Json& body,
                                 const CommandContext& context) {
  Ask ask{trial, body, context};
  const SignedAct* act = find_signed_act(command.schema->verb, body);
  TRY_ASSIGN(const auto record, check_signature(ask, act));
  auto decision = command.decide(ask);
  TRY(decision);
  TRY(check_under_way(trial));
  TRY(check_as_asked(trial, context.asked_at, context.now.wall));
  const bool ships = command.schema->verb.starts_with("shipment/");
  TRY(ships ? Status() : check_nothing_away_moved(trial));
  if (!decision->refused) {
    decision->message += standing_words(trial, context.now.wall, decision->reply);
  }
  // Whatever it finds, a mismatch or a second course too: it locks, counts and tells nothing.
  if (is_dry_run(body)) {
    decision->refusal_is_kept = decision->refused && !decision->facts.empty();
    decision->facts.clear();
    return decision;
  }
  if (record.empty() || decision->refused) return decision;
  TRY(add_signature(ask, *act, record, *decision));
  return decision;
}

// Where a limited person's acts would change something is looked at as it would be, and as it is.
Result<Decision> decide_within_scope(const Draft& draft, const Verb& command, const Json& body,
                                     const CommandContext& context) {
  Changed changed;
  auto decision = [&]() -> Result<Decision> {
    Trial trial(draft);
    auto decided = decide_in_trial(trial, command, body, context);
    TRY(decided);
    changed = changed_by(trial);
    TRY(check_scope(trial.view(), context.actor.user, changed));
    return decided;
  }();
  TRY(decision);
  TRY(check_scope(View(draft), context.actor.user, changed));
  return decision;
}

// A course that another act has changed since the asker looked at it.
Status check_course_revision(const View& view, const Json& body, std::int64_t expected) {
  if (expected < 0) return {};
  TRY_ASSIGN(const auto id, need_id<CourseId>(body, "course"));
  const Course* course = view.course(id);
  if (course == nullptr || course->revision == expected) return {};  // its decider says: no course
  return make_error(ErrorCode::conflict, cat("expected revision ", expected, " of course ",
                                             id.str(), ", it is at ", course->revision));
}

// The command by its name, when its form, its revision and its witness are right.
Result<const Verb*> admit(const View& view, std::string_view verb, const Json& body,
                          const CommandContext& context) {
  const Verb* command = find_verb(verb);
  if (command == nullptr) {
    return make_error(ErrorCode::unknown_key, cat("no inventory command \"", clip(verb, 60), "\""));
  }
  const CommandSchema& schema = *command->schema;
  const Actor& actor = context.actor;
  TRY(check_command(schema, body, context.expect_revision));
  if (needs_witness(schema, body) && (actor.witness.empty() || actor.witness == actor.user)) {
    return make_error(ErrorCode::witness_needed, cat("expected a second person to confirm ", verb));
  }
  TRY(check_course_revision(view, body, context.expect_revision));
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

std::span<const CommandSchema> schemas() {
  static const std::vector<CommandSchema> kSchemas = all_schemas();
  return kSchemas;
}

bool needs_witness(const CommandSchema& schema, const Json& body) {
  return schema.witness && !(has_dry_run(schema) && flag_of(body, "dry_run"));
}

const CommandSchema* find_schema(std::string_view verb) {
  const Verb* found = find_verb(verb);
  return found == nullptr ? nullptr : found->schema;
}

bool handles(std::string_view verb) { return find_verb(verb) != nullptr; }

Result<Decision> decide(const Draft& draft, std::string_view verb, const Json& body,
                        const CommandContext& context) {
  TRY_ASSIGN(const auto command, admit(View(draft), verb, body, context));
  if (is_limited(View(draft), context.actor.user)) {
    return decide_within_scope(draft, *command, body, context);
  }
  Trial trial(draft);
  return decide_in_trial(trial, *command, body, context);
}

Result<Decision> decide_into(Draft& draft, std::string_view verb, const Json& body,
                             const CommandContext& context) {
  TRY_ASSIGN(const auto command, admit(View(draft), verb, body, context));
  const bool limited = is_limited(View(draft), context.actor.user);
  if (!limited) {
    Trial trial(draft);
    auto decision = decide_in_trial(trial, *command, body, context);
    TRY(decision);
    // A dry run gives none of the facts that it tried.
    if (decision->facts.size() == trial.added()) {
      trial.keep();
      return decision;
    }
    if (decision->facts.empty()) return decision;
  }
  auto decision = decide(draft, verb, body, context);
  TRY(decision);
  TRY(apply_all(draft, decision->facts));
  return decision;
}

}  // namespace cryobank::inventory
