#include "service/wire/wire.hpp"

#include "base/text.hpp"
#include "service/wire/topics.hpp"

namespace cryobank::core {
namespace {

void append_member(std::string& out, std::string_view key, std::string_view value) {
  out += ",\"";
  out += key;
  out += "\":";
  append_json_string(out, value);
}

}  // namespace

std::string_view name_of(ReplyStatus status) {
  switch (status) {
    case ReplyStatus::done:
      return "done";
    case ReplyStatus::accepted:
      return "accepted";
    case ReplyStatus::rejected:
      return "rejected";
    case ReplyStatus::failed:
      return "failed";
    case ReplyStatus::expired:
      return "expired";
    case ReplyStatus::duplicate:
      return "duplicate";
  }
  return "failed";
}

Reply refusal(std::string_view id, ReplyStatus status, const Error& error) {
  Reply reply;
  reply.id = std::string(id);
  reply.status = status;
  reply.code = error.code;
  reply.message = error.context;
  return reply;
}

std::string reply_payload(const Reply& reply) {
  Json json = Json::object();
  json.set("schema", rule_of(TopicKind::reply).schema);
  json.set("id", reply.id.empty() ? Json() : Json(reply.id));
  json.set("status", name_of(reply.status));
  json.set("code", reply.code ? name_of(*reply.code) : "ok");
  json.set("message", reply.message);
  json.set("sequence", reply.sequence == 0 ? Json() : Json(reply.sequence));
  json.set("body", reply.body.is_null() ? Json::object() : reply.body);
  return json.dump();
}

std::string envelope(Json payload, std::string_view schema, WallTime at) {
  payload.set("schema", schema);
  payload.set("at", format_utc(at));
  return payload.dump();
}

void append_point(std::string& out, const devices::Reading& reading, std::string_view unit) {
  out += "{\"value\":";
  if (reading.quality != Quality::good) {
    out += "null";
  } else if (reading.value) {
    append_milli(out, *reading.value);
  } else {
    append_json_string(out, reading.text);
  }
  append_member(out, "unit", unit);
  out += ",\"quality\":\"";
  out += name_of(reading.quality);
  out += "\",\"at\":\"";
  append_utc(out, reading.at);
  out += "\",\"seq\":";
  append_number(out, reading.seq);
  append_member(out, "schema", rule_of(TopicKind::device_point).schema);
  out += '}';
}

namespace {

// The journal keeps the printed name of who signed (21 CFR 11.50); no topic carries a name.
Json without_names(Json data) {
  if (!data.is_object()) return data;
  for (const char* person : {"signer", "witness"}) {
    if (!data[person].is_object()) continue;
    Json signer = data[person];
    signer.members().erase("name");
    data.set(person, std::move(signer));
  }
  return data;
}

}  // namespace

std::string event_payload(const Fact& fact, const EventContext& context) {
  Json json = Json::object();
  json.set("specversion", "1.0");
  json.set("id", cat(fact.stream, "-", context.number));
  json.set("source", context.root.substr(0, context.root.size() - 1));
  json.set("type", cat("cryobank.", fact.stream, ".", fact.type));
  json.set("time", format_utc(context.at));
  json.set("datacontenttype", "application/json");
  json.set("dataschema", rule_of(TopicKind::event).schema);
  json.set("seq", context.number);
  json.set("journal", context.sequence);
  json.set("user", context.user);
  if (!context.command.empty()) json.set("command", context.command);
  if (!context.reason.empty()) json.set("reason", context.reason);
  json.set("data", without_names(fact.data));
  return json.dump();
}

}  // namespace cryobank::core
