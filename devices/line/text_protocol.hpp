// Text protocol: how a line of a text device is told apart and read, by the patterns of its
// profile (config/text_line.hpp). A value is a decimal number, or for an ASCII point the text up to
// the next literal. Where a number should stand and none does, the point is sensor-broken; where a
// line begins as expected and goes on otherwise (another unit of measure, cut off), all its points
// are profile-mismatch. Nothing is ever read out of a line whose whole shape does not fit.
// docs/text-devices.md is the how-to.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/device_profile.hpp"
#include "config/text_line.hpp"
#include "devices/line/register_codec.hpp"

namespace cryobank::devices {

// One [[line]] of a profile, ready to compare. Points are places in profile.points.
struct TextForm {
  struct Piece {
    config::TextPiece::Kind kind = config::TextPiece::Kind::literal;
    std::string text;         // literal, or the unit's digits
    std::uint32_t point = 0;  // of a value
  };
  std::string question;  // what to send; empty: it comes unasked
  std::vector<Piece> pieces;
  std::vector<std::pair<std::uint32_t, Milli>> sets;
};

// REQUIRES: the profile passed the linter. In the order of profile.lines.
std::vector<TextForm> text_forms(const config::DeviceProfile& profile, std::uint8_t unit);

struct TextValue {
  std::uint32_t point = 0;
  Decoded decoded;
};

enum class TextFit : std::uint8_t {
  none,   // another line
  begun,  // begins as this one, and goes on otherwise
  whole,
};

// What the line says of the form's points; `out` is left alone when it does not fit.
TextFit read_line(const config::DeviceProfile& profile, const TextForm& form, std::string_view line,
                  std::vector<TextValue>& out);
// The first form of `forms` that the line fits, else the first that it begins as.
TextFit read_any(const config::DeviceProfile& profile, const std::vector<TextForm>& forms,
                 std::string_view line, std::vector<TextValue>& out);

// Printable ASCII from end to end: noise on a wire rarely is.
bool is_plain_text(std::string_view line);

}  // namespace cryobank::devices
