// The rules for all blocks, tried by reading alone; and those of the freezer and the room.
#include <algorithm>

#include "base/text.hpp"
#include "devices/conform/conform_findings.hpp"
#include "devices/line/device_points.hpp"
#include "devices/line/register_codec.hpp"
#include "devices/line/register_plan.hpp"

namespace cryobank::devices {
namespace {

constexpr Duration kAnswerWithin = milliseconds(500);

bool answers_with(const ModbusReply& reply, std::uint8_t code) {
  return reply.kind == ReplyKind::exception && reply.exception == code;
}

void read_blocks(const Bench& bench, const config::DeviceProfile& profile,
                 ConformFindings& findings) {
  DevicePoints points(DeviceIndex{}, profile, bench.unit);
  bool whole = true;
  for (const Span& span : plan_spans(profile, {})) {
    const ModbusReply reply = bench.ask(read_request(span, bench.unit));
    const bool came = reply.kind == ReplyKind::ok && reply.values.size() == span.count;
    findings.judge("G1", came,
                   cat(name_of(span.table), " ", span.address, " to ",
                       span.address + span.count - 1, ": ", describe(reply)));
    findings.judge("G8", reply.kind != ReplyKind::timeout, "no answer in time");
    whole = whole && came;
    if (!came) continue;
    const bool identity = points.identity_agrees(span, reply.values);
    const std::string why = identity ? "" : points.why_not(span, reply.values);
    const bool other_unit = why.starts_with("an answer of unit");
    if (!profile.identity_point.empty()) findings.judge("G2", identity || other_unit, why);
    if (profile.tells_units_apart()) {
      findings.judge("G3", !other_unit, why);
    } else {
      findings.skipped("G3", "blocks of version 1 have no unit word");
    }
    for (const std::uint32_t index : span.points) {
      const config::Point& point = profile.points[index];
      const auto first = static_cast<std::size_t>(point.address - span.address);
      const Decoded decoded = decode(
          point, std::span(reply.values).subspan(first, static_cast<std::size_t>(width_of(point))));
      const bool fits =
          decoded.quality == Quality::good || decoded.quality == Quality::sensor_broken;
      findings.judge("G4", fits, cat("point ", point.id.str(), ": ", show(point, decoded)));
    }
  }
  if (profile.identity_point.empty()) findings.skipped("G2", "the profile names no identity word");
}

void read_parts(const Bench& bench, const config::DeviceProfile& profile,
                ConformFindings& findings) {
  for (const Span& span : plan_spans(profile, {})) {
    if (span.count < 2) continue;
    for (const Span& item : split_span(profile, span)) {
      const ModbusReply reply = bench.ask(read_request(item, bench.unit));
      findings.judge("G5", reply.kind == ReplyKind::ok,
                     cat(name_of(item.table), " ", item.address, " count ", item.count, ": ",
                         describe(reply)));
    }
    return;
  }
}

// Behind the last register of a table nothing is named; 900 lies behind every block but a scan's.
void read_beside(const Bench& bench, const config::DeviceProfile& profile,
                 ConformFindings& findings) {
  constexpr std::uint16_t kNowhere = 900;
  const ModbusReply reply = bench.ask(read_words(bench, RegisterTable::input, kNowhere, 1));
  findings.judge("G6", answers_with(reply, 2),
                 cat("input ", kNowhere, ": expected exception 2, came ", describe(reply)));
  const bool has_coils = std::ranges::any_of(profile.points, [](const config::Point& point) {
    return point.table == config::PointTable::coil || point.table == config::PointTable::discrete;
  });
  if (has_coils) {
    findings.skipped("G7", "this machine has tables for every function that is asked here");
  } else {
    const ModbusReply coils = bench.ask(read_words(bench, RegisterTable::coil, 0, 1));
    findings.judge("G7", answers_with(coils, 1),
                   cat("coils: expected exception 1, came ", describe(coils)));
  }
  findings.skipped("G10", "this program sends no such request");
}

void ask_another_unit(const Bench& bench, const config::DeviceProfile& profile,
                      ConformFindings& findings) {
  const std::vector<Span> plan = plan_spans(profile, {});
  if (plan.empty()) return;
  Bench other = bench;
  other.unit = bench.unit == 247 ? 246 : 247;
  const ModbusReply reply = bench.ask(read_request(plan.front(), other.unit));
  if (reply.kind != ReplyKind::ok) return findings.good("G9");
  if (!profile.tells_units_apart()) {
    return findings.violated("G9", cat("unit ", other.unit, " answers like unit ", bench.unit,
                                       ": is it another machine of this model?"));
  }
  DevicePoints points(DeviceIndex{}, profile, other.unit);
  const bool another = points.identity_agrees(plan.front(), reply.values);
  findings.judge("G9", another,
                 cat("unit ", other.unit, ": ", another ? "" : "answered by this one"));
}

struct SetPoint {
  std::uint16_t address;
  std::int64_t least;  // raw words as numbers
  std::int64_t most;
};

constexpr std::uint16_t kFillStart = 0;
constexpr std::uint16_t kFillStop = 1;
constexpr std::uint16_t kFillCommand = 5;
// Holding registers 0 to 4 of the freezer block, in tenths.
constexpr SetPoint kSetPoints[] = {
    {0, 500, 5000}, {1, 750, 6000}, {2, -1900, -1200}, {3, 250, 5000}, {4, 1000, 7000}};

std::uint16_t word_of(std::int64_t number) { return static_cast<std::uint16_t>(number & 0xFFFF); }

class FreezerRun {
 public:
  FreezerRun(const Bench& bench, ConformFindings& findings) : bench_(bench), findings_(findings) {}

