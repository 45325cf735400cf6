// Text lines of the hardware: hardware.hpp's ask() and printed().
#include "devices/simulator/hardware_parts.hpp"

namespace cryobank::simulator {

Hardware::TextExchange Hardware::ask(devices::LineIndex index, std::string_view question) {
  CHECK(index.value < parts_->lines.size());
  Parts::Line& line = parts_->lines[index.value];
  TextExchange out;
  const auto answer = line.text.answer(parts_->now, question);
  if (!answer) {
    out.link.action = LinkAction::request_lost;
    out.link.executed = false;
    return out;
  }
  out.link = judge_link(line.faults, answer->machine->faults(), false, parts_->prng);
  out.before = line.last_text;
  if (!out.link.executed) return out;
  out.line = answer->line;
  line.last_text = answer->line;
  return out;
}

std::vector<std::string> Hardware::printed(devices::LineIndex index) {
  CHECK(index.value < parts_->lines.size());
  Parts::Line& line = parts_->lines[index.value];
  if (line.text.empty()) return {};
  std::vector<std::string> lines = line.text.print(parts_->now, parts_->clock_pace);
  std::erase_if(lines, [&](const std::string&) {
    FaultSet none;
    return !judge_link(line.faults, none, false, parts_->prng).executed;
  });
  return lines;
}

}  // namespace cryobank::simulator
