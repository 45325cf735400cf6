#include "service/ctl/session_io.hpp"

#include <mqtt/async_client.h>
#include <sys/random.h>

#include <array>
#include <condition_variable>
#include <deque>
#include <mutex>

#include "base/text.hpp"
#include "base/time.hpp"
#include "base/try.hpp"
#include "service/ctl/answer.hpp"
#include "service/reach_io.hpp"
#include "service/tcp_no_delay_io.hpp"

namespace cryobank::ctl {
namespace {

using service::send_promptly_to;
using std::chrono::milliseconds;
using SteadyClock = std::chrono::steady_clock;

constexpr milliseconds kConnectBound{5000};
constexpr int kBrokerRefusal = 0x80;  // and above: reasons of a refusal
constexpr int kBadLogin = 0x86;
constexpr int kNotAuthorised = 0x87;  // Mosquitto's answer to a wrong password, too
constexpr milliseconds kQuiet{250};
constexpr std::size_t kWaitingMax = 200'000;
constexpr std::chrono::seconds kCommandLife{30};
constexpr std::chrono::seconds kAskAgain{5};

struct Arrived {
  std::string topic;
  std::string payload;
  std::string correlation;
  bool retained = false;
};

Error broker_error(std::string_view what, const std::exception& error) {
  return make_error(ErrorCode::unavailable, cat(what, ": ", error.what()));
}

// In words, by what the broker answered (MQTT 5, 3.2.2.2) or by looking again.
Error why_no_session(const Access& access, const std::exception& error) {
  const std::string where = cat("the broker at ", access.host, ":", access.port);
  int code = 0;
  if (const auto* told = dynamic_cast<const mqtt::exception*>(&error)) {
    code = std::max(told->get_return_code(), told->get_reason_code());
  }
  if (code == kBadLogin || code == kNotAuthorised) {
    return make_error(ErrorCode::not_authorised,
                      cat(where, " refuses the login \"", access.user,
                          "\": wrong user or password, or this user may not connect"));
  }
  if (code >= kBrokerRefusal) {
    return make_error(ErrorCode::unavailable, cat(where, " refuses the connection, reason ", code));
  }
  auto reach = service::look_why_unreachable(access.host, static_cast<std::uint16_t>(access.port));
  if (reach.trouble != core::LinkTrouble::none) {
    return make_error(ErrorCode::unavailable, std::move(reach.why));
  }
  if (!access.ca_file.empty()) {
    reach = service::look_why_no_tls(access.host, static_cast<std::uint16_t>(access.port),
                                     access.ca_file);
    if (reach.trouble != core::LinkTrouble::none) {
      return make_error(ErrorCode::unavailable, std::move(reach.why));
    }
  }
  return make_error(
      ErrorCode::unavailable,
      cat(where, " takes the connection and does not answer as an MQTT broker ",
          access.ca_file.empty() ? "without TLS" : "over TLS", " (", error.what(), ")"));
}

WallTime wall_now() {
  return WallTime{
      std::chrono::duration_cast<milliseconds>(std::chrono::system_clock::now().time_since_epoch())
          .count()};
}

// Asks for what comes after the last event there can be: nothing, and at once.
Json probe(const std::string& id) {
  constexpr std::int64_t kNoEvent = 9'000'000'000'000'000;
  return Json::object()
      .set("id", id)
      .set("expires_at", format_utc(wall_now() + seconds(kCommandLife.count())))
      .set("body", Json::object().set("stream", "service").set("from", kNoEvent));
}

}  // namespace

std::string make_command_id() {
  std::array<std::uint8_t, 16> bytes{};
  CHECK(getrandom(bytes.data(), bytes.size(), 0) == static_cast<ssize_t>(bytes.size()));
  bytes[6] = static_cast<std::uint8_t>((bytes[6] & 0x0F) | 0x40);
  bytes[8] = static_cast<std::uint8_t>((bytes[8] & 0x3F) | 0x80);
  const std::string hex = to_hex(bytes);
  return cat(hex.substr(0, 8), "-", hex.substr(8, 4), "-", hex.substr(12, 4), "-",
             hex.substr(16, 4), "-", hex.substr(20));
}

struct Session::Link {
  explicit Link(const Access& a)
      : access(a),
        root(cat("cryobank/v1/", a.site, "/")),
        client_id(cat("ctl-", make_command_id().substr(0, 8))),
        client(cat(a.ca_file.empty() ? "tcp" : "ssl", "://", a.host, ":", a.port), client_id,
               mqtt::create_options(MQTTVERSION_5)) {
    client.set_message_callback([this](const mqtt::const_message_ptr& message) { take(*message); });
    client.set_connection_lost_handler([this](const std::string&) { lose(); });
  }

