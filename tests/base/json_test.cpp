#include "base/json.hpp"

#include <gtest/gtest.h>

#include "base/prng.hpp"

namespace cryobank {
namespace {

std::string canonical(std::string_view text) {
  const auto parsed = parse_json(text);
  return parsed ? parsed->dump() : "refused: " + parsed.error().context;
}

TEST(Json, the_canonical_form_has_sorted_keys_no_blanks_and_the_shortest_escapes) {
  struct Case {
    std::string_view name;
    std::string_view in;
    std::string_view out;
  };
  const Case cases[] = {
      {"blanks go", " { \"a\" : [ 1 , 2 ] } ", R"({"a":[1,2]})"},
      {"keys are in byte order", R"({"b":1,"a":2,"B":3,"":4})", R"({"":4,"B":3,"a":2,"b":1})"},
      {"non-ASCII stays as it is", "\"\xC3\xA9\xE2\x82\xAC\xF0\x9F\xA7\xAA\"",
       "\"\xC3\xA9\xE2\x82\xAC\xF0\x9F\xA7\xAA\""},
      {"escaped non-ASCII becomes UTF-8", R"("\u00e9\ud83e\uddea")",
       "\"\xC3\xA9\xF0\x9F\xA7\xAA\""},
      {"a slash needs no escape", R"("a\/b")", R"("a/b")"},
      {"named escapes are kept short", R"("\u0008\u000c\u000a\u000d\u0009\u0022\u005c")",
       R"("\b\f\n\r\t\"\\")"},
      {"other controls are escaped in lower case", R"("\u0001\u001F")", R"("\u0001\u001f")"},
      {"a decimal that is whole is a whole number", "[1.0,-2.000,0.0,-0.0,-0]", "[1,-2,0,0,0]"},
      {"decimals have no trailing zeros", "[1.50,0.005,-189.400]", "[1.5,0.005,-189.4]"},
      {"an exponent is worked out", "[1e3,1.5E-2,-25e-1,2.5000]", "[1000,0.015,-2.5,2.5]"},
      {"the ends of 64 bits", "[9223372036854775807,-9223372036854775808]",
       "[9223372036854775807,-9223372036854775808]"},
      {"empty containers", "[{},[],\"\"]", "[{},[],\"\"]"},
      {"words", "[true,false,null]", "[true,false,null]"},
  };
  for (const Case& c : cases) EXPECT_EQ(canonical(c.in), c.out) << c.name;
}

TEST(Json, refuses_what_is_no_json_or_leaves_the_bounds) {
  const std::string_view cases[] = {
      "",
      "{",
      "[1,]",
      "{\"a\":1,}",
      "{'a':1}",
      "nul",
      "01",
      "+1",
      ".5",
      "1.",
      "NaN",
      "Infinity",
      "1 2",
      "// comment\n1",
      "\"\\x\"",
      "\"\\ud800\"",
      "\"a\nb\"",
      "\xEF\xBB\xBF[1 1]",
      "\"\xFF\"",
      "\"\xC0\x80\"",
      "\"\xED\xA0\x80\"",
      "9223372036854775808",
      "-9223372036854775809",
      "99999999999999999999999999",
      "0.0005",
      "1e-7",
      "1e30",
      "9007199254741.5",
      R"({"a":1,"a":2})",
      R"({"a":{"b":1,"b":1}})",
  };
  for (const std::string_view text : cases) {
    EXPECT_FALSE(parse_json(text).ok()) << text;
  }
}

TEST(Json, a_refusal_says_where_or_what) {
  EXPECT_NE(parse_json("[1, 2, x]").error().context.find("byte 8"), std::string::npos)
      << parse_json("[1, 2, x]").error().context;
  EXPECT_NE(parse_json(R"({"id":1,"id":2})").error().context.find("\"id\" comes twice"),
            std::string::npos);
  EXPECT_EQ(parse_json("\"\xFF\"").error().code, ErrorCode::malformed);
  EXPECT_EQ(parse_json(R"({"cells":1e400})").error().context,
            "expected a number within 64 bits, came 1e400");
}

TEST(Json, nests_as_deep_as_the_bound_and_no_deeper) {
  const auto nested = [](std::size_t levels) {
    return std::string(levels, '[') + std::string(levels, ']');
  };
  EXPECT_TRUE(parse_json(nested(kJsonDepthMax)).ok());
  EXPECT_FALSE(parse_json(nested(kJsonDepthMax + 1)).ok());
  EXPECT_FALSE(parse_json(std::string(500'000, '[')).ok());
}

TEST(Json, is_no_longer_than_the_bound) {
  EXPECT_TRUE(parse_json("[1,2]", 5).ok());
  const auto over = parse_json("[1,2]", 4);
  ASSERT_FALSE(over.ok());
  EXPECT_EQ(over.error().code, ErrorCode::too_large);
}

TEST(Json, dump_of_equal_values_is_equal_however_they_were_built) {
  Json a;
  a.set("x", 1).set("y", Milli{1500});
  Json b;
  b.set("y", *parse_json("1.500")).set("x", std::int64_t{7}).set("x", 1);
  EXPECT_EQ(a, b);
  EXPECT_EQ(a.dump(), b.dump());
  EXPECT_EQ(Json(Milli{2000}), Json(2));
}

TEST(Json, malformed_utf8_of_ours_becomes_the_replacement_character) {
  EXPECT_EQ(Json("a\xFFz").dump(), "\"a\xEF\xBF\xBDz\"");
  EXPECT_EQ(Json("\xE2\x82").dump(), "\"\xEF\xBF\xBD\xEF\xBF\xBD\"");
  EXPECT_EQ(Json("\xF0\x9F\xA7\xAA\x80").dump(), "\"\xF0\x9F\xA7\xAA\xEF\xBF\xBD\"");
  EXPECT_TRUE(parse_json(Json("\xED\xA0\x80\"\n").dump()).ok());
}

TEST(Json, checked_readers_give_the_value) {
  const Json json = *parse_json(R"({"s":"x","i":-3,"b":true,"m":-189.4,"w":5})");
  EXPECT_EQ(*json.get_string("s"), "x");
  EXPECT_EQ(*json.get_integer("i"), -3);
  EXPECT_TRUE(*json.get_bool("b"));
  EXPECT_EQ(*json.get_milli("m"), Milli{-189400});
  EXPECT_EQ(*json.get_milli("w"), whole(5));
}

TEST(Json, checked_readers_say_which_key_what_was_expected_and_what_came) {
  const Json json = *parse_json(R"({"s":"x","n":null,"d":1.5,"big":9223372036854775807})");
  EXPECT_EQ(json.get_integer("s").error().context,
            "expected a whole number at \"s\", came a string");
  EXPECT_EQ(json.get_string("gone").error().context, "expected a string at \"gone\", came nothing");
  EXPECT_EQ(json.get_bool("n").error().context, "expected true or false at \"n\", came nothing");
  EXPECT_EQ(json.get_integer("d").error().context,
            "expected a whole number at \"d\", came a decimal");
  EXPECT_FALSE(json.get_milli("big").ok());
  EXPECT_FALSE(Json(3).get_string("s").ok());
}

TEST(Json, a_whole_number_past_the_decimals_stays_at_their_bound) {
  EXPECT_EQ(parse_json("9223372036854775807")->milli(), whole(kMilliMax / 1000));
  EXPECT_EQ(parse_json("-9223372036854775808")->milli(), whole(-kMilliMax / 1000));
}

TEST(Json, readers_with_a_fallback_never_fail) {
  const Json json = *parse_json(R"({"s":"x","i":4,"b":true})");
  EXPECT_EQ(json.string_or("s", "y"), "x");
  EXPECT_EQ(json.string_or("i", "y"), "y");
  EXPECT_EQ(json.integer_or("i", 9), 4);
  EXPECT_EQ(json.integer_or("gone", 9), 9);
  EXPECT_TRUE(json.bool_or("b", false));
  EXPECT_TRUE(Json("text").bool_or("b", true));
}

TEST(Json, an_absent_member_reads_as_null_at_any_depth) {
  const Json json = *parse_json(R"({"a":{"b":[1]}})");
  EXPECT_TRUE(json["a"]["x"]["y"].is_null());
  EXPECT_TRUE(json["a"]["b"]["c"].is_null());
  EXPECT_TRUE(json["a"].has("b"));
  EXPECT_FALSE(json["a"]["b"].has("b"));
}

// A random value; every object key and string comes from a small set with awkward characters.
Json random_json(Prng& prng, int depth) {
  static constexpr const char* kTexts[] = {"",         "a",    "\"", "\\",  "\n",
                                           "\xC3\xA9", "\x01", "/",  "vial"};
  const auto text = [&] { return kTexts[prng.below(std::size(kTexts))]; };
  switch (prng.below(depth > 0 ? 7 : 5)) {
    case 0:
      return {};
    case 1:
      return Json(prng.chance(1, 2));
    case 2:
      return Json(static_cast<std::int64_t>(prng.next()));
    case 3:
      return Json(Milli{prng.between(-kMilliMax, kMilliMax)});
    case 4:
      return Json(text());
    case 5: {
      Json array = Json::array();
      for (std::uint64_t n = prng.below(5); n > 0; --n) array.push(random_json(prng, depth - 1));
      return array;
    }
    default: {
      Json object = Json::object();
      for (std::uint64_t n = prng.below(5); n > 0; --n) {
        object.set(text(), random_json(prng, depth - 1));
      }
      return object;
    }
  }
}

TEST(Json, what_was_written_reads_back_equal) {
  Prng prng(2026);
  for (int i = 0; i < 3000; ++i) {
    const Json json = random_json(prng, 5);
    const auto back = parse_json(json.dump());
    ASSERT_TRUE(back.ok()) << json.dump() << ": " << back.error().context;
    ASSERT_EQ(*back, json) << json.dump();
    ASSERT_EQ(back->dump(), json.dump());
  }
}

TEST(Json, random_damage_is_refused_or_read_but_never_breaks) {
  Prng prng(77);
  int refused = 0;
  for (int i = 0; i < 3000; ++i) {
    std::string text = random_json(prng, 4).dump();
    for (std::uint64_t n = 1 + prng.below(3); n > 0; --n) {
      text[prng.below(text.size())] = static_cast<char>(prng.below(256));
    }
    const auto parsed = parse_json(text);
    if (!parsed) {
      ++refused;
      ASSERT_FALSE(parsed.error().context.empty()) << text;
    } else {
      ASSERT_EQ(*parse_json(parsed->dump()), *parsed);
    }
  }
  EXPECT_GT(refused, 1000);
}

TEST(JsonDeathTest, a_number_past_63_bits_of_ours_ends_the_program) {
  EXPECT_DEATH((void)Json(std::uint64_t{1} << 63), "CHECK failed");
}

}  // namespace
}  // namespace cryobank
