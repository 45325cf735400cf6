// Machines that a site brings along, with faults of their own, read by the real daemon: an asked
// text freezer, a printer, and a register machine with a profile written here. Whatever they do, no
// wrong value is ever shown, silence is told within three polls, and they come back by themselves.
#include <gtest/gtest.h>

#include <atomic>
#include <fstream>
#include <map>

#include "base/text.hpp"
#include "devices/line/modbus_frame.hpp"
#include "tests/contracts/line_servers.hpp"
#include "tests/programs/bank.hpp"

namespace cryobank::test {
namespace {

using devices::Bytes;
using devices::Step;
using std::chrono::seconds;

enum class Mood : std::uint8_t { well, garbage, silent, half, flood, fahrenheit, restart, twice };

Bytes bytes_of(std::string_view text) { return {text.begin(), text.end()}; }

std::vector<Step> say(Mood mood, std::string_view value) {
  const std::string line = cat(value, "\r\n");
  switch (mood) {
    case Mood::well:
      return {{.bytes = bytes_of(line)}};
    case Mood::garbage:
      return {{.bytes = bytes_of("\x80\xFF\x07-1\r\n")}};
    case Mood::silent:
      return {};
    case Mood::half:
      return {{.bytes = bytes_of(value.substr(0, 4))}};
    case Mood::flood:
      return std::vector<Step>(50, Step{.bytes = Bytes(1000, '9')});
    case Mood::fahrenheit:
      return {{.bytes = bytes_of(cat(value, " F\r\n"))}};
    case Mood::restart:
      return {{.bytes = bytes_of(value.substr(0, 3)), .end = Step::End::close}};
    case Mood::twice:
      return {{.bytes = bytes_of(line)}, {.wait = milliseconds(30), .bytes = bytes_of(line)}};
  }
  return {};
}

class TextBox {
 public:
  std::atomic<Mood> mood{Mood::well};
  devices::TcpServer server{[this](const Bytes& request, int) {
    const std::string asked(request.begin(), request.end());
    return say(mood, asked.find("TEMPB") == std::string::npos ? "-171.10" : "-195.20");
  }};
};

// Answers every read of input registers with its address times ten, or with an exception.
class RegisterBox {
 public:
  std::atomic<int> exception{0};
  devices::TcpServer server{[this](const Bytes& request, int) {
    const auto word = [&](std::size_t at) { return request[at] << 8 | request[at + 1]; };
    Bytes pdu{request[7]};
    const int first = word(8);
    const int count = word(10);
    if (exception > 0 && first <= 1 && first + count > 1) {
      pdu = {static_cast<std::uint8_t>(request[7] | 0x80), static_cast<std::uint8_t>(exception)};
    } else {
      pdu.push_back(static_cast<std::uint8_t>(2 * count));
      for (int i = first; i < first + count; ++i) {
        pdu.push_back(0);
        pdu.push_back(static_cast<std::uint8_t>(10 * (i + 1)));
      }
    }
    const auto transaction = static_cast<std::uint16_t>(word(0));
    return std::vector<Step>{{.bytes = devices::tcp_frame(transaction, request[6], pdu)}};
  }};
};

constexpr std::string_view kProfile = R"(
id = "strange"
title = "A machine of ours"
kind = "supply"
trust = "derived"
source = "its label"
[[point]]
id = "level"
table = "input"
address = 0
type = "uint16"
unit = "%"
range = [0, 100]
[[point]]
id = "pressure"
table = "input"
address = 1
type = "uint16"
unit = "mbar"
range = [0, 4000]
)";

class StrangeMachines : public ::testing::Test {
 protected:
  StrangeMachines() : bank_("strange-machines") {
    bank_.start_world();  // before it knows these machines, which serve themselves
    std::ofstream(bank_.directory() / "config/devices/strange.toml") << kProfile;
    bank_.add_config(cat(
        "[[line]]\nid = \"box\"\nkind = \"text-tcp\"\nhost = \"127.0.0.1\"\nport = ",
        text_.server.port,
        "\n[[line]]\nid = \"own\"\nkind = \"tcp\"\nhost = \"127.0.0.1\"\nport = ",
        registers_.server.port,
        "\n[[device]]\nid = \"tec\"\nkind = \"freezer\"\nprofile = \"mve-tec-3000\"\nline = "
        "\"box\"\nunit = 7\nroom = \"room-1\"\nrounds = { level = \"12h\" "
        "}\n[device.wire]\nresponse_timeout = \"300ms\"\n"
        "[[device]]\nid = \"own-1\"\nkind = \"supply\"\nprofile = \"strange\"\nline = \"own\"\n"
        "room = \"room-1\"\n[[place]]\nid = \"in-tec\"\ntype = \"freezer\"\nparent = \"room-1\"\n"
        "device = \"tec\"\n"));
    bank_.start_daemon();
  }

