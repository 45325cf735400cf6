// What may stand around an RTU answer, and what is never one.
#include "devices/line/rtu_frame.hpp"

#include <gtest/gtest.h>

#include "base/checksum.hpp"
#include "base/prng.hpp"
#include "base/text.hpp"

namespace cryobank::devices {
namespace {

ModbusRequest read_two_of_seven() {
  ModbusRequest request;
  request.unit = 7;
  request.address = 20;
  request.count = 2;
  return request;
}

Bytes answer_of(std::uint8_t unit) { return rtu_frame(unit, *from_hex("030400010002")); }

Bytes joined_bytes(std::initializer_list<Bytes> parts) {
  Bytes all;
  for (const Bytes& part : parts) all.insert(all.end(), part.begin(), part.end());
  return all;
}

TEST(RtuFrame, IsFoundBehindStrayBytesAndOtherUnitsFrames) {
  const Bytes right = answer_of(7);
  const Bytes asked = rtu_frame(4, *request_pdu(read_two_of_seven()));
  for (const Bytes& before :
       {Bytes{}, Bytes{0}, Bytes{0xFF}, Bytes{7}, Bytes{7, 3}, Bytes{7, 3, 4, 9}, answer_of(4),
        asked, joined_bytes({asked, answer_of(4), Bytes{0}})}) {
    const Bytes bytes = joined_bytes({before, right});
    const auto reply = find_rtu_answer(read_two_of_seven(), bytes, {});
    ASSERT_TRUE(reply.has_value()) << to_hex(bytes);
    EXPECT_EQ(reply->values, (std::vector<std::uint16_t>{1, 2}));
    for (std::size_t missing = 1; missing < right.size(); ++missing) {
      EXPECT_FALSE(
          find_rtu_answer(read_two_of_seven(), std::span(bytes).first(bytes.size() - missing), {})
              .has_value())
          << "it may still come";
    }
  }
}

TEST(RtuFrame, TellsARefusalFromAnAnswer) {
  const auto reply = find_rtu_answer(read_two_of_seven(),
                                     joined_bytes({{0}, rtu_frame(7, *from_hex("830b"))}), {});
  ASSERT_TRUE(reply.has_value());
  EXPECT_EQ(describe(*reply), "exception 11 (gateway: the unit does not answer)");
}

TEST(RtuFrame, SaysWhatCameInsteadOfAnAnswer) {
  Bytes broken = answer_of(7);
  broken[4] ^= 1;
  const struct {
    Bytes bytes;
    const char* told;
  } cases[] = {{{}, "no answer"},
               {{0, 0xFF, 3}, "garbage"},
               {broken, "an answer with a wrong checksum"},
               {answer_of(9), "an answer of unit 9"},
               {joined_bytes({{0}, answer_of(9)}), "an answer of unit 9"},
               {rtu_frame(7, *from_hex("040400010002")), "an answer to another request"}};
  for (const auto& c : cases) {
    EXPECT_FALSE(find_rtu_answer(read_two_of_seven(), c.bytes, {}).has_value());
    EXPECT_EQ(describe(what_came(read_two_of_seven(), c.bytes, {})), c.told) << to_hex(c.bytes);
  }
}

TEST(RtuFrame, TakesTheUnitThatAGatewayAlwaysGives) {
  config::GatewayHabits habits;
  habits.answers_as = 1;
  EXPECT_TRUE(find_rtu_answer(read_two_of_seven(), answer_of(1), habits).has_value());
  EXPECT_FALSE(find_rtu_answer(read_two_of_seven(), answer_of(2), habits).has_value());
}

TEST(RtuFrame, AnEchoedWriteIsNotItsAnswer) {
  ModbusRequest write;
  write.kind = ModbusRequest::Kind::write_single;
  write.unit = 7;
  write.count = 1;
  write.values = {5};
  const Bytes sent = rtu_frame(7, *request_pdu(write));
  EXPECT_EQ(end_of_echo(joined_bytes({{0}, sent}), sent), sent.size() + 1);
  EXPECT_FALSE(end_of_echo(std::span(sent).first(sent.size() - 1), sent).has_value());
}

TEST(RtuFrame, RandomBytesAreNoAnswer) {
  Prng prng(11);
  for (int i = 0; i < 20'000; ++i) {
    Bytes bytes(prng.below(80));
    for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(prng.next());
    EXPECT_FALSE(find_rtu_answer(read_two_of_seven(), bytes, {}).has_value());
  }
}

}  // namespace
}  // namespace cryobank::devices
