// Truth, people's acts and the saved state of the reference robot: the slow part of robot.hpp.
#include <algorithm>

#include "base/row_reader.hpp"
#include "base/text.hpp"
#include "base/try.hpp"
#include "devices/simulator/robot/block_robot.hpp"

namespace cryobank::simulator {

namespace {

constexpr std::string_view kRobotPhases[] = {"none",           "accepting", "to-source", "holding",
                                             "to-destination", "placed",    "working",   "secret"};

Json words_json(const std::uint16_t* first, std::size_t count) {
  Json out = Json::array();
  for (std::size_t i = 0; i < count; ++i) out.push(static_cast<int>(first[i]));
  return out;
}

void words_from(RowReader& in, std::string_view key, std::uint16_t* first, std::size_t count) {
  const Json::Array& words = in.list(key);
  bool fits = words.size() == count;
  for (std::size_t i = 0; fits && i < count; ++i) {
    fits = words[i].is_integer() && words[i].integer() >= 0 && words[i].integer() <= UINT16_MAX;
    if (fits) first[i] = static_cast<std::uint16_t>(words[i].integer());
  }
  if (!fits) in.refuse(key, cat(count, " words"));
}

std::uint32_t u32_at(RowReader& in, std::string_view key) {
  return static_cast<std::uint32_t>(in.number(key, 0, UINT32_MAX));
}

std::uint16_t u16_at(RowReader& in, std::string_view key) {
  return static_cast<std::uint16_t>(in.number(key, 0, UINT16_MAX));
}

}  // namespace

Result<Milli> BlockRobot::truth(std::string_view quantity) const {
  if (quantity == "gripper") return whole(cell_.at(gripper()) != nullptr ? 1 : 0);
  if (quantity == "moving") return whole(moving() ? 1 : 0);
  if (quantity == "powered") return whole(powered_ ? 1 : 0);
  if (quantity == "completed") return whole(completed_);
  if (quantity == "echo-sequence") return whole(echo_);
  if (quantity == "done-sequence") return whole(last_done_);
  if (quantity == "port-open") return whole(port_open_ ? 1 : 0);
  if (quantity == "state") return whole(static_cast<std::int64_t>(shown_state()));
  return make_error(
      ErrorCode::unknown_key,
      cat("robot ", config_.id.str(), " knows gripper, moving, powered, completed, ",
          "echo-sequence, done-sequence, port-open, state; came \"", clip(quantity, 40), "\""));
}

Status BlockRobot::act(const SimTime& now, std::string_view verb, const Json& command) {
  now_ = now;
  if (verb == "mode") {
    TRY_ASSIGN(bool automatic, command.get_bool("automatic"));
    manual_ = !automatic;
    return {};
  }
  if (verb == "door") {  // a person at the transfer port
    TRY_ASSIGN(bool open, command.get_bool("open"));
    port_open_ = open;
    return {};
  }
  if (verb == "panel") return panel_move(command);
  return make_error(ErrorCode::unknown_key,
                    cat("a robot knows mode, door, panel; came \"", clip(verb, 40), "\""));
}

// A person at the panel: done at once, read and counted like any motion, without a sequence.
Status BlockRobot::panel_move(const Json& command) {
  TRY_ASSIGN(devices::RobotLocation from, location_of(command["source"]));
  TRY_ASSIGN(devices::RobotLocation to, location_of(command["destination"]));
  const std::string* vial = cell_.at(from);
  if (vial == nullptr || cell_.at(to) != nullptr || moving()) {
    return make_error(ErrorCode::conflict,
                      "expected a vial at the source, none at the destination, and no motion");
  }
  code_ = *vial;
  hash_at_pick_ = hash_at_place_ = hash_of_code(code_);
  cell_.move(from, to, true);
  ++completed_;
  return {};
}

Json BlockRobot::save() const {
  Json out;
  out.set("phase", kRobotPhases[static_cast<std::size_t>(phase_)]);
  out.set("event_ms", event_ms_ == kNoEvent ? std::int64_t{-1} : event_ms_);
  out.set("powered", powered_).set("starting", starting_);
  out.set("faking", faking_).set("faking_codes", faking_codes_);
  out.set("command", words_json(command_.data(), command_.size()));
  out.set("master", words_json(master_words_, std::size(master_words_)));
  std::vector<std::uint16_t> order(16, 0);
  order[0] = order_.verb;
  for (std::size_t i = 0; i < 3; ++i) {
    order[1 + i] = order_.source[i];
    order[4 + i] = order_.destination[i];
  }
  put_u32(order, 7, order_.code_hash);
  put_u32(order, 9, order_.sequence);
  put_u32(order, 11, order_.epoch);
  out.set("order", words_json(order.data(), order.size()));
  out.set("latched", latched_).set("step", static_cast<int>(step_)).set("echo", echo_);
  out.set("last_done", last_done_).set("result", static_cast<int>(result_));
  out.set("error", static_cast<int>(error_)).set("completed", completed_);
  out.set("highest_epoch", highest_epoch_).set("hash_at_pick", hash_at_pick_);
  out.set("hash_at_place", hash_at_place_).set("code", code_);
  out.set("refusal", static_cast<int>(refusal_)).set("refused_sequence", refused_sequence_);
  out.set("port_open", port_open_).set("manual", manual_);
  Json scanned = Json::array();
  for (const std::string& code : scanned_) scanned.push(code == "\xFF" ? Json() : Json(code));
  return out.set("scanned", scanned);
}

Status BlockRobot::restore(const Json& saved) {
  RowReader in(config_.id.str(), saved);
  const auto phase = std::ranges::find(kRobotPhases, in.text("phase"));
  if (phase == std::end(kRobotPhases)) in.refuse("phase", "a phase of a motion");
  if (phase != std::end(kRobotPhases))
    phase_ = static_cast<Phase>(phase - std::begin(kRobotPhases));
  event_ms_ = in.number("event_ms", -1);
  if (event_ms_ < 0) event_ms_ = kNoEvent;
  powered_ = in.flag("powered");
  starting_ = in.flag("starting");
  faking_ = in.flag("faking");
  faking_codes_ = in.flag("faking_codes");
  words_from(in, "command", command_.data(), command_.size());
  words_from(in, "master", master_words_, std::size(master_words_));
  std::vector<std::uint16_t> order(16, 0);
  words_from(in, "order", order.data(), order.size());
  const auto u32 = [&order](std::size_t at) {
    return (static_cast<std::uint32_t>(order[at]) << 16) | order[at + 1];
  };
  order_.verb = order[0];
  for (std::size_t i = 0; i < 3; ++i) {
    order_.source[i] = order[1 + i];
    order_.destination[i] = order[4 + i];
  }
  order_.code_hash = u32(7);
  order_.sequence = u32(9);
  order_.epoch = u32(11);
  latched_ = in.flag("latched");
  step_ = static_cast<Step>(in.number("step", 0, 5));
  echo_ = u32_at(in, "echo");
  last_done_ = u32_at(in, "last_done");
  result_ = u16_at(in, "result");
  error_ = u16_at(in, "error");
  completed_ = u32_at(in, "completed");
  highest_epoch_ = u32_at(in, "highest_epoch");
  hash_at_pick_ = u32_at(in, "hash_at_pick");
  hash_at_place_ = u32_at(in, "hash_at_place");
  code_ = in.any_text("code");
  refusal_ = static_cast<Refusal>(u16_at(in, "refusal"));
  refused_sequence_ = u32_at(in, "refused_sequence");
  port_open_ = in.flag("port_open");
  manual_ = in.flag("manual");
  scanned_.clear();
  for (const Json& code : in.list("scanned")) {
    if (!code.is_string() && !code.is_null()) in.refuse("scanned", "codes, or null");
    scanned_.push_back(code.is_string() ? code.string() : std::string("\xFF"));
  }
  master_beat_ms_ = -1;
  return in.status();
}

}  // namespace cryobank::simulator