  void take(const mqtt::message& message) {
    Arrived arrived{message.get_topic(), message.get_payload_str(), {}, message.is_retained()};
    if (message.get_properties().contains(mqtt::property::CORRELATION_DATA)) {
      arrived.correlation =
          mqtt::get<std::string>(message.get_properties(), mqtt::property::CORRELATION_DATA);
    }
    const std::lock_guard lock(mutex);
    if (arrived_queue.size() < kWaitingMax) arrived_queue.push_back(std::move(arrived));
    wake.notify_all();
  }

  void lose() {
    const std::lock_guard lock(mutex);
    lost = true;
    wake.notify_all();
  }

  bool is_lost() {
    const std::lock_guard lock(mutex);
    return lost;
  }

  // The next message, or nothing when none came by `deadline` or the link is lost.
  std::optional<Arrived> next(SteadyClock::time_point deadline) {
    std::unique_lock lock(mutex);
    wake.wait_until(lock, deadline, [this] { return lost || !arrived_queue.empty(); });
    if (arrived_queue.empty()) return std::nullopt;
    Arrived arrived = std::move(arrived_queue.front());
    arrived_queue.pop_front();
    return arrived;
  }

  Status subscribe(const std::string& filter) {
    try {
      client.subscribe(filter, 1)->wait_for(kConnectBound);
      return {};
    } catch (const std::exception& error) {
      return broker_error(cat("subscribe to ", filter), error);
    }
  }

  // Two at one terminal read each other's replies; the correlation tells whose each is.
  std::string reply_topic() const {
    return cat(root, "reply/", access.user, "/",
               access.terminal.empty() ? client_id : access.terminal);
  }

  mqtt::const_message_ptr command(std::string_view verb, const Json& body, const std::string& id) {
    mqtt::properties properties;
    properties.add(mqtt::property(mqtt::property::RESPONSE_TOPIC, reply_topic()));
    properties.add(mqtt::property(mqtt::property::CORRELATION_DATA, id));
    properties.add(mqtt::property(mqtt::property::MESSAGE_EXPIRY_INTERVAL,
                                  static_cast<int32_t>(kCommandLife.count())));
    return mqtt::message::create(cat(root, "command/", access.user, "/", verb), body.dump(), 1,
                                 false, properties);
  }

