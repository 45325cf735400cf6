// Every page that any alarm of the catalogue can make: each condition, stage and machine, first and
// repeated, with somebody who comes, under maintenance, alone and in a group, with bad air, and
// back to normal; and what the pager gateway says by itself. A person reads it at 3 a.m. on a small
// screen, and a gateway may cut it after 140 characters.
#include <regex>
#include <set>

#include "config/alarm_catalogue.hpp"
#include "service/alarms/rule.hpp"
#include "service/pager/monitor_watch.hpp"
#include "tests/alarms/board_story.hpp"

namespace cryobank::alarms {
namespace {

using config::AlarmEntry;
using config::AlarmStage;
using config::AlarmWhen;
using config::DeviceKind;

constexpr const char* kWayIn = "door B, key box 3";

// Three freezers in one room of a site far from Greenwich.
config::SiteConfig night_site(bool instrument) {
  config::SiteConfig site = story_site();
  site.zone = Zone::fixed(9 * 3600);
  for (int i = 2; i <= 3; ++i) {
    config::DeviceConfig another = site.devices.front();
    another.id = DeviceId(cat("freezer-", i));
    site.devices.push_back(another);
  }
  config::PlaceConfig place;
  place.id = PlaceId("cold-room");
  place.type = "room";
  place.title = "Store room 1";
  site.places.push_back(place);
  config::DeviceProfile profile;
  profile.id = ProfileId("room-profile");
  if (instrument) {
    config::Point point;
    point.id = PointId("oxygen-1");
    profile.points.push_back(point);
  }
  site.profiles.push_back(profile);
  for (config::DeviceConfig& device : site.devices) {
    device.line = LineId(cat("line-", device.id.str()));
    if (device.kind != DeviceKind::room) continue;
    device.way_in = kWayIn;
    device.profile = profile.id;
  }
  return site;
}

bool matches(const std::string& text, const char* pattern) {
  return std::regex_search(text, std::regex(pattern));
}

// What holds for every text that a person is sent.
void expect_readable(const std::string& text) {
  EXPECT_LE(text.size(), 240u) << text;
  for (const char c : text) {
    if (c < 0x20 || c > 0x7E) ADD_FAILURE() << "not 7-bit: " << text;
  }
  EXPECT_FALSE(matches(text, "[0-9]:[0-9]{2}(:[0-9.]+)?Z")) << "a time that is not local: " << text;
}

// And for one that is to send a person: the first 140 characters are enough to act.
void expect_stands_alone(const std::string& text, const std::string& code) {
  const std::string head = text.substr(0, 140);
  EXPECT_TRUE(matches(head, "^P[12] [A-Za-z0-9-]+ ")) << text;
  EXPECT_TRUE(matches(head, " GO\\b|DO NOT ENTER|MAINT|confirm")) << "to go or not: " << text;
  EXPECT_NE(head.find(cat(" ack ", code)), std::string::npos) << text;
}

class Sweep {
 public:
  explicit Sweep(bool instrument) : instrument_(instrument) {}

  // Each condition that pages, on each kind of machine that it is of.
  void every(const std::function<void(const AlarmEntry&, const std::string& device)>& act) {
    for (const AlarmEntry& entry : config::shipped_alarms().entries()) {
      if (entry.of.empty()) act(entry, "");
      for (const config::DeviceConfig& device : night_site(instrument_).devices) {
        const bool twin = device.id.str() == "freezer-2" || device.id.str() == "freezer-3";
        if (entry.is_of(device.kind) && !entry.of.empty() && !twin) act(entry, device.id.str());
      }
    }
  }

