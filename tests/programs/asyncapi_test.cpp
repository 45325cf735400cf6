// docs/asyncapi.yaml is what the daemon really says and takes: a real bank works for a while, all
// its traffic is recorded, and every message must fit the page. Planted differences must be found.
#include <gtest/gtest.h>

#include <csignal>
#include <fstream>

#include "base/text.hpp"
#include "base/time.hpp"
#include "tests/programs/bank.hpp"

namespace cryobank::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr const char* kRoot = "cryobank/v1/demo/";

struct Verdict {
  int exit_code = 0;
  std::string text;
};

Verdict check(const Bank& bank, const std::string& traffic) {
  const std::string log = (bank.directory() / "verdict.txt").string();
  std::filesystem::remove(log);
  const std::string tree = CRYOBANK_SOURCE_DIR;
  Process checker({"/usr/bin/python3", tree + "/tests/programs/check_traffic.py",
                   tree + "/docs/asyncapi.yaml", "demo", traffic},
                  log);
  const int exit_code = checker.wait(seconds(120));
  return {exit_code, read_text(log)};
}

void act(Bank& bank, const std::string& user, std::string_view verb, Json body) {
  const Json reply = bank.command(user, verb, std::move(body));
  ASSERT_EQ(reply.string_or("status", ""), "done") << verb << ": " << reply.dump();
}

void publish_receipt(Bank& bank, const std::string& page, const std::string& channel) {
  Process send({"/usr/bin/mosquitto_pub", "-V", "5", "-p", cat(bank.broker().port()), "-q", "1",
                "-t", cat(kRoot, "page/", channel, "/receipt/operator"), "-m",
                Json::object().set("page", page).set("status", "read").dump()},
               (bank.directory() / "receipt.log").string());
  ASSERT_EQ(send.wait(seconds(10)), 0);
}

// What staff do in a day: a course is stored, released, planned, a set-point is written, a machine
// dies, a page is answered.
void work_a_day(Bank& bank, const std::string& recorded) {
  for (int i = 1; i <= 12; ++i) {
    bank.sim().ask(Json::object()
                       .set("do", "put_vial")
                       .set("location", Json::array().push(901).push(0).push(i))
                       .set("code", cat("course-1-d", i < 10 ? "0" : "", i, "-1")));
  }
  Json course = Json::object().set("course", "course-1").set("patient", "patient-1");
  course.set("protocol", "ank-12").set("store", Json::object().set("robot", "robot-1"));
  act(bank, "operator", "course/register", std::move(course));
  act(bank, "quality", "course/release", Json::object().set("course", "course-1"));
  const auto ahead = std::chrono::system_clock::now() + std::chrono::hours(24 * 40);
  const WallTime infusion{
      std::chrono::duration_cast<milliseconds>(ahead.time_since_epoch()).count()};
  act(bank, "physician", "course/plan",
      Json::object().set("course", "course-1").set("first_infusion", format_utc(infusion)));
  act(bank, "supervisor", "device/write",
      Json::object().set("device", "freezer-1").set("point", "fill-start").set("value", 130));
  act(bank, "operator", "device/fill", Json::object().set("device", "freezer-3"));
  const Json refused = bank.command("viewer", "course/register", Json::object());
  EXPECT_EQ(refused.string_or("code", ""), "not-authorised") << refused.dump();

  bank.sim().ask(Json::object().set("do", "fault").set("device", "freezer-2").set("fault", "dead"));
  Json page;
  ASSERT_TRUE(eventually(seconds(60), [&] {
    std::ifstream lines(recorded);
    for (std::string line; std::getline(lines, line);) {
      if (line.find("/page/") == std::string::npos) continue;
      if (line.find("/receipt/") != std::string::npos) continue;  // the gateway's, of a page
      auto message = parse_json(line, 1u << 20);
      if (message && (*message)["payload"].is_string()) {
        page = parse_json((*message)["payload"].string()).value();
      }
    }
    return !page.is_null();
  })) << "no page";
  publish_receipt(bank, page["page"].string(), page["channel"].string());
  // A checkpoint comes at least every 60 s.
  for (const char* last : {"/receipt/operator", "/journal/checkpoint"}) {
    EXPECT_TRUE(eventually(seconds(90), [&] {
      return read_text(recorded).find(last) != std::string::npos;
    })) << last;
  }
}

// A gateway that hears nothing of the daemon for ten seconds says MONITOR DEAD, and reports it.
std::string write_gateway(Bank& bank) {
  const std::string path = (bank.directory() / "cryobank-pager.toml").string();
  std::ofstream file(path);
  file << cat("site = \"demo\"\nstate_dir = \"", bank.directory().string(),
              "/pager\"\nsilence = \"10s\"\nrepeat = \"10s\"\ntier_after = \"1min\"\n"
              "[mqtt]\nhost = \"127.0.0.1\"\nport = ",
              bank.broker().port(), "\nuser = \"pager\"\n");
  for (int i = 1; i <= 3; ++i) {
    file << cat("[[channel]]\nid = \"pager-", i, "\"\nkind = \"print\"\ntier = ", i, "\n");
  }
  return path;
}

