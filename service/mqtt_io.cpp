#include "service/mqtt_io.hpp"

#include <mqtt/async_client.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>

#include "base/text.hpp"
#include "service/config_files_io.hpp"
#include "service/log_io.hpp"
#include "service/reach_io.hpp"
#include "service/tcp_no_delay_io.hpp"

namespace cryobank::service {
namespace {

using std::chrono::milliseconds;

// Above the core's own window, so that the library never refuses a publish for want of buffers.
constexpr int kBufferedMax = 5000;
constexpr std::uint16_t kReceiveMaxDefault = 65'535;  // MQTT 5, 3.2.2.3.3: absent means this
constexpr milliseconds kConnectBound{5000};
constexpr milliseconds kRetryMin{200};
constexpr milliseconds kRetryMax{1000};
constexpr milliseconds kFlushBound{1000};
constexpr milliseconds kGuardBound{1000};
// Two clients of one identity throw each other out at every connect. So long each leaves the other
// the broker: enough for the alarm and its pages, and no storm of connects.
constexpr milliseconds kTakenOverPause{3000};
constexpr int kSessionTakenOver = 0x8E;  // MQTT 5, 3.14.2.1
// Mosquitto 2.0.11 closes the older connection without that reason: so many links in a row that
// broke so soon after they stood tell it as well.
constexpr int kShortLinksBelieved = 3;
constexpr std::chrono::seconds kShortLink{10};

std::string property_or_empty(const mqtt::properties& properties, mqtt::property::code code) {
  if (!properties.contains(code)) return {};
  return mqtt::get<std::string>(properties, code);
}

core::BrokerMessage to_input(const mqtt::message& message) {
  core::BrokerMessage input;
  input.topic = message.get_topic();
  const std::string& payload = message.get_payload_ref().str();
  input.payload = payload.substr(0, std::min(payload.size(), kMessageMax + 1));
  input.retained = message.is_retained();
  const mqtt::properties& properties = message.get_properties();
  input.response_topic = property_or_empty(properties, mqtt::property::RESPONSE_TOPIC);
  input.correlation = property_or_empty(properties, mqtt::property::CORRELATION_DATA);
  return input;
}

mqtt::const_message_ptr to_message(const core::Publish& publish) {
  mqtt::properties properties;
  properties.add(mqtt::property(mqtt::property::PAYLOAD_FORMAT_INDICATOR, 1));
  properties.add(mqtt::property(mqtt::property::CONTENT_TYPE, std::string("application/json")));
  if (publish.expiry_s > 0) {
    properties.add(mqtt::property(mqtt::property::MESSAGE_EXPIRY_INTERVAL,
                                  static_cast<int32_t>(publish.expiry_s)));
  }
  if (!publish.correlation.empty()) {
    properties.add(mqtt::property(mqtt::property::CORRELATION_DATA, publish.correlation));
  }
  return mqtt::message::create(publish.topic, publish.payload, publish.qos, publish.retain,
                               properties);
}

// What this client publishes itself never comes back while it is connected.
mqtt::subscribe_options without_own(mqtt::subscribe_options::RetainHandling retained) {
  return mqtt::subscribe_options(true, true, retained);
}

// Files that TLS needs and this process cannot read; empty when there are none.
std::string unreadable_file(const config::MqttConfig& config) {
  const std::pair<std::string_view, const std::string*> files[] = {{"ca_file", &config.ca_file},
                                                                   {"cert_file", &config.cert_file},
                                                                   {"key_file", &config.key_file}};
  for (const auto& [key, path] : files) {
    if (path->empty() || ::access(path->c_str(), R_OK) == 0) continue;
    return cat("the file ", *path, " ([mqtt] ", key, ") cannot be read: ", std::strerror(errno));
  }
  return {};
}

// The library hands it back as it is and never follows it.
void* to_context(core::EffectId id) {
  return reinterpret_cast<void*>(id);  // NOLINT(performance-no-int-to-ptr)
}
core::EffectId from_context(const mqtt::token& token) {
  return reinterpret_cast<core::EffectId>(token.get_user_context());
}

}  // namespace

struct BrokerClient::Library : mqtt::iaction_listener {
  Library(const std::string& uri, const std::string& id, BrokerClient& line)
      : client(uri, id, make_options()), line_(line) {
    client.set_message_callback([this](const mqtt::const_message_ptr& message) {
      if (message) line_.post_(to_input(*message));
    });
    client.set_connection_lost_handler([this](const std::string& why) {
      line_.lost(core::LinkTrouble::lost,
                 cat("the broker's link broke", why.empty() ? "" : ": ", why));
    });
    client.set_disconnected_handler([this](const mqtt::properties&, mqtt::ReasonCode reason) {
      if (static_cast<int>(reason) != kSessionTakenOver) {
        return line_.lost(core::LinkTrouble::lost,
                          cat("the broker ended the link, reason ", static_cast<int>(reason)));
      }
      line_.lost(core::LinkTrouble::taken_over,
                 cat("another client connected to the broker as \"", line_.access_.client_id,
                     "\": two of the same identity run"));
    });
  }

