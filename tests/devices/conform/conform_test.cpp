// A machine built to the page violates nothing; one that breaks a single sentence is found by its
// number. The breakers stand between the checker and the simulated machines and bend one thing.
#include "devices/conform/conform.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <regex>
#include <set>
#include <sstream>

#include "base/checksum.hpp"
#include "base/text.hpp"
#include "tests/devices/simulator/bank.hpp"

namespace cryobank::devices {
namespace {

using simulator::Bank;
using Bend = std::function<ModbusReply(Bank& bank, ModbusRequest request)>;
using Kind = ModbusRequest::Kind;

constexpr std::uint32_t kRobotLine = 1;

bool is_command(const ModbusRequest& request) {
  return request.kind == Kind::write_multiple && request.address == 0 && request.count == 16;
}

ModbusReply pass_on(Bank& bank, const ModbusRequest& request, std::uint32_t line) {
  return bank.hardware.answer(LineIndex{line}, request);
}

std::vector<std::uint16_t> status_of(Bank& bank) { return bank.robot(); }

void seal(std::vector<std::uint16_t>& words) { words[14] = Bank::crc(words, 14); }

struct Tried {
  std::set<std::string> violated;
  std::set<std::string> unchecked;
  std::string text;
};

Tried run(const char* device, std::uint32_t line, std::uint8_t unit, const Leave& leave,
          const Bend& bend, bool take_a_command = true) {
  Bank bank;
  bank.run(5);
  if (take_a_command && line == kRobotLine) {
    for (const std::uint32_t sequence : {1U, 2U}) {
      simulator::Command park;
      park.verb = robot_block::Verb::park;
      park.sequence = sequence;
      bank.command(park);
      bank.run(10);
      bank.clear(sequence);
    }
  }
  const config::SiteConfig site = simulator::demo_site();
  const config::DeviceConfig* config = site.find_device(DeviceId(device));
  EXPECT_NE(config, nullptr);
  Bench bench;
  bench.unit = unit;
  bench.ask = [&](ModbusRequest request) {
    bank.hardware.advance(milliseconds(5));
    return bend ? bend(bank, std::move(request)) : pass_on(bank, request, line);
  };
  bench.wait = [&](Duration time) { bank.hardware.advance(time); };
  Tried out;
  for (const ConformFinding& finding : conform(bench, *site.profile_of(*config), leave)) {
    if (finding.verdict == ConformFinding::Verdict::violated) out.violated.insert(finding.number);
    if (finding.verdict == ConformFinding::Verdict::not_checked)
      out.unchecked.insert(finding.number);
    out.text += cat(finding.number, " ", finding.rule, ": ", finding.seen, "\n");
  }
  return out;
}

TEST(Conform, FindsNothingInMachinesThatAreBuiltToThePage) {
  const Tried robot = run("robot-1", kRobotLine, 1, {true, false}, nullptr);
  EXPECT_TRUE(robot.violated.empty()) << robot.text;
  const Tried freezer = run("freezer-1", 0, 1, {false, true}, nullptr);
  EXPECT_TRUE(freezer.violated.empty()) << freezer.text;
}

TEST(Conform, SaysWhatItDidNotCheckAndWhy) {
  const Tried still = run("robot-1", kRobotLine, 1, {}, nullptr, false);
  EXPECT_TRUE(still.violated.empty()) << still.text;
  EXPECT_FALSE(still.unchecked.contains("R8")) << "at epoch 0 as well\n" << still.text;
  for (const char* number : {"R10", "R11", "R15", "R18", "R19", "R20", "R21", "R22", "R24"}) {
    EXPECT_TRUE(still.unchecked.contains(number)) << number << "\n" << still.text;
  }
  const Tried freezer = run("freezer-1", 0, 1, {}, nullptr);
  EXPECT_TRUE(freezer.unchecked.contains("F1")) << freezer.text;
}

struct Breaker {
  const char* name;
  const char* number;
  Bend bend;
};

class BrokenRobot : public ::testing::TestWithParam<Breaker> {};

TEST_P(BrokenRobot, IsFoundByItsNumber) {
  const Tried found = run("robot-1", kRobotLine, 1, {true, false}, GetParam().bend);
  EXPECT_TRUE(found.violated.contains(GetParam().number)) << found.text;
}

ModbusReply to_robot(Bank& bank, const ModbusRequest& request) {
  return pass_on(bank, request, kRobotLine);
}

INSTANTIATE_TEST_SUITE_P(
    Sentence, BrokenRobot,
    ::testing::Values(Breaker{"obeys_a_lower_sequence", "R11",
                              [](Bank& bank, ModbusRequest request) {
                                const auto status = status_of(bank);
                                const std::uint32_t echo =
                                    std::uint32_t{status[4]} << 16 | status[5];
                                const std::uint32_t asked =
                                    is_command(request) ? std::uint32_t{request.values[10]} << 16 |
                                                              request.values[11]
                                                        : 0;
                                if (is_command(request) && asked < echo) {
                                  request.values[11] = static_cast<std::uint16_t>(echo + 1);
                                  request.values[15] = request.values[11];
                                  seal(request.values);
                                }
                                return to_robot(bank, request);
                              }},
                      Breaker{"has_no_epoch_rule", "R8",
                              [](Bank& bank, ModbusRequest request) {
                                if (is_command(request)) {
                                  const auto status = status_of(bank);
                                  request.values[12] = std::max(request.values[12], status[12]);
                                  if (request.values[13] < status[13])
                                    request.values[13] = status[13];
                                  seal(request.values);
                                }
                                return to_robot(bank, request);
                              }},
                      Breaker{"ignores_that_the_master_is_silent", "R16",
                              [](Bank& bank, ModbusRequest request) {
                                if (is_command(request)) bank.beat();
                                return to_robot(bank, request);
                              }},
                      Breaker{"clears_at_any_time", "R21",
                              [](Bank& bank, ModbusRequest request) {
                                if (request.kind == Kind::write_multiple && request.address == 16) {
                                  const auto status = status_of(bank);
                                  request.values[0] = status[6];
                                  request.values[1] = status[7];
                                }
                                return to_robot(bank, request);
                              }},
                      Breaker{"takes_partial_writes", "R4",
                              [](Bank& bank, ModbusRequest request) {
                                const bool part = request.kind == Kind::write_multiple &&
                                                  request.address == 0 && request.count < 16;
                                if (part) return ModbusReply{ReplyKind::ok, 0, {}, true};
                                return to_robot(bank, request);
                              }},
                      Breaker{"does_not_look_at_the_commit", "R7",
                              [](Bank& bank, ModbusRequest request) {
                                if (is_command(request)) request.values[15] = request.values[11];
                                return to_robot(bank, request);
                              }},
                      Breaker{"does_not_look_at_the_crc", "R6",
                              [](Bank& bank, ModbusRequest request) {
                                if (is_command(request)) seal(request.values);
                                return to_robot(bank, request);
                              }},
                      Breaker{"says_done_with_an_error_beside_it", "R19",
                              [](Bank& bank, ModbusRequest request) {
                                ModbusReply reply = to_robot(bank, request);
                                auto& words = reply.values;
                                const bool done =
                                    words.size() >= 60 && words[0] == 0xC0B2 && words[2] == 3;
                                if (!done) return reply;
                                words[17] = 15;
                                words[59] = Bank::crc(words, 59);
                                if (words.size() > 61) words[61] = Bank::crc(words, 61);
                                return reply;
                              }},
                      Breaker{"does_not_know_pause", "R14",
                              [](Bank& bank, ModbusRequest request) {
                                if (request.kind == Kind::write_multiple && request.address == 20) {
                                  request.values.at(1) = 0;
                                }
                                return to_robot(bank, request);
                              }}),
    [](const auto& one) { return one.param.name; });

TEST(Conform, FindsAFreezerThatTakesAnySetPoint) {
  std::map<std::uint16_t, std::uint16_t> taken;
  const Bend any = [&taken](Bank& bank, ModbusRequest request) {
    if (request.kind == Kind::write_multiple) {
      for (std::size_t i = 0; i < request.values.size(); ++i) {
        taken[static_cast<std::uint16_t>(request.address + i)] = request.values[i];
      }
      return ModbusReply{ReplyKind::ok, 0, {}, true};
    }
    ModbusReply reply = pass_on(bank, request, 0);
    if (request.table != RegisterTable::holding) return reply;
    for (std::size_t i = 0; i < reply.values.size(); ++i) {
      const auto found = taken.find(static_cast<std::uint16_t>(request.address + i));
      if (found != taken.end()) reply.values[i] = found->second;
    }
    return reply;
  };
  const Tried found = run("freezer-1", 0, 1, {false, true}, any);
  for (const char* number : {"F1", "F3", "F4"}) {
    EXPECT_TRUE(found.violated.contains(number)) << number << "\n" << found.text;
  }
}

TEST(Conform, HasARuleForEachNumberOfThePage) {
  std::ifstream file(std::string(CRYOBANK_SOURCE_DIR) + "/docs/registers.md");
  const std::string page(std::istreambuf_iterator<char>(file), {});
  std::set<std::string> on_page;
  const std::regex number(R"(\*\*([GFMR][0-9]+)\*\*)");
  for (std::sregex_iterator at(page.begin(), page.end(), number), end; at != end; ++at) {
    EXPECT_TRUE(on_page.insert((*at)[1].str()).second) << (*at)[1].str() << " stands twice";
  }
  std::set<std::string> rules;
  for (const ConformRule& rule : conform_rules()) rules.insert(std::string(rule.number));
  EXPECT_EQ(on_page, rules);
}

}  // namespace
}  // namespace cryobank::devices
