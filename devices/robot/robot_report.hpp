// The recovery report: what a person at the robot needs to know. What it last reported, where the
// vial of its last motion may be, most likely first, and which scans tell.
#pragma once

#include <string>

#include "base/json.hpp"
#include "base/time.hpp"
#include "devices/robot/robot_motion.hpp"
#include "devices/robot/robot_status.hpp"

namespace cryobank::devices {

// `status` may be nullptr: never answered. `age` is that of the status.
// Keys: motion {sequence, verb, source, destination, code}, robot {state, step, gripper_occupied,
// echo, last_done, completed, code, error, interlocks, refusal, age_ms} or null, candidates
// [{at: "source"|"gripper"|"destination"|"floor", location, why, why_ja}], scans [{verb, source}].
Json robot_report(const RobotStatus* status, const RobotMotion& motion, Duration age);

// Why a vial may be where a candidate says, as halves of sentences; why_ja is the same in Japanese.
struct LookReason {
  std::string_view en;
  std::string_view ja;
};
namespace look_reason {
inline constexpr LookReason kGripperFull{"the gripper sensor reads occupied",
                                         "グリッパーのセンサーが「あり」を示しています"};
inline constexpr LookReason kPlaced{"the robot reported the step placed",
                                    "ロボットが「置いた」段階を報告しました"};
inline constexpr LookReason kNeverHeld{"the robot never reported to hold it",
                                       "ロボットは一度も「つかんだ」と報告していません"};
inline constexpr LookReason kNotKnown{"the robot does not know this motion",
                                      "ロボットはこの動作を受け取っていません"};
inline constexpr LookReason kDroppedIt{"it was held, and the gripper is empty",
                                       "つかんでいたのに、いまグリッパーは空です"};
inline constexpr LookReason kStoodThere{"it stood there before the motion",
                                        "動作の前はそこにありました"};
inline constexpr LookReason kBetween{"between both ends", "出発点と到着点の途中です"};
inline constexpr LookReason kMotionsEnd{"the motion's end", "動作の到着点です"};
inline constexpr LookReason kOnTheWay{"dropped on the way", "途中で落ちたかもしれません"};
inline constexpr LookReason kAll[] = {kGripperFull, kPlaced,  kNeverHeld,  kNotKnown, kDroppedIt,
                                      kStoodThere,  kBetween, kMotionsEnd, kOnTheWay};
}  // namespace look_reason

// Half a sentence for the reason of a doubt: what the robot shows instead of a proof. `fault` is
// why its last answer was none; empty when it was one.
std::string why_no_proof(const RobotStatus* status, const std::string& fault, bool fresh);

}  // namespace cryobank::devices