  static mqtt::create_options make_options() {
    mqtt::create_options options(MQTTVERSION_5, kBufferedMax);
    return options;
  }

  void on_success(const mqtt::token& token) override { answer(token, true); }
  void on_failure(const mqtt::token& token) override { answer(token, false); }

  void answer(const mqtt::token& token, bool ok) {
    --line_.in_flight_;
    const int reason = static_cast<int>(token.get_reason_code());
    line_.post_(core::BrokerAck{from_context(token), ok && reason < 0x80, reason});
  }

  // What the TLS library said of the newest attempt.
  void note_tls(const std::string& text) {
    const std::lock_guard lock(mutex_);
    tls_ += cat(tls_.empty() ? "" : "; ", trim(text));
  }
  std::string take_tls() {
    const std::lock_guard lock(mutex_);
    return std::exchange(tls_, {});
  }

  // Does the broker take what this login may not write? Unknown is no.
  bool takes_foreign_topic() {
    try {
      const mqtt::delivery_token_ptr token = client.publish(mqtt::message::create(
          cat("access-check/", line_.access_.client_id), std::string("{}"), 1, false));
      return token->wait_for(kGuardBound) && static_cast<int>(token->get_reason_code()) < 0x80;
    } catch (const std::exception&) {
      return false;
    }
  }

  mqtt::async_client client;

 private:
  BrokerClient& line_;
  std::mutex mutex_;
  std::string tls_;
};

BrokerClient::BrokerClient(const config::MqttConfig& config, BrokerAccess access, Post post)
    : config_(config), access_(std::move(access)), post_(std::move(post)) {
  const std::string scheme = config_.ca_file.empty() ? "tcp" : "ssl";
  library_ = std::make_unique<Library>(cat(scheme, "://", config_.host, ":", config_.port),
                                       access_.client_id, *this);
}

BrokerClient::~BrokerClient() {
  stop();
  library_.reset();  // its callbacks may still use the members below until it is gone
}

void BrokerClient::start() {
  owner_ = std::jthread([this] { own(); });
}

void BrokerClient::own() {
  milliseconds retry = kRetryMin;
  while (!stopping_) {
    if (connected_) {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [this] { return stopping_ || !connected_; });
      retry = kRetryMin;
      if (taken_over_.exchange(false)) {
        wake_.wait_for(lock, kTakenOverPause, [this] { return stopping_.load(); });
      }
      continue;
    }
    if (connect()) continue;
    std::unique_lock lock(mutex_);
    wake_.wait_for(lock, retry, [this] { return stopping_.load(); });
    retry = std::min(retry * 2, kRetryMax);
  }
}

