// Truth, people's acts and the saved state of the reference robot: the slow part of robot.hpp.
#include "base/text.hpp"
#include "devices/simulator/block_robot.hpp"

namespace cryobank::simulator {

namespace {

constexpr std::string_view kPhases[] = {"none",           "accepting", "to-source", "holding",
                                        "to-destination", "placed",    "working",   "secret"};

Json words_json(const std::uint16_t* first, std::size_t count) {
  Json out = Json::array();
  for (std::size_t i = 0; i < count; ++i) out.push(static_cast<int>(first[i]));
  return out;
}

void words_from(const Json& saved, std::uint16_t* first, std::size_t count) {
  if (!saved.is_array() || saved.items().size() != count) return;
  for (std::size_t i = 0; i < count; ++i) {
    if (saved.items()[i].is_integer()) {
      first[i] = static_cast<std::uint16_t>(saved.items()[i].integer());
    }
  }
}

std::uint32_t u32_or(const Json& saved, std::string_view key) {
  return static_cast<std::uint32_t>(saved.integer_or(key, 0));
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
    Result<bool> automatic = command.get_bool("automatic");
    if (!automatic) return automatic.error();
    manual_ = !*automatic;
    return {};
  }
  if (verb == "door") {  // a person at the transfer port
    Result<bool> open = command.get_bool("open");
    if (!open) return open.error();
    port_open_ = *open;
    return {};
  }
  if (verb == "panel") return panel_move(command);
  return make_error(ErrorCode::unknown_key,
                    cat("a robot knows mode, door, panel; came \"", clip(verb, 40), "\""));
}

// A person at the panel: done at once, read and counted like any motion, without a sequence.
Status BlockRobot::panel_move(const Json& command) {
  Result<devices::RobotLocation> from = location_of(command["source"]);
  if (!from) return from.error();
  Result<devices::RobotLocation> to = location_of(command["destination"]);
  if (!to) return to.error();
  const std::string* vial = cell_.at(*from);
  if (vial == nullptr || cell_.at(*to) != nullptr || moving()) {
    return make_error(ErrorCode::conflict,
                      "expected a vial at the source, none at the destination, and no motion");
  }
  code_ = *vial;
  hash_at_pick_ = hash_at_place_ = hash_of_code(code_);
  cell_.move(*from, *to, true);
  ++completed_;
  return {};
}

Json BlockRobot::save() const {
  Json out;
  out.set("phase", kPhases[static_cast<std::size_t>(phase_)]);
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
  const std::string phase = saved.string_or("phase", "none");
  for (std::size_t i = 0; i < std::size(kPhases); ++i) {
    if (phase == kPhases[i]) phase_ = static_cast<Phase>(i);
  }
  event_ms_ = saved.integer_or("event_ms", -1);
  if (event_ms_ < 0) event_ms_ = kNoEvent;
  powered_ = saved.bool_or("powered", true);
  starting_ = saved.bool_or("starting", false);
  faking_ = saved.bool_or("faking", false);
  faking_codes_ = saved.bool_or("faking_codes", false);
  words_from(saved["command"], command_.data(), command_.size());
  words_from(saved["master"], master_words_, std::size(master_words_));
  std::vector<std::uint16_t> order(16, 0);
  words_from(saved["order"], order.data(), order.size());
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
  latched_ = saved.bool_or("latched", false);
  step_ = static_cast<Step>(saved.integer_or("step", 0));
  echo_ = u32_or(saved, "echo");
  last_done_ = u32_or(saved, "last_done");
  result_ = static_cast<std::uint16_t>(saved.integer_or("result", 0));
  error_ = static_cast<std::uint16_t>(saved.integer_or("error", 0));
  completed_ = u32_or(saved, "completed");
  highest_epoch_ = u32_or(saved, "highest_epoch");
  hash_at_pick_ = u32_or(saved, "hash_at_pick");
  hash_at_place_ = u32_or(saved, "hash_at_place");
  code_ = saved.string_or("code", "");
  refusal_ = static_cast<Refusal>(saved.integer_or("refusal", 0));
  refused_sequence_ = u32_or(saved, "refused_sequence");
  port_open_ = saved.bool_or("port_open", false);
  manual_ = saved.bool_or("manual", false);
  scanned_.clear();
  if (saved["scanned"].is_array()) {
    for (const Json& code : saved["scanned"].items()) {
      scanned_.push_back(code.is_string() ? code.string() : std::string("\xFF"));
    }
  }
  master_beat_ms_ = -1;
  return {};
}

}  // namespace cryobank::simulator
