// Making robot jobs: the next job id, the moves of a list of vials, the fact that creates it.
#pragma once

#include <string_view>
#include <vector>

#include "inventory/commands/ask.hpp"
#include "inventory/ledger/allocation.hpp"

namespace cryobank::inventory {

inline constexpr std::size_t kMovesMax = 1000;  // of one job: more than the largest rack
inline constexpr int kThawPriority = 2;
inline constexpr int kStorePriority = 5;

struct VialRoute {
  Aliquot aliquot;
  Spot from;
  Spot to;
};

// From its place to the other, by ids and labels; nothing of it has happened.
Move move_of(const View& view, const VialRoute& route);

struct Order {
  JobKind kind = JobKind::store;
  DeviceId robot;
  DoseId dose;              // thaw jobs
  bool overridden = false;  // quarantined vials too; the signatures were checked
  std::string purpose;      // kSafetyTest or empty
};

// Adds the job to the trial. Refused when a place is out of the robot's reach or a vial is in
// another open job.
Result<Job> make_job(Ask& ask, const Order& order, const Course& course,
                     const std::vector<VialRoute>& routes);

// The proof that somebody stands at a robot: its own code, which is its id, read off it; whoever
// sends it can see that nobody's hands are in the machine. Reads "at_robot" of `body`: a mismatch
// where it is another code, and where it is missing although `needed`. The daemon's own plan has
// nobody there and is asked for none.
Status check_at_robot(const Ask& ask, const Json& body, const DeviceId& robot, bool needed);

// The one reader of that proof: a mismatch unless `key` of `body` is the robot's own code, with or
// without what a scanner puts around it.
Status check_robot_code(const Json& body, std::string_view key, const DeviceId& robot);

// Puts the code that was shown under `key` into a fact as "at_robot", as it was read; none:
// nothing.
void put_shown_code(Json& fact, const Json& body, std::string_view key);

// A job that reads every position of a box and moves nothing.
Result<Job> make_scan_job(Ask& ask, const config::DeviceConfig& robot, const Place& box);

// The robot named by "robot", or the site's only one.
Result<const config::DeviceConfig*> need_robot(const Ask& ask, const Json& body);

struct Stored {
  Job job;
  Strategy strategy = Strategy::same_box;
  std::vector<Allotment> plan;
};
// Stores aliquots that stand in the robot's transfer port, by "strategy" and "waive_share" of the
// order; the job is added to the trial.
Result<Stored> store_aliquots(Ask& ask, const config::DeviceConfig& robot, const Course& course,
                              const std::vector<AliquotId>& aliquots, const Json& order);
// A person puts expected aliquots into the transfer port, at the labels given or in fill order.
Status put_into_port(Ask& ask, const config::DeviceConfig& robot,
                     const std::vector<AliquotId>& aliquots, const Json& positions);

// "aliquot", "code", "place" and "position" of each move's end.
Json placements(const Job& job);
// "placements", "strategy" and "plan" (allocation.hpp) for the reply.
void show(const View& view, const Course& course, const Stored& stored, Json& reply);

}  // namespace cryobank::inventory
