// A JSON record as tables for a terminal: its plain fields as field and value, every list of
// objects as a table of its own. Fields are called as people read them ("planned.thaw_at" is
// "planned thaw at"), yes and no are words, a time says how far from now it is. A column that is
// null in every row is left out. The rows of a list inside a list begin with the name of the object
// they belong to. Writes nothing.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"
#include "base/time.hpp"
#include "service/ctl/print_io.hpp"

namespace cryobank::ctl {

struct NamedTable {
  std::string name;  // of the list: "doses", "doses, aliquots"
  Table table;
};

// The plain fields, without lists of objects and without the schema.
Table fields_of(const Json& record, WallTime now);

// Every list of objects in the record; an empty list has no table.
std::vector<NamedTable> lists_of(const Json& record, WallTime now);

// What a field is called: "warm_left_s" is "warm left (s)", and "at", when it was said, "told".
std::string title_of(std::string_view path);

// "12 s", "5 min", "3 h", "2 d".
std::string span_text(std::int64_t ms);

// "2026-11-22 03:04:05 UTC (12 min ago)"; anything that is no such time as cell() has it.
std::string time_text(const Json& at, WallTime now);

// Of a device's state, which is told when it changes and once a minute: "answers" while it is
// online, since its newest answer is newer than the one told; else when it last answered.
std::string answer_text(const Json& device_state, WallTime now);

}  // namespace cryobank::ctl
