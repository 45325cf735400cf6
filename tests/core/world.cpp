#include "tests/core/world.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "base/text.hpp"
#include "config/load.hpp"
#include "inventory/record/journal_format.hpp"
#include "tests/base/fact_form.hpp"

namespace cryobank::core {
namespace {

constexpr Duration kLineTakes = milliseconds(3);
constexpr Duration kStoreTakes = milliseconds(1);
constexpr Duration kBrokerTakes = milliseconds(1);
constexpr Duration kBackupTakes = seconds(2);
constexpr Duration kPageTakes = milliseconds(200);
constexpr Duration kGatewayBeat = seconds(5);

Result<std::string> read_file(std::string_view path) {
  std::ifstream file{std::string(path)};
  if (!file) return make_error(ErrorCode::io, cat("cannot read ", path));
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

bool fits(std::string_view filter, std::string_view topic) {
  const auto want = split(filter, '/');
  const auto have = split(topic, '/');
  if (want.size() != have.size()) return false;
  for (std::size_t i = 0; i < want.size(); ++i) {
    if (want[i] != "+" && want[i] != have[i]) return false;
  }
  return true;
}

}  // namespace

config::SiteConfig shipped_demo() {
  config::SiteConfig site;
  config::Faults faults;
  const bool loaded =
      config::load_site(CRYOBANK_SOURCE_DIR "/config/demo/site.toml", read_file, site, faults);
  for (const config::Fault& fault : faults.items()) {
    if (!fault.warning) ADD_FAILURE() << fault.file << ":" << fault.line << ": " << fault.text;
  }
  EXPECT_TRUE(loaded);
  return site;
}

World::World(const std::function<void(config::SiteConfig&)>& adapt) : config_(shipped_demo()) {
  config_.plan.clock_speed = 1;
  config_.signing.required = false;  // the tests that sign switch it on
  config_.plan.fit_to_thaw = {};     // the stories of the thaw gate switch it on
  config_.plan.day = {};             // the stories of the minute plan tell their own
  config_.clinics.clear();
  if (adapt) adapt(config_);
  hardware_ = std::make_unique<simulator::Hardware>(config_, 1);
}

void World::start() {
  core_ = std::make_unique<Core>(config_, Epoch{++epoch_}, 7);
  for (const auto& [key, value] : rows) {
    if (key.starts_with("j/") || key.starts_with("e/") || key.starts_with("t/") ||
        key.starts_with("k/") || key.starts_with("h/")) {
      continue;
    }
    const Status loaded = core_->load_row(key, value);
    ASSERT_TRUE(loaded.ok()) << loaded.error().context;
  }
  if (!no_record.empty()) core_->watch_only(no_record);
  core_->seal_alarms_with(seal);
  core_->take_over(std::exchange(left, {}));
  const Status loaded = core_->loaded();
  ASSERT_TRUE(loaded.ok()) << loaded.error().context;
  step(Started{});
  link(true);
}

void World::kill() {
  core_.reset();
  events_.clear();
  link_up_ = false;
  ++links_;
}

void World::link(bool up) {
  link_up_ = up;
  ++links_;
  open_publishes = 0;
  step(BrokerLink{up, 20});
  beat_gateway();
}

void World::step(const Input& input) {
  Effects effects;
  core_->step(now_, input, effects);
  carry(effects);
}

void World::later(Duration delay, std::function<void()> what) {
  events_.emplace(now_.mono + delay, std::move(what));
}

void World::run(Duration duration) {
  run_until([] { return false; }, duration);
}

void World::rest(Duration duration) {
  hardware_->advance(duration);
  now_ = {now_.mono + duration, now_.wall + duration};
}

void World::turn_clock(Duration by) { now_.wall = now_.wall + by; }

bool World::run_until(const std::function<bool()>& done, Duration limit) {
  const Instant end = now_.mono + limit;
  while (!done()) {
    const Instant deadline = core_->next_deadline();
    const Instant event = events_.empty() ? kNever : events_.begin()->first;
    const Instant next = std::max(now_.mono, std::min({deadline, event, end}));
    hardware_->advance(next - now_.mono);
    now_.wall = {now_.wall.ms + (next.ns / 1'000'000 - now_.mono.ns / 1'000'000)};
    now_.mono = next;
    if (next >= end && event > end && deadline > end) return done();
    if (event <= next) {
      const std::function<void()> what = std::move(events_.begin()->second);
      events_.erase(events_.begin());
      what();
    } else {
      step(Tick{});
      if (core_->next_deadline() <= now_.mono) later(milliseconds(1), [] {});
    }
    if (now_.mono >= end) return done();
  }
  return true;
}

void World::carry(Effects& effects) {
  for (Effect& effect : effects) {
    std::visit([this](auto& one) { carry(one); }, effect);
  }
}

void World::carry(SendLine& effect) {
  order.emplace_back("send");
  later(kLineTakes, [this, request = std::move(effect.request)] {
    devices::LineReply reply;
    reply.id = request.id;
    reply.line = request.line;
    reply.modbus = hardware_->answer(request.line, request.modbus);
    reply.took = kLineTakes;
    step(std::move(reply));
  });
}

namespace {

void expect_form(std::string_view line) {
  const auto entry = inventory::parse_entry(line);
  ASSERT_TRUE(entry.ok()) << line;
  EXPECT_EQ(form_fault(entry->fact), "") << line;
}

}  // namespace

void World::carry(Commit& effect) {
  order.emplace_back("commit");
  last_commit = effect.id;
  if (store_silent) return;
  const bool ok = !store_fails;
  if (ok) {
    for (const RowChange& row : effect.rows) {
      if (row.value) {
        if (row.key.starts_with("j/")) expect_form(*row.value);
        rows[row.key] = *row.value;
      } else {
        rows.erase(row.key);
      }
    }
  }
  later(kStoreTakes, [this, id = effect.id, ok] {
    const Status status = ok ? Status() : Status(make_error(ErrorCode::io, "disk full"));
    step(Committed{id, status, kStoreTakes});
  });
}

void World::carry(ReadRows& effect) {
  std::vector<RowChange> found;
  for (auto row = rows.lower_bound(effect.first);
       row != rows.end() && row->first < effect.last && found.size() < effect.limit; ++row) {
    found.push_back({row->first, row->second});
  }
  later(kStoreTakes, [this, id = effect.id, found = std::move(found)] {
    step(RowsRead{id, found});
  });
}

void World::carry(MakeBackup& effect) {
  order.emplace_back("backup");
  backups.push_back(effect.name);
  later(kBackupTakes, [this, effect] {
    if (backup_fails) {
      return step(BackupEnded{effect.id, make_error(ErrorCode::io, "cannot write (test)")});
    }
    BackupMade made;
    made.file = "backups/" + effect.name;
    made.sequence = parts().bank.journal.sequence();
    made.took = kBackupTakes;
    step(BackupEnded{effect.id, std::move(made)});
  });
}

void World::carry(KeepReadings& effect) {
  kept.insert(kept.end(), effect.readings.begin(), effect.readings.end());
}

void World::carry(ReadSite&) {
  later(kStoreTakes, [this] { step(read_site ? read_site() : SiteRead{}); });
}

void World::carry(ReadChart& effect) {
  later(kStoreTakes, [this, id = effect.id, question = effect.question] {
    std::vector<telemetry::Sample> samples;
    for (const telemetry::HeardReading& heard : kept)
      samples.push_back({heard.at, heard.value, !heard.good});
    step(ChartRead{id, telemetry::fold(question, samples)});
  });
}

void World::carry(Publish& effect) {
  const std::string topic = effect.topic.substr(parts().bank.topics.root().size());
  order.push_back("publish " + topic);
  EXPECT_TRUE(link_up_) << topic;
  const bool ok = effect.id == 0 || !refuses || !refuses(topic);
  if (ok && effect.retain && effect.payload.empty()) {
    broker.erase(topic);
  } else if (ok && effect.retain) {
    broker[topic] = effect.payload;
  }
  published.push_back(effect);
  if (ok && !effect.correlation.empty()) {
    Result<Json> json = parse_json(effect.payload);
    if (json) replies[json->string_or("id", "")] = *json;
  }
  if (ok && gateway && topic.starts_with("page/")) carry_page(effect);
  if (effect.id == 0) return;
  open_publishes_most = std::max(open_publishes_most, ++open_publishes);
  later(kBrokerTakes, [this, id = effect.id, link = links_, ok] {
    if (link != links_) return;  // what was in flight on a broken link is never answered
    --open_publishes;
    step(BrokerAck{id, ok, ok ? 0 : 135});
  });
}

void World::carry_page(const Publish& effect) {
  const Result<Json> page = parse_json(effect.payload);
  ASSERT_TRUE(page.ok());
  BrokerMessage receipt;
  receipt.topic = effect.topic + "/receipt/pager";
  receipt.payload = Json::object().set("page", (*page)["page"]).set("status", "delivered").dump();
  later(kPageTakes, [this, receipt, link = links_] {
    if (link == links_) step(receipt);
  });
}

void World::beat_gateway() {
  if (!gateway || !link_up_) return;
  BrokerMessage state;
  state.topic = cat(parts().bank.topics.root(), "gateway/pager/state");
  Json channels = Json::array();
  for (const config::ChannelConfig& channel : config_.channels) {
    channels.push(Json::object().set("channel", channel.id.str()).set("evidence", "delivered"));
  }
  state.payload = Json::object()
                      .set("state", "online")
                      .set("site", config_.site.str())
                      .set("channels", std::move(channels))
                      .dump();
  step(state);
  later(kGatewayBeat, [this, link = links_] {
    if (link == links_) beat_gateway();
  });
}

void World::carry(Subscribe& effect) {
  for (const auto& [topic, payload] : std::map(broker)) {
    const std::string whole = parts().bank.topics.root() + topic;
    for (const std::string& filter : effect.read_back) {
      if (!fits(filter, whole)) continue;
      BrokerMessage message;
      message.topic = whole;
      message.payload = payload;
      message.retained = true;
      later(kBrokerTakes, [this, message] { step(message); });
    }
  }
}

void World::carry(Sign& effect) {
  order.emplace_back("sign");
  later(sign_takes, [this, id = effect.id] {
    step(Signed{id, std::string("\xE2\x80\x94 cryobank/demo AAAAAA==\n")});
  });
}

void World::carry(CheckSecret& effect) {
  later(kStoreTakes, [this, id = effect.id, matches = effect.secret == kSecret] {
    step(SecretChecked{id, matches});
  });
}

// It reads the record when it ends: by then nothing may have changed it.
void World::carry(RunErrand& effect) {
  order.emplace_back("errand");
  later(errand_takes, [this, run = effect] {
    run.errand->run();
    step(ErrandDone{run.id});
  });
}

void World::carry(Log& effect) { logs.push_back(effect); }
void World::carry(NotifySystemd& effect) { notices.push_back(effect.state); }

BrokerMessage World::command(std::string_view user, std::string_view verb, Json body,
                             std::string_view witness) {
  Json payload = Json::object();
  payload.set("id", command_id(cat("command ", ++commands_)));
  payload.set("expires_at", format_utc(now_.wall + seconds(30)));
  payload.set("reason", "test");
  if (!witness.empty()) payload.set("witness", witness);
  payload.set("body", std::move(body));
  BrokerMessage message;
  message.topic = cat(parts().bank.topics.root(), "command/", user, "/", verb);
  message.payload = payload.dump();
  message.response_topic = cat(parts().bank.topics.root(), "reply/", user, "/test");
  message.correlation = "c";
  return message;
}

std::string World::send(std::string_view user, std::string_view verb, Json body,
                        std::string_view witness) {
  step(command(user, verb, std::move(body), witness));
  return command_id(cat("command ", commands_));
}

Json World::reply(const std::string& id) const {
  const auto found = replies.find(id);
  return found == replies.end() ? Json() : found->second;
}

Json World::ask(std::string_view user, std::string_view verb, Json body, std::string_view witness) {
  const std::string id = send(user, verb, std::move(body), witness);
  run_until([&] {
    const Json last = reply(id);
    return !last.is_null() && last.string_or("status", "") != "accepted";
  });
  return reply(id);
}

Json World::event(std::string_view stream, std::string_view type) const {
  const std::string wanted = cat("cryobank.", stream, ".", type);
  for (auto one = published.rbegin(); one != published.rend(); ++one) {
    if (one->topic.find(cat("/event/", stream)) == std::string::npos) continue;
    const auto json = parse_json(one->payload);
    if (json && json->string_or("type", "") == wanted) return *json;
  }
  return {};
}

Json World::retained(const std::string& topic) const {
  const auto found = broker.find(topic);
  if (found == broker.end()) return {};
  Result<Json> json = parse_json(found->second);
  return json ? *json : Json();
}

}  // namespace cryobank::core
