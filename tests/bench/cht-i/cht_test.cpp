#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "base/text.hpp"
#include "service/schedule/improve.hpp"
#include "tests/bench/cht-i/orders.hpp"

namespace cryobank::cht {
namespace {

Hospital from_file(const std::string& name) {
  std::ifstream file(cat(CRYOBANK_SOURCE_DIR, "/tests/bench/cht-i/", name), std::ios::binary);
  const std::string text(std::istreambuf_iterator<char>(file), {});
  Result<Hospital> hospital = read_hospital(text);
  EXPECT_TRUE(hospital) << name;
  return hospital ? *hospital : Hospital();
}

TEST(ChtI, ImproverIsFeasibleAndBetterThanFirstFitInEveryOrder) {
  for (const char* name : {"instance_15_daily_6.json", "instance_30_weekend_6.json",
                           "instance_60_weekly_24.json", "instance_90_uniform_24.json"}) {
    const Hospital hospital = from_file(name);
    const HospitalModel model(hospital);
    const FirstFit first = best_first_fit(model, hospital);
    schedule::Improver improver(model, {}, 1);
    improver.start_from(first.routes);
    improver.run(150, 150);
    EXPECT_TRUE(violations(hospital, improver.routes()).empty()) << name;
    int missing = 0;
    for (const schedule::Route& route : improver.routes()) missing += route.visits.empty() ? 1 : 0;
    EXPECT_LE(missing, first.missing) << name;
    const long long mine = objective(hospital, improver.routes());
    EXPECT_TRUE(missing < first.missing || mine <= first.objective) << name;
  }
}

TEST(ChtI, WhatIsNoInstanceIsRefused) {
  EXPECT_FALSE(read_hospital("{}"));
  EXPECT_FALSE(read_hospital("no json"));
}

}  // namespace
}  // namespace cryobank::cht
