// What every line must do, whoever plays the wire: the real TCP, RTU and ASCII lines against
// servers that misbehave on order, and their virtual twin (tests/devices/virtual_bus.hpp).
#include <gtest/gtest.h>

#include <memory>

#include "base/checksum.hpp"
#include "base/text.hpp"
#include "devices/line/modbus_frame.hpp"
#include "tests/contracts/line_client.hpp"
#include "tests/contracts/line_servers.hpp"
#include "tests/devices/virtual_bus.hpp"

namespace cryobank::devices {
namespace {

using Kind = config::LineConfig::Kind;

constexpr Duration kTimeout = milliseconds(500);

// What the unit does with one request.
enum class Act : std::uint8_t {
  answer,
  exception,  // 02
  silent,
  late,  // after one and a half time-outs
  wrong_unit,
  wrong_count  // one register too many
};
using Acts = std::vector<Act>;

// Register a reads 1000 + a.
ModbusReply plain(const ModbusRequest& request, Act act) {
  if (act == Act::exception) return {ReplyKind::exception, 2, {}, true};
  ModbusReply reply{ReplyKind::ok, 0, {}, true};
  const int count = request.count + (act == Act::wrong_count ? 1 : 0);
  for (int i = 0; i < count; ++i) {
    reply.values.push_back(static_cast<std::uint16_t>(1000 + request.address + i));
  }
  return reply;
}

Bytes answer_pdu(std::uint8_t function, const ModbusReply& reply) {
  if (reply.kind == ReplyKind::exception) {
    return {static_cast<std::uint8_t>(function | 0x80), reply.exception};
  }
  Bytes pdu{function, static_cast<std::uint8_t>(2 * reply.values.size())};
  for (const std::uint16_t value : reply.values) {
    pdu.push_back(static_cast<std::uint8_t>(value >> 8));
    pdu.push_back(static_cast<std::uint8_t>(value & 0xFF));
  }
  return pdu;
}

class World {
 public:
  virtual ~World() = default;
  virtual LineReply exchange(LineRequest request) = 0;
};

// The real edge. The unit's PDU is the same on all of them; only the frame differs.
class RealWorld final : public World {
 public:
  RealWorld(Kind kind, Acts acts) : acts_(std::move(acts)) {
    config::LineConfig line;
    line.kind = kind;
    line.connect_timeout = milliseconds(500);
    line.baud = 115200;
    line.parity = 'N';
    const auto script = [this, kind](const Bytes& request, int n) {
      return play(kind, request, n);
    };
    if (kind == Kind::tcp || kind == Kind::rtu_tcp) {
      tcp_ = std::make_unique<TcpServer>(script);
      line.port = tcp_->port;
    } else {
      pty_ = std::make_unique<PtyServer>(script);
      line.path = pty_->path;
    }
    client_ = std::make_unique<LineClient>(line);
  }
  LineReply exchange(LineRequest request) override { return client_->ask(std::move(request)); }

 private:
  std::vector<Step> play(Kind kind, const Bytes& request, int n) {
    const Act act = static_cast<std::size_t>(n) < acts_.size() ? acts_[static_cast<std::size_t>(n)]
                                                               : Act::answer;
    if (act == Act::silent) return {};
    Bytes bytes = request;
    if (kind == Kind::ascii) {
      const std::string text(bytes.begin() + 1, bytes.end() - 2);
      bytes = *from_hex(text);
    }
    const std::size_t unit_at = kind == Kind::tcp ? 6 : 0;
    ModbusRequest asked;
    asked.address = static_cast<std::uint16_t>(bytes[unit_at + 2] << 8 | bytes[unit_at + 3]);
    asked.count = static_cast<std::uint16_t>(bytes[unit_at + 4] << 8 | bytes[unit_at + 5]);
    const auto unit = static_cast<std::uint8_t>(bytes[unit_at] + (act == Act::wrong_unit ? 1 : 0));
    const Bytes pdu = answer_pdu(bytes[unit_at + 1], plain(asked, act));
    Step step;
    if (act == Act::late) step.wait = kTimeout * 3 / 2;
    if (kind == Kind::tcp) {
      step.bytes = tcp_frame(static_cast<std::uint16_t>(bytes[0] << 8 | bytes[1]), unit, pdu);
    } else if (kind == Kind::ascii) {
      const std::string frame = ascii_frame(unit, pdu);
      step.bytes.assign(frame.begin(), frame.end());
    } else {
      step.bytes = {unit};
      step.bytes.insert(step.bytes.end(), pdu.begin(), pdu.end());
      const std::uint16_t crc = crc16_modbus(step.bytes);
      step.bytes.push_back(static_cast<std::uint8_t>(crc & 0xFF));
      step.bytes.push_back(static_cast<std::uint8_t>(crc >> 8));
    }
    return {step};
  }

