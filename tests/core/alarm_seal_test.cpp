#include "service/wire/alarm_seal.hpp"

#include <gtest/gtest.h>

namespace cryobank::core {
namespace {

Json alarm() {
  return Json::object()
      .set("alarm", "freezer-1.level-low")
      .set("occurrence", 3)
      .set("active", true);
}

TEST(AlarmSeal, HoldsForWhatWasSealedWhateverItsTime) {
  Json sealed = alarm();
  seal_alarm("key", sealed);
  sealed.set("at", "2026-11-29T12:00:00.000Z").set("schema", "alarm/1.0");
  EXPECT_TRUE(seal_holds("key", sealed));
  EXPECT_TRUE(seal_holds("key", *parse_json(sealed.dump())));
}

TEST(AlarmSeal, HoldsForNothingElse) {
  Json sealed = alarm();
  EXPECT_FALSE(seal_holds("key", sealed)) << "never sealed";
  seal_alarm("key", sealed);
  EXPECT_FALSE(seal_holds("another key", sealed));
  for (const auto& [key, value] :
       {std::pair("occurrence", Json(4)), std::pair("active", Json(false)),
        std::pair("text", Json("GO")), std::pair("seal", Json("00"))}) {
    Json changed = sealed;
    EXPECT_FALSE(seal_holds("key", changed.set(key, value))) << key;
  }
  EXPECT_FALSE(seal_holds("key", Json()));
}

}  // namespace
}  // namespace cryobank::core
