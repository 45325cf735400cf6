// Who carries pages: the gateways, what they say about their channels, their silence.
#include <algorithm>
#include <array>

#include "base/command_schema.hpp"
#include "base/text.hpp"
#include "base/told_members.hpp"
#include "base/try.hpp"
#include "service/alarms/page/page_ledger_parts.hpp"
#include "service/alarms/row_parts.hpp"

namespace cryobank::alarms {
namespace {

using Kind = PageTimer::Kind;

constexpr Duration kWithinMin = seconds(2);
constexpr Duration kWithinMax = minutes(10);
constexpr std::size_t kClaimsMax = 100;
// So long after two gateways were seen under one login it is believed that one was stopped.
constexpr Duration kSecondStands = minutes(5);
constexpr std::size_t kRunsKept = 16;

}  // namespace

const Claim* PageLedger::Parts::claim_of(const ChannelId& channel) const {
  for (const auto& [login, gateway] : gateways) {
    if (!gateway.online) continue;
    const auto claim = gateway.claims.find(channel);
    if (claim != gateway.claims.end()) return &claim->second;
  }
  return nullptr;
}

bool PageLedger::Parts::can_page(const ChannelId& channel) const {
  const Claim* claim = claim_of(channel);
  return claim != nullptr && claim->failing.empty();
}

std::string PageLedger::Parts::word() const {
  int able = 0;
  for (const config::ChannelConfig& channel : config.channels) able += can_page(channel.id) ? 1 : 0;
  if (able == 0) return "dead";
  const bool whole = able == static_cast<int>(config.channels.size()) && standing_troubles.empty();
  return whole ? "ok" : "degraded";
}

void PageLedger::Parts::heard(Now now, const UserId& login, LedgerOutputs& out) {
  WatchedGateway& gateway = gateways[login];
  gateway.heard = now.mono;
  timers.set({Kind::gateway, login.str()}, now.mono + kGatewaySilent);
  const bool back = stands(login.str(), "gateway-silent");
  trouble(false, login.str(), "gateway-silent", Priority::p1, {}, {}, out);
  if (!back) return;
  try_unreached(now, out);
  plan_standing(now);
}

// A program that was replaced and speaks again was not replaced: two of them run.
void PageLedger::Parts::see_run(Now now, const UserId& login, const std::string& run,
                                LedgerOutputs& out) {
  WatchedGateway& gateway = gateways[login];
  if (run.empty() || run == gateway.run) return;
  const bool again = std::ranges::find(gateway.runs, run) != gateway.runs.end();
  if (!gateway.run.empty()) gateway.runs.push_back(gateway.run);
  if (gateway.runs.size() > kRunsKept) gateway.runs.pop_front();
  gateway.run = run;
  if (!again) return;
  timers.set({Kind::second, login.str()}, now.mono + kSecondStands);
  trouble(true, login.str(), "gateway-second", Priority::p1,
          cat("Two pager gateways run as ", login.str(), ": pages may come twice or late"),
          "Look on every computer that ever ran it (systemctl status cryobank-pager), also for a "
          "copied disk or virtual machine, and stop the one that is not at work",
          out);
}

void PageLedger::Parts::silent(Now now, const UserId& login, LedgerOutputs& out) {
  gateways[login].online = false;
  trouble(true, login.str(), "gateway-silent", Priority::p1,
          cat("The pager gateway ", login.str(), " is silent: its channels reach nobody"),
          link_up ? "Start the gateway (systemctl start cryobank-pager)"
                  : "The broker is gone: start it. Until then nobody is paged",
          out);
  judge_channels(now, out);
}

// What an earlier run told of gateways, channels and people stands until this one has judged it; of
// what is not of the site any more it is over.
void PageLedger::Parts::inherit_troubles(Now now, LedgerOutputs& out) {
  constexpr std::array<std::string_view, 9> kTroubles{
      "gateway-silent",       "gateway-second",  "channel-unserved",
      "channel-failing",      "page-unreceived", "nobody-on-duty",
      "proof-of-page-failed", "nobody-reached",  "proof-unanswered"};
  std::set<std::string> sources{"pager"};
  for (const UserId& login : roster.gateways()) sources.insert(login.str());
  for (const config::ChannelConfig& channel : config.channels) sources.insert(channel.id.str());
  for (int tier = 1; tier <= roster.tiers(); ++tier) sources.insert(cat("tier-", tier));
  for (const AlarmId& alarm : board.open_alarms()) {
    const Json shown = board.render(alarm);
    const std::string source = text_of(shown, "source");
    const std::string condition = text_of(shown, "condition");
    if (!flag_of(shown, "active") || !std::ranges::count(kTroubles, condition)) continue;
    inherited_troubles.insert(cat(source, "/", condition));
    if (condition == "gateway-second") {
      timers.set({Kind::second, source}, now.mono + kSecondStands);
    }
    if (!sources.contains(source)) trouble(false, source, condition, Priority::p1, {}, {}, out);
  }
}

void PageLedger::Parts::judge_channels(Now, LedgerOutputs& out) {
  for (const config::ChannelConfig& channel : config.channels) {
    const Claim* claim = claim_of(channel.id);
    const std::string name = channel.id.str();
    bool heard_any = false;  // a silent gateway is told as itself
    for (const auto& [login, gateway] : gateways) {
      heard_any = heard_any || (gateway.online && roster.serves(login, channel.id));
    }
    trouble(claim == nullptr && heard_any, name, "channel-unserved", Priority::p1,
            cat("No gateway serves channel ", name, ": whoever is called over it hears nothing"),
            "Add the channel to cryobank-pager.toml, or take it out of the site", out);
    const bool failing = claim != nullptr && !claim->failing.empty();
    const bool others = std::ranges::any_of(config.channels, [&](const auto& other) {
      return other.id != channel.id && can_page(other.id);
    });
    trouble(failing, name, "channel-failing", Priority::p2,
            failing ? cat("Channel ", name, " cannot send: ", clip(claim->failing, 160))
                    : std::string(),
            others ? "Look after the channel; pages go over the others meanwhile"
                   : "NO other channel sends: tell people by other means, look after the channel",
            out);
  }
}

namespace {

struct GatewayState {
  std::string site;
  std::string run;
  bool online = false;
  std::vector<std::pair<ChannelId, Claim>> claims;
};

Result<Claim> read_claim(RowReader& in, const Json& item) {
  Claim claim;
  claim.kind = clip(told_text(in, item, "kind"), 40);
  const std::string evidence = told_text(in, item, "evidence");
  claim.evidence = evidence == "sent" ? PageState::sent : PageState::delivered;
  const std::int64_t within = told_number(in, item, "within_ms", kReceiptWithin.ms());
  claim.within = std::clamp(milliseconds(std::clamp<std::int64_t>(within, 0, 86'400'000)),
                            kWithinMin, kWithinMax);
  claim.failing = clip(told_text(in, item, "failing"), 200);
  return in.all_of(std::move(claim));
}

// What it leaves out has its usual value, and what is new in a later version is not looked at; what
// is of another kind refuses the whole word, so that a gateway is not believed by half.
Result<GatewayState> read_state(const Json& body) {
  RowReader in("the state of a gateway", body);
  GatewayState state;
  state.site = in.text("site");
  state.run = clip(told_text(in, body, "run"), 40);
  state.online = in.text("state") == "online";
  for (const Json& item : in.maybe_list("channels")) {
    RowReader one("a channel of a gateway's state", item);
    const ChannelId channel = one.id<ChannelId>("channel");
    Result<Claim> claim = read_claim(one, item);
    if (!claim) return malformed(one.status());
    state.claims.emplace_back(channel, std::move(*claim));
  }
  if (!in.ok()) return malformed(in.status());
  return state;
}

}  // namespace

Status PageLedger::gateway(Now now, const UserId& login, GatewayWord word, const Json& body,
                           bool kept, LedgerOutputs& out) {
  Parts& p = *parts_;
  if (!p.roster.is_gateway(login)) {
    return make_error(ErrorCode::not_authorised,
                      cat("expected a [[gateway]] of this site, came ", login.str()));
  }
  if (word == GatewayWord::beat) {
    RowReader in("the beat of a gateway", body);
    const std::string run = clip(told_text(in, body, "run"), 40);
    if (!in.ok()) return malformed(in.status());
    p.see_run(now, login, run, out);
    p.heard(now, login, out);
    return {};
  }
  if (word == GatewayWord::report) {
    // What it told people while this service was silent belongs into the record.
    out.facts.push_back(
        {fact::kGatewayReport, Json::object().set("gateway", login.str()).set("report", body)});
    return {};
  }
  TRY_ASSIGN(const GatewayState state, read_state(body));
  if (state.site != p.config.site.str()) {
    return make_error(ErrorCode::invalid_value,
                      cat("expected a gateway of site ", p.config.site.str(), ", came \"",
                          clip(state.site, 64), "\""));
  }
  const bool online = state.online;
  WatchedGateway& gateway = p.gateways[login];
  // The last word of a run that another took the place of says nothing of that one.
  const bool of_another = !state.run.empty() && !gateway.run.empty() && state.run != gateway.run;
  if (!online && !kept && of_another) return {};
  if (online && !kept) p.see_run(now, login, state.run, out);
  gateway.claims.clear();
  for (const auto& [channel, claim] : state.claims) {
    if (gateway.claims.size() >= kClaimsMax) break;
    if (p.roster.serves(login, channel)) gateway.claims.emplace(channel, claim);
  }
  gateway.online = online;
  if (online && !kept) p.heard(now, login, out);
  p.judge_channels(now, out);
  out.status_changed = true;
  return {};
}

}  // namespace cryobank::alarms
