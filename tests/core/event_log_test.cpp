#include "service/wire/event_log.hpp"

#include <gtest/gtest.h>

#include <map>

namespace cryobank::core {
namespace {

// A store that keeps what batches say.
class Rows {
 public:
  void commit(const std::vector<RowChange>& batch) {
    for (const RowChange& row : batch) {
      if (row.value) {
        rows_[row.key] = *row.value;
      } else {
        rows_.erase(row.key);
      }
    }
  }
  RowsRead read(const ReadRows& read) const {
    std::vector<RowChange> found;
    for (auto row = rows_.lower_bound(read.first);
         row != rows_.end() && row->first < read.last && found.size() < read.limit; ++row) {
      found.push_back({row->first, row->second});
    }
    return {read.id, found};
  }
  const std::map<std::string, std::string>& all() const { return rows_; }

 private:
  std::map<std::string, std::string> rows_;
};

class EventLogTest : public testing::Test {
 protected:
  void batch(int count, bool ok = true) {
    std::vector<RowChange> rows;
    for (int i = 0; i < count; ++i) {
      log_.append("alarm", "event " + std::to_string(log_.next_number("alarm")), rows);
    }
    log_.head_rows(rows);
    if (!ok) return log_.rewind();
    store_.commit(rows);
    log_.committed();
  }
  // Sends everything that can be sent, reading from the store where needed.
  std::vector<std::uint64_t> send_all(bool ack) {
    std::vector<std::uint64_t> numbers;
    for (;;) {
      std::optional<EventLog::Outgoing> event = log_.take();
      if (!event) {
        std::optional<ReadRows> read = log_.wants_read({}, ++reads_);
        if (!read) return numbers;
        log_.on_rows({}, store_.read(*read));
        continue;
      }
      EXPECT_EQ(event->payload, "event " + std::to_string(event->number));
      numbers.push_back(event->number);
      if (ack) log_.on_ack(event->stream, event->number);
    }
  }
  void restart() {
    log_ = EventLog();
    for (const auto& [key, value] : store_.all()) {
      if (!key.starts_with("m/event/")) continue;
      const Status loaded = log_.load_row(key, value);
      ASSERT_TRUE(loaded.ok());
    }
  }
  static std::vector<std::uint64_t> numbers(std::uint64_t from, std::uint64_t to) {
    std::vector<std::uint64_t> out;
    for (std::uint64_t n = from; n <= to; ++n) out.push_back(n);
    return out;
  }

  EventLog log_;
  Rows store_;
  EffectId reads_ = 0;
};

TEST_F(EventLogTest, numbers_events_from_one_without_a_gap) {
  batch(2);
  batch(1);
  EXPECT_EQ(send_all(true), numbers(1, 3));
}

TEST_F(EventLogTest, gives_the_numbers_of_a_failed_batch_again) {
  batch(2);
  batch(3, false);
  batch(1);
  EXPECT_EQ(send_all(true), numbers(1, 3));
}

TEST_F(EventLogTest, sends_nothing_before_its_batch_is_durable) {
  std::vector<RowChange> rows;
  log_.append("alarm", "event 1", rows);
  EXPECT_FALSE(log_.take().has_value());
}

TEST_F(EventLogTest, sends_again_after_a_broken_link_what_was_not_acknowledged) {
  batch(4);
  ASSERT_EQ(send_all(false), numbers(1, 4));
  log_.on_ack("alarm", 1);
  log_.on_ack("alarm", 2);
  log_.on_link_lost();
  EXPECT_EQ(send_all(true), numbers(3, 4));
}

TEST_F(EventLogTest, sends_again_after_a_restart_what_was_not_acknowledged) {
  batch(3);
  ASSERT_EQ(send_all(true), numbers(1, 3));
  batch(2);  // carries the acknowledgements so far
  restart();
  EXPECT_EQ(send_all(true), numbers(4, 5));
  batch(1);
  EXPECT_EQ(send_all(true), numbers(6, 6));
}

TEST_F(EventLogTest, sends_more_than_memory_holds_in_order) {
  const int many = static_cast<int>(kEventsInMemory) * 3;
  batch(many);
  EXPECT_EQ(send_all(true), numbers(1, static_cast<std::uint64_t>(many)));
}

TEST_F(EventLogTest, shows_first_and_last_in_its_head) {
  EXPECT_TRUE(log_.head("alarm").is_null());
  batch(5);
  EXPECT_EQ(log_.head("alarm").integer_or("first", 0), 1);
  EXPECT_EQ(log_.head("alarm").integer_or("last", 0), 5);
}

TEST_F(EventLogTest, keeps_a_bounded_number_of_rows_that_were_acknowledged) {
  const auto total = static_cast<int>(kEventsKept) + 10;
  for (int left = total; left > 0; left -= 1000) {
    batch(std::min(left, 1000));
    send_all(true);
  }
  EXPECT_EQ(log_.head("alarm").integer_or("first", 0), 11);
  EXPECT_FALSE(store_.all().contains(EventLog::row_key("alarm", 10)));
  EXPECT_TRUE(store_.all().contains(EventLog::row_key("alarm", 11)));
  EXPECT_TRUE(log_.gaps().empty());
}

TEST_F(EventLogTest, keeps_what_the_broker_did_not_take_beyond_the_bound) {
  batch(5);
  ASSERT_EQ(send_all(true), numbers(1, 5));
  const auto total = static_cast<int>(kEventsKept) + 100;
  for (int left = total; left > 0; left -= 1000) batch(std::min(left, 1000));
  EXPECT_EQ(log_.head("alarm").integer_or("first", 0), 6) << "only what was acknowledged goes";
  EXPECT_TRUE(log_.gaps().empty());
  EXPECT_EQ(send_all(true), numbers(6, 5 + static_cast<std::uint64_t>(total)));
  batch(1);
  EXPECT_EQ(log_.head("alarm").integer_or("first", 0), 10) << "then it is trimmed, a few each time";
}

TEST_F(EventLogTest, tells_what_had_to_go_unsent_and_goes_on_behind_it) {
  batch(3);
  send_all(true);
  ASSERT_EQ(log_.head("alarm").integer_or("first", 0), 1);
  const auto total = static_cast<int>(kEventsUnsentMax) + 50;
  for (int left = total; left > 0; left -= 5000) batch(std::min(left, 5000));
  const std::uint64_t last = 3 + static_cast<std::uint64_t>(total);
  const std::uint64_t first = last - kEventsUnsentMax + 1;
  const auto gaps = log_.gaps();
  ASSERT_EQ(gaps.size(), 1u);
  EXPECT_EQ(gaps[0].second, (EventLog::Gap{4, first - 1}));
  EXPECT_EQ(log_.head("alarm")["gap"].integer_or("last", 0), static_cast<std::int64_t>(first - 1));
  restart();
  EXPECT_EQ(log_.gaps(), gaps) << "a restart forgets no hole";
  const auto sent = send_all(true);
  EXPECT_EQ(sent.front(), first);
  EXPECT_EQ(sent.back(), last);
  EXPECT_TRUE(log_.gaps().empty()) << "the broker took what lies behind it";
  EXPECT_EQ(log_.head("alarm")["gap"].integer_or("first", 0), 4) << "readers still see the hole";
}

TEST_F(EventLogTest, refuses_a_head_row_that_cannot_be) {
  const Status status = log_.load_row("m/event/alarm", R"({"acked":9,"first":1,"last":3})");
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().code, ErrorCode::corrupt);
}

}  // namespace
}  // namespace cryobank::core
