#include "devices/line/text_reader.hpp"

#include <gtest/gtest.h>

#include <map>
#include <optional>

#include "base/text.hpp"

namespace cryobank::devices {
namespace {

config::Point text_point(std::string id) {
  config::Point point;
  point.id = PointId(std::move(id));
  point.type = config::PointType::int32;
  point.table = config::PointTable::input;
  point.has_range = true;
  point.range_min = whole(-200);
  point.range_max = whole(1000);
  return point;
}

config::DeviceProfile known_machine() {
  config::DeviceProfile profile;
  profile.protocol = "text";
  profile.points = {text_point("level"), text_point("top"), text_point("lid"),
                    text_point("message")};
  profile.points[0].scale_num = 10;
  profile.points[3].type = config::PointType::ascii;
  profile.lines = {
      {"", "Liquid Level: {level} CM", {}, 1},           {"", "TEMP-A: {top} *C", {}, 2},
      {"", "NOW{any}={level},{any}={top},{any}", {}, 3}, {"", "LID CLOSED", {{"lid", whole(0)}}, 4},
      {"", "LID {any}", {{"lid", whole(1)}}, 5},         {"", "ERROR - {message}", {}, 6}};
  return profile;
}

// "level=464 lid=1": what a line says, in the order of the line; "none" when it says nothing.
std::string told(const config::DeviceProfile& profile, std::string_view line) {
  std::vector<TextValue> values;
  if (read_any(profile, text_forms(profile, 7), line, values) == TextFit::none) return "none";
  std::string out;
  for (const TextValue& value : values) {
    const config::Point& point = profile.points[value.point];
    out += cat(out.empty() ? "" : " ", point.id.str(), "=", show(point, value.decoded));
  }
  return out;
}

TEST(TextProtocol, ReadsALineByItsWholeShapeOrNotAtAll) {
  const config::DeviceProfile profile = known_machine();
  const struct {
    const char* line;
    const char* told;
  } cases[] = {
      {"Liquid Level: 46.4 CM", "level=464"},
      {"liquid   level:46.4\tcm", "level=464"},
      {"Liquid Level 46.4 CM", "none"},
      {"Liquid Level: 18.3 IN", "level=profile-mismatch"},
      {"Liquid Level: 46.4", "level=profile-mismatch"},
      {"Liquid Level: 46.4 CM 12", "level=profile-mismatch"},
      {"Liquid Level: 46.4.1 CM", "level=profile-mismatch"},
      {"Liquid Level: OPEN CM", "level=sensor-broken"},
      {"Liquid Level: 4640 CM", "level=out-of-range"},
      {"Liquid Level: 99999999999999999999 CM", "level=sensor-broken"},
      {"TEMP-A: -185 *C", "top=-185"},
      {"TEMP-A: +12.5 *C", "top=12.5"},
      {"TEMP-A: - 185 *C", "top=sensor-broken"},
      {"NOW = 4.75, T = -136, 12:00", "level=47.5 top=-136"},
      {"NOW = ?, T = -136, 12:00", "level=sensor-broken top=-136"},
      {"NOW = 4.75, T = -13", "level=profile-mismatch top=profile-mismatch"},
      {"LID CLOSED", "lid=0"},
      {"LID CLOSED?", "lid=1"},
      {"LID OPENED 12:04", "lid=1"},
      {"LID", "none"},
      {"ERROR - warm above limit", "message=warm above limit"},
      {"12", "none"},
      {"", "none"},
  };
  for (const auto& c : cases) EXPECT_EQ(told(profile, c.line), c.told) << c.line;
}

TEST(TextProtocol, AsksByTheUnitAndKnowsItsEcho) {
  config::DeviceProfile profile;
  profile.protocol = "text";
  profile.points = {text_point("top")};
  profile.lines = {{"{unit} TEMPA?", "{unit} {top}", {}, 1}};
  EXPECT_EQ(text_forms(profile, 7)[0].question, "007 TEMPA?");
  EXPECT_EQ(told(profile, "007 -180.5"), "top=-180.5");
  EXPECT_EQ(told(profile, "008 -180.5"), "none") << "another machine's answer";
}

// Every cut and every single wrong byte of a good line: a value comes only out of the good line.
TEST(TextProtocol, NeverReadsANumberOutOfADamagedLine) {
  const config::DeviceProfile profile = known_machine();
  const std::string good = "TEMP-A: -185 *C";
  for (std::size_t cut = 0; cut < good.size(); ++cut) {
    const std::string shown = told(profile, good.substr(0, cut));
    EXPECT_TRUE(shown == "none" || shown == "top=profile-mismatch" || shown == "top=sensor-broken")
        << good.substr(0, cut) << " gave " << shown;
  }
  const std::size_t digits = good.find("-185");
  for (std::size_t at = 0; at < good.size(); ++at) {
    if (at >= digits && at < digits + 4) continue;  // a wrong digit is beyond any shape
    std::string damaged = good;
    damaged[at] = '#';
    const std::string shown = told(profile, damaged);
    EXPECT_TRUE(shown == "none" || shown == "top=profile-mismatch" || shown == "top=sensor-broken")
        << damaged << " gave " << shown;
  }
}

// A text line on virtual time.
class TextDevice {
 public:
  explicit TextDevice(config::DeviceProfile profile) : profile_(std::move(profile)) {
    ReaderRules rules;
    rules.unit = 1;
    rules.retry_max = seconds(30);
    reader.emplace(DeviceIndex{0}, profile_, rules, Prng(1));
    reader->begin(Instant{});
  }
  void run(Duration until) {
    while (std::min(reader->due(), reader->next_check()) <= Instant{until.ns}) {
      now.mono = std::max(now.mono, std::min(reader->due(), reader->next_check()));
      reader->check_age(now, readings);
      if (reader->due() > now.mono) continue;
      LineRequest request;
      ASSERT_TRUE(reader->next(now, request));
      asked.push_back(request.text);
      if (request.reconnect_first) ++connected_anew;
      LineReply reply;
      const auto answer = answers.find(request.text);
      reply.modbus.kind = answer == answers.end() ? ReplyKind::timeout : ReplyKind::ok;
      if (answer != answers.end()) reply.text = answer->second;
      reader->on_reply(now, reply, readings);
    }
    now.mono = Instant{until.ns};
  }
  std::string quality(std::uint32_t point) const {
    return std::string(name_of(reader->points().at(point).quality));
  }

