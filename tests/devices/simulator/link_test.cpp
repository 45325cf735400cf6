// Faults of lines and units, on values and on bytes; the frames; the saved state; the commands.
#include "devices/simulator/wire/frame.hpp"
#include "tests/devices/simulator/bank.hpp"

namespace cryobank::simulator {
namespace {

struct LinkCase {
  const char* fault;
  ReplyKind kind;
  int exception;
  bool obeyed;  // was the write carried out?
};

const LinkCase kCases[] = {
    {R"("request-lost")", ReplyKind::timeout, 0, false},
    {R"("reply-lost")", ReplyKind::timeout, 0, true},
    {R"("garbage")", ReplyKind::malformed, 0, true},
    {R"("truncated")", ReplyKind::timeout, 0, true},
    {R"("wrong-unit")", ReplyKind::malformed, 0, true},
    {R"("exception","code":4)", ReplyKind::exception, 4, false},
    {R"("exception","code":5)", ReplyKind::exception, 5, true},
    {R"("exception","code":11,"executed":true)", ReplyKind::exception, 11, true},
    {R"("gateway")", ReplyKind::exception, 10, false},
    {R"("half-open")", ReplyKind::timeout, 0, false},
    {R"("dead")", ReplyKind::timeout, 0, false},
    {R"("drip")", ReplyKind::timeout, 0, true},
    {R"("duplicate")", ReplyKind::ok, 0, true},
    {R"("disconnected")", ReplyKind::disconnected, 0, false},
};

TEST(Link, EachFaultEndsTheRequestItsOwnWay) {
  for (const LinkCase& row : kCases) {
    for (const char* where : {R"("line":"freezers")", R"("device":"freezer-1")"}) {
      SCOPED_TRACE(cat(row.fault, " on ", where));
      Bank bank;
      bank.control(cat(R"({"do":"fault",)", where, R"(,"fault":)", row.fault, "}"));
      const ModbusReply reply = bank.write(0, 1, 0, {1500});
      EXPECT_EQ(reply.kind, row.kind);
      EXPECT_EQ(reply.exception, row.exception);
      bank.control(R"({"do":"clear"})");
      EXPECT_EQ(bank.read(0, 1, RegisterTable::holding, 0, 1),
                Words{static_cast<std::uint16_t>(row.obeyed ? 1500 : 1270)});
    }
  }
}

TEST(Link, AFaultOfOneUnitLeavesTheOthersAlone) {
  Bank bank;
  bank.control(R"({"do":"fault","device":"freezer-1","fault":"dead"})");
  bank.freezer(1);
  EXPECT_EQ(bank.last.kind, ReplyKind::timeout);
  EXPECT_EQ(bank.freezer(2).size(), 9u);
}

TEST(Link, AMisroutedReadShowsAnotherUnit) {
  Bank bank;
  bank.control(R"({"do":"level","device":"freezer-1","mm":300})");
  bank.control(R"({"do":"fault","device":"freezer-2","fault":"misrouted","times":1})");
  EXPECT_GT(bank.freezer(2)[1], 2900);
  EXPECT_LT(bank.freezer(2)[1], 2100);
}

TEST(Link, OnASerialLineTheAnswerBeforePassesForThisOne) {
  config::SiteConfig site = demo_site();
  site.lines[0].kind = config::LineConfig::Kind::rtu;
  Bank bank(1, site);
  const Words start = bank.read(0, 1, RegisterTable::holding, 0, 1);
  bank.control(R"({"do":"fault","line":"freezers","fault":"one-behind"})");
  EXPECT_EQ(bank.read(0, 1, RegisterTable::holding, 1, 1), start);
  EXPECT_EQ(bank.read(0, 1, RegisterTable::holding, 0, 1), Words{2030});
  bank.freezer(1);
  EXPECT_EQ(bank.last.kind, ReplyKind::timeout) << "another length cannot pass";
}

TEST(Link, FaultsEndAfterTheirTimeOrUse) {
  Bank bank;
  bank.control(R"({"do":"fault","line":"freezers","fault":"dead","duration_s":5})");
  bank.hardware.advance(seconds(4));
  EXPECT_TRUE(bank.freezer(1).empty());
  bank.hardware.advance(seconds(2));
  EXPECT_EQ(bank.freezer(1).size(), 9u);
  bank.control(R"({"do":"fault","line":"freezers","fault":"reply-lost","times":2})");
  EXPECT_TRUE(bank.freezer(1).empty());
  EXPECT_TRUE(bank.freezer(1).empty());
  EXPECT_EQ(bank.freezer(1).size(), 9u);
  bank.control(R"({"do":"fault","line":"freezers","fault":"garbage","probability":0.25})");
  int broken = 0;
  for (int i = 0; i < 1000; ++i) broken += bank.freezer(1).empty() ? 1 : 0;
  EXPECT_GT(broken, 200);
  EXPECT_LT(broken, 300);
  bank.control(R"({"do":"fault","line":"room","fault":"delay","ms":700})");
  bank.read(2, 1, RegisterTable::input, 0, 3);
  EXPECT_EQ(bank.hardware.last_delay(), milliseconds(700));
}

TEST(Link, WrongCommandsAreRefusedWithWhatWasExpected) {
  const std::pair<const char*, const char*> table[] = {
      {R"({"do":"fault","device":"freezer-1","fault":"vacuum"})", "no fault"},
      {R"({"do":"fault","device":"freezer-1","fault":"jam"})", "no fault of a freezer"},
      {R"({"do":"fault","device":"freezer-9","fault":"dead"})", "known: freezer-1"},
      {R"({"do":"fault","line":"nowhere","fault":"dead"})", "no line"},
      {R"({"do":"fault","device":"freezer-1","fault":"vacuum-loss","factor":0})", "expected 1 to"},
      {R"({"do":"fault","line":"room","fault":"dead","probability":2})", "expected 0 to 1"},
      {R"({"do":"put_vial","location":[1,2],"code":"A"})", "three words"},
      {R"({"do":"put_vial","location":[1,2,3],"code":""})", "printable"},
      {R"({"do":"truth","device":"freezer-1","quantity":"mood"})", "knows level"},
      {R"({"do":"lid","device":"freezer-1"})", "open"},
      {R"({"do":"fault","device":"room-1","fault":"sensor-open","point":"level"})", "oxygen-2"},
      {R"({"do":"set","device":"freezer-1","point":"level","value":3})", "physics"},
      {R"({"do":"set","device":"freezer-1","point":"mood","value":3})", "no point"},
      {R"({"do":"dance"})", "expected one of"},
      {R"({"do":"dance","device":"room-1"})", "a room knows"},
      {R"([])", "do"},
  };
  Bank bank;
  for (const auto& [text, part] : table) {
    const Result<Json> reply = bank.hardware.control(*parse_json(text));
    ASSERT_FALSE(reply.ok()) << text;
    EXPECT_NE(reply.error().context.find(part), std::string::npos) << reply.error().context;
  }
}

TEST(Link, TheWholeStateSurvivesASave) {
  Bank bank(3);
  ASSERT_TRUE(bank.hardware.put_vial(kPort, "A-1").ok());
  bank.control(R"({"do":"fault","device":"freezer-1","fault":"vacuum-loss"})");
  bank.control(R"({"do":"fault","line":"room","fault":"dead","duration_s":1000})");
  bank.command({devices::robot_block::Verb::transfer, kPort, kSlot, "A-1", 7, 2});
  bank.run(7);
  const Json saved = bank.hardware.save();
  Bank other(3);
  ASSERT_TRUE(other.hardware.restore(saved).ok());
  EXPECT_EQ(other.hardware.save().dump(), saved.dump());
  other.run(20);
  EXPECT_EQ(other.robot()[2], static_cast<int>(devices::robot_block::State::done));
  EXPECT_EQ(other.hardware.vials().at(kSlot), "A-1");
  EXPECT_EQ(other.hardware.moves(), 1u);
  EXPECT_FALSE(other.hardware.restore(*parse_json("{}")).ok());
}

// Something of another kind than the value.
Json of_another_kind(const Json& value) {
  if (value.is_string()) return 7;
  if (value.is_bool()) return "true";
  if (value.is_number()) return "1";
  return "text";
}

TEST(Link, ASavedStateOfAnotherFormIsRefusedByMember) {
  Bank bank(3);
  ASSERT_TRUE(bank.hardware.put_vial(kPort, "A-1").ok());
  bank.control(R"({"do":"fault","line":"room","fault":"dead"})");
  const Json saved = bank.hardware.save();
  Bank other(3);
  const auto expect_refused = [&](const Json& damaged, const std::string& member) {
    const Status done = other.hardware.restore(damaged);
    ASSERT_FALSE(done.ok()) << member;
    EXPECT_NE(done.error().context.find(member), std::string::npos) << done.error().context;
  };
  for (const auto& [member, value] : saved.members()) {
    expect_refused(Json(saved).set(member, of_another_kind(value)), member);
  }
  int members = 0;
  for (const auto& [id, machine] : saved["machines"].members()) {
    for (const auto& [member, value] : machine.members()) {
      Json machines = saved["machines"];
      machines.set(id, Json(machine).set(member, of_another_kind(value)));
      expect_refused(Json(saved).set("machines", std::move(machines)), member);
      ++members;
    }
  }
  EXPECT_GT(members, 60);
  const Json fault = saved["lines"]["room"].items()[0];
  for (const auto& [member, value] : fault.members()) {
    Json list = Json::array();
    list.push(Json(fault).set(member, of_another_kind(value)));
    expect_refused(Json(saved).set("lines", Json::object().set("room", std::move(list))), member);
  }
  EXPECT_TRUE(other.hardware.restore(saved).ok());
}

TEST(Link, AWordOfAnotherKindRefusesTheCommand) {
  const std::pair<const char*, const char*> table[] = {
      {R"({"do":"lid","device":"freezer-1","open":true,"seconds":"5"})", "\"seconds\""},
      {R"({"do":"lid","device":"freezer-1","open":true,"seconds":-5})", "\"seconds\""},
      {R"({"do":"fault","device":"robot-1","fault":"drop","silent":"true"})", "\"silent\""},
      {R"({"do":"fault","device":"robot-1","fault":"wrong-code","code":7})", "\"code\""},
      {R"({"do":"fault","device":"robot-1","fault":"drop","at":7})", "at"},
      {R"({"do":"clear","id":"1"})", "\"id\""},
      {R"({"do":"clear","fault":7})", "\"fault\""},
      {R"({"do":"motions","from":-1})", "\"from\""},
      {R"({"do":"truth","device":"freezer-1","quantity":1})", "quantity"},
  };
  Bank bank;
  for (const auto& [text, part] : table) {
    const Result<Json> reply = bank.hardware.control(*parse_json(text));
    ASSERT_FALSE(reply.ok()) << text;
    EXPECT_NE(reply.error().context.find(part), std::string::npos) << reply.error().context;
  }
  EXPECT_EQ(bank.hardware.control(*parse_json(R"({"do":"faults"})"))->items().size(), 0u);
}

TEST(Frames, RequestsOfEveryFunctionAreReadAndAnswered) {
  const auto parse = [](const char* hex) { return parse_pdu(1, *from_hex(hex)); };
  ParsedRequest read = parse("0400000009");
  EXPECT_EQ(read.request.table, RegisterTable::input);
  EXPECT_EQ(read.request.count, 9);
  ModbusReply words;
  words.kind = ReplyKind::ok;
  words.values = {0xC0F1, 5};
  EXPECT_EQ(to_hex(reply_pdu(parse("0400000002"), words)), "0404c0f10005");
  words.values = {1, 0, 1, 0, 0, 0, 0, 0, 1};
  EXPECT_EQ(to_hex(reply_pdu(parse("0200000009"), words)), "02020501");
  EXPECT_EQ(parse("0500ACFF00").request.values, Words{1});
  EXPECT_EQ(to_hex(reply_pdu(parse("0500ACFF00"), words)), "0500acff00");
  EXPECT_EQ(parse("100010000204000a0102").request.values, (Words{10, 0x0102}));
  EXPECT_EQ(to_hex(reply_pdu(parse("100010000204000a0102"), words)), "1000100002");
  EXPECT_EQ(parse("0f0000000a02cd01").request.values, (Words{1, 0, 1, 1, 0, 0, 1, 1, 1, 0}));
  EXPECT_EQ(parse("2b0e0100").exception, 1);
  EXPECT_EQ(parse("030000").exception, 3);
  EXPECT_EQ(parse("0300000000").exception, 3);
  EXPECT_EQ(parse("030000007e").exception, 3);
  EXPECT_EQ(parse("100010000203000a01").exception, 3);
}

TEST(Frames, SerialRequestsAreCutOutOfNoise) {
  Bytes came = *from_hex("ff00");
  const Bytes good = rtu_frame(7, *from_hex("0400000009"));
  came.insert(came.end(), good.begin(), good.end() - 3);
  EXPECT_FALSE(take_rtu(came));
  came.insert(came.end(), good.end() - 3, good.end());
  came.insert(came.end(), good.begin(), good.end());
  for (int i = 0; i < 2; ++i) {
    const auto request = take_rtu(came);
    ASSERT_TRUE(request.has_value());
    EXPECT_EQ(request->unit, 7);
    EXPECT_EQ(to_hex(request->pdu), "0400000009");
  }
  EXPECT_FALSE(take_rtu(came));

  // The frame of Modbus over Serial Line V1.02: unit 01, read of 0x066F, LRC 0x86.
  Bytes ascii = ascii_frame(1, *from_hex("03066f0001"));
  EXPECT_EQ(as_text(ascii), ":0103066F000186\r\n");
  ascii.insert(ascii.begin(), {'x', ':', '1', '\r', '\n'});
  const auto request = take_ascii(ascii);
  ASSERT_TRUE(request.has_value());
  EXPECT_EQ(to_hex(request->pdu), "03066f0001");
}

}  // namespace
}  // namespace cryobank::simulator
