#include "service/pager/monitor_watch.hpp"

#include <algorithm>

#include "base/checksum.hpp"
#include "base/json_time.hpp"
#include "base/row_reader.hpp"
#include "base/text.hpp"
#include "base/told_members.hpp"
#include "base/try.hpp"
#include "service/pager/page_reader.hpp"

namespace cryobank::pager {
namespace {

// A gateway that starts gives its broker so long, whatever it remembers.
constexpr Duration kStartGrace = seconds(15);
// Who took MONITOR DEAD has so long before it pages again.
constexpr Duration kTakenFor = minutes(30);
// So many starts within this time are a daemon that does not stay up.
constexpr std::size_t kRestartsMax = 3;
constexpr Duration kRestartsWithin = minutes(10);
constexpr Duration kOwnPageLasts = minutes(3);
constexpr std::size_t kStartsKept = 20;
constexpr std::size_t kCodesKept = 8;
constexpr Duration kSecondToldEvery = minutes(30);
// At the last tier the pause between two rounds grows up to this.
constexpr Duration kRepeatMax = minutes(15);
// Between two beats; who was away for longer could not get a page of what stood.
constexpr Duration kBeatGap = seconds(30);
constexpr std::size_t kKeepOutMax = 44;

std::string_view reason(Link link) {
  switch (link) {
    case Link::never:
      return "the broker was never reached";
    case Link::down:
      return "the broker does not answer";
    case Link::refused:
      return "the broker refuses this gateway's login";
    case Link::untrusted:
      return "no TLS with the broker: look at its certificate and ours";
    case Link::up:
      break;
  }
  return "the broker answers, the daemon is silent";
}

}  // namespace

Status MonitorWatch::start(const Now& now, const Json& remembered) {
  deadline_ = now.mono + config_.silence;
  known_ = now;
  if (remembered.is_null()) return {};
  RowReader in("what was heard before", remembered);
  const WallTime heard = in.maybe_time("heard");
  const std::int64_t epoch = in.number("epoch");
  std::deque<WallTime> starts;
  for (const std::string& text : in.texts("starts")) {
    const Result<WallTime> at = parse_utc(text);
    if (!at) in.refuse("starts", "times");
    if (at && *at <= now.wall) starts.push_back(*at);
  }
  const std::int64_t urgent = in.maybe_number("urgent");
  std::string keep_out = in.maybe_text("keep_out");
  const Json* call = in.maybe_object("call");
  TRY(in.end());
  if (call != nullptr) TRY(start_call(now, *call));
  epoch_ = epoch;
  starts_ = std::move(starts);
  heard_ = heard;
  urgent_ = urgent;
  keep_out_ = std::move(keep_out);
  if (heard.ms == 0 || dead_) return {};
  // The silence goes on over our own restart; a clock that jumped makes it no longer than it is.
  const Duration left = heard + config_.silence - now.wall;
  deadline_ = now.mono + std::clamp(left, std::min(kStartGrace, config_.silence), config_.silence);
  return {};
}

// What was due while nobody ran is due once the broker had its moment.
Status MonitorWatch::start_call(const Now& now, const Json& call) {
  RowReader in("the call that stood", call);
  const WallTime since = in.time("since");
  const std::string code = in.text("code");
  const auto tier = static_cast<int>(in.number("tier", 1, RowReader::kIntMax));
  const auto rounds = static_cast<int>(in.number("rounds", 1, RowReader::kIntMax));
  const WallTime next = in.time("next");
  const WallTime tier_at = in.maybe_time("tier_at");
  std::vector<std::string> takers = in.texts("takers");
  const std::vector<std::string> declined = in.texts("declined");
  TRY(in.end());
  dead_ = true;
  dead_since_ = since;
  code_ = code;
  tier_ = tier;
  rounds_ = rounds;
  pause_ = config_.repeat;
  takers_ = std::move(takers);
  declined_ = {declined.begin(), declined.end()};
  // Who was called may have heard nothing of it: nobody knows what went out before the end.
  deadline_ = now.mono +
              (takers_.empty() ? kStartGrace : std::clamp(next - now.wall, kStartGrace, kTakenFor));
  tier_at_ = tier_at.ms == 0 ? kNever
                             : now.mono + std::clamp(tier_at - now.wall, kStartGrace,
                                                     std::max(kStartGrace, config_.tier_after));
  return {};
}

Json MonitorWatch::call_remembered() const {
  if (!dead_) return {};
  const auto wall_of = [this](Instant at) { return format_utc(known_.wall + (at - known_.mono)); };
  Json takers = Json::array();
  for (const std::string& who : takers_) takers.push(who);
  Json declined = Json::array();
  for (const std::string& who : declined_) declined.push(who);
  return Json::object()
      .set("since", format_utc(dead_since_))
      .set("code", code_)
      .set("tier", tier_)
      .set("rounds", rounds_)
      .set("next", wall_of(deadline_))
      .set("tier_at", tier_at_ == kNever ? Json() : Json(wall_of(tier_at_)))
      .set("takers", std::move(takers))
      .set("declined", std::move(declined));
}

Json MonitorWatch::remembered() const {
  Json starts = Json::array();
  for (const WallTime at : starts_) starts.push(format_utc(at));
  return Json::object()
      .set("heard", time_or_null(heard_))
      .set("epoch", epoch_)
      .set("starts", std::move(starts))
      .set("urgent", urgent_)
      .set("keep_out", keep_out_)
      .set("call", call_remembered());
}

// A gateway may serve the later tiers alone: the first that it has is called first.
int MonitorWatch::tier_above(int tier) const {
  int above = 0;
  for (const WatchedChannel& channel : config_.channels)
    if (channel.tier > tier && (above == 0 || channel.tier < above)) above = channel.tier;
  return above == 0 ? tier : above;
}

int MonitorWatch::tier_of(std::string_view channel) const {
  const auto found = std::ranges::find(config_.channels, channel, &WatchedChannel::id);
  return found == config_.channels.end() ? 0 : found->tier;
}

void MonitorWatch::page(const Now& now, std::string_view what, const std::string& text, int tier,
                        bool takes, std::vector<OwnPage>& out) {
  for (const WatchedChannel& channel : config_.channels) {
    if (channel.tier > tier) continue;
    Json page = Json::object();
    page.set("page", cat(kOwnPrefix, what, "-", format_utc(now.wall), "-", ++numbers_))
        .set("kind", "page")
        .set("alarm", cat("monitor.", what))
        .set("channel", channel.id)
        .set("priority", "p1")
        .set("tier", channel.tier)
        .set("attempt", rounds_)
        .set("text", cut(seven_bit(text), kTextMax))
        .set("ack_code", takes ? Json(code_) : Json())
        .set("created", format_utc(now.wall))
        .set("expires_at", format_utc(now.wall + kOwnPageLasts));
    out.push_back({channel.id, std::move(page)});
  }
}

void MonitorWatch::draw_code(const Now& now) {
  code_ = cat(fnv1a32(cat("monitor/", now.wall.ms, "/", config_.site)) % 10'000);
  while (code_.size() < 4) code_.insert(code_.begin(), '0');
}

void MonitorWatch::see_epoch(const Now& now, std::int64_t epoch, std::vector<OwnPage>& out) {
  if (epoch <= epoch_) return;
  const bool first = epoch_ == 0;
  epoch_ = epoch;
  if (first) return;
  starts_.push_back(now.wall);
  if (starts_.size() > kStartsKept) starts_.pop_front();
  while (!starts_.empty() && now.wall - starts_.front() > kRestartsWithin) starts_.pop_front();
  if (starts_.size() < kRestartsMax) return;
  if (restarts_told_.ms != 0 && now.wall - restarts_told_ < kRestartsWithin) return;
  restarts_told_ = now.wall;
  ++rounds_;
  page(now, "restarts",
       cat("P1 MONITOR RESTARTS ", config_.site, " ", starts_.size(), " starts in ",
           kRestartsWithin.seconds() / 60, " min. ", go_or_stay_out(),
           ". Freezers are hardly watched"),
       tier_above(0), false, out);
  reports_.push_back(Json::object()
                         .set("what", "monitor-restarts")
                         .set("starts", static_cast<std::int64_t>(starts_.size()))
                         .set("at", format_utc(now.wall)));
}

Status MonitorWatch::on_beat(const Now& now, const Json& beat, std::vector<OwnPage>& out) {
  RowReader in("a beat of the service", beat);
  const std::int64_t epoch = in.number("epoch");
  const std::int64_t number = in.maybe_number("seq");
  steady_ = false;
  std::int64_t urgent = 0;  // a daemon that pages nobody says nothing of it
  std::string keep_out;
  if (const Json* paging = in.maybe_object("paging")) {
    RowReader told("paging in a beat of the service", *paging);
    urgent = told.number("urgent");
    keep_out = told_text(told, *paging, "keep_out");
    if (!told.ok()) return told.status();
  }
  if (!in.ok()) return in.status();
  known_ = now;
  steady_ = epoch == beat_epoch_ && number == beat_number_ + 1;
  beat_epoch_ = epoch;
  beat_number_ = number;
  see_epoch(now, epoch, out);
  if (dead_) end_call(now, out);
  heard_ = now.wall;
  deadline_ = now.mono + config_.silence;
  keep_out_ = clip(seven_bit(keep_out), kKeepOutMax);
  note_urgent(now, urgent);
  if (urgent_since_ == kNever || now.mono - std::max(urgent_since_, last_p1_) < config_.unpaged)
    return {};
  urgent_since_ = now.mono;
  ++rounds_;
  page(now, "unpaged",
       cat("P1 UNPAGED ", config_.site, " the service has ", urgent,
           " P1 alarms and no page of them came here. Look at the alarm list now"),
       tier_above(0), false, out);
  return {};
}

// From when on P1 pages are missed: not from before a gap, in which none could come.
void MonitorWatch::note_urgent(const Now& now, std::int64_t urgent) {
  const bool gap = beat_at_ == kNever || now.mono - beat_at_ > kBeatGap;
  beat_at_ = now.mono;
  urgent_ = urgent;
  if (urgent <= 0) {
    urgent_since_ = kNever;
  } else if (urgent_since_ == kNever || gap) {
    urgent_since_ = now.mono;
  }
}

// What nobody watches is unknown: with a meter at best.
std::string MonitorWatch::go_or_stay_out() const {
  if (keep_out_.empty()) return "GO with O2 meter";
  return cat("DO NOT ENTER: ", keep_out_, " when last heard");
}

void MonitorWatch::on_unreadable(const Now& now, std::size_t lines, std::vector<OwnPage>& out) {
  page(now, "queue",
       cat("P1 PAGES MAY BE LOST ", config_.site, " ", lines,
           " lines of the pager's own queue cannot be read. Look at the alarm list now"),
       tier_above(0), false, out);
  reports_.push_back(Json::object()
                         .set("what", "queue-unreadable")
                         .set("lines", static_cast<std::int64_t>(lines))
                         .set("at", format_utc(now.wall)));
}

void MonitorWatch::on_second(const Now& now, std::string_view login, std::vector<OwnPage>& out) {
  if (second_told_.ms != 0 && now.wall - second_told_ < kSecondToldEvery) return;
  second_told_ = now.wall;
  page(now, "second",
       cat("P1 TWO PAGERS ", config_.site, " another cryobank-pager runs as login ",
           clip(login, 40), ". Pages may come twice or late. GO and stop one of them"),
       tier_above(0), false, out);
  reports_.push_back(Json::object().set("what", "second-gateway").set("at", format_utc(now.wall)));
}

void MonitorWatch::round(const Now& now, std::vector<OwnPage>& out) {
  ++rounds_;
  const std::int64_t silent_s = heard_.ms == 0 ? 0 : (now.wall - heard_).seconds();
  const std::string since =
      heard_.ms == 0 ? std::string("no word from the cryobank service yet")
                     : cat("no word since ", format_minute(config_.zone.local(heard_).minute), " (",
                           silent_s / 60, " min)");
  page(now, "dead",
       // What to do and the code come first: a carrier may cut the rest.
       cat("P1 MONITOR DEAD ", clip(config_.site, 24), " ", go_or_stay_out(), ", ack ", code_,
           ". Freezers are NOT watched",
           urgent_ > 0 ? cat(", ", urgent_, " P1 stood") : std::string(), ". ", since, ", ",
           reason(link_), rounds_ > 1 ? cat(". Call ", rounds_) : std::string()),
       tier_, true, out);
}

void MonitorWatch::begin_call(const Now& now) {
  dead_ = true;
  dead_since_ = heard_.ms == 0 ? now.wall : heard_;
  rounds_ = 0;
  pause_ = config_.repeat;
  tier_ = tier_above(0);
  tier_at_ = tier_above(tier_) > tier_ ? now.mono + config_.tier_after : kNever;
  declined_.clear();
  draw_code(now);
}

void MonitorWatch::end_call(const Now& now, std::vector<OwnPage>& out) {
  page(now, "back",
       cat("MONITOR BACK ", config_.site, " the cryobank service is heard again after ",
           (now.wall - dead_since_).seconds() / 60, " min"),
       tier_, false, out);
  reports_.push_back(Json::object()
                         .set("what", "monitor-dead")
                         .set("from", format_utc(dead_since_))
                         .set("to", format_utc(now.wall))
                         .set("rounds", rounds_)
                         .set("taken_by", takers_.empty() ? Json() : Json(takers())));
  over_.emplace_back(code_, now.wall);
  if (over_.size() > kCodesKept) over_.pop_front();
  dead_ = false;
  tier_ = 0;
  tier_at_ = kNever;
  takers_.clear();
}

void MonitorWatch::on_deadline(const Now& now, std::vector<OwnPage>& out) {
  known_ = now;
  const bool steps = dead_ && now.mono >= tier_at_;
  if (steps) {
    tier_ = tier_above(tier_);
    tier_at_ = tier_above(tier_) > tier_ ? now.mono + config_.tier_after : kNever;
    deadline_ = now.mono;
  }
  if (now.mono < deadline_) return;
  if (!dead_) {
    begin_call(now);
  } else if (!takers_.empty()) {
    takers_.clear();  // half an hour later it still is dead
    if (tier_above(tier_) > tier_) tier_at_ = now.mono + config_.tier_after;
  } else if (!steps && tier_above(tier_) == tier_) {
    // Nobody more can be called, and more of the same calls nobody: it goes on for ever, slower.
    pause_ = std::max(config_.repeat, std::min(pause_ * 2, kRepeatMax));
  }
  deadline_ = now.mono + pause_;
  round(now, out);
}

Instant MonitorWatch::next_deadline() const {
  return std::min(deadline_, dead_ ? tier_at_ : kNever);
}

std::string MonitorWatch::takers() const {
  std::string all;
  for (const std::string& who : takers_) all += cat(all.empty() ? "" : ", ", who);
  return all;
}

std::string MonitorWatch::coming(const Now& now, const std::string& who) {
  if (std::ranges::find(takers_, who) == takers_.end()) takers_.push_back(who);
  deadline_ = now.mono + kTakenFor;
  tier_at_ = kNever;
  const std::string again =
      cat(" It pages again in ", kTakenFor.seconds() / 60, " min if the service is still silent");
  if (takers_.size() == 1) {
    return cat("OK ", who, ", MONITOR DEAD is yours. ",
               keep_out_.empty() ? std::string("The air is not watched either: O2 meter")
                                 : go_or_stay_out(),
               ".", again);
  }
  return cat("OK ", who, ", MONITOR DEAD: ", takers(), " are coming.", again);
}

// Said by one of the tier that was called last, it calls the next; said twice it is said once.
std::string MonitorWatch::not_coming(const Now& now, std::string_view channel,
                                     const std::string& who) {
  const bool taken = !takers_.empty();
  std::erase(takers_, who);
  const bool first = declined_.insert(cat(channel, "/", who)).second;
  if (!takers_.empty()) return cat("NOTED ", who, ": not coming. ", takers(), " comes");
  if (taken) deadline_ = now.mono;
  if ((first && tier_of(channel) == tier_) || taken) {
    tier_at_ = tier_above(tier_) > tier_ ? now.mono : kNever;
  }
  const bool next = tier_at_ != kNever || (takers_.empty() && tier_above(tier_) > tier_);
  return cat("NOTED ", who,
             next ? ": not coming. Others are called"
                  : ": not coming. NOBODY is left to call, it pages all again: find somebody");
}

std::string MonitorWatch::answer(const Now& now, std::string_view channel, const Heard& heard) {
  known_ = now;
  const std::string who = heard.user.empty() ? std::string("somebody") : heard.user;
  const bool own_page = heard.page.starts_with(cat(kOwnPrefix, "dead-"));
  if (!dead_ || (heard.code != code_ && !(heard.code.empty() && own_page))) {
    const auto over = std::ranges::find(over_, heard.code, &decltype(over_)::value_type::first);
    if (over == over_.end()) return {};
    return cat(heard.code, " is over: the cryobank service is heard again since ",
               format_minute(config_.zone.local(over->second).minute), ". Nothing to do");
  }
  if (heard.status == "coming") return coming(now, who);
  if (heard.status == "not-coming") return not_coming(now, channel, who);
  return cat("NOTED ", who, ": ", heard.status, ". It pages on until somebody comes");
}

}  // namespace cryobank::pager
