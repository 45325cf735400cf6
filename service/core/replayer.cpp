#include "service/core/replayer.hpp"

#include <utility>

#include "base/text.hpp"
#include "service/wire/command_gate.hpp"
#include "service/wire/command_memory.hpp"

namespace cryobank::core {

Replayer::Replayer(Bank& bank, EventLog& events, Publisher& publisher)
    : bank_(bank), events_(events), publisher_(publisher) {}

void Replayer::refuse(const Command& command, ReplyStatus status, const Error& error,
                      Effects& effects) {
  publisher_.reply(address_of(command), reply_payload(refusal(command.id, status, error)), effects);
}

bool Replayer::crowded(const Command& command, Effects& effects) {
  if (reads_.size() < kReadsMax) return false;
  refuse(command, ReplyStatus::failed,
         make_error(ErrorCode::unavailable, "too many questions wait for the store; try again"),
         effects);
  return true;
}

void Replayer::ask_reply(const Command& command, Effects& effects) {
  if (crowded(command, effects)) return;
  const EffectId id = bank_.next_effect();
  const std::string key = CommandMemory::row_key(command.id);
  reads_.emplace(id, Read{command, {}, 0});
  effects.push_back(ReadRows{id, key, key + '\0', 1});
}

void Replayer::ask_events(const Command& command, Effects& effects) {
  if (crowded(command, effects)) return;
  const Result<std::string> stream = command.body.get_string("stream");
  if (!stream) return refuse(command, ReplyStatus::rejected, stream.error(), effects);
  const Result<std::int64_t> from = command.body.get_integer("from");
  if (!from) return refuse(command, ReplyStatus::rejected, from.error(), effects);
  const Json head = events_.head(*stream);
  if (head.is_null() || *from < head["first"].integer()) {
    const std::string why = head.is_null() ? cat("no events in stream ", clip(*stream, 40))
                                           : cat("expected from ", head["first"].integer(),
                                                 " on; earlier events are in the journal's export");
    return refuse(command, ReplyStatus::rejected, make_error(ErrorCode::not_found, why), effects);
  }
  const EffectId id = bank_.next_effect();
  const auto first = static_cast<std::uint64_t>(*from);
  const auto last = static_cast<std::uint64_t>(head["last"].integer());
  reads_.emplace(id, Read{command, *stream, first});
  effects.push_back(ReadRows{id, EventLog::row_key(*stream, first),
                             EventLog::row_key(*stream, last + 1), kReplayMax});
}

bool Replayer::on_rows(const RowsRead& rows, Effects& effects) {
  const auto found = reads_.find(rows.read);
  if (found == reads_.end()) return false;
  const Read read = std::move(found->second);
  reads_.erase(found);
  if (!rows.rows.ok()) {
    refuse(read.command, ReplyStatus::failed, rows.rows.error(), effects);
  } else if (read.stream.empty()) {
    send_reply(read, rows.rows.value(), effects);
  } else {
    send_events(read, rows.rows.value(), effects);
  }
  return true;
}

void Replayer::send_reply(const Read& read, const std::vector<RowChange>& rows, Effects& effects) {
  const bool there = !rows.empty() && rows.front().value.has_value();
  const std::string reply = there ? CommandMemory::reply_in(*rows.front().value) : std::string();
  if (reply.empty()) {
    refuse(read.command, ReplyStatus::failed,
           make_error(ErrorCode::not_found, "its reply is not kept any more"), effects);
    return;
  }
  publisher_.reply(address_of(read.command), reply, effects);
}

void Replayer::send_events(const Read& read, const std::vector<RowChange>& rows, Effects& effects) {
  Json events = Json::array();
  std::size_t bytes = 0;
  std::uint64_t next = read.from;
  for (const RowChange& row : rows) {
    // A gap must be seen as one, not closed up.
    if (!row.value || row.key != EventLog::row_key(read.stream, next)) break;
    bytes += row.value->size();
    if (bytes > kCommandPayloadMax && next != read.from) break;
    Result<Json> event = parse_json(*row.value);
    if (!event) break;
    events.push(std::move(*event));
    ++next;
  }
  Reply reply;
  reply.id = read.command.id;
  reply.message = cat(next - read.from, " events of ", read.stream);
  reply.body = events_.head(read.stream);
  reply.body.set("from", read.from);
  reply.body.set("next", next);
  reply.body.set("events", std::move(events));
  publisher_.reply(address_of(read.command), reply_payload(reply), effects);
}

}  // namespace cryobank::core
