#include "service/core/witness_desk.hpp"

#include <algorithm>
#include <utility>

#include "base/checksum.hpp"
#include "base/text.hpp"
#include "service/wire/command_gate.hpp"

namespace cryobank::core {
namespace {

Fact witness_fact(std::string_view type, const Command& command, const UserId& witness) {
  Json data = Json::object();
  data.set("command", command.id);
  data.set("user", command.user.str());
  data.set("verb", command.verb);
  data.set("witness", witness.str());
  return {"security", std::string(type), std::move(data)};
}

constexpr std::string_view kWitnessRows = "m/witness/";
// A command of the largest size, and what stands beside it.
constexpr std::size_t kWaitingRowMax = 4 * kCommandPayloadMax;

std::string witness_row_key(std::string_view id) { return cat(kWitnessRows, id); }

Json signature_json(const Signature& signature) {
  Json json = Json::object();
  json.set("meaning", signature.meaning).set("proven", signature.proven);
  json.set("record", signature.record).set("session", signature.session);
  return json.set("terminal", signature.terminal);
}

// The signing secret is never in it: it was looked at before the command came here.
std::string waiting_row(const Command& command, const Actor& actor, WallTime until) {
  Json json = Json::object();
  json.set("body", command.body).set("correlation", to_base64(as_bytes(command.correlation)));
  json.set("expect_revision", command.expect_revision).set("expires_at", command.expires_at.ms);
  json.set("fingerprint", command.fingerprint).set("id", command.id).set("reason", command.reason);
  json.set("reply_topic", command.reply_topic).set("terminal", command.terminal);
  json.set("signature", signature_json(command.signature)).set("user", command.user.str());
  json.set("verb", command.verb).set("witness", command.witness.str());
  Json roles = Json::array();
  for (const std::string& role : actor.roles) roles.push(role);
  Json row = Json::object().set("command", std::move(json)).set("roles", std::move(roles));
  return row.set("until", until.ms).dump();
}

// Reads members one after the other; the first Error stays.
class WaitingReader {
 public:
  explicit WaitingReader(const Json& json) : json_(json) {}

  void text(std::string_view key, std::string& out) { take(json_.get_string(key), out); }
  void number(std::string_view key, std::int64_t& out) { take(json_.get_integer(key), out); }
  void flag(std::string_view key, bool& out) { take(json_.get_bool(key), out); }
  void user(std::string_view key, UserId& out) {
    std::string text;
    this->text(key, text);
    if (status_) take(UserId::parse(text), out);
  }
  const Status& status() const { return status_; }

 private:
  template <class T>
  void take(const Result<T>& read, T& out) {
    if (!read) {
      if (status_) status_ = read.error();
      return;
    }
    out = *read;
  }