void silence_and_return(Bank& bank, const std::string& recorded) {
  const auto told = [&](std::string_view topic) {
    return eventually(seconds(60),
                      [&] { return read_text(recorded).find(topic) != std::string::npos; });
  };
  EXPECT_TRUE(told("/gateway/pager/beat"));
  EXPECT_EQ(bank.stop_daemon(), 0);
  eventually(seconds(16), [] { return false; });
  bank.start_daemon();
  EXPECT_TRUE(told("/gateway/pager/report")) << "the silence is reported once the daemon is back";
}

std::vector<std::string> lines_of(const std::string& path) {
  std::vector<std::string> lines;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  return lines;
}

struct Plant {
  const char* name;
  const char* topic;  // the first recorded message whose topic has this is spoiled
  std::function<void(Json& message, Json& payload)> spoil;
  const char* found;
};

const Plant kPlants[] = {
    {"a topic of no channel", "/alarm/summary",
     [](Json& message, Json&) { message.set("topic", "cryobank/v1/demo/gossip"); },
     "gossip: no channel has this address"},
    {"a key that is not written down", "/service/state",
     [](Json&, Json& payload) { payload.set("mood", "fine"); }, "'mood' was unexpected"},
    {"a key that is missing", "/container/",
     [](Json&, Json& payload) { payload.members().erase("aliquots"); },
     "'aliquots' is a required property"},
    {"a word outside its list", "/device/freezer-1/state",
     [](Json&, Json& payload) { payload.set("state", "asleep"); }, "'asleep' is not one of"},
    {"a time with an offset", "demo/plan",
     [](Json&, Json& payload) { payload.set("plan_time", "2026-11-22T03:04:05+01:00"); },
     "is not a 'date-time'"},
    {"a state that does not stand", "/course/course-1",
     [](Json& message, Json&) { message.set("retain", 0); }, "retain 0, expected True"},
    {"a page on a lower QoS", "/page/", [](Json& message, Json&) { message.set("qos", 0); },
     "QoS 0, expected 1"},
    {"a page that never expires", "/page/",
     [](Json& message, Json&) { message.set("properties", Json::object()); },
     "expected a message expiry"},
};

// The recorded lines with one message spoiled.
std::string spoiled(const std::vector<std::string>& lines, const Plant& plant) {
  std::string text;
  bool done = false;
  for (const std::string& line : lines) {
    Json message = parse_json(line, 1u << 20).value();
    if (!done && message["topic"].string().find(plant.topic) != std::string::npos &&
        message["payload"].is_string()) {
      Json payload = parse_json(message["payload"].string(), 1u << 20).value();
      plant.spoil(message, payload);
      message.set("payload", payload.dump());
      done = true;
    }
    text += cat(message.dump(), "\n");
  }
  return text;
}

TEST(AsyncapiTest, EveryMessageOfARealDayFitsThePageAndPlantedDifferencesAreFound) {
  Bank bank("asyncapi");
  bank.add_config(
      "[[plan.step]]\nid = \"wash\"\nof = \"thaw\"\nminutes = 25\nends = \"recultured\"\n");
  const std::string recorded = (bank.directory() / "traffic.jsonl").string();
  bank.start_all();
  Process listener({"/usr/bin/mosquitto_sub", "-V", "5", "-p", cat(bank.broker().port()), "-q", "1",
                    "--retain-as-published", "-F", "%j", "-t", "#"},
                   recorded);
  ASSERT_TRUE(bank.wait_online(seconds(20)));
  Process gateway({CRYOBANK_BIN_DIR "/cryobank-pager", "--config", write_gateway(bank)},
                  (bank.directory() / "gateway.log").string());
  work_a_day(bank, recorded);
  if (HasFatalFailure()) return;
  silence_and_return(bank, recorded);
  gateway.stop(SIGTERM);
  EXPECT_EQ(bank.stop_daemon(), 0);
  eventually(milliseconds(500), [] { return false; });
  listener.stop(SIGTERM);

  const Verdict verdict = check(bank, recorded);
  EXPECT_EQ(verdict.exit_code, 0) << verdict.text;

  const std::string changed = (bank.directory() / "changed.jsonl").string();
  const std::vector<std::string> lines = lines_of(recorded);
  for (const Plant& plant : kPlants) {
    std::ofstream(changed) << spoiled(lines, plant);
    const Verdict caught = check(bank, changed);
    EXPECT_EQ(caught.exit_code, 1) << plant.name;
    EXPECT_NE(caught.text.find(plant.found), std::string::npos) << plant.name << ":\n"
                                                                << caught.text;
  }
}

}  // namespace
}  // namespace cryobank::test
