// First fit: patients one after the other, each on its first possible day, in the orders that
// people and papers use. The best of them is what the improver has to beat.
#pragma once

#include <string>

#include "tests/bench/cht-i/hospital_day.hpp"

namespace cryobank::cht {

struct FirstFit {
  schedule::Routes routes;
  std::string order;
  long long objective = 0;
  int missing = 0;
};

FirstFit best_first_fit(const HospitalModel& model, const Hospital& hospital);

}  // namespace cryobank::cht
