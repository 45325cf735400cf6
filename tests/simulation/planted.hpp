// Planted: mistakes put into the world, one at a time, to show that a checker sees each of them.
#pragma once

#include <cstdint>

namespace cryobank::simulation {

enum class Planted : std::uint8_t {
  nothing,
  lost_batch,       // a kill takes back a batch that was durable
  lying_disk,       // a batch is said to be durable and is nowhere
  bent_entry,       // a journal entry is not what the daemon wrote
  bent_row,         // a row of the record changes while the daemon is down
  forgotten_alarm,  // the row of an open alarm is gone while the daemon is down
  stolen_vial,      // a vial leaves its place and nobody is told
  doubled_vial,     // a second vial bears the same code
  foreign_motion,   // the robot is moved by nobody's intent
  masked_user,      // the broker lets a viewer pass for an operator
  frozen_probe,     // a level stands still at the probe and falls in the tank
  early_calm,       // a probe says that all is well while it is not
  unshown_alarm,    // the broker takes alarms and shows none
  swallowed_page,   // the broker takes pages and passes none on
  swallowed_event,  // a reader never gets one event
  lost_topic,       // the broker takes courses and keeps none
  full_disk,        // the disk is full and nobody clears it
  unequal_runs,     // the second run is another one
};

}  // namespace cryobank::simulation
