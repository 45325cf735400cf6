// The shipped alarm catalogue: whole, consistent, and what docs/alarms.md says of it.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <string>

#include "base/text.hpp"
#include "config/alarm_catalogue.hpp"
#include "config/duration.hpp"
#include "config/meaning.hpp"

namespace cryobank::config {
namespace {

std::string limits_of(const AlarmEntry& entry) {
  std::string out;
  for (const AlarmStage& stage : entry.stages) {
    out += cat(out.empty() ? "" : "; ", name_of(stage.priority));
    const bool measured = entry.when == AlarmWhen::above || entry.when == AlarmWhen::below;
    if (measured) {
      out += entry.when == AlarmWhen::above ? " above " : " below ";
      out += stage.limit_of;
      if (!stage.limit_of.empty() && stage.limit.v != 0) out += " + ";
      if (stage.limit_of.empty() || stage.limit.v != 0) out += format_milli(stage.limit);
    }
    if (stage.after.ns > 0) out += cat(" after ", format_duration(stage.after));
    if (stage.readings > 1) out += cat(" and ", stage.readings, " values");
  }
  return out;
}

std::string kinds_of(const AlarmEntry& entry) {
  std::string out;
  for (const DeviceKind kind : entry.of) out += cat(out.empty() ? "" : ", ", name_of(kind));
  return out.empty() ? "the service" : out;
}

// The table of docs/alarms.md, section 4.
std::string table() {
  std::string out =
      "| condition | of | tells | deadband | clears after | latch | respond within | group |\n"
      "|---|---|---|---|---|---|---|---|\n";
  for (const AlarmEntry& entry : shipped_alarms().entries()) {
    out += cat("| `", entry.condition, "` | ", kinds_of(entry), " | ", limits_of(entry), " | ",
               entry.deadband.v == 0 ? "" : format_milli(entry.deadband), " | ",
               entry.clears_after.ns == 0 ? "at once" : format_duration(entry.clears_after), " | ",
               name_of(entry.latch), " | ", format_duration(entry.respond_within), " | ",
               entry.group, " |\n");
  }
  return out;
}

// Sources of what tells conditions: the rooms of devices, inventory and service.
std::string sources() {
  std::string all;
  for (const char* const room : {"/devices", "/inventory", "/service"}) {
    const std::string root = std::string(CRYOBANK_SOURCE_DIR) + room;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(root)) {
      const std::string path = entry.path().string();
      if (!entry.is_regular_file() || path.find("/simulator/") != std::string::npos) continue;
      std::ifstream file(path);
      std::stringstream text;
      text << file.rdbuf();
      all += text.str();
    }
  }
  return all;
}

std::string page_text() {
  std::ifstream file(std::string(CRYOBANK_SOURCE_DIR) + "/docs/alarms.md");
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

TEST(Catalogue, IsWhatItsPageSays) {
  EXPECT_NE(page_text().find(table()), std::string::npos)
      << "docs/alarms.md, section 4, must hold:\n"
      << table();
}

TEST(Catalogue, SignalsAreMeanings) {
  for (const AlarmEntry& entry : shipped_alarms().entries()) {
    for (const DeviceKind kind : entry.of) {
      if (!entry.signal.empty()) {
        EXPECT_NE(find_meaning(entry.signal, kind), nullptr) << entry.condition;
      }
      for (const std::string& need : entry.needs) {
        EXPECT_NE(find_meaning(need, kind), nullptr) << entry.condition << " needs " << need;
      }
      for (const std::string& other : entry.joins) {
        EXPECT_NE(shipped_alarms().find(other, kind), nullptr) << entry.condition << " " << other;
      }
      for (const std::string& other : entry.suppresses) {
        EXPECT_NE(shipped_alarms().find(other), nullptr) << entry.condition;
      }
    }
  }
}

// An alarm without an action is a reading.
// An alarm that nobody can raise is a promise that nobody keeps.
TEST(Catalogue, EachThatIsToldHasSomebodyWhoTellsIt) {
  const std::string all = sources();
  for (const AlarmEntry& entry : shipped_alarms().entries()) {
    if (entry.when != AlarmWhen::told) continue;
    EXPECT_NE(all.find(cat("\"", entry.condition, "\"")), std::string::npos)
        << entry.condition << " stands in the catalogue and in no source";
  }
}

TEST(Catalogue, EachSaysWhyWhatFollowsAndWhatToDo) {
  for (const AlarmEntry& entry : shipped_alarms().entries()) {
    EXPECT_FALSE(entry.title.empty() || entry.why.empty() || entry.consequence.empty() ||
                 entry.action.empty())
        << entry.condition;
    EXPECT_LE(entry.action.size(), 90u) << entry.condition << ": a page has no room for more";
    if (entry.stages.back().priority == AlarmPriority::p1) {
      EXPECT_LE(entry.respond_within, hours(8)) << entry.condition;
    }
  }
}

// Whoever works in Japanese reads cause, consequence and steps of every alarm, none left in
// English.
TEST(Catalogue, EachIsSaidInJapaneseToo) {
  for (const AlarmEntry& entry : shipped_alarms().entries()) {
    for (const std::string* text :
         {&entry.title_ja, &entry.why_ja, &entry.consequence_ja, &entry.action_ja}) {
      const bool japanese = text->find("\xE3\x81") != std::string::npos ||  // hiragana, katakana
                            text->find("\xE3\x82") != std::string::npos ||
                            text->find("\xE3\x83") != std::string::npos || text == &entry.title_ja;
      const bool plain = std::ranges::all_of(*text, [](char c) { return (c & 0x80) == 0; });
      EXPECT_TRUE(japanese && !plain) << entry.condition << ": \"" << *text << "\"";
      EXPECT_TRUE(is_utf8(*text)) << entry.condition;
    }
    EXPECT_LE(entry.action_ja.size(), 3 * 60u) << entry.condition << ": too long to be spoken";
  }
}

TEST(Catalogue, RefusesAnEntryWithoutJapanese) {
  AlarmCatalogue catalogue;
  Faults faults;
  EXPECT_FALSE(parse_alarm_catalogue(
      "x.toml",
      "[[alarm]]\ncondition = \"x\"\nof = [\"freezer\"]\ngroup = \"g\"\nwhen = \"told\"\n"
      "stages = [{priority = \"p3\"}]\n"
      "title = \"t\"\nwhy = \"w\"\nconsequence = \"c\"\naction = \"a\"\n",
      catalogue, faults));
  std::string all;
  for (const Fault& fault : faults.items()) all += format_fault(fault);
  for (const char* const key : {"title_ja", "why_ja", "consequence_ja", "action_ja"}) {
    EXPECT_NE(all.find(key), std::string::npos) << all;
  }
}

struct Wrong {
  std::string_view what;
  std::string_view text;
  std::string_view told;
};

TEST(Catalogue, RefusesWhatItCannotMean) {
  const std::string_view head =
      "[[alarm]]\ncondition = \"x\"\nof = [\"freezer\"]\ngroup = \"g\"\n"
      "title = \"t\"\nwhy = \"w\"\nconsequence = \"c\"\naction = \"a\"\n"
      "title_ja = \"t\"\nwhy_ja = \"w\"\nconsequence_ja = \"c\"\naction_ja = \"a\"\n";
  for (const Wrong& wrong :
       {Wrong{"no stage", "when = \"told\"\nstages = []\n", "expected 1 to 3"},
        Wrong{"a milder stage after a worse one",
              "when = \"told\"\nstages = [{priority = \"p1\"}, {priority = \"p2\"}]\n",
              "mildest first"},
        Wrong{"a word that is no priority", "when = \"told\"\nstages = [{priority = \"p0\"}]\n",
              "priority"},
        Wrong{"a value without a signal", "when = \"above\"\nstages = [{priority = \"p1\"}]\n",
              "expected the meaning of a point"},
        Wrong{"a count in words",
              "when = \"told\"\ncount = \"often\"\nstages = [{priority = \"p1\"}]\n", "5 in 10min"},
        Wrong{"an unknown key",
              "when = \"told\"\nstages = [{priority = \"p1\"}]\nlach = \"none\"\n", "lach"}}) {
    AlarmCatalogue catalogue;
    Faults faults;
    EXPECT_FALSE(parse_alarm_catalogue("x.toml", cat(head, wrong.text), catalogue, faults))
        << wrong.what;
    std::string all;
    for (const Fault& fault : faults.items()) all += format_fault(fault);
    EXPECT_NE(all.find(wrong.told), std::string::npos) << wrong.what << ": " << all;
  }
}

}  // namespace
}  // namespace cryobank::config