 private:
  bool instrument_;
};

// Makes `device` reach `stage` (from 1) of the condition, as a machine or the service would.
void reach(Story& s, const config::SiteConfig& site, const AlarmEntry& entry,
           const std::string& device, int stage) {
  const std::string words = cat("level 71.2 mm is below 77 mm where fills begin, for ", stage * 15,
                                " min, and no fill came");
  if (device.empty()) {
    Condition told;
    told.source = entry.group == "robot" ? "robot-1" : "job-1";
    told.device = entry.group == "robot" ? DeviceId("robot-1") : DeviceId();
    told.condition = entry.condition;
    told.priority = priority_of(entry.stages[static_cast<std::size_t>(stage - 1)].priority);
    told.text = "robot-1, aliquot c-1-d01-1: the gripper did not close";
    return s.tells(told);
  }
  const auto own = config::alarm_for(entry, *site.find_device(DeviceId(device)), site);
  ASSERT_TRUE(own) << entry.condition;
  const AlarmStage& limit = own->stages[static_cast<std::size_t>(stage - 1)];
  switch (entry.when) {
    case AlarmWhen::told:
      s.tells(device, entry.condition, stage, words);
      break;
    case AlarmWhen::lost:
      s.device_is(DeviceState::lost, device);
      break;
    case AlarmWhen::unusable:
      s.reads_badly(entry.signal, Quality::sensor_broken, device);
      break;
    case AlarmWhen::event:
      s.reads(entry.signal, whole(1), device);
      break;
    case AlarmWhen::above:
    case AlarmWhen::below:
    case AlarmWhen::equals: {
      const std::int64_t off = entry.when == AlarmWhen::above   ? 500
                               : entry.when == AlarmWhen::below ? -500
                                                                : 0;
      for (int i = 0; i < 2; ++i) s.reads(entry.signal, Milli{limit.limit.v + off}, device);
      break;
    }
  }
  s.wait(limit.after + seconds(1));
  if (entry.when == AlarmWhen::above) s.reads(entry.signal, Milli{limit.limit.v + 500}, device);
}

std::string alarm_of(const AlarmEntry& entry, const std::string& device) {
  if (!device.empty()) return cat(device, ".", entry.condition);
  return cat(entry.group == "robot" ? "robot-1" : "job-1", ".", entry.condition);
}

// The pages of one alarm since the last look.
std::vector<Page> pages_of(Story& s, const std::string& alarm) {
  s.paged();
  std::vector<Page> own;
  for (const Page& page : s.last_pages()) {
    expect_readable(page.text);
    if (page.alarm.str() == alarm) own.push_back(page);
  }
  return own;
}

TEST(PageSweep, EveryConditionOfTheCatalogueIsAPageThatAPersonCanActOn) {
  int pages = 0;
  std::set<std::string> paged;
  Sweep sweep(false);
  const config::SiteConfig site = night_site(false);
  sweep.every([&](const AlarmEntry& entry, const std::string& device) {
    for (int stage = 1; stage <= static_cast<int>(entry.stages.size()); ++stage) {
      const auto priority = entry.stages[static_cast<std::size_t>(stage - 1)].priority;
      Story s(site);
      s.lasts("freezer-1", hours(5));
      s.board().inside(s.now(), DeviceId("freezer-1"), {240, 20, 3}, s.out());
      reach(s, site, entry, device, stage);
      const std::string alarm = alarm_of(entry, device);
      SCOPED_TRACE(cat(alarm, " stage ", stage));
      if (priority == config::AlarmPriority::p3 && s.seen(alarm).starts_with("p3")) {
        EXPECT_TRUE(pages_of(s, alarm).empty());
        continue;
      }
      // First, repeated with nobody who comes, and with the work that is being done on it.
      bool ended = false;  // it is told once that it is over
      for (int round = 1; round <= 3 && !ended; ++round) {
        const std::vector<Page> own = pages_of(s, alarm);
        ASSERT_FALSE(own.empty()) << "nobody was told, round " << round;
        for (const Page& page : own) {
          expect_stands_alone(page.text, page.ack_code);
          EXPECT_TRUE(matches(page.text, " Since ([A-Z][a-z]{2} )?[0-9]{2}:[0-9]{2}")) << page.text;
          if (!device.empty()) {
            EXPECT_NE(page.text.find(cat("Store room 1 (", kWayIn, ")")), std::string::npos)
                << page.text;
          } else {
            EXPECT_NE(page.text.find("robot-1"), std::string::npos) << page.text;
            EXPECT_NE(page.text.find("c-1-d01-1"), std::string::npos) << page.text;
          }
          const bool over = page.text.find("back to normal") != std::string::npos;
          ended = ended || over;
          const std::string head = page.text.substr(0, 140);
          // Liquid on the floor does not wait for the contents' own time.
          const bool cold = device == "freezer-1" && !over && entry.group != "overfill";
          EXPECT_EQ(cold, matches(head, ", leave (by|NOW)")) << page.text;
          EXPECT_TRUE(device.empty() || head.find(kWayIn) != std::string::npos) << page.text;
          if (!over) {
            EXPECT_TRUE(matches(page.text, " Since [^.]*\\.( WHEN SAFE:)? [A-Z]"))
                << "what to do: " << page.text;
          }
          if (page.attempt > 1 && !over) {
            EXPECT_NE(page.text.find("Nobody comes yet."), std::string::npos) << page.text;
          }
          ++pages;
          paged.insert(page.text);
        }
        if (round == 2 && !device.empty()) {
          s.command("alarm/maintain",
                    Json::object().set("device", device).set("for", "2h").set("reason", "valve"));
        }
        s.wait(s.seen(alarm).starts_with("p1") ? minutes(3) : minutes(15));
      }
    }
  });
  EXPECT_GT(pages, 400);
  EXPECT_GT(paged.size(), 300u);
}

// Somebody who comes is named in the next page to all others; who may not take it, too.
TEST(PageSweep, SaysWhoComes) {
  Story s(night_site(false));
  s.tells("freezer-1", "level-falling-fast", 1, "level fell 31 mm within 30 s");
  const Page first = pages_of(s, "freezer-1.level-falling-fast").front();
  // It is noted, and takes nothing without the code; with a time it says by when.
  const Json coming = Json::object().set("page_id", first.id).set("status", "coming");
  ASSERT_TRUE(s.receives("pager-1", "anna", coming));
  s.wait(minutes(3));
  std::string newest;
  for (const Page& page : pages_of(s, "freezer-1.level-falling-fast")) {
    EXPECT_NE(page.text.find("Coming: anna."), std::string::npos) << page.text;
    if (page.channel.str() == "pager-1") newest = page.id;
  }
  ASSERT_TRUE(
      s.receives("pager-1", "anna", Json(coming).set("page_id", newest).set("eta_min", 25)));
  s.wait(minutes(3));
  for (const Page& page : pages_of(s, "freezer-1.level-falling-fast")) {
    EXPECT_TRUE(matches(page.text, "Coming: anna [0-9]{2}:[0-9]{2}\\.")) << page.text;
    expect_stands_alone(page.text, page.ack_code);
  }
}

// Back to normal before anybody took it, and the second machine of one cause.
TEST(PageSweep, SaysThatItIsOverAndHowManyThereAre) {
  const config::SiteConfig site = night_site(false);
  int confirms = 0;
  Sweep(false).every([&](const AlarmEntry& entry, const std::string& device) {
    if (device.empty() || entry.when != AlarmWhen::told) return;
    Story s(site);
    const int worst = static_cast<int>(entry.stages.size());
    s.tells(device, entry.condition, worst, "seen");
    const std::string alarm = cat(device, ".", entry.condition);
    if (pages_of(s, alarm).empty()) return;  // a P3
    s.tells(device, entry.condition, 0);
    s.wait(entry.clears_after + seconds(1));
    s.paged();
    s.wait(minutes(16));
    if (s.seen(alarm).find("cleared") == std::string::npos) return;  // nothing is left to confirm
    for (const Page& page : pages_of(s, alarm)) {
      ++confirms;
      expect_stands_alone(page.text, page.ack_code);
      EXPECT_EQ(page.text.find(" GO"), std::string::npos) << page.text;
    }
  });
  EXPECT_GT(confirms, 10);
  Story s(site);
  for (int i = 1; i <= 3; ++i) {
    s.reads_badly("temperature-top", Quality::sensor_broken, cat("freezer-", i));
    s.reads_badly("temperature-bottom", Quality::sensor_broken, cat("freezer-", i));
  }
  s.wait(minutes(20));
  bool group = false;
  s.paged();
  for (const Page& page : s.last_pages()) {
    expect_readable(page.text);
    expect_stands_alone(page.text, page.ack_code);
    group = group || page.text.find(" more of this cause") != std::string::npos;
  }
  EXPECT_TRUE(group);
}

// Whatever else is wrong in a room with bad air, its pages keep people out of it.
TEST(PageSweep, KeepsPeopleOutOfBadAirWhateverElseIsWrong) {
  const config::SiteConfig site = night_site(true);
  Sweep(true).every([&](const AlarmEntry& entry, const std::string& device) {
    if (device.empty() || device.starts_with("robot")) return;
    for (const bool known : {true, false}) {
      Story s(site);
      s.reads("oxygen-1", known ? Milli{17'200} : whole(20), "room-1");
      if (!known) s.reads_badly("oxygen-1", Quality::sensor_broken, "room-1");
      s.wait(seconds(5));
      s.paged();
      reach(s, site, entry, device, static_cast<int>(entry.stages.size()));
      s.paged();
      for (const Page& page : s.last_pages()) {
        SCOPED_TRACE(cat(device, ".", entry.condition));
        expect_readable(page.text);
        const bool of_room = page.text.find("Store room 1") != std::string::npos;
        if (!of_room) continue;
        EXPECT_EQ(page.text.find(" GO"), std::string::npos) << page.text;
        EXPECT_NE(page.text.substr(0, 140).find("DO NOT ENTER"), std::string::npos) << page.text;
      }
    }
  });
}

// What is spoken and mailed says the same in whole sentences; in Japanese no English is left of
// what the catalogue says.
TEST(PageSweep, IsSpokenInBothLanguages) {
  const config::SiteConfig site = night_site(false);
  Sweep(false).every([&](const AlarmEntry& entry, const std::string& device) {
    Story s(site);
    reach(s, site, entry, device, static_cast<int>(entry.stages.size()));
    const AlarmId alarm(alarm_of(entry, device));
    const PageFace face{"4471", 2, 1, "ben 02:50", 1};
    const std::string ja = s.board().spoken_text(s.now(), alarm, face, true);
    const std::string en = s.board().spoken_text(s.now(), alarm, face, false);
    EXPECT_NE(ja.find(entry.title_ja), std::string::npos) << ja;
    EXPECT_NE(ja.find(entry.action_ja), std::string::npos) << ja;
    EXPECT_EQ(ja.find(entry.action), std::string::npos) << ja;
    EXPECT_NE(en.find("4471"), std::string::npos) << en;
    EXPECT_NE(ja.find("4471"), std::string::npos) << ja;
    EXPECT_FALSE(matches(ja, "[0-9]:[0-9]{2}Z")) << ja;
    EXPECT_FALSE(matches(en, "[0-9]:[0-9]{2}Z")) << en;
  });
}

// The gateway's own words, when no daemon is there to say anything.
TEST(PageSweep, OwnWordsOfTheGatewayAreReadableAsWell) {
  pager::WatchConfig config;
  config.site = "cell-therapy-centre-hospital-north";
  config.zone = Zone::fixed(9 * 3600);
  for (int tier = 1; tier <= 3; ++tier) config.channels.push_back({cat("pager-", tier), tier});
  std::set<std::string> kinds;
  for (const pager::Link link :
       {pager::Link::never, pager::Link::down, pager::Link::refused, pager::Link::up}) {
    pager::MonitorWatch watch(config);
    Now now{Instant{5'000'000'000}, WallTime{1'795'500'000'000}};
    std::vector<pager::OwnPage> pages;
    ASSERT_TRUE(watch.start(now, Json()));
    const auto beat = [&](std::int64_t epoch, std::int64_t urgent) {
      EXPECT_TRUE(
          watch.on_beat(now, Json::object().set("epoch", epoch).set("active_p1", urgent), pages));
    };
    const auto pass = [&](Duration span) {
      for (std::int64_t s = 0; s < span.seconds(); s += 5) {
        now = {now.mono + seconds(5), now.wall + seconds(5)};
        if (watch.next_deadline() <= now.mono) watch.on_deadline(now, pages);
      }
    };
    if (link != pager::Link::never) {
      for (int epoch = 1; epoch <= 6; ++epoch) beat(epoch, 1);
      for (int i = 0; i < 80; ++i) {
        pass(seconds(5));
        beat(6, 1);
      }
    }
    watch.on_link(link);
    pass(minutes(12));
    beat(7, 0);
    watch.on_unreadable(now, 3, pages);
    for (const pager::OwnPage& one : pages) {
      const std::string text = one.page.string_or("text", "");
      expect_readable(text);
      kinds.insert(one.page.string_or("alarm", ""));
      if (text.find("MONITOR DEAD") == std::string::npos) continue;
      EXPECT_NE(text.substr(0, 140).find(cat("ack ", one.page.string_or("ack_code", "?"))),
                std::string::npos)
          << text;
    }
  }
  EXPECT_GE(kinds.size(), 4u) << "dead, restarts, unpaged, queue";
}

}  // namespace
}  // namespace cryobank::alarms
