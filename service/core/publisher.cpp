#include "service/core/publisher.hpp"

#include <algorithm>
#include <iterator>
#include <string_view>

#include "base/text.hpp"

namespace cryobank::core {
namespace {

// MQTT 5, 3.4.2.1: the broker took it, and nobody subscribes to it. The client library of Debian 12
// keeps this to itself; the ledger publishes again until a gateway says that it has the page.
constexpr int kNoSubscribers = 16;

std::size_t window_of(const BrokerLink& link, int in_flight_max) {
  const int limit = std::min(int{link.receive_max} - 1, in_flight_max);
  return static_cast<std::size_t>(std::max(1, limit));
}

std::uint32_t whole_seconds(Duration duration) {
  return static_cast<std::uint32_t>(std::max<std::int64_t>(1, duration.seconds()));
}

}  // namespace

Publisher::Publisher(Bank& bank, EventLog& events, Retained& retained, Points& points)
    : bank_(bank), events_(events), retained_(retained), points_(points) {}

void Publisher::page(const Now& now, const alarms::Page& page, std::string payload,
                     Effects& effects) {
  Letter letter;
  letter.publish.topic = bank_.topics.of(TopicKind::page, page.channel.str());
  letter.publish.payload = std::move(payload);
  letter.page = page.id;
  letter.priority = page.priority;
  letter.withdraws = page.kind == alarms::PageKind::withdraw;
  letter.expires_at = now.mono + page.expires_in;
  queue_page(now, std::move(letter), effects);
}

void Publisher::queue_page(const Now& now, Letter letter, Effects& effects) {
  const auto same = std::find_if(pages_.begin(), pages_.end(), [&letter](const Letter& waiting) {
    return waiting.page == letter.page;
  });
  if (same != pages_.end()) pages_.erase(same);
  const auto place = std::find_if(pages_.begin(), pages_.end(), [&letter](const Letter& waiting) {
    return waiting.priority > letter.priority;
  });
  pages_.insert(place, std::move(letter));
  if (pages_.size() <= kPagesWaitingMax) return;
  log(effects, LogLevel::error, cat("page ", pages_.back().page, " thrown away: too many wait"));
  bank_.pages.on_unsent(now, pages_.back().page, bank_.pages_out);
  pages_.pop_back();
}

void Publisher::reply(ReplyTo to, std::string payload, Effects& effects) {
  if (to.topic.empty()) return;
  std::erase_if(refused_others_.letters, [&to](const Letter& old) {
    return ReplyTo{old.publish.topic, old.publish.correlation, old.command} == to;
  });
  Letter letter;
  letter.publish.topic = std::move(to.topic);
  letter.publish.payload = std::move(payload);
  letter.publish.correlation = std::move(to.correlation);
  letter.command = std::move(to.command);
  replies_.push_back(std::move(letter));
  if (replies_.size() > kRepliesWaitingMax) drop_reply(effects);
}

// The oldest of whoever has most waiting: one that floods the queue loses its own replies first.
void Publisher::drop_reply(Effects& effects) {
  std::map<std::string_view, std::size_t> waiting;
  for (const Letter& letter : replies_) ++waiting[letter.publish.topic];
  const auto most =
      std::ranges::max_element(waiting, {}, [](const auto& one) { return one.second; });
  const auto oldest = std::ranges::find_if(
      replies_, [&](const Letter& letter) { return letter.publish.topic == most->first; });
  replies_.erase(oldest);
  if (replies_dropped_++ == 0) {
    log(effects, LogLevel::warning, "replies are thrown away: too many wait for the broker");
  }
}

// One line for many: the log must not grow with every reply that a flood costs.
void Publisher::tell_dropped(const Now& now, Effects& effects) {
  if (replies_dropped_ == replies_told_ || now.mono < tell_dropped_at_) return;
  log(effects, LogLevel::warning,
      cat(replies_dropped_ - replies_told_,
          " replies thrown away: too many wait for the broker; "
          "whoever sends its command again gets its reply"));
  replies_told_ = replies_dropped_;
  tell_dropped_at_ = now.mono + kDroppedToldEvery;
}

void Publisher::wipe(const std::string& topic) {
  Letter letter;
  letter.publish.topic = topic;
  letter.publish.retain = true;
  replies_.push_back(std::move(letter));
}

void Publisher::sign_of_life(TopicKind kind, std::string payload, Effects& effects) {
  if (!link_up()) return;
  Publish publish;
  publish.topic = bank_.topics.of(kind);
  publish.payload = std::move(payload);
  publish.qos = 0;
  effects.push_back(std::move(publish));
}

void Publisher::on_link(const BrokerLink& link, Effects& effects) {
  events_.on_link_lost();
  events_held_until_ = {};
  bring_back(refused_others_);
  bring_back(refused_alarms_);
  std::map<EffectId, Flight> lost = std::exchange(flights_, {});
  // Newest first, because each goes back to the front of its queue.
  while (!lost.empty()) {
    return_to_queue(std::move(lost.rbegin()->second));
    lost.erase(std::prev(lost.end()));
  }
  window_ = 0;
  if (!link.up) return;
  window_ = window_of(link, bank_.config.mqtt.in_flight_max);
  const std::string& root = bank_.topics.root();
  Subscribe subscribe;
  subscribe.filters = {cat(root, "command/+/+/+"), cat(root, "page/+/receipt/+"),
                       cat(root, "gateway/+/beat"), cat(root, "gateway/+/report")};
  subscribe.read_back = {cat(root, "alarm/+"),        cat(root, "job/+"),
                         cat(root, "course/+"),       cat(root, "worklist/+"),
                         cat(root, "container/+"),    cat(root, "device/+/description"),
                         cat(root, "device/+/state"), cat(root, "device/+/target/+"),
                         cat(root, "gateway/+/state")};
  effects.push_back(std::move(subscribe));
  retained_.mark_all();
  points_.mark_all();
}

void Publisher::return_to_queue(Flight flight) {
  if (Letter* letter = std::get_if<Letter>(&flight)) {
    if (letter->page.empty()) {
      replies_.push_front(std::move(*letter));
      return;
    }
    const auto place = std::find_if(pages_.begin(), pages_.end(), [letter](const Letter& waiting) {
      return waiting.priority >= letter->priority || waiting.page == letter->page;
    });
    // Its own repeat waits already: that one is newer.
    if (place == pages_.end() || place->page != letter->page) {
      pages_.insert(place, std::move(*letter));
    }
  } else if (const RetainedKey* key = std::get_if<RetainedKey>(&flight)) {
    retained_.put_back(*key);
  } else if (const PointRef* point = std::get_if<PointRef>(&flight)) {
    points_.put_back(point->slot);
  }
}

bool Publisher::on_ack(const Now& now, const BrokerAck& ack, Effects& effects) {
  const auto found = flights_.find(ack.publish);
  if (found == flights_.end()) return true;
  Flight flight = std::move(found->second);
  flights_.erase(found);
  const EventRef* event = std::get_if<EventRef>(&flight);
  if (ack.ok) {
    if (event) events_.on_ack(event->stream, event->number);
    if (const Letter* letter = std::get_if<Letter>(&flight); letter && !letter->page.empty()) {
      bank_.pages.on_published(now, letter->page, ack.reason != kNoSubscribers, bank_.pages_out);
    }
    return true;
  }
  const std::string topic = topic_of(flight);
  if (put_apart(now, std::move(flight), effects)) {
    log(effects, LogLevel::error,
        cat("the broker refused a publish of ", topic, ", reason ", ack.reason));
  }
  return false;
}

std::string Publisher::topic_of(const Flight& flight) const {
  if (const Letter* letter = std::get_if<Letter>(&flight)) return letter->publish.topic;
  if (const EventRef* event = std::get_if<EventRef>(&flight)) {
    return bank_.topics.of(TopicKind::event, event->stream);
  }
  if (const RetainedKey* key = std::get_if<RetainedKey>(&flight)) {
    return bank_.topics.of(key->kind, key->first, key->second);
  }
  return points_.topic(std::get<PointRef>(flight).slot);
}

bool Publisher::put_apart(const Now& now, Flight flight, Effects& effects) {
  if (std::holds_alternative<EventRef>(flight)) {
    events_.on_link_lost();
    events_held_until_ = now.mono + kRefusedAgainAfter;
    return true;
  }
  const RetainedKey* key = std::get_if<RetainedKey>(&flight);
  Letter* letter = std::get_if<Letter>(&flight);
  const bool urgent = (key && is_alarm(key->kind)) || (letter && !letter->page.empty());
  Refused& refused = urgent ? refused_alarms_ : refused_others_;
  const Duration pause = urgent ? kAlarmRefusedAgainAfter : kRefusedAgainAfter;
  if (refused.again_at == kNever) refused.again_at = now.mono + pause;
  if (key) return refused.topics.insert(*key).second;
  if (!letter) return refused.points.insert(std::get<PointRef>(flight).slot).second;
  if (is_overtaken(*letter)) return true;
  const bool given_up = letter->page.empty() && ++letter->refusals >= kReplyRefusalsMax;
  if (given_up || refused.letters.size() >= kRepliesWaitingMax) {
    log(effects, LogLevel::warning, cat("thrown away after refusals: ", letter->publish.topic));
  } else {
    refused.letters.push_back(std::move(*letter));
  }
  return true;
}

// The broker answers in the order of the publishes, so a later word on the same command still waits
// or is under way.
bool Publisher::is_overtaken(const Letter& letter) const {
  if (letter.command.empty()) return false;
  const auto same = [&letter](const Letter& other) {
    return other.command == letter.command && other.publish.topic == letter.publish.topic &&
           other.publish.correlation == letter.publish.correlation;
  };
  return std::ranges::any_of(replies_, same) ||
         std::ranges::any_of(flights_, [&same](const auto& flight) {
           const Letter* other = std::get_if<Letter>(&flight.second);
           return other && same(*other);
         });
}

// Newest first, because each letter goes back to the front of its queue.
void Publisher::bring_back(Refused& refused) {
  while (!refused.letters.empty()) {
    return_to_queue(std::move(refused.letters.back()));
    refused.letters.pop_back();
  }
  for (const RetainedKey& key : refused.topics) return_to_queue(key);
  for (const std::size_t slot : refused.points) return_to_queue(PointRef{slot});
  refused = {};
}

void Publisher::flush(const Now& now, Effects& effects) {
  tell_dropped(now, effects);
  if (now.mono >= events_held_until_) events_held_until_ = {};
  if (now.mono >= refused_alarms_.again_at) bring_back(refused_alarms_);
  if (now.mono >= refused_others_.again_at) bring_back(refused_others_);
  while (flights_.size() < window_ && send_next(now, effects)) {
  }
}

bool Publisher::send_next(const Now& now, Effects& effects) {
  if (send_letter(now, pages_, effects)) return true;
  if (send_retained(true, now, effects)) return true;
  if (send_letter(now, replies_, effects) || send_event(now, effects)) return true;
  if (send_retained(false, now, effects)) return true;
  if (!points_.waiting()) return false;
  Publish publish = points_.take(now);
  send(std::move(publish), PointRef{points_.last_taken()}, effects);
  return true;
}

bool Publisher::send_letter(const Now& now, std::deque<Letter>& queue, Effects& effects) {
  while (!queue.empty() && queue.front().expires_at <= now.mono) {
    log(effects, LogLevel::warning, cat("page ", queue.front().page, " expired unsent"));
    bank_.pages.on_unsent(now, queue.front().page, bank_.pages_out);
    queue.pop_front();
  }
  // The page ledger forgot it: taken, over or replaced while it waited for the broker.
  const auto is_stale = [this](const Letter& one) {
    return !one.page.empty() && !one.withdraws && !bank_.pages.state_of(one.page);
  };
  while (!queue.empty() && is_stale(queue.front())) {
    log(effects, LogLevel::info, cat("page ", queue.front().page, " is stale and not sent"));
    queue.pop_front();
  }
  if (queue.empty()) return false;
  Letter letter = std::move(queue.front());
  queue.pop_front();
  Publish publish = letter.publish;
  if (letter.expires_at != kNever) publish.expiry_s = whole_seconds(letter.expires_at - now.mono);
  send(std::move(publish), std::move(letter), effects);
  return true;
}

bool Publisher::send_retained(bool alarms, const Now& now, Effects& effects) {
  while (retained_.waiting(alarms)) {
    RetainedKey key;
    std::optional<Publish> publish = retained_.take(alarms, now, key);
    if (!publish) continue;
    send(std::move(*publish), std::move(key), effects);
    return true;
  }
  return false;
}

bool Publisher::send_event(const Now& now, Effects& effects) {
  if (events_held_until_ != Instant{}) return false;
  std::optional<EventLog::Outgoing> event = events_.take();
  if (!event) {
    std::optional<ReadRows> read = events_.wants_read(now.mono, bank_.last_effect + 1);
    if (read) {
      bank_.next_effect();
      effects.push_back(std::move(*read));
    }
    return false;
  }
  Publish publish;
  publish.topic = bank_.topics.of(TopicKind::event, event->stream);
  publish.payload = std::move(event->payload);
  send(std::move(publish), EventRef{event->stream, event->number}, effects);
  return true;
}

void Publisher::send(Publish publish, Flight flight, Effects& effects) {
  publish.id = bank_.next_effect();
  flights_.emplace(publish.id, std::move(flight));
  effects.push_back(std::move(publish));
}

Instant Publisher::next_deadline() const {
  if (!link_up()) return kNever;
  const Instant refused = std::min(refused_alarms_.again_at, refused_others_.again_at);
  return events_held_until_ == Instant{} ? refused : std::min(refused, events_held_until_);
}

bool Publisher::quiet() const {
  return flights_.empty() && pages_.empty() && replies_.empty() && !retained_.waiting(true) &&
         !retained_.waiting(false) && refused_alarms_.again_at == kNever &&
         refused_others_.again_at == kNever;
}

}  // namespace cryobank::core
