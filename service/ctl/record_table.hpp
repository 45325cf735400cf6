// A JSON record as tables for a terminal: its plain fields as field and value, every list of
// objects as a table of its own. Fields of inner objects are written "planned.thaw_at". A column
// that is null in every row is left out. The rows of a list inside a list begin with the name of
// the object they belong to. Writes nothing.
#pragma once

#include <string>
#include <vector>

#include "base/json.hpp"
#include "service/ctl/print_io.hpp"

namespace cryobank::ctl {

struct NamedTable {
  std::string name;  // of the list: "doses", "doses.aliquots"
  Table table;
};

// The plain fields, without lists of objects and without the schema.
Table fields_of(const Json& record);

// Every list of objects in the record; an empty list has no table.
std::vector<NamedTable> lists_of(const Json& record);

}  // namespace cryobank::ctl
