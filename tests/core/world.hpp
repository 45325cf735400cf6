// World: a small one for tests of the core: virtual time, the simulated hardware of the demo site,
// a store and a broker in memory. Everything behind the core's two calls is real.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/site_config.hpp"
#include "devices/simulator/hardware.hpp"
#include "service/core/parts.hpp"

namespace cryobank::core {

// Everybody's signing secret.
inline constexpr std::string_view kSecret = "open sesame";

// As it is shipped; a World has no clinic and no work of a day of its own.
config::SiteConfig shipped_demo();

class World {
 public:
  // The demo site, changed by `adapt` before anything is made of it.
  explicit World(const std::function<void(config::SiteConfig&)>& adapt = {});

  void start();                  // makes a core from the store and steps it
  void kill();                   // the core is gone, and so is what was under way
  void run(Duration duration);   // virtual time
  void rest(Duration duration);  // the same without a core: machines go on
  void turn_clock(Duration by);  // the wall clock jumps
  // Runs until `done` or `limit`; returns done().
  bool run_until(const std::function<bool()>& done, Duration limit = seconds(300));

  void link(bool up);  // the broker comes or goes
  // Sends a command and gives its id.
  std::string send(std::string_view user, std::string_view verb, Json body,
                   std::string_view witness = {});
  void send_raw(BrokerMessage message) { step(std::move(message)); }
  BrokerMessage command(std::string_view user, std::string_view verb, Json body,
                        std::string_view witness = {});
  // The last reply to a command; null while there is none.
  Json reply(const std::string& id) const;
  // Sends and runs until a reply that is not `accepted`.
  Json ask(std::string_view user, std::string_view verb, Json body, std::string_view witness = {});
  // A retained payload below the root; null when there is none.
  Json retained(const std::string& topic) const;
  // The newest event of that stream and type; null when there is none.
  Json event(std::string_view stream, std::string_view type) const;

  void step(const Input& input);
  const Core::Parts& parts() const { return core_->parts(); }
  Core& core() { return *core_; }
  simulator::Hardware& hardware() { return *hardware_; }
  const config::SiteConfig& config() const { return config_; }
  Now now() const { return now_; }

  // Faults and what was seen.
  bool store_fails = false;
  std::string no_record;  // why the next start has none; empty: it has its rows
  std::string seal;       // of the next start
  Unrecorded left;        // by a run without a record, to the next start
  Duration sign_takes = milliseconds(1);
  Duration errand_takes = milliseconds(2);
  bool store_silent = false;
  std::function<bool(const std::string& topic)> refuses;  // by the topic below the root
  bool backup_fails = false;
  bool gateway = true;  // a pager gateway serves every channel and delivers every page
  std::map<std::string, std::string> rows;
  std::map<std::string, std::string> broker;  // retained
  std::vector<Publish> published;
  std::vector<Log> logs;
  std::vector<std::string> backups;  // names asked for
  std::vector<SystemdState> notices;
  std::vector<telemetry::HeardReading> kept;  // readings for the history
  std::function<SiteRead()> read_site;        // what reading the site's files anew gives
  Expose exposed;                             // what the HTTP server would show
  std::shared_ptr<const std::vector<ServedFeed>> feeds;
  std::size_t open_publishes = 0;  // unacknowledged now, and at most
  std::size_t open_publishes_most = 0;
  std::map<std::string, Json> replies;  // the last of each command
  EffectId last_commit = 0;
  std::vector<std::string> order;  // "publish page/...", "commit", as emitted

 private:
  void carry(Effects& effects);
  void carry(SendLine& effect);
  void carry(Commit& effect);
  void carry(ReadRows& effect);
  void carry(MakeBackup& effect);
  void carry(KeepReadings& effect);
  void carry(ReadChart& effect);
  void carry(Expose& effect) { exposed = effect; }
  void carry(ShowFeeds& effect) { feeds = effect.feeds; }
  void carry(ReadSite& effect);
  void carry(Publish& effect);
  void carry(Subscribe& effect);
  void carry(Sign& effect);
  void carry(CheckSecret& effect);
  void carry(RunErrand& effect);
  void carry(Log& effect);
  void carry(NotifySystemd& effect);
  void carry_page(const Publish& effect);
  void beat_gateway();
  void later(Duration delay, std::function<void()> what);

  config::SiteConfig config_;
  std::unique_ptr<simulator::Hardware> hardware_;
  std::unique_ptr<Core> core_;
  Now now_{{1'000'000'000}, {1'795'316'400'000}};
  std::multimap<Instant, std::function<void()>> events_;
  std::uint64_t commands_ = 0;
  std::uint32_t epoch_ = 0;
  bool link_up_ = false;
  int links_ = 0;  // counts connects and losses
};

}  // namespace cryobank::core
