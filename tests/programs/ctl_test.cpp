#include <gtest/gtest.h>

#include "base/text.hpp"
#include "service/config_files_io.hpp"
#include "service/ctl/answer.hpp"
#include "service/ctl/broker_config.hpp"
#include "service/ctl/record_print.hpp"
#include "service/ctl/record_table.hpp"
#include "service/ctl/story.hpp"

namespace cryobank::ctl {
namespace {

config::SiteConfig demo_site() {
  config::SiteConfig site;
  config::Faults faults;
  EXPECT_TRUE(service::load_site(CRYOBANK_SOURCE_DIR "/config/demo/site.toml", site, faults));
  return site;
}

BrokerFiles broker_files(std::uint16_t ws_port) {
  BrokerFiles files;
  files.directory = "/x";
  files.port = 1999;
  files.ws_port = ws_port;
  return files;
}

TEST(BrokerConfigTest, EveryUserOfTheSiteMayReadButOnlyTheDaemonMayWriteTheTree) {
  const config::SiteConfig site = demo_site();
  const std::string acl = render_acl(site);
  for (const config::UserConfig& user : site.users) {
    EXPECT_NE(acl.find(cat("\nuser ", user.id.str(), "\n")), std::string::npos) << user.id.str();
  }
  EXPECT_NE(acl.find("user cryobankd\ntopic readwrite cryobank/v1/demo/#\n"), std::string::npos);
  EXPECT_EQ(acl.find("topic write cryobank/v1/demo/#"), std::string::npos);
  EXPECT_NE(acl.find("pattern write cryobank/v1/+/command/%u/#\n"), std::string::npos);
}

TEST(BrokerConfigTest, NobodyReadsTheRepliesOfAnother) {
  const std::string acl = render_acl(demo_site());
  EXPECT_EQ(acl.find("topic read cryobank/v1/demo/reply"), std::string::npos);
  EXPECT_NE(acl.find("pattern read cryobank/v1/+/reply/%u/#\n"), std::string::npos);
}

TEST(BrokerConfigTest, ListensOnLoopbackOnlyAndSendsWithoutDelay) {
  const std::string conf = render_broker_config(demo_site(), broker_files(2999));
  EXPECT_NE(conf.find("listener 1999 127.0.0.1\n"), std::string::npos);
  EXPECT_NE(conf.find("listener 2999 127.0.0.1\nprotocol websockets\n"), std::string::npos);
  EXPECT_NE(conf.find("set_tcp_nodelay true\n"), std::string::npos);
  EXPECT_NE(conf.find("allow_anonymous false\n"), std::string::npos);
  EXPECT_EQ(render_broker_config(demo_site(), broker_files(0)).find("websockets"),
            std::string::npos);
}

const WallTime kNoon = *parse_utc("2026-11-22T12:00:00.000Z");

Json course_of_two_doses() {
  return *parse_json(R"({"course":"c1","counts":{"free":2,"held":0},"ids":["a","b"],"holds":[],
    "schema":"course/1.0","doses":[
      {"dose":"d01","planned":{"thaw_at":null},"aliquots":[{"aliquot":"v1","place":"box-1"}]},
      {"dose":"d02","planned":{"thaw_at":"T"},"use_by":null,
       "aliquots":[{"aliquot":"v2","place":"box-2"},{"aliquot":"v3","place":null}]}]})");
}

TEST(RecordTableTest, PlainFieldsAreOneTableWithInnerOnesByTheirPath) {
  const Table fields = fields_of(course_of_two_doses(), kNoon);
  const std::vector<std::vector<std::string>> expected = {{"counts free", "2"},
                                                          {"counts held", "0"},
                                                          {"course", "c1"},
                                                          {"holds", "none"},
                                                          {"ids", "a, b"}};
  EXPECT_EQ(fields.rows, expected);
}

TEST(RecordTableTest, EachListIsATableAndAnInnerOneSaysWhoseItIs) {
  const std::vector<NamedTable> lists = lists_of(course_of_two_doses(), kNoon);
  ASSERT_EQ(lists.size(), 2U);
  EXPECT_EQ(lists[0].name, "doses");
  EXPECT_EQ(lists[0].table.head, (std::vector<std::string>{"dose", "planned thaw at"}));
  EXPECT_EQ(lists[0].table.rows[1], (std::vector<std::string>{"d02", "T"}));
  EXPECT_EQ(lists[1].name, "doses, aliquots");
  EXPECT_EQ(lists[1].table.head, (std::vector<std::string>{"of", "aliquot", "place"}));
  EXPECT_EQ(lists[1].table.rows[2], (std::vector<std::string>{"d02", "v3", "-"}));
}

TEST(RecordTableTest, AListThatIsNotOfObjectsThroughoutLosesNoField) {
  const std::vector<NamedTable> lists =
      lists_of(*parse_json(R"({"rows":[{"a":1},{"b":[1,2]}]})"), kNoon);
  ASSERT_EQ(lists.size(), 1U);
  EXPECT_EQ(lists[0].table.head, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(lists[0].table.rows[1], (std::vector<std::string>{"-", "1, 2"}));
}

TEST(RecordTableTest, TitlesUnitsAndTimesReadAsPeopleSayThem) {
  EXPECT_EQ(title_of("at"), "told");
  EXPECT_EQ(title_of("planned.thaw_at"), "planned thaw at");
  EXPECT_EQ(title_of("warm_left_s"), "warm left (s)");
  EXPECT_EQ(title_of("max_celsius"), "max (°C)");
  EXPECT_EQ(title_of("s"), "s");
  EXPECT_EQ(time_text(Json("2026-11-22T11:58:30.000Z"), kNoon),
            "2026-11-22 11:58:30 UTC (90 s ago)");
  EXPECT_EQ(time_text(Json("2026-11-24T12:00:00.000Z"), kNoon), "2026-11-24 12:00:00 UTC (in 2 d)");
  EXPECT_EQ(time_text(Json("2026-11-22"), kNoon), "2026-11-22");
  EXPECT_EQ(time_text(Json(), kNoon), "-");
  EXPECT_EQ(time_text(Json("a code that ends in Z"), kNoon), "a code that ends in Z");
  const Table said = fields_of(*parse_json(R"({"done":true,"fit":false,"left_s":31})"), kNoon);
  EXPECT_EQ(said.rows, (std::vector<std::vector<std::string>>{
                           {"done", "yes"}, {"fit", "no"}, {"left (s)", "31"}}));
}

TEST(RecordTableTest, WhatAReaderLooksForFirstStandsFirst) {
  const char* const text = R"({"aliquots":[
      {"aliquot":"v1","book":"b","code":"V-1","place":"p","state":"stored"}]})";
  const auto lists = lists_of(*parse_json(text), kNoon);
  ASSERT_EQ(lists.size(), 1U);
  EXPECT_EQ(lists[0].table.head,
            (std::vector<std::string>{"aliquot", "code", "state", "place", "book"}));
}

