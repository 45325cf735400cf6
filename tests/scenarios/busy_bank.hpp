// Busy bank: the demonstration's freezers, room and supply as the simulator's physics has them,
// polled by the daemon's fleet and judged by its board, on virtual time; people open lids all day.
// What is raised is kept in words.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/prng.hpp"
#include "devices/fleet.hpp"
#include "devices/simulator/hardware.hpp"
#include "service/alarms/board.hpp"

namespace cryobank::scenarios {

struct BusyDay {
  int openings = 20;   // of each lid, between eight and six
  int for_most = 240;  // seconds, of one; most are half as long
  int bursts = 5;      // into which they fall
};

// As the daemon judges, or as if no detector knew what lids do to the vapour.
enum class Judging : std::uint8_t { by_lids, by_limits_alone };

class BusyBank {
 public:
  // `warn` and `critical`, Cel: where the site's alarms of temperature begin.
  BusyBank(std::uint64_t seed, const BusyDay& day, int warn, int critical,
           Judging judging = Judging::by_lids);

  void run(Duration span);
  // To this hour of the next day, or of this one.
  void run_to_hour(int hour);
  void control(const std::string& command);  // of the simulator, as JSON
  std::optional<Duration> until(const std::string& alarm, std::string_view priority, Duration most);

  int raised(std::string_view priority) const;
  std::string told() const;    // p2 and worse, one a line
  std::string milder() const;  // how often each p3
  // What a fill usually takes, of each tank that has learned it.
  std::vector<std::int64_t> fill_minutes() const;
  Milli warmest_top() const { return warmest_; }
  int tanks() const { return static_cast<int>(tanks_.size()); }

 private:
  struct Open {
    devices::LineReply reply;
    Instant at;
  };
  struct Raised {
    std::string alarm;
    std::string priority;
    std::string text;
    Instant at;
  };
  struct Opening {
    WallTime at;
    std::size_t tank = 0;
    int seconds = 0;
  };

  void plan_day();
  void open_lids();
  void pass(Duration span);
  void take();
  void judge(const devices::DeviceIndex& device);
  void drain();

  config::SiteConfig site_;
  BusyDay day_;
  Judging judging_;
  Prng prng_;
  Now now_;
  simulator::Hardware hardware_;
  devices::Fleet fleet_;
  alarms::Board board_;
  std::vector<std::optional<Open>> open_;
  std::vector<std::vector<std::optional<alarms::Board::Watched>>> points_;
  std::vector<std::string> tanks_;
  std::vector<Opening> openings_;  // of today, the next one last
  WallTime next_day_;
  devices::FleetOutputs fleet_out_;
  alarms::BoardOutputs out_;
  std::vector<Raised> raised_;
  Milli warmest_ = whole(-273);
};

}  // namespace cryobank::scenarios
