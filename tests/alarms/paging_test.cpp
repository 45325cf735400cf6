#include "tests/alarms/board_story.hpp"

namespace cryobank::alarms {
namespace {

constexpr std::string_view kPagedStore = "store.commit-failed";

TEST(Paging, P2ReachesTheSecondTierAfterHalfAnHourAndNoThird) {
  Story s;
  s.raise(Priority::p2);
  check(s, kPagedStore, "p2 active-unacknowledged", "pager-1");
  s.wait(minutes(29));
  EXPECT_EQ(s.paged(), "pager-1");
  s.wait(minutes(1));
  EXPECT_EQ(s.paged().substr(0, 15), "pager-1 pager-2");
  s.wait(hours(5));
  EXPECT_EQ(s.paged().find("pager-3"), std::string::npos);
}

TEST(Paging, PageNamesItsOccurrenceAttemptAndTier) {
  Story s;
  s.raise(Priority::p1);
  s.wait(minutes(6));
  s.paged();
  const std::vector<Page>& pages = s.last_pages();
  EXPECT_EQ(pages[0].attempt, 1);
  EXPECT_EQ(pages[1].attempt, 2);
  EXPECT_EQ(pages[0].id, pages[1].id);
  EXPECT_EQ(pages[0].id, cat(kPagedStore, "/", pages[0].occurrence, "/1"));
  EXPECT_EQ(pages[0].expires_in, minutes(3));
  EXPECT_EQ(pages.back().tier, 2);
}

TEST(Paging, NotComingAndFailedDeliveryGoToTheNextTierAtOnce) {
  for (const std::string_view status : {"not-coming", "failed"}) {
    Story s;
    s.raise(Priority::p1);
    s.paged();
    EXPECT_TRUE(s.answers("pager-1", "anna", status, s.last_pages()[0].id));
    check(s, kPagedStore, "p1 active-unacknowledged", "pager-1 pager-2");
    s.wait(minutes(5));
    EXPECT_NE(s.paged().find("pager-3"), std::string::npos);
  }
}

TEST(Paging, ComingWithTheCodeTakesTheAlarm) {
  Story s;
  s.raise(Priority::p1);
  s.paged();
  const Page page = s.last_pages()[0];
  EXPECT_TRUE(s.answers("pager-1", "anna", "coming", page.id, "0000x"));
  EXPECT_EQ(s.seen(kPagedStore), "p1 active-unacknowledged");  // heard, not taken
  EXPECT_TRUE(s.answers("pager-1", "anna", "coming", page.id, page.ack_code));
  check(s, kPagedStore, "p1 active-acknowledged", "");
  EXPECT_TRUE(s.facts().back().type == fact::kAlarmAcknowledged);
  EXPECT_EQ(s.facts().back().data["by"], Json("anna"));
}

TEST(Paging, DeliveredAndReadAreKeptAndChangeNothing) {
  Story s;
  s.raise(Priority::p1);
  s.paged();
  const std::string page = s.last_pages()[0].id;
  EXPECT_TRUE(s.answers("pager-1", "pager", "delivered", page));
  EXPECT_TRUE(s.answers("pager-1", "anna", "read", page));
  EXPECT_TRUE(s.answers("pager-1", "anna", "later", page));
  EXPECT_EQ(s.board().render(AlarmId(std::string(kPagedStore)))["answers"].items().size(), 3u);
  s.wait(minutes(3));
  check(s, kPagedStore, "p1 active-unacknowledged", "pager-1");
}

TEST(Paging, AnswersOfOthersAndOfOldPagesAreRefused) {
  Story s;
  s.raise(Priority::p1);
  s.paged();
  const Page page = s.last_pages()[0];
  EXPECT_FALSE(s.answers("pager-1", "ben", "coming", page.id, page.ack_code));  // not his pager
  EXPECT_FALSE(s.answers("pager-1", "nobody", "coming", page.id, page.ack_code));
  EXPECT_FALSE(s.answers("pager-1", "anna", "gone", page.id));
  EXPECT_FALSE(s.answers("pager-1", "anna", "coming", "no page"));
  EXPECT_FALSE(s.answers("pager-1", "anna", "coming", cat(kPagedStore, "/999/1"), page.ack_code));
  EXPECT_EQ(s.seen(kPagedStore), "p1 active-unacknowledged");
}

TEST(Paging, SiteWithoutChannelsShowsTheAlarmAllTheSame) {
  config::SiteConfig site = story_site();
  site.channels.clear();
  Story s(site);
  s.raise(Priority::p1);
  s.wait(hours(1));
  check(s, kPagedStore, "p1 active-unacknowledged", "");
}

}  // namespace
}  // namespace cryobank::alarms
