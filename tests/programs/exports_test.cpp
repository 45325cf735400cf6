// What other systems read of a real bank: Home Assistant's discovery and Sparkplug B.
#include <gtest/gtest.h>

#include <csignal>
#include <cstdlib>
#include <map>

#include "base/text.hpp"
#include "tests/programs/bank.hpp"

namespace cryobank::test {
namespace {

using std::chrono::seconds;

class ExportsTest : public ::testing::Test {
 public:
  ExportsTest() : bank_("exports") {
    bank_.start_all();
    setenv("CRYOBANK_SITE", "demo", 1);
    setenv("CRYOBANK_USER", "viewer", 1);
    setenv("CRYOBANK_PORT", cat(bank_.broker().port()).c_str(), 1);
    heard_ = (bank_.directory() / "heard.txt").string();
  }

  Process listen(const std::string& filter, const std::string& format) {
    return Process({"/usr/bin/mosquitto_sub", "-V", "5", "-p", cat(bank_.broker().port()), "-q",
                    "1", "-t", filter, "-F", format},
                   heard_);
  }
  Process tool(const std::string& name, const std::vector<std::string>& words = {}) {
    std::vector<std::string> all{"/usr/bin/python3", cat(CRYOBANK_SOURCE_DIR "/tools/", name)};
    all.insert(all.end(), words.begin(), words.end());
    return Process(all, (bank_.directory() / cat(name, ".log")).string());
  }
  bool hears(std::string_view words, int times = 1) {
    return eventually(seconds(30), [&] {
      const std::string text = read_text(heard_);
      int found = 0;
      for (std::size_t at = text.find(words); at != std::string::npos;
           at = text.find(words, at + 1)) {
        ++found;
      }
      return found >= times;
    });
  }
  // Every message so far, decoded by another program.
  std::vector<Json> decoded() {
    const std::string log = (bank_.directory() / "decoded.jsonl").string();
    Process decode(
        {"/usr/bin/python3", CRYOBANK_SOURCE_DIR "/tests/programs/read_sparkplug.py", heard_}, log);
    EXPECT_EQ(decode.wait(seconds(30)), 0) << read_text(log);
    std::vector<Json> messages;
    const std::string text = read_text(log);
    for (const std::string_view line : split(text, '\n')) {
      if (line.empty()) continue;
      auto message = parse_json(line, 1u << 20);
      EXPECT_TRUE(message.ok()) << line;
      if (message) messages.push_back(*message);
    }
    return messages;
  }

  Bank bank_;
  std::string heard_;
};

const Json* metric_of(const Json& message, std::string_view name) {
  for (const Json& metric : message["metrics"].items()) {
    if (metric["name"].string() == name) return &metric;
  }
  return nullptr;
}

TEST_F(ExportsTest, HomeAssistantFindsEachPointAndReadsTheServicesOwnTopics) {
  ASSERT_TRUE(bank_.wait_online(seconds(20)));
  Process listener = listen("homeassistant/#", "%t %p");
  Process tell = tool("export_home_assistant.py", {"--once"});
  ASSERT_EQ(tell.wait(seconds(60)), 0);
  const std::string topic = "homeassistant/sensor/cryobank_demo_freezer-1/temperature-top/config ";
  ASSERT_TRUE(hears(topic));
  const std::string text = read_text(heard_);
  const std::size_t begin = text.find(topic) + topic.size();
  const auto entity = parse_json(text.substr(begin, text.find('\n', begin) - begin));
  ASSERT_TRUE(entity.ok());
  EXPECT_EQ((*entity)["state_topic"].string(),
            "cryobank/v1/demo/device/freezer-1/point/temperature-top");
  EXPECT_EQ((*entity)["unit_of_measurement"].string(), "°C");
  EXPECT_EQ((*entity)["device_class"].string(), "temperature");
  EXPECT_EQ((*entity)["availability"].items().size(), 2u);
  EXPECT_TRUE(hears("homeassistant/binary_sensor/cryobank_demo_alarms/p1/config "));
  EXPECT_EQ(text.find("command_topic"), std::string::npos) << "nobody acts from there";
  listener.stop(SIGTERM);
}

TEST_F(ExportsTest, ASparkplugHostSeesBirthDataRebirthAndDeath) {
  ASSERT_TRUE(bank_.wait_online(seconds(20)));
  Process listener = listen("spBv1.0/#", "%t %x");
  Process node = tool("export_sparkplug.py");
  ASSERT_TRUE(hears("spBv1.0/demo/DBIRTH/cryobank/freezer-4 "));
  ASSERT_TRUE(hears("spBv1.0/demo/DDATA/cryobank/freezer-"));
  const std::string ask = (bank_.directory() / "rebirth").string();
  Process make(
      {"/usr/bin/python3", CRYOBANK_SOURCE_DIR "/tests/programs/read_sparkplug.py", "--rebirth"},
      ask);
  ASSERT_EQ(make.wait(seconds(20)), 0);
  Process send({"/usr/bin/mosquitto_pub", "-V", "5", "-p", cat(bank_.broker().port()), "-q", "1",
                "-t", "spBv1.0/demo/NCMD/cryobank", "-f", ask},
               (bank_.directory() / "pub.log").string());
  ASSERT_EQ(send.wait(seconds(10)), 0);
  ASSERT_TRUE(hears("spBv1.0/demo/NBIRTH/cryobank ", 2));
  bank_.sim().ask(
      Json::object().set("do", "fault").set("device", "freezer-2").set("fault", "dead"));
  ASSERT_TRUE(eventually(seconds(60), [&] { return hears("/DDEATH/cryobank/freezer-2 "); }));
  node.stop(SIGKILL);
  ASSERT_TRUE(hears("spBv1.0/demo/NDEATH/cryobank "));
  listener.stop(SIGTERM);

  std::int64_t next = -1;
  int births = 0;
  bool value = false;
  std::int64_t birth_number = -1;
  for (const Json& message : decoded()) {
    const std::string topic = message["topic"].string();
    if (topic.find("/NDEATH/") != std::string::npos) {
      EXPECT_EQ((*metric_of(message, "bdSeq"))["value"].integer(), birth_number);
      continue;
    }
    const std::int64_t seq = message["seq"].integer();
    if (topic.find("/NBIRTH/") != std::string::npos) {
      ++births;
      EXPECT_EQ(seq, 0) << "a birth begins to count";
      birth_number = (*metric_of(message, "bdSeq"))["value"].integer();
    } else {
      EXPECT_EQ(seq, next) << topic << ": without a gap";
    }
    next = (seq + 1) % 256;
    if (topic.find("/DBIRTH/cryobank/freezer-1") == std::string::npos) continue;
    const Json* top = metric_of(message, "temperature-top");
    ASSERT_NE(top, nullptr) << message.dump();
    if ((*top)["null"] == Json(true)) continue;
    EXPECT_EQ((*top)["quality"].integer(), 192);
    EXPECT_LT((*top)["value"].milli().v, -100'000);
    value = true;
  }
  EXPECT_EQ(births, 2);
  EXPECT_TRUE(value);
}

}  // namespace
}  // namespace cryobank::test
