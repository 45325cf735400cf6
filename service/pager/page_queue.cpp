#include "service/pager/page_queue.hpp"

#include <algorithm>

#include "base/row_reader.hpp"
#include "base/text.hpp"
#include "service/pager/page_reader.hpp"

namespace cryobank::pager {
namespace {

constexpr Duration kPauseFirst = seconds(1);
constexpr Duration kPauseMax = seconds(30);
constexpr Duration kLifeMax = hours(24);  // of a page, whatever it says
constexpr Duration kLifeUsual = minutes(15);

std::optional<Fate> fate_named(std::string_view name) {
  for (int i = 0; i <= static_cast<int>(Fate::withdrawn); ++i) {
    if (name_of(static_cast<Fate>(i)) == name) return static_cast<Fate>(i);
  }
  return std::nullopt;
}

}  // namespace

Json PageQueue::line_of(const Entry& entry) {
  return Json::object()
      .set("do", "page")
      .set("channel", entry.channel)
      .set("page", entry.page.page)
      .set("id", entry.page.id)
      .set("fate", name_of(entry.fate))
      .set("handle", entry.handle)
      .set("tries", entry.tries);
}

std::optional<Fate> PageQueue::fate_of(const std::string& page) const {
  const auto found = entries_.find(page);
  if (found == entries_.end()) return std::nullopt;
  return found->second.fate;
}

bool PageQueue::is_reply(const std::string& page) const {
  const auto found = entries_.find(page);
  return found != entries_.end() && found->second.page.kind == "answer";
}

void PageQueue::remember(const std::string& page) {
  order_.push_back(page);
  forget_old();
}

void PageQueue::forget_old() {
  while (order_.size() > kSeenMax) {
    const auto found = entries_.find(order_.front());
    if (found != entries_.end() && found->second.fate < Fate::sent) break;  // still to be sent
    entries_.erase(order_.front());
    order_.pop_front();
  }
}

void PageQueue::tell(std::string topic, const Json& body) {
  Receipt receipt{++numbers_, std::move(topic), body.dump()};
  lines_.push_back(Json::object()
                       .set("do", "receipt")
                       .set("number", receipt.number)
                       .set("topic", receipt.topic)
                       .set("body", receipt.body)
                       .dump());
  receipts_.push_back(std::move(receipt));
  if (receipts_.size() <= kReceiptsMax) return;
  // What a machine says can be asked for again; what a person said cannot.
  const auto least = std::ranges::find_if(
      receipts_, [this](const Receipt& one) { return !said_once(one.number); });
  receipts_.erase(least == receipts_.end() ? receipts_.begin() : least);
}

void PageQueue::receipt(const std::string& channel, std::string_view page, std::string_view status,
                        std::string_view why, const Now& now) {
  Json body = Json::object();
  body.set("page", page).set("status", status).set("at", format_utc(now.wall));
  if (!why.empty()) body.set("why", clip(why, 300));
  tell(cat("page/", channel, "/receipt"), body);
}

void PageQueue::receipt_done(std::uint64_t number) {
  const auto found = std::ranges::find(receipts_, number, &Receipt::number);
  if (found == receipts_.end()) return;
  receipts_.erase(found);
  lines_.push_back(Json::object().set("do", "receipt-done").set("number", number).dump());
}

bool PageQueue::said_once(std::uint64_t number) const {
  const auto found = std::ranges::find(receipts_, number, &Receipt::number);
  if (found == receipts_.end()) return false;
  if (found->topic.ends_with("/report")) return true;
  const Result<Json> body = parse_json(found->body);
  if (!body) return false;
  RowReader in("a receipt", *body);
  const std::string status = in.text("status");
  return status == "coming" || status == "later" || status == "not-coming" || status == "read";
}

void PageQueue::withdraw(const Now& now, const std::vector<std::string>& pages, Fate fate,
                         std::string_view why) {
  for (const std::string& page : pages) {
    const auto found = entries_.find(page);
    if (found != entries_.end() && found->second.fate == Fate::waiting) {
      settle(now, found->second, fate, why);
    }
  }
}

bool PageQueue::take(const Now& now, std::string_view channel, const Json& page, std::string& why) {
  if (!channels_.contains(std::string(channel))) {
    why = cat("channel ", clip(channel, 64), " is not served here");
    return false;
  }
  ReadPage read = read_page(page);
  why = read.fault;
  const std::string id = read.out.id;
  if (const auto known = entries_.find(id); known != entries_.end()) {
    // The daemon has not heard: tell it again where this page stands.
    const Fate fate = known->second.fate;
    receipt(known->second.channel, id, fate < Fate::sent ? "accepted" : name_of(fate),
            known->second.why, now);
    why = kSeenBefore;
    return false;
  }
  // What a word that cannot be read takes back goes on: rather one page too many.
  if (read.only_withdraws() && !read.fault.empty()) return false;
  const bool replaces = read.out.kind == "page";
  withdraw(now, read.withdraws, replaces ? Fate::dropped : Fate::withdrawn,
           replaces ? cat("replaced by ", id) : std::string("taken or over"));
  if (read.only_withdraws()) return true;
  keep(now, std::string(channel), std::move(read.out));
  return true;
}

void PageQueue::keep(const Now& now, std::string channel, Outgoing page) {
  Entry entry;
  entry.channel = std::move(channel);
  entry.page = std::move(page);
  if (entry.page.created.ms == 0) entry.page.created = now.wall;
  if (entry.page.expires.ms == 0) entry.page.expires = entry.page.created + kLifeUsual;
  // The clocks of two machines may differ: how long it lives is the daemon's, from when it came.
  const Duration life = std::clamp(entry.page.expires - entry.page.created, seconds(1), kLifeMax);
  entry.page.expires = now.wall + life;
  entry.page.page.set("expires_here", format_utc(entry.page.expires));
  if (entry.page.priority == 1) last_p1_ = now.mono;
  if (waiting(entry.channel) >= kWaitingMax) drop_least(now, entry.channel);
  const std::string id = entry.page.id;
  const Entry& kept = entries_[id] = std::move(entry);
  remember(id);
  lines_.push_back(line_of(kept).dump());
  receipt(kept.channel, id, "accepted", {}, now);
}

void PageQueue::drop_least(const Now& now, const std::string& channel) {
  Entry* least = nullptr;
  for (auto& [id, one] : entries_) {
    if (one.channel != channel || one.fate != Fate::waiting) continue;
    const bool worse =
        least == nullptr || one.page.priority > least->page.priority ||
        (one.page.priority == least->page.priority && one.page.created < least->page.created);
    if (worse) least = &one;
  }
  if (least != nullptr) settle(now, *least, Fate::dropped, "too many wait on this channel");
}

std::size_t PageQueue::waiting(const std::string& channel) const {
  return static_cast<std::size_t>(std::ranges::count_if(entries_, [&channel](const auto& item) {
    return item.second.channel == channel && item.second.fate <= Fate::trying;
  }));
}

std::optional<Outgoing> PageQueue::next(const Now& now, const std::string& channel) {
  Entry* best = nullptr;
  for (auto& [id, entry] : entries_) {
    if (entry.channel != channel || entry.fate != Fate::waiting) continue;
    if (entry.page.expires <= now.wall) {
      settle(now, entry, Fate::dropped, "stale: nobody could be reached in its time");
      continue;
    }
    if (entry.not_before > now.wall) continue;
    // What never was tried goes before what failed; then the oldest.
    const bool better = best == nullptr || entry.page.priority < best->page.priority ||
                        (entry.page.priority == best->page.priority &&
                         (entry.tries < best->tries ||
                          (entry.tries == best->tries && entry.page.created < best->page.created)));
    if (better) best = &entry;
  }
  if (best == nullptr) return std::nullopt;
  best->fate = Fate::trying;
  return best->page;
}

void PageQueue::settle(const Now& now, Entry& entry, Fate fate, std::string_view why) {
  entry.fate = fate;
  entry.why = clip(why, 300);
  lines_.push_back(Json::object()
                       .set("do", "fate")
                       .set("id", entry.page.id)
                       .set("fate", name_of(fate))
                       .set("handle", entry.handle)
                       .dump());
  const std::string_view status = fate == Fate::withdrawn ? "dropped" : name_of(fate);
  receipt(entry.channel, entry.page.id, status, why, now);
}

void PageQueue::tried(const Now& now, const std::string& channel, const std::string& page,
                      const Attempt& attempt) {
  const auto found = entries_.find(page);
  if (found == entries_.end() || found->second.channel != channel) return;
  Entry& entry = found->second;
  if (entry.fate != Fate::trying) return;
  ++entry.tries;
  if (attempt.fate == Fate::sent || attempt.fate == Fate::delivered) {
    entry.handle = clip(attempt.handle, 200);
    return settle(now, entry, attempt.fate, {});
  }
  if (attempt.final) return settle(now, entry, Fate::failed, attempt.why);
  // The daemon hears at once, and calls others; here it is tried until it is stale.
  if (entry.tries == 1) receipt(channel, page, "failed", attempt.why, now);
  const Duration pause = kPauseFirst * (std::int64_t{1} << std::min(entry.tries - 1, 5));
  entry.fate = Fate::waiting;
  entry.not_before = now.wall + std::min(kPauseMax, pause);
}

void PageQueue::report(const Now& now, const std::string& channel, const Heard& heard) {
  for (auto& [id, entry] : entries_) {
    if (entry.channel != channel) continue;
    const bool this_one = heard.page.empty() ? !heard.handle.empty() && entry.handle == heard.handle
                                             : id == heard.page;
    if (!this_one) continue;
    // Progress goes one way; what was delivered did not fail afterwards.
    const bool better = heard.fate > entry.fate && !is_over(entry.fate);
    const bool late =
        entry.fate == Fate::failed && heard.fate >= Fate::sent && heard.fate <= Fate::read;
    const bool read = entry.fate == Fate::delivered && heard.fate == Fate::read;
    if (better || late || read) settle(now, entry, heard.fate, heard.why);
    return;
  }
}

std::uint64_t PageQueue::answer(const Now& now, const std::string& channel, const Heard& heard) {
  Json body = Json::object();
  body.set("status", heard.status).set("at", format_utc(now.wall));
  std::string page = heard.page;
  if (page.empty() && !heard.handle.empty()) {
    for (const auto& [id, entry] : entries_) {
      if (entry.channel == channel && entry.handle == heard.handle) page = id;
    }
  }
  if (!page.empty()) body.set("page", page);
  if (!heard.code.empty()) body.set("code", heard.code);
  if (!heard.user.empty()) body.set("user", heard.user);
  if (heard.eta_min >= 0) body.set("eta_min", heard.eta_min);
  if (!heard.text.empty()) body.set("text", clip(heard.text, 200));
  tell(cat("page/", channel, "/receipt"), body);
  return numbers_;
}

void PageQueue::drop_stale(const Now& now) {
  for (auto& [id, entry] : entries_) {
    if (entry.fate == Fate::waiting && entry.page.expires <= now.wall) {
      settle(now, entry, Fate::dropped, "stale: nobody could be reached in its time");
    }
  }
}

std::vector<std::string> PageQueue::take_lines() { return std::exchange(lines_, {}); }

std::vector<std::string> PageQueue::snapshot() const {
  std::vector<std::string> lines;
  for (const std::string& id : order_) {
    const auto found = entries_.find(id);
    if (found != entries_.end()) lines.push_back(line_of(found->second).dump());
  }
  for (const Receipt& receipt : receipts_) {
    lines.push_back(Json::object()
                        .set("do", "receipt")
                        .set("number", receipt.number)
                        .set("topic", receipt.topic)
                        .set("body", receipt.body)
                        .dump());
  }
  return lines;
}

bool PageQueue::replay_page(RowReader& in) {
  Entry entry;
  entry.channel = in.text("channel");
  const std::string id = in.text("id");
  const std::optional<Fate> fate = fate_named(in.text("fate"));
  entry.handle = in.any_text("handle");
  entry.tries = static_cast<int>(in.number("tries", 0, RowReader::kIntMax));
  ReadPage read = read_page(in.object("page"));
  if (!in.end() || !fate || read.here.ms == 0) return false;
  entry.page = std::move(read.out);
  entry.page.id = id;
  entry.page.expires = read.here;
  entry.fate = *fate;
  if (entries_.emplace(id, std::move(entry)).second) remember(id);
  return true;
}

bool PageQueue::replay_fate(RowReader& in) {
  const std::string id = in.text("id");
  const std::optional<Fate> fate = fate_named(in.text("fate"));
  std::string handle = in.any_text("handle");
  if (!in.end() || !fate) return false;
  const auto found = entries_.find(id);
  if (found == entries_.end()) return true;  // too old to be remembered
  found->second.fate = *fate;
  found->second.handle = std::move(handle);
  return true;
}

bool PageQueue::replay_receipt(RowReader& in, bool done) {
  Receipt receipt;
  receipt.number = static_cast<std::uint64_t>(in.number("number", 1));
  if (!done) {
    receipt.topic = in.text("topic");
    receipt.body = in.any_text("body");
  }
  if (!in.end()) return false;
  numbers_ = std::max(numbers_, receipt.number);
  if (done) {
    std::erase_if(receipts_, [&](const Receipt& one) { return one.number == receipt.number; });
  } else {
    receipts_.push_back(std::move(receipt));
  }
  return true;
}

bool PageQueue::replay(std::string_view line) {
  const Result<Json> json = parse_json(line);
  if (!json) return false;
  RowReader in("a line of the queue", *json);
  const std::string what = in.text("do");
  if (what == "page") return replay_page(in);
  if (what == "fate") return replay_fate(in);
  if (what == "receipt" || what == "receipt-done") return replay_receipt(in, what != "receipt");
  return false;
}

void PageQueue::replayed() {
  for (auto& [id, entry] : entries_) {
    if (entry.fate == Fate::trying) entry.fate = Fate::waiting;
    // The channel was taken out of the configuration.
    if (entry.fate == Fate::waiting && !channels_.contains(entry.channel))
      entry.fate = Fate::dropped;
  }
}

}  // namespace cryobank::pager
