// Reply bound: how often somebody who answers is answered. A device that answers by itself answers
// every answer; what was said last is not said again, and no channel is answered without end. It
// knows words and times only: channels are the site's, so they are few.
#pragma once

#include <deque>
#include <map>
#include <string>
#include <string_view>

#include "base/time.hpp"

namespace cryobank {

class ReplyBound {
 public:
  // More than any person types in that time, all alarms of a bad night taken one by one.
  static constexpr std::size_t kMost = 20;
  static constexpr Duration kWithin = minutes(10);

  // May this be said there now? It counts as said if so.
  bool may(Instant now, const std::string& channel, std::string_view text) {
    Said& said = said_[channel];
    while (!said.times.empty() && now - said.times.front() >= kWithin) said.times.pop_front();
    const bool again = !said.times.empty() && said.last == text;
    if (again || said.times.size() >= kMost) return false;
    said.times.push_back(now);
    said.last = std::string(text);
    return true;
  }

 private:
  struct Said {
    std::deque<Instant> times;
    std::string last;
  };
  std::map<std::string, Said> said_;
};

}  // namespace cryobank
