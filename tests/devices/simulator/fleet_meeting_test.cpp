// The driver meets the machines: the fleet that the daemon uses against the simulated hardware. The
// two were written apart, from docs/registers.md; each half's mistakes show here.
#include <optional>

#include "devices/fleet.hpp"
#include "tests/devices/simulator/bank.hpp"

namespace cryobank::simulator {
namespace {

using devices::DeviceIndex;
using devices::RobotEventKind;

// Lines without loss: a request is answered after 5 ms, or after its time-out.
class Meeting {
 public:
  Meeting() : site_(demo_site()), hardware(site_, 1), fleet(site_, Epoch{4}, 1) {
    open_.resize(site_.lines.size());
    hardware.set_clock(now_.wall);
    fleet.start(now_, out_);
    take();
  }

  void run(Duration span) {
    const Instant end = now_.mono + span;
    while (now_.mono < end) {
      Instant next = std::min(end, fleet.next_deadline());
      for (const auto& line : open_) {
        if (line) next = std::min(next, line->at);
      }
      pass(next - now_.mono);
      for (auto& line : open_) {
        if (line && line->at <= now_.mono) reply(line);
      }
      if (fleet.next_deadline() <= now_.mono) {
        fleet.on_deadline(now_, out_);
        take();
      }
    }
  }

  Status move(std::uint32_t sequence, const devices::RobotLocation& from,
              const devices::RobotLocation& to, const std::string& code) {
    devices::RobotMotion motion;
    motion.sequence = sequence;
    motion.epoch = Epoch{4};
    motion.verb = devices::RobotVerb::transfer;
    motion.source = from;
    motion.destination = to;
    motion.expected_code = code;
    const Status started = fleet.start_motion(now_, robot, motion, out_);
    take();
    return started;
  }
  bool told(RobotEventKind kind) const {
    return std::any_of(events.begin(), events.end(),
                       [kind](const devices::RobotEvent& event) { return event.kind == kind; });
  }

 private:
  struct Open {
    devices::LineReply reply;
    Instant at;
  };

  void pass(Duration span) {
    if (span.ns <= 0) return;
    now_.mono = now_.mono + span;
    now_.wall = now_.wall + span;
    hardware.advance(span);
  }
  void reply(std::optional<Open>& line) {
    const devices::LineReply answered = std::move(line->reply);
    line.reset();
    fleet.on_reply(now_, answered, out_);
    take();
  }
  void take() {
    for (const devices::LineRequest& request : out_.requests) {
      std::optional<Open>& line = open_[request.line.value];
      ASSERT_FALSE(line.has_value()) << "two requests at once on one line";
      Open open;
      open.reply.id = request.id;
      open.reply.line = request.line;
      open.reply.modbus = hardware.answer(request.line, request.modbus);
      const bool silent = open.reply.modbus.kind == ReplyKind::timeout;
      open.at = now_.mono + (silent ? request.response_timeout : milliseconds(5));
      line = std::move(open);
    }
    events.insert(events.end(), out_.robot_events.begin(), out_.robot_events.end());
    out_.clear();
  }

  config::SiteConfig site_;
  Now now_{Instant{0}, *parse_utc("2026-11-22T00:00:00Z")};
  std::vector<std::optional<Open>> open_;
  devices::FleetOutputs out_;

 public:
  Hardware hardware;
  devices::Fleet fleet;
  std::vector<devices::RobotEvent> events;
  DeviceIndex robot{4};
};

TEST(Meeting, EveryPointOfEveryMachineIsGood) {
  Meeting meeting;
  meeting.run(minutes(2));
  const config::SiteConfig site = demo_site();
  for (std::uint32_t device = 0; device < site.devices.size(); ++device) {
    const auto& points = meeting.fleet.profile(DeviceIndex{device}).points;
    EXPECT_EQ(meeting.fleet.state(DeviceIndex{device}), DeviceState::online) << device;
    for (std::uint32_t point = 0; point < points.size(); ++point) {
      EXPECT_EQ(meeting.fleet.reading(DeviceIndex{device}, devices::PointIndex{point}).quality,
                Quality::good)
          << site.devices[device].id.str() << " " << points[point].id.str();
    }
  }
}

TEST(Meeting, TwelveHoursOfHealthyPollingShowsOnlyGoodReadings) {
  Meeting meeting;
  const config::SiteConfig site = demo_site();
  for (int hour = 0; hour < 12; ++hour) {
    meeting.run(hours(1));
    for (std::uint32_t device = 0; device < 4; ++device) {
      for (std::uint32_t point = 0; point < 8; ++point) {
        const auto& reading =
            meeting.fleet.reading(DeviceIndex{device}, devices::PointIndex{point});
        ASSERT_EQ(reading.quality, Quality::good) << hour << " h, " << device << " " << point;
      }
    }
  }
}

TEST(Meeting, ATransferIsProvenDone) {
  Meeting meeting;
  ASSERT_TRUE(meeting.hardware.put_vial(kPort, "A-1").ok());
  meeting.run(seconds(5));
  const Status started = meeting.move(1, kPort, kSlot, "A-1");
  ASSERT_TRUE(started.ok()) << started.error().context;
  meeting.run(seconds(40));
  EXPECT_TRUE(meeting.told(RobotEventKind::accepted));
  EXPECT_TRUE(meeting.told(RobotEventKind::holding));
  EXPECT_TRUE(meeting.told(RobotEventKind::done));
  EXPECT_EQ(meeting.hardware.vials().at(kSlot), "A-1");
  ASSERT_TRUE(meeting.move(2, kSlot, kPort, "A-1").ok()) << "what was latched is cleared";
  meeting.run(seconds(40));
  EXPECT_EQ(meeting.hardware.moves(), 2u);
}

struct Trouble {
  const char* fault;
  RobotEventKind end;
};

TEST(Meeting, ARobotThatFailsOrLiesNeverEndsInDone) {
  const Trouble table[] = {
      {R"("jam")", RobotEventKind::failed},
      {R"("drop")", RobotEventKind::doubt},
      {R"("drop","silent":true)", RobotEventKind::doubt},
      {R"("wrong-code")", RobotEventKind::doubt},
      {R"("wrong-code","at":"place","silent":true)", RobotEventKind::doubt},
      {R"("false-done")", RobotEventKind::doubt},
      {R"("never-done")", RobotEventKind::doubt},
      {R"("ignores")", RobotEventKind::doubt},
      {R"("power-cut","at":"to-destination")", RobotEventKind::failed},
      {R"("power-cut","at":"placed")", RobotEventKind::doubt},
  };
  for (const Trouble& row : table) {
    SCOPED_TRACE(row.fault);
    Meeting meeting;
    ASSERT_TRUE(meeting.hardware.put_vial(kPort, "A-1").ok());
    meeting.run(seconds(5));
    const std::string fault = cat(R"({"do":"fault","device":"robot-1","fault":)", row.fault, "}");
    ASSERT_TRUE(meeting.hardware.control(*parse_json(fault)).ok());
    ASSERT_TRUE(meeting.move(1, kPort, kSlot, "A-1").ok());
    meeting.run(minutes(4));
    EXPECT_FALSE(meeting.told(RobotEventKind::done));
    EXPECT_TRUE(meeting.told(row.end));
    EXPECT_LE(meeting.hardware.moves(), 1u);
  }
}

}  // namespace
}  // namespace cryobank::simulator
