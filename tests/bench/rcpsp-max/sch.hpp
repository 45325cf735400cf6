// Instances of RCPSP/max in the format of ProGen/max (files .SCH of the sets UBO and sm_j): read
// for the product's own engine (service/schedule/project.hpp), written by a generator of our own.
//
//   10 5 0 0                 activities without source and sink, renewable resources, and of two
//                            further kinds none
//   0 1 3 1 2 3 [0] [0] [4]  activity, modes (one), successors, and the least time from its start
//                            to theirs; below 0: it begins at most so long after the successor
//   ...
//   1 1 9 10 8 0 8 10        activity, mode, duration, use of each resource
//   ...
//   10 10 10 10 10           capacities
//
// A public variant has two numbers in its first line, no modes and no times: each successor begins
// after the end. Activity 0 is the source, the last one the sink.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "service/schedule/project.hpp"

namespace cryobank::rcpsp_max {

// Errors: what is wrong, with the line.
Result<schedule::Project> read_sch(std::string_view text);
std::string write_sch(const schedule::Project& project);
// `activities` steps in a random order, five resources of which steps take 0 to 10 of 10 (sparse:
// 0 to 3 of 5), least times around the durations, and most times that close cycles. The same seed
// gives the same bytes.
std::string generate_sch(int activities, bool sparse, std::uint64_t seed);

}  // namespace cryobank::rcpsp_max
