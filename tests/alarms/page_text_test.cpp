#include "service/alarms/page/page_text.hpp"

#include <gtest/gtest.h>

#include "base/prng.hpp"
#include "base/text.hpp"
#include "service/alarms/alarm.hpp"
#include "service/alarms/rule.hpp"

namespace cryobank::alarms {
namespace {

const Now kNight{Instant{1'000'000'000}, WallTime{1'795'575'845'678}};  // 03:04:05 UTC

PageWords some_words() {
  PageWords words;
  words.priority = Priority::p1;
  words.source = "freezer-1";
  words.what = "LN2 level low 71 mm (limit 77)";
  words.since = kNight.wall - minutes(20);
  words.action = "Fill by hand";
  words.place = "Store room 1";
  words.way_in = "door B";
  words.lost_in_s = 11'400;  // 3 h 10
  words.travel = minutes(45);
  return words;
}

TEST(PageText, SaysWhatWhereHowLongAndByWhenToLeave) {
  EXPECT_EQ(
      page_text(kNight, some_words(), {"4471", 1, 1, "", 0}, Zone::fixed(9 * 3600)),
      "P1 freezer-1 LN2 level low 71 mm (limit 77), -130C in 3h10, leave by 14:29 GO ack 4471 "
      "Store room 1 (door B). Since 11:44. Fill by hand.");
}

TEST(PageText, SaysWhoComesAndThatNobodyDoes) {
  const std::string comes = page_text(kNight, some_words(), {"4471", 2, 2, "ben 02:50", 3}, Zone());
  EXPECT_NE(comes.find("Coming: ben 02:50."), std::string::npos) << comes;
  EXPECT_NE(comes.find("+3 more"), std::string::npos) << comes;
  const std::string nobody = page_text(kNight, some_words(), {"4471", 2, 2, "", 0}, Zone());
  EXPECT_NE(nobody.find("Nobody comes yet."), std::string::npos) << nobody;
}

// "Coming: cai 18:30" was read at one o'clock, and "leave NOW" for hours behind the loss.
TEST(PageText, SaysWhatIsPast) {
  PageWords words = some_words();
  words.lost_in_s = 0;
  words.lost_since = kNight.wall - minutes(30);
  const PageFace face{"4471", 2, 2, "ben said 02:50", 0, true};
  EXPECT_EQ(page_text(kNight, words, face, Zone()),
            "P1 freezer-1 LN2 level low 71 mm (limit 77), ABOVE -130C since 02:34 GO ack 4471 "
            "Store room 1 (door B). ben said 02:50, nobody is known to be there. Since 02:44. "
            "Fill by hand. Call 2.");
  const std::string said = spoken_text(kNight, words, face, Zone(), Language::english);
  EXPECT_NE(said.find("Above minus 130 degrees since 02:34. "), std::string::npos) << said;
  EXPECT_NE(said.find("ben said 02:50, nobody is known to be there."), std::string::npos) << said;
  words.lost_since = WallTime{};
  EXPECT_NE(page_text(kNight, words, face, Zone()).find("(limit 77), ABOVE -130C GO ack 4471"),
            std::string::npos);
}

// Whoever reads only the beginning must not go in.
// "2 freezers fail to fill, first lost p1 in 2h26" was said of what was back to normal.
TEST(PageText, CallsNobodyForWhatIsOver) {
  PageWords words = some_words();
  words.priority = Priority::p2;
  words.over = true;
  words.first_lost = "freezer-3 in 2h26";
  EXPECT_EQ(page_text(kNight, words, {"4471", 3, 2, "", 0}, Zone()),
            "P2 freezer-1 back to normal, was: LN2 level low 71 mm (limit 77) confirm ack 4471 "
            "Store room 1 (door B). Since 02:44. Call 3.");
}

TEST(PageText, NeverSendsAPersonIntoARoomThatMayNotBeEntered) {
  PageWords words = some_words();
  words.keep_out = "oxygen 17.2 %";
  const std::string page = page_text(kNight, words, {"4471", 1, 1, "", 0}, Zone());
  EXPECT_EQ(page.substr(0, 45), "P1 freezer-1 DO NOT ENTER: oxygen 17.2 %; LN2");
  EXPECT_EQ(page.find(" GO"), std::string::npos) << page;
  EXPECT_NE(page.find("WHEN SAFE: Fill by hand."), std::string::npos) << page;
  for (const Language language : {Language::english, Language::japanese}) {
    const std::string said = spoken_text(kNight, words, {"4471", 1, 1, "", 0}, Zone(), language);
    const bool ja = language == Language::japanese;
    EXPECT_NE(said.find(ja ? "入室できるようになってから、" : "When it is safe: "),
              std::string::npos)
        << said;
  }
  words.from_outside = true;  // "Keep everybody out" is done at once
  EXPECT_EQ(page_text(kNight, words, {"4471", 1, 1, "", 0}, Zone()).find("WHEN SAFE"),
            std::string::npos);
}

// The words of a detector are long: they are what is cut, and never the time or the way in.
TEST(PageText, CutsWhatWasSeenAndNeitherTheTimeNorTheWayIn) {
  PageWords words = some_words();
  words.what =
      "level fell 15 mm within 6 min, 9 times as fast as in the last 40 fills of this tank";
  words.way_in = "door B, key box 3";
  words.keep_out = "the interlock shut the inlet, oxygen 20.95 %";
  const PageFace face{"4471", 3, 2, "", 4};
  const std::string page = page_text(kNight, words, face, Zone());
  const std::string head = page.substr(0, kPageHeadMax);
  for (const char* const part : {"DO NOT ENTER: the interlock", "level fell 15 mm",
                                 "set out by 05:29", "ack 4471", "(door B, key box 3)"}) {
    EXPECT_NE(head.find(part), std::string::npos) << part << ": " << page;
  }
  EXPECT_NE(page.find("WHEN SAFE: Fill by hand."), std::string::npos) << page;
}

TEST(PageText, TellsWhoLeavesTooLateToLeaveNow) {
  PageWords words = some_words();
  words.lost_in_s = 1'800;
  const std::string page = page_text(kNight, words, {"4471", 1, 1, "", 0}, Zone());
  EXPECT_NE(page.find("-130C in 30min, leave NOW GO"), std::string::npos) << page;
}

TEST(PageText, IsSevenBitAndBoundedForAnyBytes) {
  Prng prng(4711);
  for (int round = 0; round < 2000; ++round) {
    PageWords words = some_words();
    std::string text;
    for (std::uint64_t i = prng.below(600); i > 0; --i) {
      text += static_cast<char>(prng.below(256));
    }
    words.what = text;
    words.action = text;
    if (prng.chance(1, 2)) words.keep_out = text.substr(0, 60);
    const std::string page =
        page_text(kNight, words, {"4471", static_cast<int>(prng.below(1000)), 3, "", 0}, Zone());
    ASSERT_LE(page.size(), kPageLengthMax);
    for (const char c : page) ASSERT_TRUE(c >= 0x20 && c < 0x7F);
    const std::size_t code = page.find(" ack 4471");
    ASSERT_NE(code, std::string::npos);
    ASSERT_LE(code + 9, kPageHeadMax);
  }
}

TEST(PageText, IsSpokenInWholeSentencesAlsoInJapanese) {
  PageWords words = some_words();
  words.what_ja = "液体窒素が不足";
  words.action_ja = "手動で補充してください";
  const PageFace face{"4471", 1, 1, "", 0};
  const std::string spoken = spoken_text(kNight, words, face, Zone(), Language::japanese);
  EXPECT_NE(spoken.find("液体窒素が不足"), std::string::npos);
  EXPECT_NE(spoken.find("手動で補充してください"), std::string::npos);
  EXPECT_NE(spoken.find("4471"), std::string::npos);
  EXPECT_NE(spoken_text(kNight, words, face, Zone(), Language::english).find("leave by 05:29"),
            std::string::npos);
}

TEST(PageText, OneMarkForEachForeignLetter) {
  EXPECT_EQ(seven_bit("K\xC3\xA4lte \xE5\x86\xB7 \n"), "K?lte ? ?");
}

TEST(AlarmId, LongOrStrangeSourcesStayIdsAndStayApart) {
  const std::string first(64, 'a');
  const std::string second = std::string(63, 'a') + "b";
  EXPECT_EQ(alarm_id("job-1", "motion-unknown").str(), "job-1.motion-unknown");
  EXPECT_NE(alarm_id(first, "motion-unknown"), alarm_id(second, "motion-unknown"));
  EXPECT_TRUE(is_id_text(alarm_id("a b/c", "x").str()));
}

TEST(Figures, HaveNoMoreThanATenthUnlessTheyWouldReadAsTheLimit) {
  Rule rule;
  rule.quality = Quality::good;
  rule.spec.entry.title = "top temperature";
  rule.spec.entry.unit = "Cel";
  rule.spec.entry.when = config::AlarmWhen::above;
  rule.spec.entry.stages.resize(1);
  rule.spec.entry.stages[0].limit = Milli{-160'000};
  const auto told = [&rule](std::int64_t value) {
    rule.value = Milli{value};
    return describe(rule, 1);
  };
  EXPECT_EQ(told(-159'222), "top temperature -159.2 Cel (limit -160)");
  EXPECT_EQ(told(-159'980), "top temperature -159.98 Cel (limit -160)");
  EXPECT_EQ(told(-162'278), "top temperature -162.3 Cel (back within -160)");
  rule.spec.entry.unit = "%";
  EXPECT_EQ(told(15'480), "top temperature 15.48 % (limit -160)");
}

// Pages named times of the record, nine hours off and of 24 characters.
TEST(LocalTimes, AreThoseOfTheSiteWhereverATextHasOne) {
  const Zone zone = Zone::fixed(9 * 3600);
  const WallTime now = *parse_utc("2026-11-22T03:00:00.000Z");
  const auto told = [&](std::string_view text) { return local_times(text, now, zone); };
  EXPECT_EQ(told("due at 2026-11-22T08:05:00.000Z"), "due at 17:05");
  EXPECT_EQ(told("since 2026-11-20T16:30:00.000Z, until 2026-11-22T03:10:59.999Z."),
            "since Sat 01:30, until 12:10.");
  EXPECT_EQ(told("2026-12-24T15:00:00.000Z"), "2026-12-25 00:00");
  for (const char* const same : {"", "no time", "2026-11-22T03:04:05.678",
                                 "T 2026-99-22T03:04:05.678Z", "freezer-1.level-low 12Z"}) {
    EXPECT_EQ(told(same), same);
  }
}

}  // namespace
}  // namespace cryobank::alarms
