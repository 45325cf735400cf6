#include "inventory/record/sign_io.hpp"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include <fstream>

#include "base/text.hpp"
#include "tests/contracts/temp_dir.hpp"
#include "tests/inventory/record/example.hpp"

namespace cryobank::inventory {
namespace {

std::array<std::uint8_t, 64> signature_of(const SigningKey& key, std::string_view text) {
  return parse_note(key.sign_note(text))->signatures.at(0).signature;
}

TEST(SigningKey, SignsAsTheTestVectorsOfRfc8032) {
  // RFC 8032 section 7.1, TEST 1: the empty message.
  const auto seed = from_hex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60");
  VerifierKey verifier{"rfc", {}};
  const auto known = from_hex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
  std::copy(known->begin(), known->end(), verifier.key.begin());
  std::vector<std::uint8_t> typed{1};
  typed.insert(typed.end(), seed->begin(), seed->end());
  const auto key =
      SigningKey::parse(cat("PRIVATE+KEY+rfc+", to_hex(key_hash(verifier)), "+", to_base64(typed)));
  ASSERT_TRUE(key.ok()) << key.error().context;
  EXPECT_EQ(key->verifier().key, verifier.key);
  const std::string line = key->sign("");
  const auto bytes = from_base64(trim(line.substr(line.rfind(' ') + 1)));
  EXPECT_EQ(
      to_hex(std::span(*bytes).subspan(4)),
      "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701c"
      "f9b46bd25bf5f0595bbe24655141438e7a100b");
}

TEST(SigningKey, ANewKeyIsReadableByItsOwnerOnlyAndComesBack) {
  const TempDir dir;
  const auto made = SigningKey::create(dir / "key", "cryobank/v1/demo");
  ASSERT_TRUE(made.ok()) << made.error().context;
  struct stat about {};
  ASSERT_EQ(::stat((dir / "key").c_str(), &about), 0);
  EXPECT_EQ(about.st_mode & 0777, 0600u);
  const auto loaded = SigningKey::load(dir / "key");
  ASSERT_TRUE(loaded.ok());
  EXPECT_EQ(loaded->verifier().key, made->verifier().key);
  const std::string note =
      loaded->sign_note("cryobank/v1/demo\n0\n" + to_base64(sha256("")) + "\n");
  const auto checkpoint = open_note(note, made->verifier());
  ASSERT_TRUE(checkpoint.ok()) << checkpoint.error().context;
  EXPECT_EQ(checkpoint->size, 0u);
}

TEST(SigningKey, TwoNewKeysDiffer) {
  const TempDir dir;
  const auto one = SigningKey::create(dir / "one", "site");
  const auto other = SigningKey::create(dir / "other", "site");
  ASSERT_TRUE(one.ok() && other.ok());
  EXPECT_NE(one->verifier().key, other->verifier().key);
}

TEST(SigningKey, SaysWhyAFileIsNoKey) {
  const TempDir dir;
  EXPECT_EQ(SigningKey::load(dir / "none").error().code, ErrorCode::not_found);
  ASSERT_TRUE(SigningKey::create(dir / "key", "site").ok());
  EXPECT_EQ(SigningKey::create(dir / "key", "site").error().code, ErrorCode::already_exists);
  ::chmod((dir / "key").c_str(), 0640);
  EXPECT_EQ(SigningKey::load(dir / "key").error().code, ErrorCode::not_authorised);
  const std::string good =
      "PRIVATE+KEY+cryobank/v1/example+bfa4e905+AQABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f";
  ASSERT_TRUE(SigningKey::parse(good).ok());
  for (const std::string& bad :
       {std::string(), std::string("PRIVATE+KEY+name"), good.substr(1), good + "AAAA",
        "PRIVATE+KEY+cryobank/v1/example+bfa4e906" + good.substr(40)}) {
    const auto key = SigningKey::parse(bad);
    ASSERT_FALSE(key.ok()) << bad;
    EXPECT_EQ(key.error().code, ErrorCode::malformed);
    EXPECT_EQ(key.error().context.find(good.substr(41)), std::string::npos) << "tells no secret";
  }
  EXPECT_FALSE(SigningKey::create(dir / "other", "bad name").ok());
}

TEST(SigningKey, ANoteHoldsForItsKeyAndTextOnly) {
  const TempDir dir;
  const SigningKey key = example_key();
  const auto stranger = SigningKey::create(dir / "key", key.verifier().name);
  const std::string text = "cryobank/v1/example\n7\n" + to_base64(sha256("root")) + "\n";
  const std::string note = key.sign_note(text);
  EXPECT_TRUE(open_note(note, key.verifier()).ok());
  EXPECT_EQ(open_note(note, stranger->verifier()).error().code, ErrorCode::mismatch);
  for (std::size_t at = 0; at < text.size(); ++at) {
    std::string changed = note;
    changed[at] = static_cast<char>(changed[at] ^ 1);
    EXPECT_FALSE(open_note(changed, key.verifier()).ok()) << at;
  }
  const Ed25519Signature good = signature_of(key, text);
  for (std::size_t bit = 0; bit < 512; ++bit) {
    Ed25519Signature bad = good;
    bad[bit / 8] ^= static_cast<std::uint8_t>(1u << bit % 8);
    EXPECT_FALSE(signature_holds(key.verifier(), text, bad)) << bit;
  }
}

TEST(SigningKey, SignaturesOfWitnessesBesideOursAreLeftAlone) {
  const TempDir dir;
  const SigningKey key = example_key();
  const auto witness = SigningKey::create(dir / "key", "witness.example");
  const std::string text = "cryobank/v1/example\n7\n" + to_base64(sha256("root")) + "\n";
  const std::string note = format_note(text, {witness->sign(text), key.sign(text)});
  EXPECT_TRUE(open_note(note, key.verifier()).ok());
  EXPECT_TRUE(open_note(note, witness->verifier()).ok());
  const auto several = open_notes({note, "broken"}, key.verifier());
  ASSERT_FALSE(several.ok());
  EXPECT_THAT(several.error().context, testing::StartsWith("checkpoint 2: "));
}

}  // namespace
}  // namespace cryobank::inventory
