#include "service/mqtt_io.hpp"

#include <mqtt/async_client.h>

#include <algorithm>
#include <chrono>

#include "base/text.hpp"
#include "service/config_files_io.hpp"
#include "service/log_io.hpp"
#include "service/prompt_send_io.hpp"

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
    client.set_connection_lost_handler([this](const std::string& why) { line_.lost(why); });
    client.set_disconnected_handler([this](const mqtt::properties&, mqtt::ReasonCode reason) {
      line_.lost(cat("broker said ", static_cast<int>(reason)));
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

  mqtt::async_client client;

 private:
  BrokerClient& line_;
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
  std::string told;
  while (!stopping_) {
    if (connected_) {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [this] { return stopping_ || !connected_; });
      retry = kRetryMin;
      told.clear();
      continue;
    }
    if (connect()) continue;
    // Once per reason: a password that is wrong reads otherwise than a broker that is gone.
    if (told != why_) {
      write_log(core::LogLevel::warning,
                cat("broker ", config_.host, ":", config_.port, ": ", why_, ", trying again"));
      // Nobody was ever connected: the owner must hear all the same that he is not let in.
      if (refused_) post_(core::BrokerLink{false, 0});
    }
    told = why_;
    std::unique_lock lock(mutex_);
    wake_.wait_for(lock, retry, [this] { return stopping_.load(); });
    retry = std::min(retry * 2, kRetryMax);
  }
}

void BrokerClient::refresh_password() {
  if (config_.password_file.empty()) return;
  const auto password = read_password(config_.password_file);
  if (password) access_.password = *password;
}

bool BrokerClient::connect() {
  refresh_password();
  refused_ = false;
  why_ = "does not answer";
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
  if (!access_.password.empty()) builder.password(access_.password);
  if (!config_.ca_file.empty()) {
    mqtt::ssl_options_builder ssl;
    ssl.trust_store(config_.ca_file).verify(true);
    if (!config_.cert_file.empty()) ssl.key_store(config_.cert_file).private_key(config_.key_file);
    builder.ssl(ssl.finalize());
  }
  try {
    const mqtt::token_ptr token = library_->client.connect(builder.finalize());
    if (!token->wait_for(kConnectBound + kFlushBound)) return false;
    const mqtt::connect_response response = token->get_connect_response();
    std::uint16_t receive_max = kReceiveMaxDefault;
    const mqtt::properties& properties = response.get_properties();
    if (properties.contains(mqtt::property::RECEIVE_MAXIMUM)) {
      receive_max = mqtt::get<std::uint16_t>(properties, mqtt::property::RECEIVE_MAXIMUM);
    }
    send_promptly_to(config_.port);
    in_flight_ = 0;
    connected_ = true;
    post_(core::BrokerLink{true, receive_max});
    return true;
  } catch (const mqtt::exception& error) {
    // MQTT 5, 3.2.2.2: from 0x80 on the broker itself refuses.
    const int code = error.get_reason_code() >= 0x80 ? static_cast<int>(error.get_reason_code())
                                                     : error.get_return_code();
    refused_ = code >= 0x80;
    why_ = refused_ ? cat("refuses the login of ", config_.user, ", reason ", code)
           : config_.ca_file.empty()
               ? std::string("does not answer")
               : cat("no TLS connection (", error.what(), "); CA file ", config_.ca_file);
    return false;
  } catch (const std::exception& error) {
    why_ = error.what();
    return false;
  }
}

void BrokerClient::lost(std::string_view why) {
  if (!connected_.exchange(false)) return;
  write_log(core::LogLevel::warning, cat("broker link lost: ", why));
  post_(core::BrokerLink{false, 0});
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
