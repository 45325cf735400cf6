// Stage: plays one story: simulated tanks with their automatic controllers, the detectors, and the
// board with the shipped catalogue, on virtual time. It notes when each alarm was told and how
// urgent it was, and what people were paged for.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "service/alarms/board.hpp"
#include "tests/devices/detect/story_tank.hpp"
#include "tests/scenarios/story_file.hpp"

namespace cryobank::scenarios {

class Stage {
 public:
  explicit Stage(const Story& story);
  void play();

  // Since the end of learning: when `alarm` stood first with at least this priority, not before
  // `from`; empty: never.
  std::optional<Duration> told(const std::string& alarm, std::string_view priority,
                               Duration from) const;
  // The first P1 or P2 of any kind after the end of learning.
  std::optional<Duration> first_paged() const;
  std::size_t causes_paged() const { return paged_.size(); }
  int raised(std::string_view priority = "") const;
  std::string log() const { return log_; }

 private:
  struct Tank {
    detect::StoryTank tank;
    detect::TankWatch watch;
    detect::TankShape shape;
    DeviceId id;
    bool dark = false;
    bool lid = false;
    std::optional<bool> valve;
    int missed = 0;
    int daily_flow = 0;  // per cent a day
    int daily_heat = 0;
    std::optional<std::int64_t> level_swings;  // shown instead, every other minute 2 mm above
  };
  struct Moment {
    Duration at;
    std::string alarm;
    std::string priority;
  };

  bool at_start() const;
  void go_to(Instant mono);
  void step();
  void step_tank(Tank& tank);
  void happen(const Event& event);
  bool happen_to_tank(Tank& tank, const Event& event);
  bool happen_to_room(const Event& event);
  void observe(const DeviceId& device, std::string_view point, Milli value);
  void find(const Tank& tank);
  void take(const std::string& verb, Json body);
  void drain();
  Duration since() const { return now_.mono - begun_; }

  Story story_;
  config::SiteConfig site_;
  alarms::Board board_;
  alarms::BoardOutputs out_;
  detect::Findings findings_;
  std::deque<Tank> tanks_;
  std::map<std::string, Milli> room_;  // what the instruments show: "room-1 oxygen-1"
  Now now_{Instant{1'000'000'000}, WallTime{1'795'500'000'000}};
  Instant step_at_{1'000'000'000};  // of the last step
  Instant begun_ = kNever;          // end of learning
  std::vector<Moment> moments_;
  std::set<std::string> paged_;
  std::string log_;
};

}  // namespace cryobank::scenarios
