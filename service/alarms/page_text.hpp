// The text of a page: what a tired person reads on a small screen at night. 7-bit ASCII, at most
// 240 characters; the first 140 stand alone (a gateway may cut there): priority, what, where, how
// bad, and the code that takes it. No identifiers of patients or donors.
#pragma once

#include <cstddef>
#include <string>

#include "service/alarms/alarm.hpp"
#include "service/alarms/summons.hpp"

namespace cryobank::alarms {

inline constexpr std::size_t kPageLengthMax = 240;
inline constexpr std::size_t kPageHeadMax = 140;

// `text` is what is wrong now, with figures.
std::string page_text(const Alarm& alarm, const std::string& text, const PageFace& face);

// Bytes outside printable ASCII become '?'.
std::string seven_bit(std::string_view text);

}  // namespace cryobank::alarms
