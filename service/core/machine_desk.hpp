// Machine desk: carries what the fleet says to those who must know: requests to the lines, readings
// to the broker and the alarm rules, motions to the job runner, changes of state and the ends of
// writes to the journal.
#pragma once

#include "service/core/bank.hpp"
#include "service/core/command_flow.hpp"
#include "service/core/desk/alarm_desk.hpp"
#include "service/core/job_runner.hpp"
#include "service/core/points.hpp"
#include "service/core/retained.hpp"
#include "service/core/watch/warm_watch.hpp"

namespace cryobank::core {

class MachineDesk {
 public:
  MachineDesk(Bank& bank, Points& points, Retained& retained, Recorder& recorder, AlarmDesk& alarms,
              CommandFlow& commands, JobRunner& jobs, WarmWatch& warm);

  // Empties bank.fleet_out. False when there was nothing.
  bool drain(const Now& now, Effects& effects);

 private:
  void log_state(const devices::DeviceStateChange& change, Effects& effects) const;
  void on_state(const Now& now, const devices::DeviceStateChange& change);
  void on_changed(const Now& now, devices::DeviceIndex device);
  void on_write(const devices::WriteOutcome& outcome);

  Bank& bank_;
  Points& points_;
  Retained& retained_;
  Recorder& recorder_;
  AlarmDesk& alarms_;
  CommandFlow& commands_;
  JobRunner& jobs_;
  WarmWatch& warm_;
  devices::FleetOutputs taken_;  // kept for its memory
};

}  // namespace cryobank::core
