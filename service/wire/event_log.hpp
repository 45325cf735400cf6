// Event log: every change as a numbered CloudEvent, per stream without a gap. Numbers are given
// inside the batch that makes the change durable; a reader who misses one asks for a replay.
//   e/<stream>/<hex16>   the event's payload, exactly as published
//   m/event/<stream>     {"acked":a,"first":f,"gap":{"first":g,"last":h}?,"last":n}
// What the broker has not acknowledged is sent again after a reconnect and after a restart: from
// memory, or read back from the store when it is more than memory keeps. Only what it acknowledged
// is trimmed; beyond kEventsUnsentMax the oldest must go unsent, and `gap` tells which, also in the
// head that readers see.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/json.hpp"
#include "base/record.hpp"
#include "service/wire/effect.hpp"

namespace cryobank::core {

// Events kept per stream in the store for replay; the journal keeps everything for ever.
inline constexpr std::uint64_t kEventsKept = 100'000;
// Events kept per stream while the broker does not take them: about a week at one a second, some
// 300 MB. A disk that fills up would stop the record itself.
inline constexpr std::uint64_t kEventsUnsentMax = 500'000;
// Events kept in memory for sending; more are read back from the store.
inline constexpr std::size_t kEventsInMemory = 256;
inline constexpr std::uint32_t kEventsPerRead = 64;
// Old rows removed with each new one, at most: keeps batches small after the bound was lowered.
inline constexpr int kEventsTrimmed = 4;
// Pause after a read that brought nothing, so that a store in trouble is not asked in a tight loop.
inline constexpr Duration kReadAgainAfter = seconds(5);

class EventLog {
 public:
  Status load_row(std::string_view key, std::string_view value);  // prefix "m/event/"

  // While a batch is built: the number the next event of `stream` gets, and the event itself.
  std::uint64_t next_number(std::string_view stream) const;
  void append(std::string_view stream, std::string payload, std::vector<RowChange>& rows);
  // Heads of the streams that grew, or whose acknowledgements moved.
  void head_rows(std::vector<RowChange>& rows);
  // The batch became durable: its events may be sent. Returns the streams that grew.
  std::vector<std::string> committed();
  void rewind();  // the batch failed
  // Events that went unsent, by stream, while the broker took none of those behind them yet.
  struct Gap {
    std::uint64_t first = 0;
    std::uint64_t last = 0;  // 0: there is none
    bool operator==(const Gap&) const = default;
  };
  std::vector<std::pair<std::string, Gap>> gaps() const;

  struct Outgoing {
    std::string stream;
    std::uint64_t number = 0;
    std::string payload;
  };
  // The next event to send, oldest stream name first; empty when none is at hand.
  std::optional<Outgoing> take();
  void on_ack(std::string_view stream, std::uint64_t number);
  // The link broke: everything unacknowledged is to be sent again.
  void on_link_lost();
  // Rows to read because events are unsent and not in memory; at most one read at a time.
  std::optional<ReadRows> wants_read(Instant now, EffectId id);
  bool on_rows(Instant now, const RowsRead& read);  // false: the read was not ours

  std::vector<std::string> streams() const;
  Json head(std::string_view stream) const;  // null when nobody ever wrote to it
  static std::string row_key(std::string_view stream, std::uint64_t number);

 private:
  struct Pending {
    std::uint64_t number = 0;
    std::string payload;
  };
  struct Stream {
    std::uint64_t first = 1;  // oldest kept
    std::uint64_t last = 0;   // newest durable
    std::uint64_t sent = 0;   // newest handed out for sending
    std::uint64_t acked = 0;  // all up to here reached the broker
    std::set<std::uint64_t> in_flight;
    std::deque<Pending> memory;       // from sent + 1 on, without a gap, as far as it reaches
    std::vector<Pending> drafted;     // of the batch being built
    std::uint64_t first_drafted = 0;  // value of `first` once the batch is durable
    Gap gap;                          // the newest: events that were never sent
    Gap gap_drafted;                  // its value once the batch is durable
  };
  void remember(Stream& stream, Pending event);
  void trim(std::string_view name, Stream& stream, std::uint64_t number,
            std::vector<RowChange>& rows);
  static void skip_gap(Stream& stream);

  std::map<std::string, Stream, std::less<>> streams_;
  std::set<std::string, std::less<>> changed_;  // whose m/event row is behind
  std::set<std::string, std::less<>> in_batch_;
  std::set<std::string, std::less<>> told_;  // whose m/event row is in the batch
  EffectId read_ = 0;
  Instant read_again_at_{};
  std::string read_stream_;
};

}  // namespace cryobank::core
