// Calendars at secret addresses: made, followed through a plan that moves, and revoked; the secret
// is nowhere in what the service keeps or says.
#include <gtest/gtest.h>

#include "base/checksum.hpp"
#include "tests/core/plan_story.hpp"

namespace cryobank::core {
namespace {

class FeedStory : public PlanStory {
 protected:
  static std::string hash(std::string_view secret) { return to_hex(sha256(secret)); }
  Json create(const char* feed, const char* of, std::string_view secret,
              const char* course = nullptr) {
    Json body = Json::object().set("feed", feed).set("of", of).set("secret_sha256", hash(secret));
    if (course != nullptr) body.set("course", course);
    return world_.ask("operator", "feed/create", std::move(body));
  }
  // What HTTP would serve for the secret; empty: nothing.
  std::string served(std::string_view secret) const {
    if (world_.feeds == nullptr) return {};
    for (const ServedFeed& feed : *world_.feeds) {
      if (feed.digest == sha256(secret)) return *feed.text;
    }
    return {};
  }
  bool serves(std::string_view secret, std::string_view part, Duration limit = minutes(1)) {
    return world_.run_until([&] { return served(secret).find(part) != std::string::npos; }, limit);
  }
  // The lines of one event, by its UID.
  static std::string event_of(const std::string& text, std::string_view uid) {
    const std::size_t at = text.find(uid);
    if (at == std::string::npos) return {};
    const std::size_t end = text.find("END:VEVENT", at);
    return text.substr(at, end - at);
  }
};

TEST_F(FeedStory, a_calendar_of_each_role_is_served_until_it_is_revoked) {
  begin();
  ASSERT_NE(world_.feeds, nullptr) << "there are none, and that is told";
  EXPECT_TRUE(world_.feeds->empty());
  store_course("c-1");
  publish();
  EXPECT_EQ(create("wall", "lab", "s1").string_or("status", ""), "done");
  EXPECT_EQ(create("ward", "clinic", "s2").string_or("status", ""), "done");
  EXPECT_EQ(create("mine", "patient", "s3", "c-1").string_or("status", ""), "done");
  ASSERT_TRUE(serves("s1", "UID:c-1.d03.thaw@"));
  EXPECT_EQ(served("s1").find("UID:c-1.d03.infusion@"), std::string::npos);
  ASSERT_TRUE(serves("s2", "UID:c-1.d03.infusion@"));
  EXPECT_EQ(served("s2").find(".thaw@"), std::string::npos);
  ASSERT_TRUE(serves("s3", "UID:c-1.d12.infusion@"));
  EXPECT_TRUE(served("S3").empty());
  done("operator", "feed/revoke", Json::object().set("feed", "ward"));
  world_.run(seconds(1));
  EXPECT_TRUE(served("s2").empty()) << "gone at once";
  EXPECT_FALSE(served("s1").empty());
  world_.kill();
  world_.feeds = nullptr;
  world_.start();
  ASSERT_TRUE(serves("s1", "UID:c-1.d03.thaw@")) << "a restart loses none";
  EXPECT_TRUE(served("s2").empty());
  const Json list = done("viewer", "feed/list", Json::object())["body"]["feeds"];
  ASSERT_EQ(list.items().size(), 2u) << list.dump();
  EXPECT_EQ(list.dump().find("sha256"), std::string::npos) << list.dump();
}

TEST_F(FeedStory, a_visit_that_moves_keeps_its_uid_and_one_that_is_taken_back_stays_as_cancelled) {
  begin();
  store_course("c-1");
  publish();
  create("ward", "clinic", "s2");
  constexpr std::string_view kUid = "UID:c-1.d12.infusion@";
  ASSERT_TRUE(serves("s2", kUid));
  const std::string before = event_of(served("s2"), kUid);
  const auto sequence = [](const std::string& event) {
    return std::stoll(event.substr(event.find("SEQUENCE:") + 9));
  };
  done("operator", "dose/plan", *parse_json(R"({"course":"c-1","dose":"d12","thaw_at":null})"));
  ASSERT_TRUE(world_.run_until(
      [&] { return event_of(served("s2"), kUid).find("STATUS:CANCELLED") != std::string::npos; },
      minutes(2)))
      << served("s2");
  const std::string after = event_of(served("s2"), kUid);
  EXPECT_GT(sequence(after), sequence(before));
  const auto begins = [](const std::string& event) {
    return event.substr(event.find("DTSTART:"), 24);
  };
  EXPECT_EQ(begins(after), begins(before)) << "at the time at which it stood";
  publish();
  ASSERT_TRUE(world_.run_until(
      [&] { return event_of(served("s2"), kUid).find("STATUS:CONFIRMED") != std::string::npos; },
      minutes(2)))
      << "planned anew it is the same visit";
}

TEST_F(FeedStory, the_secret_is_nowhere_and_what_makes_no_sense_is_refused) {
  begin();
  store_course("c-1");
  const std::string secret = "a-secret-that-nobody-would-write-by-chance";
  EXPECT_EQ(create("wall", "lab", secret).string_or("status", ""), "done");
  world_.run(minutes(1));
  EXPECT_FALSE(served(secret).empty());
  for (const auto& [key, value] : world_.rows) {
    EXPECT_EQ(value.find(secret), std::string::npos) << key;
  }
  for (const Log& line : world_.logs) EXPECT_EQ(line.text.find(secret), std::string::npos);
  for (const auto& [topic, payload] : world_.broker) {
    EXPECT_EQ(payload.find(secret), std::string::npos) << topic;
  }
  EXPECT_EQ(create("wall", "lab", "another").string_or("code", ""), "already-exists");
  EXPECT_EQ(create("wall-2", "lab", secret).string_or("code", ""), "conflict");
  EXPECT_EQ(create("mine", "patient", "s3").string_or("code", ""), "invalid-value");
  EXPECT_EQ(create("mine", "patient", "s3", "c-9").string_or("code", ""), "not-found");
  EXPECT_EQ(create("lab-2", "lab", "s4", "c-1").string_or("code", ""), "invalid-value");
  Json plain = Json::object().set("feed", "x").set("of", "lab").set("secret_sha256", "not a hash");
  EXPECT_EQ(world_.ask("operator", "feed/create", plain).string_or("code", ""), "invalid-value");
  EXPECT_EQ(
      world_.ask("viewer", "feed/revoke", Json::object().set("feed", "wall")).string_or("code", ""),
      "not-authorised");
  EXPECT_EQ(world_.ask("operator", "feed/revoke", Json::object().set("feed", "none"))
                .string_or("code", ""),
            "not-found");
  for (std::size_t i = 1; i < kFeedsMax; ++i) {
    const std::string name = cat("feed-", i);
    EXPECT_EQ(create(name.c_str(), "lab", name).string_or("status", ""), "done");
  }
  EXPECT_EQ(create("one-more", "lab", "one-more").string_or("code", ""), "too-large");
}

}  // namespace
}  // namespace cryobank::core
