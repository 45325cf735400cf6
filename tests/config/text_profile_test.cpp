// Profiles of text devices: what parses, and one small profile per mistake.
#include <gtest/gtest.h>

#include "base/text.hpp"
#include "config/checks/profile_lint.hpp"
#include "config/text_line.hpp"
#include "tests/config/files_on_disk.hpp"

namespace cryobank::config {
namespace {

const std::string kPoint =
    "[[point]]\nid = \"top\"\nmeans = \"temperature-top\"\nunit = \"Cel\"\nrange = [-200, 60]\n"
    "step_max = 20\n";
const std::string kAsked = "[[line]]\nask = \"{unit} TEMPA?\"\ntext = \"{top}\"\n";

std::string head(std::string_view kind) {
  return cat("id = \"x\"\ntitle = \"X\"\nkind = \"", kind,
             "\"\ntrust = \"derived\"\nsource = \"s\"\nprotocol = \"text\"\n"
             "exactly_once = \"operator-confirms\"\n");
}

std::string findings(const std::string& rest, std::string_view kind = "freezer") {
  DeviceProfile profile;
  Faults faults;
  if (parse_profile("x.toml", head(kind) + rest, profile, faults)) lint_profile(profile, faults);
  return all_faults(faults);
}

TEST(TextProfile, NeedsNoRegisters) {
  DeviceProfile profile;
  Faults faults;
  ASSERT_TRUE(parse_profile("x.toml", head("freezer") + kPoint + kAsked, profile, faults))
      << all_faults(faults);
  lint_profile(profile, faults);
  EXPECT_EQ(all_faults(faults), "");
  EXPECT_TRUE(profile.is_text());
  ASSERT_EQ(profile.lines.size(), 1u);
  EXPECT_EQ(fill_unit(profile.lines[0].ask, 12), "012 TEMPA?");
  EXPECT_EQ(profile.points[0].write.write_class, WriteClass::never);
}

TEST(TextProfile, TellsEachMistake) {
  const std::string unasked = "[[line]]\ntext = ";
  const struct {
    const char* name;
    std::string rest;
    const char* expected;
    const char* kind = "freezer";
  } cases[] = {
      {"registers", kPoint + "table = \"input\"\naddress = 0\n" + kAsked, "table"},
      {"writable", kPoint + "write = { class = \"setpoint\" }\n" + kAsked, "write"},
      {"no lines", kPoint, "at least one [[line]]"},
      {"untold", kPoint + "[[point]]\nid = \"b\"\nunit = \"1\"\nrange = [0, 1]\n" + kAsked,
       "point \"b\": expected a [[line]] that tells it"},
      {"no range", "[[point]]\nid = \"top\"\nunit = \"Cel\"\n" + kAsked,
       "expected a range: a line of text has no checksum"},
      {"no unit", "[[point]]\nid = \"top\"\nrange = [0, 1]\n" + kAsked, "unit"},
      {"wrong unit", "[[point]]\nid = \"top\"\nunit = \"degC\"\nrange = [0, 1]\n" + kAsked,
       "scale the value into \"Cel\""},
      {"no such point", kPoint + kAsked + "[[line]]\nask = \"B?\"\ntext = \"{b}\"\n", "came {b}"},
      {"twice in a line", kPoint + "[[line]]\nask = \"A?\"\ntext = \"{top} {top}\"\n",
       "expected {top} once"},
      {"marks together", kPoint + "[[line]]\nask = \"A?\"\ntext = \"{any}{top}\"\n",
       "expected text between two marks"},
      {"open mark", kPoint + "[[line]]\nask = \"A?\"\ntext = \"{top\"\n", "expected '}'"},
      {"closed mark", kPoint + "[[line]]\nask = \"A?\"\ntext = \"top}\"\n", "expected '{'"},
      {"tells nothing", kPoint + kAsked + "[[line]]\nask = \"B?\"\ntext = \"OK\"\n",
       "expected an answer that tells a point"},
      {"asked twice", kPoint + kAsked + kAsked, "each question and each line once"},
      {"same line twice", kPoint + unasked + "\"T: {top}\"\n" + unasked + "\"t:  {top}\"\n",
       "each question and each line once"},
      {"both manners", kPoint + kAsked + unasked + "\"T: {top}\"\n",
       "in every [[line]] or in none"},
      {"line of anything", kPoint + unasked + "\"{top}\"\n", "begin with text of its own"},
      {"question with a line end", kPoint + "[[line]]\nask = \"A?\\r\"\ntext = \"{top}\"\n",
       "printable characters"},
      {"mark in a question", kPoint + "[[line]]\nask = \"{top}?\"\ntext = \"{top}\"\n",
       "no mark but one {unit}"},
      {"sets no point",
       kPoint + unasked + "\"T: {top}\"\n" + unasked + "\"LID\"\nsets = { lid = 1 }\n",
       "came \"lid\""},
      {"sets out of range",
       kPoint + unasked + "\"T: {top}\"\n" + unasked + "\"LID\"\nsets = { top = 100 }\n",
       "within its range"},
      {"robot", kPoint + kAsked, "text devices are read only", "robot"},
      {"proof of another question",
       kPoint + kAsked +
           "[[proof]]\norigin = \"document\"\nrequest = \"TEMPA?\"\nresponse = \"-1\"\npoint = "
           "\"top\"\n"
           "expect = \"-1\"\n",
       "expected `request` as a question of this profile to unit 1"},
      {"proof of no point",
       kPoint + kAsked +
           "[[proof]]\norigin = \"document\"\nrequest = \"001 TEMPA?\"\nresponse = \"-1\"\npoint = "
           "\"x\"\n"
           "expect = \"-1\"\n",
       "expected a point of this profile"},
  };
  for (const auto& c : cases) {
    const std::string found = findings(c.rest, c.kind);
    EXPECT_NE(found.find(c.expected), std::string::npos) << c.name << ": " << found;
  }
}

TEST(TextProfile, RegisterProfilesKnowNoLines) {
  DeviceProfile profile;
  Faults faults;
  EXPECT_FALSE(parse_profile("x.toml",
                             "id = \"x\"\ntitle = \"X\"\nkind = \"freezer\"\ntrust = \"derived\"\n"
                             "source = \"s\"\n" +
                                 kAsked,
                             profile, faults));
  EXPECT_NE(all_faults(faults).find("line"), std::string::npos);
}

TEST(TextPattern, BlanksBesideAValueAreNoText) {
  const auto pieces = parse_text_pattern("Liquid  Level: {level}  CM");
  ASSERT_TRUE(pieces);
  ASSERT_EQ(pieces->size(), 3u);
  EXPECT_EQ((*pieces)[0].text, "liquid level:");
  EXPECT_EQ((*pieces)[1].text, "level");
  EXPECT_EQ((*pieces)[2].text, "cm");
}

}  // namespace
}  // namespace cryobank::config
