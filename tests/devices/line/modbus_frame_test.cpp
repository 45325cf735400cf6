#include "devices/line/modbus_frame.hpp"

#include <gtest/gtest.h>

#include "base/prng.hpp"
#include "base/text.hpp"

namespace cryobank::devices {
namespace {

ModbusRequest request_of(ModbusRequest::Kind kind, RegisterTable table, std::uint16_t address,
                         std::uint16_t count, std::vector<std::uint16_t> values = {}) {
  return {kind, 7, table, address, count, std::move(values)};
}
constexpr auto kRead = ModbusRequest::Kind::read;
constexpr auto kMany = ModbusRequest::Kind::write_multiple;
constexpr auto kOne = ModbusRequest::Kind::write_single;

// The examples of the Modbus Application Protocol V1.1b3, section 6.
TEST(ModbusPdu, BuildsAndReadsTheExamplesOfTheSpecification) {
  const struct {
    const char* name;
    ModbusRequest request;
    const char* sent;
    const char* answer;
    std::vector<std::uint16_t> values;
  } cases[] = {
      {"read coils",
       request_of(kRead, RegisterTable::coil, 0x13, 0x13),
       "0100130013",
       "0103cd6b05",
       {1, 0, 1, 1, 0, 0, 1, 1, 1, 1, 0, 1, 0, 1, 1, 0, 1, 0, 1}},
      {"read discrete inputs",
       request_of(kRead, RegisterTable::discrete, 0xC4, 9),
       "0200c40009",
       "0202ac01",
       {0, 0, 1, 1, 0, 1, 0, 1, 1}},
      {"read holding registers",
       request_of(kRead, RegisterTable::holding, 0x6B, 3),
       "03006b0003",
       "0306022b00000064",
       {0x22B, 0, 0x64}},
      {"read input registers",
       request_of(kRead, RegisterTable::input, 8, 1),
       "0400080001",
       "0402000a",
       {10}},
      {"write single coil",
       request_of(kOne, RegisterTable::coil, 0xAC, 1, {1}),
       "0500acff00",
       "0500acff00",
       {}},
      {"write single register",
       request_of(kOne, RegisterTable::holding, 1, 1, {3}),
       "0600010003",
       "0600010003",
       {}},
      {"write multiple coils",
       request_of(kMany, RegisterTable::coil, 0x13, 10, {1, 0, 1, 1, 0, 0, 1, 1, 1, 0}),
       "0f0013000a02cd01",
       "0f0013000a",
       {}},
      {"write multiple registers",
       request_of(kMany, RegisterTable::holding, 1, 2, {10, 0x102}),
       "100001000204000a0102",
       "1000010002",
       {}},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(to_hex(*request_pdu(c.request)), c.sent) << c.name;
    const ModbusReply reply = reply_of_pdu(c.request, *from_hex(c.answer));
    EXPECT_EQ(reply.kind, ReplyKind::ok) << c.name;
    EXPECT_EQ(reply.values, c.values) << c.name;
  }
}

TEST(ModbusPdu, RefusesRequestsOverTheLimitsOfTheProtocol) {
  const ModbusRequest bad[] = {
      request_of(kRead, RegisterTable::holding, 0, 0),
      request_of(kRead, RegisterTable::holding, 0, 126),
      request_of(kRead, RegisterTable::coil, 0, 2001),
      request_of(kRead, RegisterTable::holding, 65530, 10),
      request_of(kMany, RegisterTable::input, 0, 1, {1}),
      request_of(kMany, RegisterTable::holding, 0, 2, {1}),
      request_of(kOne, RegisterTable::holding, 0, 2, {1, 2}),
      request_of(kOne, RegisterTable::discrete, 0, 1, {1}),
  };
  for (const ModbusRequest& request : bad) EXPECT_FALSE(request_pdu(request).ok());
}

TEST(ModbusPdu, TellsExceptionsFromNonsense) {
  const ModbusRequest read = request_of(kRead, RegisterTable::holding, 1, 2);
  const struct {
    const char* pdu;
    ReplyKind kind;
  } cases[] = {{"8302", ReplyKind::exception},
               {"834b", ReplyKind::exception},
               {"8300", ReplyKind::malformed},
               {"8402", ReplyKind::malformed},
               {"83", ReplyKind::malformed},
               {"830200", ReplyKind::malformed},
               {"", ReplyKind::malformed},
               {"030400010002ff", ReplyKind::malformed},
               {"03040001", ReplyKind::malformed},
               {"030300010002", ReplyKind::malformed},
               {"040400010002", ReplyKind::malformed},
               {"030400010002", ReplyKind::ok}};
  for (const auto& c : cases) {
    const ModbusReply reply = reply_of_pdu(read, *from_hex(c.pdu));
    EXPECT_EQ(reply.kind, c.kind) << c.pdu;
    EXPECT_EQ(reply.values.empty(), c.kind != ReplyKind::ok) << c.pdu;
  }
}

TEST(ModbusFrame, WrapsAndChecksTcp) {
  const ModbusRequest read = request_of(kRead, RegisterTable::holding, 1, 1);
  const Bytes frame = tcp_frame(0xABCD, 7, *from_hex("03020005"));
  EXPECT_EQ(to_hex(frame), "abcd000000050703020005");
  EXPECT_EQ(reply_of_tcp_frame(read, 0xABCD, frame).values, (std::vector<std::uint16_t>{5}));
  EXPECT_EQ(reply_of_tcp_frame(read, 0xABCE, frame).kind, ReplyKind::malformed);
  for (std::size_t i = 0; i < 9; ++i) {  // every byte of the header, the function and the count
    Bytes changed = frame;
    changed[i] ^= 0x10;
    EXPECT_EQ(reply_of_tcp_frame(read, 0xABCD, changed).kind, ReplyKind::malformed) << i;
  }
}

// The frame of a Thermo TDE manual (facts: believe the frames, their LRC is right).
TEST(ModbusFrame, WrapsAndChecksAscii) {
  const ModbusRequest read = request_of(kRead, RegisterTable::holding, 0x066F, 1);
  EXPECT_EQ(ascii_frame(7, *request_pdu(read)), ":0703066F000180\r\n");
  const std::string answer = ascii_frame(7, *from_hex("03020005"));
  EXPECT_EQ(answer, ":0703020005EF\r\n");
  EXPECT_EQ(reply_of_ascii_frame(read, ":0703020005EF").values, (std::vector<std::uint16_t>{5}));
  for (const std::string_view bad : {":0703020005EE", "0703020005EF", ":0703020005E", ":", "",
                                     ":0803020005EE", ":07030200Z5EF", ":EF"}) {
    EXPECT_EQ(reply_of_ascii_frame(read, bad).kind, ReplyKind::malformed) << bad;
  }
}

TEST(ModbusFrame, TakesATransactionOnlyAsTheLineDeclaresItsGateway) {
  using Habit = config::TransactionHabit;
  const ModbusRequest read = request_of(kRead, RegisterTable::holding, 1, 1);
  const struct {
    Habit habit;
    std::uint16_t came;
  } cases[] = {{Habit::zero, 0}, {Habit::next, 0x1235}, {Habit::swapped, 0x3412}};
  for (const auto& c : cases) {
    const Bytes frame = tcp_frame(c.came, 7, *from_hex("03020005"));
    const ModbusReply strict = reply_of_tcp_frame(read, 0x1234, frame);
    EXPECT_EQ(strict.wrong, Wrong::transaction);
    for (const auto& other : cases) {
      config::GatewayHabits habits;
      habits.transaction = other.habit;
      EXPECT_EQ(reply_of_tcp_frame(read, 0x1234, frame, habits).kind == ReplyKind::ok,
                other.habit == c.habit)
          << c.came;
    }
    config::GatewayHabits habits;
    habits.transaction = c.habit;
    const Bytes right = tcp_frame(0x1234, 7, *from_hex("03020005"));
    EXPECT_EQ(reply_of_tcp_frame(read, 0x1234, right, habits).kind, ReplyKind::ok);
  }
}

TEST(ModbusFrame, SaysWhoseAnswerCameAndTakesThatOfADeclaredUnit) {
  const ModbusRequest read = request_of(kRead, RegisterTable::holding, 1, 1);
  const Bytes frame = tcp_frame(9, 1, *from_hex("03020005"));
  EXPECT_EQ(describe(reply_of_tcp_frame(read, 9, frame)), "an answer of unit 1");
  config::GatewayHabits habits;
  habits.answers_as = 1;
  EXPECT_EQ(reply_of_tcp_frame(read, 9, frame, habits).kind, ReplyKind::ok);
  const Bytes third = tcp_frame(9, 3, *from_hex("03020005"));
  EXPECT_EQ(reply_of_tcp_frame(read, 9, third, habits).wrong, Wrong::another_unit);
}

// The answers that the manuals of Thermo TDE and TSX print, byte for byte.
TEST(ModbusFrame, ReadsTheFramesThatThermoPrints) {
  const struct {
    std::uint16_t address;
    std::uint16_t count;
    const char* frame;
    std::vector<std::uint16_t> values;
  } cases[] = {{0x066F, 1, ":19030228BA", {0x28}},
               {0x059C, 1, ":19030204DE", {0x04}},
               {0x0530, 2, ":190304FFFFFCE002", {0xFFFF, 0xFCE0}},
               {0x0538, 2, ":190304FFFFFD449D", {0xFFFF, 0xFD44}},
               {0x0598, 2, ":1903040001E240B9", {0x0001, 0xE240}},
               {0x04D8, 2, ":190304C2FE00001C", {0xC2FE, 0x0000}},
               {0x0670, 2, ":19030400050000D7", {0x0005, 0x0000}}};
  for (const auto& c : cases) {
    ModbusRequest read = request_of(kRead, RegisterTable::holding, c.address, c.count);
    read.unit = 0x19;
    EXPECT_EQ(reply_of_ascii_frame(read, c.frame, {}, true).values, c.values) << c.frame;
    EXPECT_EQ(reply_of_ascii_frame(read, c.frame).kind, ReplyKind::malformed) << c.frame;
  }
  ModbusRequest read = request_of(kRead, RegisterTable::holding, 0x0530, 2);
  read.unit = 0x19;
  for (const char* bad : {":190304FFFFFCE003", ":1903028BA", ":190306FFFFFCE000"}) {
    EXPECT_NE(reply_of_ascii_frame(read, bad, {}, true).kind, ReplyKind::ok) << bad;
  }
  const std::string standard = ascii_frame(0x19, *from_hex("0304FFFFFCE0"));
  EXPECT_EQ(reply_of_ascii_frame(read, standard.substr(0, standard.size() - 2), {}, true).kind,
            ReplyKind::ok)
      << "and a unit that keeps to the standard";
}

TEST(ModbusFrame, NeverTakesRandomBytesForAnAnswer) {
  Prng prng(3);
  int ok = 0;
  for (int i = 0; i < 300'000; ++i) {
    const auto table = static_cast<RegisterTable>(prng.below(4));
    const ModbusRequest read =
        request_of(kRead, table, 0, static_cast<std::uint16_t>(1 + prng.below(20)));
    const Bytes right_header = tcp_frame(1, 7, Bytes(2 + prng.below(45), 0));
    Bytes bytes = prng.chance(1, 2) ? right_header : Bytes(prng.below(60), 0);
    const std::size_t keep = prng.below(10);
    for (std::size_t b = bytes.size() == right_header.size() ? keep : 0; b < bytes.size(); ++b) {
      bytes[b] = static_cast<std::uint8_t>(prng.next());
    }
    const ModbusReply reply = reply_of_tcp_frame(read, 1, bytes);
    if (reply.kind != ReplyKind::ok) {
      EXPECT_TRUE(reply.values.empty());
      continue;
    }
    ++ok;
    EXPECT_EQ(reply.values.size(), read.count);
    EXPECT_EQ(bytes[6], 7);
  }
  EXPECT_LT(ok, 300);
}

}  // namespace
}  // namespace cryobank::devices
