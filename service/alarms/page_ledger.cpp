#include "service/alarms/page_ledger.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "base/try.hpp"
#include "service/alarms/alarm.hpp"
#include "service/alarms/page_ledger_parts.hpp"
#include "service/alarms/row_parts.hpp"

namespace cryobank::alarms {
namespace {

using Kind = PageTimer::Kind;

constexpr std::string_view kCallPrefix = "m/call/";
// No id holds a '~', so this row never is an alarm's.
constexpr std::string_view kProofRow = "m/call/~proof";

Json wall_or_null(WallTime time) { return time.ms == 0 ? Json() : Json(format_utc(time)); }

Json coming_json(const std::vector<Coming>& coming) {
  Json out = Json::array();
  for (const Coming& one : coming) {
    out.push(Json::object()
                 .set("by", one.by.str())
                 .set("at", format_utc(one.at))
                 .set("eta", one.eta.empty() ? Json() : Json(one.eta)));
  }
  return out;
}

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
      .set("since", wall_or_null(call.since))
      .set("repeat_at", wall_or_null(call.repeat_at))
      .set("escalate_at", wall_or_null(call.escalate_at))
      .set("standing", call.standing)
      .set("leader", call.leader.str())
      .set("coming", coming_json(call.coming));
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

Status read_coming(std::string_view key, RowReader& in, Call& call) {
  const std::string what = cat(key, ", coming");
  for (const Json& item : in.list("coming")) {
    RowReader one(what, item);
    Coming coming{one.id<UserId>("by"), one.time("at"), {}};
    if (!item["eta"].is_null()) coming.eta = one.any_text("eta");
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
                       std::map<std::string, Sheet>& sheets) {
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
  for (UserId& by : in.ids<UserId>("declined")) call.declined.insert(std::move(by));
  TRY(read_coming(key, in, call));
  const Status pages = read_pages(key, in, call, sheets);
  TRY(in.end());
  TRY(pages);
  return call;
}

}  // namespace

PageLedger::PageLedger(const config::SiteConfig& site, const Board& board, Epoch epoch)
    : parts_(std::make_unique<Parts>(site, board, epoch)) {}
PageLedger::~PageLedger() = default;

const Roster& PageLedger::roster() const { return parts_->roster; }

Status PageLedger::load_row(std::string_view key, std::string_view value) {
  const auto refused = [key](std::string_view why) {
    return make_error(ErrorCode::corrupt, cat("row ", clip(key, 100), ": ", why));
  };
  const Result<Json> row = parse_json(value);
  if (!row) return refused(row.error().context);
  if (!key.starts_with(kCallPrefix)) return refused("expected a row of the page ledger");
  if (key == kProofRow) {
    RowReader in(key, *row);
    parts_->last_proof = in.time("last");
    return in.end();
  }
  const Result<AlarmId> alarm = AlarmId::parse(key.substr(kCallPrefix.size()));
  if (!alarm) return refused(alarm.error().context);
  if (parts_->calls.size() >= kCallsMax) return refused(cat("expected at most ", kCallsMax));
  TRY_ASSIGN(Call call, read_call(key, *alarm, *row, parts_->sheets));
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
  }
  if (!rows.empty() && parts_->last_proof.ms != 0) {
    rows.push_back({std::string(kProofRow),
                    Json::object().set("last", format_utc(parts_->last_proof)).dump()});
  }
  return rows;
}

void PageLedger::number_from(WallTime start) {
  parts_->numbers = static_cast<std::uint64_t>(std::max<std::int64_t>(0, start.ms / 1000));
}

void PageLedger::start(Now now, LedgerOutputs& out) {
  Parts& p = *parts_;
  std::vector<AlarmId> gone;
  for (auto& [alarm, call] : p.calls) {
    if (!p.board.summons(alarm)) {
      gone.push_back(alarm);
      continue;
    }
    if (!call.leader.empty() && !p.calls.contains(call.leader)) p.leave(call, out);
    p.resume(now, call, out);
  }
  for (const AlarmId& alarm : gone) p.close(now, alarm, out);
  for (const AlarmId& alarm : p.board.open_alarms()) on_alarm(now, alarm, out);
  if (p.roster.tiers() == 0) return;
  for (const UserId& login : p.roster.gateways()) {
    p.timers.set({Kind::gateway, login.str()}, now.mono + kGatewaySilent);
  }
  p.plan_proof(now);
}

void PageLedger::on_alarm(Now now, const AlarmId& alarm, LedgerOutputs& out) {
  Parts& p = *parts_;
  const std::optional<Summons> summons = p.board.summons(alarm);
  auto found = p.calls.find(alarm);
  if (!summons) return p.close(now, alarm, out);
  if (found == p.calls.end()) return p.open(now, *summons, out);
  const Summons before = found->second.summons;
  const bool anew = !summons->taken && (summons->telling != before.telling || before.taken ||
                                        summons->priority < before.priority);
  if (anew && !found->second.leader.empty()) {
    // What it rides with may have changed in the same moment, and then speaks first.
    on_alarm(now, AlarmId(found->second.leader), out);
    found = p.calls.find(alarm);
    if (found == p.calls.end()) return p.open(now, *summons, out);
  }
  Call& call = found->second;
  call.summons = *summons;
  if (summons->cause != before.cause) p.file(call);
  if (anew) return p.go_on(now, call, before.taken, out);
  if (summons->taken && !before.taken) p.take(now, call, out);
}

void PageLedger::on_link(Now now, bool up, LedgerOutputs& out) {
  Parts& p = *parts_;
  p.link_up = up;
  if (!up) return;
  // Without a broker no beat could come: each gateway is judged anew from here on.
  std::set<AlarmId> judged_anew;
  for (const UserId& login : p.roster.gateways()) {
    if (p.roster.tiers() == 0 || !p.stands(login.str(), "gateway-silent")) continue;
    p.timers.set({Kind::gateway, login.str()}, now.mono + kGatewaySilent);
    judged_anew.insert(alarm_id(login.str(), "gateway-silent"));
    p.trouble(false, login.str(), "gateway-silent", Priority::p1, {}, {}, out);
  }
  p.plan_standing(now);
  for (auto& [alarm, call] : p.calls) {
    const bool due = call.waits && call.leader.empty() && !p.is_quiet(call);
    if (due && !judged_anew.contains(alarm)) p.send_round(now, call, out);
  }
  // What the broker took before and no gateway accepted may be gone with it.
  for (auto& [id, sheet] : p.sheets) {
    if (sheet.state == PageState::published && !sheet.lost) p.send_again(now, sheet, out);
  }
}

void PageLedger::on_published(Now now, const std::string& page, bool heard, LedgerOutputs& out) {
  const auto found = parts_->sheets.find(page);
  if (found == parts_->sheets.end()) return;
  // Taken by the broker and passed on to nobody: it stays queued, and is sent again.
  if (heard) parts_->progress(now, found->second, PageState::published, out);
}

void PageLedger::on_unsent(Now now, const std::string& page, LedgerOutputs& out) {
  const auto found = parts_->sheets.find(page);
  if (found == parts_->sheets.end()) return;
  parts_->lose(now, found->second, PageState::overdue, "it never left for the broker", out);
}

void PageLedger::on_deadline(Now now, LedgerOutputs& out) {
  Parts& p = *parts_;
  while (const std::optional<PageTimer> timer = p.timers.pop_due(now.mono)) {
    const Result<AlarmId> alarm = AlarmId::parse(timer->name);
    const auto call = alarm ? p.calls.find(*alarm) : p.calls.end();
    const auto sheet = p.sheets.find(timer->name);
    switch (timer->kind) {
      case Kind::repeat:
        if (call == p.calls.end()) break;
        if (!call->second.leader.empty()) {
          p.end_ride(now, call->second, out);
        } else if (call->second.summons.priority != Priority::p1 &&
                   call->second.round >= kRoundsP2 &&
                   call->second.tier >= p.tier_limit(call->second)) {
          p.stand(now, call->second, out);
        } else {
          p.send_round(now, call->second, out);
        }
        break;
      case Kind::escalate:
        if (call != p.calls.end()) p.escalate(now, call->second, out);
        break;
      case Kind::again:
        if (sheet != p.sheets.end()) p.send_again(now, sheet->second, out);
        break;
      case Kind::overdue:
        if (sheet != p.sheets.end()) {
          const bool taken = sheet->second.state >= PageState::accepted;
          p.lose(now, sheet->second, PageState::overdue,
                 taken ? "no receipt in its time" : "no gateway took it", out);
        }
        break;
      case Kind::standing:
        p.tell_standing(now, out);
        break;
      case Kind::gateway:
        if (const auto login = UserId::parse(timer->name)) p.silent(now, *login, out);
        break;
      case Kind::second:
        p.trouble(false, timer->name, "gateway-second", Priority::p1, {}, {}, out);
        break;
      case Kind::proof:
        p.begin_proof(now, out);
        break;
      case Kind::result:
        p.end_proof(now, timer->name, out);
        break;
      case Kind::unreceived:
        if (const auto channel = ChannelId::parse(timer->name)) {
          p.judge_unreceived(now, *channel, out);
        }
        break;
    }
    // Answers, tests and lists nobody waits for any more.
    if (timer->kind == Kind::overdue && sheet != p.sheets.end() &&
        sheet->second.page.kind != PageKind::page && sheet->second.page.kind != PageKind::test) {
      p.forget(timer->name);
    }
  }
}

Instant PageLedger::next_deadline() const { return parts_->timers.next(); }

Json PageLedger::face(const AlarmId& alarm) const {
  const Parts& p = *parts_;
  const auto found = p.calls.find(alarm);
  if (found == p.calls.end()) return {};
  const Call& call = found->second;
  // Somebody has it, and nothing is told with it: there is nothing to show of pages.
  if (call.summons.taken && call.leader.empty() && call.coming.empty() && p.riders_of(alarm) == 0) {
    return {};
  }
  Json reached = Json::array();
  bool any = false;
  for (const auto& [channel, id] : call.newest) {
    const auto sheet = p.sheets.find(id);
    if (sheet == p.sheets.end()) continue;
    any = any || arrived(sheet->second.state, p.wanted(channel));
    reached.push(Json::object()
                     .set("channel", channel.str())
                     .set("page", id)
                     .set("state", name_of(sheet->second.state))
                     .set("by", sheet->second.by.empty() ? Json() : Json(sheet->second.by.str())));
  }
  return Json::object()
      .set("tier", call.tier)
      .set("attempt", call.round)
      .set("since", wall_or_null(call.since))
      .set("repeat_at", wall_or_null(call.repeat_at))
      .set("escalate_at", wall_or_null(call.escalate_at))
      .set("standing", call.standing)
      .set("taken", call.summons.taken)
      .set("with", call.leader.empty() ? Json() : Json(call.leader.str()))
      .set("others", p.riders_of(alarm))
      .set("coming", coming_json(call.coming))
      .set("pages", std::move(reached))
      .set("nobody_reached", call.leader.empty() && !call.summons.taken && !any);
}

Json PageLedger::status(Now now) const {
  const Parts& p = *parts_;
  int waiting = 0;
  int urgent = 0;
  int unreceived = 0;
  for (const auto& [alarm, call] : p.calls) {
    if (p.is_quiet(call)) continue;
    ++waiting;
    urgent += call.summons.priority == Priority::p1 ? 1 : 0;
  }
  for (const auto& [id, sheet] : p.sheets) unreceived += sheet.lost ? 1 : 0;
  Json gateways = Json::array();
  for (const UserId& login : p.roster.gateways()) {
    const auto gateway = p.gateways.find(login);
    const bool known = gateway != p.gateways.end() && gateway->second.heard.ns != 0;
    gateways.push(
        Json::object()
            .set("user", login.str())
            .set("online", known && gateway->second.online)
            .set("heard_s", known ? Json((now.mono - gateway->second.heard).seconds()) : Json()));
  }
  return Json::object()
      .set("state", p.word())
      .set("calls", waiting)
      .set("urgent", urgent)
      .set("unreceived", unreceived)
      .set("gateways", std::move(gateways));
}

std::optional<PageState> PageLedger::state_of(std::string_view page) const {
  const auto found = parts_->sheets.find(std::string(page));
  if (found == parts_->sheets.end()) return std::nullopt;
  return found->second.state;
}

}  // namespace cryobank::alarms
