// Faults that only a real wire has: connections that break, drip, lie in their header, swallow
// everything; and a daemon that wants to stop meanwhile.
#include <gtest/gtest.h>
#include <sys/resource.h>

#include "base/checksum.hpp"
#include "devices/line/modbus_frame.hpp"
#include "devices/line/rtu_frame.hpp"
#include "tests/contracts/line_client.hpp"
#include "tests/contracts/line_servers.hpp"

namespace cryobank::devices {
namespace {

using Kind = config::LineConfig::Kind;

config::LineConfig tcp_line(std::uint16_t port) {
  config::LineConfig line;
  line.port = port;
  line.connect_timeout = milliseconds(300);
  return line;
}
config::LineConfig serial_line(const std::string& path, Kind kind) {
  config::LineConfig line;
  line.kind = kind;
  line.path = path;
  line.baud = 115200;
  line.parity = 'N';
  return line;
}

LineRequest read_two(Duration timeout = milliseconds(300)) {
  LineRequest request;
  request.modbus.unit = 1;
  request.modbus.count = 2;
  request.response_timeout = timeout;
  return request;
}

// A right answer to a read of two registers, with what the case changes.
Bytes good_answer(const Bytes& request) {
  const Bytes pdu{3, 4, 0, 1, 0, 2};
  return tcp_frame(static_cast<std::uint16_t>(request[0] << 8 | request[1]), request[6], pdu);
}
std::vector<Step> once(Bytes bytes) { return {Step{.bytes = std::move(bytes)}}; }

TEST(TcpLine, RefusesEveryLieInAHeaderOrBody) {
  const struct {
    const char* name;
    std::size_t at;
    std::uint8_t flip;
  } lies[] = {{"transaction", 1, 1}, {"protocol", 3, 1},   {"length", 5, 2},        {"unit", 6, 1},
              {"function", 7, 7},    {"byte count", 8, 2}, {"write function", 7, 5}};
  for (const auto& lie : lies) {
    TcpServer server([&](const Bytes& request, int n) {
      Bytes answer = good_answer(request);
      if (n == 0) answer[lie.at] = static_cast<std::uint8_t>(answer[lie.at] ^ lie.flip);
      return once(answer);
    });
    LineClient client(tcp_line(server.port));
    const LineReply reply = client.ask(read_two());
    EXPECT_TRUE(reply.modbus.kind == ReplyKind::malformed ||
                reply.modbus.kind == ReplyKind::timeout)
        << lie.name << " " << name_of(reply.modbus.kind);
    EXPECT_TRUE(reply.modbus.values.empty()) << lie.name;
    EXPECT_EQ(client.ask(read_two()).modbus.kind, ReplyKind::ok) << lie.name;
    EXPECT_EQ(server.connections(), 2) << lie.name << ": the connection is made anew";
  }
}

TEST(TcpLine, RefusesAWriteWhoseEchoDiffers) {
  TcpServer server([](const Bytes& request, int n) {
    Bytes pdu(request.begin() + 7, request.end());
    if (n == 0) pdu[4] ^= 1;
    return once(tcp_frame(static_cast<std::uint16_t>(request[0] << 8 | request[1]), 1, pdu));
  });
  LineClient client(tcp_line(server.port));
  LineRequest write = read_two();
  write.modbus.kind = ModbusRequest::Kind::write_single;
  write.modbus.count = 1;
  write.modbus.values = {42};
  EXPECT_EQ(client.ask(write).modbus.kind, ReplyKind::malformed);
  EXPECT_EQ(client.ask(write).modbus.kind, ReplyKind::ok);
  EXPECT_EQ(server.requests(), 2) << "no write is ever repeated by the line";
}

TEST(TcpLine, ThrowsAwayWhatFollowsAnAnswer) {
  TcpServer server([](const Bytes& request, int n) {
    Bytes bytes = good_answer(request);
    if (n == 0) {
      const Bytes again = bytes;
      bytes.insert(bytes.end(), again.begin(), again.end());  // the answer, twice
    }
    return once(bytes);
  });
  LineClient client(tcp_line(server.port));
  EXPECT_EQ(client.ask(read_two()).modbus.kind, ReplyKind::ok);
  EXPECT_EQ(client.ask(read_two()).modbus.kind, ReplyKind::ok);
  EXPECT_EQ(server.connections(), 2);
}

TEST(TcpLine, IsBoundedAgainstAServerThatDrips) {
  TcpServer server([](const Bytes& request, int) {
    std::vector<Step> steps;
    for (const std::uint8_t byte : good_answer(request)) {
      steps.push_back({.wait = milliseconds(80), .bytes = {byte}});
    }
    return steps;
  });
  LineClient client(tcp_line(server.port));
  EXPECT_EQ(client.ask(read_two()).modbus.kind, ReplyKind::timeout);
  EXPECT_LT(client.took.ms(), 450);
}

TEST(TcpLine, SaysDisconnectedWhenTheConnectionBreaksAndConnectsAgain) {
  for (const Step::End end : {Step::End::close, Step::End::reset}) {
    TcpServer server([end](const Bytes& request, int n) {
      if (n == 0) return std::vector<Step>{Step{.end = end}};
      return once(good_answer(request));
    });
    LineClient client(tcp_line(server.port));
    const LineReply reply = client.ask(read_two());
    EXPECT_EQ(reply.modbus.kind, ReplyKind::disconnected);
    EXPECT_TRUE(reply.modbus.sent) << "it may have been carried out";
    EXPECT_EQ(client.ask(read_two()).modbus.kind, ReplyKind::ok);
  }
}

TEST(TcpLine, NoticesAConnectionThatWasClosedWhileIdleBeforeItSends) {
  TcpServer server([](const Bytes& request, int) {
    return std::vector<Step>{{.bytes = good_answer(request)}, {.end = Step::End::close}};
  });
  LineClient client(tcp_line(server.port));
  for (int i = 0; i < 20; ++i) {
    LineRequest request = read_two();
    request.silence_before = milliseconds(5);
    const LineReply reply = client.ask(request);
    EXPECT_TRUE(reply.modbus.kind == ReplyKind::ok || reply.modbus.sent);
  }
}

TEST(TcpLine, SaysForCertainThatNothingWasSentWhereNobodyListens) {
  std::uint16_t port = 0;
  ::close(listen_on_loopback(port, 1));
  LineClient client(tcp_line(port));
  const LineReply reply = client.ask(read_two());
  EXPECT_EQ(reply.modbus.kind, ReplyKind::disconnected);
  EXPECT_FALSE(reply.modbus.sent);
}

TEST(TcpLine, BoundsTheConnectToABlackHole) {
  BlackHole hole;
  LineClient client(tcp_line(hole.port));
  const LineReply reply = client.ask(read_two());
  EXPECT_EQ(reply.modbus.kind, ReplyKind::disconnected);
  EXPECT_FALSE(reply.modbus.sent);
  EXPECT_LT(client.took.ms(), 600);
}

TEST(TcpLine, BoundsTheLookUpOfAName) {
  config::LineConfig line = tcp_line(502);
  line.host = "no-such-host.invalid";
  LineClient client(line);
  EXPECT_EQ(client.ask(read_two()).modbus.kind, ReplyKind::disconnected);
  EXPECT_LT(client.took.ms(), 700);
  TcpServer server([](const Bytes& request, int) { return once(good_answer(request)); });
  line = tcp_line(server.port);
  line.host = "localhost";
  line.connect_timeout = seconds(5);
  LineClient named(line);
  EXPECT_EQ(named.ask(read_two()).modbus.kind, ReplyKind::ok) << "the second address, if need be";
}

TEST(TcpLine, RefusesADescriptorThatSelectCannotHold) {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  const rlimit before = limit;
  limit.rlim_cur = std::min<rlim_t>(2048, limit.rlim_max);
  setrlimit(RLIMIT_NOFILE, &limit);
  TcpServer server([](const Bytes& request, int) { return once(good_answer(request)); });
  LineClient client(tcp_line(server.port));
  std::vector<int> held;
  while (held.size() < 1100) {
    const int fd = ::dup(0);
    if (fd < 0) break;
    held.push_back(fd);
  }
  const bool crowded = !held.empty() && held.back() > 1023;
  const LineReply reply = client.ask(read_two());
  for (const int fd : held) ::close(fd);
  if (crowded) {
    EXPECT_EQ(reply.modbus.kind, ReplyKind::disconnected);
    EXPECT_FALSE(reply.modbus.sent);
  }
  EXPECT_EQ(client.ask(read_two()).modbus.kind, ReplyKind::ok);
  setrlimit(RLIMIT_NOFILE, &before);
}

TEST(RtuLine, RefusesABrokenChecksumAndGarbageAndRecovers) {
  const Bytes right = [] {
    Bytes frame{1, 3, 4, 0, 1, 0, 2};
    const std::uint16_t crc = crc16_modbus(frame);
    frame.push_back(static_cast<std::uint8_t>(crc & 0xFF));
    frame.push_back(static_cast<std::uint8_t>(crc >> 8));
    return frame;
  }();
  Bytes broken = right;
  broken[4] ^= 1;
  const std::vector<Bytes> bad{broken, Bytes(1, 0), Bytes(300, 0xA5), Bytes{1, 3},
                               Bytes(right.begin() + 1, right.end())};
  PtyServer server([&](const Bytes&, int n) {
    return once(n % 2 == 0 ? bad[static_cast<std::size_t>(n / 2)] : right);
  });
  LineClient client(serial_line(server.path, Kind::rtu));
  for (std::size_t i = 0; i < bad.size(); ++i) {
    const LineReply reply = client.ask(read_two());
    EXPECT_EQ(reply.modbus.kind, ReplyKind::malformed) << i;
    LineRequest next = read_two();
    next.silence_before = milliseconds(100);
    EXPECT_EQ(client.ask(next).modbus.values, (std::vector<std::uint16_t>{1, 2})) << i;
  }
}

// What real adapters and gateways do: each a machine on a pseudo terminal or a socket.
TEST(RtuLine, FindsItsAnswerBehindWhatAdaptersPutBeforeIt) {
  const auto frame = [](std::uint8_t unit) { return rtu_frame(unit, Bytes{3, 4, 0, 1, 0, 2}); };
  const std::vector<std::vector<Bytes>> before{
      {Bytes{0}}, {Bytes{0xFF, 0x00}}, {frame(9)}, {frame(9), frame(4)}, {Bytes{1}}};
  PtyServer server([&](const Bytes&, int n) {
    std::vector<Step> steps;
    for (const Bytes& bytes : before[static_cast<std::size_t>(n) % before.size()]) {
      steps.push_back({.bytes = bytes});
      steps.push_back({.wait = milliseconds(60), .bytes = {}});
    }
    steps.push_back({.bytes = frame(1)});
    return steps;
  });
  LineClient client(serial_line(server.path, Kind::rtu));
  for (std::size_t i = 0; i < before.size(); ++i) {
    EXPECT_EQ(client.ask(read_two()).modbus.values, (std::vector<std::uint16_t>{1, 2})) << i;
  }
}

TEST(RtuLine, TakesTheEchoOfAnAdapterForNoAnswerOnceItIsDeclared) {
  for (const Kind kind : {Kind::rtu, Kind::ascii}) {
    PtyServer server([kind](const Bytes& request, int) {
      Bytes answer = rtu_frame(1, Bytes{3, 4, 0, 1, 0, 2});
      if (kind == Kind::ascii) {
        const std::string text = ascii_frame(1, Bytes{3, 4, 0, 1, 0, 2});
        answer.assign(text.begin(), text.end());
      }
      return std::vector<Step>{{.bytes = request}, {.wait = milliseconds(20), .bytes = answer}};
    });
    config::LineConfig line = serial_line(server.path, kind);
    line.habits.echoes = true;
    LineClient client(line);
    EXPECT_EQ(client.ask(read_two()).modbus.values, (std::vector<std::uint16_t>{1, 2}));
  }
}

TEST(RtuLine, SaysThatAnotherUnitAnswered) {
  PtyServer server([](const Bytes&, int) { return once(rtu_frame(9, Bytes{3, 4, 0, 1, 0, 2})); });
  LineClient client(serial_line(server.path, Kind::rtu));
  EXPECT_EQ(describe(client.ask(read_two()).modbus), "an answer of unit 9");
}

TEST(TcpLine, TakesWhatItsGatewayIsDeclaredToMakeOfATransaction) {
  TcpServer server([](const Bytes& request, int) {
    return once(tcp_frame(static_cast<std::uint16_t>(request[1] << 8 | request[0]), 1,
                          Bytes{3, 4, 0, 1, 0, 2}));
  });
  config::LineConfig line = tcp_line(server.port);
  LineClient strict(line);
  EXPECT_EQ(describe(strict.ask(read_two()).modbus), "an answer with another transaction number");
  line.habits.transaction = config::TransactionHabit::swapped;
  LineClient client(line);
  EXPECT_EQ(client.ask(read_two()).modbus.values, (std::vector<std::uint16_t>{1, 2}));
}

TEST(RtuLine, IsBoundedAgainstAnEndlessTrickle) {
  PtyServer server([](const Bytes&, int) {
    return std::vector<Step>(20, Step{.wait = milliseconds(60), .bytes = {1}});
  });
  LineClient client(serial_line(server.path, Kind::rtu));
  EXPECT_NE(client.ask(read_two()).modbus.kind, ReplyKind::ok);
  EXPECT_LT(client.took.ms(), 500);
}

TEST(AsciiLine, IsBoundedAgainstAFloodOfFrameBeginnings) {
  PtyServer server([](const Bytes&, int n) {
    const std::string right = ascii_frame(1, Bytes{3, 4, 0, 1, 0, 2});
    if (n > 0) return once(Bytes(right.begin(), right.end()));
    return std::vector<Step>(200, Step{.wait = milliseconds(2), .bytes = Bytes(100, ':')});
  });
  LineClient client(serial_line(server.path, Kind::ascii));
  EXPECT_EQ(client.ask(read_two(milliseconds(200))).modbus.kind, ReplyKind::timeout);
  EXPECT_LT(client.took.ms(), 1000);
}

TEST(AsciiLine, SkipsWhatComesBeforeAColonAndChecksTheSum) {
  const std::string right = ascii_frame(1, Bytes{3, 4, 0, 1, 0, 2});
  PtyServer server([&](const Bytes&, int n) {
    std::string text = n == 0 ? "noise\r\x01:01" + right : right;
    if (n == 1) text[3] = text[3] == '0' ? '1' : '0';
    return once(Bytes(text.begin(), text.end()));
  });
  LineClient client(serial_line(server.path, Kind::ascii));
  EXPECT_EQ(client.ask(read_two()).modbus.kind, ReplyKind::ok);
  EXPECT_EQ(client.ask(read_two()).modbus.kind, ReplyKind::malformed);
  EXPECT_EQ(client.ask(read_two()).modbus.kind, ReplyKind::ok);
}

Bytes bytes_of(std::string_view text) { return Bytes(text.begin(), text.end()); }

TEST(TextLine, AsksAndListens) {
  TcpServer server(
      [](const Bytes& request, int) {
        const std::string echo(request.begin(), request.end());
        return once(bytes_of(echo + "-197.10\r\n"));
      },
      bytes_of("CRYO 1\rLID OPEN\r\n\r\n" + std::string(600, 'x') + "\r\nLID CLOSED\n"));
  config::LineConfig line = tcp_line(server.port);
  line.kind = Kind::text_tcp;
  LineClient client(line);
  EXPECT_EQ(client.text(), "CRYO 1");
  EXPECT_EQ(client.text(), "LID OPEN");
  EXPECT_EQ(client.text(), "LID CLOSED") << "the line that was too long is gone";
  LineRequest request;
  request.text = "001 TEMPA?";
  const LineReply reply = client.ask(request);
  EXPECT_EQ(reply.modbus.kind, ReplyKind::ok);
  EXPECT_EQ(reply.text, "-197.10");
  EXPECT_EQ(client.ask(LineRequest{}).modbus.kind, ReplyKind::ok) << "only asks for the line";
}

config::LineConfig text_line(std::uint16_t port) {
  config::LineConfig line = tcp_line(port);
  line.kind = Kind::text_tcp;
  return line;
}

LineRequest question(Duration timeout = milliseconds(300)) {
  LineRequest request;
  request.text = "001 TEMPA?";
  request.response_timeout = timeout;
  request.drain_first = true;
  return request;
}

// The machine says each answer twice: the second must not answer the next question.
TEST(TextLine, NeverTakesASecondAnswerForTheNextQuestion) {
  for (const Duration apart : {milliseconds(0), milliseconds(20), milliseconds(150)}) {
    TcpServer server([apart](const Bytes&, int n) {
      const Bytes answer = bytes_of(n % 2 == 0 ? "-171.10\r\n" : "-195.20\r\n");
      return std::vector<Step>{{.bytes = answer}, {.wait = apart, .bytes = answer}};
    });
    LineClient client(text_line(server.port));
    for (int n = 0; n < 4; ++n) {
      const LineReply reply = client.ask(question());
      EXPECT_EQ(reply.modbus.kind, ReplyKind::ok) << apart.ms() << " ms apart, " << n;
      EXPECT_EQ(reply.text, n % 2 == 0 ? "-171.10" : "-195.20") << apart.ms() << " ms apart";
      client.give_time(milliseconds(150));
    }
  }
}

TEST(TextLine, PassesNoiseOnAsItCame) {
  const std::string noise = "\x80\xFF\x07-1";
  TcpServer server([&](const Bytes&, int) { return once(bytes_of(noise + "\r\n")); });
  LineClient client(text_line(server.port));
  EXPECT_EQ(client.ask(question()).text, noise);
}

TEST(TextLine, TrustsNeitherOfTwoAnswersToOneQuestion) {
  TcpServer server([](const Bytes&, int n) {
    return once(bytes_of(n == 0 ? "-171.10\r\n-195.20\r\n" : "-171.10\r\n"));
  });
  LineClient client(text_line(server.port));
  EXPECT_EQ(client.ask(question()).modbus.kind, ReplyKind::malformed);
  EXPECT_EQ(client.ask(question()).text, "-171.10");
}

TEST(TextLine, IsBoundedAgainstAFloodWithoutALineEnd) {
  TcpServer server([](const Bytes&, int n) {
    if (n > 0) return once(bytes_of("-171.10\r\n"));
    std::vector<Step> flood(4000, Step{.bytes = Bytes(1000, '9')});
    flood.push_back({.end = Step::End::close});
    return flood;
  });
  LineClient client(text_line(server.port));
  LineReply reply = client.ask(question());
  EXPECT_NE(reply.modbus.kind, ReplyKind::ok);
  EXPECT_LT(client.took.ms(), 1500);
  LineRequest again = question();
  again.reconnect_first = true;
  for (int i = 0; i < 20 && reply.modbus.kind != ReplyKind::ok; ++i) {
    reply = client.ask(again);
    EXPECT_TRUE(reply.text.empty() || reply.text == "-171.10") << reply.text;
  }
  EXPECT_EQ(reply.text, "-171.10") << "the answer after the flood is whole";
}

// The machine restarts in the middle of a line; its box keeps the connection, or not.
TEST(TextLine, NeverJoinsTwoHalvesOfALine) {
  for (const bool breaks : {false, true}) {
    TcpServer server([breaks](const Bytes&, int n) {
      std::vector<Step> steps{{.bytes = bytes_of(n == 0 ? "-17" : "1.10\r\n")}};
      if (n == 0 && breaks) steps[0].end = Step::End::close;
      return steps;
    });
    LineClient client(text_line(server.port));
    EXPECT_NE(client.ask(question()).modbus.kind, ReplyKind::ok);
    const LineReply reply = client.ask(question());
    EXPECT_NE(reply.text, "-171.10") << (breaks ? "broken" : "standing") << " connection";
  }
}

TEST(TextLine, ThrowsAwayALineThatALongPauseCutInTwo) {
  TcpServer server([](const Bytes&, int) { return std::vector<Step>{}; },
                   bytes_of("CURRENT LEVEL = 4.75, CURRENT T"));
  LineClient client(text_line(server.port));
  EXPECT_EQ(client.ask(LineRequest{}).modbus.kind, ReplyKind::ok);
  TcpServer speaking([](const Bytes&, int) {
    return std::vector<Step>{{.bytes = bytes_of("CURRENT LEVEL = 4.")},
                             {.wait = milliseconds(2200), .bytes = bytes_of("LID OPEN\r\n")}};
  });
  LineClient other(text_line(speaking.port));
  LineRequest request = question(milliseconds(4000));
  EXPECT_EQ(other.ask(request).text, "LID OPEN");
}

// A machine that discards what comes within its first 200 ms, as serial servers do that flush their
// buffers after a connection.
TEST(TcpLine, WaitsAfterConnectingAsTheModelWants) {
  const auto early = [](Instant connected) {
    return monotonic_now() - connected < milliseconds(200);
  };
  for (const Duration pause : {milliseconds(0), milliseconds(250)}) {
    std::atomic<std::int64_t> connected_ns{0};
    TcpServer server(
        [&](const Bytes& request, int) {
          if (early(Instant{connected_ns.load()})) return std::vector<Step>{};
          return once(good_answer(request));
        },
        {}, [&] { connected_ns = monotonic_now().ns; });
    LineClient client(tcp_line(server.port), pause);
    const bool waits = pause > milliseconds(200);
    for (int connection = 0; connection < 2; ++connection) {
      LineRequest request = read_two(milliseconds(100));
      request.reconnect_first = connection > 0;
      EXPECT_EQ(client.ask(request).modbus.kind, waits ? ReplyKind::ok : ReplyKind::timeout);
    }
    EXPECT_EQ(server.connections(), 2);
  }
}

// Stop is told while the line does the thing that lasts longest.
template <class Prepare>
void expect_prompt_stop(config::LineConfig line, Prepare prepare) {
  LineClient client(std::move(line));
  prepare(client);
  client.give_time(milliseconds(50));  // to be in the middle of it
  const Instant begun = monotonic_now();
  client.lines->stop();
  EXPECT_LT((monotonic_now() - begun).ms(), 2000);
}

TEST(StoppingLine, EndsWithinTwoSecondsWhateverItIsDoing) {
  const auto drip = [](const Bytes&, int) {
    return std::vector<Step>(100, Step{.wait = milliseconds(100), .bytes = {0}});
  };
  const auto ask = [](LineClient& client) { client.send(read_two(seconds(10))); };
  TcpServer silent([](const Bytes&, int) { return std::vector<Step>{}; });
  expect_prompt_stop(tcp_line(silent.port), [](LineClient&) {});
  expect_prompt_stop(tcp_line(silent.port), ask);
  expect_prompt_stop(tcp_line(silent.port), [](LineClient& client) {
    client.ask(read_two(milliseconds(100)));
    LineRequest request = read_two();
    request.silence_before = seconds(30);
    client.send(request);
  });
  TcpServer dripping(drip);
  expect_prompt_stop(tcp_line(dripping.port), ask);
  BlackHole hole;
  config::LineConfig into_the_hole = tcp_line(hole.port);
  into_the_hole.connect_timeout = seconds(10);
  expect_prompt_stop(into_the_hole, ask);
  into_the_hole.host = "no-such-host.invalid";
  expect_prompt_stop(into_the_hole, ask);
  for (const Kind kind : {Kind::rtu, Kind::ascii, Kind::text_serial}) {
    PtyServer pty(drip);
    expect_prompt_stop(serial_line(pty.path, kind), ask);
  }
}

TEST(StoppingLine, AnswersWhatItHadNotSentYet) {
  TcpServer silent([](const Bytes&, int) { return std::vector<Step>{}; });
  LineClient client(tcp_line(silent.port));
  for (int i = 0; i < 3; ++i) client.send(read_two(seconds(10)));
  client.lines->stop();
  for (int i = 0; i < 3; ++i) {
    const auto reply = client.reply();
    ASSERT_TRUE(reply.has_value());
    EXPECT_EQ(reply->modbus.kind, ReplyKind::disconnected);
  }
}

}  // namespace
}  // namespace cryobank::devices
