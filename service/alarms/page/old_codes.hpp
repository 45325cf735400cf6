// Old codes: of pages that were taken, are over, or are told with another one since. A late answer
// is told what became of its page and takes no other alarm: no code is drawn again while it is
// remembered, also not by the next run (rows "m/call/~codes/{alarm}").
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/ids.hpp"
#include "base/json.hpp"
#include "base/record.hpp"
#include "base/result.hpp"
#include "base/time.hpp"

namespace cryobank::alarms {

// No id holds a '~', so these rows never are an alarm's call.
inline constexpr std::string_view kOldCodesPrefix = "m/call/~codes/";
inline constexpr std::size_t kOldCodesMax = 2'000;
// Of one alarm that is taken and taken back for ever.
inline constexpr std::size_t kOldCodesOfOne = 50;

struct OldCode {
  AlarmId alarm;        // empty: of a test page
  bool joined = false;  // its alarm was told with another of its cause from then on
  WallTime since{};
};

class OldCodes {
 public:
  // Gives the alarms whose rows this changed: its own, and that of a code that gave way to it.
  std::vector<AlarmId> keep(const std::string& code, OldCode old);
  const OldCode* find(std::string_view code) const;

  Status load_row(std::string_view key, const Json& row);
  // Nothing where it has no old code and never had one.
  void add_row(const AlarmId& alarm, std::vector<RowChange>& rows) const;

 private:
  using ByAge = std::set<std::pair<WallTime, std::string>>;

  std::map<std::string, OldCode, std::less<>> codes_;
  ByAge by_age_;
  std::map<AlarmId, ByAge> of_alarm_;  // empty: all of them gave way to newer ones
};

}  // namespace cryobank::alarms
