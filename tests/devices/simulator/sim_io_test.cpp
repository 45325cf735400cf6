// cryobank-sim's servers on real sockets and terminals, asked by libmodbus and by raw bytes.
#include <gtest/gtest.h>
#include <modbus.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <thread>

#include "tests/devices/simulator/running_sim.hpp"

namespace cryobank::simulator {
namespace {

constexpr int kPatienceMs = 5000;  // only ever reached by a failing test

// Sends one hexadecimal frame and gathers what comes until it has `digits` digits, or the server
// hangs up ("closed").
std::string ask(int fd, const char* hex, std::size_t digits, int* reads = nullptr) {
  const std::vector<std::uint8_t> frame = *from_hex(hex);
  EXPECT_EQ(send(fd, frame.data(), frame.size(), MSG_NOSIGNAL), static_cast<ssize_t>(frame.size()));
  std::vector<std::uint8_t> came;
  pollfd wait{fd, POLLIN, 0};
  while (2 * came.size() < digits && poll(&wait, 1, kPatienceMs) == 1) {
    std::uint8_t buffer[512];
    const ssize_t got = recv(fd, buffer, sizeof buffer, 0);
    if (got <= 0) return "closed";
    if (reads != nullptr) ++*reads;
    came.insert(came.end(), buffer, buffer + got);
  }
  return to_hex(came);
}

class Master {
 public:
  explicit Master(modbus_t* context) : context_(context) {
    modbus_set_response_timeout(context_, kPatienceMs / 1000, 0);
    EXPECT_EQ(modbus_connect(context_), 0);
  }
  ~Master() {
    modbus_close(context_);
    modbus_free(context_);
  }
  Words read_inputs(int unit, int address, int count) {
    Words words(static_cast<std::size_t>(count), 0);
    modbus_set_slave(context_, unit);
    const int got = modbus_read_input_registers(context_, address, count, words.data());
    return got == count ? words : Words{};
  }
  modbus_t* get() { return context_; }

