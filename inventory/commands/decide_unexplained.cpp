// motion/unexplained: the daemon's own, when a robot shows a motion that nobody ordered. What it
// may have moved: the vial whose code it read or whose command it obeyed, who is on record where it
// took something, and who is on record in a gripper that is empty.
#include <algorithm>
#include <set>

#include "base/text.hpp"
#include "base/try.hpp"
#include "inventory/commands/decide.hpp"
#include "inventory/commands/make_job.hpp"
#include "inventory/ledger/apply/apply.hpp"
#include "inventory/ledger/edit.hpp"
#include "inventory/ledger/job_row.hpp"
#include "inventory/ledger/life_cycle.hpp"
#include "inventory/ledger/reach.hpp"
#include "inventory/ledger/row_codec.hpp"

namespace cryobank::inventory {
namespace {

constexpr std::size_t kRobotCodeMax = 64;     // what a robot block can carry
constexpr std::size_t kShownReasonMax = 800;  // as the driver words it

struct Unexplained {
  DeviceId robot;
  std::uint32_t sequence = 0;
  std::string code;
  std::string expected;
  std::optional<Spot> source;
  std::optional<Spot> destination;
  bool gripper_occupied = false;
  std::string reason;
};

Result<std::optional<Spot>> spot_of_words(const Ask& ask, std::string_view key) {
  const Json& words = ask.body[key];
  if (words.is_null()) return std::optional<Spot>();
  std::array<std::uint16_t, 3> location{};
  if (!words.is_array() || words.items().size() != location.size()) {
    return make_error(ErrorCode::invalid_value, cat(key, ": expected three words of a robot"));
  }
  for (std::size_t i = 0; i < location.size(); ++i) {
    const Json& word = words.items()[i];
    if (!word.is_integer() || word.integer() < 0 || word.integer() > UINT16_MAX) {
      return make_error(ErrorCode::invalid_value, cat(key, ": expected words of 0 to 65535"));
    }
    location[i] = static_cast<std::uint16_t>(word.integer());
  }
  return spot_at_location(ask.view(), location);
}

Result<Unexplained> read_unexplained(const Ask& ask) {
  Unexplained seen;
  TRY_ASSIGN(const auto robot, need_id<DeviceId>(ask.body, "robot"));
  if (ask.view().robot(robot) == nullptr) {
    return make_error(ErrorCode::not_found, cat("no robot is called ", robot.str()));
  }
  seen.robot = robot;
  TRY_ASSIGN(const auto sequence, ask.body.get_integer("sequence"));
  seen.sequence = static_cast<std::uint32_t>(sequence);
  TRY_ASSIGN(const auto code, maybe_text(ask.body, "code", kRobotCodeMax));
  TRY_ASSIGN(const auto expected, maybe_text(ask.body, "expected", kRobotCodeMax));
  TRY_ASSIGN(const auto occupied, maybe_bool(ask.body, "gripper_occupied"));
  TRY_ASSIGN(const auto source, spot_of_words(ask, "source"));
  TRY_ASSIGN(const auto destination, spot_of_words(ask, "destination"));
  seen.code = code;
  seen.expected = expected;
  seen.gripper_occupied = occupied;
  seen.source = source;
  seen.destination = destination;
  seen.reason = clip(text_of(ask.body, "reason"), kShownReasonMax);
  return seen;
}

// Where the record has the vial now: no more, or UNKNOWN already, needs no doubt.
bool has_a_place(const View& view, const AliquotId& id) {
  const auto aliquot = view.aliquot(id);
  if (!aliquot || is_final(aliquot->state)) return false;
  const Place* place = view.place(aliquot->spot.place);
  if (place == nullptr) return false;
  return place->type != kBuiltInType || view.robot(place->device) != nullptr;
}

void add_by_sequence(const View& view, const Unexplained& seen, std::set<AliquotId>& vials,
                     std::optional<Spot>& destination) {
  if (seen.sequence == 0) return;
  for (const auto& [id, unused] : view.base().jobs) {
    const Job* job = view.job(id);
    if (job == nullptr || job->robot != seen.robot || job->kind == JobKind::scan) continue;
    for (const Move& move : job->moves) {
      const bool ended = move.state == MoveState::done || move.state == MoveState::unknown;
      if (move.sequence != seen.sequence || ended) continue;
      vials.insert(move.aliquot);
      if (!destination) destination = Spot{move.to, move.to_at};
    }
  }
}

std::set<AliquotId> vials_of(const View& view, const Unexplained& seen,
                             std::optional<Spot>& destination) {
  std::set<AliquotId> vials;
  for (const std::string& code : {seen.code, seen.expected}) {
    if (!code.empty()) vials.insert(view.owner_of_code(code));
  }
  if (seen.source) vials.insert(view.occupant(*seen.source));
  if (!seen.gripper_occupied) {
    for (const AliquotId& id : view.aliquots_in(view.robot(seen.robot)->gripper)) vials.insert(id);
  }
  add_by_sequence(view, seen, vials, destination);
  std::erase_if(vials, [&](const AliquotId& id) { return id.empty() || !has_a_place(view, id); });
  return vials;
}

// The open job that was to move it; nothing of a move under way, which its own end settles.
Json planned_move(const View& view, const AliquotId& id) {
  for (const JobId& open : view.jobs_of(view.aliquot(id)->course)) {
    const Job& job = *view.job(open);
    for (std::size_t m = 0; m < job.moves.size(); ++m) {
      if (job.moves[m].aliquot != id || job.moves[m].state != MoveState::planned) continue;
      return Json::object().set("job", open.str()).set("move", static_cast<std::uint64_t>(m));
    }
  }
  return {};
}

Job doubt_job(const Ask& ask, const Unexplained& seen) {
  Job job;
  job.id = JobId(cat("job-", count_of(ask.view().counters(), "jobs") + 1));
  job.kind = JobKind::relocate;
  job.state = JobState::unknown;
  job.robot = seen.robot;
  job.due = job.made_at = ask.now();
  job.by = ask.context.actor.user;
  return job;
}

Move doubt_move(const View& view, const Unexplained& seen, const AliquotId& id,
                const std::optional<Spot>& destination) {
  const Aliquot aliquot = *view.aliquot(id);
  const Spot to = destination ? *destination : Spot{view.robot(seen.robot)->gripper, kNoPosition};
  Move move;
  move.aliquot = id;
  move.code = aliquot.code;
  move.from = aliquot.spot.place;
  move.from_at = aliquot.spot.position;
  move.from_position = view.label_of(aliquot.spot);
  move.to = to.place;
  move.to_at = to.position;
  move.to_position = view.label_of(to);
  move.state = MoveState::unknown;
  move.sequence = seen.sequence;
  return move;
}

Result<Decision> unexplained(Ask& ask) {
  TRY_ASSIGN(const auto seen, read_unexplained(ask));
  const View view = ask.view();
  std::optional<Spot> destination = seen.destination;
  const std::set<AliquotId> vials = vials_of(view, seen, destination);
  Json data = act(ask);
  data.set("robot", seen.robot.str()).set("reason", seen.reason).set("sequence", seen.sequence);
  put_text(data, "code", seen.code);
  Json planned = Json::array();
  Json names = Json::array();
  Job job = doubt_job(ask, seen);
  for (const AliquotId& id : vials) {
    names.push(id.str());
    Json move = planned_move(view, id);
    if (move.is_object()) {
      planned.push(std::move(move));
    } else {
      if (job.course.empty()) job.course = view.aliquot(id)->course;
      job.moves.push_back(doubt_move(view, seen, id, destination));
    }
  }
  data.set("aliquots", names).set("planned", std::move(planned));
  if (!job.moves.empty()) data.set("job", to_json(job));
  TRY(ask.trial.add({fact::kMotionUnexplained, std::move(data)}));
  return answer(
      ask, Json::object().set("aliquots", std::move(names)),
      cat(vials.size(), " aliquots are UNKNOWN after an unexplained motion of ", seen.robot.str()));
}

constexpr DecidedVerb kUnexplainedCommands[] = {{"motion/unexplained", unexplained}};

}  // namespace

std::span<const DecidedVerb> unexplained_commands() { return kUnexplainedCommands; }

}  // namespace cryobank::inventory
