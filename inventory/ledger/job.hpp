// Job: an ordered list of moves that one robot carries out for one purpose. Each move goes through
// the states below; every transition is a fact in the journal, and `issued` is durable before the
// robot is written to. A move that was issued is never issued again unless the robot proved that it
// never took it (not_delivered).
//
// A job is an order, its moves are the lines of the order: no robot takes a motion that is not a
// line of one. `created`: the site wants another person to approve it first.
//
//   planned --issue--> issued --hold--> holding --done--> done
//                        |  \--done--------------^
//                        |  \--not_delivered--> planned
//                        \--fail--> failed        (vial where the sensors agree it is)
//                        \--doubt-> unknown       (vial UNKNOWN, both ends held, alarm, person
//                        decides)
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.hpp"
#include "base/record.hpp"
#include "base/result.hpp"
#include "base/time.hpp"

namespace cryobank::inventory {

enum class JobKind : std::uint8_t { store, thaw, relocate, scan, retrieve };
enum class JobState : std::uint8_t {
  created,
  queued,
  running,
  paused,
  done,
  failed,
  unknown,
  cancelled
};
enum class MoveState : std::uint8_t { planned, issued, holding, done, failed, unknown, cancelled };

// How a vial that people thaw by hand leaves their hands.
enum class SetDown : std::uint8_t { thawed, back, lost };

// A thaw whose dose is for a safety test only: a withdrawn consent does not stop it.
inline constexpr std::string_view kSafetyTest = "safety-test";

std::string_view name_of(JobKind kind);
std::string_view name_of(JobState state);
std::string_view name_of(MoveState state);
std::string_view name_of(SetDown how);
std::optional<SetDown> parse_set_down(std::string_view text);

struct Move {
  AliquotId aliquot;
  std::string code;  // what the robot must read on the vial
  PlaceId from;      // place and position label; a port or station may have positions too
  std::string from_position;
  PlaceId to;
  std::string to_position;
  int from_at = -1;  // the same positions as numbers (place_type.hpp): labels are for people
  int to_at = -1;
  MoveState state = MoveState::planned;
  std::uint32_t sequence = 0;  // the robot's sequence number; 0 before it is issued
  std::uint32_t epoch = 0;
  std::string outcome;  // what the robot reported, for people
};

// What a robot's reader saw at one position: a code, nothing there, or a vial it could not read.
struct ReadCode {
  bool unread = false;
  std::string code;  // empty: the position is empty, unless unread
};

struct Job {
  JobId id;
  JobKind kind = JobKind::store;
  JobState state = JobState::queued;
  DeviceId robot;  // empty: people thaw by hand, and each of its vials is in their hands
  CourseId course;
  DoseId dose;       // thaw jobs
  int priority = 5;  // 1 first, 9 last
  WallTime due{};
  std::string command;  // the command that made it; its reply waits for the end
  UserId by;
  UserId approved_by;   // where the site wants approval
  std::string purpose;  // thaw jobs: kSafetyTest, else empty
  WallTime made_at{};
  std::uint64_t ended = 0;  // jobs are numbered in the order of their end; 0 while not closed
  std::vector<Move> moves;
  // Scan jobs, once done: what the robot read at each position of the container, in fill order.
  std::vector<ReadCode> codes;
};

// Facts of a job's progress, made by the core's job runner and applied like any other.
// `move` is the place in Job::moves; `at` is the wall clock, so that the time out of the cold can
// be counted. holding and done are only for a proof: REQUIRES observed_code == Move::code. Another
// code, or none, is a doubt (move_unknown).
Fact move_issued(const JobId& job, std::size_t move, std::uint32_t sequence, Epoch epoch,
                 WallTime at = {});
Fact move_holding(const JobId& job, std::size_t move, std::string_view observed_code,
                  WallTime at = {});
Fact move_done(const JobId& job, std::size_t move, std::string_view observed_code,
               WallTime at = {});
Fact move_not_delivered(const JobId& job, std::size_t move, WallTime at = {});
Fact move_failed(const JobId& job, std::size_t move, bool in_gripper, std::string_view reason,
                 WallTime at = {});
Fact move_unknown(const JobId& job, std::size_t move, std::string_view observed_code,
                  std::string_view reason, WallTime at = {});
// A scan job has one move, which moves nothing: this ends it.
Fact rack_scanned(const JobId& job, std::size_t move, const std::vector<ReadCode>& codes,
                  WallTime at = {});

// Next sequence number of a robot: one above every number ever journaled for it.
class Ledger;
std::uint32_t next_sequence(const Ledger& ledger, const DeviceId& robot);
// The words by which the robot knows a position; Error when the place cannot be reached by robot.
Result<std::array<std::uint16_t, 3>> robot_location(const Ledger& ledger, const PlaceId& place,
                                                    std::string_view position);

}  // namespace cryobank::inventory