 private:
  modbus_t* context_;
};

TEST(SimServer, AMasterReadsAndWritesEveryTable) {
  RunningSim sim;
  Master freezers(modbus_new_tcp("127.0.0.1", sim.port("freezers")));
  EXPECT_EQ(freezers.read_inputs(3, 0, 9).at(0), 0xC0F1);
  EXPECT_TRUE(freezers.read_inputs(3, 11, 1).empty());
  EXPECT_EQ(errno, EMBXILADD);
  const std::uint16_t start[] = {1300, 1900};
  EXPECT_EQ(modbus_write_registers(freezers.get(), 0, 2, start), 2);
  EXPECT_EQ(modbus_write_register(freezers.get(), 0, 1310), 1);
  std::uint16_t back[2] = {};
  EXPECT_EQ(modbus_read_registers(freezers.get(), 0, 2, back), 2);
  EXPECT_EQ(back[0], 1310);
  EXPECT_EQ(back[1], 1900);
  Master room(modbus_new_tcp("127.0.0.1", sim.port("room")));
  modbus_set_slave(room.get(), 1);
  EXPECT_EQ(modbus_write_bit(room.get(), 0, 1), 1);
  std::uint8_t bits[3] = {};
  EXPECT_EQ(modbus_read_input_bits(room.get(), 0, 3, bits), 3);
  EXPECT_EQ(bits[1] + 2 * bits[2], 3);
}

TEST(SimServer, ARobotMovesAVialOverTheWire) {
  RunningSim sim;
  EXPECT_TRUE(
      sim.control(R"({"do":"put_vial","location":[901,0,1],"code":"A-1"})")["ok"].boolean());
  Master robot(modbus_new_tcp("127.0.0.1", sim.port("robot")));
  modbus_set_slave(robot.get(), 1);
  EXPECT_EQ(modbus_write_register(robot.get(), 20, 1), 1);
  const Words block =
      Bank::block_of({devices::robot_block::Verb::transfer, kPort, kSlot, "A-1", 1, 1});
  EXPECT_EQ(modbus_write_registers(robot.get(), 0, 16, block.data()), 16);
  Words status;
  do {
    status = robot.read_inputs(1, 0, 60);
    ASSERT_EQ(status.size(), 60u);
  } while (status[2] != static_cast<int>(devices::robot_block::State::done));
  EXPECT_EQ(sim.control(R"({"do":"moves"})")["reply"]["moves"].integer(), 1);
  EXPECT_EQ(sim.control(R"({"do":"vials"})")["reply"].items()[0]["location"].dump(), "[1,1,101]");
}

TEST(SimServer, LinkFaultsShowOnTheWire) {
  RunningSim sim;
  const auto fault = [&sim](const std::string& members) {
    sim.control(R"({"do":"clear"})");
    const Json reply = sim.control(R"({"do":"fault","line":"freezers","fault":)" + members + "}");
    EXPECT_TRUE(reply["ok"].boolean()) << reply.dump();
  };
  const int fd = connect_to(sim.port("freezers"));
  const char* start = "000100000006010300000001";  // fill-start of unit 1: 1270
  const char* stop = "000200000006010300010001";   // fill-stop: 2030
  const std::string good =
      "0001000000050103020"
      "4f6";
  EXPECT_EQ(ask(fd, start, 22), good);
  fault(R"("one-behind")");
  EXPECT_EQ(ask(fd, stop, 22), good) << "the answer to the transaction before";
  fault(R"("wrong-unit")");
  EXPECT_EQ(ask(fd, start, 22), "00010000000502030204f6");
  fault(R"("exception","code":6)");
  EXPECT_EQ(ask(fd, start, 18), "000100000003018306");
  fault(R"("truncated")");
  EXPECT_EQ(ask(fd, start, 10), good.substr(0, 10));
  fault(R"("garbage")");
  const std::string noise = ask(fd, start, 22);
  EXPECT_EQ(noise.size(), good.size());
  EXPECT_NE(noise, good);
  fault(R"("duplicate")");
  EXPECT_EQ(ask(fd, start, 44), good + good);
  fault(R"("drip","ms":20)");
  int reads = 0;
  EXPECT_EQ(ask(fd, start, 22, &reads), good);
  EXPECT_GE(reads, 2);
  fault(R"("delay","ms":150)");
  const auto asked = std::chrono::steady_clock::now();
  EXPECT_EQ(ask(fd, start, 22), good) << "it comes late";
  EXPECT_GE(std::chrono::steady_clock::now() - asked, std::chrono::milliseconds(145));
  fault(R"("reply-lost","times":1)");
  EXPECT_EQ(ask(fd, start, 0), "");
  const char* third = "000300000006010300000001";
  EXPECT_EQ(ask(fd, third, 22), "0003" + good.substr(4)) << "nothing of the lost one comes first";
  fault(R"("disconnected")");
  EXPECT_EQ(ask(fd, start, 22), "closed");
  close(fd);
}

TEST(SimServer, ASlowOrWildClientIsDroppedAndDoesNotStopTheOthers) {
  RunningSim sim;
  const int slow = connect_to(sim.port("freezers"));
  const int wild = connect_to(sim.port("freezers"));
  const int good = connect_to(sim.port("freezers"));
  EXPECT_EQ(send(slow, "\0\1", 2, MSG_NOSIGNAL), 2);
  const std::string noise(300, '\xA5');
  EXPECT_EQ(send(wild, noise.data(), noise.size(), MSG_NOSIGNAL), 300);
  EXPECT_EQ(ask(good, "000100000006010300000001", 22), "00010000000501030204f6");
  pollfd wait{slow, POLLIN, 0};
  EXPECT_EQ(poll(&wait, 1, kPatienceMs), 1);
  std::uint8_t nothing[4];
  EXPECT_EQ(recv(slow, nothing, sizeof nothing, 0), 0) << "hung up";
  for (const int fd : {slow, wild, good}) close(fd);
}

TEST(SimServer, ASerialLineAnswersEachOfItsUnits) {
  config::SiteConfig site = demo_site();
  site.lines[0].kind = config::LineConfig::Kind::rtu;
  RunningSim sim(site);
  Master master(modbus_new_rtu(sim.path("freezers").c_str(), 9600, 'E', 8, 1));
  for (int unit = 1; unit <= 4; ++unit) EXPECT_EQ(master.read_inputs(unit, 0, 9).at(0), 0xC0F1);
  const std::uint16_t start[] = {1300};
  EXPECT_EQ(modbus_write_registers(master.get(), 0, 1, start), 1);
}

TEST(SimServer, TheStateFileKeepsThePhysicalTruth) {
  const std::string folder = testing::TempDir() + "/sim-state-" + std::to_string(getpid());
  std::filesystem::create_directories(folder);
  const std::string file = folder + "/state.json";
  {
    RunningSim sim(demo_site(), file);
    sim.control(R"({"do":"put_vial","location":[901,0,3],"code":"A-3"})");
    sim.control(R"({"do":"level","device":"freezer-1","mm":180})");
    sim.control(R"({"do":"fault","device":"freezer-1","fault":"vacuum-loss"})");
  }
  {
    RunningSim sim(demo_site(), file);
    const Json vials = sim.control(R"({"do":"vials"})")["reply"];
    ASSERT_EQ(vials.items().size(), 1u);
    EXPECT_EQ(vials.items()[0]["code"].string(), "A-3");
    const Json level = sim.control(R"({"do":"truth","device":"freezer-1","quantity":"level"})");
    EXPECT_EQ((level["reply"]["value"].milli().v + 50) / 1000, 180);
    EXPECT_EQ(sim.control(R"({"do":"faults"})")["reply"].items().size(), 1u);
  }
  std::filesystem::remove_all(folder);
}

TEST(SimServer, AWrongControlLineIsAnsweredAndTheNextIsHeard) {
  RunningSim sim;
  EXPECT_EQ(sim.control("{nonsense")["code"].string(), "malformed");
  EXPECT_EQ(sim.control(R"({"do":"moves"})").dump(), R"({"ok":true,"reply":{"moves":0}})");
}

}  // namespace
}  // namespace cryobank::simulator
