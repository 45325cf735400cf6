#include "base/ids.hpp"

#include <gtest/gtest.h>

#include <map>

namespace cryobank {
namespace {

TEST(Ids, accept_letters_digits_dot_underscore_and_dash) {
  for (const std::string_view text : {"a", "Z9", "freezer-01", "NK_2026.11", "..", "-"}) {
    EXPECT_TRUE(is_id_text(text)) << text;
  }
  EXPECT_TRUE(is_id_text(std::string(kIdLengthMax, 'x')));
}

TEST(Ids, refuse_what_is_unsafe_in_topics_keys_and_file_names) {
  for (const std::string_view text :
       {"", "a b", "a/b", "a+", "#", "a\n", "caf\xC3\xA9", "\"", "a:b", "%"}) {
    EXPECT_FALSE(is_id_text(text)) << text;
  }
  EXPECT_FALSE(is_id_text(std::string(kIdLengthMax + 1, 'x')));
  EXPECT_FALSE(is_id_text(std::string_view("a\0b", 3)));
}

TEST(Ids, codes_of_vials_are_any_printable_ascii_without_blanks) {
  for (const std::string_view text : {"]d2:01/99+", "~", "!", "A1"}) {
    EXPECT_TRUE(is_code_text(text)) << text;
  }
  for (const std::string_view text : {"", "a b", "\t", "\x7F", "\xC3\xA9"}) {
    EXPECT_FALSE(is_code_text(text)) << text;
  }
  EXPECT_TRUE(is_code_text(std::string(kIdLengthMax, '#')));
  EXPECT_FALSE(is_code_text(std::string(kIdLengthMax + 1, '#')));
}

TEST(Ids, a_refusal_names_the_kind_and_what_came) {
  const auto parsed = AliquotId::parse("vial 7");
  ASSERT_FALSE(parsed.ok());
  EXPECT_EQ(parsed.error().code, ErrorCode::malformed);
  EXPECT_NE(parsed.error().context.find("aliquot"), std::string::npos);
  EXPECT_NE(parsed.error().context.find("\"vial 7\""), std::string::npos);
}

TEST(Ids, a_refusal_of_a_long_text_stays_short) {
  EXPECT_LT(CourseId::parse(std::string(100'000, '/')).error().context.size(), 250u);
}

TEST(Ids, order_as_their_text_does_and_serve_as_keys) {
  std::map<DoseId, int> doses;
  doses[DoseId("d-2")] = 2;
  doses[DoseId("d-1")] = 1;
  EXPECT_EQ(doses.begin()->first.str(), "d-1");
  EXPECT_EQ(DoseId("d-1"), *DoseId::parse("d-1"));
  EXPECT_TRUE(DoseId().empty());
}

TEST(Ids, kinds_do_not_convert_into_each_other) {
  EXPECT_FALSE((std::is_convertible_v<AliquotId, CourseId>));
  EXPECT_FALSE((std::is_convertible_v<std::string, AliquotId>));
}

TEST(IdsDeathTest, a_malformed_constant_of_ours_ends_the_program) {
  EXPECT_DEATH(SiteId("not a site"), "CHECK failed: is_id_text");
}

TEST(Ids, epochs_order_by_number) { EXPECT_LT(Epoch{9}, Epoch{10}); }

}  // namespace
}  // namespace cryobank
