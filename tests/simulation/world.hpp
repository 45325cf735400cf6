// World: the daemon's floors 0 to 3 in another world: virtual time, simulated machines, wires,
// broker, disk and people, and a process that can die between any two effects. It hands each effect
// to its part and lets the parts' inputs come back, checks after every step, and stops at the first
// violation. Everything in it is a function of the options.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "tests/simulation/fault_plan.hpp"
#include "tests/simulation/planted.hpp"
#include "tests/simulation/record_checker.hpp"
#include "tests/simulation/sim_lines.hpp"
#include "tests/simulation/sim_operator.hpp"
#include "tests/simulation/site.hpp"
#include "tests/simulation/told_checker.hpp"
#include "tests/simulation/tree_checker.hpp"

namespace cryobank::simulation {

struct WorldOptions {
  std::uint64_t seed = 1;
  Duration safety = hours(6);    // with faults
  Duration liveness = hours(3);  // without, at most
  int devices = 7;
  Duration poll_fast = seconds(1);
  bool faults = true;
  std::size_t lines = 0;  // of the trace, kept as text
  Planted planted = Planted::nothing;
};

class World {
 public:
  World(const config::SiteConfig& site, const WorldOptions& options);
  ~World();
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  // The whole run. Afterwards: violations(), trace(), figures.
  void run();

  const std::vector<std::string>& violations() const { return stage_.violations; }
  const Trace& trace() const { return stage_.trace; }
  std::string plan() const { return options_.faults ? plan_.describe() : "no faults"; }
  Duration simulated() const { return stage_.mono() - begun_; }
  std::uint64_t kills() const { return kills_; }
  std::uint64_t moves() const { return stage_.hardware.moves(); }
  std::uint64_t commits() const { return stage_.store.commits(); }

 private:
  void run_until(Instant end);
  void advance(Instant when);
  std::string due_parts() const;
  void feed(const core::Input& input);
  void emitted(const core::Effect& effect);
  void carry(core::Effect&& effect);
  void carry(core::SendLine&& effect) { lines_.send(std::move(effect.request)); }
  void carry(core::Commit&& effect);
  void carry(core::ReadRows&& effect);
  void carry(core::MakeBackup&& effect);
  void carry(core::KeepReadings&&) {}  // what is lost with it makes nothing wrong
  void carry(core::ReadChart&& effect);
  void carry(core::ReadSite&& effect);
  void carry(core::Expose&&) {}
  void carry(core::ShowFeeds&&) {}
  void carry(core::Publish&& effect) { broker_.publish(std::move(effect)); }
  void carry(core::Subscribe&& effect) { broker_.subscribe(effect); }
  void carry(core::Sign&& effect);
  void carry(core::CheckSecret&& effect);
  void carry(core::RunErrand&& effect);
  void carry(core::Log&&) {}
  void carry(core::NotifySystemd&& effect);
  void heard(const core::Publish& publish);
  void carry_page(const core::Publish& publish);
  void beat_gateway();

  // The process
  void start_daemon();
  Result<Epoch> take_epoch();
  Status load_rows();
  void arm_kill();
  bool passes(const core::Effect& effect);
  void kill();

  void look();
  void compare_with_shelf();
  void compare_with_tree();
  void converge();
  bool settled() const;
  void check_end();
  void check_tree();
  void compare_tree(Duration within);
  bool calm() const;  // nothing waits for the disk or the broker
  void check_record();

  // Mistakes (world_planted.cpp)
  void plant();
  void plant_probe();
  void let_viewers_pass();
  void lose_at_broker(std::string_view lost);
  void steal_vial();
  void double_vial();
  void move_robot();
  void bend_entry(std::vector<RowChange>& rows);
  void bend_row();
  void forget_alarm();

  WorldOptions options_;
  Stage stage_;
  Prng prng_;
  Instant begun_{};
  SimLines lines_;
  SimBroker broker_;
  RecordChecker record_;
  ToldChecker told_;
  TreeChecker tree_;
  SimOperator people_;
  FaultPlan plan_;
  std::unique_ptr<core::Core> core_;
  core::Effects effects_;
  struct Death {
    std::optional<std::size_t> at;  // the kind of effect, by its place in the variant; empty: any
    std::uint64_t passes = 0;       // so many of them are carried out before
    bool before = false;            // dies before that effect, not after it
  };
  std::optional<Death> death_;
  bool store_broken_ = false;
  bool stopping_ = false;
  std::uint64_t kills_ = 0;
  int idle_ticks_ = 0;
  bool planted_ = false;
  std::uint64_t tree_at_ = 0;   // entries when the retained tree was compared
  std::uint64_t shelf_at_ = 0;  // moves and entries when record and shelf were compared
};

}  // namespace cryobank::simulation
