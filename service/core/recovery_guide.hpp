// Recovery guide: what two people do, in this order, at a robot whose motion ended in doubt. Where
// to look, most likely place first, by what the robot last reported; which code to scan; which
// command tells the record. It decides nothing and releases nothing.
#pragma once

#include <string>
#include <vector>

#include "service/core/bank.hpp"
#include "service/core/recovery_words.hpp"

namespace cryobank::core {

// The open job and move of a robot whose vial is UNKNOWN; job is nullptr when there is none.
struct UnknownMove {
  const inventory::Job* job = nullptr;
  std::size_t move = 0;
};
UnknownMove unknown_move(const inventory::Ledger& ledger, const DeviceId& robot);

// Empty when nothing of this robot is in doubt.
std::vector<std::string> recovery_steps(const Bank& bank, const Now& now,
                                        devices::DeviceIndex robot, GuideTongue tongue);
// The same in one line for an alarm.
std::string recovery_line(const Bank& bank, const Now& now, devices::DeviceIndex robot);

}  // namespace cryobank::core