  Access access;
  std::string root;
  std::string client_id;
  mqtt::async_client client;
  std::mutex mutex;  // guards the three below
  std::condition_variable wake;
  std::deque<Arrived> arrived_queue;
  bool lost = false;
};

Session::Session(std::unique_ptr<Link> link) : link_(std::move(link)) {}

Session::~Session() {
  try {
    if (link_->client.is_connected()) link_->client.disconnect()->wait_for(milliseconds(1000));
  } catch (const std::exception&) {
    // The connection is gone either way, and nothing waits for it.
    return;
  }
}

Result<std::unique_ptr<Session>> Session::open(const Access& access) {
  auto link = std::make_unique<Link>(access);
  mqtt::connect_options_builder options;
  options.mqtt_version(MQTTVERSION_5)
      .clean_start(true)
      .keep_alive_interval(std::chrono::seconds(20))
      .connect_timeout(std::chrono::seconds(5));
  if (!access.user.empty()) options.user_name(access.user).password(access.password);
  if (!access.ca_file.empty()) {
    options.ssl(mqtt::ssl_options_builder().trust_store(access.ca_file).verify(true).finalize());
  }
  try {
    if (!link->client.connect(options.finalize())->wait_for(kConnectBound)) {
      return make_error(ErrorCode::unavailable, cat("the broker at ", access.host, ":", access.port,
                                                    " did not answer within 5 s"));
    }
  } catch (const std::exception& error) {
    return why_no_session(access, error);
  }
  send_promptly_to(static_cast<std::uint16_t>(access.port));
  return std::unique_ptr<Session>(new Session(std::move(link)));
}

const std::string& Session::user() const { return link_->access.user; }

Result<Json> Session::request(std::string_view verb, Json command, std::chrono::seconds within,
                              bool until_done, const std::function<void(const Json&)>& progress) {
  Link& link = *link_;
  TRY(link.subscribe(link.reply_topic()));
  if (!command.has("id")) command.set("id", make_command_id());
  TRY_ASSIGN(const std::string named, command.get_string("id"));
  const std::string& id = named;
  if (!command.has("expires_at")) {
    command.set("expires_at", format_utc(wall_now() + seconds(kCommandLife.count())));
  }
  const auto message = link.command(verb, command, id);
  const auto send = [&]() -> Status {
    try {
      const auto token = link.client.publish(message);
      token->wait_for(kConnectBound);
      if (static_cast<int>(token->get_reason_code()) < 0x80) return {};
      return make_error(ErrorCode::not_authorised,
                        cat("the broker refused the command of \"", user(), "\""));
    } catch (const std::exception& error) {
      return broker_error("the broker refused the command", error);
    }
  };
  TRY(send());
  const auto deadline = SteadyClock::now() + within;
  // A reply may have been thrown away where too many wait: the same command again gets the same
  // reply, and does nothing twice.
  auto ask_again = SteadyClock::now() + kAskAgain;
  const auto expiry = SteadyClock::now() + kCommandLife;
  bool heard = false;
  while (SteadyClock::now() < deadline) {
    const auto arrived = link.next(heard ? deadline : std::min(deadline, ask_again));
    if (!arrived) {
      if (link.is_lost() || heard || SteadyClock::now() >= expiry) break;
      ask_again = SteadyClock::now() + kAskAgain;
      TRY(send());
      continue;
    }
    if (arrived->correlation != id) continue;
    heard = true;
    TRY_ASSIGN(const auto reply, parse_json(arrived->payload));
    TRY_ASSIGN(const Answer answer, read_answer(reply));
    if (until_done && answer.status == "accepted") {
      progress(reply);
      continue;
    }
    return reply;
  }
  return make_error(ErrorCode::unavailable, cat("no reply within ", within.count(), " s; command ",
                                                id, " may be sent again with the same id"));
}

Result<std::map<std::string, std::string>> Session::retained(std::string_view filter) {
  std::map<std::string, std::string> found;
  TRY(link_->subscribe(link_->root + std::string(filter)));
  // Only what is retained puts the end off: points of a busy site come live without a pause.
  auto end = SteadyClock::now() + kQuiet;
  while (const auto arrived = link_->next(end)) {
    if (arrived->retained) end = SteadyClock::now() + kQuiet;
    if (!arrived->topic.starts_with(link_->root) || !arrived->correlation.empty()) continue;
    const std::string topic = arrived->topic.substr(link_->root.size());
    found.erase(topic);
    if (!arrived->payload.empty()) found[topic] = arrived->payload;  // empty: it was cleared
    if (topic == filter && arrived->retained) break;                 // there is one of that name
  }
  return found;
}

Result<bool> Session::lives(std::chrono::seconds within) {
  Link& link = *link_;
  const std::string pulse = link.root + "service/pulse";
  const std::string id = make_command_id();
  const auto deadline = SteadyClock::now() + within;
  TRY(link.subscribe(pulse));
  TRY(link.subscribe(link.reply_topic()));
  try {
    // What it answers is all the same, a refusal too; and a broker that does not let this user ask
    // leaves the pulse.
    link.client.publish(link.command("event/replay", probe(id), id));
  } catch (const std::exception& error) {
    return broker_error("ask whether the service lives", error);
  }
  bool heard = false;
  while (!heard) {
    const auto arrived = link.next(deadline);
    if (!arrived) break;
    heard = (arrived->topic == pulse && !arrived->retained) || arrived->correlation == id;
  }
  try {
    for (const std::string& topic : {pulse, link.reply_topic()}) {
      link.client.unsubscribe(topic)->wait_for(kConnectBound);
    }
  } catch (const std::exception& error) {
    return broker_error("unsubscribe from the service's pulse", error);
  }
  return heard;
}

Status Session::follow(std::string_view filter, std::chrono::seconds within,
                       const std::function<bool(const Message&)>& hear) {
  TRY(link_->subscribe(link_->root + std::string(filter)));
  const auto deadline = SteadyClock::now() + within;
  while (const auto arrived = link_->next(deadline)) {
    if (!arrived->topic.starts_with(link_->root)) continue;
    if (!hear({arrived->topic.substr(link_->root.size()), arrived->payload})) return {};
  }
  if (link_->lost) return make_error(ErrorCode::unavailable, "the broker closed the connection");
  return {};
}

}  // namespace cryobank::ctl
