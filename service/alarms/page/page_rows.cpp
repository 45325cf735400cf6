// What the ledger keeps over a restart: calls, their deadlines and pages, old codes.
#include <utility>

#include "base/json_time.hpp"
#include "base/text.hpp"
#include "base/try.hpp"
#include "service/alarms/page/page_ledger_parts.hpp"
#include "service/alarms/row_parts.hpp"

namespace cryobank::alarms {

namespace {

Json coming_rows(const std::vector<Coming>& coming) {
  Json out = Json::array();
  for (const Coming& one : coming) {
    out.push(Json::object()
                 .set("by", one.by.str())
                 .set("at", format_utc(one.at))
                 .set("due", time_or_null(one.due)));
  }
  return out;
}

constexpr std::string_view kCallPrefix = "m/call/";

Json call_row(const Call& call, const std::map<std::string, Sheet>& sheets) {
  Json row = Json::object();
  row.set("occurrence", call.summons.occurrence)
      .set("priority", static_cast<int>(call.summons.priority))
      .set("telling", call.summons.telling)
      .set("device", call.summons.device.str())
      .set("cause", call.summons.cause)
      .set("taken", call.summons.taken)
      .set("code", call.code)
      .set("tier", call.tier)
      .set("round", call.round)
      .set("since", time_or_null(call.since))
      .set("repeat_at", time_or_null(call.repeat_at))
      .set("escalate_at", time_or_null(call.escalate_at))
      .set("standing", call.standing)
      .set("leader", call.leader.str())
      .set("told", call.told)
      .set("said", static_cast<int>(call.said))
      .set("coming", coming_rows(call.coming));
  Json declined = Json::array();
  for (const UserId& user : call.declined) declined.push(user.str());
  row.set("declined", std::move(declined));
  Json pages = Json::array();
  for (const auto& [channel, id] : call.newest) {
    const auto sheet = sheets.find(id);
    pages.push(Json::object()
                   .set("channel", channel.str())
                   .set("page", id)
                   .set("state", sheet == sheets.end() ? name_of(PageState::overdue)
                                                       : name_of(sheet->second.state)));
  }
  return row.set("pages", std::move(pages));
}

void read_summons(RowReader& in, Summons& summons) {
  summons.occurrence = static_cast<std::uint64_t>(in.number("occurrence"));
  summons.priority = numbered<Priority>(in, "priority", 3);
  summons.telling = static_cast<std::uint32_t>(in.number("telling", 0, UINT32_MAX));
  summons.device = id_or_none<DeviceId>(in, "device");
  summons.cause = in.any_text("cause");
  summons.taken = in.maybe_flag("taken");
}

Status read_coming(std::string_view key, RowReader& in, const Roster& roster, Call& call) {
  const std::string what = cat(key, ", coming");
  for (const Json& item : in.list("coming")) {
    RowReader one(what, item);
    Coming coming{one.id<UserId>("by"), one.time("at"), one.maybe_time("due")};
    // Earlier versions: the time of day that was said.
    if (!item["eta"].is_null()) coming.due = roster.due_of(one.any_text("eta"), coming.at);
    if (!one.ok()) return one.status();
    call.coming.push_back(std::move(coming));
  }
  return {};
}

// Its newest page on each channel, and what became of each.
Status read_pages(std::string_view key, RowReader& in, Call& call,
                  std::map<std::string, Sheet>& sheets) {
  const std::string what = cat(key, ", pages");
  for (const Json& item : in.list("pages")) {
    RowReader one(what, item);
    const ChannelId channel = one.id<ChannelId>("channel");
    const std::string id = one.any_text("page");
    const std::optional<PageState> state = page_state(one.text("state"));
    if (!state) one.refuse("state", "a state of a page");
    TRY(one.end());
    if (id.empty()) continue;  // earlier versions: a channel that was answered over, never called
    call.newest[channel] = id;
    Sheet& sheet = sheets[id];
    sheet.page.id = id;
    sheet.page.channel = channel;
    sheet.page.alarm = call.summons.alarm;
    sheet.page.priority = call.summons.priority;
    sheet.state = *state;
    if (arrived(*state, PageState::sent)) call.reached.insert(channel);
  }
  return {};
}

Result<Call> read_call(std::string_view key, const AlarmId& alarm, const Json& row,
                       const Roster& roster, std::map<std::string, Sheet>& sheets) {
  RowReader in(key, row);
  Call call;
  call.summons.alarm = alarm;
  read_summons(in, call.summons);
  call.code = in.text("code");
  if (call.code.size() != 4) in.refuse("code", "four digits");
  call.tier = static_cast<int>(in.number("tier", 1, 9));
  call.round = static_cast<int>(in.number("round", 0, 1 << 30));
  call.since = in.maybe_time("since");
  call.repeat_at = in.maybe_time("repeat_at");
  call.escalate_at = in.maybe_time("escalate_at");
  call.standing = in.flag("standing");
  call.leader = id_or_none<AlarmId>(in, "leader");
  call.told = static_cast<int>(in.maybe_number("told", 0, 0, 1 << 30));
  // Earlier versions: whether it said that all is over.
  const Priority before = in.maybe_flag("said_over") ? Priority::p3 : Priority::p1;
  call.said = static_cast<Priority>(in.maybe_number("said", static_cast<int>(before), 0, 2));
  for (UserId& by : in.ids<UserId>("declined")) call.declined.insert(std::move(by));
  TRY(read_coming(key, in, roster, call));
  const Status pages = read_pages(key, in, call, sheets);
  TRY(in.end());
  TRY(pages);
  return call;
}

}  // namespace

Status PageLedger::load_row(std::string_view key, std::string_view value) {
  const auto refused = [key](std::string_view why) {
    return make_error(ErrorCode::corrupt, cat("row ", clip(key, 100), ": ", why));
  };
  const Result<Json> row = parse_json(value);
  if (!row) return refused(row.error().context);
  if (!key.starts_with(kCallPrefix)) return refused("expected a row of the page ledger");
  if (key.starts_with(kOldCodesPrefix)) return parts_->old_codes.load_row(key, *row);
  if (key.starts_with(kProofsPrefix)) return parts_->load_proof(key, *row);
  if (key == kProofRow) {
    RowReader in(key, *row);
    parts_->last_proof = in.time("last");
    return in.end();
  }
  const Result<AlarmId> alarm = AlarmId::parse(key.substr(kCallPrefix.size()));
  if (!alarm) return refused(alarm.error().context);
  if (parts_->calls.size() >= kCallsMax) return refused(cat("expected at most ", kCallsMax));
  TRY_ASSIGN(Call call, read_call(key, *alarm, *row, parts_->roster, parts_->sheets));
  parts_->file(call);
  parts_->calls[*alarm] = std::move(call);
  return {};
}

std::vector<RowChange> PageLedger::rows_of(const std::vector<AlarmId>& alarms) const {
  std::vector<RowChange> rows;
  for (const AlarmId& alarm : alarms) {
    const auto call = parts_->calls.find(alarm);
    RowChange row{cat(kCallPrefix, alarm.str()), std::nullopt};
    if (call != parts_->calls.end()) row.value = call_row(call->second, parts_->sheets).dump();
    rows.push_back(std::move(row));
    parts_->old_codes.add_row(alarm, rows);
  }
  return rows;
}

}  // namespace cryobank::alarms
