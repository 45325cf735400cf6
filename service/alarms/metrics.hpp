// Metrics: how well alarms serve people, as ISA-18.2 and EEMUA 191 name it, computed from the facts
// of the journal and from nothing else, so that a restart counts nothing twice. Rate, peak of ten
// minutes, share of time in flood (more than 10 in 10 min until fewer than 5), chattering (three
// times in a minute), stale (active for a day), mix of priorities, the ten most frequent, time
// unacknowledged, and acknowledgements against the time to respond. All whole numbers.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/fact.hpp"
#include "base/json.hpp"
#include "base/time.hpp"

namespace cryobank::alarms {

class Metrics {
 public:
  // The month, or any other span, that is reported; facts outside it only tell what stood.
  Metrics(WallTime from, WallTime until) : from_(from), until_(until) {}

  // Facts of stream "alarm" in the order of the journal. Types that are none of ours mean nothing.
  // Errors: one of ours cannot be read.
  Status add(const Fact& fact);
  Json report() const;

 private:
  struct Standing {
    std::string alarm;
    WallTime raised;
    bool active = true;
    bool acknowledged = false;
    WallTime cleared{};
  };
  void raise(const std::string& alarm, std::int64_t occurrence, std::string_view priority,
             WallTime at);
  void acknowledge(std::int64_t occurrence, WallTime at);
  bool inside(WallTime at) const { return at >= from_ && at < until_; }

  WallTime from_;
  WallTime until_;
  std::map<std::int64_t, Standing> standing_;  // by occurrence
  std::map<std::string, std::int64_t> by_alarm_;
  std::map<std::string, std::int64_t, std::less<>> by_priority_;
  std::vector<WallTime> raised_;
  std::map<std::string, std::deque<WallTime>> minute_of_;
  std::map<std::string, std::int64_t> chattering_;
  std::vector<std::int64_t> unacknowledged_s_;
  std::int64_t in_time_ = 0;
  std::int64_t late_ = 0;
};

}  // namespace cryobank::alarms
