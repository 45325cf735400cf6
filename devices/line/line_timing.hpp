// Line timing: what the wire of a serial line allows. A character is start bit, data, parity and
// stop bits; frames are kept apart by 3.5 characters, 1.75 ms above 19200 baud (Modbus over Serial
// Line V1.02, 2.5.1.1). Modbus ASCII takes two characters a byte and a frame of ":", LRC, CR, LF.
#pragma once

#include <vector>

#include "config/site_config.hpp"
#include "devices/line/register_plan.hpp"

namespace cryobank::devices {

// Time a unit is believed to need before it answers, when a cycle is estimated.
inline constexpr Duration kTurnaround = milliseconds(5);

bool is_serial(config::LineConfig::Kind kind);
bool is_text(config::LineConfig::Kind kind);

Duration character_time(const config::LineConfig& line);
// The silence that ends a frame.
Duration frame_gap(const config::LineConfig& line);
// One read with its answer on a serial line: frames, gaps, turnaround and the profile's pause.
Duration read_time(const config::LineConfig& line, const config::Quirks& quirks, const Span& span);
// All reads of one class of a plan.
Duration round_time(const config::LineConfig& line, const config::Quirks& quirks,
                    const std::vector<Span>& plan, config::ReadClass read_class);

}  // namespace cryobank::devices
