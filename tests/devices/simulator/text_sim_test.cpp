// Text freezers end to end below the core: cryobank-sim's text lines on a real port and a real
// terminal, read by the fleet through the line threads of the daemon.
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>

#include "config/checks/profile_lint.hpp"
#include "devices/fleet.hpp"
#include "devices/line/modbus_io.hpp"
#include "devices/line/port_io.hpp"
#include "tests/devices/simulator/running_sim.hpp"

namespace cryobank::simulator {
namespace {

using config::LineConfig;
using devices::DeviceIndex;

constexpr Duration kPatience = seconds(30);  // only ever reached by a failing test

config::DeviceProfile shipped(const std::string& name, Duration response_timeout) {
  std::ifstream file(std::string(CRYOBANK_SOURCE_DIR) + "/config/devices/" + name + ".toml");
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  config::DeviceProfile profile;
  config::Faults faults;
  EXPECT_TRUE(config::parse_profile(name, text, profile, faults));
  config::lint_profile(profile, faults);
  EXPECT_TRUE(faults.ok());
  profile.quirks.response_timeout = response_timeout;
  return profile;
}

void add(config::SiteConfig& site, const std::string& id, const std::string& profile,
         const std::string& line, int unit) {
  config::DeviceConfig device;
  device.id = DeviceId(id);
  device.profile = ProfileId(profile);
  device.line = LineId(line);
  device.unit = static_cast<std::uint8_t>(unit);
  device.room = "room-1";
  device.poll_fast = milliseconds(100);
  device.poll_slow = milliseconds(400);
  site.devices.push_back(device);
}

// Two TEC 3000 behind one box, a CryoPlus on a terminal, a CBS behind a box of its own.
config::SiteConfig text_site() {
  config::SiteConfig site;
  const std::pair<const char*, LineConfig::Kind> lines[] = {
      {"bus", LineConfig::Kind::text_tcp},
      {"printer", LineConfig::Kind::text_serial},
      {"cbs", LineConfig::Kind::text_tcp}};
  for (const auto& [id, kind] : lines) {
    LineConfig line;
    line.id = LineId(id);
    line.kind = kind;
    line.parity = 'N';
    site.lines.push_back(line);
  }
  for (const char* name : {"mve-tec-3000", "thermo-cryoplus-2", "cbs-3000"}) {
    site.profiles.push_back(shipped(name, milliseconds(200)));
  }
  add(site, "tec-1", "mve-tec-3000", "bus", 1);
  add(site, "tec-2", "mve-tec-3000", "bus", 2);
  add(site, "cryoplus", "thermo-cryoplus-2", "printer", 1);
  add(site, "cbs", "cbs-3000", "cbs", 1);
  return site;
}

// The fleet on the real clock, with real line threads, in the test's thread.
class RealFleet {
 public:
  explicit RealFleet(const config::SiteConfig& site)
      : fleet_(site, Epoch{1}, 1),
        lines_(
            site,
            [this](devices::LineReply reply) {
              const std::lock_guard lock(guard_);
              replies_.push_back(std::move(reply));
              wake_.notify_all();
            },
            [this](devices::LineText text) {
              const std::lock_guard lock(guard_);
              texts_.push_back(std::move(text));
              wake_.notify_all();
            }) {
    fleet_.start(now(), out_);
  }
  ~RealFleet() { lines_.stop(); }
  RealFleet(const RealFleet&) = delete;
  RealFleet& operator=(const RealFleet&) = delete;

  // Runs until `holds` does; false when it never did.
  bool until(const std::function<bool()>& holds) {
    const Instant end = devices::monotonic_now() + kPatience;
    while (!holds()) {
      if (devices::monotonic_now() > end) return false;
      turn();
    }
    return true;
  }
  void run_for(Duration time) {
    const Instant end = devices::monotonic_now() + time;
    static_cast<void>(until([&] { return devices::monotonic_now() > end; }));
  }
  const devices::Reading& at(std::uint32_t device, std::string_view point) const {
    const config::DeviceProfile& profile = fleet_.profile(DeviceIndex{device});
    std::uint32_t index = 0;
    while (profile.points[index].id.str() != point) ++index;
    return fleet_.reading(DeviceIndex{device}, devices::PointIndex{index});
  }
  bool good(std::uint32_t device, std::string_view point) const {
    return at(device, point).quality == Quality::good;
  }
  devices::Fleet& fleet() { return fleet_; }

  std::vector<devices::Reading> seen;

 private:
  static Now now() { return {devices::monotonic_now(), WallTime{1'795'305'600'000}}; }
  void turn() {
    for (devices::LineRequest& request : out_.requests) lines_.send(std::move(request));
    for (const devices::Reading& reading : out_.readings) seen.push_back(reading);
    out_.clear();
    std::deque<devices::LineReply> replies;
    std::deque<devices::LineText> texts;
    {
      std::unique_lock lock(guard_);
      wake_.wait_for(lock, std::chrono::milliseconds(5),
                     [&] { return !replies_.empty() || !texts_.empty(); });
      replies.swap(replies_);
      texts.swap(texts_);
    }
    for (const devices::LineReply& reply : replies) fleet_.on_reply(now(), reply, out_);
    for (const devices::LineText& text : texts) fleet_.on_text(now(), text, out_);
    if (fleet_.next_deadline() <= now().mono) fleet_.on_deadline(now(), out_);
  }

