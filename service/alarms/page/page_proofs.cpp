// The proof that a page arrives, each day by machine and each week by a person, and tests of one
// person: what became of their pages, and who answered. A restart loses none of them.
#include <algorithm>
#include <utility>

#include "base/text.hpp"
#include "base/try.hpp"
#include "service/alarms/page/page_ledger_parts.hpp"
#include "service/alarms/row_parts.hpp"

namespace cryobank::alarms {
namespace {

using Kind = PageTimer::Kind;

// How long a daily proof waits for its receipts, and a weekly one for a person.
constexpr Duration kProofWithin = minutes(10);
constexpr Duration kProofAnswerWithin = hours(4);
// A proof that a restart made miss is caught up so long after the start.
constexpr Duration kProofAfterStart = minutes(2);
constexpr Duration kProofEvery = hours(24);

Json proof_row(const Proof& proof, const std::map<std::string, Sheet>& sheets) {
  Json pages = Json::array();
  for (const auto& [channel, id] : proof.pages) {
    const auto sheet = sheets.find(id);
    const PageState state = sheet == sheets.end() ? PageState::overdue : sheet->second.state;
    pages.push(
        Json::object().set("channel", channel.str()).set("page", id).set("state", name_of(state)));
  }
  return Json::object()
      .set("tier", proof.tier)
      .set("wants_answer", proof.wants_answer)
      .set("answered", proof.answered)
      .set("code", proof.code)
      .set("text", proof.text)
      .set("began", format_utc(proof.began))
      .set("until", format_utc(proof.until))
      .set("pages", std::move(pages));
}

}  // namespace

void PageLedger::Parts::plan_proof(Now now) {
  const int minute = config.paging.proof_at_minute;
  if (minute < 0 || roster.tiers() == 0) return;
  const WallTime next = roster.next_of({minute}, now.wall + seconds(1));
  Duration wait = next - now.wall;
  if (last_proof.ms != 0 && now.wall - last_proof > kProofEvery + hours(1)) {
    wait = std::min(wait, kProofAfterStart);
  }
  timers.set({Kind::proof, {}}, now.mono + std::max(wait, seconds(1)));
}

void PageLedger::Parts::begin_proof(Now now, LedgerOutputs& out) {
  last_proof = now.wall;
  plan_proof(now);
  const bool weekly = roster.zone().local(now.wall).weekday == config.paging.proof_weekday;
  for (int tier = 1; tier <= roster.tiers(); ++tier) {
    Proof proof;
    proof.tier = tier;
    proof.wants_answer = weekly;
    proof.code = draw_code();
    for (const Target& target : roster.targets(now.wall, tier, Priority::p1)) {
      if (target.tier != tier) continue;
      Page page;
      page.kind = PageKind::test;
      page.channel = target.channel;
      page.priority = Priority::p3;
      page.tier = tier;
      page.ack_code = proof.code;
      page.text = weekly ? cat("TEST ", config.site.str(), " weekly proof, tier ", tier,
                               ": please answer. ack ", proof.code)
                         : cat("TEST ", config.site.str(), " daily proof, tier ", tier,
                               ": all well, nothing to do");
      page.expires_in = kProofWithin;
      proof.text = page.text;
      proof.pages[target.channel] = send(now, std::move(page), out).page.id;
    }
    open_proof(now, cat("tier-", tier), std::move(proof),
               weekly ? kProofAnswerWithin : kProofWithin, out);
  }
  out.rows.push_back(
      {std::string(kProofRow), Json::object().set("last", format_utc(last_proof)).dump()});
  page_fact(out, fact::kPageProofSent, now, {}).set("weekly", weekly);
}

void PageLedger::Parts::end_proof(Now now, const std::string& name, LedgerOutputs& out) {
  const auto found = proofs.find(name);
  if (found == proofs.end()) return;
  const Proof proof = std::move(found->second);
  proofs.erase(found);
  out.rows.push_back({cat(kProofsPrefix, name), std::nullopt});
  for (const AlarmId& one : old_codes.keep(proof.code, {kTestPages, false, now.wall})) {
    mark(out, one);
  }
  Json channels = Json::object();
  for (const auto& [channel, id] : proof.pages) {
    const auto sheet = sheets.find(id);
    const PageState state = sheet == sheets.end() ? PageState::overdue : sheet->second.state;
    const bool good = arrived(state, wanted(channel));
    channels.set(channel.str(), name_of(state));
    forget(id);
    trouble(!good, channel.str(), "proof-of-page-failed", Priority::p2,
            cat("The test page over ", channel.str(), " did not arrive"),
            "This channel tells nobody: look after it today", out);
  }
  if (proof.wants_answer) {
    trouble(!proof.answered, name, "proof-unanswered", Priority::p2,
            cat("Nobody of ", name, " answered the weekly test page"),
            "Ask these people whether they were reached", out);
  }
  page_fact(out, fact::kPageProofEnded, now, {})
      .set("proof", name)
      .set("answered", proof.answered)
      .set("channels", std::move(channels));
}

void PageLedger::Parts::open_proof(Now now, const std::string& name, Proof proof, Duration within,
                                   LedgerOutputs& out) {
  proof.began = now.wall;
  proof.until = now.wall + within;
  timers.set({Kind::result, name}, now.mono + within);
  out.rows.push_back({cat(kProofsPrefix, name), proof_row(proof, sheets).dump()});
  proofs[name] = std::move(proof);
}

void PageLedger::Parts::keep_proof(const std::string& page, LedgerOutputs& out) const {
  for (const auto& [name, proof] : proofs) {
    const bool its =
        std::ranges::any_of(proof.pages, [&](const auto& item) { return item.second == page; });
    if (its) out.rows.push_back({cat(kProofsPrefix, name), proof_row(proof, sheets).dump()});
  }
}

Status PageLedger::Parts::load_proof(std::string_view key, const Json& row) {
  RowReader in(key, row);
  Proof proof;
  proof.tier = static_cast<int>(in.number("tier", 0, 9));
  proof.wants_answer = in.flag("wants_answer");
  proof.answered = in.flag("answered");
  proof.code = in.text("code");
  proof.text = in.any_text("text");
  proof.began = in.time("began");
  proof.until = in.time("until");
  const std::string what = cat(key, ", pages");
  for (const Json& item : in.list("pages")) {
    RowReader one(what, item);
    Page page;
    page.kind = PageKind::test;
    page.channel = one.id<ChannelId>("channel");
    page.id = one.text("page");
    const std::optional<PageState> state = page_state(one.text("state"));
    if (!state) one.refuse("state", "a state of a page");
    TRY(one.end());
    page.priority = proof.tier == 0 ? Priority::p2 : Priority::p3;
    page.tier = std::max(1, proof.tier);
    page.text = proof.text;
    page.ack_code = proof.code;
    page.created = proof.began;
    page.expires_in = kProofWithin;
    proof.pages[page.channel] = page.id;
    Sheet& sheet = sheets[page.id];
    sheet.state = *state;
    sheet.at = proof.began;
    sheet.page = std::move(page);
  }
  TRY(in.end());
  proofs[std::string(key.substr(kProofsPrefix.size()))] = std::move(proof);
  return {};
}

// What no gateway took from the run before is sent once more; the same id is the same page.
void PageLedger::Parts::resume_proofs(Now now, LedgerOutputs& out) {
  for (const auto& [name, proof] : proofs) {
    const Duration left = std::clamp(proof.until - now.wall, Duration{}, kProofAnswerWithin);
    timers.set({Kind::result, name}, now.mono + left);
    for (const auto& [channel, id] : proof.pages) {
      const auto sheet = sheets.find(id);
      if (sheet == sheets.end() || sheet->second.state >= PageState::accepted) continue;
      timers.set({Kind::overdue, id}, now.mono + std::max(kReceiptWithin, within(channel)));
      send_again(now, sheet->second, out);
    }
  }
}

}  // namespace cryobank::alarms
