#include "service/pager/gateway_io.hpp"

#include <unistd.h>

#include <boost/asio/post.hpp>
#include <csignal>
#include <cstdio>

#include "base/text.hpp"
#include "base/try.hpp"
#include "service/log_io.hpp"
#include "service/pager/page_reader.hpp"
#include "service/pager/sip_text_io.hpp"

namespace cryobank::pager {
namespace {

constexpr std::size_t kPageMax = 16 * 1024;
constexpr std::chrono::milliseconds kTick{500};
constexpr std::uint64_t kTicksPerBeat = 10;  // 5 s
constexpr std::uint64_t kTicksPerSave = 4;
// Below the broker's usual Receive Maximum of 20.
constexpr std::size_t kInFlightMax = 15;
// A channel that hangs holds up the end of the program no longer.
constexpr std::chrono::seconds kEndWithin{3};

std::set<std::string> ids_of(const PagerConfig& config) {
  std::set<std::string> ids;
  for (const ChannelSetup& channel : config.channels) ids.insert(channel.id);
  return ids;
}

WatchConfig watch_of(const PagerConfig& config) {
  WatchConfig watch;
  watch.site = config.site;
  watch.silence = config.silence;
  watch.repeat = config.repeat;
  watch.tier_after = config.tier_after;
  watch.unpaged = config.unpaged;
  watch.zone = config.zone;
  for (const ChannelSetup& channel : config.channels) {
    watch.channels.push_back({channel.id, channel.tier});
  }
  return watch;
}

Link seen(const core::BrokerLink& link) {
  using core::LinkTrouble;
  if (link.up) return Link::up;
  if (link.trouble == LinkTrouble::certificate) return Link::untrusted;
  const bool refused =
      link.trouble == LinkTrouble::wrong_login || link.trouble == LinkTrouble::not_authorised;
  return refused ? Link::refused : Link::down;
}

service::Will will_of(const PagerConfig& config, std::string_view run) {
  return {cat("cryobank/v1/", config.site, "/gateway/", config.mqtt.user, "/state"),
          gateway_will(config, run).dump()};
}

}  // namespace

Gateway::Gateway(const PagerConfig& config)
    : config_(config),
      root_(cat("cryobank/v1/", config.site, "/")),
      run_(random_hex()),
      queue_(ids_of(config)),
      watch_(watch_of(config)),
      timer_(context_),
      signals_(context_, SIGINT, SIGTERM),
      broker_(
          config.mqtt,
          {cat("cryobank-pager-", config.mqtt.user, "-", config.site), {}, will_of(config, run_)},
          [this](core::Input input) {
            boost::asio::post(context_, [this, i = std::move(input)] { take(i); });
          }) {}

Status Gateway::open() {
  TRY(file_.open(config_.state_dir, [this](std::string_view line) { return queue_.replay(line); }));
  if (!file_.trouble().empty()) service::write_log(core::LogLevel::warning, file_.trouble());
  queue_.replayed();
  if (file_.unreadable() > 0) {
    std::vector<OwnPage> out;
    watch_.on_unreadable(clock_.now(), file_.unreadable(), out);
    own_pages(out);
    tell_reports();
  }
  static_cast<void>(queue_.take_lines());
  static_cast<void>(file_.rewrite(queue_.snapshot()));
  start_watch();
  return {};
}

void Gateway::start_watch() {
  const std::string path = cat(config_.state_dir, "/heard.json");
  const std::string text = read_small_file(path);
  Result<Json> remembered = text.empty() ? Result<Json>(Json()) : parse_json(text);
  const Status started =
      remembered ? watch_.start(clock_.now(), *remembered) : Status(remembered.error());
  if (started) return;
  if (!remembered) static_cast<void>(watch_.start(clock_.now(), Json()));
  const std::string aside = cat(path, ".damaged");
  const bool kept = replace_file(aside, text);
  service::write_log(core::LogLevel::warning,
                     cat(path, ": ", started.error().context, "; begun anew, ",
                         kept ? cat("the file is kept as ", aside) : "the file is lost"));
}

void Gateway::tell_reports() {
  for (const Json& report : watch_.take_reports()) {
    queue_.tell(cat("gateway/", config_.mqtt.user, "/report"), report);
  }
}

int Gateway::run() {
  Channel::Callbacks callbacks;
  callbacks.tried = [this](const std::string& channel, const std::string& page, Attempt attempt) {
    boost::asio::post(context_, [=, this] { tried(channel, page, attempt); });
  };
  callbacks.heard = [this](const std::string& channel, Heard heard) {
    boost::asio::post(context_, [=, this] { this->heard(channel, heard); });
  };
  callbacks.probed = [this](const std::string& channel, std::string why) {
    boost::asio::post(context_, [=, this] { probed(channel, why); });
  };
  for (const ChannelSetup& setup : config_.channels) {
    channels_.emplace(setup.id, std::make_unique<Channel>(setup, callbacks));
  }
  signals_.async_wait([this](const boost::system::error_code&, int) { context_.stop(); });
  broker_.start();
  tick();
  context_.run();
  end();
  return 0;
}

void Gateway::end() {
  publish(cat("gateway/", config_.mqtt.user, "/state"), state_json("offline"), 1, true);
  broker_.stop();
  save();
  for (auto& [id, channel] : channels_) channel->ask_to_stop();
  const auto until = std::chrono::steady_clock::now() + kEndWithin;
  for (auto& [id, channel] : channels_) {
    while (!channel->ended() && std::chrono::steady_clock::now() < until) ::usleep(10'000);
    if (channel->ended()) continue;
    service::write_log(core::LogLevel::warning, cat("channel ", id, " hangs and is left behind"));
    ::_exit(0);  // everything that counts is on disk
  }
}

void Gateway::take(const core::Input& input) {
  if (const auto* link = std::get_if<core::BrokerLink>(&input)) on_link(*link);
  if (const auto* message = std::get_if<core::BrokerMessage>(&input)) on_message(*message);
  if (const auto* ack = std::get_if<core::BrokerAck>(&input)) on_ack(*ack);
  settle();
}

void Gateway::on_link(const core::BrokerLink& link) {
  up_ = link.up;
  in_flight_.clear();
  flying_.clear();
  unproven_.clear();
  watch_.on_link(seen(link));
  if (link.trouble == core::LinkTrouble::taken_over) {
    std::vector<OwnPage> out;
    watch_.on_second(clock_.now(), config_.mqtt.user, out);
    own_pages(out);
    tell_reports();
  }
  if (!link.up) return;
  broker_.subscribe({{root_ + "page/+", root_ + "service/beat"}, {}});
  say_state(true);
  beat();
}

void Gateway::on_message(const core::BrokerMessage& message) {
  if (!message.topic.starts_with(root_) || message.retained) return;
  const std::string_view below = std::string_view(message.topic).substr(root_.size());
  const Result<Json> body = parse_json(message.payload, kPageMax);
  const bool object = body && body->is_object();
  if (below == "service/beat" && object) {
    std::vector<OwnPage> out;
    const Status heard = watch_.on_beat(clock_.now(), *body, out);
    std::string trouble = heard ? std::string() : heard.error().context;
    if (!trouble.empty() && trouble != beat_trouble_) {
      service::write_log(core::LogLevel::error, cat("a beat is not heard: ", trouble));
    }
    beat_trouble_ = std::move(trouble);
    prove_heard(watch_.steady());
    own_pages(out);
    tell_reports();
    return;
  }
  const auto parts = split(below, '/');
  if (parts.size() != 2 || parts[0] != "page") return;
  take_page(parts[1],
            object ? *body : Json::object().set("unreadable", clip(message.payload, 200)));
}

void Gateway::take_page(std::string_view channel, const Json& page) {
  const Now now = clock_.now();
  std::string why;
  const bool taken = queue_.take(now, channel, page, why);
  if (taken && page["kind"] == Json("answer")) desk_.answered(std::string(channel));
  if (taken && queue_.last_p1() == now.mono) watch_.on_p1(now);
  if (why.empty() || why == kSeenBefore) return;
  service::write_log(core::LogLevel::error, cat(taken ? "told as unreadable" : "page not taken",
                                                " on ", channel, ": ", why));
  if (!taken) return;
  queue_.tell(cat("gateway/", config_.mqtt.user, "/report"), Json::object()
                                                                 .set("what", "page-unreadable")
                                                                 .set("channel", channel)
                                                                 .set("why", why)
                                                                 .set("at", format_utc(now.wall)));
}

void Gateway::on_ack(const core::BrokerAck& ack) {
  const auto found = in_flight_.find(ack.publish);
  if (found == in_flight_.end()) return;
  const std::uint64_t number = found->second;
  in_flight_.erase(found);
  flying_.erase(number);
  // A refused one would be refused for ever; the broker's rules are what must be mended.
  if (!ack.ok) {
    service::write_log(core::LogLevel::error,
                       cat("the broker refused a receipt, reason ", ack.reason));
  }
  if (!ack.ok || !queue_.said_once(number)) return queue_.receipt_done(number);
  flying_.insert(number);
  unproven_.push_back(number);
}

// A broker takes a receipt whether or not somebody listens. What is said once was heard when the
// daemon was there the whole time around it; else it is said again.
void Gateway::prove_heard(bool steady) {
  for (const std::uint64_t number : std::exchange(unproven_, {})) {
    flying_.erase(number);
    if (!steady) continue;
    desk_.arrived(number);
    queue_.receipt_done(number);
  }
}

void Gateway::tried(const std::string& channel, const std::string& page, Attempt attempt) {
  channels_.at(channel)->set_free(true);
  const bool good = attempt.fate == Fate::sent || attempt.fate == Fate::delivered;
  if (!good) {
    service::write_log(core::LogLevel::error,
                       cat("channel ", channel, " did not take page ", page, ": ", attempt.why));
  }
  failing_[channel].tried = good || attempt.final ? std::string() : attempt.why;
  queue_.tried(clock_.now(), channel, page, attempt);
  settle();
}

void Gateway::probed(const std::string& channel, std::string why) {
  failing_[channel].probed = std::move(why);
  settle();
}

void Gateway::heard(const std::string& channel, Heard heard) {
  const Now now = clock_.now();
  if (heard.what == Heard::What::report) {
    queue_.report(now, channel, heard);
    return settle();
  }
  service::write_log(core::LogLevel::info,
                     cat("answer on ", channel, " of ", heard.user, ": ", heard.status));
  // A machine's own words, or a device that answers what answered it: nobody waits for more.
  if (heard.automatic || (heard.code.empty() && queue_.is_reply(heard.page))) return settle();
  const bool read = !heard.status.empty();
  const std::string own = read ? watch_.answer(now, channel, heard) : desk_.puzzled(now, channel);
  if (own.empty() && read) desk_.waits(now, queue_.answer(now, channel, heard), channel, heard);
  if (!own.empty()) say_back(channel, own);
  settle();
}

void Gateway::say_back(const std::string& channel, std::string_view text) {
  const Now now = clock_.now();
  if (!desk_.may_say(now, channel, text)) return;
  const Json page =
      Json::object()
          .set("page", cat(kOwnPrefix, "answer-", format_utc(now.wall), "-", ++answers_))
          .set("kind", "answer")
          .set("priority", "p1")
          .set("text", text);
  std::string why;
  static_cast<void>(queue_.take(now, channel, page, why));
}

void Gateway::own_pages(const std::vector<OwnPage>& pages) {
  const Now now = clock_.now();
  for (const OwnPage& own : pages) {
    std::string why;
    static_cast<void>(queue_.take(now, own.channel, own.page, why));
  }
}

void Gateway::settle() {
  save();
  feed_channels();
  save();
  send_receipts();
  say_state(false);
}

void Gateway::save() {
  const bool was = file_.durable();
  const std::vector<std::string> lines = queue_.take_lines();
  if (!lines.empty() && was && !file_.append(lines)) {
    service::write_log(core::LogLevel::error, cat("queue in memory only: ", file_.trouble()));
  }
  if (file_.size() > kQueueFileMax && file_.durable())
    static_cast<void>(file_.rewrite(queue_.snapshot()));
}

void Gateway::feed_channels() {
  const Now now = clock_.now();
  for (auto& [id, channel] : channels_) {
    if (!channel->free()) continue;
    if (std::optional<Outgoing> page = queue_.next(now, id)) channel->hand(std::move(*page));
  }
}

void Gateway::send_receipts() {
  if (!up_) return;
  for (const Receipt& receipt : queue_.receipts()) {
    if (in_flight_.size() >= kInFlightMax) return;
    if (!flying_.insert(receipt.number).second) continue;
    core::Publish publish;
    publish.id = ++last_publish_;
    // Under the login's own topic: the broker proves who says it.
    publish.topic = receipt.topic.ends_with("/receipt")
                        ? cat(root_, receipt.topic, "/", config_.mqtt.user)
                        : cat(root_, receipt.topic);
    publish.payload = receipt.body;
    in_flight_.emplace(publish.id, receipt.number);
    broker_.publish(publish);
  }
}

Json Gateway::state_json(std::string_view state) const {
  return gateway_state(config_, run_, state, file_.durable(), failing_);
}

void Gateway::publish(const std::string& topic, const Json& body, int qos, bool retain) {
  core::Publish publish;
  publish.id = qos > 0 ? ++last_publish_ : 0;
  publish.topic = root_ + topic;
  publish.payload = body.dump();
  publish.qos = qos;
  publish.retain = retain;
  broker_.publish(publish);
}

void Gateway::say_state(bool force) {
  if (!up_) return;
  const Json state = state_json("online");
  const std::string text = state.dump();
  if (!force && text == said_) return;
  said_ = text;
  publish(cat("gateway/", config_.mqtt.user, "/state"), state, 1, true);
}

void Gateway::beat() {
  if (!up_) return;
  std::int64_t waiting = 0;
  for (const auto& [id, channel] : channels_) {
    waiting += static_cast<std::int64_t>(queue_.waiting(id));
  }
  publish(cat("gateway/", config_.mqtt.user, "/beat"),
          gateway_beat(run_, ++beats_, waiting, clock_.now().wall), 0, false);
}

void Gateway::tick() {
  const Now now = clock_.now();
  std::vector<OwnPage> out;
  watch_.on_deadline(now, out);
  own_pages(out);
  queue_.drop_stale(now);
  for (const AnswerDesk::Reply& reply : desk_.due(now)) say_back(reply.channel, reply.text);
  if (++ticks_ % kTicksPerBeat == 0) beat();
  if (!file_.durable() && ticks_ % kTicksPerBeat == 0)
    static_cast<void>(file_.rewrite(queue_.snapshot()));
  if (ticks_ % kTicksPerSave == 0) {
    std::string text = watch_.remembered().dump();
    if (text != remembered_ && replace_file(cat(config_.state_dir, "/heard.json"), text)) {
      remembered_ = std::move(text);
    }
  }
  settle();
  timer_.expires_after(kTick);
  timer_.async_wait([this](const boost::system::error_code& error) {
    if (!error) tick();
  });
}

}  // namespace cryobank::pager
