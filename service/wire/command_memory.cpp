#include "service/wire/command_memory.hpp"

#include "base/checksum.hpp"
#include "base/row_reader.hpp"
#include "base/text.hpp"
#include "base/try.hpp"

namespace cryobank::core {
namespace {

constexpr std::string_view kPrefix = "c/";

}  // namespace

std::string CommandMemory::row_key(std::string_view id) { return cat(kPrefix, id); }

Status CommandMemory::load_row(std::string_view key, std::string_view value) {
  Result<Json> row = parse_json(value);
  if (!row) return make_error(ErrorCode::corrupt, cat("row ", key, ": ", row.error().context));
  RowReader in(key, *row);
  CommandEntry entry;
  entry.fingerprint = in.text("fingerprint");
  entry.user = in.id<UserId>("user");
  entry.at = {in.number("at", RowReader::kLeast)};
  entry.state = in.maybe_flag("open") ? CommandState::open : CommandState::closed;
  std::string reply = in.text("reply");  // of a closed one it is read when it is asked for
  if (entry.state == CommandState::open) {
    entry.reply_topic = in.maybe_text("topic");
    const auto bytes = from_base64(in.maybe_text("correlation"));
    if (!bytes) in.refuse("correlation", "base64");
    if (bytes) entry.correlation = std::string(as_text(*bytes));
    entry.reply = std::move(reply);
  }
  TRY(in.end());
  std::string id(key.substr(kPrefix.size()));
  by_time_.emplace(entry.at, id);
  entries_.emplace(std::move(id), std::move(entry));
  return {};
}

CommandEntry* CommandMemory::find(std::string_view id) {
  const auto found = entries_.find(id);
  return found == entries_.end() ? nullptr : &found->second;
}

void CommandMemory::begin(const Command& command, WallTime at) {
  CommandEntry entry;
  entry.fingerprint = command.fingerprint;
  entry.at = at;
  entry.user = command.user;
  entry.reply_topic = command.reply_topic;
  entry.correlation = command.correlation;
  const bool fresh = entries_.emplace(command.id, std::move(entry)).second;
  CHECK(fresh);
  by_time_.emplace(at, command.id);
}

void CommandMemory::forget(std::string_view id) {
  const auto found = entries_.find(id);
  if (found == entries_.end()) return;
  by_time_.erase({found->second.at, found->first});
  entries_.erase(found);
}

void CommandMemory::settle(std::string_view id, std::string_view reply, bool open) {
  CommandEntry* entry = find(id);
  if (!entry) return;
  entry->state = open ? CommandState::open : CommandState::closed;
  if (open) {
    entry->reply = std::string(reply);
    return;
  }
  entry->reply = {};
  entry->reply_topic = {};
  entry->correlation = {};
}

std::vector<std::string> CommandMemory::open() const {
  std::vector<std::string> ids;
  for (const auto& [id, entry] : entries_) {
    if (entry.state == CommandState::open) ids.push_back(id);
  }
  return ids;
}

RowChange CommandMemory::row(const Command& command, std::string_view reply, bool open,
                             WallTime at) const {
  const auto known = entries_.find(command.id);
  Json json = Json::object();
  json.set("at", known == entries_.end() ? at.ms : known->second.at.ms);
  json.set("fingerprint", command.fingerprint);
  json.set("user", command.user.str());
  json.set("reply", reply);
  if (open) {
    json.set("open", true);
    // A repetition may have moved the reply elsewhere since.
    const bool moved = known != entries_.end();
    json.set("topic", moved ? known->second.reply_topic : command.reply_topic);
    json.set("correlation",
             to_base64(as_bytes(moved ? known->second.correlation : command.correlation)));
  }
  return {row_key(command.id), json.dump()};
}

RowChange CommandMemory::recovered_row(const Reply& reply, const UserId& user, bool open,
                                       WallTime at) {
  Json json = Json::object().set("at", at.ms).set("fingerprint", kRecovered);
  json.set("user", user.str()).set("reply", reply_payload(reply));
  if (open) json.set("open", true);
  return {row_key(reply.id), json.dump()};
}

void CommandMemory::trim(WallTime now, std::vector<RowChange>& rows) {
  for (int i = 0; i < kForgottenPerBatch && !by_time_.empty(); ++i) {
    const auto oldest = by_time_.begin();
    if (now - oldest->first < kCommandKeep) return;
    CommandEntry* entry = find(oldest->second);
    // The reply of a job that takes longer than a day is still owed.
    if (entry && entry->state != CommandState::closed) return;
    rows.push_back({row_key(oldest->second), std::nullopt});
    entries_.erase(oldest->second);
    by_time_.erase(oldest);
  }
}

VerdictWork closing(const CommandEntry& entry, Reply reply) {
  VerdictWork verdict;
  verdict.command.id = reply.id;
  verdict.command.user = entry.user;
  verdict.command.fingerprint = entry.fingerprint;
  verdict.actor.user = entry.user;
  verdict.reply = std::move(reply);
  verdict.owed = true;
  return verdict;
}

std::string command_id(std::string_view text) {
  std::string hex = to_hex(sha256(text)).substr(0, 32);
  hex[12] = '8';
  hex[16] = '8';
  return cat(hex.substr(0, 8), "-", hex.substr(8, 4), "-", hex.substr(12, 4), "-",
             hex.substr(16, 4), "-", hex.substr(20, 12));
}

std::string CommandMemory::reply_in(std::string_view row) {
  Result<Json> json = parse_json(row);
  if (!json) return {};
  RowReader in("c/", *json);
  return in.maybe_text("reply");
}

}  // namespace cryobank::core