bool BrokerClient::connect() {
  const auto password = read_password(config_.password_file);
  if (!password) {
    tell_trouble({false, 0, core::LinkTrouble::wrong_login, password.error().context});
    return false;
  }
  if (std::string why = unreadable_file(config_); !why.empty()) {
    tell_trouble({false, 0, core::LinkTrouble::certificate, std::move(why)});
    return false;
  }
  core::BrokerLink link = attempt(config_.password_file.empty() ? access_.password : *password);
  if (!link.up) {
    tell_trouble(std::move(link));
    return false;
  }
  link.unguarded = access_.checks_guard && library_->takes_foreign_topic();
  send_promptly_to(config_.port);
  told_.clear();
  in_flight_ = 0;
  up_since_ = std::chrono::steady_clock::now();
  connected_ = true;
  post_(link);
  // One that broke before it was called connected was told to nobody: the library's word came too
  // early, and would never come again.
  if (!library_->client.is_connected()) {
    lost(core::LinkTrouble::lost, "the broker's link broke as it began");
  }
  return true;
}

core::BrokerLink BrokerClient::attempt(const std::string& password) {
  mqtt::connect_options_builder builder;
  builder.mqtt_version(MQTTVERSION_5)
      .clean_start(true)
      .keep_alive_interval(std::chrono::seconds(config_.keep_alive_s))
      .connect_timeout(std::chrono::duration_cast<std::chrono::seconds>(kConnectBound))
      .max_inflight(65'535)
      .user_name(config_.user);
  if (!access_.will.topic.empty()) {
    builder.will(mqtt::message(access_.will.topic, access_.will.payload, 1, true));
  }
  if (!password.empty()) builder.password(password);
  if (!config_.ca_file.empty()) {
    mqtt::ssl_options_builder ssl;
    ssl.trust_store(config_.ca_file).verify(true);
    ssl.error_handler([this](const std::string& text) { library_->note_tls(text); });
    if (!config_.cert_file.empty()) ssl.key_store(config_.cert_file).private_key(config_.key_file);
    builder.ssl(ssl.finalize());
  }
  (void)library_->take_tls();
  try {
    const mqtt::token_ptr token = library_->client.connect(builder.finalize());
    if (!token->wait_for(kConnectBound + kFlushBound)) return why_refused(0);
    const mqtt::connect_response response = token->get_connect_response();
    std::uint16_t receive_max = kReceiveMaxDefault;
    const mqtt::properties& properties = response.get_properties();
    if (properties.contains(mqtt::property::RECEIVE_MAXIMUM)) {
      receive_max = mqtt::get<std::uint16_t>(properties, mqtt::property::RECEIVE_MAXIMUM);
    }
    return {true, receive_max};
  } catch (const mqtt::exception& error) {
    return why_refused(std::max(error.get_return_code(), error.get_reason_code()));
  } catch (const std::exception& error) {
    return {false, 0, core::LinkTrouble::silent, error.what()};
  }
}

// `code`: what the broker answered (MQTT 5, 3.2.2.2), when it is one of its answers.
core::BrokerLink BrokerClient::why_refused(int code) const {
  constexpr int kBadLogin = 0x86;
  constexpr int kNotAuthorised = 0x87;  // Mosquitto's answer to a wrong password, too
  const std::string where = cat("the broker ", config_.host, ":", config_.port);
  if (code == kBadLogin || code == kNotAuthorised) {
    return {false, 0, core::LinkTrouble::wrong_login,
            cat(where, " refuses the login \"", config_.user,
                "\": wrong user or password, or this user may not connect (reason ", code, ")")};
  }
  if (code >= 0x80) {
    return {false, 0, core::LinkTrouble::not_authorised,
            cat(where, " refuses the connection, reason ", code)};
  }
  Reach reach = look_why_unreachable(config_.host, config_.port);
  if (reach.trouble != core::LinkTrouble::none) {
    return {false, 0, reach.trouble, std::move(reach.why)};
  }
  if (!config_.ca_file.empty()) {
    const std::string said = library_->take_tls();
    reach = look_why_no_tls(config_.host, config_.port, config_.ca_file);
    if (reach.trouble != core::LinkTrouble::none) {
      return {false, 0, reach.trouble, std::move(reach.why)};
    }
    return {false, 0, core::LinkTrouble::certificate,
            cat("no TLS with ", where, ": ", said.empty() ? "it ends the handshake" : said)};
  }
  return {false, 0, core::LinkTrouble::silent,
          cat(where, " takes the connection and does not answer as an MQTT broker without TLS")};
}

void BrokerClient::tell_trouble(core::BrokerLink link) {
  if (link.why == told_) return;
  told_ = link.why;
  write_log(core::LogLevel::warning, cat("no broker: ", link.why, "; trying again"));
  post_(std::move(link));
}

void BrokerClient::lost(core::LinkTrouble trouble, std::string why) {
  if (trouble == core::LinkTrouble::taken_over) taken_over_ = true;  // before the owner wakes
  if (!connected_.exchange(false)) return;
  short_links_ = std::chrono::steady_clock::now() - up_since_ < kShortLink ? short_links_ + 1 : 0;
  if (trouble == core::LinkTrouble::lost && short_links_ >= kShortLinksBelieved) {
    trouble = core::LinkTrouble::taken_over;
    taken_over_ = true;
    why = cat("the broker's link broke ", short_links_.load(), " times within ", kShortLink.count(),
              " s of its begin: as if another client connected as \"", access_.client_id,
              "\": two of the same identity run");
  }
  write_log(core::LogLevel::warning, why);
  post_(core::BrokerLink{false, 0, trouble, std::move(why)});
  const std::lock_guard lock(mutex_);
  wake_.notify_all();
}

void BrokerClient::publish(const core::Publish& publish) {
  if (!connected_) return;
  try {
    if (publish.id == 0) {
      library_->client.publish(to_message(publish));
      return;
    }
    ++in_flight_;
    library_->client.publish(to_message(publish), to_context(publish.id), *library_);
  } catch (const std::exception& error) {
    write_log(core::LogLevel::warning, cat("publish to ", publish.topic, ": ", error.what()));
  }
}

void BrokerClient::subscribe(const core::Subscribe& subscribe) {
  if (!connected_) return;
  try {
    for (const std::string& filter : subscribe.filters) {
      library_->client.subscribe(filter, 1,
                                 without_own(mqtt::subscribe_options::DONT_SEND_RETAINED));
    }
    for (const std::string& filter : subscribe.read_back) {
      library_->client.subscribe(filter, 1,
                                 without_own(mqtt::subscribe_options::SEND_RETAINED_ON_SUBSCRIBE));
    }
  } catch (const std::exception& error) {
    write_log(core::LogLevel::error, cat("subscribe: ", error.what()));
  }
}

void BrokerClient::stop() {
  if (stopping_.exchange(true)) return;
  {
    const std::lock_guard lock(mutex_);
    wake_.notify_all();
  }
  if (owner_.joinable()) owner_.join();
  if (!connected_) return;
  for (auto waited = milliseconds(0); in_flight_ > 0 && waited < kFlushBound;
       waited += milliseconds(10)) {
    std::this_thread::sleep_for(milliseconds(10));
  }
  try {
    // A broker sends the will only of a client that died, so a client that stops leaves it itself.
    if (!access_.will.topic.empty()) {
      const auto will = mqtt::message::create(access_.will.topic, access_.will.payload, 1, true);
      library_->client.publish(will)->wait_for(kFlushBound);
    }
    library_->client.disconnect(static_cast<int>(kFlushBound.count()))->wait_for(kFlushBound);
  } catch (const std::exception& error) {
    write_log(core::LogLevel::warning, cat("disconnect: ", error.what()));
  }
  connected_ = false;
}

}  // namespace cryobank::service
