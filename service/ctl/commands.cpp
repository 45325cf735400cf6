#include "service/ctl/commands.hpp"

#include <algorithm>

#include "base/row_reader.hpp"
#include "base/text.hpp"
#include "base/try.hpp"
#include "inventory/commands/signature.hpp"
#include "service/ctl/answer.hpp"
#include "service/ctl/device_table.hpp"
#include "service/ctl/print_io.hpp"
#include "service/ctl/record_table.hpp"

namespace cryobank::ctl {

Result<std::unique_ptr<Session>> Globals::connect() const { return Session::open(access); }

Json make_command(Json body, const std::string& reason, const std::string& witness) {
  Json command = Json::object();
  command.set("body", std::move(body));
  if (!reason.empty()) command.set("reason", reason);
  if (!witness.empty()) command.set("witness", witness);
  return command;
}

namespace {

// Shows what is signed and puts the signature into the command. The witness's own signature goes
// with witness/confirm, whose record is the first signer's.
Status sign_command(const Globals& globals, Session& session, const std::string& verb,
                    Json& command) {
  if (globals.signing_secret.empty()) {
    return make_error(ErrorCode::invalid_value,
                      "expected the secret in CRYOBANK_SIGNING_SECRET or --signing-secret-file");
  }
  Json signature = Json::object().set("secret", globals.signing_secret);
  if (!globals.sign_again) signature.set("user", globals.access.user);
  if (verb == "witness/confirm") {
    command.set("signature", signature.set("meaning", inventory::kWitnessMeaning));
    return {};
  }
  Json ask = Json::object().set("act", verb).set("body", command["body"]);
  RowReader asked("the command", command);
  const std::string reason = asked.maybe_text("reason");
  if (!asked.ok()) return asked.status();
  TRY_ASSIGN(const auto shown,
             session.request("signature/prepare", make_command(std::move(ask), reason, {}),
                             std::chrono::seconds(globals.wait_s), false, [](const Json&) {}));
  const Answer answer = *read_answer(shown);
  if (!answer.done()) return make_error(ErrorCode::unavailable, answer.message);
  RowReader record("what is to be signed", shown["body"]);
  if (!record.flag("signed")) return record.status();
  const std::vector<std::string> lines = record.texts("lines");
  const std::string meaning = record.text("meaning");
  const std::string digest = record.text("record");
  if (!record.ok()) return record.status();
  for (const std::string& line : lines) tell(line);
  tell(cat("signing as \"", meaning, "\", record ", digest));
  signature.set("meaning", meaning).set("record", digest);
  command.set("signature", std::move(signature));
  return {};
}

}  // namespace

namespace {

// Fields first, then each list; text of several lines (a list as CSV, a label) as it is, last.
void print_record(const Json& record) {
  const WallTime now = wall_now();
  Table fields = fields_of(record, now);
  std::vector<std::string> texts;
  std::erase_if(fields.rows, [&](const std::vector<std::string>& row) {
    const bool lines = row.back().find('\n') != std::string::npos;
    if (lines) texts.push_back(row.back());
    return lines;
  });
  if (!fields.rows.empty()) print_table(fields);
  for (const NamedTable& list : lists_of(record, now)) {
    print_line(cat("\n", list.name));
    print_table(list.table);
  }
  for (const std::string& text : texts) print_line(text);
}

}  // namespace

Status sign_if_asked(const Globals& globals, Session& session, const std::string& verb,
                     Json& command) {
  if (!globals.sign && !globals.sign_again) return {};
  return sign_command(globals, session, verb, command);
}

Result<Answered> ask_service(const Globals& globals, Session& session, const std::string& verb,
                             Json command, bool until_done) {
  bool taken_in = false;
  TRY_ASSIGN(auto reply,
             session.request(verb, std::move(command), std::chrono::seconds(globals.wait_s),
                             until_done, [&](const Json& accepted) {
                               taken_in = true;
                               tell(cat("accepted: ", cell(accepted["message"])));
                             }));
  return Answered{std::move(reply), taken_in};
}

int print_reply(const Globals& globals, const Json& reply) {
  const Answer answer = *read_answer(reply);
  if (globals.json) {
    print_json(reply);
    return answer.good() ? kDone : kRefused;
  }
  std::string line = cat(answer.status, ": ", cell(reply["message"]));
  if (reply["sequence"].is_number()) line += cat(" (journal ", cell(reply["sequence"]), ")");
  if (answer.good()) {
    print_line(line);
    print_record(reply["body"]);
  } else {
    tell(cat(line, " [", cell(reply["code"]), "]"));
  }
  return answer.good() ? kDone : kRefused;
}

int send_command(const Globals& globals, const std::string& verb, Json command, bool until_done) {
  const auto session = globals.connect();
  if (!session) return refuse(session.error());
  const Status is_signed = sign_if_asked(globals, **session, verb, command);
  if (!is_signed) return refuse(is_signed.error());
  const auto answered = ask_service(globals, **session, verb, std::move(command), until_done);
  return answered ? print_reply(globals, answered->reply) : refuse(answered.error());
}

std::string field_cell(const Json& json, std::string_view path) {
  const bool count = path.ends_with('#');
  if (count) path.remove_suffix(1);
  const std::size_t dot = path.find('.');
  const Json& outer = json[path.substr(0, dot)];
  const Json& value = dot == std::string_view::npos ? outer : outer[path.substr(dot + 1)];
  if (!count) return cell(value);
  return value.is_array() ? cat(value.items().size()) : "-";
}

namespace {

// It says each second that it lives, and answers at once.
constexpr std::chrono::seconds kPulseWithin{4};

// The newest word of any machine's state: they are told again now and then while the service runs.
Result<std::string> newest_word(Session& session) {
  TRY_ASSIGN(const auto found, session.retained("device/+/state"));
  std::string newest;
  for (const auto& [topic, payload] : found) {
    const auto json = parse_json(payload);
    if (json && (*json)["at"].is_string()) newest = std::max(newest, (*json)["at"].string());
  }
  return newest;
}

}  // namespace

Result<std::string> service_fault(Session& session) {
  constexpr std::string_view kOld = ": what follows may be old";
  TRY_ASSIGN(const auto found, session.retained("service/state"));
  const auto entry = found.find("service/state");
  if (entry == found.end()) return std::string("unknown to this broker: is cryobankd running?");
  const auto json = parse_json(entry->second);
  const std::string state = json ? cell((*json)["state"]) : "unreadable";
  bool heard = false;
  if (state != "offline") {
    TRY_ASSIGN(heard, session.lives(kPulseWithin));
  }
  if (heard && state == "online") return std::string();
  if (heard && json && cell((*json)["record"]) == "failing") {
    return cat(state,
               ", and its record cannot be written: nothing can be changed; readings and "
               "alarms are of now");
  }
  if (heard) return cat(state, kOld);
  TRY_ASSIGN(const auto newest, newest_word(session));
  const std::string age =
      newest.empty() ? "" : cat(" (its newest word is ", age_of(Json(newest)), " old)");
  if (state == "offline") return cat(state, age, kOld);
  return cat("silent: it said ", state, ", and no sign of life came for ", kPulseWithin.count(),
             " s", age, kOld);
}

Status warn_if_silent(Session& session) {
  TRY_ASSIGN(const std::string fault, service_fault(session));
  if (!fault.empty()) tell(toned(cat("the service is ", fault), Tone::alarm));
  return {};
}

namespace {

struct ListedRow {
  std::string order;
  Json line;
  std::vector<std::string> cells;
};

std::string column_text(const Column& column, const std::string& name, const Json& json) {
  if (column.field.empty()) return name;
  if (column.field == "~age") return age_of(json["at"]);
  if (column.field == "~answer") return answer_text(json, wall_now());
  if (column.field == "~what") return what_text(json);
  if (column.field.starts_with('@')) return time_text(json[column.field.substr(1)], wall_now());
  return field_cell(json, column.field);
}

// What is not there, in the words of who asked for it.
std::string absent_text(const std::string& topic) {
  if (topic == "plan/day")
    return "this site tells no steps of a day ([[plan.step]]): no minute plan";
  const auto levels = split(topic, '/');
  if (levels.size() != 2 || levels.front() == "worklist") {
    return cat("nothing is published on ", topic);
  }
  const std::string noun(levels.front());
  return cat("there is no ", noun, " \"", clip(levels.back(), 80), "\"; see ",
             noun == "container" ? "inventory" : noun, " ls");
}

}  // namespace

namespace {

// As people count: job-9 before job-10.
std::string number_order(std::string_view text) {
  constexpr std::size_t kDigitsMax = 20;
  std::string key;
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t end = std::min(text.find_first_not_of("0123456789", i), text.size());
    if (end > i) {
      key.append(kDigitsMax - std::min(end - i, kDigitsMax), '0').append(text.substr(i, end - i));
      i = end;
    } else {
      key += text[i++];
    }
  }
  return key;
}

}  // namespace

