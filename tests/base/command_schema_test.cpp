#include "base/command_schema.hpp"

#include <gtest/gtest.h>

#include "base/spelling.hpp"

namespace cryobank {
namespace {

constexpr std::string_view kColours[] = {"red", "green"};
constexpr std::string_view kAnyRole[] = {"operator"};
constexpr BodyKey kAnId = key::id("");
constexpr BodyKey kItemKeys[] = {key::id("vial").must(), key::flag("warm")};
constexpr Shape kItem{kItemKeys};
constexpr BodyKey kAnItem = key::object("", kItem);
constexpr BodyKey kIds = key::list("many", kAnId, 1, 3);
constexpr std::string_view kOneOfTwo[] = {"vial", "items"};
constexpr std::string_view kNotBoth[] = {"left", "right"};
constexpr Choice kChoices[] = {{kOneOfTwo}, {kNotBoth, false}};
constexpr BodyKey kKeys[] = {
    key::id("vial"),
    key::time("thaw_at").must().or_null().only_with("vial"),
    key::list("items", kAnItem, 1, 2),
    key::flag("conditional"),
    key::integer("years", 1, 30),
    key::number("level", -10, 10),
    key::text("title", 5),
    key::code("code"),
    key::word("colour", kColours),
    key::integer("many", 1, 9).or_as(kIds),
    key::id("left"),
    key::id("right"),
    key::dry_run(),
};
constexpr CommandSchema kPaint{.verb = "wall/paint",
                               .roles = kAnyRole,
                               .revision = Revision::course,
                               .body = {kKeys, kChoices}};
constexpr CommandSchema kPlain{.verb = "wall/clean", .roles = kAnyRole};

struct Read {
  const char* name;
  const char* body;
  bool good;
  ErrorCode code = ErrorCode::malformed;
  const char* told = "";
};

class Bodies : public testing::TestWithParam<Read> {};

TEST_P(Bodies, are_read_whole_against_their_entry) {
  const auto body = parse_json(GetParam().body);
  ASSERT_TRUE(body.ok()) << body.error().context;
  const Status status = check_body(kPaint, *body);
  ASSERT_EQ(status.ok(), GetParam().good) << (status ? "" : status.error().context);
  if (status) return;
  EXPECT_EQ(status.error().code, GetParam().code) << status.error().context;
  EXPECT_NE(status.error().context.find(GetParam().told), std::string::npos)
      << status.error().context;
}

constexpr const char* kVial = R"({"vial":"v1","thaw_at":null)";
#define WITH(more) R"({"vial":"v1","thaw_at":null,)" more "}"

INSTANTIATE_TEST_SUITE_P(
    CommandSchema, Bodies,
    testing::Values(
        Read{"null_says_that_there_is_none", R"({"vial":"v1","thaw_at":null})", true},
        Read{"a_list_of_objects", R"({"items":[{"vial":"v1","warm":true},{"vial":"v2"}]})", true},
        Read{"a_number_in_one_form", WITH(R"("many":3)"), true},
        Read{"or_a_list_in_the_other", WITH(R"("many":["a","b"])"), true},
        Read{"a_word_of_the_list", WITH(R"("colour":"green")"), true},
        Read{"a_decimal_within_bounds", WITH(R"("level":9.999)"), true},
        Read{"a_misspelt_key_is_told_the_right_one", R"({"vial":"v1","thawAt":null})", false,
             ErrorCode::unknown_key, R"(did you mean "thaw_at"?)"},
        Read{"a_key_that_is_like_none_is_told_all", WITH(R"("quite_other":1)"), false,
             ErrorCode::unknown_key, "it has vial, thaw_at"},
        Read{"an_unknown_key_in_a_list", R"({"items":[{"vial":"v1","warn":true}]})", false,
             ErrorCode::unknown_key, R"(in "items[0]", did you mean "warm"?)"},
        Read{"a_dry_run_misspelt", WITH(R"("dryrun":true)"), false, ErrorCode::unknown_key,
             R"(did you mean "dry_run"?)"},
        Read{"a_name_is_refused_as_such", WITH(R"("Patient_Name":"x")"), false,
             ErrorCode::unknown_key, "pseudonyms only"},
        Read{"text_is_no_flag", WITH(R"("conditional":"true")"), false, ErrorCode::invalid_value,
             R"(expected true or false at "conditional", came "true")"},
        Read{"a_number_is_no_flag", WITH(R"("dry_run":1)"), false, ErrorCode::invalid_value},
        Read{"null_is_no_flag", WITH(R"("conditional":null)"), false, ErrorCode::invalid_value,
             "came null"},
        Read{"text_is_no_number", WITH(R"("years":"1")"), false, ErrorCode::invalid_value,
             R"(expected a whole number at "years", came "1")"},
        Read{"a_decimal_is_no_whole_number", WITH(R"("years":1.5)"), false,
             ErrorCode::invalid_value},
        Read{"below_its_bound", WITH(R"("years":0)"), false, ErrorCode::invalid_value, "1 to 30"},
        Read{"above_its_bound", WITH(R"("level":10.001)"), false, ErrorCode::invalid_value,
             "-10 to 10"},
        Read{"a_huge_number", WITH(R"("level":9223372036854775807)"), false,
             ErrorCode::invalid_value},
        Read{"a_number_is_no_text", WITH(R"("title":5)"), false, ErrorCode::invalid_value},
        Read{"a_text_too_long", WITH(R"("title":"123456")"), false, ErrorCode::too_large},
        Read{"an_id_with_a_blank", R"({"vial":"v 1","thaw_at":null})", false, ErrorCode::malformed},
        Read{"no_code_at_all", WITH(R"("code":"")"), false, ErrorCode::malformed},
        Read{"a_time_of_no_form", R"({"vial":"v1","thaw_at":"tomorrow"})", false,
             ErrorCode::malformed, "thaw_at"},
        Read{"a_word_of_no_list", WITH(R"("colour":"gren")"), false, ErrorCode::invalid_value,
             R"(did you mean "green"?)"},
        Read{"neither_form", WITH(R"("many":"3")"), false, ErrorCode::invalid_value,
             "a whole number or a list"},
        Read{"an_object_is_no_list", R"({"items":{"vial":"v1"}})", false, ErrorCode::invalid_value},
        Read{"an_empty_list", R"({"items":[]})", false, ErrorCode::malformed, "1 to 2 items"},
        Read{"a_list_too_long", R"({"items":[{"vial":"a"},{"vial":"b"},{"vial":"c"}]})", false,
             ErrorCode::too_large},
        Read{"a_list_of_other_things", R"({"items":["v1"]})", false, ErrorCode::invalid_value,
             "items[0]"},
        Read{"a_needed_key_in_a_list", R"({"items":[{"warm":true}]})", false, ErrorCode::malformed,
             "items[0].vial"},
        Read{"what_is_needed_with_another_key", R"({"vial":"v1"})", false, ErrorCode::malformed,
             "expected a time (RFC 3339) or null"},
        Read{"what_goes_only_with_another_key", R"({"items":[{"vial":"a"}],"thaw_at":null})", false,
             ErrorCode::invalid_value, R"(goes only with "vial")"},
        Read{"neither_of_two", R"({"years":3})", false, ErrorCode::malformed, "one of vial, items"},
        Read{"both_of_two", R"({"vial":"v1","thaw_at":null,"items":[{"vial":"a"}]})", false,
             ErrorCode::invalid_value, "came 2"},
        Read{"at_most_one_of_two", WITH(R"("left":"a","right":"b")"), false,
             ErrorCode::invalid_value, "at most one of left, right"},
        Read{"no_object", R"([])", false, ErrorCode::malformed, "an object"}),
    [](const auto& param_info) { return param_info.param.name; });

TEST(CommandSchema, refuses_a_dry_run_where_there_is_none) {
  for (const char* body : {R"({"dry_run":true})", R"({"dryrun":true})", R"({"dry_run":false})"}) {
    const Status status = check_body(kPlain, *parse_json(body));
    ASSERT_FALSE(status.ok()) << body;
    EXPECT_EQ(status.error().code, ErrorCode::unknown_key);
    EXPECT_NE(status.error().context.find("has no dry run"), std::string::npos);
  }
  EXPECT_FALSE(has_dry_run(kPlain));
  EXPECT_TRUE(has_dry_run(kPaint));
}

TEST(CommandSchema, refuses_a_revision_where_nothing_has_one) {
  const Json none = Json::object();
  EXPECT_TRUE(check_command(kPlain, none, -1).ok());
  EXPECT_EQ(check_command(kPlain, none, 4).error().code, ErrorCode::invalid_value);
  const auto vial = parse_json(std::string(kVial) + "}");
  EXPECT_EQ(check_command(kPaint, *vial, 4).error().code, ErrorCode::invalid_value)
      << "the body names no course";
}

TEST(Spelling, finds_the_word_that_was_meant) {
  constexpr std::string_view kWords[] = {"thaw_at", "dry_run", "thawed_hours", "aliquots"};
  EXPECT_EQ(nearest_word("thawAt", kWords), "thaw_at");
  EXPECT_EQ(nearest_word("DRYRUN", kWords), "dry_run");
  EXPECT_EQ(nearest_word("thawed_hour", kWords), "thawed_hours");
  EXPECT_EQ(nearest_word("aliqout", kWords), "");
  EXPECT_EQ(nearest_word("aliquot", kWords), "aliquots");
  EXPECT_EQ(nearest_word("x", kWords), "");
  EXPECT_EQ(nearest_word(std::string(500, 'a'), kWords), "");
  EXPECT_EQ(suggestion("dryrun", kWords), ", did you mean \"dry_run\"?");
}

}  // namespace
}  // namespace cryobank
