// Page queue: every page that a gateway was given, what became of it, and the receipts that the
// daemon has not taken yet. P1 first, then by age; what is stale, replaced or withdrawn is dropped
// and told. A page is `accepted` only when its line is on disk. Pure: each change is also a line
// for the file (queue_file_io.hpp); the same lines read again make the same queue.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "service/pager/outgoing.hpp"

namespace cryobank {
class RowReader;
}

namespace cryobank::pager {

// Pages of one channel that wait; above it the least urgent, oldest one is dropped and told.
inline constexpr std::size_t kWaitingMax = 1'000;
// Ids remembered, so that a page published again is not sent again: a night's flood many times
// over.
inline constexpr std::size_t kSeenMax = 10'000;
// Receipts that wait for a broker; above it the oldest go, since newer ones say more.
inline constexpr std::size_t kReceiptsMax = 10'000;

struct Receipt {
  std::uint64_t number = 0;
  std::string topic;  // below the site's root
  std::string body;
};

// `why` of a page that came again.
inline constexpr std::string_view kSeenBefore = "seen before";

class PageQueue {
 public:
  explicit PageQueue(std::set<std::string> channels) : channels_(std::move(channels)) {}

  // A page as it came from the broker, or the gateway's own. False: seen before (its last receipt
  // is told again), not ours, or a withdrawal that cannot be read; `why` says it. One that cannot
  // be read is taken as a P1 that says so (page_reader.hpp), and `why` says what is wrong with it.
  bool take(const Now& now, std::string_view channel, const Json& page, std::string& why);
  // The next page of this channel to try; marks it as being tried.
  std::optional<Outgoing> next(const Now& now, const std::string& channel);
  void tried(const Now& now, const std::string& channel, const std::string& page,
             const Attempt& attempt);
  // A carrier's report. Empty: of no page that is known.
  void report(const Now& now, const std::string& channel, const Heard& heard);
  // A person's answer, as a receipt for the daemon; its number.
  std::uint64_t answer(const Now& now, const std::string& channel, const Heard& heard);
  // Anything else for the daemon.
  void tell(std::string topic, const Json& body);
  void drop_stale(const Now& now);

  const std::deque<Receipt>& receipts() const { return receipts_; }
  void receipt_done(std::uint64_t number);
  // Is it what a person said, or what this gateway did, and not a machine's receipt that the daemon
  // asks for again?
  bool said_once(std::uint64_t number) const;

  std::size_t waiting(const std::string& channel) const;
  std::optional<Fate> fate_of(const std::string& page) const;
  // Is it the answer to somebody who answered?
  bool is_reply(const std::string& page) const;
  // When a P1 was taken last; zero: never.
  Instant last_p1() const { return last_p1_; }

  // Lines of what changed since the last call, for the file.
  std::vector<std::string> take_lines();
  // One line of the file. False: it is none of ours.
  bool replay(std::string_view line);
  // What is being tried when the gateway dies may have gone out: it is tried again.
  void replayed();
  // The whole queue as lines, for a new file.
  std::vector<std::string> snapshot() const;

 private:
  struct Entry {
    Outgoing page;
    std::string channel;
    Fate fate = Fate::waiting;
    std::string handle;
    std::string why;
    int tries = 0;
    WallTime not_before{};
    bool accepted_told = false;
  };
  static Json line_of(const Entry& entry);
  void settle(const Now& now, Entry& entry, Fate fate, std::string_view why);
  void receipt(const std::string& channel, std::string_view page, std::string_view status,
               std::string_view why, const Now& now);
  void withdraw(const Now& now, const std::vector<std::string>& pages, Fate fate,
                std::string_view why);
  void keep(const Now& now, std::string channel, Outgoing page);
  void drop_least(const Now& now, const std::string& channel);
  bool replay_page(RowReader& in);
  bool replay_fate(RowReader& in);
  bool replay_receipt(RowReader& in, bool done);
  void remember(const std::string& page);
  void forget_old();

  std::set<std::string> channels_;
  std::map<std::string, Entry> entries_;  // by page
  std::deque<std::string> order_;         // oldest first, for the bound
  std::deque<Receipt> receipts_;
  std::uint64_t numbers_ = 0;
  Instant last_p1_{};
  std::vector<std::string> lines_;
};

}  // namespace cryobank::pager
