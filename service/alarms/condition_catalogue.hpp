// What the device models conclude, as alarms: how urgent each conclusion is, what to do, and which
// ones a rule of the board judges already (one cause, one alarm). docs/alarms.md shows the same
// list. Conclusions that are not in it keep the priority they were told with.
#pragma once

#include <string_view>

#include "service/alarms/board.hpp"

namespace cryobank::alarms {

struct CatalogueEntry {
  std::string_view condition;
  Priority priority = Priority::p2;
  bool keep_out = false;        // the page begins with DO NOT ENTER
  std::string_view covered_by;  // condition of the rule that judges it; empty: none
  std::string_view action;
};

const CatalogueEntry* find_in_catalogue(std::string_view condition);

}  // namespace cryobank::alarms
