#include "config/load.hpp"

#include <gtest/gtest.h>

#include "base/prng.hpp"
#include "tests/config/files_on_disk.hpp"

namespace cryobank::config {
namespace {

TEST(ResolvePath, IsRelativeToTheMainFile) {
  const std::vector<std::array<std::string_view, 3>> cases{
      {"config/demo/site.toml", "places.toml", "config/demo/places.toml"},
      {"config/demo/site.toml", "../devices/x.toml", "config/devices/x.toml"},
      {"site.toml", "a/b.toml", "a/b.toml"},
      {"site.toml", "../a.toml", "../a.toml"},
      {"../x/site.toml", "../a.toml", "../a.toml"},
      {"/etc/cryobank/site.toml", "devices//x.toml", "/etc/cryobank/devices/x.toml"},
      {"/etc/site.toml", "./x.toml", "/etc/x.toml"},
      {"config/site.toml", "/srv/x.toml", "/srv/x.toml"}};
  for (const auto& [main_file, path, expected] : cases) {
    EXPECT_EQ(resolve_path(main_file, path), expected);
  }
}

TEST(Load, MissingFilesAreAllTold) {
  const ReadText read = [](std::string_view path) -> Result<std::string> {
    if (path == "site.toml") {
      return std::string(
          "[site]\nid = \"x\"\n[files]\ninclude = [\"a.toml\"]\nprotocols = [\"b.toml\"]\n"
          "calendars = [\"c.toml\"]\n");
    }
    return make_error(ErrorCode::not_found, "no such file");
  };
  SiteConfig config;
  Faults faults;
  EXPECT_FALSE(load_site("site.toml", read, config, faults));
  const std::string told = all_faults(faults);
  for (const std::string_view file : {"a.toml", "b.toml", "c.toml"}) {
    EXPECT_NE(told.find(cat(file, ": expected to read this file")), std::string::npos) << told;
  }
}

TEST(Load, MoreFilesThanASiteHasAreRefused) {
  const ReadText read = [](std::string_view path) -> Result<std::string> {
    if (path != "site.toml") return std::string();
    std::string text = "[site]\nid = \"x\"\n[files]\ninclude = [";
    for (std::size_t i = 0; i < 2 * kFilesMax; ++i) text += cat("\"", i, ".toml\",");
    return text + "]\n";
  };
  SiteConfig config;
  Faults faults;
  EXPECT_FALSE(load_site("site.toml", read, config, faults));
  EXPECT_NE(all_faults(faults).find("expected at most 1000 files"), std::string::npos);
}

// The files of `disk`, one in four of them with a byte changed or a few cut out.
ReadText damaged_files(const ReadText& disk, std::uint64_t seed) {
  return [disk, seed](std::string_view path) -> Result<std::string> {
    Result<std::string> text = disk(path);
    Prng prng(seed ^ path.size());
    if (!text || !prng.chance(1, 4)) return text;
    const std::size_t at = prng.below(text->size());
    if (prng.chance(1, 2)) {
      (*text)[at] = static_cast<char>(prng.below(256));
    } else {
      text->erase(at, prng.below(40));
    }
    return text;
  };
}

// Whatever stands in the files, loading ends in a site or in faults, never in a crash.
TEST(Load, AnyDamageToTheDemoSiteEndsInASiteOrInFaults) {
  const ReadText disk = files_under(CRYOBANK_SOURCE_DIR);
  Prng prng(7);
  int refused = 0;
  for (int round = 0; round < 60; ++round) {
    const ReadText damaged = damaged_files(disk, prng.next());
    SiteConfig config;
    Faults faults;
    const bool ok = load_site("config/demo/site.toml", damaged, config, faults);
    EXPECT_EQ(ok, faults.ok());
    refused += ok ? 0 : 1;
  }
  EXPECT_GT(refused, 10);
}

}  // namespace
}  // namespace cryobank::config
