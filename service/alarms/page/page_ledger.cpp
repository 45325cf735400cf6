#include "service/alarms/page/page_ledger.hpp"

#include <algorithm>

#include "base/json_time.hpp"
#include "base/text.hpp"
#include "service/alarms/alarm.hpp"
#include "service/alarms/page/page_ledger_parts.hpp"
#include "service/alarms/row_parts.hpp"

namespace cryobank::alarms {
namespace {

using Kind = PageTimer::Kind;

}  // namespace

PageLedger::PageLedger(const config::SiteConfig& site, const Board& board, Epoch epoch)
    : parts_(std::make_unique<Parts>(site, board, epoch)) {}
PageLedger::~PageLedger() = default;

const Roster& PageLedger::roster() const { return parts_->roster; }

void PageLedger::number_from(WallTime start) {
  parts_->numbers = static_cast<std::uint64_t>(std::max<std::int64_t>(0, start.ms / 1000));
}

void PageLedger::start(Now now, LedgerOutputs& out) {
  Parts& p = *parts_;
  p.started = now.mono;
  std::vector<AlarmId> gone;
  for (auto& [alarm, call] : p.calls) {
    const std::optional<Summons> summons = p.board.summons(alarm);
    if (!summons) gone.push_back(alarm);
    call.summons.over = summons && summons->over;
  }
  for (auto& [alarm, call] : p.calls) {
    if (std::ranges::find(gone, alarm) != gone.end()) continue;
    if (!call.leader.empty() && !p.calls.contains(call.leader)) p.leave(call, out);
    p.watch_promises(now, call);
    p.resume(now, call, out);
  }
  for (const AlarmId& alarm : gone) p.close(now, alarm, out);
  p.inherit_troubles(now, out);
  for (const AlarmId& alarm : p.board.open_alarms()) on_alarm(now, alarm, out);
  if (p.roster.tiers() == 0) return;
  for (const UserId& login : p.roster.gateways()) {
    p.timers.set({Kind::gateway, login.str()}, now.mono + kGatewaySilent);
  }
  p.resume_proofs(now, out);
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
  if (summons->taken && !before.taken) return p.take(now, call, out);
  p.follow(now, call, out);
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
        } else {
          p.next_round(now, call->second, out);
        }
        break;
      case Kind::escalate:
        if (call != p.calls.end()) p.tier_due(now, call->second, out);
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
      case Kind::promise:
        if (call != p.calls.end()) p.promise_past(now, call->second, out);
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
  std::vector<Coming> coming = call.coming;  // and whoever comes for its cause comes for this
  if (const auto leader = p.calls.find(call.leader); leader != p.calls.end()) {
    for (const Coming& one : leader->second.coming) {
      if (std::ranges::find(coming, one.by, &Coming::by) == coming.end()) coming.push_back(one);
    }
  }
  Json comers = Json::array();
  Json said = Json::array();
  for (const Coming& one : coming) {
    const std::string eta = p.eta_of(one);
    (one.past ? said : comers)
        .push(Json::object()
                  .set("by", one.by.str())
                  .set("at", format_utc(one.at))
                  .set("eta", eta.empty() ? Json() : Json(eta))
                  .set("due", time_or_null(one.due)));
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
  const bool over = p.urgency_of(call) == Priority::p3;  // no further tier is called
  return Json::object()
      .set("tier", call.tier)
      .set("attempt", call.round)
      .set("since", time_or_null(call.since))
      .set("repeat_at", time_or_null(call.repeat_at))
      .set("escalate_at", over ? Json() : time_or_null(call.escalate_at))
      .set("standing", call.standing)
      .set("taken", call.summons.taken)
      .set("with", call.leader.empty() ? Json() : Json(call.leader.str()))
      .set("others", p.riders_of(alarm))
      .set("coming", std::move(comers))
      .set("said", std::move(said))
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
    urgent += call.summons.priority == Priority::p1 && !call.summons.over ? 1 : 0;
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
  const std::string keep_out = p.board.bad_air(now);
  return Json::object()
      .set("state", p.word())
      .set("calls", waiting)
      .set("urgent", urgent)
      .set("unreceived", unreceived)
      .set("keep_out", keep_out.empty() ? Json() : Json(keep_out))
      .set("gateways", std::move(gateways));
}

std::optional<PageState> PageLedger::state_of(std::string_view page) const {
  const auto found = parts_->sheets.find(std::string(page));
  if (found == parts_->sheets.end()) return std::nullopt;
  return found->second.state;
}

}  // namespace cryobank::alarms