  devices::Fleet fleet_;
  devices::FleetOutputs out_;
  std::mutex guard_;
  std::condition_variable wake_;
  std::deque<devices::LineReply> replies_;
  std::deque<devices::LineText> texts_;
  devices::Lines lines_;
};

class TextSim : public ::testing::Test {
 protected:
  TextSim() : sim_(text_site()), site_(text_site()) {
    site_.lines[0].port = static_cast<std::uint16_t>(sim_.port("bus"));
    site_.lines[1].path = sim_.path("printer");
    site_.lines[2].port = static_cast<std::uint16_t>(sim_.port("cbs"));
  }
  bool sim(const std::string& command) const { return sim_.control(command)["ok"].boolean(); }

  RunningSim sim_;
  config::SiteConfig site_;
};

TEST_F(TextSim, AskedFreezersShareOneBox) {
  RealFleet fleet(site_);
  ASSERT_TRUE(fleet.until([&] {
    return fleet.good(0, "temperature-top") && fleet.good(1, "temperature-top") &&
           fleet.good(1, "temperature-bottom");
  }));
  EXPECT_LT(*fleet.at(0, "temperature-top").value, whole(-150));
  EXPECT_EQ(fleet.fleet().state(DeviceIndex{0}), DeviceState::online);
  const Json description = fleet.fleet().describe(DeviceIndex{0});
  EXPECT_EQ(description["capabilities"].dump(), R"(["read-only","no-ack"])");
  EXPECT_FALSE(description["points"].dump().find("write") != std::string::npos);
  ASSERT_TRUE(
      sim(R"({"do":"fault","device":"tec-1","fault":"sensor-open","point":"temperature-top"})"));
  EXPECT_TRUE(fleet.until(
      [&] { return fleet.at(0, "temperature-top").quality == Quality::sensor_broken; }));
  EXPECT_TRUE(fleet.good(1, "temperature-top"));
}

TEST_F(TextSim, ASilentFreezerIsLostAndComesBack) {
  RealFleet fleet(site_);
  ASSERT_TRUE(fleet.until([&] { return fleet.good(0, "temperature-top"); }));
  ASSERT_TRUE(sim(R"({"do":"fault","device":"tec-1","fault":"dead"})"));
  EXPECT_TRUE(
      fleet.until([&] { return fleet.at(0, "temperature-top").quality == Quality::comm_lost; }));
  EXPECT_EQ(fleet.fleet().state(DeviceIndex{0}), DeviceState::lost);
  EXPECT_TRUE(fleet.until([&] { return fleet.good(1, "temperature-top"); }))
      << "its neighbour on the box is still read";
  ASSERT_TRUE(sim(R"({"do":"clear"})"));
  EXPECT_TRUE(fleet.until([&] { return fleet.good(0, "temperature-top"); }));
}

TEST_F(TextSim, NeitherNoiseNorHalfAnswersBecomeValues) {
  for (const char* fault : {"garbage", "exception", "wrong-unit", "reply-lost", "disconnected"}) {
    SCOPED_TRACE(fault);
    ASSERT_TRUE(sim(cat(R"({"do":"fault","line":"bus","fault":")", fault, "\"}")));
    RealFleet fleet(site_);
    fleet.run_for(milliseconds(700));
    for (const devices::Reading& reading : fleet.seen) {
      const bool read = reading.device.value < 2 && reading.value.has_value();
      EXPECT_FALSE(read) << format_milli(reading.value.value_or(Milli{}));
    }
    ASSERT_TRUE(sim(R"({"do":"clear"})"));
  }
}

TEST_F(TextSim, PrintersTellValuesAndEventsOverATerminalAndABox) {
  RealFleet fleet(site_);
  ASSERT_TRUE(fleet.until([&] {
    return fleet.good(2, "level") && fleet.good(2, "temperature-top") && fleet.good(3, "level") &&
           fleet.good(3, "temperature-top");
  }));
  EXPECT_GT(*fleet.at(2, "level").value, whole(50));
  EXPECT_GT(*fleet.at(3, "level").value, whole(50)) << "46.4 CM are 464 mm";
  ASSERT_TRUE(sim(R"({"do":"lid","device":"cryoplus","open":true})"));
  EXPECT_TRUE(fleet.until([&] { return fleet.at(2, "lid").value == whole(1); }));
  ASSERT_TRUE(sim(R"({"do":"lid","device":"cryoplus","open":false})"));
  EXPECT_TRUE(fleet.until([&] { return fleet.at(2, "lid").value == whole(0); }));
  ASSERT_TRUE(sim(R"({"do":"fault","line":"cbs","fault":"dead"})"));
  EXPECT_TRUE(fleet.until([&] { return fleet.at(3, "level").quality == Quality::comm_lost; }))
      << "the box stands and says nothing";
  EXPECT_EQ(fleet.fleet().state(DeviceIndex{3}), DeviceState::lost);
  ASSERT_TRUE(sim(R"({"do":"clear"})"));
  EXPECT_TRUE(fleet.until([&] { return fleet.good(3, "level"); })) << "it speaks again";
}

}  // namespace
}  // namespace cryobank::simulator
