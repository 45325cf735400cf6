// MQTT pagers with receipts: a device that subscribes to a topic of its own and answers on another,
// as the brokers of German alarm pagers do. Replies carry two digits: 02 received, 80 coming, 82
// later, 84 not coming; a device that says nothing on its keep-alive topic for three minutes is
// failing. `sent`: the device's broker has it; `delivered`: reply 02 for this very page.
//   out  p/u/17/r/8        {"id":"12-345","prio":1,"text":"P1 ...","code":"4471"}
//   in   p/u/17/reply      {"id":"12-345","reply":"80","code":"4471","eta_min":25,"user":"anna"}
//   in   p/u/17/ka         anything, each minute
#include <unistd.h>

#include <algorithm>
#include <array>
#include <condition_variable>
#include <deque>
#include <mutex>

#include "base/text.hpp"
#include "base/told_members.hpp"
#include "service/log_io.hpp"
#include "service/mqtt_io.hpp"
#include "service/pager/driver.hpp"

namespace cryobank::pager {
namespace {

constexpr std::chrono::seconds kAliveFor{180};
constexpr std::size_t kReplyMax = 4096;
constexpr std::size_t kHeardMax = 1000;

struct MqttPagerSetup {
  config::MqttConfig broker;
  std::string client;
  std::string password;
  std::string topic;
  std::string reply_topic;
  std::string alive_topic;  // empty: the device says nothing by itself
  std::string user;
};

struct Reply {
  std::string_view digits;
  std::string_view status;  // empty: received
};
constexpr std::array kReplies{Reply{"02", ""}, Reply{"80", "coming"}, Reply{"82", "later"},
                              Reply{"84", "not-coming"}};

class MqttPagerDriver : public Driver {
 public:
  explicit MqttPagerDriver(MqttPagerSetup setup)
      : setup_(std::move(setup)),
        client_(setup_.broker, {setup_.client, setup_.password, {}},
                [this](core::Input input) { take(std::move(input)); }) {
    client_.start();
  }

  ~MqttPagerDriver() override { client_.stop(); }

  Attempt send(const Outgoing& page, Until until) override {
    const Json body = Json::object()
                          .set("id", page.id)
                          .set("prio", page.priority)
                          .set("text", page.text)
                          .set("code", page.code.empty() ? Json() : Json(page.code));
    core::Publish publish;
    publish.topic = setup_.topic;
    publish.payload = body.dump();
    std::unique_lock lock(mutex_);
    if (!wake_.wait_until(lock, until, [this] { return up_; })) {
      return {Fate::failed, "the pagers' broker does not answer", {}, false};
    }
    publish.id = ++last_;
    const core::EffectId id = last_;
    acked_.reset();
    lock.unlock();
    client_.publish(publish);
    lock.lock();
    const bool came =
        wake_.wait_until(lock, until, [&] { return !up_ || (acked_ && acked_->publish == id); });
    if (!came || !acked_ || acked_->publish != id) {
      return {Fate::failed, "the pagers' broker did not take it in time", {}, false};
    }
    if (!acked_->ok)
      return {
          Fate::failed, cat("the pagers' broker refused it, reason ", acked_->reason), {}, false};
    return {Fate::sent, {}, page.id, false};
  }

  bool hears() const override { return true; }

  std::vector<Heard> listen(Until until) override {
    std::unique_lock lock(mutex_);
    wake_.wait_until(lock, until, [this] { return !heard_.empty(); });
    return std::exchange(heard_, {});
  }

  std::string probe(Until until) override {
    std::unique_lock lock(mutex_);
    if (!wake_.wait_until(lock, until, [this] { return up_; }))
      return "the pagers' broker does not answer";
    if (setup_.alive_topic.empty()) return {};
    const auto now = std::chrono::steady_clock::now();
    if (now - std::max(alive_at_, up_at_) < kAliveFor) return {};
    return "the pager is silent: battery or reach";
  }

 private:
  // The library calls this with locks of its own held, and takes them when it is called: it is
  // never called from here under our lock.
  void take(core::Input input) {
    const auto* link = std::get_if<core::BrokerLink>(&input);
    // Before a page may go out, so that no reply to it is missed.
    if (link != nullptr && link->up) {
      core::Subscribe subscribe;
      subscribe.filters = {setup_.reply_topic};
      if (!setup_.alive_topic.empty()) subscribe.filters.push_back(setup_.alive_topic);
      client_.subscribe(subscribe);
    }
    const std::lock_guard lock(mutex_);
    if (link != nullptr) {
      up_ = link->up;
      up_at_ = std::chrono::steady_clock::now();
    } else if (const auto* ack = std::get_if<core::BrokerAck>(&input)) {
      acked_ = *ack;
    } else if (const auto* message = std::get_if<core::BrokerMessage>(&input)) {
      on_message(*message);
    }
    wake_.notify_all();
  }

