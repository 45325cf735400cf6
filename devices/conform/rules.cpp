// The rules of docs/registers.md by their numbers. A test compares the numbers with the page.
#include <algorithm>
#include <utility>

#include "base/check.hpp"
#include "base/text.hpp"
#include "devices/conform/conform_findings.hpp"

namespace cryobank::devices {
namespace {

constexpr ConformRule kRules[] = {
    {"G1", "a whole block comes in one read"},
    {"G2", "the identity word stands in that read"},
    {"G3", "the unit word is the unit that was asked"},
    {"G4", "every value is one of its range, or a sentinel"},
    {"G5", "any part of a block may be read alone"},
    {"G6", "registers that are not named answer exception 02"},
    {"G7", "a function that the table does not have answers 01"},
    {"G8", "an answer comes within 500 ms"},
    {"G9", "another unit address is not answered as this machine"},
    {"G10", "the master is never asked for more than 125 registers or for none"},
    {"F1", "a set-point outside its range answers 03 and changes nothing"},
    {"F2", "a set-point inside its range is taken and reads back"},
    {"F3", "fill stop stays at least 25 mm above fill start, else 03"},
    {"F4", "a fill command outside 0 to 2 answers 03"},
    {"F5", "input registers cannot be written"},
    {"F6", "the controller fills, stops and disables filling by itself"},
    {"M1", "the request to close the LN2 inlet reads back as written"},
    {"M2", "writing 0 never opens the inlet"},
    {"R1", "the status block has its magic, its version and a right CRC"},
    {"R2", "the heartbeat changes at least every second"},
    {"R3", "the command block reads back as last written"},
    {"R4", "a write of a part of the command block answers 02 and changes nothing"},
    {"R5", "a wrong magic is refused with 1"},
    {"R6", "a wrong CRC is refused with 1"},
    {"R7", "a commit that is not the sequence is refused with 1"},
    {"R8", "an epoch below the highest seen is refused with 2"},
    {"R9", "a higher epoch is remembered, also when the command is refused for another reason"},
    {"R10", "the sequence that was taken last changes nothing, in no register"},
    {"R11", "a lower sequence is refused with 3"},
    {"R12", "an unknown verb is refused with 8"},
    {"R13", "an unknown place is refused with 7"},
    {"R14", "a paused robot refuses with 4"},
    {"R15", "a robot that is not automatic refuses with 5, with an interlock 6"},
    {"R16", "a master whose heartbeat stands still for 10 s is refused with 9"},
    {"R17", "a refused command moves and counts nothing, and registers 57-58 name it"},
    {"R18", "a taken command is echoed, and the refusal before it is cleared"},
    {"R19",
     "the end is latched with its sequence, state, result and no error, and completed rises"},
    {"R20", "a latched end is refused a new command with 4"},
    {"R21", "the latch is cleared by its own sequence and by no other"},
    {"R22", "a sequence taken before moves nothing after it was cleared"},
    {"R23", "the scan's count is 0 to 200"},
    {"R24", "codes are read at pick and at place, and a power cut is survived"},
};

const ConformRule& rule_of(std::string_view number) {
  const auto* const found = std::ranges::find(kRules, number, &ConformRule::number);
  CHECK(found != std::end(kRules));
  return *found;
}

}  // namespace

std::span<const ConformRule> conform_rules() { return kRules; }

void ConformFindings::good(std::string_view number) {
  ConformFinding& finding = found_[std::string(number)];
  if (finding.verdict != ConformFinding::Verdict::violated)
    finding.verdict = ConformFinding::Verdict::good;
}

void ConformFindings::violated(std::string_view number, std::string seen) {
  ConformFinding& finding = found_[std::string(number)];
  if (finding.verdict == ConformFinding::Verdict::violated) return;
  finding.verdict = ConformFinding::Verdict::violated;
  finding.seen = std::move(seen);
}

void ConformFindings::skipped(std::string_view number, std::string why) {
  ConformFinding& finding = found_[std::string(number)];
  if (finding.verdict == ConformFinding::Verdict::not_checked) finding.seen = std::move(why);
}

std::vector<ConformFinding> ConformFindings::take(std::string_view blocks) {
  std::vector<ConformFinding> list;
  for (const ConformRule& rule : kRules) {
    if (blocks.find(rule.number.front()) == std::string_view::npos) continue;
    ConformFinding finding = found_[std::string(rule.number)];
    finding.number = std::string(rule.number);
    finding.rule = std::string(rule_of(rule.number).says);
    if (finding.verdict == ConformFinding::Verdict::good) finding.seen.clear();
    if (finding.verdict == ConformFinding::Verdict::not_checked && finding.seen.empty()) {
      finding.seen = "it could not be reached";
    }
    list.push_back(std::move(finding));
  }
  return list;
}

ModbusRequest read_words(const Bench& bench, RegisterTable table, std::uint16_t address,
                         std::uint16_t count) {
  return {ModbusRequest::Kind::read, bench.unit, table, address, count, {}};
}

ModbusRequest write_words(const Bench& bench, std::uint16_t address,
                          std::vector<std::uint16_t> words) {
  const auto count = static_cast<std::uint16_t>(words.size());
  return {ModbusRequest::Kind::write_multiple,
          bench.unit,
          RegisterTable::holding,
          address,
          count,
          std::move(words)};
}

std::vector<ConformFinding> conform(const Bench& bench, const config::DeviceProfile& profile,
                                    const Leave& leave) {
  ConformFindings findings;
  conform_general(bench, profile, findings);
  switch (profile.kind) {
    case config::DeviceKind::freezer:
      conform_freezer(bench, profile, leave, findings);
      return findings.take("GF");
    case config::DeviceKind::room:
      conform_room(bench, profile, findings);
      return findings.take("GM");
    case config::DeviceKind::supply:
      return findings.take("G");
    case config::DeviceKind::robot:
      break;
  }
  if (profile.exactly_once != config::ExactlyOnce::sequence) return findings.take("G");
  conform_robot(bench, profile, leave, findings);
  return findings.take("GR");
}

}  // namespace cryobank::devices
