// The pattern of one line of a text device, as a profile writes it: literal text and marks.
//   {point-id}  the value of that point of the profile
//   {unit}      the device's unit as three digits
//   {any}       whatever stands up to the next literal text, or to the end
// Letters are compared in either case; a run of blanks counts as one, and none is needed beside a
// value. Two marks without text between them are refused: nobody could say where one ends.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace cryobank::config {

// Longest pattern and longest question: far above any line seen, far below the 512 bytes of a line.
inline constexpr std::size_t kTextPatternMax = 200;
inline constexpr std::size_t kTextQuestionMax = 64;
inline constexpr std::string_view kUnitMark = "{unit}";

struct TextPiece {
  enum class Kind : std::uint8_t { literal, point, unit, any };
  Kind kind = Kind::literal;
  std::string text;  // literal: lower case, single blanks; point: its id
};

// Error: what is wrong, without the place.
Result<std::vector<TextPiece>> parse_text_pattern(std::string_view pattern);

// What is sent for a question: `{unit}` filled in.
std::string fill_unit(std::string_view ask, std::uint8_t unit);
std::string three_digits(std::uint8_t unit);
// Runs of blanks and tabs as one blank, none at the ends.
std::string single_blanks(std::string_view text);

}  // namespace cryobank::config
