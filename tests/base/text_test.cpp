#include "base/text.hpp"

#include <gtest/gtest.h>

#include <limits>

#include "base/checksum.hpp"
#include "base/prng.hpp"

namespace cryobank {
namespace {

using Bytes = std::vector<std::uint8_t>;

TEST(Text, cat_joins_strings_characters_and_integers) {
  const std::string name = "A1";
  EXPECT_EQ(cat("slot ", 3, " of ", name, ':', std::uint8_t{7}, std::string_view("!")),
            "slot 3 of A1:7!");
  EXPECT_EQ(
      cat(std::numeric_limits<std::int64_t>::min(), " ", std::numeric_limits<std::uint64_t>::max()),
      "-9223372036854775808 18446744073709551615");
  EXPECT_EQ(cat(), "");
}

TEST(Text, clip_keeps_one_line_within_the_limit) {
  struct Case {
    std::string_view name;
    std::string_view in;
    std::size_t limit;
    std::string_view out;
  };
  const Case cases[] = {
      {"short text stays", "vial", 4, "vial"},
      {"long text is cut and says so", "vials", 4, "vial..."},
      {"a limit of zero leaves the mark", "v", 0, "..."},
      {"an empty text stays empty", "", 0, ""},
      {"a character is never cut in two", "a\xE2\x82\xACz", 3, "a..."},
      {"a character that just fits stays", "a\xE2\x82\xAC", 4, "a\xE2\x82\xAC"},
      {"line breaks and escapes become question marks", "a\nb\r\x1B[0m\x7F", 20, "a?b??[0m?"},
      {"controls above ASCII do too",
       "a\xC2\x9B"
       "b\xC2\xA0",
       20, "a?b\xC2\xA0"},
      {"malformed bytes do too", "a\xFF\xC3", 20, "a??"},
  };
  for (const Case& c : cases) EXPECT_EQ(clip(c.in, c.limit), c.out) << c.name;
}

TEST(Text, parse_integer_takes_the_whole_text_or_nothing) {
  EXPECT_EQ(*parse_integer("0"), 0);
  EXPECT_EQ(*parse_integer("-12"), -12);
  EXPECT_EQ(*parse_integer("9223372036854775807"), std::numeric_limits<std::int64_t>::max());
  EXPECT_EQ(*parse_integer("-9223372036854775808"), std::numeric_limits<std::int64_t>::min());
  for (const std::string_view text :
       {"", "-", "+1", " 1", "1 ", "1.0", "0x1", "9223372036854775808", "1e3"}) {
    EXPECT_FALSE(parse_integer(text).ok()) << text;
  }
}

TEST(Text, hexadecimal_goes_there_and_back) {
  const Bytes bytes{0x00, 0x0F, 0xA0, 0xFF};
  EXPECT_EQ(to_hex(bytes), "000fa0ff");
  EXPECT_EQ(*from_hex("000fA0Ff"), bytes);
  EXPECT_TRUE(from_hex("")->empty());
  EXPECT_FALSE(from_hex("abc").ok());
  EXPECT_FALSE(from_hex("0g").ok());
  EXPECT_NE(from_hex("00zz").error().context.find("offset 2"), std::string::npos);
}

TEST(Text, hex16_sorts_as_the_numbers_do) {
  EXPECT_EQ(hex16(0), "0000000000000000");
  EXPECT_EQ(hex16(UINT64_MAX), "ffffffffffffffff");
  EXPECT_EQ(hex16(0x1234), "0000000000001234");
  Prng prng(1);
  for (int i = 0; i < 500; ++i) {
    const std::uint64_t a = prng.next() >> prng.below(64);
    const std::uint64_t b = prng.next() >> prng.below(64);
    ASSERT_EQ(a < b, hex16(a) < hex16(b));
  }
}

TEST(Text, base64_gives_the_values_of_rfc_4648) {
  const std::pair<std::string_view, std::string_view> cases[] = {{"", ""},
                                                                 {"f", "Zg=="},
                                                                 {"fo", "Zm8="},
                                                                 {"foo", "Zm9v"},
                                                                 {"foob", "Zm9vYg=="},
                                                                 {"fooba", "Zm9vYmE="},
                                                                 {"foobar", "Zm9vYmFy"}};
  for (const auto& [plain, coded] : cases) {
    EXPECT_EQ(to_base64(as_bytes(plain)), coded);
    EXPECT_EQ(as_text(*from_base64(coded)), plain);
  }
}

TEST(Text, base64_of_random_bytes_reads_back_equal) {
  Prng prng(8);
  for (std::size_t size = 0; size < 200; ++size) {
    Bytes bytes(size);
    for (auto& byte : bytes) byte = static_cast<std::uint8_t>(prng.next());
    ASSERT_EQ(*from_base64(to_base64(bytes)), bytes);
  }
}

TEST(Text, base64_has_one_form_only) {
  for (const std::string_view text : {"Zg", "Zg=", "Zg===", "====", "Z===", "Zg==Zg==", "Zm=v",
                                      "Zm9-", "Zm9_", "Zm 9", "Zh==", "Zm9=", "\n"}) {
    EXPECT_FALSE(from_base64(text).ok()) << text;
  }
}

TEST(Text, utf8_is_told_from_what_only_looks_like_it) {
  for (const std::string_view text :
       {"", "vial", "\xC2\x80", "\xDF\xBF", "\xE0\xA0\x80", "\xED\x9F\xBF", "\xEE\x80\x80",
        "\xF0\x90\x80\x80", "\xF4\x8F\xBF\xBF", "\xEF\xBF\xBF"}) {
    EXPECT_TRUE(is_utf8(text)) << to_hex(as_bytes(text));
  }
  for (const std::string_view text :
       {"\x80", "\xC0\x80", "\xC1\xBF", "\xC2", "\xE0\x9F\xBF", "\xED\xA0\x80", "\xE2\x82",
        "\xF0\x8F\xBF\xBF", "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xFF", "a\xC3",
        "\xE2\x28\xA1"}) {
    EXPECT_FALSE(is_utf8(text)) << to_hex(as_bytes(text));
  }
}

TEST(Text, split_keeps_empty_parts) {
  using Parts = std::vector<std::string_view>;
  EXPECT_EQ(split("a/b/c", '/'), (Parts{"a", "b", "c"}));
  EXPECT_EQ(split("/a//", '/'), (Parts{"", "a", "", ""}));
  EXPECT_EQ(split("", '/'), (Parts{""}));
}

TEST(Text, trim_takes_blanks_at_both_ends_only) {
  EXPECT_EQ(trim(" \t a b\r\n"), "a b");
  EXPECT_EQ(trim(" \n "), "");
  EXPECT_EQ(trim(""), "");
}

TEST(Text, lower_ascii_leaves_other_bytes_alone) {
  EXPECT_EQ(lower_ascii("NK-Ab\xC3\x89[Z"), "nk-ab\xC3\x89[z");
}

}  // namespace
}  // namespace cryobank