  struct Shown {
    Json value;
    std::string quality;
  };
  Shown shown(const std::string& device, const std::string& point) {
    const Json json = bank_.retained(cat("device/", device, "/point/", point));
    return {json["value"], json.string_or("quality", "")};
  }
  // Waits for the quality; meanwhile every number must be the right one.
  bool becomes(const std::string& point, std::string_view quality, seconds within) {
    const Milli right = point == "temperature-top" ? Milli{-171100} : Milli{-195200};
    return eventually(within, [&] {
      const Shown now = shown("tec", point);
      EXPECT_TRUE(now.value.is_null() || now.value.milli() == right) << now.value.dump();
      EXPECT_EQ(now.value.is_null(), now.quality != "good");
      return now.quality == quality;
    });
  }

  TextBox text_;
  RegisterBox registers_;
  Bank bank_;
};

TEST_F(StrangeMachines, ATextFreezerNeverShowsAWrongValueAndComesBack) {
  ASSERT_TRUE(becomes("temperature-top", "good", seconds(30)));
  ASSERT_TRUE(becomes("temperature-bottom", "good", seconds(30)));
  const struct {
    Mood mood;
    const char* quality;
  } cases[] = {{Mood::garbage, "comm-lost"},
               {Mood::silent, "comm-lost"},
               {Mood::half, "comm-lost"},
               {Mood::flood, "comm-lost"},
               {Mood::fahrenheit, "profile-mismatch"},
               {Mood::restart, "comm-lost"},
               {Mood::twice, "good"}};
  for (const auto& c : cases) {
    SCOPED_TRACE(static_cast<int>(c.mood));
    text_.mood = c.mood;
    EXPECT_TRUE(becomes("temperature-top", c.quality, seconds(20)));
    EXPECT_TRUE(becomes("temperature-bottom", c.quality, seconds(20)));
    text_.mood = Mood::well;
    EXPECT_TRUE(becomes("temperature-top", "good", seconds(60)));
    EXPECT_TRUE(becomes("temperature-bottom", "good", seconds(60)));
  }
}

TEST_F(StrangeMachines, EachExceptionOfOneRegisterIsToldAsWhatItIs) {
  const auto is = [&](const std::string& point, const std::string& quality) {
    return eventually(seconds(40), [&] { return shown("own-1", point).quality == quality; });
  };
  ASSERT_TRUE(is("level", "good"));
  EXPECT_EQ(shown("own-1", "pressure").value.milli(), whole(20));
  const std::map<int, std::string> pressure_is{
      {4, "sensor-broken"}, {5, "stale"},      {6, "stale"},        {8, "sensor-broken"},
      {10, "comm-lost"},    {11, "comm-lost"}, {0x43, "comm-lost"}, {2, "profile-mismatch"}};
  for (const int code : {4, 5, 6, 8, 10, 11, 0x43, 2}) {
    SCOPED_TRACE(code);
    registers_.exception = code;
    EXPECT_TRUE(is("pressure", pressure_is.at(code)));
    if (code == 2) {
      EXPECT_TRUE(is("level", "good")) << "that point alone";
      break;
    }
    registers_.exception = 0;
    EXPECT_TRUE(is("pressure", "good"));
  }
  EXPECT_TRUE(eventually(seconds(5), [&] {
    return !bank_.retained("device/own-1/model").is_null();
  })) << "what is concluded of it is told";
  const std::string log = read_text(bank_.daemon_log());
  EXPECT_NE(log.find("line own: 1 devices, 1 reads a round"), std::string::npos) << log;
}

}  // namespace
}  // namespace cryobank::test
