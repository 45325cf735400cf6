#include "config/toml_document.hpp"

#include <gtest/gtest.h>

#include "base/prng.hpp"
#include "base/text.hpp"
#include "tests/config/files_on_disk.hpp"

namespace cryobank::config {
namespace {

std::string document_faults_of(std::string_view text) {
  Faults faults;
  parse_toml("x.toml", text, faults);
  return all_faults(faults);
}

TEST(TomlDocument, KeepsKindsValuesAndLines) {
  Faults faults;
  const auto document = parse_toml(
      "x.toml", "a = 1\nb = -1.25\nc = \"t\"\n\n[d]\ne = [true]\nf = 2026-11-22\n", faults);
  ASSERT_TRUE(document);
  EXPECT_EQ(document->find("a")->integer, 1);
  EXPECT_EQ(document->find("b")->decimal, Milli{-1250});
  EXPECT_EQ(document->find("b")->line, 2);
  EXPECT_EQ(document->find("c")->text, "t");
  const TomlNode* d = document->find("d");
  EXPECT_EQ(d->line, 5);
  EXPECT_TRUE(d->find("e")->items[0].boolean);
  EXPECT_EQ(d->find("f")->text, "2026-11-22");
  EXPECT_EQ(d->find("g"), nullptr);
  EXPECT_TRUE(faults.ok());
}

TEST(TomlDocument, DecimalsAreExactThousandthsOrRefused) {
  for (const std::string_view text : {"0.1", "-0.001", "19.5", "1e2", "123456789.123"}) {
    EXPECT_EQ(document_faults_of(cat("x = ", text)), "") << text;
  }
  for (const std::string_view text : {"0.0001", "1.2345", "inf", "nan", "1e30"}) {
    EXPECT_NE(document_faults_of(cat("x = ", text)), "") << text;
  }
}

TEST(TomlDocument, BrokenTextIsAFaultWithItsLine) {
  EXPECT_EQ(document_faults_of("a = 1\nb = \n").substr(0, 9), "x.toml:2:");
  EXPECT_EQ(document_faults_of("a = 1\na = 2\n").substr(0, 9), "x.toml:2:");
  EXPECT_NE(document_faults_of("a = 12:30:00\n"), "");
}

TEST(TomlDocument, BoundsAreKept) {
  EXPECT_NE(document_faults_of(std::string(kTomlSizeMax + 1, '#')), "");
  EXPECT_NE(document_faults_of(cat("a = \"", std::string(kTomlTextMax + 1, 'x'), "\"")), "");
  std::string many = "a = [";
  for (std::size_t i = 0; i <= kTomlArrayMax; ++i) many += "1,";
  EXPECT_NE(document_faults_of(many + "]"), "");
  EXPECT_NE(document_faults_of(cat("a = ", std::string(20, '['), std::string(20, ']'))), "");
  EXPECT_NE(document_faults_of(cat("a = ", std::string(2000, '['), std::string(2000, ']'))), "");
}

TEST(TomlDocument, AnyBytesEndInADocumentOrAFault) {
  const std::string good = "[a]\nb = [1, 2.5, \"x\"]\n[[c]]\nd = { e = 2026-11-22 }\n";
  Prng prng(20261122);
  for (int round = 0; round < 5000; ++round) {
    std::string text = good;
    for (std::uint64_t i = 0; i <= prng.below(4); ++i) {
      text[prng.below(text.size())] = static_cast<char>(prng.below(256));
    }
    Faults faults;
    const bool read = parse_toml("x.toml", text, faults).has_value();
    EXPECT_TRUE(read || !faults.ok());
  }
}

}  // namespace
}  // namespace cryobank::config
