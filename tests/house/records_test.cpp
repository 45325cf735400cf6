// What came from disk or wire is read by kind, and facts are named in one place: both shown in the
// tree itself.
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "base/fact_names.hpp"
#include "base/text.hpp"
#include "tests/house/rules.hpp"

namespace cryobank::house {
namespace {

constexpr std::string_view kSilent[] = {"string_or(", "integer_or(", "bool_or("};

// Readings with a silent default that are still there. A number may only fall, and nothing in the
// record's own rooms (inventory/ledger, inventory/commands) is ever added.
const std::map<std::string_view, int> kStillSilent = {
    {"devices/plant/plant_decide.cpp", 5},
    {"devices/plant/supply.cpp", 2},
    {"devices/plant/write_desk.cpp", 7},
    {"devices/robot/robot.cpp", 2},
    {"devices/robot/robot_expect.cpp", 1},
    {"devices/robot/robot_memory.cpp", 3},
    {"devices/robot/robot_motion.cpp", 5},
    {"devices/simulator/cell.cpp", 2},
    {"devices/simulator/control.cpp", 7},
    {"devices/simulator/cooler.cpp", 10},
    {"devices/simulator/fault_set.cpp", 11},
    {"devices/simulator/freezer_state.cpp", 17},
    {"devices/simulator/hardware.cpp", 7},
    {"devices/simulator/relay_robot.cpp", 9},
    {"devices/simulator/robot_state.cpp", 15},
    {"devices/simulator/room.cpp", 8},
    {"devices/simulator/supply.cpp", 2},
    {"devices/simulator/tank.cpp", 5},
    {"inventory/record/backup_io.cpp", 4},
    {"inventory/record/journal_format.cpp", 2},
    {"inventory/record/purge_check.cpp", 4},
    {"inventory/record/signature_check.cpp", 13},
    {"service/alarms/alarm.cpp", 13},
    {"service/alarms/board.cpp", 4},
    {"service/alarms/board_commands.cpp", 9},
    {"service/alarms/board_pages.cpp", 4},
    {"service/core/recovery_guide.cpp", 3},
    {"service/ctl/commands.cpp", 7},
    {"service/ctl/commands_journal.cpp", 2},
    {"service/ctl/commands_sign.cpp", 7},
    {"service/ctl/commands_store.cpp", 6},
    {"service/ctl/commands_watch.cpp", 1},
    {"service/ctl/record_print.cpp", 2},
    {"service/ctl/session_io.cpp", 2},
    {"service/ctl/story.cpp", 1},
    {"service/pager/watch.cpp", 4},
    {"service/repair/record_purge_io.cpp", 3},
};

bool is_ours(std::string_view path) {
  return is_cpp(path) && !path.starts_with("tests/") && !path.starts_with("base/json");
}

int count_of(std::string_view text, std::string_view word) {
  int count = 0;
  for (std::size_t at = text.find(word); at != std::string_view::npos;
       at = text.find(word, at + 1)) {
    ++count;
  }
  return count;
}

TEST(Records, NothingIsReadWithASilentDefault) {
  std::set<std::string> seen;
  for (const SourceFile& file : read_tree(CRYOBANK_SOURCE_DIR)) {
    if (!is_ours(file.path)) continue;
    int silent = 0;
    for (const std::string& line : file.code) {
      for (const std::string_view word : kSilent) silent += count_of(line, word);
    }
    const auto known = kStillSilent.find(file.path);
    const int allowed = known == kStillSilent.end() ? 0 : known->second;
    EXPECT_LE(silent, allowed) << file.path << ": read it through base/row_reader.hpp";
    EXPECT_GE(silent, allowed) << file.path << ": fewer are left, lower its number here";
    seen.insert(file.path);
  }
  for (const auto& [path, count] : kStillSilent) {
    EXPECT_TRUE(seen.contains(std::string(path))) << path << " is gone: take it out here";
    EXPECT_FALSE(path.starts_with("inventory/ledger") || path.starts_with("inventory/commands"));
  }
}

// The constant of a fact, as the code writes it: "fact::kHoldPlaced".
std::string constant_of(const FactName& name) {
  std::string out = "fact::k";
  bool upper = true;
  for (const char c : name.type()) {
    if (c == '-') {
      upper = true;
      continue;
    }
    out += upper ? static_cast<char>(c - 'a' + 'A') : c;
    upper = false;
  }
  return out;
}

// Where a fact is only looked at: the tables of what is applied and told, and comparisons.
bool only_looks(std::string_view path, std::string_view line) {
  if (path.starts_with("inventory/ledger/apply_")) return true;
  return line.find("== fact::") != std::string_view::npos ||
         line.find("!= fact::") != std::string_view::npos ||
         line.find(", on_") != std::string_view::npos ||
         line.find(", ErrorCode::") != std::string_view::npos;
}

TEST(Records, EveryFactHasAWriterAndThoseOfTheLedgerAreApplied) {
  std::map<std::string, int> written, applied;
  for (const SourceFile& file : read_tree(CRYOBANK_SOURCE_DIR)) {
    if (!is_ours(file.path) || file.path.starts_with("base/")) continue;
    const bool applies = file.path.starts_with("inventory/ledger/apply_");
    for (const std::string& line : file.code) {
      if (line.find("fact::k") == std::string::npos) continue;
      for (const FactName& name : fact::kAll) {
        const std::string constant = constant_of(name);
        const std::size_t at = line.find(constant);
        if (at == std::string::npos) continue;
        const char after = at + constant.size() < line.size() ? line[at + constant.size()] : ' ';
        if ((after >= 'a' && after <= 'z') || (after >= 'A' && after <= 'Z')) continue;
        applied[constant] += applies ? 1 : 0;
        written[constant] += only_looks(file.path, line) ? 0 : 1;
      }
    }
  }
  for (const FactName& name : fact::kAll) {
    const std::string constant = constant_of(name);
    EXPECT_GT(written[constant], 0) << constant << " is written by nobody";
    const bool ledger = name.stream() == "inventory" || name.stream() == "job";
    EXPECT_EQ(applied[constant] > 0, ledger)
        << constant << (ledger ? " changes nothing in the record" : " is applied to the record");
  }
}

// No text in the code is the name of a fact: it would be compared with nothing.
TEST(Records, NoFactIsNamedByItsTextElsewhere) {
  for (const SourceFile& file : read_tree(CRYOBANK_SOURCE_DIR)) {
    if (!is_ours(file.path) || file.path == "base/fact_names.hpp") continue;
    for (const std::string& line : file.raw) {
      if (line.find('"') == std::string::npos || trim(line).starts_with("//")) continue;
      for (const FactName& name : fact::kAll) {
        if (name == fact::kBackupFailed) continue;  // the alarm of it has the same name
        EXPECT_EQ(line.find(cat("\"", name.type(), "\"")), std::string::npos)
            << file.path << ": " << line;
      }
    }
  }
}

}  // namespace
}  // namespace cryobank::house
