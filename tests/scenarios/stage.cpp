#include "tests/scenarios/stage.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <sstream>

#include "base/text.hpp"
#include "service/alarms/summons.hpp"
#include "tests/base/fact_form.hpp"

namespace cryobank::scenarios {
namespace {

constexpr Duration kStep = seconds(10);
constexpr Duration kForesee = minutes(10);
// Instruments of rooms and supplies are read each second.
constexpr Duration kInstruments = seconds(1);
constexpr int kLostAfter = 3;  // polls without an answer, as devices/line/unit_link.hpp counts

config::SiteConfig site_of(const Story& story) {
  config::SiteConfig site;
  site.site = SiteId("story");
  const auto add = [&](const std::string& id, config::DeviceKind kind, const std::string& room) {
    config::DeviceConfig device;
    device.id = DeviceId(id);
    device.kind = kind;
    device.room = room;
    device.line = LineId(cat("line-", id));
    if (kind == config::DeviceKind::freezer) device.supply = DeviceId("supply-1");
    device.limits.fill_start = whole(127);
    device.limits.fill_stop = whole(203);
    device.limits.level_low_warn = whole(102);
    device.limits.level_low_critical = whole(77);
    device.limits.level_high_warn = whole(228);
    device.limits.level_high_critical = whole(253);
    site.devices.push_back(device);
  };
  for (int i = 1; i <= story.tanks; ++i) {
    add(cat("freezer-", i), config::DeviceKind::freezer, "room-1");
  }
  std::ifstream file(CRYOBANK_SOURCE_DIR "/config/devices/cryobank-room-1.toml");
  std::ostringstream text;
  text << file.rdbuf();
  config::DeviceProfile room;
  config::Faults faults;
  EXPECT_TRUE(config::parse_profile("cryobank-room-1.toml", text.str(), room, faults));
  for (const char* const id : {"room-1", "room-2"}) {
    add(id, config::DeviceKind::room, id);
    site.devices.back().profile = room.id;
  }
  site.profiles.push_back(std::move(room));
  add("supply-1", config::DeviceKind::supply, "room-1");
  return site;
}

Milli milli_of(const std::string& text) {
  const Result<Milli> value = parse_milli(text);
  EXPECT_TRUE(value.ok()) << text;
  return value ? *value : Milli{};
}

int urgency(std::string_view priority) { return priority == "p1" ? 3 : priority == "p2" ? 2 : 1; }

}  // namespace

Stage::Stage(const Story& story) : story_(story), site_(site_of(story)), board_(site_) {
  detect::TankShape shape;
  shape.every = story.every;
  shape.noise = story.noise;
  shape.step = story.step;
  shape.evaporation = story.evaporation;
  shape.flow = story.flow;
  shape.lids_a_day = story.lids;
  shape.has_weight = story.weighed;
  for (int i = 1; i <= story.tanks; ++i) {
    tanks_.push_back({detect::StoryTank(shape, story.seed + static_cast<std::uint64_t>(i)),
                      detect::TankWatch(setup_of(shape)),
                      shape,
                      DeviceId(cat("freezer-", i)),
                      false,
                      false,
                      {},
                      0,
                      0,
                      0,
                      {}});
  }
  for (const char* const room : {"room-1", "room-2"}) {
    room_[cat(room, " oxygen-1")] = Milli{20'900};
    room_[cat(room, " inlet-closed")] = whole(0);
  }
  room_["supply-1 outlet-valve"] = whole(1);
  room_["supply-1 level"] = whole(80);
  board_.start(now_, Epoch{1}, out_);
}

void Stage::play() {
  for (Duration learned{}; learned < story_.learn + story_.hour; learned = learned + kStep) step();
  while (story_.from_start && !at_start()) step();
  moments_.clear();
  paged_.clear();
  log_.clear();
  begun_ = now_.mono;
  std::size_t next = 0;
  std::stable_sort(story_.events.begin(), story_.events.end(),
                   [](const Event& a, const Event& b) { return a.at < b.at; });
  while (since() < story_.end) {
    while (next < story_.events.size() && story_.events[next].at <= since()) {
      happen(story_.events[next++]);
    }
    step();
  }
}

// The first tank is about to be filled.
bool Stage::at_start() const {
  const detect::StoryTank& tank = tanks_.front().tank;
  return !tank.valve_open() && tank.true_level() <= tanks_.front().shape.start + 100;
}

// Delays end on the second, whatever the step.
void Stage::go_to(Instant mono) {
  while (board_.next_deadline() <= mono) {
    const Instant due = std::max(now_.mono, board_.next_deadline());
    now_ = {due, now_.wall + (due - now_.mono)};
    board_.on_deadline(now_, out_);
    drain();
  }
  now_ = {mono, now_.wall + (mono - now_.mono)};
}

void Stage::step() {
  step_at_ = step_at_ + kStep;
  go_to(step_at_);
  for (const auto& [name, value] : room_) {
    const std::size_t space = name.find(' ');
    observe(DeviceId(name.substr(0, space)), std::string_view(name).substr(space + 1), value);
  }
  for (Tank& tank : tanks_) step_tank(tank);
  drain();
}

void Stage::step_tank(Tank& tank) {
  const std::int64_t day = begun_ == kNever ? 0 : since().seconds() / 86'400;
  if (tank.daily_flow != 0) tank.tank.faults.flow_percent = 100 + tank.daily_flow * day;
  if (tank.daily_heat != 0) tank.tank.faults.heat_percent = 100 + tank.daily_heat * day;
  const bool values = tank.tank.step();
  if (values && tank.shape.has_weight) {
    tank.watch.weight(now_, tank.tank.weight(), findings_);
    observe(tank.id, "weight", tank.tank.weight());
  }
  if (tank.dark) {
    if (values && ++tank.missed == kLostAfter) {
      board_.device_state(now_, tank.id, DeviceState::lost, out_);
    }
    return find(tank);
  }
  if (std::exchange(tank.missed, 0) >= kLostAfter) {
    board_.device_state(now_, tank.id, DeviceState::online, out_);
  }
  if (tank.tank.lid_open() != tank.lid) {
    tank.lid = tank.tank.lid_open();
    tank.watch.lid(now_, tank.lid);
  }
  if (tank.valve != tank.tank.valve_open()) {
    tank.valve = tank.tank.valve_open();
    tank.watch.valve(now_, tank.valve, findings_);
  }
  observe(tank.id, "lid", whole(tank.lid ? 1 : 0));
  observe(tank.id, "fill-valve", whole(*tank.valve ? 1 : 0));
  if (values) {
    Milli level = tank.tank.level();
    if (tank.level_swings) {
      level =
          Milli{*tank.level_swings + (now_.mono.ns / 1'000'000'000 / 45 % 2 == 0 ? 1'000 : -1'000)};
    }
    tank.watch.level(now_, level, findings_);
    tank.watch.top(now_, tank.tank.top(), findings_);
    tank.watch.bottom(now_, tank.tank.bottom(), findings_);
    observe(tank.id, "level", level);
    observe(tank.id, "temperature-top", tank.tank.top());
    observe(tank.id, "temperature-bottom", tank.tank.bottom());
  }
  if (tank.watch.next_deadline() <= now_.mono) tank.watch.on_deadline(now_, findings_);
  find(tank);
  if (now_.mono.ns / 1'000'000'000 % kForesee.seconds() != 0) return;
  const auto lasts = tank.watch.lasts();
  if (!lasts) return;
  const detect::LossSpan& span = lasts->to_130;
  board_.prognosis(now_, tank.id, {tank.watch.losing(), span.low_s, span.mid_s, span.high_s}, out_);
}

void Stage::find(const Tank& tank) {
  for (const detect::Finding& finding : findings_) {
    alarms::Condition told;
    told.source = tank.id.str();
    told.condition = finding.condition;
    told.text = finding.text;
    told.device = tank.id;
    told.stage = std::max(1, finding.stage);
    if (finding.stage > 0)
      board_.raise(now_, told, out_);
    else
      board_.clear(now_, told.source, told.condition, out_);
  }
  findings_.clear();
}

void Stage::observe(const DeviceId& device, std::string_view point, Milli value) {
  board_.observe(now_, {device, point, Quality::good, value}, out_);
}

void Stage::happen(const Event& event) {
  if (happen_to_room(event)) return;
  bool known = false;
  for (Tank& tank : tanks_) {
    // A last word that is a tank's name means that one alone.
    const bool named = !event.with.empty() && event.with.back().starts_with("freezer-");
    if (named && event.with.back() != tank.id.str()) continue;
    known = happen_to_tank(tank, event) || known;
  }
  EXPECT_TRUE(known) << "expected something that can happen, came \"" << event.word << "\"";
}

bool Stage::happen_to_tank(Tank& tank, const Event& event) {
  detect::TankFaults& faults = tank.tank.faults;
  const auto milli = [&] { return event.with.empty() ? Milli{} : milli_of(event.with[0]); };
  const auto number = [&] { return milli().v / 1000; };
  if (event.word == "breach")
    faults.breach = true;
  else if (event.word == "heat")
    faults.heat_percent = number();
  else if (event.word == "no-refill")
    faults.no_refill = true;
  else if (event.word == "no-autofill")
    faults.no_autofill = true;
  else if (event.word == "valve-stuck")
    faults.valve_stuck_open = true;
  else if (event.word == "level-reads")
    faults.level_reads = milli().v;
  else if (event.word == "top-reads")
    faults.top_reads = milli().v;
  else if (event.word == "top-offset")
    faults.top_offset = milli().v;
  else if (event.word == "warming")
    faults.warming = milli().v;
  else if (event.word == "dark")
    tank.dark = true;
  else if (event.word == "daily-flow")
    tank.daily_flow = static_cast<int>(number());
  else if (event.word == "daily-heat")
    tank.daily_heat = static_cast<int>(number());
  else if (event.word == "level-swings")
    tank.level_swings = milli().v;
  else if (event.word == "battery")
    observe(tank.id, "power", whole(1));
  else
    return false;
  return true;
}

bool Stage::happen_to_room(const Event& event) {
  if (event.word == "shows") {  // shows room-1 oxygen-1 17.9
    const Milli value = milli_of(event.with.at(2));
    room_[cat(event.with.at(0), " ", event.with.at(1))] = value;
    go_to(std::max(now_.mono, begun_ + event.at + kInstruments));
    observe(DeviceId(event.with.at(0)), event.with.at(1), value);
    drain();
  } else if (event.word == "acknowledge") {  // acknowledge ALARM REASON
    take("alarm/acknowledge",
         Json::object().set("alarm", event.with.at(0)).set("reason", event.with.at(1)));
  } else if (event.word == "maintain") {  // maintain DEVICE FOR
    take("alarm/maintain", Json::object()
                               .set("device", event.with.at(0))
                               .set("for", event.with.at(1))
                               .set("reason", "service work"));
  } else {
    return false;
  }
  return true;
}

void Stage::take(const std::string& verb, Json body) {
  CommandContext context;
  context.now = now_;
  context.actor.user = UserId("anna");
  const Result<Decision> decided = board_.decide(verb, body, context);
  ASSERT_TRUE(decided.ok()) << decided.error().context;
  for (const Fact& fact : decided->facts) EXPECT_TRUE(board_.apply(now_, fact, out_).ok());
}

void Stage::drain() {
  for (const AlarmId& id : out_.changed) {
    const auto summons = board_.summons(id);
    if (summons && !summons->taken)
      paged_.insert(summons->cause.empty() ? id.str() : summons->cause);
  }
  for (const Fact& fact : out_.facts) {
    EXPECT_EQ(form_fault(fact), "") << fact.data.dump();
    const bool told = fact.type == fact::kAlarmRaised || fact.type == fact::kAlarmRisen ||
                      fact.type == fact::kAlarmUnacknowledged;
    if (!told || begun_ == kNever) continue;
    moments_.push_back(
        {since(), fact.data.string_or("alarm", ""), fact.data.string_or("priority", "")});
    log_ += cat(since().seconds(), " s ", fact.type, " ", fact.data.string_or("alarm", ""), " ",
                fact.data.string_or("priority", ""), ": ", fact.data.string_or("text", ""), "\n");
  }
  out_.clear();
}

std::optional<Duration> Stage::told(const std::string& alarm, std::string_view priority,
                                    Duration from) const {
  for (const Moment& moment : moments_) {
    const bool same = moment.alarm == alarm || moment.alarm.ends_with("." + alarm);
    if (same && urgency(moment.priority) >= urgency(priority) && moment.at >= from) {
      return moment.at;
    }
  }
  return std::nullopt;
}

std::optional<Duration> Stage::first_paged() const {
  for (const Moment& moment : moments_) {
    if (moment.priority != "p3") return moment.at;
  }
  return std::nullopt;
}

int Stage::raised(std::string_view priority) const {
  return static_cast<int>(std::count_if(moments_.begin(), moments_.end(), [&](const Moment& one) {
    return priority.empty() || one.priority == priority;
  }));
}

}  // namespace cryobank::scenarios
