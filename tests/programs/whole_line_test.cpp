// The whole command line: no option of a command is taken by the one of the same name before it,
// and what completion offers.
#include "service/ctl/whole_line.hpp"

#include <gtest/gtest.h>

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "base/text.hpp"
#include "service/ctl/completion.hpp"
#include "service/wire/command_table.hpp"

namespace cryobank::ctl {
namespace {

struct Line {
  Line() {
    for (const char* name : {"CRYOBANK_USER", "CRYOBANK_HOST", "CRYOBANK_PORT", "CRYOBANK_SITE",
                             "CRYOBANK_CA", "CRYOBANK_LOGIN", "CRYOBANK_TERMINAL"}) {
      ::unsetenv(name);
    }
    build_line(app, globals);
  }
  // What the parser says; empty: it took the words.
  std::string parse(const std::string& words) {
    try {
      app.parse(words, false);
    } catch (const CLI::ParseError& error) {
      return error.what();
    }
    return {};
  }

  CLI::App app;
  Globals globals;
};

TEST(WholeLine, AnActsOwnOptionWinsOverTheOneOfItsNameBeforeItAndSaysHowThatIsGiven) {
  Line line;
  int same = 0;
  each_command(line.app, [&](CLI::App& command) {
    for (const CLI::Option* option : command.get_options()) {
      for (const std::string& name : option->get_lnames()) {
        const std::string flag = cat("--", name);
        if (name == "help" || line.app.get_option_no_throw(flag) == nullptr) continue;
        const std::string act = cat(command.get_parent()->get_name(), " ", command.get_name());
        EXPECT_NE(option->get_description().find("stands before it"), std::string::npos)
            << act << " " << flag;
        ++same;
        Line again;
        const bool takes = option->get_items_expected_max() > 0;
        static_cast<void>(again.parse(cat(act, " ", flag, takes ? " own" : "")));
        EXPECT_EQ(again.app.get_option(flag)->count(), 0u) << act << " " << flag;
      }
    }
  });
  EXPECT_GT(same, 0) << "the names that were the reason for this";
  EXPECT_EQ(line.parse("--user supervisor pager test --user nora"), "");
  EXPECT_EQ(line.globals.access.user, "supervisor");
}

TEST(WholeLine, WaitIsAFlagOfWhatIsSentAndTheSecondsAreCalledTimeout) {
  for (const std::string words :
       {"device fill freezer-1 --wait", "device fill --wait --device freezer-1",
        "alarm ack freezer-1.level-low --wait", "dose told c-1 --dose d01 --wait",
        "send device/fill {} --wait"}) {
    Line line;
    EXPECT_EQ(line.parse(words), "") << words;
    EXPECT_EQ(line.globals.wait_s, 20) << words;
  }
  Line line;
  EXPECT_EQ(line.parse("--timeout 90 device fill freezer-1 --wait"), "");
  EXPECT_EQ(line.globals.wait_s, 90);
  Line wrong;
  EXPECT_NE(wrong.parse("--timeout soon status"), "");
}

// What is sent can be waited for, whoever wrote its command; those that always wait need no flag.
TEST(WholeLine, EveryCommandOfTheTableHasAWaitOrAlwaysWaits) {
  Line line;
  for (const CommandSchema& schema : core::command_table()) {
    const std::size_t slash = schema.verb.find('/');
    const CLI::App* noun = command_named(line.app, std::string(schema.verb.substr(0, slash)));
    ASSERT_NE(noun, nullptr) << schema.verb;
    const CLI::App* act = command_named(*noun, std::string(schema.verb.substr(slash + 1)));
    if (act == nullptr) continue;  // known under another word, such as alarm ack
    const bool always = schema.verb == "device/write" || schema.verb == "event/replay" ||
                        schema.verb == "pager/test" || schema.verb == "store/backup" ||
                        schema.verb == "alarm/coverage" || schema.verb == "signature/end";
    EXPECT_TRUE(always || act->get_option_no_throw("--wait") != nullptr) << schema.verb;
  }
}

// What bash offers for a line whose last word is `current`, where the service knows two of each
// kind.
std::string offered_by_bash(const std::string& words, const std::string& current) {
  Line line;
  const auto script = completion_script(line.app, "bash");
  EXPECT_TRUE(script.ok());
  const std::filesystem::path file =
      std::filesystem::path(testing::TempDir()) / cat("completion-", ::getpid(), ".bash");
  std::ofstream(file) << *script << "timeout() { shift; \"$@\"; }\n"
                      << "cryobankctl() { echo \"$2-1\"; echo \"$2-2\"; }\n"
                      << "COMP_WORDS=(cryobankctl " << words << " '" << current << "')\n"
                      << "COMP_CWORD=$((${#COMP_WORDS[@]} - 1))\n"
                      << "_cryobankctl\necho \"${COMPREPLY[*]}\"\n";
  std::string out;
  FILE* pipe = ::popen(cat("bash ", file.string(), " 2>&1").c_str(), "r");
  char buffer[4096];
  while (std::fgets(buffer, sizeof buffer, pipe) != nullptr) out += buffer;
  EXPECT_EQ(::pclose(pipe), 0);
  std::filesystem::remove(file);
  return std::string(trim(out));
}

TEST(WholeLine, CompletionOffersTheWordsOfTheTableAndTheIdsThatThereAre) {
  EXPECT_EQ(offered_by_bash("course", "sh"), "show");
  EXPECT_EQ(offered_by_bash("course show", ""), "--help --reason --witness course-1 course-2");
  EXPECT_EQ(offered_by_bash("aliquot store --strategy", ""), "same-box least-empty last-used");
  EXPECT_EQ(offered_by_bash("aliquot store --strategy", "l"), "least-empty last-used");
  EXPECT_EQ(offered_by_bash("hold place --reason", "zzz"), "");
  EXPECT_EQ(offered_by_bash("aliquot store --robot", "robot-2"), "robot-2");
  EXPECT_EQ(offered_by_bash("device fill --witness", ""), "user-1 user-2");
  EXPECT_EQ(offered_by_bash("completion", ""), "--help bash zsh fish");
  EXPECT_EQ(offered_by_bash("ids", "fre"), "freezer");
}

// Every script is one that its shell can read; where the shell is not installed nothing is said of
// it.
TEST(WholeLine, EveryCompletionScriptIsReadByItsShell) {
  Line line;
  for (const std::string_view shell : kShells) {
    if (std::system(cat("command -v ", shell, " >/dev/null").c_str()) != 0) continue;
    const auto script = completion_script(line.app, shell);
    ASSERT_TRUE(script.ok());
    const std::filesystem::path file =
        std::filesystem::path(testing::TempDir()) / cat("completion-", ::getpid(), ".", shell);
    std::ofstream(file) << *script;
    EXPECT_EQ(std::system(cat(shell, " -n ", file.string()).c_str()), 0) << shell;
    std::filesystem::remove(file);
  }
  EXPECT_FALSE(completion_script(line.app, "tcsh").ok());
}

}  // namespace
}  // namespace cryobank::ctl