int list_retained(const Globals& globals, const std::string& filter, const std::string& prefix,
                  const std::vector<Column>& columns, RowOrder order) {
  const auto session = globals.connect();
  if (!session) return refuse(session.error());
  if (const Status told = warn_if_silent(**session); !told) return refuse(told.error());
  const auto found = (*session)->retained(filter);
  if (!found) return refuse(found.error());
  std::vector<ListedRow> rows;
  for (const auto& [topic, payload] : *found) {
    const auto json = parse_json(payload);
    if (!json || !topic.starts_with(prefix) || topic == "alarm/summary") continue;
    const std::string name{split(std::string_view(topic).substr(prefix.size()), '/').front()};
    ListedRow row{order == nullptr ? std::string() : order(*json), *json, {}};
    row.order += cat(" ", number_order(topic));
    row.line.set("topic", topic);
    for (const Column& column : columns) row.cells.push_back(column_text(column, name, *json));
    rows.push_back(std::move(row));
  }
  std::ranges::stable_sort(rows, {}, &ListedRow::order);
  Table table;
  for (const Column& column : columns) table.head.push_back(column.head);
  for (ListedRow& row : rows) {
    if (globals.json) print_json(row.line);
    table.rows.push_back(std::move(row.cells));
  }
  if (!globals.json) print_table(table);
  return kDone;
}

int show_retained(const Globals& globals, const std::string& topic) {
  const auto session = globals.connect();
  if (!session) return refuse(session.error());
  if (const Status told = warn_if_silent(**session); !told) return refuse(told.error());
  const auto found = (*session)->retained(topic);
  if (!found) return refuse(found.error());
  const auto entry = found->find(topic);
  if (entry == found->end()) {
    return refuse(make_error(ErrorCode::not_found, absent_text(topic)));
  }
  const auto json = parse_json(entry->second);
  if (!json) return refuse(json.error());
  if (globals.json || !json->is_object()) {
    print_json(*json);
    return kDone;
  }
  print_record(*json);
  return kDone;
}

}  // namespace cryobank::ctl
