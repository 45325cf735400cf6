// Answer desk: whoever answers a page is answered, whatever they typed and whether or not the
// service is there to hear it. It knows which answers no daemon has taken yet, and what to tell
// whom; no clock and no socket: time comes in, words go out.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/reply_bound.hpp"
#include "base/time.hpp"
#include "service/pager/outgoing.hpp"

namespace cryobank::pager {

// A person whose answer no daemon has taken for so long hears that it is kept.
inline constexpr Duration kComfortAfter = seconds(8);
// What cannot be read may be a machine's answer to our answer: it is not answered again and again.
inline constexpr Duration kPuzzledEvery = minutes(10);

class AnswerDesk {
 public:
  struct Reply {
    std::string channel;
    std::string text;
  };

  // What to say to an answer that cannot be read; empty: it was said lately.
  std::string puzzled(const Now& now, const std::string& channel);
  // May this gateway say it by itself now (reply_bound.hpp)?
  bool may_say(const Now& now, const std::string& channel, std::string_view text) {
    return bound_.may(now.mono, channel, text);
  }
  // An answer waits for a daemon, as the receipt of this number.
  void waits(const Now& now, std::uint64_t receipt, const std::string& channel, const Heard& heard);
  void arrived(std::uint64_t receipt) { waiting_.erase(receipt); }
  // The daemon has answered somebody on this channel.
  void answered(const std::string& channel);
  // To be told now; each once.
  std::vector<Reply> due(const Now& now);

 private:
  struct Waiting {
    std::string channel;
    std::string words;
    Instant since;
    bool told = false;
  };
  std::map<std::uint64_t, Waiting> waiting_;  // by receipt
  std::map<std::string, Instant> puzzled_;    // by channel
  ReplyBound bound_;
};

}  // namespace cryobank::pager
