// What came from disk or wire is read by kind, never with a default that nobody told.
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "base/text.hpp"
#include "tests/house/rules.hpp"

namespace cryobank::house {
namespace {

constexpr std::string_view kSilent[] = {"string_or(", "integer_or(", "bool_or("};

// Readings with a silent default that are still there. A number may only fall, and nothing in the
// record's own rooms (inventory/) is ever added.
const std::map<std::string_view, int> kStillSilent = {
    {"devices/detect/fall_watch.cpp", 2},
    {"devices/plant/plant_decide.cpp", 5},
    {"devices/plant/supply.cpp", 2},
    {"devices/plant/write_desk.cpp", 8},
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
    {"devices/simulator/block_robot_state.cpp", 15},
    {"devices/simulator/room_instrument.cpp", 8},
    {"devices/simulator/supply.cpp", 2},
    {"devices/simulator/tank.cpp", 5},
    {"service/alarms/alarm.cpp", 15},
    {"service/alarms/board.cpp", 4},
    {"service/alarms/board_commands.cpp", 9},
    {"service/alarms/board_rounds.cpp", 6},
    {"service/alarms/board_rows.cpp", 9},
    {"service/alarms/metrics.cpp", 4},
    {"service/alarms/page_gateways.cpp", 8},
    {"service/alarms/page_ledger.cpp", 16},
    {"service/alarms/page_receipts.cpp", 9},
    {"service/ctl/commands.cpp", 7},
    {"service/ctl/commands_alarm.cpp", 3},
    {"service/ctl/commands_bank.cpp", 3},
    {"service/ctl/commands_journal.cpp", 2},
    {"service/ctl/commands_sign.cpp", 7},
    {"service/ctl/commands_store.cpp", 6},
    {"service/ctl/commands_watch.cpp", 1},
    {"service/ctl/record_print.cpp", 2},
    {"service/ctl/session_io.cpp", 2},
    {"service/ctl/story.cpp", 1},
    {"service/pager/channel_mqtt_io.cpp", 4},
    {"service/pager/channel_program_io.cpp", 3},
    {"service/pager/channel_webhook_io.cpp", 1},
    {"service/pager/gateway_io.cpp", 1},
    {"service/pager/page_queue.cpp", 21},
    {"service/pager/watch.cpp", 5},
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
    EXPECT_FALSE(path.starts_with("inventory/")) << path;
  }
}

}  // namespace
}  // namespace cryobank::house
