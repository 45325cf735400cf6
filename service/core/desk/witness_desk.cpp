#include "service/core/desk/witness_desk.hpp"

#include <algorithm>
#include <utility>

#include "base/checksum.hpp"
#include "base/command_schema.hpp"
#include "base/row_reader.hpp"
#include "base/text.hpp"
#include "base/try.hpp"
#include "service/wire/command_gate.hpp"

namespace cryobank::core {
namespace {

Fact witness_fact(const FactName& type, const Command& command, const UserId& witness) {
  Json data = Json::object();
  data.set("command", command.id);
  data.set("user", command.user.str());
  data.set("verb", command.verb);
  data.set("witness", witness.str());
  return {type, std::move(data)};
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
std::string waiting_row(const Command& command, const Actor& actor, WallTime until,
                        const std::string& would) {
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
  if (!would.empty()) row.set("would", would);
  return row.set("until", until.ms).dump();
}

Status read_waiting_signature(std::string_view key, const Json& json, Signature& signature) {
  RowReader in(key, json);
  signature.meaning = in.any_text("meaning");
  signature.proven = in.flag("proven");
  signature.record = in.any_text("record");
  signature.session = in.any_text("session");
  signature.terminal = in.any_text("terminal");
  return in.end();
}

Status read_waiting_command(std::string_view key, const Json& json, Command& command) {
  RowReader in(key, json);
  const auto correlation = from_base64(in.any_text("correlation"));
  if (!correlation) in.refuse("correlation", "base64");
  if (correlation) command.correlation = std::string(as_text(*correlation));
  command.expect_revision = in.number("expect_revision", RowReader::kLeast);
  command.expires_at.ms = in.number("expires_at", RowReader::kLeast);
  command.fingerprint = in.text("fingerprint");
  command.id = in.text("id");
  command.reason = in.any_text("reason");
  command.reply_topic = in.any_text("reply_topic");
  command.terminal = in.any_text("terminal");
  command.user = in.id<UserId>("user");
  command.verb = in.text("verb");
  command.witness = in.id<UserId>("witness");
  if (const Json* body = in.maybe_object("body")) command.body = *body;
  const Json& signature = in.object("signature");
  const Status whole = in.end();
  return whole ? read_waiting_signature(key, signature, command.signature) : whole;
}

}  // namespace

WitnessDesk::WitnessDesk(Bank& bank, CommandMemory& memory, Recorder& recorder)
    : bank_(bank), memory_(memory), recorder_(recorder) {}

Status WitnessDesk::ask(const Now& now, Command command, Actor actor, std::string would) {
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
  verdict.facts.push_back(witness_fact(fact::kWitnessAsked, command, command.witness));
  verdict.facts.back().data.set("until", format_utc(until));
  command.expires_at = std::max(command.expires_at, until);
  verdict.rows.push_back({witness_row_key(command.id), waiting_row(command, actor, until, would)});
  recorder_.add(std::move(verdict));
  const std::string id = command.id;
  waiting_.emplace(id, Waiting{std::move(command), std::move(actor), until, now.mono + kWitnessWait,
                               std::move(would)});
  changed_ = true;
  return {};
}

Result<WitnessDesk::Waiting> WitnessDesk::read_waiting(std::string_view key, const Json& row) {
  RowReader in(key, row);
  Waiting waiting;
  const Json& command = in.object("command");
  waiting.until_wall = {in.number("until", RowReader::kLeast)};
  waiting.actor.roles = in.texts("roles");
  waiting.would = in.maybe_text("would");
  TRY(in.end());
  TRY(read_waiting_command(key, command, waiting.command));
  waiting.actor.user = waiting.command.user;
  return waiting;
}

Status WitnessDesk::load_row(std::string_view key, std::string_view value) {
  const auto corrupt = [key](std::string_view why) {
    return make_error(ErrorCode::corrupt, cat("row ", key, ": ", why));
  };
  const Result<Json> row = parse_json(value, kWaitingRowMax);
  if (!row) return corrupt(row.error().context);
  TRY_ASSIGN(Waiting waiting, read_waiting(key, *row));
  if (witness_row_key(waiting.command.id) != key) return corrupt("expected the id of its command");
  const std::string id = waiting.command.id;
  waiting_.emplace(id, std::move(waiting));
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
  const std::string id = lower_ascii(text_of(command.body, "command"));
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
  verdict.facts.push_back(witness_fact(confirmed ? fact::kWitnessConfirmed : fact::kWitnessRefused,
                                       waiting.command, command.user));
  recorder_.add(std::move(verdict));
  if (!confirmed) {
    close(id, ReplyStatus::rejected, cat(command.user.str(), " refused to confirm"));
    return {};
  }
  waiting.actor.witness = command.user;
  waiting.actor.witness_roles = actor.roles;
  waiting.command.witness_signature = command.signature;
  waiting.command.asked_at = waiting.until_wall - kWitnessWait;
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
    if (!waiting.would.empty()) one.set("would", waiting.would);
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
