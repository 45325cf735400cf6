// Each rule is broken on purpose, in a tree of its own, and must be found; the clean tree must not.
#include "tests/house/rules.hpp"

#include <gtest/gtest.h>

#include <fstream>

#include "base/text.hpp"
#include "tests/house/floors.hpp"

namespace cryobank::house {
namespace {

namespace fs = std::filesystem;

// A small tree that keeps every rule, in a folder that is gone afterwards.
class SmallTree {
 public:
  SmallTree() {
    std::string pattern = (fs::temp_directory_path() / "cryobank-house-XXXXXX").string();
    root_ = mkdtemp(pattern.data());
    for (const char* path :
         {"base/time.hpp", "config/site.hpp", "devices/bus.hpp", "devices/robot/robot.hpp",
          "devices/plant/freezer.hpp", "inventory/commands/decide.hpp",
          "devices/simulator/tank.hpp", "devices/line/modbus_io.hpp", "inventory/ledger/ledger.hpp",
          "inventory/record/journal.hpp", "inventory/record/store_io.hpp",
          "service/alarms/board.hpp", "service/schedule/plan.hpp", "service/core/core.hpp",
          "service/mqtt_io.hpp", "service/ctl/table.hpp", "service/pager/gateway.hpp",
          "tests/simulation/world.hpp"}) {
      write(path, "// What it is.\n#pragma once\n");
    }
  }
  ~SmallTree() { fs::remove_all(root_); }
  SmallTree(const SmallTree&) = delete;
  SmallTree& operator=(const SmallTree&) = delete;

  void write(const std::string& path, std::string_view text) const {
    fs::create_directories((root_ / path).parent_path());
    std::ofstream(root_ / path) << text;
  }

  void remove(const std::string& path) const { fs::remove(root_ / path); }

  Findings check() const { return check_tree(root_); }

