// Text protocol: how a point of a text device is asked for and read out of a line. The profile says
// it in the point's `printed`:
//   "{unit} TEMPA?"              a question, sent with the unit as three digits; the first
//                                number of the answer is the value
//   "TEMP-A:"                    the start of a line that comes unasked; the first number after it
//   "LID OPEN = 1 | LID CLOSED = 0"   starts of lines, each with the value it stands for
// Letters match in either case. Numbers are decimal. docs/text-devices.md is the how-to.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/device_profile.hpp"
#include "devices/register_codec.hpp"

namespace cryobank::devices {

struct TextPattern {
  struct Phrase {
    std::string start;                  // lower case
    std::optional<std::int64_t> value;  // empty: the number that follows
  };
  std::string question;  // what to send, unit filled in; empty: it comes unasked
  std::vector<Phrase> phrases;
};

TextPattern text_pattern(const config::Point& point, std::uint8_t unit);

// The first decimal number of a text; empty when there is none.
std::optional<Milli> first_number(std::string_view text);

// The answer to the point's question. Without a number it is sensor-broken.
Decoded decode_answer(const config::Point& point, std::string_view answer);
// A line that came unasked; empty when it does not speak of the point.
std::optional<Decoded> decode_unasked(const config::Point& point, const TextPattern& pattern,
                                      std::string_view line);

}  // namespace cryobank::devices
