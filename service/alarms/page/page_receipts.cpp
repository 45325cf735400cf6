// What became of a page, and what people answer. A receipt counts only from the gateway that serves
// the channel, or from a person who carries it; progress goes one way; a person always gets an
// answer.
#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "base/told_members.hpp"
#include "service/alarms/page/page_ledger_parts.hpp"
#include "service/alarms/page/page_text.hpp"
#include "service/alarms/row_parts.hpp"

namespace cryobank::alarms {
namespace {

using Kind = PageTimer::Kind;

constexpr std::array<std::string_view, 4> kAnswers{"read", "coming", "later", "not-coming"};
constexpr std::array<std::string_view, 5> kMachineStates{"accepted", "sent", "delivered", "failed",
                                                         "dropped"};
constexpr Duration kAnswerLasts = minutes(5);
constexpr Duration kAgainMax = seconds(60);
constexpr int kEtaMinutesMax = 24 * 60;

template <std::size_t N>
bool is_one_of(const std::array<std::string_view, N>& words, std::string_view word) {
  return std::ranges::find(words, word) != words.end();
}

bool is_page_id(std::string_view text) {
  const std::vector<std::string_view> parts = split(text, '-');
  return parts.size() == 2 && parse_integer(parts[0]) && parse_integer(parts[1]);
}

// As it was sent; some carriers name it page_id.
std::string page_in(RowReader& in, const Json& body) {
  return told_text(in, body, body["page"].is_null() ? "page_id" : "page");
}

}  // namespace

PageState PageLedger::Parts::wanted(const ChannelId& channel) const {
  const Claim* claim = claim_of(channel);
  return claim == nullptr ? PageState::delivered : claim->evidence;
}

Duration PageLedger::Parts::within(const ChannelId& channel) const {
  const Claim* claim = claim_of(channel);
  return claim == nullptr ? kAcceptWithin : claim->within;
}

void PageLedger::Parts::forget(const std::string& page) {
  timers.clear({Kind::again, page});
  timers.clear({Kind::overdue, page});
  sheets.erase(page);
}

void PageLedger::Parts::progress(Now now, Sheet& sheet, PageState state, LedgerOutputs& out) {
  if (sheet.state >= state && sheet.state <= PageState::answered) return;  // it knew better
  const PageState before = sheet.state;
  sheet.state = state;
  sheet.at = now.wall;
  mark(out, sheet.page.alarm);
  if (state >= PageState::accepted) timers.clear({Kind::again, sheet.page.id});
  if (sheet.page.kind == PageKind::test) keep_proof(sheet.page.id, out);
  const PageState enough = wanted(sheet.page.channel);
  if (arrived(state, enough) && !arrived(before, enough)) arrive(now, sheet, out);
}

void PageLedger::Parts::arrive(Now now, Sheet& sheet, LedgerOutputs& out) {
  timers.clear({Kind::overdue, sheet.page.id});
  sheet.lost = false;
  if (const auto call = calls.find(sheet.page.alarm); call != calls.end()) {
    call->second.reached.insert(sheet.page.channel);
  }
  unreceived.erase(sheet.page.channel);
  timers.clear({Kind::unreceived, sheet.page.channel.str()});
  trouble(false, sheet.page.channel.str(), "page-unreceived", Priority::p2, {}, {}, out);
  trouble(false, "pager", "nobody-reached", Priority::p1, {}, {}, out);
  out.status_changed = true;
  page_fact(out, fact::kPageReceived, now, sheet.page.alarm)
      .set("page", sheet.page.id)
      .set("channel", sheet.page.channel.str())
      .set("status", name_of(sheet.state));
}

void PageLedger::Parts::lose(Now now, Sheet& sheet, PageState state, std::string_view why,
                             LedgerOutputs& out) {
  if (sheet.lost || arrived(sheet.state, wanted(sheet.page.channel))) return;
  sheet.lost = true;
  sheet.got = sheet.state;
  sheet.why = clip(why, 200);
  sheet.state = state;
  sheet.at = now.wall;
  timers.clear({Kind::again, sheet.page.id});
  timers.clear({Kind::overdue, sheet.page.id});
  out.status_changed = true;
  const std::string channel = sheet.page.channel.str();
  page_fact(out, fact::kPageUnreceived, now, sheet.page.alarm)
      .set("page", sheet.page.id)
      .set("channel", channel)
      .set("status", name_of(state))
      .set("why", clip(why, 200));
  const AlarmId alarm = sheet.page.alarm;
  const PageKind kind = sheet.page.kind;
  if (kind == PageKind::page) suspect(now, sheet.page, why);
  mark(out, alarm);
  const auto call = calls.find(alarm);
  if (kind == PageKind::page && call != calls.end()) look_at_tier(now, call->second, out);
}

void PageLedger::Parts::send_again(Now now, Sheet& sheet, LedgerOutputs& out) {
  ++sheet.sends;
  out.again.push_back(sheet.page);
  const Duration pause = kAgainFirst * (std::int64_t{1} << std::min(sheet.sends - 1, 5));
  timers.set({Kind::again, sheet.page.id}, now.mono + std::min(kAgainMax, pause));
}

Status PageLedger::Parts::machine(Now now, const ChannelId& channel, const Json& body,
                                  PageState state, LedgerOutputs& out) {
  RowReader in("a receipt", body);
  const std::string id = page_in(in, body);
  const std::string why = told_text(in, body, "why");
  if (!in.ok()) return malformed(in.status());
  const auto found = sheets.find(id);
  if (found == sheets.end()) {
    // Of a call that is over, of the run before, or the gateway's own: nothing waits for it.
    if (is_page_id(id) || id.starts_with("monitor-")) return {};
    return make_error(ErrorCode::malformed,
                      cat("expected page as it was sent, came \"", clip(id, 80), "\""));
  }
  Sheet& sheet = found->second;
  if (sheet.page.channel != channel) {
    return make_error(ErrorCode::invalid_value, cat("expected a page of channel ", channel.str(),
                                                    ", came one of ", sheet.page.channel.str()));
  }
  if (state == PageState::failed || state == PageState::dropped) {
    lose(now, sheet, state, why.empty() ? "the gateway gave it up" : why, out);
  } else {
    progress(now, sheet, state, out);
  }
  return {};
}

// Who speaks: the login itself, or whom its gateway names; a channel with one carrier needs no
// name.
Result<UserId> PageLedger::Parts::person(const ChannelId& channel, const UserId& login,
                                         const Json& body, WallTime at) const {
  if (!roster.is_gateway(login)) return login;
  RowReader in("a receipt", body);
  const std::string named = told_text(in, body, "user");
  if (!in.ok()) return malformed(in.status());
  if (!named.empty()) {
    const Result<UserId> user = UserId::parse(named);
    if (user && roster.carries(*user, channel)) return *user;
    return make_error(ErrorCode::not_authorised, cat("expected a person of channel ", channel.str(),
                                                     ", came \"", clip(named, 64), "\""));
  }
  std::vector<UserId> people = roster.carriers(channel);
  if (people.size() > 1) {
    std::erase_if(
        people, [&](const UserId& user) { return roster.tier_of(user, at, roster.tiers()) == 0; });
  }
  if (people.size() == 1) return people.front();
  return make_error(ErrorCode::invalid_value,
                    cat("expected user: several people carry channel ", channel.str()));
}

Call* PageLedger::Parts::call_of(const Said& said) {
  const std::set<AlarmId>& known = index.heads_with(said.code);
  if (!known.empty()) return &calls.at(*known.begin());
  // Of a call that is told with another one now.
  if (const OldCode* old = old_codes.find(said.code); old != nullptr && old->joined) {
    auto call = calls.find(old->alarm);
    if (call != calls.end() && !call->second.leader.empty()) call = calls.find(call->second.leader);
    if (call != calls.end() && !call->second.summons.taken) return &call->second;
  }
  const auto sheet = sheets.find(said.page);
  if (sheet == sheets.end() || sheet->second.page.channel != said.channel) return nullptr;
  const auto call = calls.find(sheet->second.page.alarm);
  return call == calls.end() ? nullptr : &call->second;
}

void PageLedger::Parts::reply(Now now, const Said& said, std::string text, LedgerOutputs& out,
                              const AlarmId& about) {
  text = guarded(now, about, std::move(text));
  if (!replies.may(now.mono, said.channel.str(), text)) return;
  Page page;
  page.kind = PageKind::answer;
  page.channel = said.channel;
  page.priority = Priority::p1;  // nobody who answers waits behind a queue
  page.text = clip(seven_bit(text), kPageHeadMax);
  page.expires_in = kAnswerLasts;
  send(now, std::move(page), out);
}

bool PageLedger::Parts::proof_answered(Now now, const Said& said, LedgerOutputs& out) {
  for (auto& [name, proof] : proofs) {
    const auto page = proof.pages.find(said.channel);
    const bool this_one =
        page != proof.pages.end() && (said.code == proof.code || said.page == page->second);
    if (!this_one) continue;
    proof.answered = true;
    if (const auto sheet = sheets.find(page->second); sheet != sheets.end()) {
      sheet->second.by = said.by;
      progress(now, sheet->second, PageState::answered, out);
    }
    keep_proof(page->second, out);
    page_fact(out, fact::kPageTestAnswered, now, {})
        .set("by", said.by.str())
        .set("channel", said.channel.str());
    reply(now, said, cat("OK ", said.by.str(), ": test answered, thank you"), out);
    return true;
  }
  return false;
}

// No open call is meant: of one that is over, or of none.
void PageLedger::Parts::refuse_answer(Now now, const Said& said, Board& into,
                                      BoardOutputs& board_out, LedgerOutputs& out) {
  // That a page was read of which nothing is known any more, or the gateway's own, is a receipt.
  if (said.status == "read" && said.code.empty()) return;
  page_fact(out, fact::kPageAnswerRefused, now, {})
      .set("by", said.by.str())
      .set("channel", said.channel.str())
      .set("status", said.status)
      .set("code", clip(said.code, 8));
  // A device that answers what answered it goes on for ever.
  const auto sheet = sheets.find(said.page);
  const bool of_reply = sheet != sheets.end() && sheet->second.page.kind == PageKind::answer;
  if (said.code.empty() && of_reply) return;
  if (said.code.empty() && !said.page.empty()) {
    return reply(
        now, said,
        "NOT TAKEN: that page is over, or a newer one took its place. Answer with the code "
        "of the newest page",
        out);
  }
  const OldCode* old = old_codes.find(said.code);
  if (old == nullptr) {
    return reply(now, said,
                 cat("NOT TAKEN: no open page has code \"", clip(said.code, 8),
                     "\". Answer with the code of the page"),
                 out);
  }
  const AlarmId alarm = old->alarm;
  if (alarm == kTestPages)
    return reply(now, said, cat(said.code, " was of a test. Nothing to do"), out);
  const auto again = calls.find(alarm);
  if (again != calls.end() && !is_quiet(again->second)) {
    return reply(now, said,
                 cat("NOT TAKEN: ", said.code, " is used up, ", alarm.str(),
                     " is open again with code ", again->second.code),
                 out, alarm);
  }
  const PagerAnswer told{said.by, said.status, said.channel, false, said.eta, {}};
  if (said.status == "not-coming" && into.taken_by(alarm) == said.by &&
      into.answered(now, alarm, told, board_out)) {
    return reply(now, said,
                 cat("NOTED ", said.by.str(), ": not coming. ", alarm.str(),
                     " is open again, others are called"),
                 out, alarm);
  }
  reply(now, said,
        cat(said.code, " is over: ", alarm.str(), " is taken or normal again. Nothing to do"), out,
        alarm);
}

Status PageLedger::Parts::answer(Now now, const Said& said, MayTake may_take, Board& into,
                                 BoardOutputs& board_out, LedgerOutputs& out) {
  if (proof_answered(now, said, out)) return {};
  Call* call = call_of(said);
  if (call == nullptr) {
    refuse_answer(now, said, into, board_out, out);
    return {};
  }
  const AlarmId alarm = call->summons.alarm;
  // Whoever has the code may answer over a channel that was never called for this.
  const auto newest = call->newest.find(said.channel);
  const auto sheet = newest == call->newest.end() ? sheets.end() : sheets.find(newest->second);
  if (sheet != sheets.end()) {
    sheet->second.by = said.by;
    progress(now, sheet->second, said.status == "read" ? PageState::read : PageState::answered,
             out);
  }
  const config::UserConfig* user = config.find_user(said.by);
  const bool allowed = user != nullptr && may_take(*user);
  const bool right = said.code == call->code;
  const bool takes = said.status == "coming" && right && allowed;
  page_fact(out, fact::kPageAnswered, now, alarm)
      .set("occurrence", call->summons.occurrence)
      .set("channel", said.channel.str())
      .set("by", said.by.str())
      .set("status", said.status)
      .set("takes", takes);
  std::vector<AlarmId> taken{alarm};
  const std::set<AlarmId>& riders = index.riders_of(alarm);
  taken.insert(taken.end(), riders.begin(), riders.end());
  const PagerAnswer told{said.by, said.status, said.channel, takes, said.eta, said.eta_in};
  if (takes) {
    call->taken_by = said.by;
    call->taken_on = said.channel;
  }
  if (said.status != "read" && said.status != "later") {
    std::erase_if(call->coming, [&said](const Coming& one) { return one.by == said.by; });
  }
  if (said.status == "coming") {
    const WallTime due = said.eta.empty() ? WallTime{} : now.wall + said.eta_in;
    call->coming.push_back({said.by, now.wall, due});
    watch_promises(now, *call);
    // What is over speaks for no cause of which something stands.
    const AlarmId& named = call->summons.over ? board.speaker(alarm) : alarm;
    reply(now, said,
          takes      ? cat("OK ", said.by.str(), ", ", named.str(), " is yours.",
                      said.eta.empty() ? "" : " Expected ", said.eta)
          : !allowed ? cat("NOTED, ", said.by.str(), " is coming. Your role may not take ",
                           alarm.str(), ": others are still called")
                     : cat("NOTED, not taken: ", alarm.str(), " is taken with code ", call->code),
          out, alarm);
  } else if (said.status == "later") {
    reply(now, said, cat("NOTED, ", alarm.str(), " goes on until somebody takes it"), out, alarm);
  } else if (said.status == "not-coming") {
    const bool first = call->declined.insert(said.by).second;
    // A person of the tier that was called last calls the next one, once.
    const bool last = roster.tier_of(said.by, now.wall, call->tier) == call->tier;
    const bool next = first && last && urgency_of(*call) != Priority::p3;
    reply(now, said, not_coming_words(now, *call, said.by, next), out, alarm);
    if (next) escalate(now, *call, out);
  }
  mark(out, alarm);
  Status ended;
  for (const AlarmId& one : taken) {
    const Status status = into.answered(now, one, told, board_out);
    if (one == alarm) ended = status;
  }
  return ended;
}

Status PageLedger::receipt(Now now, const ChannelId& channel, const UserId& login, const Json& body,
                           MayTake may_take, Board& board, BoardOutputs& board_out,
                           LedgerOutputs& out) {
  Parts& p = *parts_;
  RowReader in("a receipt", body);
  const std::string status = in.text("status");
  if (!in.ok()) return malformed(in.status());
  const bool machine = is_one_of(kMachineStates, status);
  if (!machine && !is_one_of(kAnswers, status)) {
    return make_error(ErrorCode::malformed,
                      cat("expected status accepted, sent, delivered, failed, dropped, read, "
                          "coming, later or not-coming, came \"",
                          clip(status, 40), "\""));
  }
  const bool serves = p.roster.serves(login, channel);
  if (!serves && !p.roster.carries(login, channel)) {
    return make_error(ErrorCode::not_authorised,
                      cat("expected a receipt from who serves or carries channel ", channel.str(),
                          ", came one from ", login.str()));
  }
  if (machine) {
    if (!serves && status != "delivered") {
      return make_error(ErrorCode::not_authorised,
                        cat("expected ", status, " from the gateway that serves channel ",
                            channel.str(), ", came from ", login.str()));
    }
    return p.machine(now, channel, body, *page_state(status), out);
  }
  Parts::Said said;
  said.channel = channel;
  said.status = status;
  said.code = told_text(in, body, "code");
  said.page = page_in(in, body);
  const std::int64_t eta = told_number(in, body, "eta_min", -1);
  if (!in.ok()) {
    p.reply(now, said, "NOT TAKEN: the answer cannot be read", out);
    return malformed(in.status());
  }
  if (eta >= 0 && eta <= kEtaMinutesMax) {
    said.eta_in = minutes(eta);
    said.eta = format_minute(p.roster.zone().local(now.wall + said.eta_in).minute);
  }
  const Result<UserId> person = p.person(channel, login, body, now.wall);
  // That a device shows it as read is a receipt: nobody need say who read it.
  if (!person && serves && status == "read") {
    return p.machine(now, channel, body, PageState::read, out);
  }
  if (!person) {
    p.reply(now, said, "NOT TAKEN: say who you are, as: coming 4471 NAME", out);
    return person.error();
  }
  said.by = *person;
  return p.answer(now, said, may_take, board, board_out, out);
}

}  // namespace cryobank::alarms
