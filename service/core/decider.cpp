#include "service/core/decider.hpp"

#include <algorithm>
#include <iterator>

#include "base/text.hpp"
#include "inventory/ledger/view.hpp"
#include "service/core/command_table.hpp"
#include "service/core/recovery_guide.hpp"
#include "service/schedule/plan.hpp"

namespace cryobank::core {
namespace {

const config::ProtocolConfig* find_protocol(const config::SiteConfig& config,
                                            const inventory::Course& course) {
  for (const config::ProtocolConfig& protocol : config.protocols) {
    if (protocol.id == course.protocol && protocol.version == course.protocol_version) {
      return &protocol;
    }
  }
  return nullptr;
}

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
  const Result<std::string> text = body.get_string(field);
  if (!text) return text.error();
  Result<SomeId> id = SomeId::parse(*text);
  if (id) return id;
  return make_error(id.error().code, cat(field, ": ", id.error().context));
}

}  // namespace

Result<Decided> Decider::decide(inventory::Draft& draft, std::string_view verb, const Json& body,
                                const CommandContext& context) const {
  if (const CommandSchema* own = find_entry(own_schemas(), verb)) {
    const Status fits = check_command(*own, body, context.expect_revision);
    if (!fits) return fits.error();
  }
  if (verb == "course/plan") return plan(draft, body, context);
  if (verb == "course/release" && body.has("first_infusion")) {
    return release_and_plan(draft, body, context);
  }
  if (verb == "robot/pause" || verb == "robot/resume") return pause(verb, body);
  if (verb == "device/inspect") return inspect(context.now, body);
  if (verb == "store/backup") return backup();
  const auto in = [](Room room, Result<Decision> decision) -> Result<Decided> {
    if (!decision) return decision.error();
    return Decided{room, std::move(*decision), {}};
  };
  if (inventory::handles(verb)) {
    return in(Room::inventory, inventory::decide_into(draft, verb, body, context));
  }
  if (bank_.board.handles(verb)) {
    return in(Room::alarms, bank_.board.decide(verb, body, context));
  }
  if (bank_.fleet.handles(verb)) {
    return in(Room::devices, bank_.fleet.decide(verb, body, context));
  }
  return make_error(ErrorCode::unknown_key, cat("no command is called ", clip(verb, 80)));
}

Result<Decided> Decider::plan(inventory::Draft& draft, const Json& body,
                              const CommandContext& context) const {
  const Result<CourseId> id = id_at<CourseId>(body, "course");
  if (!id) return id.error();
  Result<std::string> first = body.get_string("first_infusion");
  if (!first) return first.error();
  Result<WallTime> infusion = parse_utc(*first);
  if (!infusion) {
    return make_error(infusion.error().code, cat("first_infusion: ", infusion.error().context));
  }
  const inventory::Course* course = inventory::View(draft).course(*id);
  if (!course) return make_error(ErrorCode::not_found, cat("no course is called ", id->str()));
  const config::ProtocolConfig* protocol = find_protocol(bank_.config, *course);
  if (!protocol) {
    return make_error(ErrorCode::not_found,
                      cat("protocol ", course->protocol.str(), " version ",
                          course->protocol_version, " is not in the site's configuration"));
  }
  const auto open = std::ranges::find_if(
      course->doses, [](const inventory::Dose& dose) { return can_be_planned(dose.state); });
  if (open == course->doses.end()) {
    return make_error(ErrorCode::conflict,
                      cat("course ", id->str(), " has no dose that could still be planned"));
  }
  Result<std::vector<schedule::PlannedDose>> planned =
      schedule::plan_course(*protocol, open->number, *infusion);
  if (!planned) return planned.error();
  const int doses = static_cast<int>(course->doses.size());
  std::erase_if(*planned,
                [doses](const schedule::PlannedDose& dose) { return dose.number > doses; });
  const WallTime plan_now = clock_.plan_time(context.now.wall);
  if (!planned->empty() && planned->front().thaw_at < plan_now) {
    return make_error(ErrorCode::invalid_value,
                      cat("the first thaw would be at ", format_utc(planned->front().thaw_at),
                          ", which is past: plan time is ", format_utc(plan_now)));
  }
  Json command = Json::object();
  command.set("course", id->str());
  command.set("doses", planned_doses(*course, *planned));
  Result<Decision> decision = inventory::decide_into(draft, "dose/plan", command, context);
  if (!decision) return decision.error();
  return Decided{Room::inventory, std::move(*decision), {}};
}

// One act of quality and planning together: neither is recorded without the other.
Result<Decided> Decider::release_and_plan(inventory::Draft& draft, const Json& body,
                                          const CommandContext& context) const {
  const std::size_t mark = draft.mark();
  Result<Decision> released = inventory::decide_into(draft, "course/release", body, context);
  if (!released) return released.error();
  if (released->refused) return Decided{Room::inventory, std::move(*released), {}};
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
  both.facts.insert(both.facts.begin(), std::make_move_iterator(released->facts.begin()),
                    std::make_move_iterator(released->facts.end()));
  both.message = cat(released->message, "; ", both.message);
  return planned;
}

Result<Decided> Decider::inspect(const Now& now, const Json& body) const {
  const Result<std::string> text = body.get_string("device");
  if (!text) return text.error();
  const auto& devices = bank_.config.devices;
  for (std::uint32_t i = 0; i < devices.size(); ++i) {
    if (devices[i].id.str() != *text) continue;
    Decided decided;
    decided.room = Room::service;
    decided.decision.reply = bank_.fleet.inspect(devices::DeviceIndex{i});
    if (devices[i].kind == config::DeviceKind::robot) {
      Json steps = Json::array();
      for (const std::string& step : recovery_steps(bank_, now, devices::DeviceIndex{i})) {
        steps.push(step);
      }
      if (!steps.items().empty()) decided.decision.reply.set("steps", std::move(steps));
    }
    decided.decision.message = cat(*text, " as its model sees it now");
    return decided;
  }
  return make_error(ErrorCode::not_found, cat("no device is called ", clip(*text, 80)));
}

Result<Decided> Decider::backup() const {
  const std::string& directory = bank_.config.backup.directory;
  if (directory.empty()) {
    return make_error(ErrorCode::unsupported,
                      "expected [backup] with a directory in the site's configuration");
  }
  Decided decided;
  decided.room = Room::service;
  decided.decision.facts.push_back({fact::kBackupAsked, Json::object()});
  decided.decision.accepted_only = true;
  decided.decision.message = cat("a backup is written to ", directory);
  return decided;
}

Result<Decided> Decider::pause(std::string_view verb, const Json& body) const {
  const Result<DeviceId> id = id_at<DeviceId>(body, "robot");
  if (!id) return id.error();
  const config::DeviceConfig* device = bank_.config.find_device(*id);
  if (!device || device->kind != config::DeviceKind::robot) {
    return make_error(ErrorCode::not_found, cat("no robot is called ", id->str()));
  }
  const bool paused = verb == "robot/pause";
  Decided decided;
  decided.room = Room::service;
  Json data = Json::object();
  data.set("robot", id->str());
  decided.decision.facts.push_back(
      Fact(paused ? fact::kRobotPaused : fact::kRobotResumed, std::move(data)));
  decided.decision.message =
      cat(id->str(), paused ? " finishes its motion and starts no other" : " may move again");
  const std::optional<std::string> value =
      paused ? std::optional<std::string>("{\"paused\":true}") : std::nullopt;
  decided.rows.push_back({cat("m/robot/", id->str()), value});
  return decided;
}

}  // namespace cryobank::core
