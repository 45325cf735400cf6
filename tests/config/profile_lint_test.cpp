// One small profile per mistake, and the sentence that must be told.
#include "config/checks/profile_lint.hpp"

#include <gtest/gtest.h>

#include "base/text.hpp"
#include "tests/config/files_on_disk.hpp"

namespace cryobank::config {
namespace {

struct Case {
  std::string name;
  std::string rest;      // after the head below
  std::string expected;  // part of one finding; empty: no finding at all
  std::string head = {};
};

std::string point(const std::string& id, int address, const std::string& more) {
  return cat("[[point]]\nid = \"", id, "\"\ntable = \"holding\"\naddress = ", address,
             "\nprinted = \"", address, "\"\n", more);
}
const std::string kWord = "type = \"uint16\"\nunit = \"1\"\n";
const std::string kLong = "type = \"uint32\"\nunit = \"1\"\n";

constexpr std::string_view kUnwatched =
    "x.toml: expected a point that means one of level, weight, temperature-top, "
    "temperature-bottom: without them no alarm watches such a freezer\n";

std::string findings(const Case& each) {
  DeviceProfile profile;
  Faults faults;
  const std::string text =
      cat("id = \"x\"\ntitle = \"X\"\nkind = \"freezer\"\ntrust = \"published\"\nsource = \"s\"\n",
          each.head, each.rest);
  EXPECT_TRUE(parse_profile("x.toml", text, profile, faults)) << all_faults(faults);
  lint_profile(profile, faults);
  std::string found = all_faults(faults);
  // These profiles are made for one mistake each; that nothing watches such a freezer is a test of
  // its own.
  const std::size_t at = found.find(kUnwatched);
  return at == std::string::npos ? found : found.erase(at, kUnwatched.size());
}

std::string signed_word(const std::string& more) {
  return "type = \"int16\"\nunit = \"Cel\"\n" + more;
}

std::vector<Case> address_cases() {
  return {
      {"clean", point("a", 0, kWord) + point("b", 1, kLong) + point("c", 3, kWord), ""},
      {"no_points", "", "at least one [[point]]"},
      {"same_id", point("a", 0, kWord) + point("a", 1, kWord), "each point id once"},
      {"same_register", point("a", 4, kWord) + point("b", 4, kWord), "shares address 4 with \"a\""},
      {"straddle", point("a", 4, kLong) + point("b", 5, kWord),
       "starts in the middle of the 32-bit value \"a\" at 4"},
      {"shifted_pairs", point("a", 4, kLong) + point("b", 5, kLong),
       "starts in the middle of the 32-bit value \"a\" at 4"},
      {"two_bits_of_one_word",
       point("a", 4, "type = \"bit\"\nbit = 0\nunit = \"1\"\n") +
           point("b", 4, "type = \"bit\"\nbit = 1\nunit = \"1\"\n"),
       ""},
      {"same_bit_twice",
       point("a", 4, "type = \"bit\"\nbit = 1\nunit = \"1\"\n") +
           point("b", 4, "type = \"bit\"\nbit = 1\nunit = \"1\"\n"),
       "shares address 4"},
      {"past_the_end", point("a", 65535, kLong), "end at address 65535"},
      {"one_based",
       "[[point]]\nid = \"a\"\ntable = \"holding\"\naddress = 145\nprinted = \"145\"\n" + kWord,
       "expected address 144 for printed \"145\", came 145: one more than",
       "printed_form = \"decimal-1\"\n"},
      {"modicon_one_based",
       "[[point]]\nid = \"a\"\ntable = \"input\"\naddress = 1\nprinted = \"30001\"\n" + kWord,
       "expected address 0 for printed \"30001\"", "printed_form = \"modicon\"\n"},
      {"modicon_other_table",
       "[[point]]\nid = \"a\"\ntable = \"holding\"\naddress = 0\nprinted = \"30001\"\n" + kWord,
       "as a modicon address of table holding", "printed_form = \"modicon\"\n"},
      {"hex_read_as_decimal",
       "[[point]]\nid = \"a\"\ntable = \"holding\"\naddress = 530\nprinted = \"530\"\n" + kWord,
       "expected address 1328 for printed \"530\", came 530: the printed hexadecimal number read "
       "as decimal",
       "printed_form = \"hex\"\n"},
      {"decimal_read_as_hex",
       "[[point]]\nid = \"a\"\ntable = \"holding\"\naddress = 1328\nprinted = \"530\"\n" + kWord,
       "the printed decimal number read as hexadecimal"},
      {"not_printed", "[[point]]\nid = \"a\"\ntable = \"holding\"\naddress = 1\n" + kWord,
       "expected `printed`"},
  };
}

std::vector<Case> value_cases() {
  return {
      {"sentinel_inside_range", point("a", 0, signed_word("range = [-200, 0]\nsentinels = [0]\n")),
       "came 0x00000000 which reads 0"},
      {"signed_sentinel_inside_range",
       point("a", 0,
             "type = \"int16\"\nunit = \"mbar\"\nscale = \"1/10\"\nrange = [-4000, 0]\n"
             "sentinels = [0x8000]\n"),
       "which reads -3276.8"},
      {"float_sentinel_inside_range",
       point("a", 0,
             "type = \"float32\"\nunit = \"Cel\"\nrange = [-200, 0]\nsentinels = [0xC2FE0000]\n"),
       "which reads -127"},
      {"sentinel_outside_range",
       point("a", 0, signed_word("scale = \"1/10\"\nrange = [-200, 60]\nsentinels = [0x7FFF]\n")),
       ""},
      {"sentinel_too_wide", point("a", 0, signed_word("sentinels = [0x1FFFF]\n")),
       "sentinels of 16 bits"},
      {"writable_without_range", point("a", 0, kWord + "write = { class = \"setpoint\" }\n"),
       "a range of allowed values on a writable point"},
      {"write_range_outside",
       point("a", 0,
             kWord + "range = [0, 10]\nwrite = { class = \"setpoint\", range = [0, 11] }\n"),
       "a write range within the valid range [0, 10], came [0, 11]"},
      {"writable_input",
       "[[point]]\nid = \"a\"\ntable = \"input\"\naddress = 0\nprinted = \"0\"\n" + kWord +
           "write = { class = \"command\", range = [0, 1] }\n",
       "a coil or holding register to be writable"},
      {"confirm_point_unknown",
       point("a", 0,
             kWord + "write = { class = \"command\", range = [0, 1], confirm_point = \"b\" }\n"),
       "confirm_point to be a point"},
      {"wear_warning",
       point("a", 0,
             kWord + "write = { class = \"setpoint\", range = [0, 1], interval = \"10s\", "
                     "lifetime_budget = 100000 }\n"),
       "warning: point \"a\": writing every 10s uses the write budget up in 11 days"},
      {"fahrenheit", point("a", 0, "type = \"int16\"\nunit = \"degF\"\n"),
       "came \"degF\"; scale the value into \"Cel\""},
      {"inches", point("a", 0, "type = \"int16\"\nunit = \"in\"\n"), "into \"mm\""},
      {"unknown_unit", point("a", 0, "type = \"int16\"\nunit = \"furlong\"\n"), "came \"furlong\""},
      {"scale_zero", point("a", 0, kWord + "scale = 0\n"), "a scale other than 0"},
      {"unsigned_below_zero",
       point("a", 0, "type = \"uint16\"\nunit = \"Cel\"\nrange = [-200, 60]\n"), "a signed type"},
      {"range_out_of_reach",
       point("a", 0, "type = \"uint16\"\nscale = \"1/100\"\nunit = \"%\"\nrange = [700, 800]\n"),
       "a range that the type can reach, [0, 655.35], came [700, 800]"},
      {"scale_below_zero",
       point("a", 0, "type = \"uint16\"\nscale = \"-1/10\"\nunit = \"mm\"\nrange = [0, 2000]\n"),
       "a range that the type can reach, [-6553.5, 0], came [0, 2000]"},
      {"level_beyond_any_tank",
       point("level", 0, "type = \"uint16\"\nunit = \"mm\"\nrange = [0, 20000]\n"),
       "means level: expected a range within [0, 10000] mm, came [0, 20000]"},
      {"bit_value_two", point("a", 0, "type = \"bit\"\nunit = \"1\"\nvalues = { on = 2 }\n"),
       "values from 0 to 1, came 2"},
      {"bit_number_sixteen", point("a", 0, "type = \"bits\"\nunit = \"1\"\nvalues = { x = 16 }\n"),
       "bit numbers from 0 to 15, came 16"},
      {"two_names", point("a", 0, kWord + "values = { on = 1, open = 1 }\n"), "one name for 1"},
      {"coil_number",
       "[[point]]\nid = \"a\"\ntable = \"coil\"\naddress = 0\nprinted = \"0\"\n" + kWord,
       "type \"bit\" without a bit number in the coil"},
      {"frozen_switch", point("a", 0, "type = \"bit\"\nunit = \"1\"\nfrozen_after = \"1h\"\n"),
       "warning: point \"a\": frozen_after on a state"},
      {"identity_missing", "[identity]\npoint = \"b\"\nvalue = \"1\"\n" + point("a", 0, kWord),
       "identity: expected a point of this profile"},
      {"wider_than_one_read", "[quirks]\nregisters_max = 1\n" + point("a", 0, kLong),
       "at most 1 registers (quirk registers_max), came 2"},
      {"proof_of_nothing",
       point("a", 0, kWord) + "[[proof]]\norigin = \"document\"\nrequest = "
                              "\"0300000001\"\nresponse = \"03020001\"\npoint = \"b\"\nexpect = "
                              "\"1\"\n",
       "expected a point of this profile"},
      {"proof_that_does_not_parse",
       point("a", 0, kWord) + "[[proof]]\norigin = \"document\"\nrequest = "
                              "\"0300000001\"\nresponse = \"03040001\"\npoint = \"a\"\nexpect = "
                              "\"1\"\n",
       "a read request of 5 bytes and its answer"},
      {"proof_of_another_register",
       point("a", 7, kWord) + "[[proof]]\norigin = \"document\"\nrequest = "
                              "\"0300000001\"\nresponse = \"03020001\"\npoint = \"a\"\nexpect = "
                              "\"1\"\n",
       "expected a frame that reads holding 7, came function 3 address 0 count 1"},
      {"proof_that_nobody_saw",
       point("a", 0, kWord) +
           "[[proof]]\nrequest = \"0300000001\"\nresponse = \"03020001\"\npoint = \"a\"\nexpect = "
           "\"1\"\n",
       "1 of 1 proofs were made up"},
      {"colder_than_anything", point("a", 0, signed_word("scale = \"1/10\"\nrange = [-300, 20]\n")),
       "absolute zero"},
      {"lid_the_other_way_round", point("lid", 0, kWord + "values = { open = 0, shut = 1 }\n"),
       "means lid: expected open = 1, came 0"},
      {"deadband_of_a_state",
       point("a", 0, kWord + "values = { off = 0, on = 1 }\npublish_deadband = 1\n"),
       "expected publish_deadband of 0 or more, on a number only"},
      {"identity_as_the_page_prints_it",
       "identity = { point = \"a\", value = \"0xC0F1\" }\n" + point("a", 0, kWord), ""},
      {"identity_that_is_no_number",
       "identity = { point = \"a\", value = \"C0F1\" }\n" + point("a", 0, kWord),
       "expected `value` as a number"},
      {"unit_word_of_another_table",
       "identity = { point = \"a\", value = \"1\", unit = \"b\" }\n" + point("a", 0, kWord) +
           "[[point]]\nid = \"b\"\ntable = \"input\"\naddress = 1\nprinted = \"1\"\n" + kWord,
       "expected `unit` as a uint16 point"},
      {"one_byte_where_characters_are_counted",
       "[quirks]\ncounts_characters = true\n" + point("a", 0, kWord) +
           "[[proof]]\norigin = \"document\"\nrequest = \"0300000001\"\nresponse = "
           "\"030228\"\npoint "
           "= \"a\"\nexpect = \"40\"\n",
       ""},
      {"proof_beats_the_table",
       "[[point]]\nid = \"a\"\ntable = \"holding\"\naddress = 6\nprinted = \"7\"\n" + kWord +
           "[[proof]]\norigin = \"document\"\nrequest = \"0300060001\"\nresponse = "
           "\"03020001\"\npoint = \"a\"\nexpect = "
           "\"1\"\n",
       "warning: point \"a\": expected address 7"},
  };
}

class Lint : public ::testing::TestWithParam<Case> {};

TEST_P(Lint, TellsTheMistake) {
  const std::string found = findings(GetParam());
  if (GetParam().expected.empty()) {
    EXPECT_EQ(found, "");
  } else {
    EXPECT_NE(found.find(GetParam().expected), std::string::npos) << found;
    EXPECT_EQ(std::count(found.begin(), found.end(), '\n'), 1) << found;
  }
}
INSTANTIATE_TEST_SUITE_P(Addresses, Lint, ::testing::ValuesIn(address_cases()),
                         [](const auto& of) { return of.param.name; });
INSTANTIATE_TEST_SUITE_P(Values, Lint, ::testing::ValuesIn(value_cases()),
                         [](const auto& of) { return of.param.name; });

// 150,000 ppm are 15 %: under the unit "%" they would never be below a limit.
TEST(Lint, OxygenHasTheRangeOfOxygenInPercents) {
  const auto told = [](const std::string& range) {
    DeviceProfile profile;
    Faults faults;
    const std::string text =
        cat("id = \"x\"\ntitle = \"X\"\nkind = \"room\"\ntrust = \"published\"\nsource = \"s\"\n",
            point("oxygen-1", 0, "type = \"uint32\"\nunit = \"%\"\n" + range));
    EXPECT_TRUE(parse_profile("x.toml", text, profile, faults)) << all_faults(faults);
    lint_profile(profile, faults);
    return all_faults(faults);
  };
  EXPECT_EQ(told("range = [0, 30]\n"), "");
  EXPECT_NE(told("range = [0, 65000]\n")
                .find("means oxygen-1: expected a range within [0, 30] %, came [0, 65000]"),
            std::string::npos);
  EXPECT_NE(told("range = [0, 100]\n").find("came [0, 100]"), std::string::npos);
  EXPECT_NE(told("").find("within [0, 30] %, came none"), std::string::npos);
}

TEST(Lint, RobotMustSayHowItProvesAMotion) {
  DeviceProfile profile;
  profile.kind = DeviceKind::robot;
  Faults faults;
  lint_profile(profile, faults);
  EXPECT_NE(all_faults(faults).find("exactly_once"), std::string::npos);
}

TEST(Lint, TrustInFramesNeedsAFrame) {
  DeviceProfile profile;
  profile.trust = Trust::frames;
  Faults faults;
  lint_profile(profile, faults);
  EXPECT_NE(all_faults(faults).find("at least one [[proof]]"), std::string::npos);
}

TEST(Lint, KnowsTheNumberBehindAnIdentityInHexadecimal) {
  DeviceProfile profile;
  Faults faults;
  ASSERT_TRUE(parse_profile("x.toml",
                            "id = \"x\"\ntitle = \"X\"\nkind = \"freezer\"\ntrust = \"published\"\n"
                            "source = \"s\"\nidentity = { point = \"a\", value = \"0xC0F1\" }\n" +
                                point("a", 0, kWord),
                            profile, faults))
      << all_faults(faults);
  EXPECT_EQ(profile.identity_value, "49393");
}

TEST(Lint, AFreezerThatNothingWatchesIsRefused) {
  DeviceProfile profile;
  Faults faults;
  const std::string text =
      cat("id = \"x\"\ntitle = \"X\"\nkind = \"freezer\"\ntrust = \"published\"\nsource = \"s\"\n",
          point("a", 0, kWord));
  ASSERT_TRUE(parse_profile("x.toml", text, profile, faults)) << all_faults(faults);
  lint_profile(profile, faults);
  EXPECT_EQ(all_faults(faults), kUnwatched);
  EXPECT_FALSE(faults.ok());
}

}  // namespace
}  // namespace cryobank::config
