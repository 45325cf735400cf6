#include "devices/plant/write_desk.hpp"

#include <algorithm>
#include <utility>

#include "base/check.hpp"
#include "base/row_reader.hpp"
#include "base/text.hpp"
#include "base/try.hpp"
#include "devices/line/point_request.hpp"
#include "devices/line/register_codec.hpp"

namespace cryobank::devices {
namespace {

constexpr Duration kReadEvery = milliseconds(500);
constexpr Duration kReadEveryMost = minutes(5);
// A machine that does not answer for a day has other troubles; its points are read by the polls.
constexpr Duration kGiveUp = hours(24);
constexpr std::string_view kRowPrefix = "r/device/";
constexpr std::string_view kRowMiddle = "/writes/";

// Answers of the unit itself that mean: nothing was written.
bool refuses(const ModbusReply& reply) {
  return reply.kind == ReplyKind::exception && reply.exception >= 1 && reply.exception <= 3;
}

std::string text_of(const ModbusReply& reply) {
  if (reply.kind == ReplyKind::exception) return cat("exception ", reply.exception);
  return std::string(name_of(reply.kind));
}

}  // namespace

WriteDesk::WriteDesk(const config::SiteConfig& config) : config_(config) {}

std::string_view WriteDesk::name_of(State state) {
  switch (state) {
    case State::sending:
      return "sending";
    case State::checking:
      return "checking";
    case State::confirmed:
      return "confirmed";
    case State::refused:
      return "refused";
    case State::unknown:
      return "unknown";
    case State::parted:
      return "parted";
  }
  return "unknown";
}

bool WriteDesk::observe(const Reading& reading) {
  constexpr int kOthersMin = 2;  // one poll may fall between a write and what it does
  const auto found = entries_.find({reading.device, reading.point});
  if (found == entries_.end() || reading.quality != Quality::good || !reading.value) return false;
  Entry& entry = found->second;
  const bool proven = entry.state == State::confirmed || entry.state == State::parted;
  const config::Point* target = point(reading.device, reading.point);
  if (!entry.ordered || !proven || target == nullptr) return false;
  if (target->write.write_class != config::WriteClass::setpoint) return false;
  const bool same = *reading.value == entry.order.wanted;
  entry.others = same ? 0 : entry.others + 1;
  const State state = same                         ? State::confirmed
                      : entry.others >= kOthersMin ? State::parted
                                                   : entry.state;
  const std::string reason =
      state == State::parted ? cat("turned at the machine: it reads ", format_milli(*reading.value))
                             : std::string("read back");
  if (state == entry.state && (state != State::parted || reason == entry.reason)) return false;
  entry.state = state;
  entry.reason = reason;
  entry.read = reading.value;
  entry.changed = true;
  return true;
}

std::string WriteDesk::parted(DeviceIndex device) const {
  std::string text;
  for (const auto& [key, entry] : entries_) {
    if (key.first != device || entry.state != State::parted || !entry.read) continue;
    text += cat(text.empty() ? "" : "; ", point(key.first, key.second)->id.str(), " reads ",
                format_milli(*entry.read), ", wanted ", format_milli(entry.order.wanted), " by ",
                entry.order.by);
  }
  return text;
}

const config::Point* WriteDesk::point(DeviceIndex device, PointIndex point) const {
  if (device.value >= config_.devices.size()) return nullptr;
  const config::DeviceProfile* profile = config_.profile_of(config_.devices[device.value]);
  if (profile == nullptr || point.value >= profile->points.size()) return nullptr;
  return &profile->points[point.value];
}

const WriteHistory& WriteDesk::history(DeviceIndex device, PointIndex point) const {
  static const WriteHistory kNone;
  const auto found = entries_.find({device, point});
  return found == entries_.end() ? kNone : found->second.history;
}

bool WriteDesk::awaits(const Entry& entry) const {
  return entry.ordered && entry.state != State::confirmed && entry.state != State::refused &&
         entry.state != State::parted && entry.give_up != kNever;
}

bool WriteDesk::open(DeviceIndex device, PointIndex point) const {
  const auto found = entries_.find({device, point});
  return found != entries_.end() &&
         (found->second.state == State::sending || found->second.state == State::checking);
}

void WriteDesk::order(Now now, const WriteOrder& order, WriteOutputs out) {
  const config::Point* target = point(order.device, order.point);
  CHECK(target != nullptr);
  const Key key{order.device, order.point};
  Entry& entry = entries_[key];
  if (awaits(entry)) {
    conclude(entry, WriteOutcome::Kind::unknown, State::unknown, "a newer write replaced it", out);
  }
  const config::DeviceConfig& device = config_.devices[order.device.value];
  Result<ModbusRequest> request = write_point(device.unit, *target, order.wanted,
                                              config_.profile_of(device)->quirks.write_single);
  entry.ordered = true;
  entry.order = order;
  entry.at = now.wall;
  entry.told_unknown = false;
  entry.reason.clear();
  entry.read.reset();
  entry.next_read = entry.until = kNever;
  entry.give_up = now.mono + kGiveUp;
  if (!request) {
    conclude(entry, WriteOutcome::Kind::refused, State::refused, request.error().context, out);
    return;
  }
  ++entry.history.count;
  entry.history.last = now.wall;
  entry.history.last_mono = now.mono;
  entry.changed = true;
  entry.state = State::sending;
  entry.tag = next_tag_++;
  out.requests.push_back({entry.tag, order.device, true, false, std::move(*request)});
}

void WriteDesk::refuse(Now now, const WriteOrder& order, std::string reason, WriteOutputs out) {
  Entry& entry = entries_[{order.device, order.point}];
  if (awaits(entry)) {  // an older write is still to be proven: only the outcome is told
    out.writes.push_back({order.command, order.device, order.point, WriteOutcome::Kind::refused,
                          order.wanted, std::move(reason), true});
    return;
  }
  entry.ordered = true;
  entry.order = order;
  entry.at = now.wall;
  conclude(entry, WriteOutcome::Kind::refused, State::refused, std::move(reason), out);
}

bool WriteDesk::on_reply(Now now, std::uint64_t tag, const ModbusReply& reply, WriteOutputs out) {
  for (auto& [key, entry] : entries_) {
    if (tag == 0 || entry.tag != tag) continue;
    entry.tag = 0;
    take_answer(now, key, entry, reply, out);
    return true;
  }
  return false;
}

void WriteDesk::take_write_answer(Now now, const Key& key, Entry& entry, const ModbusReply& reply,
                                  WriteOutputs out) {
  if (refuses(reply) || !reply.sent) {
    return conclude(
        entry, WriteOutcome::Kind::refused, State::refused,
        reply.sent ? cat("the device refuses it: ", text_of(reply)) : "it never left this machine",
        out);
  }
  entry.state = State::checking;
  entry.until = now.mono + point(key.first, key.second)->write.confirm_within;
  entry.read_every = kReadEvery;
  if (reply.kind != ReplyKind::ok) {
    entry.told_unknown = true;
    entry.reason = cat("the write ended with ", text_of(reply), "; reading back");
    tell_unknown(entry, out);
  }
  send_read(now, key, entry, out);
}

void WriteDesk::take_answer(Now now, const Key& key, Entry& entry, const ModbusReply& reply,
                            WriteOutputs out) {
  if (!awaits(entry)) return;
  if (entry.state == State::sending) return take_write_answer(now, key, entry, reply, out);
  entry.next_read = now.mono + entry.read_every;
  if (reply.kind == ReplyKind::ok) {
    const config::Point* confirm = confirm_point(key);
    if (confirm != nullptr && reply.values.size() == static_cast<std::size_t>(width_of(*confirm))) {
      entry.read = decode(*confirm, reply.values).value;
    }
    if (entry.read == entry.order.wanted) {
      return conclude(entry, WriteOutcome::Kind::confirmed, State::confirmed, "read back", out);
    }
  }
  if (now.mono < entry.until) return;
  if (entry.read && reply.kind == ReplyKind::ok) {
    return conclude(entry, WriteOutcome::Kind::refused, State::refused,
                    cat("it still reads ", format_milli(*entry.read)), out);
  }
  entry.state = State::unknown;
  entry.read_every = std::min(entry.read_every * 2, kReadEveryMost);
  entry.next_read = now.mono + entry.read_every;
  if (entry.told_unknown) return;
  entry.told_unknown = true;
  entry.reason = cat("no read-back: ", text_of(reply));
  tell_unknown(entry, out);
}

// The point that is read back; the profile may name another one than was written.
const config::Point* WriteDesk::confirm_point(const Key& key) const {
  const config::Point* target = point(key.first, key.second);
  if (target->write.confirm_point.empty()) return target;
  return config_.profile_of(config_.devices[key.first.value])->find(target->write.confirm_point);
}

void WriteDesk::send_read(Now now, const Key& key, Entry& entry, WriteOutputs out) {
  const config::Point* confirm = confirm_point(key);
  entry.next_read = now.mono + entry.read_every;
  if (confirm == nullptr) return;
  entry.tag = next_tag_++;
  out.requests.push_back({entry.tag, key.first, false, false,
                          read_point(config_.devices[key.first.value].unit, *confirm)});
}

void WriteDesk::on_deadline(Now now, WriteOutputs out) {
  for (auto& [key, entry] : entries_) {
    if (!awaits(entry) || entry.tag != 0) continue;
    if (now.mono >= entry.give_up) {
      conclude(entry, WriteOutcome::Kind::unknown, State::unknown, "nobody could read it for a day",
               out);
    } else if (now.mono >= entry.next_read) {
      send_read(now, key, entry, out);
    }
  }
}

Instant WriteDesk::next_deadline() const {
  Instant next = kNever;
  for (const auto& [key, entry] : entries_) {
    if (awaits(entry) && entry.tag == 0) next = std::min({next, entry.next_read, entry.give_up});
  }
  return next;
}

void WriteDesk::conclude(Entry& entry, WriteOutcome::Kind kind, State state, std::string reason,
                         WriteOutputs out) {
  entry.state = state;
  entry.reason = std::move(reason);
  entry.tag = 0;
  entry.next_read = entry.until = entry.give_up = kNever;
  entry.changed = true;
  out.writes.push_back({entry.order.command, entry.order.device, entry.order.point, kind,
                        entry.order.wanted, entry.reason, true});
}

// The read-back goes on.
void WriteDesk::tell_unknown(const Entry& entry, WriteOutputs out) {
  out.writes.push_back({entry.order.command, entry.order.device, entry.order.point,
                        WriteOutcome::Kind::unknown, entry.order.wanted, entry.reason, false});
}

Json WriteDesk::target(DeviceIndex device, PointIndex point) const {
  const auto found = entries_.find({device, point});
  if (found == entries_.end() || !found->second.ordered) return {};
  const Entry& entry = found->second;
  Json json = Json::object();
  json.set("value", entry.order.wanted);
  json.set("by", entry.order.by);
  if (!entry.order.witness.empty()) json.set("witness", entry.order.witness);
  json.set("at", format_utc(entry.at));
  json.set("confirmed", entry.state == State::confirmed);
  json.set("state", name_of(entry.state));
  json.set("reason", entry.reason);
  return json;
}

std::string WriteDesk::row_key(const Key& key) const {
  return cat(kRowPrefix, config_.devices[key.first.value].id.str(), kRowMiddle,
             point(key.first, key.second)->id.str());
}

// As take_rows writes it. An order that was open when the last run ended comes back as unknown: the
// polls show its value.
Result<WriteDesk::Entry> WriteDesk::read_row(std::string_view key, const Json& row) {
  RowReader in(key, row);
  Entry entry;
  entry.history.count = in.number("count");
  entry.history.last = WallTime{in.number("last_ms")};
  entry.at = *entry.history.last;
  entry.state = State::unknown;
  entry.ordered = in.has("value");
  if (!entry.ordered) return in.whole(std::move(entry));
  entry.order.wanted = in.milli("value");
  entry.order.by = in.any_text("by");
  entry.order.witness = in.any_text("witness");
  entry.reason = in.any_text("reason");
  const std::string state = in.text("state");
  bool known = false;
  for (const State one : {State::sending, State::checking, State::confirmed, State::refused,
                          State::unknown, State::parted}) {
    if (name_of(one) != state) continue;
    known = true;
    if (one == State::refused) entry.state = one;
    // Where it was turned at the machine, that is seen anew.
    if (one == State::confirmed || one == State::parted) entry.state = State::confirmed;
  }
  if (!known) in.refuse("state", "a state of a write");
  return in.whole(std::move(entry));
}

Status WriteDesk::load_row(std::string_view key, std::string_view value) {
  const std::size_t middle = key.find(kRowMiddle);
  const Result<Json> json = parse_json(value);
  if (!json || !key.starts_with(kRowPrefix) || middle == std::string_view::npos) {
    return make_error(ErrorCode::corrupt,
                      cat("row ", clip(key, 100), ": ",
                          json ? "no part of a device owns it" : json.error().context));
  }
  TRY_ASSIGN(Entry read, read_row(key, *json));
  const std::string_view device_id = key.substr(kRowPrefix.size(), middle - kRowPrefix.size());
  const std::string_view point_id = key.substr(middle + kRowMiddle.size());
  for (std::uint32_t d = 0; d < config_.devices.size(); ++d) {
    if (config_.devices[d].id.str() != device_id) continue;
    for (std::uint32_t p = 0; const config::Point* known = point({d}, {p}); ++p) {
      if (known->id.str() != point_id) continue;
      read.order.device = {d};
      read.order.point = {p};
      entries_[{DeviceIndex{d}, PointIndex{p}}] = read;
    }
  }
  return {};
}

std::vector<RowChange> WriteDesk::take_rows() {
  std::vector<RowChange> rows;
  for (auto& [key, entry] : entries_) {
    if (!entry.changed) continue;
    entry.changed = false;
    Json json = Json::object();
    json.set("count", entry.history.count);
    json.set("last_ms", entry.history.last ? entry.history.last->ms : 0);
    if (entry.ordered) {
      json.set("value", entry.order.wanted);
      json.set("by", entry.order.by);
      json.set("witness", entry.order.witness);
      json.set("state", name_of(entry.state));
      json.set("reason", entry.reason);
    }
    rows.push_back({row_key(key), json.dump()});
  }
  return rows;
}

}  // namespace cryobank::devices
