// A page to one person now, and where on its way to them it is: who has not answered, and what to
// do.
#include "base/text.hpp"
#include "service/alarms/page/page_ledger_parts.hpp"
#include "service/alarms/page/page_text.hpp"

namespace cryobank::alarms {
namespace {

constexpr Duration kTestWithin = minutes(10);

std::string span_of(Duration silent) {
  return silent < minutes(2) ? cat(silent.seconds(), " s") : short_span(silent.seconds());
}

}  // namespace

Result<std::vector<std::string>> PageLedger::test(Now now, const UserId& to, const UserId& by,
                                                  LedgerOutputs& out) {
  Parts& p = *parts_;
  const std::vector<Target> targets = p.roster.channels_of(to);
  if (targets.empty()) {
    return make_error(ErrorCode::not_found,
                      cat("expected a person with a channel, came ", to.str()));
  }
  Proof proof;
  proof.code = p.draw_code();
  std::vector<std::string> ids;
  for (const Target& target : targets) {
    Page page;
    page.kind = PageKind::test;
    page.channel = target.channel;
    page.priority = Priority::p2;
    page.ack_code = proof.code;
    page.text = cat("TEST ", p.config.site.str(), " page to ", clip(to.str(), 24),
                    ", asked for by ", clip(by.str(), 24), ". ack ", proof.code);
    page.expires_in = kTestWithin;
    proof.text = page.text;
    ids.push_back(p.send(now, std::move(page), out).page.id);
    proof.pages[target.channel] = ids.back();
  }
  const std::string name = cat("test-", ids.front());
  p.open_proof(now, name, std::move(proof), kTestWithin, out);
  page_fact(out, fact::kPageTestSent, now, {}).set("to", to.str()).set("by", by.str());
  return ids;
}

// The gateway that should have taken a page over this channel, in words.
std::string PageLedger::Parts::no_gateway(Now now, const ChannelId& channel) const {
  std::string silent;
  for (const UserId& login : roster.gateways()) {
    if (!roster.serves(login, channel)) continue;
    const auto gateway = gateways.find(login);
    const bool known = gateway != gateways.end() && gateway->second.heard.ns != 0;
    if (known && gateway->second.online && now.mono - gateway->second.heard <= kGatewaySilent) {
      if (gateway->second.claims.contains(channel)) {
        return cat("gateway ", login.str(),
                   " is there and did not take it. Read its log: journalctl -u cryobank-pager");
      }
      silent = cat("gateway ", login.str(), " does not serve it. Give it a [[channel]] ",
                   channel.str(), " in cryobank-pager.toml");
      continue;
    }
    if (!silent.empty()) continue;
    silent = cat("gateway ", login.str(), " does not answer (",
                 known ? cat("silent for ", span_of(now.mono - gateway->second.heard))
                       : std::string("not heard since this service started"),
                 "). Start it on its machine: systemctl restart cryobank-pager");
  }
  return silent.empty() ? std::string("no [[gateway]] of the site serves it") : silent;
}

std::string PageLedger::Parts::missing_of(Now now, const Sheet& sheet) const {
  const ChannelId& channel = sheet.page.channel;
  switch (sheet.lost ? sheet.got : sheet.state) {
    case PageState::queued:
      if (!link_up) return "the broker does not answer. Start it: systemctl restart mosquitto";
      return no_gateway(now, channel);
    case PageState::published:
      return no_gateway(now, channel);
    case PageState::accepted: {
      const Claim* claim = claim_of(channel);
      const std::string why =
          claim != nullptr && !claim->failing.empty() ? claim->failing : sheet.why;
      return cat("its gateway has the page, and the carrier has not taken it",
                 why.empty() ? "" : ": ", why, ". Look after the carrier of this channel");
    }
    case PageState::sent:
      return "the carrier has it, and the person's device has not said so. Is it on, and in reach?";
    default:
      return cat("not received", sheet.why.empty() ? "" : ": ", sheet.why);
  }
}

PageReach PageLedger::reach_of(Now now, const std::string& page) const {
  const Parts& p = *parts_;
  const auto found = p.sheets.find(page);
  if (found == p.sheets.end()) return {};
  const Sheet& sheet = found->second;
  PageReach reach;
  reach.channel = sheet.page.channel;
  reach.state = sheet.state;
  reach.received = arrived(sheet.state, p.wanted(reach.channel));
  if (reach.received) return reach;
  // A gateway that is there takes a page within seconds.
  const bool untaken = sheet.state < PageState::accepted && now.wall - sheet.at >= kAcceptWithin;
  reach.over = sheet.lost || untaken;
  reach.missing = p.missing_of(now, sheet);
  return reach;
}

}  // namespace cryobank::alarms