Json event(const char* type, Json data) {
  return Json::object().set("type", type).set("data", std::move(data));
}

TEST(StoryTest, TellsAnEventInOneSentenceWithItsFields) {
  EXPECT_EQ(tell_story(event("cryobank.inventory.dose-infused",
                             Json::object().set("dose", "d01").set("course", "course-1"))),
            "dose d01 of course-1 is given to the patient");
}

TEST(StoryTest, ReachesIntoAnInnerObject) {
  Json job = Json::object().set("job", "job-1").set("kind", "thaw").set("robot", "robot-1");
  job.set("course", "course-1");
  EXPECT_EQ(tell_story(event("cryobank.job.job-created",
                             Json::object().set("job", job).set("by", "schedule"))),
            "robot-1 gets job-1: thaw of course-1, asked by schedule");
}

TEST(StoryTest, TellsAnEventItHasNoSentenceForByItsPlainFields) {
  EXPECT_EQ(tell_story(event("cryobank.inventory.something-new",
                             Json::object().set("a", 1).set("b", "two").set("c", Json::array()))),
            "inventory.something-new: a 1 b two");
}

TEST(StoryTest, AMissingFieldIsLeftOut) {
  EXPECT_EQ(tell_story(event("cryobank.inventory.dose-planned", Json::object())),
            "the doses of  are planned");
}

