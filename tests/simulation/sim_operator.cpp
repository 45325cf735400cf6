#include "tests/simulation/sim_operator.hpp"

#include <algorithm>
#include <utility>

#include "inventory/ledger/hold.hpp"
#include "tests/simulation/bench.hpp"
#include "tests/simulation/under_way.hpp"

namespace cryobank::simulation {
namespace {

using inventory::Course;

}  // namespace

SimOperator::SimOperator(Stage& stage, SimBroker& broker, std::uint64_t seed,
                         std::function<void(const std::string&)> forbid)
    : stage_(stage), prng_(seed), post_(stage, broker), forbid_(std::move(forbid)) {}

void SimOperator::start(const Habits& habits) {
  habits_ = habits;
  work_.assign(std::begin(kWork), std::end(kWork));
  for (const Act drawn : kDrawnWork) {
    if (habits.skilled && prng_.chance(2, 3)) work_.push_back(drawn);
  }
  stage_.after(seconds(prng_.between(5, 60)), [this] { act(); });
}

// What people do in every run; twice as often what brings vials.
const SimOperator::Act SimOperator::kWork[13] = {
    &SimOperator::register_course, &SimOperator::release,      &SimOperator::plan,
    &SimOperator::next_step,       &SimOperator::acknowledge,  &SimOperator::find_unknown,
    &SimOperator::empty_gripper,   &SimOperator::resume_robot, &SimOperator::store_left_over,
    &SimOperator::misbehave,       &SimOperator::pause_robot,  &SimOperator::register_course,
    &SimOperator::clear_mismatch};
// What they do in two of three runs, each act drawn by itself.
const SimOperator::Act SimOperator::kDrawnWork[18] = {
    &SimOperator::move_by_hand, &SimOperator::undo_operation, &SimOperator::spill_box,
    &SimOperator::take_stock,   &SimOperator::transfer,       &SimOperator::pack,
    &SimOperator::ship,         &SimOperator::unpack,         &SimOperator::label_vial,
    &SimOperator::thaw_now,     &SimOperator::set_stability,  &SimOperator::hold,
    &SimOperator::release_hold, &SimOperator::map_probe,      &SimOperator::reserve_position,
    &SimOperator::find_missing, &SimOperator::approve,        &SimOperator::tend_alarm};
// What is left to do once the world is well again.
const SimOperator::Act SimOperator::kTidying[9] = {
    &SimOperator::acknowledge,  &SimOperator::find_unknown, &SimOperator::empty_gripper,
    &SimOperator::resume_robot, &SimOperator::approve,      &SimOperator::release_hold,
    &SimOperator::find_missing, &SimOperator::mend_label,   &SimOperator::clear_mismatch};

void SimOperator::act() {
  const std::int64_t mean_ms = habits_.act_every.ms();
  stage_.after(milliseconds(prng_.between(mean_ms / 10, mean_ms * 2)), [this] { act(); });
  if (stage_.daemon == nullptr) return;
  for (int tries = 0; tries < 4; ++tries) {
    const Act chosen =
        calm_ ? kTidying[prng_.below(std::size(kTidying))] : work_[prng_.below(work_.size())];
    if ((this->*chosen)()) return;
  }
}

void SimOperator::ask(const PostOffice::Letter& letter, PostOffice::Then then) {
  const std::string witness(letter.witness);
  core::BrokerMessage message = post_.write(letter);
  const std::string id = PostOffice::id_of(message);
  post_.send(std::move(message), std::move(then));
  if (witness.empty()) return;
  stage_.after(seconds(prng_.between(2, 20)), [this, witness, id] {
    const PostOffice::Letter confirm{witness, "witness/confirm", Json::object().set("command", id)};
    post_.send(post_.write(confirm), [](const Json&) {});
  });
}

std::optional<devices::RobotLocation> SimOperator::find_vial(const std::string& code) const {
  for (const auto& [where, what] : stage_.hardware.vials()) {
    if (what == code) return where;
  }
  return std::nullopt;
}

std::optional<int> SimOperator::free_port_position() const {
  const inventory::View view(stage_.daemon->bank.ledger);
  const inventory::Place* port = view.place(PlaceId(std::string(kPortPlace)));
  for (int position = kPortPositions; position >= 1; --position) {
    if (stage_.hardware.vials().contains(port_location(position))) continue;
    const inventory::Spot spot{port->id, position - 1};
    if (!view.occupant(spot).empty() || port->reserved.contains(position - 1)) continue;
    if (port->held.contains(position - 1)) continue;
    return position;
  }
  return std::nullopt;
}

const Course* SimOperator::draw_course() {
  const auto& courses = stage_.daemon->bank.ledger.tables().courses;
  if (courses.empty()) return nullptr;
  auto chosen = courses.begin();
  std::advance(chosen, static_cast<std::ptrdiff_t>(prng_.below(courses.size())));
  return &chosen->second;
}

bool SimOperator::robot_moves() const {
  const auto moving = stage_.hardware.truth(kRobot, "moving");
  return moving && *moving == whole(1);
}

void SimOperator::look_again(const std::string& code) {
  stage_.after(kLookAfter, [this, code] { put_right(code); });
}

void SimOperator::put_right(const std::string& code) {
  // Somebody else has it by now, and will put it right.
  if (stage_.in_hands.count(code) > 1) return stage_.let_go(code);
  // Who looks while the robot has it, or while the record does not yet know what the robot did,
  // waits: a hand in between would make a lie of a proof that is already on its way to the disk.
  if (stage_.daemon == nullptr || robot_moves() ||
      under_way(stage_.daemon->bank.ledger).contains(code)) {
    return look_again(code);
  }
  const inventory::View view(stage_.daemon->bank.ledger);
  const auto aliquot = view.aliquot_by_code(code);
  const bool known = aliquot && aliquot->state != inventory::AliquotState::expected;
  // Those who look for lost vials have this one before them.
  if (known && aliquot->spot.place.str() == inventory::kUnknownPlace) return stage_.let_go(code);
  const auto here = find_vial(code);
  std::optional<devices::RobotLocation> there;
  if (known) there = location_of(stage_.daemon->bank.ledger, aliquot->spot);
  if (here == there) return stage_.let_go(code);
  // Somebody else's vial may be in the way: one that is in hands too is taken aside for who has it.
  if (there && stage_.hardware.vials().contains(*there)) {
    if (!stage_.in_hands.contains(stage_.hardware.vials().at(*there))) return look_again(code);
    static_cast<void>(stage_.take(*there));
  }
  if (here && !stage_.take(*here)) stage_.wrong(cat("cannot take ", code));
  if (there && !stage_.put(*there, code)) stage_.wrong(cat("cannot put ", code));
  stage_.let_go(code);
}

void SimOperator::look_again(const std::vector<std::string>& codes) {
  for (const std::string& code : codes) look_again(code);
}

bool SimOperator::acknowledge() {
  const alarms::Board& board = stage_.daemon->bank.board;
  const std::vector<AlarmId> open = board.open_alarms();
  if (open.empty()) return false;
  const AlarmId& alarm = open[prng_.below(open.size())];
  Json body = Json::object().set("alarm", alarm.str()).set("reason", "going");
  ask({"operator", "alarm/acknowledge", std::move(body)}, [](const Json&) {});
  return true;
}

// Silence for a while, an end of it, second thoughts, and the end of a latch that takes a reason.
bool SimOperator::tend_alarm() {
  const alarms::Board& board = stage_.daemon->bank.board;
  const std::vector<AlarmId> open = board.open_alarms();
  if (open.empty()) return false;
  const AlarmId& alarm = open[prng_.below(open.size())];
  const Json shown = board.render(alarm);
  const std::string state = shown.string_or("state", "");
  Json body = Json::object().set("alarm", alarm.str());
  std::string_view verb = "alarm/shelve";
  if (!shown["shelved"].is_null()) {
    verb = "alarm/unshelve";
  } else if (state == "latched") {
    verb = "alarm/reset";
  } else if (state == "active-acknowledged" && prng_.chance(1, 2)) {
    verb = "alarm/unacknowledge";
  } else {
    body.set("for", cat(prng_.between(1, 30), "min"));
  }
  if (verb != "alarm/unshelve") body.set("reason", "seen");
  ask({"supervisor", verb, std::move(body)}, [](const Json&) {});
  return true;
}

// Two people looked which vial is whose, and open the port again.
bool SimOperator::clear_mismatch() {
  const inventory::View view(stage_.daemon->bank.ledger);
  for (const std::string& id : view.documents("hold")) {
    if (view.document("hold", id)->string_or("kind", "") != inventory::kMismatch) continue;
    ask({"supervisor", "hold/release", Json::object().set("hold", id), "witness"},
        [](const Json&) {});
    return true;
  }
  return false;
}

bool SimOperator::resume_robot() {
  const Json there = Json::object().set("robot", kRobot).set("code", kRobot);
  ask({"supervisor", "robot/resume", there}, [](const Json&) {});
  return true;
}

bool SimOperator::pause_robot() {
  if (!prng_.chance(1, 4)) return false;
  ask({"operator", "robot/pause", Json::object().set("robot", kRobot)}, [](const Json&) {});
  return true;
}

bool SimOperator::find_unknown() {
  for (const auto& [id, job] : stage_.daemon->bank.ledger.tables().jobs) {
    if (job.state != inventory::JobState::unknown) continue;
    for (const inventory::Move& move : job.moves) {
      const bool lost = move.state == inventory::MoveState::unknown;
      if (lost && !stage_.in_hands.contains(move.code)) return settle_place(id, move);
    }
  }
  return false;
}

// Two people look where a vial really is, carry it to the port if it lies where none may lie, and
// tell.
bool SimOperator::settle_place(const JobId& job, const inventory::Move& move) {
  const auto here = find_vial(move.code);
  Json body = Json::object().set("job", job.str()).set("aliquot", move.aliquot.str());
  if (here) {
    const auto position = free_port_position();
    if (!position || robot_moves()) return false;
    if (!stage_.take(*here) || !stage_.put(port_location(*position), move.code)) return false;
    body.set("code", move.code).set("place", kPortPlace).set("position", cat(*position));
    body.set("at_robot", kRobot);
  } else {
    body.set("lost", true);
  }
  stage_.in_hands.insert(move.code);
  ask({"operator", "job/resolve", std::move(body), "witness"},
      [this, code = move.code](const Json&) { look_again(code); });
  return true;
}

// A job failed with the vial in the gripper: a person takes it out and tells.
bool SimOperator::empty_gripper() {
  const inventory::View view(stage_.daemon->bank.ledger);
  // A job that waits for the gripper is no reason to leave it full.
  if (robot_moves() || !under_way(stage_.daemon->bank.ledger).empty()) return false;
  for (const AliquotId& id : view.aliquots_in(PlaceId("gripper-1"))) {
    const auto aliquot = view.aliquot(id);
    const auto here = find_vial(aliquot->code);
    const auto position = free_port_position();
    if (!here || !position || (*here)[1] != kGripperRack) continue;
    if (stage_.in_hands.contains(aliquot->code)) continue;
    if (!stage_.take(*here)) return false;
    if (!stage_.put(port_location(*position), aliquot->code)) return false;
    stage_.in_hands.insert(aliquot->code);
    Json body = Json::object().set("aliquot", id.str()).set("code", aliquot->code);
    body.set("place", kPortPlace).set("position", cat(*position));
    body.set("override", true);  // the port may be in use, and the gripper must be emptied
    ask({"operator", "aliquot/move", std::move(body), "witness"},
        [this, code = aliquot->code](const Json&) { look_again(code); });
    return true;
  }
  return false;
}

bool SimOperator::misbehave() {
  if (!habits_.mischief) return false;
  Json body = Json::object().set("course", cat("x-", courses_));
  body.set("patient", "p-x").set("protocol", "single");
  core::BrokerMessage message = post_.write({"operator", "course/register", body});
  const std::string id = PostOffice::id_of(message);
  const auto& known = post_.answered();
  switch (prng_.below(9)) {
    case 0:  // cut somewhere
      message.payload.resize(static_cast<std::size_t>(prng_.below(message.payload.size())));
      break;
    case 1:
      message.payload.append(1u << 20, ' ');
      break;
    case 2:
      message.retained = true;
      break;
    case 3:
      message = post_.write({"viewer", "course/register", body});
      break;
    case 4:
      message = post_.write({"mallory", "course/register", body});
      break;
    case 5:
      message.response_topic = cat(stage_.topics.root(), "reply/somebody/else");
      break;
    case 6: {  // expired long ago, whatever the clock does
      Result<Json> payload = parse_json(message.payload);
      payload->set("expires_at", format_utc(stage_.clock.now().wall - hours(30)));
      message.payload = payload->dump();
      break;
    }
    case 7:  // answered already
      if (known.empty()) return false;
      post_.drop_in(known[prng_.below(known.size())]);
      return true;
    default:  // a known id with another body
      if (known.empty()) return false;
      message = known[prng_.below(known.size())];
      message.payload.insert(message.payload.size() - 1, ",\"also\":1");
      post_.drop_in(std::move(message));
      return true;
  }
  forbid_(PostOffice::id_of(message).empty() ? id : PostOffice::id_of(message));
  post_.drop_in(std::move(message));
  return true;
}

}  // namespace cryobank::simulation
