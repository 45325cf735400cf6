// Each story of tests/scenarios/stories, played; and docs/lead-times.md, which is the table of what
// they reached beside what the study of the real losses asks for.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <set>
#include <sstream>

#include "base/text.hpp"
#include "tests/scenarios/duty_stage.hpp"
#include "tests/scenarios/stage.hpp"

namespace cryobank::scenarios {
namespace {

namespace fs = std::filesystem;

const fs::path kStories = CRYOBANK_SOURCE_DIR "/tests/scenarios/stories";

std::string text_of_file(const fs::path& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::vector<std::string> story_names() {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(kStories)) {
    if (entry.path().extension() == ".story") names.push_back(entry.path().stem().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::string short_time(Duration time) {
  const std::int64_t s = time.seconds();
  if (s < 120) return cat(s, " s");
  if (s < 7'200) return cat(s / 60, " min");
  if (s < 172'800) return cat(s / 3600, " h");
  return cat(s / 86'400, " d");
}

// A row of the page's tables: what the stories reached here, or with the real programs.
struct PageRow {
  std::string line;
  std::vector<std::string> cells;
};

std::vector<PageRow> rows_of_page(bool real) {
  const std::string page = text_of_file(CRYOBANK_SOURCE_DIR "/docs/lead-times.md");
  const std::size_t second = page.find("\n## ");
  const std::string part = real ? page.substr(second) : page.substr(0, second);
  std::vector<PageRow> rows;
  for (const std::string_view line : split(part, '\n')) {
    if (!line.starts_with("| S")) continue;
    PageRow& row = rows.emplace_back(PageRow{std::string(line), {}});
    for (const std::string_view cell : split(line.substr(1), '|')) {
      row.cells.emplace_back(trim(cell));
    }
  }
  return rows;
}

class Scenario : public ::testing::TestWithParam<std::string> {
 protected:
  // The page says what this story reached, all of it and nothing else.
  void expect_on_page(const Story& story) const {
    std::string shown;
    for (const PageRow& row : rows_of_page(false)) {
      if (row.cells[0] == story.name) shown += row.line + "\n";
    }
    std::string reached;
    for (const std::string& line : table_) reached += line + "\n";
    std::cout << reached;
    EXPECT_EQ(reached, shown) << "docs/lead-times.md: put the lines above into its table";
  }
  void play_bank(const Story& story);

  std::vector<std::string> table_;  // lines of this story
};

Result<Story> story_of(const std::string& name) {
  return read_story(text_of_file(kStories / (name + ".story")));
}

std::string line_of(const Story& story, const Told& one, const std::string& what, Duration took,
                    const std::string& lead) {
  const Duration required = one.required.ns == 0 ? one.within : one.required;
  return cat("| ", story.name, " | ", story.title, " | ", what, " | ", short_time(required), " | ",
             short_time(took), " | ", lead, " |");
}

// How long each alarm took is within what the story allows, times `slower` per cent.
void expect_told(const Story& story, const Stage& stage, std::vector<std::string>* table) {
  for (const Told& one : story.told) {
    const auto at = stage.told(one.alarm, one.priority, one.from);
    ASSERT_TRUE(at) << one.alarm << " was never told\n" << stage.log();
    const std::int64_t allowed = one.within.seconds() * story.slower / 100;
    EXPECT_LE((*at - one.from).seconds(), allowed) << one.alarm << "\n" << stage.log();
    if (table == nullptr) continue;
    const std::string lead =
        story.loss.ns == 0 ? "" : short_time(std::max(Duration{}, story.loss - *at));
    table->push_back(
        line_of(story, one, cat("`", one.alarm, "` ", one.priority), *at - one.from, lead));
  }
}

void expect_quiet(const Story& story, const Stage& stage) {
  if (!story.never.empty()) {
    for (const char* const priority : {"p1", "p2", "p3"}) {
      if (priority <= story.never) {
        EXPECT_EQ(stage.raised(priority), 0) << priority << "\n" << stage.log();
      }
    }
  }
  if (story.pages_most >= 0) {
    EXPECT_LE(static_cast<int>(stage.causes_paged()), story.pages_most) << stage.log();
  }
  if (story.raised_most >= 0) {
    EXPECT_LE(stage.raised(), story.raised_most) << stage.log();
  }
}

// As the story says, or CRYOBANK_PLAYS: thousands of kills are a matter of minutes.
int plays_of(const Story& story) {
  const char* const asked = std::getenv("CRYOBANK_PLAYS");
  if (asked == nullptr) return story.plays;
  const Result<std::int64_t> plays = parse_integer(asked);
  EXPECT_TRUE(plays && *plays > 0) << "CRYOBANK_PLAYS: expected a number, came " << asked;
  return plays ? static_cast<int>(*plays) : story.plays;
}

// The slowest of all plays of a bank, each with a seed of its own.
void Scenario::play_bank(const Story& story) {
  std::vector<Duration> slowest(story.told.size() + story.heard.size());
  const int plays = plays_of(story);
  for (int seed = 1; seed <= plays; ++seed) {
    SCOPED_TRACE(cat("seed ", seed));
    DutyStage stage(story, static_cast<std::uint64_t>(seed));
    stage.play();
    std::size_t place = 0;
    for (const Told& one : story.told) {
      const auto at = stage.told(one.alarm, one.priority, one.from);
      ASSERT_TRUE(at) << one.alarm << " was never told\n" << stage.log();
      slowest[place] = std::max(slowest[place], *at - one.from);
      ++place;
    }
    for (const Told& one : story.heard) {
      const auto at = stage.heard(one.alarm, one.priority, one.from);
      ASSERT_TRUE(at) << one.alarm << " was never heard on " << one.priority << "\n" << stage.log();
      slowest[place] = std::max(slowest[place], *at - one.from);
      EXPECT_LE((*at - one.from).ms(), one.within.ms()) << one.alarm << "\n" << stage.log();
      ++place;
    }
    for (const Rule& rule : story.rules) {
      EXPECT_EQ(stage.broken(rule), "") << rule.word << "\n" << stage.log();
    }
  }
  std::size_t place = 0;
  for (const Told& one : story.told) {
    EXPECT_LE(slowest[place].ms(), one.within.ms()) << one.alarm;
    table_.push_back(
        line_of(story, one, cat("`", one.alarm, "` ", one.priority), slowest[place++], ""));
  }
  for (const Told& one : story.heard) {
    const std::string where = one.priority == "any" ? "a pager" : one.priority;
    table_.push_back(
        line_of(story, one, cat("`", one.alarm, "` heard on ", where), slowest[place++], ""));
  }
  for (const Rule& rule : story.rules) {
    table_.push_back(cat("| ", story.name, " | ", story.title, " | `", rule.word, "` in ",
                         story.plays, " plays | ", short_time(rule.limit), " | held | |"));
  }
  if (plays == story.plays) expect_on_page(story);
}

TEST_P(Scenario, IsToldInTime) {
  const Result<Story> story = story_of(GetParam());
  ASSERT_TRUE(story.ok()) << story.error().context;
  if (story->bank) return play_bank(*story);
  Stage stage(*story);
  stage.play();
  expect_told(*story, stage, &table_);
  expect_quiet(*story, stage);
  if (!story->never.empty()) {
    table_.push_back(cat("| ", story->name, " | ", story->title, " | nothing of ", story->never,
                         " or worse in ", short_time(story->end), " | | | |"));
  }
  expect_on_page(*story);
}

// Another tank, rate, hour, noise, step or cadence: what holds for the numbers of the study only
// was fitted to them.
TEST_P(Scenario, HoldsWithOtherNumbers) {
  const Result<Story> story = story_of(GetParam());
  ASSERT_TRUE(story.ok()) << story.error().context;
  EXPECT_FALSE(story->again.empty() && !story->bank) << "expected a line \"again ...\"";
  for (const std::vector<std::string>& words : story->again) {
    const Result<Story> other = with_numbers(*story, words);
    ASSERT_TRUE(other.ok()) << other.error().context;
    std::string numbers;
    for (const std::string& word : words) numbers += " " + word;
    SCOPED_TRACE(numbers);
    Stage stage(*other);
    stage.play();
    expect_told(*other, stage, nullptr);
    expect_quiet(*other, stage);
  }
}

INSTANTIATE_TEST_SUITE_P(Stories, Scenario, ::testing::ValuesIn(story_names()),
                         [](const auto& one) { return one.param; });

TEST(StoryFile, OfEachLineOfThePageIsThere) {
  std::set<std::string> stories, shown;
  for (const std::string& name : story_names()) {
    const Result<Story> story = story_of(name);
    ASSERT_TRUE(story.ok()) << name;
    EXPECT_TRUE(stories.insert(story->name).second) << "two stories are called " << story->name;
  }
  for (const PageRow& row : rows_of_page(false)) shown.insert(row.cells[0]);
  EXPECT_EQ(shown, stories);
}

// Beside what the real programs reached stands what the simulated world did.
TEST(StoryFile, OfTheRealProgramsHasTheFiguresOfTheSimulatedWorldBesideIt) {
  std::map<std::string, std::string> reached;
  for (const auto& [line, cells] : rows_of_page(false)) {
    reached[cat(cells[0], " ", cells[2])] = cells[4];
  }
  int compared = 0;
  for (const auto& [line, cells] : rows_of_page(true)) {
    if (!cells[1].starts_with('`')) continue;
    EXPECT_EQ(cells[3], reached[cat(cells[0], " ", cells[1])]) << line;
    ++compared;
  }
  EXPECT_GE(compared, 5);
}

TEST(StoryFile, RefusesAWordThatItDoesNotKnow) {
  const Result<Story> story = read_story("story S9 x\ntanks two\n");
  ASSERT_FALSE(story.ok());
  EXPECT_NE(story.error().context.find("line 2"), std::string::npos);
  EXPECT_FALSE(read_story("at noon breach\n").ok());
  EXPECT_FALSE(read_story("told level-low p1 after 3h\n").ok());
  EXPECT_FALSE(with_numbers({}, {"tanks", "3"}).ok()) << "of another story";
}

}  // namespace
}  // namespace cryobank::scenarios
