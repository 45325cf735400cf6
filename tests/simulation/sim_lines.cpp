#include "tests/simulation/sim_lines.hpp"

#include <utility>

namespace cryobank::simulation {
namespace {

devices::ModbusReply timed_out() {
  devices::ModbusReply reply;
  reply.kind = devices::ReplyKind::timeout;
  return reply;
}

}  // namespace

SimLines::SimLines(Stage& stage, std::uint64_t seed)
    : stage_(stage), prng_(seed), flights_(stage.site.lines.size()) {}

void SimLines::send(devices::LineRequest&& request) {
  CHECK(request.line.value < flights_.size());
  const std::size_t line = request.line.value;
  Flight& flight = flights_[line];
  if (flight.busy) {
    stage_.wrong(cat("a second request on line ", line, " before the answer to the first"));
    return;
  }
  flight.busy = true;
  flight.answered.reset();
  const bool serial = stage_.site.lines[line].kind == config::LineConfig::Kind::rtu;
  flight.takes = microseconds(serial ? prng_.between(15'000, 60'000) : prng_.between(800, 8'000));
  flight.takes = flight.takes + request.silence_before;
  flight.request = std::move(request);
  if (prng_.chance(1, 2)) execute(flight);
  const auto answer = [this, line] { reply(line); };
  // A lost answer is known only after the time-out; one that is not yet drawn is looked at then.
  const bool lost = flight.answered && flight.answered->kind == devices::ReplyKind::timeout;
  stage_.after_in_run(lost ? flight.request.response_timeout : flight.takes, answer);
}

void SimLines::execute(Flight& flight) {
  flight.answered = stage_.hardware.answer(flight.request.line, flight.request.modbus);
  const Duration late = stage_.hardware.last_delay();
  if (late.ns == 0) return;
  flight.takes = flight.takes + late;
  if (flight.takes > flight.request.response_timeout) flight.answered = timed_out();
}

void SimLines::reply(std::size_t line) {
  Flight& flight = flights_[line];
  if (!flight.answered) {
    const Duration waited = flight.takes;
    execute(flight);
    const bool lost = flight.answered->kind == devices::ReplyKind::timeout;
    const Duration whole = lost ? flight.request.response_timeout : flight.takes;
    if (whole > waited) {
      stage_.after_in_run(whole - waited, [this, line] { reply(line); });
      return;
    }
  }
  devices::LineReply out;
  out.id = flight.request.id;
  out.line = flight.request.line;
  out.modbus = std::move(*flight.answered);
  out.took = flight.takes;
  flight.busy = false;
  stage_.feed(std::move(out));
}

void SimLines::daemon_died() {
  for (Flight& flight : flights_) {
    if (flight.busy && !flight.answered && prng_.chance(1, 2)) execute(flight);
    flight.busy = false;
    flight.answered.reset();
  }
}

}  // namespace cryobank::simulation
