#include "service/pager/watch.hpp"

#include <algorithm>

#include "base/checksum.hpp"
#include "base/row_reader.hpp"
#include "base/text.hpp"
#include "base/try.hpp"

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

std::string_view reason(Link link) {
  switch (link) {
    case Link::never:
      return "the broker was never reached";
    case Link::down:
      return "the broker does not answer";
    case Link::refused:
      return "the broker refuses this gateway's login";
    case Link::up:
      return "the broker answers, the daemon is silent";
  }
  return "";
}

}  // namespace

Status Watch::start(const Now& now, const Json& remembered) {
  deadline_ = now.mono + config_.silence;
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
  TRY(in.end());
  epoch_ = epoch;
  starts_ = std::move(starts);
  taken_by_.clear();
  if (heard.ms == 0) return {};
  heard_ = heard;
  // The silence goes on over our own restart; a clock that jumped makes it no longer than it is.
  const Duration left = heard + config_.silence - now.wall;
  deadline_ = now.mono + std::clamp(left, std::min(kStartGrace, config_.silence), config_.silence);
  return {};
}

Json Watch::remembered() const {
  Json starts = Json::array();
  for (const WallTime at : starts_) starts.push(format_utc(at));
  return Json::object()
      .set("heard", heard_.ms == 0 ? Json() : Json(format_utc(heard_)))
      .set("epoch", epoch_)
      .set("starts", std::move(starts));
}

void Watch::page(const Now& now, std::string_view what, const std::string& text, int tier,
                 bool takes, std::vector<OwnPage>& out) {
  for (const WatchedChannel& channel : config_.channels) {
    if (channel.tier > tier) continue;
    Json page = Json::object();
    page.set("page", cat("monitor-", format_utc(now.wall), "-", ++numbers_))
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

void Watch::draw_code(const Now& now) {
  code_ = cat(fnv1a32(cat("monitor/", now.wall.ms, "/", config_.site)) % 10'000);
  while (code_.size() < 4) code_.insert(code_.begin(), '0');
}

void Watch::see_epoch(const Now& now, std::int64_t epoch, std::vector<OwnPage>& out) {
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
           kRestartsWithin.seconds() / 60, " min. Freezers are hardly watched. GO and look"),
       1, false, out);
  reports_.push_back(Json::object()
                         .set("what", "monitor-restarts")
                         .set("starts", static_cast<std::int64_t>(starts_.size()))
                         .set("at", format_utc(now.wall)));
}

Status Watch::on_beat(const Now& now, const Json& beat, std::vector<OwnPage>& out) {
  RowReader in("a beat of the service", beat);
  const std::int64_t epoch = in.number("epoch");
  std::int64_t urgent = 0;  // a daemon that pages nobody says nothing of it
  if (const Json* paging = in.maybe_object("paging")) {
    RowReader told("paging in a beat of the service", *paging);
    urgent = told.number("urgent");
    if (!told.ok()) return told.status();
  }
  if (!in.ok()) return in.status();
  see_epoch(now, epoch, out);
  if (dead_) {
    page(now, "back",
         cat("MONITOR BACK ", config_.site, " the cryobank service is heard again after ",
             (now.wall - dead_since_).seconds() / 60, " min"),
         tier_, false, out);
    reports_.push_back(Json::object()
                           .set("what", "monitor-dead")
                           .set("from", format_utc(dead_since_))
                           .set("to", format_utc(now.wall))
                           .set("rounds", rounds_)
                           .set("taken_by", taken_by_.empty() ? Json() : Json(taken_by_)));
  }
  dead_ = false;
  tier_ = 0;
  tier_at_ = kNever;
  taken_by_.clear();
  heard_ = now.wall;
  deadline_ = now.mono + config_.silence;
  if (urgent <= 0) {
    urgent_since_ = kNever;
  } else if (urgent_since_ == kNever) {
    urgent_since_ = now.mono;
  }
  if (urgent_since_ == kNever || now.mono - std::max(urgent_since_, last_p1_) < config_.unpaged)
    return {};
  urgent_since_ = now.mono;
  ++rounds_;
  page(now, "unpaged",
       cat("P1 UNPAGED ", config_.site, " the service has ", urgent,
           " P1 alarms and no page of them came here. Look at the alarm list now"),
       1, false, out);
  return {};
}

void Watch::on_unreadable(const Now& now, std::size_t lines, std::vector<OwnPage>& out) {
  page(now, "queue",
       cat("P1 PAGES MAY BE LOST ", config_.site, " ", lines,
           " lines of the pager's own queue cannot be read. Look at the alarm list now"),
       1, false, out);
  reports_.push_back(Json::object()
                         .set("what", "queue-unreadable")
                         .set("lines", static_cast<std::int64_t>(lines))
                         .set("at", format_utc(now.wall)));
}

void Watch::round(const Now& now, std::vector<OwnPage>& out) {
  ++rounds_;
  const std::int64_t silent_s = heard_.ms == 0 ? 0 : (now.wall - heard_).seconds();
  const std::string since =
      heard_.ms == 0 ? std::string("no word from the cryobank service yet")
                     : cat("no word since ", format_minute(config_.zone.local(heard_).minute), " (",
                           silent_s / 60, " min)");
  page(now, "dead",
       // What to do and the code come first: a carrier may cut the rest.
       cat("P1 MONITOR DEAD ", clip(config_.site, 40),
           " freezers are NOT watched. GO and look, ack ", code_, ". ", since, ", ", reason(link_),
           rounds_ > 1 ? cat(". Call ", rounds_) : std::string()),
       tier_, true, out);
}

void Watch::on_deadline(const Now& now, std::vector<OwnPage>& out) {
  if (dead_ && now.mono >= tier_at_) {
    int highest = 1;
    for (const WatchedChannel& channel : config_.channels)
      highest = std::max(highest, channel.tier);
    tier_ = std::min(highest, tier_ + 1);
    tier_at_ = tier_ < highest ? now.mono + config_.tier_after : kNever;
    deadline_ = now.mono;
  }
  if (now.mono < deadline_) return;
  if (!dead_) {
    dead_ = true;
    dead_since_ = heard_.ms == 0 ? now.wall : heard_;
    rounds_ = 0;
    tier_ = 1;
    tier_at_ = now.mono + config_.tier_after;
    draw_code(now);
  } else if (!taken_by_.empty()) {
    taken_by_.clear();  // half an hour later it still is dead
    tier_at_ = now.mono + config_.tier_after;
  }
  deadline_ = now.mono + config_.repeat;
  round(now, out);
}

Instant Watch::next_deadline() const { return std::min(deadline_, dead_ ? tier_at_ : kNever); }

std::string Watch::answer(const Now& now, const Heard& heard) {
  if (!dead_ || heard.code != code_) return {};
  const std::string who = heard.user.empty() ? "somebody" : heard.user;
  if (heard.status == "coming") {
    taken_by_ = who;
    deadline_ = now.mono + kTakenFor;
    tier_at_ = kNever;
    return cat("OK ", who, ", MONITOR DEAD is yours. It pages again in ", kTakenFor.seconds() / 60,
               " min if the service is still silent");
  }
  if (heard.status == "not-coming") tier_at_ = now.mono;
  return cat("NOTED ", who, ": ", heard.status, ". Others are called");
}

}  // namespace cryobank::pager
