// Job runner: carries out the moves of open jobs, one at a time per robot. Each transition is
// durable before the next thing is done: the intent before the robot hears of it, the proof before
// the next move.
//
//   idle --may move--> committing intent --durable--> moving --holding--> moving (custody: gripper)
//    ^                        |failed: dropped          |done, failed, doubt, not delivered
//    |                        v                         v
//    '------------------------'------ durable --- committing outcome
//
// Waiting moves go by priority and due time, and with the most urgent one what lies in the same
// rack, so that a drawer opens once (devices/robot/robot_queue.hpp). A job whose vial is UNKNOWN
// holds its robot until two people have settled it; then the robot is released. What a robot did
// without an order is a P1, makes its vials UNKNOWN and pauses it (robot_watch.cpp). After a
// restart a move found issued or holding is asked about before anything else of that robot
// (resume), and never issued again unless the robot proves that it never took it.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "devices/robot/robot_queue.hpp"
#include "service/core/bank.hpp"
#include "service/core/desk/alarm_desk.hpp"
#include "service/core/recorder.hpp"
#include "service/core/watch/gripper_clock.hpp"

namespace cryobank::core {

// A robot that may not move is told to a person after so long.
inline constexpr Duration kBlockedWarn = seconds(120);
// How often a blocked motion is tried again.
inline constexpr Duration kBlockedRetry = seconds(1);
// An unexplained motion is told to the record anew until that took it.
inline constexpr Duration kUnexplainedRetry = seconds(10);
// Planned moves of a robot that are ordered against each other; further ones wait their turn.
inline constexpr std::size_t kOrderedMax = 200;

class JobRunner {
 public:
  JobRunner(Bank& bank, Recorder& recorder, AlarmDesk& alarms);

  Status load_row(std::string_view key, std::string_view value);  // prefix "m/robot/"
  // Pauses and resumes what was in flight when the last run ended.
  void start(const Now& now);
  // Starts what can start. Cheap when nothing changed.
  void wake(const Now& now);
  void on_event(const Now& now, const devices::RobotEvent& event, Effects& effects);
  void on_recorded(const Now& now, const Recorded& recorded, const Status& status);
  // A job changed: alarms of jobs that a person has settled are cleared.
  void on_job(const Now& now, const JobId& job);
  void on_fact(const Now& now, const Fact& fact);  // robot-paused, robot-resumed
  // The end of a command of the service itself: motion/unexplained.
  void on_command(const Now& now, const Recorded& recorded, const Status& status);
  void stop() { stopping_ = true; }
  void jobs_changed() { dirty_ = true; }

  void on_deadline(const Now& now);
  Instant next_deadline() const;
  bool moving() const;

 private:
  enum class Phase : std::uint8_t { idle, committing_intent, moving, committing_outcome };
  struct RobotWork {
    devices::DeviceIndex index;
    DeviceId id;
    Phase phase = Phase::idle;
    JobId job;
    std::size_t move = 0;
    devices::RobotMotion motion;
    Instant retry_at{};
    Instant blocked_since = kNever;
    bool blocked_told = false;
    bool paused = false;
    devices::OpenRack open;                          // at this robot
    std::optional<devices::RobotEvent> unexplained;  // the record did not take it yet
    Instant unexplained_at = kNever;                 // when it is told again
  };
  struct Next {
    const inventory::Job* job = nullptr;
    std::size_t move = 0;
  };

  RobotWork* find(const DeviceId& id);
  Next next_move(const Now& now, const RobotWork& robot) const;
  devices::QueuedMove queued(const inventory::Job& job, std::size_t move) const;
  bool is_hand_over(std::uint16_t unit) const;
  void try_start(const Now& now, RobotWork& robot);
  void resume(const Now& now, RobotWork& robot, const Next& next);
  Result<devices::RobotMotion> motion_for(const inventory::Job& job, std::size_t move) const;
  void blocked(const Now& now, RobotWork& robot, const Error& why);
  void unblocked(const Now& now, RobotWork& robot);
  void commit(RobotWork& robot, JobStep step, Fact fact);
  void outcome(const Now& now, RobotWork& robot, JobStep step, Fact fact);
  void proved(const Now& now, RobotWork& robot, const devices::RobotEvent& event);
  void doubted(const Now& now, RobotWork& robot, const devices::RobotEvent& event);
  void scanned(const Now& now, RobotWork& robot, const devices::RobotEvent& event);
  void unexplained(const Now& now, RobotWork& robot, const devices::RobotEvent& event);
  void record_unexplained(const Now& now, RobotWork& robot);
  void expect_grippers();
  void forget_older_motions(const RobotWork& robot);
  bool scans(const RobotWork& robot) const;
  std::string vial_of(const RobotWork& robot) const;
  void release_settled(const inventory::Job& job);
  void tell_unknown(const Now& now, const inventory::Job& job);
  void warn(const Now& now, std::string source, std::string_view condition, std::string text,
            std::string action);

  Bank& bank_;
  Recorder& recorder_;
  AlarmDesk& alarms_;
  GripperClock warm_;
  std::vector<RobotWork> robots_;
  std::set<JobId> settling_;  // jobs with a vial that is UNKNOWN
  bool dirty_ = true;
  bool stopping_ = false;
};

}  // namespace cryobank::core
