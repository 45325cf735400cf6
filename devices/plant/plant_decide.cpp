#include <utility>

#include "base/row_reader.hpp"
#include "base/text.hpp"
#include "base/try.hpp"
#include "devices/plant/command_table.hpp"
#include "devices/plant/plant_parts.hpp"

namespace cryobank::devices {
namespace {

constexpr std::string_view kFillCommand = "fill-command";
constexpr Milli kGapLeast = whole(25);  // mm between fill start and stop: an inch, as makers force

Milli value_named(const config::Point& point, std::string_view name, std::int64_t fallback) {
  for (const config::PointName& value : point.values) {
    if (value.name == name) return whole(value.value);
  }
  return whole(fallback);
}

Json who(const CommandContext& context) {
  Json data = Json::object();
  data.set("by", context.actor.user.str());
  if (!context.actor.witness.empty()) data.set("witness", context.actor.witness.str());
  data.set("reason", context.reason);
  return data;
}

// What a fact orders: of a write the point and the value too.
struct Ordered {
  std::string device;
  std::string point;
  Milli value;
  WriteOrder order;  // who, why, and by which command
};

Result<Ordered> read_order(const Fact& fact, const std::string& command) {
  const std::string what = cat("fact ", fact.type);
  RowReader in(what, fact.data);
  Ordered ordered;
  ordered.device = in.text("device");
  if (fact.type == fact::kWriteOrdered) {
    ordered.point = in.text("point");
    ordered.value = in.milli("value");
  }
  ordered.order.command = command;
  ordered.order.by = in.any_text("by");
  ordered.order.witness = in.maybe_text("witness");
  ordered.order.reason = in.any_text("reason");
  return in.all_of(std::move(ordered));
}

WriteOrder order_to(WriteOrder order, DeviceIndex device, PointIndex point, Milli value) {
  order.device = device;
  order.point = point;
  order.wanted = value;
  return order;
}

// A number, or the name of an enum value.
Result<Milli> value_of(const Json& body, const config::Point& point) {
  const Json& value = body["value"];
  if (value.is_number()) return value.milli();
  if (value.is_string()) {
    for (const config::PointName& name : point.values) {
      if (name.name == value.string()) return whole(name.value);
    }
  }
  return make_error(ErrorCode::invalid_value,
                    cat("value: expected a number", point.values.empty() ? "" : " or a name",
                        " for ", point.id.str(), ", came ", value.kind_name()));
}

}  // namespace

Milli fill_value(const config::Point& command) { return value_named(command, "fill", 1); }
Milli stop_value(const config::Point& command) { return value_named(command, "stop", 2); }

bool Plant::handles(std::string_view verb) const { return find_entry(schemas(), verb) != nullptr; }

Result<Decision> Plant::decide(std::string_view verb, const Json& body,
                               const CommandContext& context) const {
  const CommandSchema* schema = find_entry(schemas(), verb);
  if (schema == nullptr) {
    return make_error(ErrorCode::unknown_key, cat("unknown verb ", clip(verb, 64)));
  }
  TRY(check_command(*schema, body, context.expect_revision));
  if (verb == "device/fill") return parts_->decide_fill(body, context);
  if (verb == "device/stop-fill") return parts_->decide_stop(body, context);
  CHECK(verb == "device/write");
  return parts_->decide_write(body, context);
}

Result<DeviceIndex> Plant::Parts::freezer_named(const Json& body) const {
  TRY_ASSIGN(const std::string id, body.get_string("device"));
  const auto index = find(id);
  if (!index || !freezers.contains(*index)) {
    return make_error(ErrorCode::not_found, cat("no freezer ", clip(id, 64)));
  }
  if (!find_point(*index, kFillCommand)) {
    return make_error(ErrorCode::unsupported,
                      cat(id, ": its profile has no ", kFillCommand, " point"));
  }
  return *index;
}

Status Plant::Parts::may_fill(const CommandContext& context, DeviceIndex freezer) const {
  const std::string& id = device(freezer).id.str();
  const detect::FillWatch& fills = freezers.at(freezer).fills();
  if (fills.filling() || fills.pending() || groups.waits(freezer)) {
    return make_error(ErrorCode::conflict, cat(id, " is filling or waits for its turn already"));
  }
  const PointIndex command = *find_point(freezer, kFillCommand);
  const config::Point& point = *desk.point(freezer, command);
  TRY(forbid(cat("filling ", id), fill_reasons(context.now, freezer)));
  return may_write(point, fill_value(point), desk.history(freezer, command), context);
}

Result<Decision> Plant::Parts::decide_fill(const Json& body, const CommandContext& context) const {
  std::vector<DeviceIndex> wanted;
  const bool is_group = body.has("group");
  if (is_group) {
    TRY_ASSIGN(const std::string group, body.get_string("group"));
    for (const DeviceIndex member : groups.members_of(group)) {
      if (find_point(member, kFillCommand)) wanted.push_back(member);
    }
    if (wanted.empty()) {
      return make_error(ErrorCode::not_found,
                        cat("no freezer of group ", clip(group, 64), " takes fill commands"));
    }
  } else {
    TRY_ASSIGN(const DeviceIndex freezer, freezer_named(body));
    wanted.push_back(freezer);
  }
  Decision decision;
  Json ordered = Json::array();
  Json left_out = Json::array();
  std::optional<Error> refused;
  for (const DeviceIndex freezer : wanted) {
    const std::string& id = device(freezer).id.str();
    if (const Status status = may_fill(context, freezer); !status) {
      refused = status.error();
      left_out.push(Json::object().set("device", id).set("reason", status.error().context));
      continue;
    }
    Json data = who(context);
    data.set("device", id);
    decision.facts.push_back({fact::kFillOrdered, std::move(data)});
    ordered.push(id);
  }
  if (decision.facts.empty()) return *refused;
  decision.message = is_group ? cat("filling ", decision.facts.size(), " one after the other")
                              : cat("filling ", ordered.items()[0].string());
  decision.reply = Json::object();
  decision.reply.set("ordered", std::move(ordered)).set("left_out", std::move(left_out));
  decision.accepted_only = true;
  return decision;
}

// Always allowed: closing a valve is the safe side, whatever else is unknown.
Result<Decision> Plant::Parts::decide_stop(const Json& body, const CommandContext& context) const {
  TRY_ASSIGN(const DeviceIndex freezer, freezer_named(body));
  Json data = who(context);
  data.set("device", device(freezer).id.str());
  Decision decision;
  decision.reply = Json::object().set("device", device(freezer).id.str());
  decision.message = cat("stopping the fill of ", device(freezer).id.str());
  decision.facts.push_back({fact::kFillStopOrdered, std::move(data)});
  decision.accepted_only = true;
  return decision;
}

Status Plant::Parts::check_gap(DeviceIndex freezer, std::string_view point, Milli value) const {
  const auto found = freezers.find(freezer);
  if (found == freezers.end() || (point != "fill-start" && point != "fill-stop")) return {};
  const bool start = point == "fill-start";
  auto other = start ? found->second.fill_stop() : found->second.fill_start();
  if (!other && !find_point(freezer, start ? "fill-stop" : "fill-start")) {
    // The machine does not say it: the site does.
    const detect::FillLimits limits = found->second.fills().limits();
    other = start ? limits.stop : limits.start;
  }
  if (!other) {
    return make_error(
        ErrorCode::unavailable,
        cat(point, ": the other fill level is unknown, so the two cannot be compared"));
  }
  const Milli gap = start ? *other - value : value - *other;
  if (gap >= kGapLeast) return {};
  return make_error(ErrorCode::invalid_value,
                    cat(point, ": fill start and stop must be at least ", format_milli(kGapLeast),
                        " mm apart, came ", format_milli(gap), " mm"));
}

Result<Decision> Plant::Parts::decide_write(const Json& body, const CommandContext& context) const {
  TRY_ASSIGN(const std::string id, body.get_string("device"));
  const auto index = find(id);
  if (!index) return make_error(ErrorCode::not_found, cat("no device ", clip(id, 64)));
  if (device(*index).kind == config::DeviceKind::robot) {
    return make_error(ErrorCode::unsupported, cat(id, ": robots are moved by jobs only"));
  }
  TRY_ASSIGN(const std::string name, body.get_string("point"));
  const auto at = find_point(*index, name);
  if (!at) {
    return make_error(ErrorCode::not_found, cat(id, " has no point ", clip(name, 64)));
  }
  if (name == kFillCommand) {
    return make_error(ErrorCode::unsupported,
                      "fills are ordered by device/fill, which knows the interlocks");
  }
  const config::Point& point = *desk.point(*index, *at);
  TRY_ASSIGN(const Milli value, value_of(body, point));
  if (name == "inlet-close-request" && value.v == 0) {
    return make_error(ErrorCode::interlock, "the LN2 inlet is opened by a person at the panel");
  }
  TRY(may_write(point, value, desk.history(*index, *at), context));
  TRY(check_gap(*index, name, value));
  Json data = who(context);
  data.set("device", id).set("point", name).set("value", value).set("unit", point.unit);
  data.set("write_count", desk.history(*index, *at).count + 1);
  Decision decision;
  decision.reply = Json::object();
  decision.reply.set("device", id).set("point", name).set("value", value);
  decision.message = cat("writing ", name, " of ", id);
  decision.facts.push_back({fact::kWriteOrdered, std::move(data)});
  decision.accepted_only = true;
  return decision;
}

Status Plant::carry_out(Now now, const Fact& fact, const std::string& command, Outputs& out) {
  Parts& parts = *parts_;
  const bool fill = fact.type == fact::kFillOrdered;
  if (!fill && fact.type != fact::kFillStopOrdered && fact.type != fact::kWriteOrdered) return {};
  TRY_ASSIGN(const Ordered read, read_order(fact, command));
  const auto index = parts.find(read.device);
  if (!index) return {};
  const WriteOutputs writes{out.requests, out.writes};
  out.changed.push_back(*index);
  if (fact.type == fact::kWriteOrdered) {
    const auto point = parts.find_point(*index, read.point);
    if (point) parts.desk.order(now, order_to(read.order, *index, *point, read.value), writes);
    return {};
  }
  const auto valve = parts.find_point(*index, kFillCommand);
  const auto freezer = parts.freezers.find(*index);
  if (!valve || freezer == parts.freezers.end()) return {};
  const config::Point& point = *parts.desk.point(*index, *valve);
  if (fill) {
    const WriteOrder order = order_to(read.order, *index, *valve, fill_value(point));
    if (const auto older = parts.groups.enqueue(order)) {
      parts.desk.refuse(now, *older, "a newer order took its turn", writes);
    }
    parts.start_waiting_fills(now, out);
  } else {
    if (const auto waiting = parts.groups.forget(*index)) {
      parts.desk.refuse(now, *waiting, "stopped before its turn came", writes);
    }
    parts.desk.order(now, order_to(read.order, *index, *valve, stop_value(point)), writes);
    freezer->second.fills().stop_ordered(now);
  }
  return {};
}

}  // namespace cryobank::devices