 private:
  fs::path root_;
};

std::string all_text(const Findings& findings) {
  std::string out;
  for (const Finding& finding : findings) out += to_text(finding) + "\n";
  return out;
}

// Plants one file and expects exactly this rule at this line; an empty rule expects silence.
struct Planted {
  std::string_view name;
  std::string path;
  std::string text;
  std::string_view rule;
  int line = 1;
};

void expect_found(const Planted& planted) {
  static const SmallTree kTree;
  kTree.write(planted.path, planted.text);
  const Findings findings = kTree.check();
  kTree.remove(planted.path);
  if (planted.rule.empty()) {
    EXPECT_TRUE(findings.empty()) << planted.name << "\n" << all_text(findings);
    return;
  }
  ASSERT_EQ(findings.size(), 1u) << planted.name << "\n" << all_text(findings);
  EXPECT_EQ(findings[0].rule, planted.rule) << planted.name;
  EXPECT_EQ(findings[0].path, planted.path) << planted.name;
  EXPECT_EQ(findings[0].line, planted.line) << planted.name;
}

std::string include(std::string_view path) { return cat("#include \"", path, "\"\n"); }

TEST(HouseRules, find_nothing_in_a_tree_that_keeps_them) {
  EXPECT_EQ(all_text(SmallTree().check()), "");
}

TEST(HouseRules, an_include_goes_down_or_stays_in_the_room) {
  const Planted cases[] = {
      {"base includes nothing above", "base/a.cpp", include("config/site.hpp"), "upward"},
      {"config does not see devices", "config/a.cpp", include("devices/bus.hpp"), "upward"},
      {"devices do not see the core", "devices/a.cpp", include("service/core/core.hpp"), "upward"},
      {"the core does not see an edge", "service/core/a.cpp", include("service/mqtt_io.hpp"),
       "upward"},
      {"a room does not see its own edge", "devices/a.cpp", include("devices/line/modbus_io.hpp"),
       "upward"},
      {"alarms do not see the plan", "service/alarms/a.cpp", include("service/schedule/plan.hpp"),
       "sideways"},
      {"inventory does not see devices", "inventory/ledger/a.cpp", include("devices/bus.hpp"),
       "sideways"},
      {"devices do not see their simulator", "devices/a.cpp", include("devices/simulator/tank.hpp"),
       "sideways"},
      {"the inventory does not see its record", "inventory/ledger/a.cpp",
       include("inventory/record/journal.hpp"), "sideways"},
      {"the ledger does not see what may be done with it", "inventory/ledger/a.cpp",
       include("inventory/commands/decide.hpp"), "sideways"},
      {"a command may see the ledger", "inventory/commands/a.cpp",
       include("inventory/ledger/ledger.hpp"), ""},
      {"a line does not see a robot", "devices/line/a.cpp", include("devices/robot/robot.hpp"),
       "sideways"},
      {"a robot does not see the plant", "devices/robot/a.cpp",
       include("devices/plant/freezer.hpp"), "sideways"},
      {"the fleet may see a robot", "devices/a.cpp", include("devices/robot/robot.hpp"), ""},
      {"the record may see the inventory", "inventory/record/a.cpp",
       include("inventory/ledger/ledger.hpp"), ""},
      {"an edge does not see another room's edge", "inventory/record/b_io.cpp",
       include("devices/line/modbus_io.hpp"), "sideways"},
      {"a program does not see another program", "service/ctl/a.cpp",
       include("service/pager/gateway.hpp"), "sideways"},
      {"nothing sees the tests", "service/core/a.cpp", include("tests/simulation/world.hpp"),
       "upward"},
      {"the simulated world sees no edge", "tests/simulation/a.cpp", include("service/mqtt_io.hpp"),
       "upward"},
      {"a simulator may see its devices", "devices/simulator/a.cpp", include("devices/bus.hpp"),
       ""},
      {"the core may see every room", "service/core/a.cpp",
       include("devices/bus.hpp") + include("inventory/ledger/ledger.hpp") +
           include("service/alarms/board.hpp"),
       ""},
      {"the wiring may see every edge", "service/wiring.cpp",
       include("devices/line/modbus_io.hpp") + include("inventory/record/store_io.hpp"), ""},
      {"a program may see an edge", "service/ctl/a.cpp", include("inventory/record/store_io.hpp"),
       ""},
      {"a test may see an edge", "tests/devices/a_test.cpp", include("devices/line/modbus_io.hpp"),
       ""},
  };
  for (const Planted& planted : cases) expect_found(planted);
}

// Rooms of a floor, and the folders of one library, stand above each other: none includes another
// that comes back to it.
TEST(HouseRules, no_step_comes_back_to_its_folder) {
  EXPECT_EQ(find_circle(steps()), "");
  std::vector<Step> planted(steps().begin(), steps().end());
  planted.push_back({"service/core/plan", "service/core/hand"});
  EXPECT_EQ(find_circle(planted), "service/core/hand > service/core/plan > service/core/hand");
  planted.back() = {"inventory/ledger", "inventory/record"};
  EXPECT_EQ(find_circle(planted), "inventory/ledger > inventory/record > inventory/ledger");
}

TEST(HouseRules, an_include_is_written_from_the_root_and_exists) {
  expect_found({"a bare name", "devices/a.cpp", include("bus.hpp"), "not-from-root"});
  expect_found({"a step up", "devices/a.cpp", include("../config/site.hpp"), "not-from-root"});
  expect_found(
      {"a file that is gone", "devices/a.cpp", include("devices/gone.hpp"), "missing-header"});
  expect_found({"a folder without a floor", "drivers/a.cpp", "", "unknown-room"});
  expect_found({"an include in a comment", "devices/a.cpp", "// " + include("bus.hpp"), ""});
}

TEST(HouseRules, floors_0_to_3_include_nothing_of_the_outside) {
  for (const std::string_view header : {"boost/asio/post.hpp",
                                        "modbus/modbus.h",
                                        "mqtt/async_client.h",
                                        "leveldb/db.h",
                                        "thread",
                                        "mutex",
                                        "atomic",
                                        "chrono",
                                        "ctime",
                                        "unistd.h",
                                        "sys/socket.h",
                                        "filesystem",
                                        "fstream",
                                        "iostream",
                                        "sstream",
                                        "random",
                                        "unordered_map",
                                        "cstdlib",
                                        "cstdio",
                                        "systemd/sd-daemon.h",
                                        "CLI/CLI.hpp",
                                        "nlohmann/json.hpp",
                                        "toml++/toml.h",
                                        "openssl/evp.h",
                                        "cmath"}) {
    for (const std::string path : {"base/a.hpp", "config/a.hpp", "devices/a.hpp",
                                   "inventory/ledger/a.hpp", "service/core/a.hpp"}) {
      expect_found({header, path, cat("// What.\n#pragma once\n#include <", header, ">\n"),
                    "outside-header", 3});
    }
    expect_found({header, "devices/a_io.cpp", cat("#include <", header, ">\n"), ""});
    expect_found({header, "service/main.cpp", cat("#include <", header, ">\n"), ""});
  }
}

TEST(HouseRules, code_of_others_stays_in_the_file_that_wraps_it) {
  const std::string json = "#include <nlohmann/json.hpp>\n";
  expect_found({"the wrapper", "base/json_parse.cpp", json, ""});
  expect_found({"floats of TOML", "config/toml_document.cpp",
                "#include <exception>\n#include <toml++/toml.h>\ndouble d = 0;\n", ""});
  expect_found({"its neighbour", "base/json.cpp", json, "outside-header"});
  expect_found({"the wrapper's handler", "base/json_parse.cpp",
                "void f() {\n  try {\n  } catch (...) {\n  }\n}\n", ""});
}

TEST(HouseRules, a_decision_depends_on_its_inputs_only) {
  const Planted cases[] = {
      {"a clock", "", "auto t = std::chrono::steady_clock::now();", "clock"},
      {"the time", "", "auto t = std::time(nullptr);", "clock"},
      {"a thread", "", "std::thread t;", "thread"},
      {"a lock", "", "std::mutex m;", "thread"},
      {"an atomic", "", "std::atomic<int> n;", "thread"},
      {"a coroutine", "", "co_await f();", "thread"},
      {"an unordered map", "", "std::unordered_map<int, int> m;", "unordered"},
      {"a hash", "", "auto h = std::hash<int>{}(1);", "unordered"},
      {"a distribution", "", "std::uniform_int_distribution<int> d;", "random"},
      {"a random device", "", "std::random_device d;", "random"},
      {"the C generator", "", "int n = rand();", "random"},
      {"a shuffle", "", "std::shuffle(a, b, c);", "random"},
      {"the environment", "", "auto* v = std::getenv(\"A\");", "environment"},
      {"a locale", "", "std::locale l;", "environment"},
      {"a stream", "", "std::ostringstream s;", "stream"},
      {"a print", "", "std::printf(\"x\");", "stream"},
      {"a float", "", "float level = 0;", "floating-point"},
      {"a double", "", "double level = 0;", "floating-point"},
      {"a throw", "", "throw 1;", "exception"},
      {"an order of addresses", "", "std::map<const Tank*, int> tanks;", "address-order"},
      {"a word in a comment", "", "// the steady_clock is read by the world", ""},
      {"a word in a string", "", "auto s = \"double \\\" throw\";", ""},
      {"a word in a raw string", "", "auto s = R\"(\nthrow\n)\";", ""},
      {"a word in a long comment", "", "/* throw\n double */ int n = 1'000;", ""},
      {"a member named thread", "", "int n = line.thread + mutex.future;", ""},
      {"a map to pointers", "", "std::map<int, Tank*> tanks;", ""},
  };
  for (Planted planted : cases) {
    planted.text += '\n';
    for (const std::string path :
         {"base/a.cpp", "config/a.cpp", "inventory/ledger/a.cpp", "service/core/a.cpp"}) {
      planted.path = path;
      expect_found(planted);
    }
    planted.path = "service/edge_io.cpp";
    planted.rule = "";
    expect_found(planted);
  }
}

TEST(HouseRules, the_simulated_world_replays_too) {
  const std::string clock = "auto t = std::chrono::steady_clock::now();\n";
  expect_found({"in the world", "tests/simulation/a.cpp", clock, "clock"});
  expect_found({"around it", "tests/simulation/rate_test.cpp", clock, ""});
  expect_found({"its physics", "tests/simulation/a.cpp", "double level = 0;\n", ""});
  expect_found({"in other tests", "tests/programs/a_test.cpp", clock, ""});
}

TEST(HouseRules, floating_point_stays_where_registers_and_physics_are) {
  expect_found({"a register", "devices/line/register_codec.cpp", "float f = 0;\n", ""});
  expect_found({"physics", "devices/simulator/a.cpp", "double level = 0;\n", ""});
  expect_found({"a model", "devices/plant/freezer.cpp", "double level = 0;\n", "floating-point"});
}

TEST(HouseRules, an_error_is_handed_on_by_one_form) {
  const std::string start = "Status f() {\n  const Status x = g();\n";
  expect_found({"two lines", "devices/bus_a.cpp", cat(start, "  if (!x) return x.error();\n}\n"),
                "by-hand", 3});
  expect_found({"one line", "devices/bus_a.cpp",
                "Status f() {\n  if (Status x = g(); !x) return x.error();\n}\n", "by-hand", 2});
  expect_found({"with more to say", "devices/bus_a.cpp",
                cat(start, "  if (!x) return told(x.error());\n}\n"), ""});
  expect_found({"on a condition", "devices/bus_a.cpp",
                cat(start, "  if (late && !x) return x.error();\n}\n"), ""});
  expect_found({"the form", "devices/bus_a.cpp", "Status f() {\n  TRY(g());\n}\n", ""});
}

TEST(HouseRules, nothing_is_left_unfinished) {
  for (const std::string word : {"TO"
                                 "DO",
                                 "FIX"
                                 "ME",
                                 "for"
                                 " now",
                                 "place"
                                 "holder"}) {
    expect_found({word, "devices/a.cpp", cat("int n = 0;  // ", word, "\n"), "unfinished"});
    expect_found({word, "devices/a.cpp", cat("// a", word, "b\n"), ""});
    expect_found({word, "scripts/demo", cat("# ", word, "\n"), "unfinished"});
  }
}

TEST(HouseRules, names_say_what_a_thing_is) {
  expect_found({"a class", "devices/a.cpp", "class BusManager {};\n", "vague-name"});
  expect_found({"a struct", "devices/a.cpp", "\nstruct StringUtil {};\n", "vague-name", 2});
  expect_found({"a file", "devices/bus_helper.cpp", "", "vague-name"});
  expect_found({"a word within", "devices/a.cpp", "class Implant {};\n", ""});
}

TEST(HouseRules, no_path_of_a_machine_stands_in_the_tree) {
  expect_found(
      {"a string", "devices/a.cpp", cat("auto p = \"/ho", "me/someone\";\n"), "machine-path"});
}

TEST(HouseRules, files_are_short_enough_to_be_read_at_once) {
  const auto lines = [](std::size_t count) { return std::string(count, '\n'); };
  expect_found({"a file at its bound", "devices/a.cpp", lines(400), ""});
  expect_found({"a line more", "devices/a.cpp", lines(401), "too-long", 401});
  expect_found({"a test at its bound", "tests/devices/a_test.cpp", lines(600), ""});
  expect_found(
      {"a test with a line more", "tests/devices/a_test.cpp", lines(601), "too-long", 601});
}

TEST(HouseRules, lines_are_narrow_enough_for_two_files_side_by_side) {
  const auto comment = [](std::string_view letter, int columns) {
    std::string line = "//";
    for (int i = 2; i < columns; ++i) line += letter;
    return line + "\n";
  };
  expect_found({"at the bound", "devices/a.cpp", comment("x", 100), ""});
  expect_found({"a column more", "devices/a.cpp", comment("x", 101), "too-wide"});
  expect_found({"a text that cannot be broken", "devices/a.cpp",
                cat("auto s = R\"(", std::string(100, 'x'), ")\";\n"), ""});
  expect_found({"letters of two bytes", "devices/a.cpp", comment("\xC3\xA9", 100), ""});
}

TEST(HouseRules, a_header_says_first_what_it_is) {
  const auto header = [](int lines) {
    std::string text;
    for (int i = 0; i < lines; ++i) text += "// A line.\n";
    return text + "#pragma once\n";
  };
  expect_found({"no comment", "devices/a.hpp", header(0), "header-comment"});
  expect_found({"ten lines", "devices/a.hpp", header(10), ""});
  expect_found({"eleven lines", "devices/a.hpp", header(11), "header-comment"});
  expect_found({"a table", "devices/a.hpp", "//\n//   0  state\n//   1  step\n" + header(10), ""});
  expect_found({"a table alone", "devices/a.hpp", "//   0  state\n" + header(0), "header-comment"});
  expect_found({"no guard", "devices/a.hpp", "// What.\nint n;\n", "pragma-once"});
}

}  // namespace
}  // namespace cryobank::house
