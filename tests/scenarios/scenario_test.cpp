// Each story of tests/scenarios/stories, played; and docs/lead-times.md, which is the table of what
// they reached beside what the study of the real losses asks for.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>

#include "base/text.hpp"
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

// Lines of the table, by story; gtest runs the stories in the order of their names.
std::vector<std::string>& table() {
  static std::vector<std::string> lines;
  return lines;
}

class Scenario : public ::testing::TestWithParam<std::string> {
 protected:
  // When every story was played: the page has what they reached.
  static void TearDownTestSuite() {
    std::string lines;
    for (const std::string& line : table()) lines += line + "\n";
    std::cout << lines;
    if (stories_played() < story_names().size()) return;
    const std::string page = text_of_file(CRYOBANK_SOURCE_DIR "/docs/lead-times.md");
    EXPECT_NE(page.find(lines), std::string::npos)
        << "docs/lead-times.md: put the lines above into its table";
  }
  static std::size_t& stories_played() {
    static std::size_t played = 0;
    return played;
  }
};

TEST_P(Scenario, IsToldInTime) {
  const Result<Story> story = read_story(text_of_file(kStories / (GetParam() + ".story")));
  ASSERT_TRUE(story.ok()) << story.error().context;
  Stage stage(*story);
  stage.play();
  ++stories_played();
  for (const Told& one : story->told) {
    const auto at = stage.told(one.alarm, one.priority, one.from);
    ASSERT_TRUE(at) << one.alarm << " was never told\n" << stage.log();
    EXPECT_LE((*at - one.from).seconds(), one.within.seconds()) << one.alarm << "\n" << stage.log();
    const Duration required = one.required.ns == 0 ? one.within : one.required;
    const std::string lead =
        story->loss.ns == 0 ? "" : short_time(std::max(Duration{}, story->loss - *at));
    table().push_back(cat("| ", story->name, " | ", story->title, " | `", one.alarm, "` ",
                          one.priority, " | ", short_time(required), " | ",
                          short_time(*at - one.from), " | ", lead, " |"));
  }
  if (!story->never.empty()) {
    for (const char* const priority : {"p1", "p2", "p3"}) {
      if (priority <= story->never) {
        EXPECT_EQ(stage.raised(priority), 0) << priority << "\n" << stage.log();
      }
    }
    table().push_back(cat("| ", story->name, " | ", story->title, " | nothing of ", story->never,
                          " or worse in ", short_time(story->end), " | | | |"));
  }
  if (story->pages_most >= 0) {
    EXPECT_LE(static_cast<int>(stage.causes_paged()), story->pages_most) << stage.log();
  }
  if (story->raised_most >= 0) {
    EXPECT_LE(stage.raised(), story->raised_most) << stage.log();
  }
}

INSTANTIATE_TEST_SUITE_P(Stories, Scenario, ::testing::ValuesIn(story_names()),
                         [](const auto& one) { return one.param; });

TEST(StoryFile, RefusesAWordThatItDoesNotKnow) {
  const Result<Story> story = read_story("story S9 x\ntanks two\n");
  ASSERT_FALSE(story.ok());
  EXPECT_NE(story.error().context.find("line 2"), std::string::npos);
  EXPECT_FALSE(read_story("at noon breach\n").ok());
  EXPECT_FALSE(read_story("told level-low p1 after 3h\n").ok());
}

}  // namespace
}  // namespace cryobank::scenarios