  Acts acts_;
  std::unique_ptr<TcpServer> tcp_;
  std::unique_ptr<PtyServer> pty_;
  std::unique_ptr<LineClient> client_;
};

class VirtualWorld final : public World {
 public:
  VirtualWorld(Kind kind, Acts acts) : acts_(std::move(acts)) {
    config::LineConfig line;
    line.id = LineId("line");
    line.kind = kind;
    line.baud = 115200;
    site_.lines.push_back(line);
    bus_.emplace(site_);
    bus_->unit(0, 7) = [this](const ModbusRequest& request, Instant) {
      const Act act = next_ < acts_.size() ? acts_[next_] : Act::answer;
      ++next_;
      UnitAnswer answer;
      if (act == Act::silent) return answer;
      answer.reply = plain(request, act);
      answer.wrong_unit = act == Act::wrong_unit;
      answer.delay = act == Act::late ? kTimeout * 3 / 2 : milliseconds(1);
      return answer;
    };
  }
  LineReply exchange(LineRequest request) override {
    request.id = ++id_;
    bus_->send(now_, request);
    now_.mono = bus_->next();
    return *bus_->reply_due(now_.mono);
  }

 private:
  Acts acts_;
  config::SiteConfig site_;
  std::optional<VirtualBus> bus_;
  Now now_;
  std::size_t next_ = 0;
  std::uint64_t id_ = 0;
};

LineRequest read_of(std::uint16_t address, std::uint16_t count) {
  LineRequest request;
  request.modbus.unit = 7;
  request.modbus.address = address;
  request.modbus.count = count;
  request.response_timeout = kTimeout;
  request.drain_first = true;
  return request;
}

struct WorldKind {
  const char* name;
  bool real;
  Kind kind;
};
std::ostream& operator<<(std::ostream& out, const WorldKind& kind) { return out << kind.name; }

class LineContract : public testing::TestWithParam<WorldKind> {
 protected:
  std::unique_ptr<World> world(Acts acts) const {
    if (GetParam().real) return std::make_unique<RealWorld>(GetParam().kind, std::move(acts));
    return std::make_unique<VirtualWorld>(GetParam().kind, std::move(acts));
  }
};

TEST_P(LineContract, AnswersARequestWithItsValues) {
  const auto wire = world({});
  const LineReply reply = wire->exchange(read_of(20, 3));
  ASSERT_EQ(reply.modbus.kind, ReplyKind::ok);
  EXPECT_EQ(reply.modbus.values, (std::vector<std::uint16_t>{1020, 1021, 1022}));
  EXPECT_EQ(reply.id, 1u);
}

TEST_P(LineContract, CarriesTheLongestRead) {
  const auto wire = world({});
  const LineReply reply = wire->exchange(read_of(0, kReadRegistersMax));
  ASSERT_EQ(reply.modbus.kind, ReplyKind::ok);
  EXPECT_EQ(reply.modbus.values.back(), 1000 + kReadRegistersMax - 1);
}

TEST_P(LineContract, SaysWhatTheUnitSaid) {
  const auto wire = world({Act::exception});
  const LineReply reply = wire->exchange(read_of(20, 3));
  EXPECT_EQ(reply.modbus.kind, ReplyKind::exception);
  EXPECT_EQ(reply.modbus.exception, 2);
  EXPECT_TRUE(reply.modbus.values.empty());
  EXPECT_EQ(wire->exchange(read_of(20, 3)).modbus.kind, ReplyKind::ok);
}

TEST_P(LineContract, GivesUpAtItsTimeOutAndGoesOn) {
  const auto wire = world({Act::silent});
  EXPECT_EQ(wire->exchange(read_of(20, 3)).modbus.kind, ReplyKind::timeout);
  LineRequest next = read_of(30, 2);
  next.reconnect_first = true;
  EXPECT_EQ(wire->exchange(next).modbus.values, (std::vector<std::uint16_t>{1030, 1031}));
}

TEST_P(LineContract, NeverTakesALateAnswerForTheNextOneAfterSilenceAndDrain) {
  const auto wire = world({Act::late});
  EXPECT_EQ(wire->exchange(read_of(20, 3)).modbus.kind, ReplyKind::timeout);
  LineRequest next = read_of(40, 3);
  next.reconnect_first = true;
  next.silence_before = kTimeout;
  EXPECT_EQ(wire->exchange(next).modbus.values, (std::vector<std::uint16_t>{1040, 1041, 1042}));
}

TEST_P(LineContract, RefusesAnswersOfAnotherUnitOrLength) {
  for (const Act act : {Act::wrong_unit, Act::wrong_count}) {
    const auto wire = world({act});
    const LineReply reply = wire->exchange(read_of(20, 3));
    EXPECT_EQ(reply.modbus.kind, ReplyKind::malformed);
    EXPECT_TRUE(reply.modbus.values.empty());
    LineRequest next = read_of(30, 2);
    next.silence_before = milliseconds(50);
    EXPECT_EQ(wire->exchange(next).modbus.kind, ReplyKind::ok);
  }
}

INSTANTIATE_TEST_SUITE_P(Wires, LineContract,
                         testing::Values(WorldKind{"RealTcp", true, Kind::tcp},
                                         WorldKind{"RealRtu", true, Kind::rtu},
                                         WorldKind{"RealAscii", true, Kind::ascii},
                                         WorldKind{"RealRtuOverTcp", true, Kind::rtu_tcp},
                                         WorldKind{"VirtualTcp", false, Kind::tcp},
                                         WorldKind{"VirtualRtu", false, Kind::rtu}),
                         [](const auto& kind) { return kind.param.name; });

}  // namespace
}  // namespace cryobank::devices