  void run() {
    const ModbusReply before = read(0, 6);
    if (before.kind != ReplyKind::ok || before.values.size() != 6) {
      return findings_.violated("F2", cat("holding 0 to 5: ", describe(before)));
    }
    for (const SetPoint& point : kSetPoints) outside(point, before.values[point.address]);
    inside(before.values);
    stop_above_start(before.values);
    const ModbusReply command = write(kFillCommand, 3);
    findings_.judge("F4", answers_with(command, 3), cat("3: ", describe(command)));
    const ModbusReply after = read(0, 6);
    findings_.judge("F1", after.values == before.values, "the set-points are not as they were");
  }

 private:
  ModbusReply read(std::uint16_t address, std::uint16_t count) {
    return bench_.ask(read_words(bench_, RegisterTable::holding, address, count));
  }
  ModbusReply write(std::uint16_t address, std::uint16_t word) {
    return bench_.ask(write_words(bench_, address, {word}));
  }
  void outside(const SetPoint& point, std::uint16_t before) {
    for (const std::int64_t wrong : {point.least - 10, point.most + 10}) {
      const ModbusReply reply = write(point.address, word_of(wrong));
      const ModbusReply after = read(point.address, 1);
      const bool kept = after.kind == ReplyKind::ok && after.values.at(0) == before;
      if (!kept) write(point.address, before);
      findings_.judge("F1", answers_with(reply, 3) && kept,
                      cat("holding ", point.address, " written ", wrong, ": ", describe(reply),
                          kept ? "" : ", and it was taken"));
    }
  }
  // One step up and back: the alarm limit of the level, which starts and ends no fill.
  void inside(const std::vector<std::uint16_t>& before) {
    constexpr std::uint16_t kLowAlarm = 3;
    const std::uint16_t was = before[kLowAlarm];
    const std::uint16_t wanted = static_cast<std::uint16_t>(was < 5000 ? was + 10 : was - 10);
    const ModbusReply reply = write(kLowAlarm, wanted);
    const ModbusReply after = read(kLowAlarm, 1);
    const bool taken =
        reply.kind == ReplyKind::ok && after.kind == ReplyKind::ok && after.values.at(0) == wanted;
    write(kLowAlarm, was);
    findings_.judge("F2", taken, cat("written ", wanted, ": ", describe(reply)));
  }
  void stop_above_start(const std::vector<std::uint16_t>& before) {
    const std::uint16_t too_low = static_cast<std::uint16_t>(before[kFillStart] + 240);
    const ModbusReply reply = write(kFillStop, too_low);
    const bool kept = read(kFillStop, 1).values == std::vector{before[kFillStop]};
    if (!kept) write(kFillStop, before[kFillStop]);
    findings_.judge("F3", answers_with(reply, 3) && kept,
                    cat("fill stop 24 mm above fill start: ", describe(reply)));
  }

  const Bench& bench_;
  ConformFindings& findings_;
};

}  // namespace

void conform_general(const Bench& bench, const config::DeviceProfile& profile,
                     ConformFindings& findings) {
  read_blocks(bench, profile, findings);
  read_parts(bench, profile, findings);
  read_beside(bench, profile, findings);
  ask_another_unit(bench, profile, findings);
}

void conform_freezer(const Bench& bench, const config::DeviceProfile& profile, const Leave& leave,
                     ConformFindings& findings) {
  findings.skipped("F6", "it takes a tank, liquid and hours");
  findings.skipped("F5", "this program sends no such request");
  if (profile.trust != config::Trust::reference) {
    for (const std::string_view number : {"F1", "F2", "F3", "F4"}) {
      findings.skipped(number, "only reference blocks have these set-points");
    }
  } else if (!leave.write) {
    for (const std::string_view number : {"F1", "F2", "F3", "F4"}) {
      findings.skipped(number, "it writes set-points: give --may-write");
    }
  } else {
    FreezerRun(bench, findings).run();
  }
}

void conform_room(const Bench&, const config::DeviceProfile&, ConformFindings& findings) {
  findings.skipped("M1", "closing the LN2 inlet of a room is tried by people at its panel");
  findings.skipped("M2", "closing the LN2 inlet of a room is tried by people at its panel");
}

}  // namespace cryobank::devices
