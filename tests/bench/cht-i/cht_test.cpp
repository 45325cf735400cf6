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

TEST(ChtI, WhatIsWrongIsSaidWithItsPlace) {
  const std::string good =
      R"({"param":{"days":1,"numTimeSlots":2,"multitasks":2,"numMaterials":1,)"
      R"("consultationLength":1,"installationLength":1,"nurses":[[0,0,0],[0,1,1]],)"
      R"("pharmacy":[[false,false,false],[false,true,true]],"sectorIds":[3],)"
      R"("doctors":{"3":[[0,0,0],[0,1,1]]}},"demands":[{"id":1,"rdvDemands":[{"id":1,)"
      R"("sectorId":3,"afterLastRequest":0,"needingConsultation":false,"medPreparedSameDay":true,)"
      R"("medPrepDuration":1,"treatmentDuration":1}]}]})";
  ASSERT_TRUE(read_hospital(good));
  struct Case {
    std::string from, to, says;
  };
  const Case cases[] = {
      {R"("days":1)", R"("days":2)", "param.nurses: expected a list of 3 rows"},
      {R"("days":1,)", "", "param.days: expected a whole number from 1 to 400, came null"},
      {"[0,1,1]],\"pharmacy", "[0,1]],\"pharmacy", "param.nurses[1]: expected a list of 3"},
      {"[0,1,1]],\"pharmacy", "[0,-1,1]],\"pharmacy", "param.nurses[1][1]: expected a whole"},
      {R"("3":)", R"("4":)", "param.doctors.3: expected a list of 2 rows"},
      {R"("sectorId":3)", R"("sectorId":5)",
       "demands[0].rdvDemands[0].sectorId: expected one of param.sectorIds, came 5"},
      {R"("medPreparedSameDay":true,)", "", "medPreparedSameDay: expected true or false"},
      {R"("treatmentDuration":1)", R"("treatmentDuration":-1)", "from 0 to 300, came -1"}};
  for (const Case& one : cases) {
    std::string text = good;
    const std::size_t at = text.find(one.from);
    ASSERT_NE(at, std::string::npos) << one.from;
    text.replace(at, one.from.size(), one.to);
    const Result<Hospital> hospital = read_hospital(text);
    ASSERT_FALSE(hospital) << one.says;
    EXPECT_NE(hospital.error().context.find(one.says), std::string::npos)
        << hospital.error().context;
  }
}

}  // namespace
}  // namespace cryobank::cht
