// Pages and code say the same: every key of the store is in the table of docs/store-format.md,
// every topic on the broker's page, and every member of a site's configuration is read by somebody
// beside the configuration itself.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>

#include "base/text.hpp"
#include "tests/house/source_text.hpp"

namespace cryobank::house {
namespace {

constexpr std::string_view kKeepers[] = {"base/", "config/", "devices/", "inventory/", "service/"};

bool is_kept_by(const SourceFile& file) {
  return is_cpp(file.path) && std::ranges::any_of(kKeepers, [&file](std::string_view folder) {
           return file.path.starts_with(folder);
         });
}

// "j/<sequence>" and "`m/probe`" give what stands before what differs: "j/", "m/probe".
std::set<std::string> keys_of_page() {
  static const std::regex kKey("`([a-z]/[a-z/-]*)[^`]*`");
  std::ifstream file(std::filesystem::path(CRYOBANK_SOURCE_DIR) / "docs/store-format.md");
  std::set<std::string> keys;
  std::string line;
  while (std::getline(file, line) && !line.starts_with("## 2.")) {
    if (!line.starts_with("| `")) continue;
    const std::string cell = line.substr(0, line.find(" | "));
    for (std::sregex_iterator at(cell.begin(), cell.end(), kKey), end; at != end; ++at) {
      keys.insert((*at)[1].str());
    }
  }
  return keys;
}

// The literals that begin like a key of the store; "m/event0" ends a range of keys.
std::set<std::string> keys_of_code() {
  static const std::regex kKey("\"([jtkmerhc]/[a-z~/-]*)");
  std::set<std::string> keys;
  for (const SourceFile& file : read_tree(CRYOBANK_SOURCE_DIR)) {
    if (!is_kept_by(file)) continue;
    for (const std::string& line : file.raw) {
      const std::string text = line.substr(0, line.find("//"));
      for (std::sregex_iterator at(text.begin(), text.end(), kKey), end; at != end; ++at) {
        keys.insert((*at)[1].str());
      }
    }
  }
  return keys;
}

TEST(Pages, TheTableOfTheStoreHasEveryKeyAndNoOther) {
  const std::set<std::string> shown = keys_of_page();
  const std::set<std::string> used = keys_of_code();
  ASSERT_GT(shown.size(), 10U);
  // "`r/` else": rows of the ledger have their kind as the next part.
  const auto covers = [](const std::set<std::string>& by, const std::string& key) {
    return std::ranges::any_of(by, [&key](const std::string& one) {
      return key.starts_with(one) || one.starts_with(key);
    });
  };
  for (const std::string& key : used) {
    EXPECT_TRUE(key == "m/" || covers(shown, key)) << key << " is in no row of section 1";
  }
  for (const std::string& key : shown) {
    EXPECT_TRUE(covers(used, key)) << key << " is used by nobody";
  }
}

// "device/{}/point/{}" of the table is "device/{device}/point/{point}" on the page.
TEST(Pages, EveryTopicStandsOnThePageOfTheBroker) {
  const std::filesystem::path root = CRYOBANK_SOURCE_DIR;
  std::ifstream file(root / "docs/mqtt.md");
  const std::string page{std::istreambuf_iterator<char>(file), {}};
  static const std::regex kTopic("TopicKind::[a-z_]+, \"([a-z/{}]+)\"");
  static const std::regex kSlot("\\{\\}");
  std::ifstream code(root / "service/wire/topics.cpp");
  std::string line;
  int topics = 0;
  while (std::getline(code, line)) {
    std::smatch found;
    if (!std::regex_search(line, found, kTopic)) continue;
    const std::string form = std::regex_replace(found[1].str(), kSlot, "\\{[a-z_]+\\}");
    EXPECT_TRUE(std::regex_search(page, std::regex("[`/]" + form + "`"))) << found[1];
    ++topics;
  }
  EXPECT_GT(topics, 25);
}

// Read where the configuration is taken in, and by what it offers to others. Each with its reason.
const std::map<std::string_view, std::string_view> kReadInside = {
    {"closed_weekdays", "CalendarConfig answers for a day"},
    {"closures", "as closed_weekdays"},
    {"holiday_list", "the list that it names is read at load"},
    {"holidays", "as closed_weekdays"},
    {"limit_of", "a limit by name becomes a number at load"},
    {"line_number", "where a fault is told"},
    {"log_n", "SecretCost, in the hash itself"},
    {"mechanical", "which signals a freezer must have is judged at load"},
    {"named_on_site", "as mechanical"},
    {"printed_form", "a profile is held against its source's numbers at load"},
    {"printed_offset", "as printed_form"},
    {"publish_deadbands", "DeviceConfig answers for a point"},
    {"publish_deadband", "as publish_deadbands"},
    {"reculture_limit_hours", "ProtocolConfig answers with culture_limit()"},
    {"robot_address", "the simulated robot's own, and called that in the example"},
    {"to_minute", "DutyConfig, by on_duty()"},
    {"total_doses", "holds the doses of a protocol against their fraction at load"},
    {"weekdays", "as to_minute"},
};

std::map<std::string, std::string> members_of_configuration(const std::vector<SourceFile>& files) {
  static const std::regex kMember("^  [A-Za-z_:<>, 0-9]+ ([a-z_0-9]+)( = [^;]*|\\{[^;]*\\})?;.*$");
  static const std::regex kOther("^  (using|static|enum|struct|bool operator|auto operator) .*$");
  std::map<std::string, std::string> members;
  for (const SourceFile& file : files) {
    if (!file.path.starts_with("config/") || !file.path.ends_with(".hpp")) continue;
    bool inside = false;
    for (const std::string& line : file.code) {
      if (line.starts_with("struct ")) inside = line.ends_with("{");
      if (line.starts_with("}")) inside = false;
      std::smatch found;
      if (!inside || std::regex_match(line, kOther)) continue;
      if (std::regex_match(line, found, kMember)) members.emplace(found[1], file.path);
    }
  }
  return members;
}

std::set<std::string> unread_in(const std::vector<SourceFile>& files) {
  std::set<std::string> read;
  for (const SourceFile& file : files) {
    // The simulated machines are no reader: what they alone know steers nothing.
    const bool simulated = file.path.starts_with("devices/simulator/");
    if (!is_kept_by(file) || simulated || file.path.starts_with("config/")) continue;
    for (const std::string& line : file.code) {
      for (const Word& word : words_of(line)) read.emplace(word.text);
    }
  }
  std::set<std::string> unread;
  for (const auto& [member, header] : members_of_configuration(files)) {
    if (!read.contains(member)) unread.insert(member);
  }
  return unread;
}

TEST(Pages, EveryMemberOfTheConfigurationIsReadOutsideOfIt) {
  const auto files = read_tree(CRYOBANK_SOURCE_DIR);
  EXPECT_GT(members_of_configuration(files).size(), 250U);
  const std::set<std::string> unread = unread_in(files);
  for (const std::string& member : unread) {
    EXPECT_TRUE(kReadInside.contains(member)) << member << " is declared and steers nothing";
  }
  for (const auto& [member, why] : kReadInside) {
    EXPECT_TRUE(unread.contains(std::string(member))) << member << " needs no excuse any more";
  }
}

TEST(Pages, AMemberThatNobodyReadsIsFound) {
  const std::set<std::string> unread = unread_in({
      make_source("config/x.hpp", "struct X {\n  int asked = 0;\n  std::string idle;\n};\n"),
      make_source("config/parse.cpp", "reader.text(\"idle\", x.idle);\n"),
      make_source("service/a.cpp", "return x.asked;\n"),
  });
  EXPECT_EQ(unread, std::set<std::string>{"idle"});
}

}  // namespace
}  // namespace cryobank::house