  const Json& json_;
  Status status_;
};

Status read_waiting_signature(const Json& json, Signature& signature) {
  WaitingReader reader(json);
  reader.text("meaning", signature.meaning);
  reader.flag("proven", signature.proven);
  reader.text("record", signature.record);
  reader.text("session", signature.session);
  reader.text("terminal", signature.terminal);
  return reader.status();
}

Status read_waiting_command(const Json& json, Command& command) {
  WaitingReader reader(json);
  std::string correlation;
  reader.text("correlation", correlation);
  reader.number("expect_revision", command.expect_revision);
  reader.number("expires_at", command.expires_at.ms);
  reader.text("fingerprint", command.fingerprint);
  reader.text("id", command.id);
  reader.text("reason", command.reason);
  reader.text("reply_topic", command.reply_topic);
  reader.text("terminal", command.terminal);
  reader.user("user", command.user);
  reader.text("verb", command.verb);
  reader.user("witness", command.witness);
  if (!reader.status()) return reader.status();
  const Result<std::vector<std::uint8_t>> bytes = from_base64(correlation);
  if (!bytes) return bytes.error();
  command.correlation = std::string(as_text(*bytes));
  command.body = json["body"];
  return read_waiting_signature(json["signature"], command.signature);
}

}  // namespace

WitnessDesk::WitnessDesk(Bank& bank, CommandMemory& memory, Recorder& recorder)
    : bank_(bank), memory_(memory), recorder_(recorder) {}

Status WitnessDesk::ask(const Now& now, Command command, Actor actor) {
  if (waiting_.size() >= kWitnessWaitsMax) {
    return make_error(ErrorCode::unavailable, "too many commands wait for a witness");
  }
  memory_.begin(command, now.wall);
  const WallTime until = now.wall + kWitnessWait;
  VerdictWork verdict;
  verdict.command = command;
  verdict.actor = actor;
  verdict.reply =
      refusal(command.id, ReplyStatus::accepted,
              make_error(ErrorCode::witness_needed,
                         cat("waits until ", format_utc(until), " for ", command.witness.str(),
                             " to send witness/confirm with this command's id")));
  verdict.facts.push_back(witness_fact("witness-asked", command, command.witness));
  verdict.facts.back().data.set("until", format_utc(until));
  command.expires_at = std::max(command.expires_at, until);
  verdict.rows.push_back({witness_row_key(command.id), waiting_row(command, actor, until)});
  recorder_.add(std::move(verdict));
  const std::string id = command.id;
  waiting_.emplace(id,
                   Waiting{std::move(command), std::move(actor), until, now.mono + kWitnessWait});
  changed_ = true;
  return {};
}

Result<WitnessDesk::Waiting> WitnessDesk::read_waiting(const Json& row) {
  Waiting waiting;
  const Status read = read_waiting_command(row["command"], waiting.command);
  if (!read) return read.error();
  const Result<std::int64_t> until = row.get_integer("until");
  if (!until) return until.error();
  waiting.until_wall = {*until};
  waiting.actor.user = waiting.command.user;
  if (!row["roles"].is_array()) {
    return make_error(ErrorCode::corrupt,
                      cat("roles: expected a list, came ", row["roles"].kind_name()));
  }
  for (const Json& role : row["roles"].items()) {
    if (!role.is_string()) return make_error(ErrorCode::corrupt, "roles: expected texts");
    waiting.actor.roles.push_back(role.string());
  }
  return waiting;
}

Status WitnessDesk::load_row(std::string_view key, std::string_view value) {
  const auto corrupt = [key](std::string_view why) {
    return make_error(ErrorCode::corrupt, cat("row ", key, ": ", why));
  };
  const Result<Json> row = parse_json(value, kWaitingRowMax);
  if (!row) return corrupt(row.error().context);
  Result<Waiting> waiting = read_waiting(*row);
  if (!waiting) return corrupt(waiting.error().context);
  if (witness_row_key(waiting->command.id) != key) return corrupt("expected the id of its command");
  const std::string id = waiting->command.id;
  waiting_.emplace(id, std::move(*waiting));
  return {};
}

// The rest of the time by the wall clock, never more than a whole wait: a clock that was set back
// meanwhile must not keep a command open for ever.
void WitnessDesk::start(const Now& now) {
  for (auto& [id, waiting] : waiting_) {
    const Duration left = waiting.until_wall - now.wall;
    waiting.until = now.mono + std::clamp(left, Duration{}, kWitnessWait);
    changed_ = true;
  }
}

Status WitnessDesk::answer(const Now& now, const Command& command, const Actor& actor) {
  const std::string id = lower_ascii(command.body.string_or("command", ""));
  const auto found = waiting_.find(id);
  if (found == waiting_.end() || found->second.command.witness != command.user) {
    return make_error(ErrorCode::not_found,
                      cat("no command \"", clip(id, 40), "\" waits for ", command.user.str()));
  }
  Waiting waiting = std::move(found->second);
  waiting_.erase(found);
  changed_ = true;
  const bool confirmed = command.verb == "witness/confirm";
  memory_.begin(command, now.wall);
  VerdictWork verdict;
  verdict.command = command;
  verdict.actor = actor;
  verdict.reply.id = command.id;
  verdict.reply.message = confirmed ? "confirmed" : "refused";
  verdict.facts.push_back(witness_fact(confirmed ? "witness-confirmed" : "witness-refused",
                                       waiting.command, command.user));
  recorder_.add(std::move(verdict));
  if (!confirmed) {
    close(id, ReplyStatus::rejected, cat(command.user.str(), " refused to confirm"));
    return {};
  }
  waiting.actor.witness = command.user;
  waiting.actor.witness_roles = actor.roles;
  waiting.command.witness_signature = command.signature;
  recorder_.add(CommandWork{
      std::move(waiting.command), std::move(waiting.actor), {{witness_row_key(id), std::nullopt}}});
  return {};
}

void WitnessDesk::close(const std::string& id, ReplyStatus status, std::string message) {
  const CommandEntry* entry = memory_.find(id);
  if (!entry) return;
  const Error why = make_error(ErrorCode::witness_needed, std::move(message));
  VerdictWork verdict = closing(*entry, refusal(id, status, why));
  verdict.rows.push_back({witness_row_key(id), std::nullopt});
  recorder_.add(std::move(verdict));
}

void WitnessDesk::on_deadline(const Now& now) {
  for (auto waiting = waiting_.begin(); waiting != waiting_.end();) {
    if (waiting->second.until > now.mono) {
      ++waiting;
      continue;
    }
    close(waiting->first, ReplyStatus::expired,
          cat(waiting->second.command.witness.str(), " did not confirm in time"));
    waiting = waiting_.erase(waiting);
    changed_ = true;
  }
}

std::optional<Json> WitnessDesk::take_list() {
  if (!std::exchange(changed_, false)) return std::nullopt;
  Json list = Json::array();
  for (const auto& [id, waiting] : waiting_) {
    const Command& command = waiting.command;
    Json one = Json::object();
    one.set("command", id).set("verb", command.verb).set("user", command.user.str());
    one.set("witness", command.witness.str()).set("until", format_utc(waiting.until_wall));
    one.set("reason", command.reason).set("signed", command.signature.given());
    const std::size_t bytes = command.body.dump().size();
    if (bytes <= kWaitingBodyMax) {
      one.set("body", command.body);
    } else {
      one.set("body_bytes", static_cast<std::uint64_t>(bytes));
    }
    list.push(std::move(one));
  }
  return Json::object().set("waiting", std::move(list));
}

Instant WitnessDesk::next_deadline() const {
  Instant next = kNever;
  for (const auto& [id, waiting] : waiting_) next = std::min(next, waiting.until);
  return next;
}

}  // namespace cryobank::core
