// Words of a command to the simulated hardware that may be left out: left out, they have the value
// that is given here; of another kind or out of range, they refuse the command by name.
#pragma once

#include <string>
#include <string_view>

#include "base/row_reader.hpp"
#include "base/try.hpp"

namespace cryobank::simulator {

// Doors and lids close by themselves within a year, or stay.
inline constexpr std::int64_t kStaysOpenMostS = 365 * 86'400;

inline Result<std::int64_t> told_number(const Json& command, std::string_view key,
                                        std::int64_t absent, std::int64_t low, std::int64_t high) {
  RowReader in("command", command);
  const std::int64_t value = in.maybe_number(key, absent, low, high);
  if (in.ok()) return value;
  return make_error(ErrorCode::invalid_value, in.status().error().context);
}

inline Result<bool> told_flag(const Json& command, std::string_view key) {
  RowReader in("command", command);
  const bool value = in.maybe_flag(key);
  if (in.ok()) return value;
  return make_error(ErrorCode::invalid_value, in.status().error().context);
}

inline Result<std::string> told_text(const Json& command, std::string_view key) {
  RowReader in("command", command);
  std::string value = in.maybe_text(key);
  if (in.ok()) return value;
  return make_error(ErrorCode::invalid_value, in.status().error().context);
}

// When what a person opened closes again; -1: it stays.
inline Result<std::int64_t> close_at(const Json& command, std::int64_t now_ms, bool open) {
  TRY_ASSIGN(const std::int64_t stays, told_number(command, "seconds", 0, 0, kStaysOpenMostS));
  return open && stays > 0 ? now_ms + stays * 1000 : std::int64_t{-1};
}

}  // namespace cryobank::simulator