  std::map<std::string, std::string> answers;
  std::vector<std::string> asked;
  int connected_anew = 0;
  std::vector<Reading> readings;
  std::optional<TextReader> reader;
  Now now;

 private:
  config::DeviceProfile profile_;
};

config::DeviceProfile asked_machine() {
  config::DeviceProfile profile;
  profile.protocol = "text";
  profile.points = {text_point("top"), text_point("level")};
  profile.points[1].read_class = config::ReadClass::slow;
  profile.lines = {{"{unit} TEMPA?", "{top}", {}, 1}, {"{unit} LEVEL?", "{level}", {}, 2}};
  return profile;
}

TEST(TextReader, AsksEachQuestionOnItsGrid) {
  TextDevice device(asked_machine());
  device.answers = {{"001 TEMPA?", "-190.5"}, {"001 LEVEL?", "200"}};
  device.run(seconds(59));
  EXPECT_EQ(std::count(device.asked.begin(), device.asked.end(), "001 TEMPA?"), 60);
  EXPECT_EQ(std::count(device.asked.begin(), device.asked.end(), "001 LEVEL?"), 2);
  EXPECT_EQ(device.reader->points().at(0).value, Milli{-190500});
  EXPECT_EQ(device.reader->state(), DeviceState::online);
}

TEST(TextReader, AsksOneQuestionForAllThatItsAnswerTells) {
  config::DeviceProfile profile = asked_machine();
  profile.lines = {{"STATUS?", "{top} {level}", {}, 1}};
  TextDevice device(std::move(profile));
  device.answers = {{"STATUS?", "-190.5  200"}};
  device.run(seconds(9));
  EXPECT_EQ(device.asked.size(), 10u);
  EXPECT_EQ(device.reader->points().at(0).value, Milli{-190500});
  EXPECT_EQ(device.reader->points().at(1).value, whole(200));
}

TEST(TextReader, LeavesASilentDeviceAloneLongEnoughForLateAnswers) {
  TextDevice device(asked_machine());
  device.answers = {{"001 TEMPA?", "1"}, {"001 LEVEL?", "2"}};
  device.run(milliseconds(1500));
  device.answers.clear();
  device.asked.clear();
  device.run(seconds(9));
  EXPECT_EQ(device.asked.size(), 1u);
  EXPECT_EQ(device.quality(0), "comm-lost") << "three periods without an answer";
  device.answers = {{"001 TEMPA?", "1"}, {"001 LEVEL?", "2"}};
  device.run(seconds(60));
  EXPECT_EQ(device.quality(1), "good");
}

TEST(TextReader, TakesNoiseForNoAnswer) {
  for (const char* noise : {"\x80\xFF-190.5", "-19\x01", "\x1B[2J"}) {
    TextDevice device(asked_machine());
    device.answers = {{"001 TEMPA?", noise}, {"001 LEVEL?", noise}};
    device.run(seconds(120));
    EXPECT_EQ(device.quality(0), "comm-lost");
    EXPECT_EQ(device.reader->state(), DeviceState::lost);
    for (const Reading& reading : device.readings) EXPECT_FALSE(reading.value);
  }
}

TEST(TextReader, TrustsALineAnewOnlyAfterItsIdentity) {
  config::DeviceProfile profile = asked_machine();
  profile.points.push_back(text_point("model"));
  profile.points[2].type = config::PointType::ascii;
  profile.points[2].read_class = config::ReadClass::once;
  profile.lines.push_back({"*IDN?", "{model}", {}, 3});
  profile.identity_point = PointId("model");
  profile.identity_value = "TEC";
  TextDevice device(std::move(profile));
  device.answers = {{"001 TEMPA?", "-190"}, {"001 LEVEL?", "200"}, {"*IDN?", "OTHER"}};
  device.run(seconds(60));
  EXPECT_EQ(std::count(device.asked.begin(), device.asked.end(), "001 TEMPA?"), 0);
  device.answers["*IDN?"] = "TEC";
  device.run(seconds(120));
  EXPECT_EQ(device.quality(0), "good");
}

config::DeviceProfile printing_machine() {
  config::DeviceProfile profile;
  profile.protocol = "text";
  profile.points = {text_point("lid"), text_point("level")};
  profile.points[0].read_class = config::ReadClass::once;
  profile.points[1].read_class = config::ReadClass::slow;
  profile.lines = {{"", "LID OPEN", {{"lid", whole(1)}}, 1},
                   {"", "LID CLOSED", {{"lid", whole(0)}}, 2},
                   {"", "LEVEL: {level}", {}, 3}};
  return profile;
}

TEST(TextReader, KeepsWhatWasToldUntilTheLineBreaks) {
  TextDevice device(printing_machine());
  device.answers = {{"", ""}};  // the line stands
  device.run(seconds(2));
  EXPECT_EQ(device.reader->state(), DeviceState::lost) << "nothing was said yet";
  device.reader->on_text(device.now, "LID OPEN", device.readings);
  device.reader->on_text(device.now, "LEVEL: 12", device.readings);
  EXPECT_EQ(device.reader->state(), DeviceState::online);
  device.run(seconds(60));
  device.reader->on_text(device.now, "LID OPEN", device.readings);
  device.run(seconds(100));
  EXPECT_EQ(device.quality(0), "good") << "an event holds";
  EXPECT_EQ(device.quality(1), "stale") << "a value that was due three times does not";
  EXPECT_EQ(device.reader->state(), DeviceState::degraded);
  device.answers.clear();
  device.run(seconds(110));
  EXPECT_EQ(device.quality(0), "comm-lost");
  EXPECT_EQ(device.reader->state(), DeviceState::lost);
  device.answers = {{"", ""}};
  device.run(seconds(140));
  EXPECT_EQ(device.reader->state(), DeviceState::lost) << "the line stands, the machine is mute";
  device.reader->on_text(device.now, "LEVEL: 12", device.readings);
  EXPECT_EQ(device.quality(0), "stale") << "the lid may have been closed meanwhile";
  device.reader->on_text(device.now, "LID CLOSED", device.readings);
  EXPECT_EQ(device.reader->points().at(0).value, whole(0));
  EXPECT_EQ(device.reader->state(), DeviceState::online);
}

TEST(TextReader, GivesUpAMachineThatFallsSilentOnAStandingLine) {
  TextDevice device(printing_machine());
  device.answers = {{"", ""}};
  device.run(seconds(89));
  EXPECT_FALSE(device.reader->lost()) << "three slow periods are not over";
  device.run(seconds(91));
  EXPECT_TRUE(device.reader->lost()) << "mute from the start";
  EXPECT_EQ(device.connected_anew, 1);
  device.reader->on_text(device.now, "LEVEL: 12", device.readings);
  device.reader->on_text(device.now, "LID OPEN", device.readings);
  EXPECT_EQ(device.reader->state(), DeviceState::online);
  device.run(seconds(182));
  EXPECT_EQ(device.quality(0), "comm-lost") << "nobody would hear the lid close either";
  EXPECT_EQ(device.quality(1), "comm-lost");
  EXPECT_EQ(device.reader->state(), DeviceState::lost);
  EXPECT_EQ(device.connected_anew, 2) << "once for every silence";
}

TEST(TextReader, TakesANumberWithTooFewDecimalsForCutOff) {
  config::DeviceProfile profile = asked_machine();
  profile.points[0].decimals = 2;
  const struct {
    const char* answer;
    const char* quality;
  } cases[] = {{"-190.50", "good"},           {"-190.5", "profile-mismatch"},
               {"-190", "profile-mismatch"},  {"-19", "profile-mismatch"},
               {"-190.", "profile-mismatch"}, {"-190.501", "profile-mismatch"}};
  for (const auto& c : cases) {
    TextDevice device(profile);
    device.answers = {{"001 TEMPA?", c.answer}, {"001 LEVEL?", "200"}};
    device.run(milliseconds(500));
    EXPECT_EQ(device.quality(0), c.quality) << c.answer;
  }
}

}  // namespace
}  // namespace cryobank::devices
