#include "devices/text_reader.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <optional>

#include "service/base/text.hpp"

namespace cryobank::devices {
namespace {

config::Point text_point(std::string id, std::string printed) {
  config::Point point;
  point.id = PointId(std::move(id));
  point.printed = std::move(printed);
  point.type = config::PointType::int32;
  point.table = config::PointTable::input;
  return point;
}

TEST(TextProtocol, FindsTheFirstNumber) {
  const struct {
    const char* text;
    const char* number;
  } cases[] = {{"-197.10", "-197.1"},
               {"TEMP=-185 *C", "-185"},
               {"46.4 CM", "46.4"},
               {"A1 is 5", "1"},
               {"12.", "12"},
               {"x", ""},
               {"", ""},
               {"- 5", "5"},
               {"99999999999999999999", ""},
               {"1.23456", "1.235"}};
  for (const auto& c : cases) {
    const auto number = first_number(c.text);
    EXPECT_EQ(number ? format_milli(*number) : "", c.number) << c.text;
  }
}

TEST(TextProtocol, ReadsTheLinesOfKnownMachines) {
  config::Point inches = text_point("level", "Liquid Level:");
  inches.scale_num = 254;
  inches.scale_den = 10;
  const config::Point lid = text_point("lid", "LID OPEN = 1 | LID CLOSED = 0");
  const config::Point asked = text_point("temperature", "{unit} TEMPA?");
  EXPECT_EQ(text_pattern(asked, 1).question, "001 TEMPA?");
  const auto shown = [](const config::Point& point, std::string_view line) -> std::string {
    const auto decoded = decode_unasked(point, text_pattern(point, 1), line);
    return decoded ? show(point, *decoded) : "-";
  };
  EXPECT_EQ(shown(inches, "LIQUID LEVEL: 4.75 in"), "120.65");
  EXPECT_EQ(shown(inches, "Liquid Level 46.4 CM"), "-") << "the twin without a colon";
  EXPECT_EQ(shown(inches, "Liquid Level: OPEN"), "sensor-broken");
  EXPECT_EQ(shown(lid, "lid open 12:04"), "1");
  EXPECT_EQ(shown(lid, "LID CLOSED"), "0");
  EXPECT_EQ(shown(lid, "LID"), "-");
}

// A text line on virtual time.
class TextDevice {
 public:
  explicit TextDevice(std::vector<config::Point> points) {
    profile_.protocol = "text";
    profile_.points = std::move(points);
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
  std::vector<Reading> readings;
  std::optional<TextReader> reader;
  Now now;

 private:
  config::DeviceProfile profile_;
};

TEST(TextReader, AsksEachQuestionOnItsGrid) {
  config::Point slow = text_point("level", "{unit} LEVEL?");
  slow.read_class = config::ReadClass::slow;
  TextDevice device({text_point("top", "{unit} TEMPA?"), slow});
  device.answers = {{"001 TEMPA?", "-190.5"}, {"001 LEVEL?", "200"}};
  device.run(seconds(59));
  EXPECT_EQ(std::count(device.asked.begin(), device.asked.end(), "001 TEMPA?"), 60);
  EXPECT_EQ(std::count(device.asked.begin(), device.asked.end(), "001 LEVEL?"), 2);
  EXPECT_EQ(device.reader->points().at(0).value, Milli{-190500});
  EXPECT_EQ(device.reader->state(), DeviceState::online);
}

TEST(TextReader, LeavesASilentDeviceAloneLongEnoughForLateAnswers) {
  TextDevice device({text_point("top", "A?"), text_point("bottom", "B?")});
  device.answers = {{"A?", "1"}, {"B?", "2"}};
  device.run(milliseconds(1500));
  device.answers.clear();
  device.asked.clear();
  device.run(seconds(9));
  EXPECT_EQ(device.asked.size(), 1u);
  EXPECT_EQ(device.quality(0), "comm-lost") << "three periods without an answer";
  device.answers = {{"A?", "1"}, {"B?", "2"}};
  device.run(seconds(60));
  EXPECT_EQ(device.quality(1), "good");
}

TEST(TextReader, KeepsWhatWasToldUntilTheLineBreaks) {
  config::Point lid = text_point("lid", "LID OPEN=1|LID CLOSED=0");
  lid.read_class = config::ReadClass::once;
  config::Point level = text_point("level", "LEVEL:");
  TextDevice device({lid, level});
  device.answers = {{"", ""}};  // the line stands
  device.run(seconds(2));
  device.reader->on_text(device.now, "LID OPEN", device.readings);
  device.reader->on_text(device.now, "LEVEL: 12", device.readings);
  device.run(seconds(20));
  EXPECT_EQ(device.quality(0), "good") << "an event holds";
  EXPECT_EQ(device.quality(1), "stale") << "a value told every second does not";
  device.answers.clear();
  device.run(seconds(30));
  EXPECT_EQ(device.quality(0), "comm-lost");
  EXPECT_EQ(device.reader->state(), DeviceState::lost);
  device.answers = {{"", ""}};
  device.run(seconds(70));
  EXPECT_EQ(device.quality(0), "stale") << "it may have been closed meanwhile";
  device.reader->on_text(device.now, "LID CLOSED", device.readings);
  EXPECT_EQ(device.reader->points().at(0).value, whole(0));
}

}  // namespace
}  // namespace cryobank::devices
