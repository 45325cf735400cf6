// docs/registers.md against the machines: its worked example, byte for byte.
#include <sstream>

#include "devices/simulator/fault_set.hpp"
#include "devices/simulator/wire/frame.hpp"
#include "tests/devices/simulator/bank.hpp"

namespace cryobank::simulator {
namespace {

struct Line {
  char kind = '>';   // '>' request, '<' answer, '+' seconds
  std::string text;  // hexadecimal digits, or a number
};

// The block ```exchange of the page; lines that begin with a blank go on with the one before.
std::vector<Line> worked_example() {
  std::ifstream file(std::string(CRYOBANK_SOURCE_DIR) + "/docs/registers.md");
  std::vector<Line> lines;
  bool inside = false;
  for (std::string line; std::getline(file, line);) {
    if (line.rfind("```", 0) == 0) {
      inside = line == "```exchange";
      continue;
    }
    if (!inside) continue;
    line = line.substr(0, line.find('#'));
    if (line[0] != ' ') lines.push_back({line[0], ""});
    for (const char letter : line.substr(1)) {
      if (letter != ' ') lines.back().text += letter;
    }
  }
  return lines;
}

TEST(RegistersPage, TheWorkedExampleIsWhatTheRobotAnswers) {
  Bank bank;
  bank.hardware.set_clock(*parse_utc("2026-11-22T00:00:00Z"));
  ASSERT_TRUE(bank.hardware.put_vial(kPort, "NK-0001-01").ok());
  Bytes answer;
  int answers = 0;
  for (const Line& line : worked_example()) {
    if (line.kind == '+') {
      bank.hardware.advance(seconds(*parse_integer(line.text)));
    } else if (line.kind == '<') {
      EXPECT_EQ(to_hex(answer), line.text);
      ++answers;
    } else {
      const Bytes frame = *from_hex(line.text);
      ASSERT_GT(frame.size(), 7u);
      EXPECT_EQ(frame.size(), 6u + frame[5]) << "length in the header";
      const ParsedRequest parsed = parse_pdu(frame[6], std::span(frame).subspan(7));
      FrameContext context;
      context.transaction = frame[1];
      const Hardware::Exchange exchange = bank.hardware.exchange(LineIndex{1}, parsed.request);
      answer = wire_answer(context, parsed, exchange).pieces.at(0).bytes;
    }
  }
  EXPECT_EQ(answers, 9);
  EXPECT_EQ(bank.hardware.vials().at(kSlot), "NK-0001-01");
}

TEST(RegistersPage, ChecksumsOfThePageAreRight) {
  const std::string_view digits = "123456789";
  EXPECT_EQ(crc16_modbus(as_bytes(digits)), 0x4B37);
  EXPECT_EQ(fnv1a32("NK-0001-01"), 0x98CAEDB6u);
}

// The first column of the page's table of faults.
std::vector<std::string> faults_of_the_page() {
  std::ifstream file(std::string(CRYOBANK_SOURCE_DIR) + "/docs/simulator.md");
  std::vector<std::string> names;
  bool inside = false;
  for (std::string line; std::getline(file, line);) {
    if (line.rfind("| fault |", 0) == 0) inside = true;
    if (line.empty()) inside = false;
    if (!inside || line.rfind("| `", 0) != 0) continue;
    names.push_back(line.substr(3, line.find('`', 3) - 3));
  }
  return names;
}

TEST(SimulatorPage, ItListsEveryFaultAndNoOther) {
  std::vector<std::string> known;
  for (const FaultName& row : fault_names()) known.emplace_back(row.name);
  EXPECT_EQ(faults_of_the_page(), known);
}

TEST(SimulatorPage, EachFaultIsTakenByTheMachineOfItsKind) {
  const std::vector<FaultName>& rows = fault_names();
  for (std::size_t i = 0; i < rows.size(); ++i) {
    EXPECT_EQ(static_cast<std::size_t>(rows[i].kind), i) << "the table stands in order of the enum";
    Bank bank;
    int taken = 0;
    for (const char* device : {"freezer-1", "supply-1", "room-1", "robot-1"}) {
      const std::string text = cat(R"({"do":"fault","point":"level","device":")", device,
                                   R"(","fault":")", rows[i].name, R"("})");
      taken += bank.hardware.control(*parse_json(text)).ok() ? 1 : 0;
    }
    const bool everywhere =
        rows[i].target == FaultTarget::link || rows[i].kind == FaultKind::clock_offset;
    const bool two = rows[i].target == FaultTarget::supply_or_freezer ||
                     rows[i].target == FaultTarget::probe;  // freezer and supply have a level
    EXPECT_EQ(taken, everywhere ? 4 : (two ? 2 : 1)) << rows[i].name;
  }
}

}  // namespace
}  // namespace cryobank::simulator
