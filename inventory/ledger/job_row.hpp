// How a job is kept: its row, and what its states mean to the ledger.
#pragma once

#include <string>
#include <string_view>

#include "base/json.hpp"
#include "inventory/ledger/job.hpp"

namespace cryobank::inventory {

// Queued, running or paused: it may still move something.
bool is_open(JobState state);
// Planned, issued or holding.
bool is_open(MoveState state);

std::string row_key(const JobId& job);
Json to_json(const Job& job);
// Per position: its code, "" for an empty one, null for a vial that could not be read.
Json to_json(const std::vector<ReadCode>& codes);
Result<std::vector<ReadCode>> decode_codes(const Json::Array& list);
Result<Job> decode_job(std::string_view key, const Json& row);

// The body of the facts below, by the place of the move in the job.
Json move_fact_data(const JobId& job, std::size_t move, WallTime at);

}  // namespace cryobank::inventory
