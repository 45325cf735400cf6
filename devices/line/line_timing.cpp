#include "devices/line/line_timing.hpp"

#include <algorithm>

#include "base/check.hpp"

namespace cryobank::devices {
namespace {

using Kind = config::LineConfig::Kind;

// Bytes of a read without its data: unit, function, address, count; unit, function, byte count.
constexpr int kReadRequestBytes = 6;
constexpr int kReadAnswerBytes = 3;
constexpr int kCrcBytes = 2;

int data_bytes(const Span& span) {
  const bool bits = span.table == RegisterTable::coil || span.table == RegisterTable::discrete;
  return bits ? (span.count + 7) / 8 : 2 * span.count;
}

int frame_characters(Kind kind, int bytes) {
  if (kind == Kind::ascii) return 2 * (bytes + 1) + 3;  // LRC; colon, CR, LF
  return bytes + kCrcBytes;
}

}  // namespace

bool is_serial(Kind kind) {
  switch (kind) {
    case Kind::rtu:
    case Kind::ascii:
    case Kind::text_serial:
      return true;
    case Kind::tcp:
    case Kind::text_tcp:
    case Kind::rtu_tcp:
      return false;
  }
  CHECK(false);
}

bool is_text(Kind kind) { return kind == Kind::text_tcp || kind == Kind::text_serial; }

Duration character_time(const config::LineConfig& line) {
  const int bits = 1 + line.data_bits + (line.parity == 'N' ? 0 : 1) + line.stop_bits;
  return seconds(1) * bits / std::max(line.baud, 1);
}

Duration frame_gap(const config::LineConfig& line) {
  constexpr int kFixedGapAbove = 19200;
  if (line.baud > kFixedGapAbove) return microseconds(1750);
  return character_time(line) * 7 / 2;
}

Duration read_time(const config::LineConfig& line, const config::Quirks& quirks, const Span& span) {
  const int characters = frame_characters(line.kind, kReadRequestBytes) +
                         frame_characters(line.kind, kReadAnswerBytes + data_bytes(span));
  const Duration pause = std::max(quirks.frame_pause, line.frame_pause);
  return character_time(line) * characters + std::max(pause, frame_gap(line)) + frame_gap(line) +
         kTurnaround;
}

Duration round_time(const config::LineConfig& line, const config::Quirks& quirks,
                    const std::vector<Span>& plan, config::ReadClass read_class) {
  Duration sum{};
  for (const Span& span : plan) {
    if (span.read_class == read_class) sum = sum + read_time(line, quirks, span);
  }
  return sum;
}

}  // namespace cryobank::devices
