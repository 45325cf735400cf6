// cryobankctl user: the staff list, the broker's passwords and its access list change together, and
// a refused change leaves all three as they were.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "base/text.hpp"
#include "tests/programs/process.hpp"

namespace cryobank::test {
namespace {

namespace fs = std::filesystem;

class UserCommand : public ::testing::Test {
 protected:
  UserCommand() : folder_(fs::temp_directory_path() / cat("user-command-", free_port())) {
    fs::create_directories(folder_);
    fs::copy(CRYOBANK_SOURCE_DIR "/config", folder_ / "config", fs::copy_options::recursive);
    EXPECT_EQ(run(cat("broker config --config ", site(), " --out ", broker())), 0);
  }
  ~UserCommand() override { fs::remove_all(folder_); }

  std::string site() const { return (folder_ / "config/demo/site.toml").string(); }
  std::string broker() const { return (folder_ / "broker").string(); }
  std::string acl() const { return read_text(broker() + "/acl"); }
  std::string passwords() const { return broker() + "/passwords"; }
  // Of the site: every file that a user may stand in.
  std::string staff() const {
    std::string all;
    for (const auto& file : fs::directory_iterator(folder_ / "config/demo")) {
      if (file.is_regular_file()) all += read_text(file.path().string());
    }
    return all;
  }

  std::string word() const {
    const std::string file = (folder_ / "word").string();
    EXPECT_EQ(std::system(cat("echo 'a long enough word' >", file).c_str()), 0);
    return file;
  }

  int run(const std::string& words, const std::string& input = "</dev/null") {
    const int code = std::system(cat(CRYOBANK_BIN_DIR "/cryobankctl ", words, " ", input, " >",
                                     (folder_ / "said").string(), " 2>&1")
                                     .c_str());
    said_ = read_text((folder_ / "said").string());
    return code / 256;
  }

  fs::path folder_;
  std::string said_;
};

TEST_F(UserCommand, AnAddedPersonCanReadAtOnceAndARemovedOneNoLonger) {
  ASSERT_EQ(acl().find("user nora"), std::string::npos);
  EXPECT_EQ(run(cat("user add nora --config ", site(), " --role viewer --passwords ", passwords()),
                "<" + word()),
            0)
      << said_;
  EXPECT_NE(acl().find("\nuser nora\n"), std::string::npos) << said_;
  EXPECT_NE(read_text(passwords()).find("nora:$7$"), std::string::npos);
  EXPECT_EQ(run(cat("user remove nora --config ", site(), " --passwords ", passwords())), 0)
      << said_;
  EXPECT_EQ(acl().find("nora"), std::string::npos);
  EXPECT_EQ(read_text(passwords()).find("nora"), std::string::npos);
}

TEST_F(UserCommand, APasswordThatCannotBeReadLeavesEverythingAsItWas) {
  const std::string before = staff();
  EXPECT_NE(run(cat("user add nora --config ", site(), " --role viewer --passwords ", passwords())),
            0);
  EXPECT_EQ(staff(), before) << said_;
  EXPECT_EQ(acl().find("nora"), std::string::npos);
}

TEST_F(UserCommand, ASigningSecretIsPrintedAsALineOrWrittenIntoItsEntry) {
  const std::string before = staff();
  EXPECT_EQ(run("user secret", "<" + word()), 0) << said_;
  EXPECT_TRUE(said_.starts_with("signing_secret = \"scrypt$")) << said_;
  EXPECT_EQ(run("user secret nora", "<" + word()), 2) << said_;
  EXPECT_EQ(run(cat("user secret nora --config ", site()), "<" + word()), 1);
  EXPECT_NE(said_.find("no user \"nora\""), std::string::npos) << said_;
  EXPECT_EQ(staff(), before);
  ASSERT_EQ(run(cat("user add nora --config ", site(), " --name 'Nora Night' --role quality")), 0)
      << said_;
  EXPECT_EQ(run(cat("user secret nora --config ", site()), "<" + word()), 0) << said_;
  EXPECT_NE(said_.find("user nora signs with a new secret"), std::string::npos) << said_;
  EXPECT_EQ(said_.find("a long enough word"), std::string::npos);
  const std::string entry = staff().substr(staff().find("id = \"nora\""));
  EXPECT_NE(entry.find("signing_secret = \"scrypt$"), std::string::npos) << entry;
  EXPECT_EQ(run(cat("user ls --config ", site())), 0);
  const std::string row = said_.substr(said_.find("nora"));
  EXPECT_NE(row.substr(0, row.find('\n')).find("yes"), std::string::npos) << said_;
}

TEST_F(UserCommand, AnAccessListThatAPersonChangedIsKeptAndSaid) {
  EXPECT_EQ(std::system(cat("echo 'topic read other/#' >> ", broker(), "/acl").c_str()), 0);
  const std::string before = acl();
  EXPECT_EQ(run(cat("user add nora --config ", site(), " --role viewer --acl ", broker(), "/acl")),
            1)
      << said_;
  EXPECT_EQ(acl(), before);
  EXPECT_NE(read_text(broker() + "/acl.new").find("user nora"), std::string::npos);
  EXPECT_EQ(run(cat("user role nora viewer operator --config ", site())), 0) << said_;
  EXPECT_NE(said_.find("the broker's access list is as it was"), std::string::npos) << said_;
}

}  // namespace
}  // namespace cryobank::test
