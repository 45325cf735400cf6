// FleetParts: the inside of the Fleet. Lines with their queues, one reader per device, the plant
// and the robots. Only fleet*.cpp include this.
#pragma once

#include <deque>
#include <memory>
#include <vector>

#include "base/prng.hpp"
#include "devices/fleet.hpp"
#include "devices/line/device_reader.hpp"
#include "devices/line/due_heap.hpp"
#include "devices/line/line_queue.hpp"
#include "devices/plant/plant.hpp"
#include "devices/robots.hpp"

namespace cryobank::devices {

// The models are not asked again for so long after a deadline of theirs, so that one that stays due
// cannot keep the core from everything else.
inline constexpr Duration kPlantRest = milliseconds(10);

struct Fleet::Parts {
  // A request of the plant or of a robot that waits for its line, or is in flight.
  struct Ticket {
    bool used = false;
    bool of_robot = false;
    DeviceRequest request;
  };
  struct Line {
    LineQueue queue;
    std::vector<std::uint32_t> devices;  // by poll slot
    std::uint64_t request_id = 0;        // of the request in flight
    LineQueue::Turn turn{};              // whose it is
    Instant sent_at{};
    Duration timeout{};
    Duration shortest_cycle{};  // of its wire; zero for TCP
  };
  struct Device {
    std::unique_ptr<DeviceReader> reader;
    const config::DeviceProfile* profile = nullptr;
    std::uint32_t line = 0;
    std::uint32_t slot = 0;
    std::optional<DeviceState> told;  // empty until the device answered or was given up
    Duration spread{};                // of its first poll
  };

  Parts(const config::SiteConfig& config, Epoch epoch, std::uint64_t seed);

  void add_lines();
  void add_device(std::uint32_t index, Prng& prng);
  // Shortest cycle of a line and, with it, how fast its devices are really polled.
  void pace(std::uint32_t line);
  std::uint32_t line_of(const config::DeviceConfig& device) const;

  void start(Now now, FleetOutputs& out);
  void on_reply(Now now, const LineReply& reply, FleetOutputs& out);
  void on_text(Now now, const LineText& text, FleetOutputs& out);
  void on_deadline(Now now, FleetOutputs& out);
  Instant next_deadline();
  Instant due_of_plant();

  // Sends what is due on the line, if it is free.
  void pump(Now now, std::uint32_t line, FleetOutputs& out);
  bool fill_request(Now now, Line& line, const LineQueue::Turn& turn, LineRequest& request);
  void send(Now now, std::uint32_t line, const LineQueue::Turn& turn, LineRequest request,
            FleetOutputs& out);
  Duration quiet_after_failure(std::uint32_t line) const;
  ReplyKind deliver(Now now, Line& line, const LineReply& reply, FleetOutputs& out);
  void line_is_down(Now now, const Line& line, FleetOutputs& out);
  // Shows new readings to the models and passes on what they want.
  void observe(Now now, std::size_t first_reading, FleetOutputs& out);
  void after_reader(Now now, std::uint32_t device, FleetOutputs& out);

  void take(Now now, Plant::Outputs& from, FleetOutputs& out);
  void take(Now now, Robots::Outputs& from, FleetOutputs& out);
  void enqueue(Now now, DeviceRequest request, bool of_robot, FleetOutputs& out);
  std::uint32_t new_ticket();
  void answer_ticket(Now now, std::uint32_t ticket, const ModbusReply& reply, FleetOutputs& out);

  const config::SiteConfig& config;
  std::vector<Line> lines;
  std::vector<Device> devices;
  std::vector<Ticket> tickets;
  std::vector<std::uint32_t> free_tickets;
  DueHeap line_due;  // by line: when it can send again
  DueHeap age_due;   // by device: when its points may become stale
  Plant plant;
  Robots robots;
  bool plant_changed = true;  // since plant_due was asked for
  Instant plant_due = kNever;
  Instant plant_rests_until{};
  Plant::Outputs plant_out;
  Robots::Outputs robots_out;
  std::uint64_t next_request_id = 1;
  Now now{};  // of the last call, for describing
};

}  // namespace cryobank::devices
