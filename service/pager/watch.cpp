#include "service/pager/watch.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace cryobank::pager {
namespace {

// Pages remembered for dropping repeats: a night's flood many times over.
constexpr std::size_t kSeenMax = 10'000;
constexpr std::size_t kPageMax = 16 * 1024;

}  // namespace

Watch::Watch(WatchConfig config) : config_(std::move(config)) {}

void Watch::on_message(const Now& now, std::string_view topic, std::string_view payload,
                       std::vector<Delivery>& out) {
  if (topic == "service/beat") {
    beat(now, out);
    return;
  }
  const auto parts = split(topic, '/');
  if (parts.size() == 2 && parts[0] == "page") on_page(parts[1], payload, out);
}

void Watch::on_page(std::string_view channel, std::string_view payload,
                    std::vector<Delivery>& out) {
  const bool served = std::find(config_.channels.begin(), config_.channels.end(), channel) !=
                      config_.channels.end();
  const auto page = parse_json(payload, kPageMax);
  if (!served || !page || !page->is_object()) return;
  const std::string key =
      cat(channel, "/", page->string_or("page", ""), "/", page->integer_or("attempt", 0));
  if (!seen_.insert(key).second) return;
  seen_order_.push_back(key);
  if (seen_order_.size() > kSeenMax) {
    seen_.erase(seen_order_.front());
    seen_order_.pop_front();
  }
  out.push_back(
      {std::string(channel), page->string_or("page", ""), page->string_or("text", ""), *page});
}

void Watch::beat(const Now& now, std::vector<Delivery>& out) {
  if (dead_) {
    for (const std::string& channel : config_.channels) {
      out.push_back({channel, cat("monitor-", format_utc(now.wall)),
                     cat("MONITOR BACK ", config_.site, ": the cryobank service is heard again"),
                     Json()});
    }
  }
  dead_ = false;
  started_ = true;
  deadline_ = now.mono + config_.silence;
}

void Watch::on_deadline(const Now& now, std::vector<Delivery>& out) {
  if (!started_) {
    started_ = true;
    deadline_ = now.mono + config_.silence;
    return;
  }
  if (now.mono < deadline_) return;
  dead_ = true;
  deadline_ = now.mono + config_.repeat;
  for (const std::string& channel : config_.channels) {
    out.push_back({channel, cat("monitor-", format_utc(now.wall)),
                   cat("P1 MONITOR DEAD ", config_.site, " no word from the cryobank service for ",
                       config_.silence.seconds(), "s. Freezers are NOT watched. GO and look"),
                   Json()});
  }
}

Receipt Watch::receipt(const Delivery& delivery, bool delivered, const Now& now) {
  Json body = Json::object();
  body.set("page", delivery.page_id)
      .set("status", delivered ? "delivered" : "failed")
      .set("at", format_utc(now.wall));
  return {delivery.channel, std::move(body)};
}

}  // namespace cryobank::pager
