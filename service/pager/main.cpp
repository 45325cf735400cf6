// cryobank-pager: takes pages from MQTT to people, brings receipts back, and pages MONITOR DEAD by
// itself when the daemon or the broker falls silent.

#include <CLI/CLI.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <csignal>
#include <map>

#include "base/text.hpp"
#include "service/clock_io.hpp"
#include "service/config_files_io.hpp"
#include "service/log_io.hpp"
#include "service/mqtt_io.hpp"
#include "service/pager/channel_io.hpp"

namespace cryobank::pager {
namespace {

// One thread owns the watch; the broker's and the channels' threads post to it.
class Gateway {
 public:
  Gateway(const PagerConfig& config, service::BrokerAccess access)
      : root_(cat("cryobank/v1/", config.site, "/")),
        watch_(make_watch(config)),
        timer_(context_),
        signals_(context_, SIGINT, SIGTERM),
        broker_(config.mqtt, std::move(access), [this](core::Input input) {
          boost::asio::post(context_, [this, i = std::move(input)] { take(i); });
        }) {
    for (const ChannelDriver& driver : config.channels) {
      channels_.emplace(driver.channel,
                        std::make_unique<Channel>(driver, [this](const Delivery& d, bool good) {
                          boost::asio::post(context_, [this, d, good] { answer(d, good); });
                        }));
    }
  }

  void run() {
    signals_.async_wait([this](const boost::system::error_code&, int) { context_.stop(); });
    broker_.start();
    tick();
    context_.run();
    broker_.stop();
  }

 private:
  static WatchConfig make_watch(const PagerConfig& config) {
    WatchConfig watch{config.site, {}, config.silence, config.repeat};
    for (const ChannelDriver& driver : config.channels) watch.channels.push_back(driver.channel);
    return watch;
  }

  void take(const core::Input& input) {
    if (const auto* link = std::get_if<core::BrokerLink>(&input); link != nullptr && link->up) {
      broker_.subscribe({{root_ + "page/+", root_ + "service/beat"}, {}});
    }
    const auto* message = std::get_if<core::BrokerMessage>(&input);
    if (message == nullptr || !message->topic.starts_with(root_)) return;
    std::vector<Delivery> out;
    watch_.on_message(clock_.now(), std::string_view(message->topic).substr(root_.size()),
                      message->payload, out);
    hand_over(std::move(out));
  }

  void hand_over(std::vector<Delivery> deliveries) {
    for (Delivery& delivery : deliveries) {
      const auto channel = channels_.find(delivery.channel);
      if (channel != channels_.end()) channel->second->deliver(std::move(delivery));
    }
  }

  void answer(const Delivery& delivery, bool delivered) {
    const Receipt receipt = Watch::receipt(delivery, delivered, clock_.now());
    core::Publish publish;
    publish.id = ++last_publish_;
    publish.topic = cat(root_, "page/", receipt.channel, "/receipt/pager");
    publish.payload = receipt.body.dump();
    broker_.publish(publish);
  }

  void tick() {
    std::vector<Delivery> out;
    watch_.on_deadline(clock_.now(), out);
    hand_over(std::move(out));
    timer_.expires_after(std::chrono::seconds(1));
    timer_.async_wait([this](const boost::system::error_code& error) {
      if (!error) tick();
    });
  }

  std::string root_;
  Watch watch_;
  service::Clock clock_;
  boost::asio::io_context context_{1};
  boost::asio::steady_timer timer_;
  boost::asio::signal_set signals_;
  std::map<std::string, std::unique_ptr<Channel>> channels_;
  service::BrokerClient broker_;
  core::EffectId last_publish_ = 0;
};

int run(const std::string& file) {
  PagerConfig config;
  config::Faults faults;
  const auto text = service::read_config_file(file);
  if (!text) {
    faults.add(file, 0, text.error().context);
  } else {
    parse_pager_config(file, *text, config, faults);
  }
  service::print_faults(faults);
  if (!faults.ok()) return 1;
  if (const auto password = service::read_password(config.mqtt.password_file); !password) {
    service::write_log(core::LogLevel::error, password.error().context);
    return 1;
  }
  Gateway gateway(config, {cat("cryobank-pager-", config.site), {}});
  gateway.run();
  return 0;
}

}  // namespace
}  // namespace cryobank::pager

int main(int argc, char** argv) {
  CLI::App app("cryobank-pager: the pager gateway of the cryobank service");
  app.set_version_flag("--version", CRYOBANK_VERSION);
  std::string config;
  app.add_option("--config", config, "cryobank-pager.toml")->required();
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  signal(SIGPIPE, SIG_IGN);
  return cryobank::pager::run(config);
}
