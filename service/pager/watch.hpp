// What the pager gateway decides, without a clock or a socket: which pages go to whom, which were
// seen before, and when the silence of the daemon or the broker is itself a page.
#pragma once

#include <deque>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"
#include "base/time.hpp"

namespace cryobank::pager {

struct WatchConfig {
  std::string site;
  std::vector<std::string> channels;  // the channels this gateway serves
  Duration silence = seconds(60);     // no beat for so long: MONITOR DEAD (10 s to 1 h)
  Duration repeat = minutes(3);       // MONITOR DEAD again
};

// One message to hand to a channel's driver.
struct Delivery {
  std::string channel;
  std::string page_id;
  std::string text;
  Json page;  // the whole page as it came; null for the gateway's own
};

// A receipt to publish: page/{channel}/receipt/{user}.
struct Receipt {
  std::string channel;
  Json body;
};

class Watch {
 public:
  explicit Watch(WatchConfig config);

  // A message of the site, topic below cryobank/v1/{site}/.
  void on_message(const Now& now, std::string_view topic, std::string_view payload,
                  std::vector<Delivery>& out);
  void on_deadline(const Now& now, std::vector<Delivery>& out);
  Instant next_deadline() const { return deadline_; }

  // After the driver tried: what to tell the daemon.
  static Receipt receipt(const Delivery& delivery, bool delivered, const Now& now);
  bool monitor_dead() const { return dead_; }

 private:
  void on_page(std::string_view channel, std::string_view payload, std::vector<Delivery>& out);
  void beat(const Now& now, std::vector<Delivery>& out);

  WatchConfig config_;
  Instant deadline_{};
  bool started_ = false;
  bool dead_ = false;
  std::int64_t epoch_ = 0;
  std::set<std::string> seen_;  // page id + attempt, so that a repeat by the broker is dropped
  std::deque<std::string> seen_order_;  // oldest first, for the bound
};

}  // namespace cryobank::pager
