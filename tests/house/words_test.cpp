// One word, one thing: a type's name stands for the same thing wherever it is read. Names of
// headers in a namespace of ours are looked at; what a class or a file keeps for itself is not seen
// by anybody else. The simulated machines have the names of the real ones.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "base/text.hpp"
#include "tests/house/rules.hpp"

namespace cryobank::house {
namespace {

constexpr std::string_view kNamedIn[] = {"base/", "config/", "devices/", "inventory/", "service/"};
constexpr std::string_view kSimulated = "devices/simulator/";

// In two places, each with its reason.
const std::map<std::string_view, std::string_view> kTwice = {
    {"Fault", "the fault word of the robot's block is always written robot_block::Fault"},
};

// "class Freezer final : public Model {" gives Freezer; a declaration, a member of a class and an
// enumerator give nothing.
std::string_view type_of(std::string_view line) {
  for (const std::string_view kind : {"class ", "struct ", "enum class ", "using "}) {
    if (!line.starts_with(kind)) continue;
    line.remove_prefix(kind.size());
    const auto end = std::ranges::find_if(line, [](char c) {
      return (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') && (c < '0' || c > '9');
    });
    const std::string_view name = line.substr(0, static_cast<std::size_t>(end - line.begin()));
    const std::string_view rest = line.substr(name.size());
    const bool inside = rest.starts_with("::");
    if (name.empty() || inside || rest.starts_with(";") || rest.starts_with("<")) return {};
    return name;
  }
  return {};
}

// The headers of each name.
std::map<std::string, std::set<std::string>> types_in(const std::vector<SourceFile>& files) {
  std::map<std::string, std::set<std::string>> types;
  for (const SourceFile& file : files) {
    const bool ours = std::ranges::any_of(
        kNamedIn, [&file](std::string_view folder) { return file.path.starts_with(folder); });
    if (!ours || !file.path.ends_with(".hpp") || file.path.starts_with(kSimulated)) continue;
    for (const std::string& line : file.code) {
      const std::string_view type = type_of(line);
      if (!type.empty()) types[std::string(type)].insert(file.path);
    }
  }
  std::erase_if(types, [](const auto& item) { return item.second.size() < 2; });
  return types;
}

TEST(Words, EachTypeHasANameOfItsOwn) {
  const auto twice = types_in(read_tree(CRYOBANK_SOURCE_DIR));
  for (const auto& [name, headers] : twice) {
    std::string where;
    for (const std::string& header : headers) where += cat(" ", header);
    EXPECT_TRUE(kTwice.contains(name)) << name << " stands for two things:" << where;
  }
  for (const auto& [name, why] : kTwice) {
    EXPECT_TRUE(twice.contains(std::string(name))) << name << " needs no excuse any more";
  }
}

TEST(Words, ANameOfTwoThingsIsFound) {
  const auto found = types_in({
      make_source("devices/plant/room.hpp", "class Room {\n  struct Past {};\n};\nclass Board;\n"),
      make_source("service/wire/work.hpp", "enum class Room : std::uint8_t { alarms };\n"),
      make_source("service/alarms/board.hpp", "class Board final {\n};\nstruct Board::Parts {\n"),
      make_source("devices/simulator/room.hpp", "class Room : public Machine {\n};\n"),
      make_source("service/alarms/board.cpp", "struct Room {\n};\n"),
  });
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found.begin()->first, "Room");
  EXPECT_EQ(found.begin()->second.size(), 2U);
}

}  // namespace
}  // namespace cryobank::house