  void on_message(const core::BrokerMessage& message) {
    alive_at_ = std::chrono::steady_clock::now();
    if (message.topic != setup_.reply_topic || message.retained || heard_.size() >= kHeardMax)
      return;
    const Result<Json> body = parse_json(message.payload, kReplyMax);
    if (!body || !body->is_object()) return;
    RowReader in("a reply", *body);
    const std::string digits = in.text("reply");
    const auto reply = std::ranges::find(kReplies, digits, &Reply::digits);
    if (reply == kReplies.end()) in.refuse("reply", "a reply that a pager gives");
    const std::string page = in.text("id");
    const std::string code = told_text(in, *body, "code");
    const std::int64_t eta = told_number(in, *body, "eta_min", -1);
    const std::string user = told_text(in, *body, "user");
    if (!in.ok()) {
      return service::write_log(core::LogLevel::warning,
                                cat(message.topic, ": ", in.status().error().context));
    }
    Heard heard;
    heard.page = page;
    heard.text = clip(message.payload, 200);
    heard.fate = reply->status.empty() ? Fate::delivered : Fate::read;
    heard_.push_back(heard);  // who answers has it, too
    if (reply->status.empty()) return;
    heard.what = Heard::What::answer;
    heard.status = std::string(reply->status);
    heard.code = code;
    heard.user = user.empty() ? setup_.user : clip(user, 64);
    heard.eta_min = static_cast<int>(std::clamp<std::int64_t>(eta, -1, 1440));
    heard_.push_back(std::move(heard));
  }

  MqttPagerSetup setup_;
  std::mutex mutex_;  // guards what follows, to client_
  std::condition_variable wake_;
  bool up_ = false;
  std::chrono::steady_clock::time_point up_at_{};
  std::chrono::steady_clock::time_point alive_at_{};
  core::EffectId last_ = 0;
  std::optional<core::BrokerAck> acked_;
  std::vector<Heard> heard_;
  service::BrokerClient client_;
};

// Nothing connects before the configuration is known to be good.
class LateMqttPager : public Driver {
 public:
  explicit LateMqttPager(MqttPagerSetup setup) : setup_(std::move(setup)) {}
  Attempt send(const Outgoing& page, Until until) override { return driver().send(page, until); }
  std::vector<Heard> listen(Until until) override { return driver().listen(until); }
  bool hears() const override { return true; }
  bool hears_apart() const override { return true; }
  std::string probe(Until until) override { return driver().probe(until); }
  std::vector<NeededFile> needs() const override {
    return {{"ca_file", setup_.broker.ca_file, R_OK}};
  }

 private:
  Driver& driver() {
    std::call_once(made_, [this] { driver_ = std::make_unique<MqttPagerDriver>(setup_); });
    return *driver_;
  }
  MqttPagerSetup setup_;
  std::once_flag made_;
  std::unique_ptr<MqttPagerDriver> driver_;
};

bool is_topic(std::string_view topic) {
  return !topic.empty() && topic.size() < 200 &&
         topic.find_first_of("#+") == std::string_view::npos && is_utf8(topic);
}

std::unique_ptr<Driver> make_mqtt_pager(config::TableReader& reader, const ChannelCommon& common) {
  MqttPagerSetup setup;
  setup.client = cat("cryobank-pager-channel-", common.channel);
  setup.broker.user.clear();
  reader.text("host", setup.broker.host, config::Need::required);
  reader.integer("port", setup.broker.port, 1, 65535);
  reader.text("user_name", setup.broker.user);
  reader.text("password", setup.password);
  read_path(reader, "ca_file", setup.broker.ca_file);
  reader.text("topic", setup.topic, config::Need::required);
  reader.text("reply_topic", setup.reply_topic, config::Need::required);
  reader.text("alive_topic", setup.alive_topic);
  read_user(reader, setup.user);
  for (const auto& [key, topic] :
       {std::pair("topic", &setup.topic), std::pair("reply_topic", &setup.reply_topic),
        std::pair("alive_topic", &setup.alive_topic)}) {
    if (topic->empty() || is_topic(*topic)) continue;
    refuse_value(reader, key, "a topic without # and +", *topic);
  }
  return std::make_unique<LateMqttPager>(std::move(setup));
}

const KindRegistration kMqttPager({"mqtt-pager", "delivered", seconds(30), make_mqtt_pager});

}  // namespace
}  // namespace cryobank::pager
