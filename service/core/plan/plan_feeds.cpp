#include "service/core/plan/plan_feeds.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "inventory/ledger/apply/effects.hpp"
#include "service/schedule/feeds.hpp"

namespace cryobank::core {
namespace {

constexpr std::string_view kFeedOfPatient = "patient";

Json feed_items(const inventory::View& view) {
  const Json* document = view.document("plan", "feeds");
  return document == nullptr ? Json::array() : (*document)["items"];
}

bool is_lower_hex(std::string_view text) {
  return std::ranges::all_of(
      text, [](char c) { return ('0' <= c && c <= '9') || ('a' <= c && c <= 'f'); });
}

Status check_digest(const PlanAsk& ask) {
  const std::string digest = text_in(ask.body, "secret_sha256");
  if (digest.size() == 2 * sizeof(Sha256) && is_lower_hex(digest)) return {};
  return make_error(ErrorCode::invalid_value,
                    "expected 64 small hexadecimal digits at \"secret_sha256\"");
}

// A patient's calendar is of one course; the others are of all, or of one clinic.
Status check_subject(const PlanAsk& ask) {
  const bool patient = text_in(ask.body, "of") == kFeedOfPatient;
  if (patient != ask.body.has("course")) {
    return make_error(ErrorCode::invalid_value,
                      patient ? "expected the \"course\" of a patient's calendar"
                              : "expected \"course\" with a patient's calendar only");
  }
  if (patient) {
    TRY_ASSIGN(const auto course, course_in(ask));
    static_cast<void>(course);
  }
  const std::string clinic = text_in(ask.body, "clinic");
  if (clinic.empty()) return {};
  if (patient) {
    return make_error(ErrorCode::invalid_value, "expected no \"clinic\" with a patient's calendar");
  }
  if (ask.bank.config.find_clinic(clinic) != nullptr) return {};
  return make_error(ErrorCode::not_found, cat("no clinic is called ", clip(clinic, 64)));
}

// Records all feeds as `items`; `now`: what became of feed `id`, for people.
Result<Decision> keep_feeds(PlanAsk& ask, const FactName& type, const std::string& id, Json items,
                            std::string_view now) {
  Json data = act_of(ask).set("feed", id);
  inventory::add_document(data, "plan", "feeds", Json::object().set("items", std::move(items)));
  Decision decision;
  TRY(add_fact(ask, decision, type, std::move(data)));
  decision.reply = Json::object().set("feed", id);
  decision.message = cat("feed ", id, " ", now);
  return decision;
}

Result<Decision> create(PlanAsk& ask) {
  TRY(need_reason_of(ask, "a calendar feed"));
  const std::string id = text_in(ask.body, "feed");
  Json items = feed_items(ask.view());
  TRY(check_digest(ask));
  TRY(check_subject(ask));
  for (const Json& item : items.items()) {
    if (text_in(item, "feed") == id) {
      return make_error(ErrorCode::already_exists,
                        cat("feed ", id, " is there: revoke it first (feed/revoke)"));
    }
    if (text_in(item, "secret_sha256") == text_in(ask.body, "secret_sha256")) {
      return make_error(ErrorCode::conflict, "expected a secret that no other feed has");
    }
  }
  if (items.items().size() >= kFeedsMax) {
    return make_error(ErrorCode::too_large, cat("expected at most ", kFeedsMax, " feeds"));
  }
  Json item = Json::object().set("feed", id).set("of", ask.body["of"]);
  for (const std::string_view key : {"course", "clinic"}) {
    if (ask.body.has(key)) item.set(std::string(key), ask.body[key]);
  }
  item.set("secret_sha256", ask.body["secret_sha256"]);
  item.set("by", ask.context.actor.user.str()).set("at", format_utc(ask.context.now.wall));
  items.push(std::move(item));
  return keep_feeds(ask, fact::kFeedMade, id, std::move(items), "is served within a minute");
}

Result<Decision> revoke(PlanAsk& ask) {
  TRY(need_reason_of(ask, "revoking a calendar feed"));
  const std::string id = text_in(ask.body, "feed");
  Json left = Json::array();
  bool known = false;
  const Json items = feed_items(ask.view());
  for (const Json& item : items.items()) {
    const bool same = text_in(item, "feed") == id;
    known = known || same;
    if (!same) left.push(item);
  }
  if (!known) return make_error(ErrorCode::not_found, cat("no feed is called ", clip(id, 64)));
  return keep_feeds(ask, fact::kFeedRevoked, id, std::move(left),
                    "is served no more; its address is worth nothing now");
}

// Without the hashes: nobody needs them.
Result<Decision> list_feeds(PlanAsk& ask) {
  Json feeds = Json::array();
  const Json items = feed_items(ask.view());
  for (const Json& item : items.items()) {
    Json shown = Json::object();
    for (const std::string_view key : {"feed", "of", "course", "clinic", "by", "at"}) {
      if (item.has(key)) shown.set(std::string(key), item[key]);
    }
    feeds.push(std::move(shown));
  }
  Decision decision;
  decision.message = cat(feeds.items().size(), " feeds");
  decision.reply = Json::object().set("feeds", std::move(feeds));
  return decision;
}

constexpr PlanVerb kFeedVerbs[] = {
    {"feed/create", create},
    {"feed/list", list_feeds},
    {"feed/revoke", revoke},
};

WantedVisits wanted_of(const Json& item) {
  WantedVisits wanted;
  const std::string of = text_in(item, "of");
  wanted.thaws = of == "lab";
  wanted.infusions = of != "lab";
  wanted.clinic = text_in(item, "clinic");
  if (Result<CourseId> course = CourseId::parse(text_in(item, "course"))) wanted.course = *course;
  return wanted;
}

}  // namespace

std::span<const PlanVerb> feed_verbs() { return kFeedVerbs; }

void FeedDesk::record_changed() {
  changed_ = true;
  at_ = std::min(at_, rested_);
}

// As the record has them; true when one came or went.
bool FeedDesk::sync() {
  const Json items = feed_items(inventory::View(bank_.ledger));
  std::map<std::string, Feed, std::less<>> feeds;
  for (const Json& item : items.items()) {
    const std::string id = text_in(item, "feed");
    const auto known = feeds_.find(id);
    if (known != feeds_.end() && known->second.wanted == item.dump()) {
      feeds.insert(feeds_.extract(known));
      continue;
    }
    Feed feed;
    feed.wanted = item.dump();
    const auto digest = from_hex(text_in(item, "secret_sha256"));
    if (!digest || digest->size() != sizeof(Sha256)) continue;
    std::ranges::copy(*digest, feed.served.digest.begin());
    feeds.emplace(id, std::move(feed));
  }
  const bool gone = !feeds_.empty();  // what was not taken over
  const auto fresh = [](const auto& one) { return one.second.served.text == nullptr; };
  feeds_ = std::move(feeds);
  return gone || std::ranges::any_of(feeds_, fresh);
}

// False: none is stale.
bool FeedDesk::write_one(const Now& now) {
  const auto stale = std::ranges::find_if(feeds_, [](const auto& one) { return one.second.stale; });
  if (stale == feeds_.end()) return false;
  const inventory::View view(bank_.ledger);
  const auto item = parse_json(stale->second.wanted);
  CHECK(item.ok());
  const config::SiteConfig& site = bank_.config;
  std::size_t withheld = 0;
  const auto visits = visits_of(site, view, wanted_of(*item),
                                site.zone.local(clock_.plan_time(now.wall)).day, withheld);
  const std::string title = cat("cryobank ", site.site.str(), " ", text_in(*item, "of"));
  ServedFeed& served = stale->second.served;
  std::string text = schedule::to_icalendar(site.site.str(), title, visits, now.wall);
  served.tag = cat("\"", to_hex(sha256(text)).substr(0, 32), "\"");
  served.text = std::make_shared<const std::string>(std::move(text));
  stale->second.stale = false;
  return true;
}

void FeedDesk::look(const Now& now, Effects& effects) {
  bool news = sync() || !shown_;
  if (changed_ && rested_ <= now.mono) {
    for (auto& [id, feed] : feeds_) feed.stale = true;
    changed_ = false;
    rested_ = now.mono + kFeedRest;
  }
  const bool wrote = write_one(now);
  news = news || wrote;
  at_ = wrote ? now.mono + kFeedPause : changed_ ? rested_ : kNever;
  if (!news) return;
  shown_ = true;
  auto shown = std::make_shared<std::vector<ServedFeed>>();
  for (const auto& [id, feed] : feeds_) {
    if (feed.served.text != nullptr) shown->push_back(feed.served);
  }
  effects.emplace_back(ShowFeeds{std::move(shown)});
}

}  // namespace cryobank::core
