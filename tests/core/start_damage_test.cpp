// Every kind of row and document on a real LevelDB store, damaged by one member after the other:
// the start stops, and says which row, which member and what was expected.
#include <gtest/gtest.h>

#include <algorithm>

#include "base/text.hpp"
#include "inventory/ledger/documents.hpp"
#include "inventory/record/leveldb_io.hpp"
#include "tests/contracts/temp_dir.hpp"
#include "tests/core/world.hpp"
#include "tests/inventory/ledger/document_samples.hpp"

namespace cryobank::core {
namespace {

struct RowSample {
  std::string key;
  Json row;
  std::string must;  // members that it cannot do without, with a blank behind each
};

struct RowKind {
  std::string_view prefix;
  std::string_view must;
};

// What a bank's life leaves in the store besides documents, and what no row of each lacks.
constexpr RowKind kRowKinds[] = {
    {"c/", "at fingerprint reply user"},
    {"m/checkpoint", "note sequence"},
    {"m/event/inventory", "first last"},
    {"m/journal/head", "frontier last sequence"},
    {"m/plan-clock", "anchor seen speed"},
    {"r/aliquot/", "aliquot code course dose place state"},
    {"r/counters", ""},
    {"r/course/", "course doses patient revision"},
    {"r/job/", "job kind moves priority robot state"},
    {"r/place/", "place type"},
    {"r/robot/", "robot sequence"},
};
// What stands only after a crash or while people are waited for.
constexpr const char* kRareRows[][3] = {
    {"m/apply/0000000000000001",
     R"({"data":{"alarm":"a.b","at":"2026-11-30T10:00:00.000Z","by":"ann","occurrence":3,"priority":"p1","text":"seen"},"stream":"alarm","type":"alarm-commented"})",
     "data stream type"},
    {"m/backup", R"({"at":1,"file":"b","sequence":3,"since":1})", ""},
    {"m/call/freezer-1.level-low",
     R"({"cause":"freezer-1","code":"4711","coming":[{"at":"2026-11-30T10:00:00.000Z","by":"ann","eta":null}],"declined":["bob"],"device":"freezer-1","escalate_at":null,"leader":"","occurrence":7,"pages":[{"channel":"pager-1","page":"5-2","state":"sent"}],"priority":0,"repeat_at":null,"round":1,"since":"2026-11-30T10:00:00.000Z","standing":false,"telling":1,"tier":1})",
     "cause code coming declined device leader occurrence pages priority round standing telling "
     "tier"},
    {"m/call/~codes/freezer-1.level-low",
     R"({"codes":[{"code":"4711","joined":false,"since":"2026-11-30T10:00:00.000Z"}]})", "codes"},
    {"m/call/~proof", R"({"last":"2026-11-30T10:00:00.000Z"})", "last"},
    {"m/call/~proofs/tier-1",
     R"({"answered":false,"began":"2026-11-30T10:00:00.000Z","code":"4711","pages":[{"channel":"pager-1","page":"5-3","state":"accepted"}],"text":"TEST","tier":1,"until":"2026-11-30T14:00:00.000Z","wants_answer":true})",
     "answered began code pages text tier until wants_answer"},
    {"m/owed/1", R"({"data":{"lost":0},"stream":"service","type":"record-restored"})",
     "data stream type"},
    {"m/witness/id-1",
     R"({"command":{"body":{"aliquot":"a"},"correlation":"","expect_revision":-1,"expires_at":5,"fingerprint":"f","id":"id-1","reason":"","reply_topic":"t","signature":{"meaning":"","proven":false,"record":"","session":"","terminal":""},"terminal":"","user":"ann","verb":"course/release","witness":"bob"},"roles":["operator"],"until":9})",
     "command roles until"},
    {"r/alarm/quite.other",
     R"({"acknowledged":{"at":"2026-11-30T10:00:00.000Z","by":"ann","reason":"going"},"action":"go","answers":[],"by_design":"","cause":"","cleared_at":null,"comments":[{"at":"2026-11-30T10:00:00.000Z","by":"ann","text":"seen"}],"condition":"other","device":"","highest":3,"latch":0,"occurrence":7,"priority":0,"shelf":null,"silenced":null,"since":"2026-11-30T10:00:00.000Z","source":"quite","stage":3,"state":2,"telling":1,"text":"t","unsilenced":null,"value":null,"verify_at":null,"verify_loss_s":-1,"verify_stage":0,"verify_value":null,"watched":false})",
     "action answers comments condition device highest occurrence priority source stage state text "
     "verify_stage watched"},
    {"r/alarm/~maintenance/freezer-1",
     R"({"by":"ann","fill_seen":false,"over":false,"reason":"valve","since":"2026-11-30T10:00:00.000Z","until":"2026-11-30T12:00:00.000Z"})",
     "by fill_seen over reason since until"},
    {"r/alarm/~round/freezer-1",
     R"({"signals":{"level":{"due_ms":5,"every_s":60}},"substitute":false})", "signals substitute"},
    {"r/device/freezer-1/learned",
     R"({"falls":{"daily_sum":1,"days":[5],"hourly_sum":1},"fills":{"durations_s":[1],"intervals_s":[],"rates":[],"starts":[]}})",
     "falls fills"},
    {"r/device/freezer-1/writes/fill-start",
     R"({"by":"ann","count":1,"last_ms":5,"reason":"read back","state":"confirmed","value":100,"witness":""})",
     "by count last_ms reason state witness"},
    {"r/device/robot-1/motions",
     R"({"completed":3,"doubt":{"motion":{"code":"c","destination":[1,2,3],"sequence":7,"source":[1,2,4],"verb":"pick"}},"recent":[{"code":"c","destination":[1,2,3],"sequence":7,"source":[1,2,4]}],"seen":{"at_pick":1,"at_place":2,"completed":3,"echo":7,"epoch":5,"latched":7},"sequence":7})",
     "completed sequence"},
    {"r/device/supply-1/learned", R"({"fallen":1,"filled":2})", "fallen filled"},
};
// What stands inside a row, of another kind than it must be, and what is told of it.
constexpr const char* kInside[][3] = {
    {"m/apply/0000000000000002",
     R"({"data":{"alarm":"a.b","by":"ann","occurrence":"3","text":"t"},"stream":"alarm","type":"alarm-commented"})",
     "fact alarm-commented: expected a whole number from 0 at \"occurrence\", came \"3\""},
    {"m/apply/0000000000000003",
     R"({"data":{"alarm":"a.b"},"stream":"alarm","type":"alarm-raised"})",
     "fact alarm-raised: expected what a person did to an alarm"},
    {"m/call/~codes/freezer-1.level-low",
     R"({"codes":[{"code":"4711","joined":"no","since":"2026-11-30T10:00:00.000Z"}]})",
     "codes: expected true or false at \"joined\""},
    {"r/alarm/~pending/quite.other", R"(["soon"])", "expected a list of at most"},
    {"r/alarm/~next", "0", "expected a whole number from 1, came 0"},
    {"r/alarm/~setting/freezer-1.level-low", "7", "expected a delay, a setting's text"},
    {"r/alarm/~round/freezer-1",
     R"({"signals":{"level":{"due_ms":"5","every_s":60}},"substitute":false})",
     "signals, level: expected a whole number at \"due_ms\", came \"5\""},
    {"r/device/freezer-1/learned",
     R"({"falls":{"daily_sum":1,"days":["5"],"hourly_sum":1},"fills":{"durations_s":[1],"intervals_s":[],"rates":[],"starts":[]}})",
     "falls: expected whole numbers at \"days\""},
    {"r/device/robot-1/motions",
     R"({"recent":[{"code":"c","destination":[1,2],"sequence":7,"source":[1,2,4]}]})",
     "recent: expected the words of a place at \"destination\""},
    {"r/device/robot-1/other", "{}", "no part of a device owns it"},
};

Json registration() {
  Json body = Json::object().set("course", "c-1").set("patient", "p-1").set("protocol", "ank-12");
  Json codes = Json::array();
  for (const char* dose : {"01", "02", "03"}) codes.push(cat("c-1-d", dose, "-1"));
  return body.set("doses", 3).set("codes", std::move(codes));
}

class StartDamage : public testing::Test {
 protected:
  StartDamage() {
    world_.start();
    world_.run(seconds(40));  // every device was read
    for (std::uint16_t dose = 1; dose <= 3; ++dose) {
      EXPECT_TRUE(world_.hardware().put_vial({901, 0, dose}, cat("c-1-d0", dose, "-1")).ok());
    }
    Json body = registration();
    body.set("store", Json::object().set("robot", "robot-1"));
    const Json reply = world_.ask("operator", "course/register", std::move(body));
    EXPECT_EQ(reply["status"], Json("done")) << reply.dump();
    world_.run(seconds(70));  // a checkpoint, and the plan's clock
    EXPECT_TRUE(inventory::create_store(dir_ / "store").ok());
    store_ = std::move(*inventory::open_store(dir_ / "store"));
    std::vector<RowChange> rows;
    for (const auto& [key, value] : world_.rows) rows.push_back({key, value});
    EXPECT_TRUE(store_->commit(rows).ok());
    collect();
  }

