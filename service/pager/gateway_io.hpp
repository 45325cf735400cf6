// Gateway: takes pages from the broker to the channels, receipts and answers back, and watches the
// daemon by itself. One thread owns queue and watch; broker and channels post to it. A page is said
// to be accepted only after its line is on disk.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <map>
#include <memory>
#include <set>

#include "service/clock_io.hpp"
#include "service/mqtt_io.hpp"
#include "service/pager/answer_desk.hpp"
#include "service/pager/channel_io.hpp"
#include "service/pager/gateway_words.hpp"
#include "service/pager/monitor_watch.hpp"
#include "service/pager/page_queue.hpp"
#include "service/pager/queue_file_io.hpp"

namespace cryobank::pager {

class Gateway {
 public:
  explicit Gateway(const PagerConfig& config);

  Status open();  // the queue of the run before
  int run();

 private:
  void take(const core::Input& input);
  void on_link(const core::BrokerLink& link);
  void on_message(const core::BrokerMessage& message);
  void on_ack(const core::BrokerAck& ack);
  void tried(const std::string& channel, const std::string& page, Attempt attempt);
  void heard(const std::string& channel, Heard heard);
  void prove_heard(bool steady);
  void say_back(const std::string& channel, std::string_view text);
  void probed(const std::string& channel, std::string why);
  void own_pages(const std::vector<OwnPage>& pages);
  // Writes what changed, then sends what became due: pages to channels, receipts to the broker.
  void take_page(std::string_view channel, const Json& page);
  void start_watch();
  void tell_reports();
  void settle();
  void save();
  void feed_channels();
  void send_receipts();
  void say_state(bool force);
  void beat();
  void tick();
  void end();
  Json state_json(std::string_view state) const;
  void publish(const std::string& topic, const Json& body, int qos, bool retain);

  const PagerConfig& config_;
  std::string root_;
  const std::string run_;  // of this very process
  PageQueue queue_;
  QueueFile file_;
  MonitorWatch watch_;
  service::Clock clock_;
  boost::asio::io_context context_{1};
  boost::asio::steady_timer timer_;
  boost::asio::signal_set signals_;
  std::map<std::string, std::unique_ptr<Channel>> channels_;
  std::map<std::string, Failing> failing_;  // by channel
  service::BrokerClient broker_;
  bool up_ = false;
  core::EffectId last_publish_ = 0;
  std::map<core::EffectId, std::uint64_t> in_flight_;  // receipts
  std::set<std::uint64_t> flying_;
  std::vector<std::uint64_t> unproven_;  // the broker took them; nobody knows who heard
  AnswerDesk desk_;
  std::uint64_t answers_ = 0;
  std::string beat_trouble_;  // why the last beat could not be read; empty: it was
  std::string said_;          // state as published last
  std::uint64_t ticks_ = 0;
  std::uint64_t beats_ = 0;
  std::string remembered_;
};

}  // namespace cryobank::pager
