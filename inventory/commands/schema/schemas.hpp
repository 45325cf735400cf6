// Schemas: the entry of every command of the inventory, and the function that decides it. What a
// body may hold, who may send it and what is signed stands in the entries (table_*.cpp, by noun);
// the deciding in decide_*.cpp. schemas.cpp joins the two and CHECKs that each has the other.
#pragma once

#include <span>
#include <string_view>

#include "base/command_schema.hpp"
#include "base/json.hpp"

namespace cryobank::inventory {

// Sorted by verb. "schedule" and "service" among the roles stand for the daemon's own acts.
std::span<const CommandSchema> schemas();
const CommandSchema* find_schema(std::string_view verb);
// A trial changes nothing, so one person may ask for it.
bool needs_witness(const CommandSchema& schema, const Json& body);

std::span<const CommandSchema> aliquot_schemas();
std::span<const CommandSchema> course_schemas();
std::span<const CommandSchema> place_schemas();
std::span<const CommandSchema> hold_schemas();
std::span<const CommandSchema> quality_schemas();
std::span<const CommandSchema> hands_schemas();
std::span<const CommandSchema> report_schemas();

}  // namespace cryobank::inventory
