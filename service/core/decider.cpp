#include "service/core/decider.hpp"

#include <algorithm>
#include <array>
#include <iterator>

#include "base/text.hpp"
#include "base/try.hpp"
#include "inventory/commands/make_job.hpp"
#include "inventory/ledger/row_codec.hpp"
#include "inventory/ledger/view.hpp"
#include "service/core/hand/plan_by_hand.hpp"
#include "service/core/plan/plan_commands.hpp"
#include "service/core/problem/plan_problem.hpp"
#include "service/core/recovery_guide.hpp"
#include "service/schedule/plan.hpp"
#include "service/wire/command_table.hpp"
#include "service/wire/plan_table.hpp"

namespace cryobank::core {
namespace {

// Doses that can still be planned: none of their vials has left the cold.
bool can_be_planned(inventory::DoseState state) {
  return state == inventory::DoseState::expected || state == inventory::DoseState::stored ||
         state == inventory::DoseState::planned;
}

Json planned_doses(const inventory::Course& course,
                   const std::vector<schedule::PlannedDose>& planned) {
  Json doses = Json::array();
  for (const schedule::PlannedDose& dose : planned) {
    Json item = Json::object();
    item.set("dose", course.dose(dose.number).id.str());
    item.set("thaw_at", format_utc(dose.thaw_at));
    item.set("harvest_from", format_utc(dose.harvest_from));
    item.set("harvest_until", format_utc(dose.harvest_until));
    item.set("infusion_at", format_utc(dose.infusion_at));
    doses.push(std::move(item));
  }
  return doses;
}

// A field of a body that names something: a text of the form of an id.
template <class SomeId>
Result<SomeId> id_at(const Json& body, std::string_view field) {
  TRY_ASSIGN(const std::string text, body.get_string(field));
  Result<SomeId> id = SomeId::parse(text);
  if (id) return id;
  return make_error(id.error().code, cat(field, ": ", id.error().context));
}

// A wrong year would thaw a dose at once, or never. What is planned is looked at on the plan's
// clock; a time that went by while somebody typed it is still meant.
constexpr Duration kPlannedLate = hours(1);
constexpr Duration kPlannedAhead = days(3 * 366);
constexpr Duration kThawToInfusion = days(90);

Status check_near(WallTime plan_now, const Json& item) {
  if (item["doses"].is_array()) {
    for (const Json& each : item["doses"].items()) {
      TRY(check_near(plan_now, each));
    }
    return {};
  }
  if (!item["thaw_at"].is_string()) return {};
  TRY_ASSIGN(const WallTime thaw, parse_utc(item["thaw_at"].string()));
  if (thaw < plan_now - kPlannedLate || thaw > plan_now + kPlannedAhead) {
    return make_error(ErrorCode::invalid_value,
                      cat("expected a thaw from now on and within three years, came ",
                          format_utc(thaw), ": plan time is ", format_utc(plan_now)));
  }
  for (const char* key : {"harvest_from", "harvest_until", "infusion_at"}) {
    if (!item[key].is_string()) continue;
    TRY_ASSIGN(const WallTime then, parse_utc(item[key].string()));
    if (then <= thaw + kThawToInfusion) continue;
    return make_error(ErrorCode::invalid_value,
                      cat(key, ": expected a time within 90 days of the thaw, came ",
                          format_utc(then), " after ", format_utc(thaw)));
  }
  return {};
}

}  // namespace

Result<Decided> Decider::decide(inventory::Draft& draft, std::string_view verb, const Json& body,
                                const CommandContext& context) const {
  if (const CommandSchema* own = find_entry(own_schemas(), verb)) {
    TRY(check_command(*own, body, context.expect_revision));
  }
  if (verb == "course/plan") return plan(draft, body, context);
  if (verb == "course/release" && body.has("first_infusion")) {
    return release_and_plan(draft, body, context);
  }
  if (is_plan_verb(verb)) {
    TRY(check_command(*find_entry(plan_schemas(), verb), body, context.expect_revision));
    PlanAsk ask{bank_, clock_, plans_, draft, body, context};
    TRY_ASSIGN(Decision decision, decide_plan(ask, verb));
    return Decided{DecidedBy::inventory, std::move(decision), {}};
  }
  if (verb == "dose/thaw" || verb == "dose/lift") return thaw(draft, verb, body, context);
  if (verb == "dose/plan") {
    TRY(check_command(*find_command(verb), body, context.expect_revision));
    TRY(check_near(clock_.plan_time(context.now.wall), body));
    PlanAsk ask{bank_, clock_, plans_, draft, body, context};
    TRY(check_open_days(ask, body));
    TRY_ASSIGN(Decision decision, plan_by_hand(ask, body, verb, FoundBy::person));
    return Decided{DecidedBy::inventory, std::move(decision), {}};
  }
  if (verb == "dose/harvest") {
    TRY(check_command(*find_command(verb), body, context.expect_revision));
    if (!flag_in(body, "override")) {
      TRY(check_culture({bank_, clock_, plans_, draft, body, context}));
    }
  }
  if (verb == "robot/pause" || verb == "robot/resume") return pause(verb, body, context);
  if (verb == "device/inspect") return inspect(context.now, body);
  if (verb == "store/backup") return backup();
  if (verb == "pager/test") return page_test(body, context);
  const auto in = [](DecidedBy by, Result<Decision> decision) -> Result<Decided> {
    TRY(decision);
    return Decided{by, std::move(*decision), {}};
  };
  if (ListDesk::is_asked(verb, body)) {
    TRY_ASSIGN(const Json whole, lists_.whole(context.actor.user, body));
    return in(DecidedBy::inventory, inventory::decide_into(draft, verb, whole, context));
  }
  if (inventory::handles(verb)) {
    return in(DecidedBy::inventory, inventory::decide_into(draft, verb, body, context));
  }
  if (bank_.board.handles(verb)) {
    return in(DecidedBy::alarms, bank_.board.decide(verb, body, context));
  }
  if (bank_.fleet.handles(verb)) {
    return in(DecidedBy::devices, bank_.fleet.decide(verb, body, context));
  }
  return make_error(ErrorCode::unknown_key, cat("no command is called ", clip(verb, 80)));
}

namespace {

// Nothing but the inventory has a say in it.
bool is_of_inventory(std::string_view verb) {
  constexpr std::array<std::string_view, 5> kOfMore{"course/plan", "course/release", "dose/thaw",
                                                    "dose/plan", "dose/harvest"};
  return inventory::handles(verb) && find_entry(own_schemas(), verb) == nullptr &&
         !is_plan_verb(verb) && std::ranges::find(kOfMore, verb) == kOfMore.end();
}

std::size_t longest_list(const Json& body) {
  std::size_t most = 0;
  if (!body.is_object()) return most;
  for (const auto& [key, value] : body.members()) {
    if (value.is_array()) most = std::max(most, value.items().size());
  }
  return most;
}

}  // namespace

bool Decider::is_long(const Command& command) const {
  if (command.verb == "bulk/import") {
    return lists_.bytes(command.user, command.body) > kListAtOnceMax;
  }
  return is_of_inventory(command.verb) && longest_list(command.body) > kItemsAtOnceMax;
}

Result<std::shared_ptr<ListErrand>> Decider::errand_for(inventory::Draft& draft,
                                                        const Command& command, Json body,
                                                        const CommandContext& context,
                                                        bool trial) const {
  if (ListDesk::is_asked(command.verb, body)) {
    TRY_ASSIGN(body, lists_.whole(command.user, body));
  }
  const inventory::Ledger* tried_on = trial ? &bank_.ledger : nullptr;
  return std::make_shared<ListErrand>(draft, command.verb, std::move(body), context, tried_on);
}

Result<Decided> Decider::plan(inventory::Draft& draft, const Json& body,
                              const CommandContext& context) const {
  TRY_ASSIGN(const CourseId id, id_at<CourseId>(body, "course"));
  TRY_ASSIGN(std::string first, body.get_string("first_infusion"));
  Result<WallTime> infusion = parse_utc(first);
  if (!infusion) {
    return make_error(infusion.error().code, cat("first_infusion: ", infusion.error().context));
  }
  const inventory::View view(draft);
  const inventory::Course* course = view.course(id);
  if (!course) return make_error(ErrorCode::not_found, cat("no course is called ", id.str()));
  TRY_ASSIGN(config::ProtocolConfig rhythm, protocol_of(bank_.config, view, *course));
  const auto open = std::ranges::find_if(
      course->doses, [](const inventory::Dose& dose) { return can_be_planned(dose.state); });
  if (open == course->doses.end()) {
    return make_error(ErrorCode::conflict,
                      cat("course ", id.str(), " has no dose that could still be planned"));
  }
  // A course that was split has more doses than its protocol.
  rhythm.doses = std::max(rhythm.doses, static_cast<int>(course->doses.size()));
  TRY_ASSIGN(std::vector<schedule::PlannedDose> planned,
             schedule::plan_course(rhythm, open->number, *infusion, bank_.config.zone));
  const int doses = static_cast<int>(course->doses.size());
  std::erase_if(planned,
                [doses](const schedule::PlannedDose& dose) { return dose.number > doses; });
  const WallTime plan_now = clock_.plan_time(context.now.wall);
  if (!planned.empty() && planned.front().thaw_at < plan_now) {
    return make_error(ErrorCode::invalid_value,
                      cat("the first thaw would be at ", format_utc(planned.front().thaw_at),
                          ", which is past: plan time is ", format_utc(plan_now)));
  }
  Json command = Json::object();
  command.set("course", id.str());
  command.set("doses", planned_doses(*course, planned));
  PlanAsk ask{bank_, clock_, plans_, draft, body, context};
  std::string moved;
  Status fits = check_open_days(ask, command);
  if (fits) fits = check_by_hand(ask, command);
  if (!fits) {
    // The plain rhythm meets a closed day, a hold or a full one: the planner finds one that does
    // not.
    TRY_ASSIGN(PlannedCourse found,
               plan_from(ask, *course, bank_.config.zone.local(*infusion).day));
    command = std::move(found.command);
    moved = found.because.empty() ? cat("; not in the plain rhythm, since ", fits.error().context)
                                  : cat("; the first infusion is on ", format_day(found.first),
                                        ", since ", found.because);
  }
  const FoundBy by = fits ? FoundBy::person : FoundBy::planner;
  TRY_ASSIGN(Decision decision, plan_by_hand(ask, command, "course/plan", by));
  decision.message += moved;
  return Decided{DecidedBy::inventory, std::move(decision), {}};
}

// The clinic's word, a hold of the course and a place in the incubator are asked before the
// inventory is. Two people with a reason may override all of it, as they may there.
Result<Decided> Decider::thaw(inventory::Draft& draft, std::string_view verb, const Json& body,
                              const CommandContext& context) const {
  const PlanAsk ask{bank_, clock_, plans_, draft, body, context};
  const Result<CourseId> course = id_at<CourseId>(body, "course");
  const Result<DoseId> dose = id_at<DoseId>(body, "dose");
  const Json& override_word = body["override"];
  const bool overridden =
      (override_word.is_bool() && override_word.boolean()) || body.has("purpose");
  Status open;
  if (course && dose && !overridden) open = check_thaw_gate(ask, *course, *dose);
  if (open) {
    TRY_ASSIGN(Decision decision, inventory::decide_into(draft, verb, body, context));
    return Decided{DecidedBy::inventory, std::move(decision), {}};
  }
  const inventory::Course* found = inventory::View(draft).course(*course);
  const inventory::Dose* own = found->find(*dose);
  const bool waits = own->state == inventory::DoseState::planned && own->blocked.empty();
  if (context.actor.user.str() != "schedule" || !waits) return open.error();
  // Nobody hears the answer to the plan's own request: the refusal becomes a fact.
  Json data = Json::object().set("course", course->str()).set("dose", dose->str());
  data.set("at", format_utc(context.now.wall)).set("code", name_of(open.error().code));
  Fact fact{fact::kDoseThawRefused, data.set("reason", open.error().context)};
  TRY(draft.apply(fact));
  Decided decided;
  decided.decision.facts.push_back(std::move(fact));
  decided.decision.reply = Json::object().set("refused", name_of(open.error().code));
  decided.decision.message = cat("thaw of dose ", dose->str(), " of course ", course->str(),
                                 " refused: ", open.error().context);
  return decided;
}

// One act of quality and planning together: neither is recorded without the other.
Result<Decided> Decider::release_and_plan(inventory::Draft& draft, const Json& body,
                                          const CommandContext& context) const {
  const std::size_t mark = draft.mark();
  TRY_ASSIGN(Decision released, inventory::decide_into(draft, "course/release", body, context));
  if (released.refused) return Decided{DecidedBy::inventory, std::move(released), {}};
  CommandContext planning = context;
  planning.expect_revision = -1;  // the release has risen it
  planning.signature = {};        // it was given for the release
  planning.witness_signature = {};
  Result<Decided> planned = plan(draft, body, planning);
  if (!planned) {
    draft.rewind(mark);
    return planned.error();
  }
  Decision& both = planned->decision;
  both.facts.insert(both.facts.begin(), std::make_move_iterator(released.facts.begin()),
                    std::make_move_iterator(released.facts.end()));
  both.message = cat(released.message, "; ", both.message);
  return planned;
}

// In English under "steps", in other languages under "texts" by their tag.
void Decider::put_steps(const Now& now, devices::DeviceIndex robot, Json& reply) const {
  const auto steps_in = [&](GuideTongue tongue) {
    Json steps = Json::array();
    for (std::string& step : recovery_steps(bank_, now, robot, tongue)) steps.push(std::move(step));
    return steps;
  };
  Json steps = steps_in(GuideTongue::english);
  if (steps.items().empty()) return;
  reply.set("steps", std::move(steps));
  Json japanese = Json::object().set("steps", steps_in(GuideTongue::japanese));
  reply.set("texts", Json::object().set("ja", std::move(japanese)));
}

Result<Decided> Decider::inspect(const Now& now, const Json& body) const {
  TRY_ASSIGN(const std::string text, body.get_string("device"));
  const auto& devices = bank_.config.devices;
  for (std::uint32_t i = 0; i < devices.size(); ++i) {
    if (devices[i].id.str() != text) continue;
    Decided decided;
    decided.by = DecidedBy::service;
    decided.decision.reply = bank_.fleet.inspect(devices::DeviceIndex{i});
    if (devices[i].kind == config::DeviceKind::robot) {
      put_steps(now, devices::DeviceIndex{i}, decided.decision.reply);
    }
    decided.decision.message = cat(text, " as its model sees it now");
    return decided;
  }
  return make_error(ErrorCode::not_found, cat("no device is called ", clip(text, 80)));
}

Result<Decided> Decider::backup() const {
  const std::string& directory = bank_.config.backup.directory;
  if (directory.empty()) {
    return make_error(ErrorCode::unsupported,
                      "expected [backup] with a directory in the site's configuration");
  }
  Decided decided;
  decided.by = DecidedBy::service;
  decided.decision.facts.push_back({fact::kBackupAsked, Json::object()});
  decided.decision.accepted_only = true;
  decided.decision.message = cat("a backup is written to ", directory);
  return decided;
}

Result<Decided> Decider::page_test(const Json& body, const CommandContext& context) const {
  TRY_ASSIGN(const UserId to, id_at<UserId>(body, "user"));
  if (bank_.pages.roster().channels_of(to).empty()) {
    return make_error(ErrorCode::not_found,
                      cat("expected a person who carries a channel, came ", to.str(),
                          bank_.config.find_user(to) == nullptr
                              ? ": the site knows nobody of that name"
                              : ": this [[user]] of the site has no `channels`"));
  }
  Decided decided;
  decided.by = DecidedBy::service;
  Json data = Json::object().set("to", to.str()).set("by", context.actor.user.str());
  decided.decision.facts.push_back({fact::kPageTestAsked, std::move(data)});
  decided.decision.accepted_only = true;
  decided.decision.message = cat("a test page goes to ", to.str());
  return decided;
}

Result<Decided> Decider::pause(std::string_view verb, const Json& body,
                               const CommandContext& context) const {
  TRY_ASSIGN(const DeviceId id, id_at<DeviceId>(body, "robot"));
  const config::DeviceConfig* device = bank_.config.find_device(id);
  if (!device || device->kind != config::DeviceKind::robot) {
    return make_error(ErrorCode::not_found, cat("no robot is called ", id.str()));
  }
  const bool paused = verb == "robot/pause";
  // The proof that somebody stands there and sees that nobody's hands are in it.
  if (!paused) TRY(inventory::check_robot_code(body, "code", id));
  Decided decided;
  decided.by = DecidedBy::service;
  Json data = Json::object();
  inventory::put_time(data, "at", context.now.wall);
  inventory::put_text(data, "by", context.actor.user.str());
  inventory::put_text(data, "reason", context.reason);
  data.set("robot", id.str());
  inventory::put_shown_code(data, body, "code");
  decided.decision.facts.push_back(
      {paused ? fact::kRobotPaused : fact::kRobotResumed, std::move(data)});
  decided.decision.message =
      cat(id.str(), paused ? " finishes its motion and starts no other" : " may move again");
  const std::optional<std::string> value =
      paused ? std::optional<std::string>("{\"paused\":true}") : std::nullopt;
  decided.rows.push_back({cat("m/robot/", id.str()), value});
  return decided;
}

}  // namespace cryobank::core
