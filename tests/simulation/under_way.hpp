// Under way: vials of moves that the record says are issued or holding. The robot may be anywhere
// between both ends, so nobody compares them with the shelf and nobody lays a hand on them.
#pragma once

#include <set>
#include <string>

#include "inventory/ledger/ledger.hpp"

namespace cryobank::simulation {

inline std::set<std::string> under_way(const inventory::Ledger& ledger) {
  using inventory::MoveState;
  std::set<std::string> codes;
  for (const JobId& id : ledger.open_jobs()) {
    for (const inventory::Move& move : ledger.find_job(id)->moves) {
      if (move.state == MoveState::issued || move.state == MoveState::holding) {
        codes.insert(move.code);
      }
    }
  }
  return codes;
}

}  // namespace cryobank::simulation
