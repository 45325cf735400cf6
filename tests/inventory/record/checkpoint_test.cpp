#include "inventory/record/checkpoint.hpp"

#include <gmock/gmock.h>

#include "base/text.hpp"

namespace cryobank::inventory {
namespace {

// The example key and note of the Go module golang.org/x/mod/sumdb/note.
constexpr std::string_view kGoKey =
    "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
constexpr std::string_view kGoNote =
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
    "\n"
    "\xE2\x80\x94 PeterNeumann "
    "x08go/ZJkuBS9UG/"
    "SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";

TEST(Checkpoint, TextAndParseAreInverse) {
  const Checkpoint checkpoint{"cryobank/v1/demo", 1234567, sha256("root")};
  const std::string text = checkpoint_text(checkpoint);
  const auto parsed = parse_checkpoint(text);
  ASSERT_TRUE(parsed.ok());
  EXPECT_EQ(parsed->origin, checkpoint.origin);
  EXPECT_EQ(parsed->size, checkpoint.size);
  EXPECT_EQ(parsed->root, checkpoint.root);
}

TEST(Checkpoint, RefusesABodyThatIsNone) {
  const std::string root = to_base64(sha256("root"));
  const std::pair<std::string, std::string_view> cases[] = {
      {"", "on a line each"},
      {"o\n1\n", "on a line each"},
      {"a b\n1\n" + root + "\n", "line 1"},
      {"o\n01\n" + root + "\n", "line 2"},
      {"o\n-1\n" + root + "\n", "line 2"},
      {"o\n1\nAAAA\n", "line 3"},
  };
  for (const auto& [text, says] : cases) {
    const auto parsed = parse_checkpoint(text);
    ASSERT_FALSE(parsed.ok()) << text;
    EXPECT_THAT(parsed.error().context, testing::HasSubstr(says));
  }
}

TEST(Checkpoint, ReadsTheVerifierKeyAndNoteOfAnotherImplementation) {
  const auto key = parse_verifier_key(kGoKey);
  ASSERT_TRUE(key.ok()) << key.error().context;
  EXPECT_EQ(key->name, "PeterNeumann");
  EXPECT_EQ(format_verifier_key(*key), kGoKey);
  const auto note = parse_note(kGoNote);
  ASSERT_TRUE(note.ok()) << note.error().context;
  ASSERT_EQ(note->signatures.size(), 1u);
  EXPECT_EQ(note->signatures[0].hash, key_hash(*key));
  EXPECT_THAT(note->text, testing::EndsWith("problem is.\n"));
  EXPECT_EQ(format_note(note->text, {signature_line(*key, note->signatures[0].signature)}),
            kGoNote);
}

TEST(Checkpoint, RefusesABrokenVerifierKey) {
  const std::string good(kGoKey);
  for (const std::string& bad :
       {std::string("PeterNeumann"), good.substr(0, 20), "Other" + good.substr(12),
        good.substr(0, good.size() - 4), std::string("a b+") + good.substr(13)}) {
    EXPECT_FALSE(parse_verifier_key(bad).ok()) << bad;
  }
}

TEST(Checkpoint, RefusesANoteWithoutSignatureLines) {
  for (const std::string_view bad :
       {"", "text\n", "text\n\n", "text\n\nnot a signature\n", "text\n\n\xE2\x80\x94 name\n",
        "text\n\n\xE2\x80\x94 name ????\n", "text\n\n\xE2\x80\x94 name AAAAAAAA"}) {
    EXPECT_FALSE(parse_note(bad).ok()) << bad;
  }
}

TEST(Checkpoint, LeavesOutSignaturesOfKindsItDoesNotKnow) {
  const auto note = parse_note("text\n\n\xE2\x80\x94 other AAAAAAAAAAAA\n");
  ASSERT_TRUE(note.ok());
  EXPECT_TRUE(note->signatures.empty());
}

}  // namespace
}  // namespace cryobank::inventory
