// Publisher: everything that leaves for the broker, in order of what may wait least: pages, alarms,
// replies, events, retained state, points. It keeps fewer QoS 1 publishes open than the broker's
// Receive Maximum, and sends again what a broken link swallowed or the broker refused; what is
// refused waits apart, so that one topic holds up no other. Pages, replies and events are bounded
// by named constants below and never vanish without a log line; retained topics and points need no
// queue, since only the newest state counts.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <map>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "service/alarms/board.hpp"
#include "service/core/bank.hpp"
#include "service/core/points.hpp"
#include "service/core/retained.hpp"
#include "service/wire/event_log.hpp"
#include "service/wire/work.hpp"

namespace cryobank::core {

// A page that waits is replaced by its own repeat, so this bounds distinct pages: alarms times
// tiers of a whole site in alarm.
inline constexpr std::size_t kPagesWaitingMax = 2'000;
// An asker whose reply was thrown away asks again with the same id and gets it from the store.
inline constexpr std::size_t kRepliesWaitingMax = 2'048;
inline constexpr Duration kDroppedToldEvery = seconds(10);
// What the broker refused is tried again so seldom, since mostly a change of its rules cures it;
// but pages and alarms sooner, since a quota or a full queue may have.
inline constexpr Duration kRefusedAgainAfter = seconds(30);
inline constexpr Duration kAlarmRefusedAgainAfter = seconds(5);
// A reply that was refused so often is thrown away: its asker asks again.
inline constexpr int kReplyRefusalsMax = 3;

// Where a reply goes, and which command it answers.
struct ReplyTo {
  std::string topic;  // empty: nobody is told
  std::string correlation;
  std::string command;
  bool operator==(const ReplyTo&) const = default;
};

inline ReplyTo address_of(const Command& command) {
  return {command.reply_topic, command.correlation, command.id};
}

class Publisher {
 public:
  Publisher(Bank& bank, EventLog& events, Retained& retained, Points& points);

  void page(const Now& now, const alarms::Page& page, std::string payload, Effects& effects);
  // An earlier answer to the same that still waits after a refusal is dropped: it would come late.
  void reply(ReplyTo to, std::string payload, Effects& effects);
  // Removes a retained message that somebody else left.
  void wipe(const std::string& topic);
  // A beat or a pulse: at once, QoS 0, only while the link is up.
  void sign_of_life(TopicKind kind, std::string payload, Effects& effects);

  void on_link(const BrokerLink& link, Effects& effects);
  // False: the broker refused it.
  bool on_ack(const Now& now, const BrokerAck& ack, Effects& effects);
  // Sends what the window allows.
  void flush(const Now& now, Effects& effects);
  Instant next_deadline() const;

  bool link_up() const { return window_ > 0; }
  // Nothing of weight waits or is in flight: the moment to stop.
  bool quiet() const;
  std::size_t in_flight() const { return flights_.size(); }
  // Replies thrown away in this run; told in the beat, so that an asker who waits can tell.
  std::uint64_t replies_dropped() const { return replies_dropped_; }

 private:
  struct Letter {  // a page or a reply: kept until acknowledged
    Publish publish;
    std::string page;     // id of the page; empty for a reply
    std::string command;  // that a reply answers
    alarms::Priority priority = alarms::Priority::p3;
    Instant expires_at = kNever;
    int refusals = 0;
    bool withdraws = false;  // a page that only takes others back
  };
  struct EventRef {
    std::string stream;
    std::uint64_t number = 0;
  };
  struct PointRef {
    std::size_t slot = 0;
  };
  using Flight = std::variant<Letter, EventRef, RetainedKey, PointRef>;
  // Refused by the broker; goes back to its queues at `again_at`.
  struct Refused {
    std::deque<Letter> letters;
    std::set<RetainedKey> topics;
    std::set<std::size_t> points;
    Instant again_at = kNever;
  };

  bool send_next(const Now& now, Effects& effects);
  bool send_letter(const Now& now, std::deque<Letter>& queue, Effects& effects);
  bool send_retained(bool alarms, const Now& now, Effects& effects);
  bool send_event(const Now& now, Effects& effects);
  void send(Publish publish, Flight flight, Effects& effects);
  void return_to_queue(Flight flight);
  // False: it waits already, and was told.
  bool put_apart(const Now& now, Flight flight, Effects& effects);
  bool is_overtaken(const Letter& letter) const;
  void bring_back(Refused& refused);
  std::string topic_of(const Flight& flight) const;
  void drop_reply(Effects& effects);
  void tell_dropped(const Now& now, Effects& effects);
  void queue_page(const Now& now, Letter letter, Effects& effects);

  Bank& bank_;
  EventLog& events_;
  Retained& retained_;
  Points& points_;
  std::size_t window_ = 0;    // 0: no link
  std::deque<Letter> pages_;  // by priority, then by time
  std::deque<Letter> replies_;
  std::uint64_t replies_dropped_ = 0;
  std::uint64_t replies_told_ = 0;  // of them, in the log
  Instant tell_dropped_at_{};
  std::map<EffectId, Flight> flights_;
  Refused refused_alarms_;  // and pages
  Refused refused_others_;
  Instant events_held_until_{};
};

}  // namespace cryobank::core