TEST(StoryTest, SaysOfAnEventThatCannotBeReadWhatIsWrong) {
  EXPECT_EQ(tell_story(Json::object().set("type", 7)),
            "an event: expected a text at \"type\", came 7");
}

TEST(AnswerTest, ReadsWhatEveryReplySays) {
  const Json reply = Json::object().set("status", "accepted").set("message", "a backup is written");
  const Result<Answer> answer = read_answer(reply);
  ASSERT_TRUE(answer.ok());
  EXPECT_EQ(answer->status, "accepted");
  EXPECT_EQ(answer->message, "a backup is written");
  EXPECT_TRUE(answer->good());
  EXPECT_FALSE(answer->done());
  EXPECT_TRUE(read_answer(Json::object().set("status", "done").set("message", Json()))->done());
  EXPECT_FALSE(read_answer(Json::object().set("status", "rejected"))->good());
}

TEST(AnswerTest, RefusesAReplyOfAnotherForm) {
  const std::pair<Json, const char*> table[] = {
      {Json::array(), "expected an object, came an array"},
      {Json::object().set("message", "m"), "a text at \"status\", came nothing"},
      {Json::object().set("status", true), "a text at \"status\", came true"},
      {Json::object().set("status", "dnoe"), "at \"status\", came \"dnoe\""},
      {Json::object().set("status", "done").set("message", 5), "a text at \"message\", came 5"},
  };
  for (const auto& [reply, told] : table) {
    const Result<Answer> answer = read_answer(reply);
    ASSERT_FALSE(answer.ok()) << reply.dump();
    EXPECT_EQ(answer.error().code, ErrorCode::malformed);
    EXPECT_NE(answer.error().context.find(told), std::string::npos) << answer.error().context;
  }
}

TEST(RecordPrintTest, MarksWhatWasChangedSinceItWasEntered) {
  inventory::JournalEntry entry;
  entry.fact = {fact::kQualityResultEntered, {}};
  const auto content = [](std::int64_t value) {
    Json test = Json::object().set("test", "viability").set("value", value);
    Json document = Json::object().set("kind", "qc").set("id", "l1");
    document.set("content", Json::object().set("tests", Json(Json::Array{test})));
    return Json::object().set("lot", "l1").set("documents", Json(Json::Array{document}));
  };
  RecordPrint print;
  entry.sequence = 14;
  entry.fact.data = content(92);
  EXPECT_EQ(print.add(entry).size(), 2U);
  entry.sequence = 15;
  entry.context.actor.user = UserId("qc");
  entry.context.reason = "typed wrongly";
  entry.fact.data = content(91);
  const std::vector<std::string> lines = print.add(entry);
  ASSERT_EQ(lines.size(), 3U);
  EXPECT_NE(lines[0].find("entry 15  quality-result-entered  by qc: typed wrongly"),
            std::string::npos)
      << lines[0];
  EXPECT_EQ(lines[2], "    CHANGED qc/l1 tests.0.value: 91, was 92 since entry 14");
  EXPECT_EQ(print.changed(), 1U);
}

TEST(RecordPrintTest, MarksAPlanThatWasMadeAnew) {
  inventory::JournalEntry entry;
  Json dose = Json::object().set("dose", "d01").set("thaw_at", "B").set("old_thaw_at", "A");
  entry.fact = {fact::kDosePlanned,
                Json::object().set("course", "c1").set("doses", Json(Json::Array{dose}))};
  const std::vector<std::string> lines = RecordPrint().add(entry);
  EXPECT_EQ(lines.back(), "    CHANGED doses.thaw_at: B, was A");
}

}  // namespace
}  // namespace cryobank::ctl