  void collect() {
    for (const RowKind& kind : kRowKinds) {
      const auto row = world_.rows.lower_bound(std::string(kind.prefix));
      const bool there = row != world_.rows.end() && row->first.starts_with(kind.prefix);
      ASSERT_TRUE(there) << "no row " << kind.prefix;
      samples_.push_back({row->first, *parse_json(row->second), cat(kind.must, " ")});
    }
    for (const auto& [key, row, must] : kRareRows) {
      samples_.push_back({key, *parse_json(row), cat(must, " ")});
    }
    for (const inventory::DocumentSample& sample : inventory::kDocumentSamples) {
      samples_.push_back(
          {cat("r/", sample.kind, "/", sample.id), *parse_json(sample.row), cat(sample.must, " ")});
    }
  }

  // As the daemon starts: opened anew, every row of now read into a core that knows nothing.
  Status start() {
    store_.reset();
    store_ = std::move(*inventory::open_store(dir_ / "store"));
    Core core(world_.config(), Epoch{99}, 7);
    const Status loaded = inventory::scan_current_rows(
        *store_,
        [&](std::string_view key, std::string_view value) { return core.load_row(key, value); });
    return loaded ? core.loaded() : loaded;
  }

  Status start_with(const std::string& key, const std::string& value) {
    const auto before = *store_->get(key);
    EXPECT_TRUE(store_->commit({{key, value}}).ok());
    const Status status = start();
    EXPECT_TRUE(store_->commit({{key, before}}).ok());
    return status;
  }

