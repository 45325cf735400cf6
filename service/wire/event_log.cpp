#include "service/wire/event_log.hpp"

#include <algorithm>
#include <utility>

#include "base/row_reader.hpp"
#include "base/text.hpp"
#include "base/try.hpp"

namespace cryobank::core {
namespace {

constexpr std::string_view kHeadPrefix = "m/event/";
const Json kNoGap = Json::object();

}  // namespace

std::string EventLog::row_key(std::string_view stream, std::uint64_t number) {
  return cat("e/", stream, "/", hex16(number));
}

Status EventLog::load_row(std::string_view key, std::string_view value) {
  Result<Json> row = parse_json(value);
  if (!row) return make_error(ErrorCode::corrupt, cat("row ", key, ": ", row.error().context));
  RowReader in(key, *row);
  const std::int64_t first = in.number("first", 1);
  const std::int64_t last = in.number("last");
  const std::int64_t acked = in.maybe_number("acked", 0, 0, last);
  const Json* gap = in.maybe_object("gap");
  RowReader lacking(key, gap == nullptr ? kNoGap : *gap);
  const std::int64_t from = gap == nullptr ? 0 : lacking.number("first", 1);
  const std::int64_t to = gap == nullptr ? 0 : lacking.number("last", from);
  TRY(in.end());
  TRY(lacking.end());
  Stream& stream = streams_[std::string(key.substr(kHeadPrefix.size()))];
  stream.first = static_cast<std::uint64_t>(first);
  stream.last = static_cast<std::uint64_t>(last);
  stream.acked = static_cast<std::uint64_t>(acked);
  stream.sent = stream.acked;
  if (gap != nullptr) {
    stream.gap = {static_cast<std::uint64_t>(from), static_cast<std::uint64_t>(to)};
  }
  // Rows that an older version of this program removed unsent are a gap as well.
  if (stream.acked + 1 < stream.first && stream.gap.last + 1 < stream.first) {
    stream.gap = {stream.acked + 1, stream.first - 1};
  }
  skip_gap(stream);
  return {};
}

std::uint64_t EventLog::next_number(std::string_view name) const {
  const auto found = streams_.find(name);
  return found == streams_.end() ? 1 : found->second.last + found->second.drafted.size() + 1;
}

void EventLog::append(std::string_view name, std::string payload, std::vector<RowChange>& rows) {
  const std::uint64_t number = next_number(name);
  Stream& stream = streams_[std::string(name)];
  rows.push_back({row_key(name, number), payload});
  if (stream.drafted.empty()) {
    stream.first_drafted = stream.first;
    stream.gap_drafted = stream.gap;
  }
  stream.drafted.push_back({number, std::move(payload)});
  in_batch_.emplace(name);
  trim(name, stream, number, rows);
}

// Acknowledged ones beyond kEventsKept; unsent ones only beyond kEventsUnsentMax.
void EventLog::trim(std::string_view name, Stream& stream, std::uint64_t number,
                    std::vector<RowChange>& rows) {
  for (int i = 0; i < kEventsTrimmed; ++i) {
    const std::uint64_t kept = number - stream.first_drafted;
    const bool unsent = stream.first_drafted > stream.acked;
    if (kept < (unsent ? kEventsUnsentMax : kEventsKept)) return;
    if (unsent) {
      Gap& gap = stream.gap_drafted;
      if (gap.last + 1 != stream.first_drafted) gap.first = stream.first_drafted;
      gap.last = stream.first_drafted;
    }
    rows.push_back({row_key(name, stream.first_drafted++), std::nullopt});
  }
}

// What is in the gap is neither in memory nor under way any more: the stream goes on behind it.
void EventLog::skip_gap(Stream& stream) {
  const std::uint64_t gone = stream.first - 1;
  stream.acked = std::max(stream.acked, gone);
  stream.sent = std::max(stream.sent, gone);
  stream.in_flight.erase(stream.in_flight.begin(), stream.in_flight.lower_bound(stream.first));
  while (!stream.memory.empty() && stream.memory.front().number <= gone) {
    stream.memory.pop_front();
  }
}

std::vector<std::pair<std::string, EventLog::Gap>> EventLog::gaps() const {
  std::vector<std::pair<std::string, Gap>> found;
  for (const auto& [name, stream] : streams_) {
    if (stream.gap.last > 0 && stream.acked <= stream.gap.last)
      found.emplace_back(name, stream.gap);
  }
  return found;
}

void EventLog::head_rows(std::vector<RowChange>& rows) {
  told_ = std::exchange(changed_, {});
  told_.insert(in_batch_.begin(), in_batch_.end());
  for (const std::string& name : told_) {
    const Stream& stream = streams_[name];
    Json row = Json::object();
    const Gap& gap = stream.drafted.empty() ? stream.gap : stream.gap_drafted;
    row.set("first", stream.drafted.empty() ? stream.first : stream.first_drafted);
    if (gap.last > 0) row.set("gap", Json::object().set("first", gap.first).set("last", gap.last));
    row.set("last", stream.last + stream.drafted.size());
    row.set("acked", stream.acked);
    rows.push_back({cat(kHeadPrefix, name), row.dump()});
  }
}

void EventLog::remember(Stream& stream, Pending event) {
  const std::uint64_t wanted =
      stream.memory.empty() ? stream.sent + 1 : stream.memory.back().number + 1;
  if (event.number == wanted && stream.memory.size() < kEventsInMemory) {
    stream.memory.push_back(std::move(event));
  }
}

std::vector<std::string> EventLog::committed() {
  told_.clear();
  std::vector<std::string> grown(in_batch_.begin(), in_batch_.end());
  for (const std::string& name : grown) {
    Stream& stream = streams_[name];
    stream.first = stream.first_drafted;
    stream.gap = stream.gap_drafted;
    for (Pending& event : stream.drafted) {
      stream.last = event.number;
      remember(stream, std::move(event));
    }
    stream.drafted.clear();
    skip_gap(stream);
  }
  in_batch_.clear();
  return grown;
}

void EventLog::rewind() {
  for (const std::string& name : in_batch_) streams_[name].drafted.clear();
  in_batch_.clear();
  changed_.merge(told_);
  told_.clear();
}

std::optional<EventLog::Outgoing> EventLog::take() {
  for (auto& [name, stream] : streams_) {
    if (stream.memory.empty()) continue;
    Pending event = std::move(stream.memory.front());
    stream.memory.pop_front();
    stream.sent = event.number;
    stream.in_flight.insert(event.number);
    return Outgoing{name, event.number, std::move(event.payload)};
  }
  return std::nullopt;
}

// `acked` is what is behind every event under way, not the newest that was answered: answers come
// in any order, and a reader must find no hole. Six events, three of which memory can hold:
//                  sent  acked  in flight  memory
//   1 to 3 durable  0     0     -          1 2 3
//   two are taken   2     0     1 2        3
//   4 to 6 durable  2     0     1 2        3 4 5    6 is in the store alone
//   2 is answered   2     0     1          3 4 5
//   the link ends   0     0     -          -        all of them again, 2 as well: readers drop it
//   rows are read   0     0     -          1 2 3    by its number; on from `sent`, in order
void EventLog::on_ack(std::string_view name, std::uint64_t number) {
  const auto found = streams_.find(name);
  if (found == streams_.end()) return;
  Stream& stream = found->second;
  if (stream.in_flight.erase(number) == 0) return;
  stream.acked = stream.in_flight.empty() ? stream.sent : *stream.in_flight.begin() - 1;
  changed_.emplace(name);
}

void EventLog::on_link_lost() {
  for (auto& [name, stream] : streams_) {
    stream.in_flight.clear();
    if (stream.sent == stream.acked) continue;
    stream.sent = stream.acked;
    stream.memory.clear();
  }
}

std::optional<ReadRows> EventLog::wants_read(Instant now, EffectId id) {
  if (read_ != 0 || now < read_again_at_) return std::nullopt;
  for (auto& [name, stream] : streams_) {
    if (!stream.memory.empty() || stream.sent >= stream.last) continue;
    stream.sent = std::max(stream.sent, stream.first - 1);
    read_ = id;
    read_stream_ = name;
    const std::uint64_t from = stream.sent + 1;
    return ReadRows{id, row_key(name, from), row_key(name, stream.last + 1), kEventsPerRead};
  }
  return std::nullopt;
}

bool EventLog::on_rows(Instant now, const RowsRead& read) {
  if (read_ == 0 || read.read != read_) return false;
  read_ = 0;
  read_again_at_ = now + kReadAgainAfter;
  if (!read.rows.ok()) return true;
  Stream& stream = streams_[read_stream_];
  for (const RowChange& row : read.rows.value()) {
    const std::uint64_t wanted =
        stream.memory.empty() ? stream.sent + 1 : stream.memory.back().number + 1;
    if (row.value && row.key == row_key(read_stream_, wanted)) {
      remember(stream, {wanted, *row.value});
      read_again_at_ = now;
    }
  }
  return true;
}

std::vector<std::string> EventLog::streams() const {
  std::vector<std::string> names;
  for (const auto& [name, stream] : streams_) {
    if (stream.last > 0) names.push_back(name);
  }
  return names;
}

Json EventLog::head(std::string_view name) const {
  const auto found = streams_.find(name);
  if (found == streams_.end() || found->second.last == 0) return {};
  Json json = Json::object();
  json.set("stream", name);
  json.set("first", found->second.first);
  json.set("last", found->second.last);
  const Gap& gap = found->second.gap;
  if (gap.last > 0) json.set("gap", Json::object().set("first", gap.first).set("last", gap.last));
  return json;
}

}  // namespace cryobank::core