  void expect_stop(const RowSample& sample, const Json& damaged, std::string_view member) {
    const Status status = start_with(sample.key, damaged.dump());
    ASSERT_FALSE(status.ok()) << sample.key << " is taken as " << damaged.dump();
    const std::string& told = status.error().context;
    EXPECT_EQ(status.error().code, ErrorCode::corrupt) << told;
    EXPECT_NE(told.find(sample.key), std::string::npos) << told;
    EXPECT_NE(told.find(cat("\"", member, "\"")), std::string::npos) << told;
    EXPECT_NE(told.find("expected "), std::string::npos) << told;
  }

  World world_;
  TempDir dir_;
  std::unique_ptr<inventory::LevelDbStore> store_;
  std::vector<RowSample> samples_;
};

// Something of another kind than the value.
Json of_another_kind(const Json& value) {
  if (value.is_string()) return 7;
  if (value.is_bool()) return "true";
  if (value.is_number()) return "1";
  return "text";
}

Json without(const Json& row, std::string_view member) {
  Json less = row;
  less.members().erase(less.members().find(member));
  return less;
}

TEST_F(StartDamage, WholeRowsOfEveryKindStart) {
  for (const RowSample& sample : samples_) {
    const Status started = start_with(sample.key, sample.row.dump());
    EXPECT_TRUE(started.ok()) << sample.key << ": " << started.error().context;
  }
  std::size_t documents = 0;
  for (const std::string_view kind : inventory::document_kinds()) {
    documents += static_cast<std::size_t>(std::ranges::count_if(
        samples_, [&](const auto& s) { return s.key.starts_with(cat("r/", kind, "/")); }));
  }
  EXPECT_EQ(documents, inventory::document_kinds().size());
}

TEST_F(StartDamage, AMemberOfAnotherTypeStopsTheStart) {
  for (const RowSample& sample : samples_) {
    for (const auto& [member, value] : sample.row.members()) {
      Json damaged = sample.row;
      expect_stop(sample, damaged.set(member, of_another_kind(value)), member);
    }
  }
}

TEST_F(StartDamage, AMissingMemberStopsTheStartUnlessItMayBeMissing) {
  for (const RowSample& sample : samples_) {
    for (const auto& [member, value] : sample.row.members()) {
      const bool must = cat(" ", sample.must).find(cat(" ", member, " ")) != std::string::npos;
      if (must) expect_stop(sample, without(sample.row, member), member);
    }
  }
}

TEST_F(StartDamage, AMemberNobodyKnowsStopsTheStart) {
  for (const RowSample& sample : samples_) {
    if (sample.key == "r/counters") continue;  // a counter may have any name
    Json damaged = sample.row;
    expect_stop(sample, damaged.set("quite_other", 1), "quite_other");
  }
}

TEST_F(StartDamage, WhatStandsInsideARowStopsTheStartToo) {
  for (const auto& [key, row, expected] : kInside) {
    const Status status = start_with(key, row);
    ASSERT_FALSE(status.ok()) << key;
    EXPECT_EQ(status.error().code, ErrorCode::corrupt);
    EXPECT_NE(status.error().context.find(key), std::string::npos) << status.error().context;
    EXPECT_NE(status.error().context.find(expected), std::string::npos) << status.error().context;
  }
}

TEST_F(StartDamage, ACutRowStopsTheStart) {
  for (const RowSample& sample : samples_) {
    const std::string whole = sample.row.dump();
    const Status status = start_with(sample.key, whole.substr(0, whole.size() / 2));
    ASSERT_FALSE(status.ok()) << sample.key;
    EXPECT_EQ(status.error().code, ErrorCode::corrupt);
    EXPECT_NE(status.error().context.find(sample.key), std::string::npos) << status.error().context;
  }
}

}  // namespace
}  // namespace cryobank::core
