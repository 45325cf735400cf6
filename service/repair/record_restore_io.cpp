#include "service/repair/record_restore_io.hpp"

#include <utility>

#include "base/row_reader.hpp"
#include "base/text.hpp"
#include "base/try.hpp"

namespace cryobank::service {
namespace {

constexpr std::string_view kOwedPrefix = "m/owed/";
constexpr std::string_view kOwedEnd = "m/owed0";  // behind every key with the prefix

}  // namespace

Status owe_fact(inventory::Store& store, const FactName& type, Json data) {
  Json row = Json::object();
  row.set("stream", type.stream()).set("type", type.type()).set("data", std::move(data));
  std::string key = cat(kOwedPrefix, type.type());
  for (int another = 2;; ++another) {
    TRY_ASSIGN(const auto taken, store.get(key));
    if (!taken) return store.commit({{key, row.dump()}});
    key = cat(kOwedPrefix, type.type(), "-", another);
  }
}

std::vector<RowChange> owed_facts(const std::string& folder) {
  std::vector<RowChange> owed;
  const auto store = inventory::open_store(folder);
  if (!store) return owed;
  const Status read =
      (*store)->scan(kOwedPrefix, kOwedEnd, [&owed](std::string_view key, std::string_view value) {
        owed.push_back({std::string(key), std::string(value)});
        return true;
      });
  if (!read) owed.clear();
  return owed;
}

Result<std::optional<std::uint64_t>> owe_again(inventory::Store& store,
                                               const std::vector<RowChange>& owed) {
  std::optional<std::uint64_t> lost = 0;
  for (const RowChange& row : owed) {
    TRY_ASSIGN(const Json fact, parse_json(*row.value));
    RowReader in(row.key, fact);
    const Json& data = in.object("data");
    TRY(in.status());
    if (!data.members().contains("lost")) continue;  // of a key that was changed
    RowReader told(row.key, data);
    const Json& here = data["lost"];
    const auto entries = here.is_null() ? 0 : told.number("lost");
    TRY(told.status());
    if (here.is_null()) lost.reset();
    if (lost) *lost += static_cast<std::uint64_t>(entries);
  }
  TRY(store.commit(owed));
  return lost;
}

Result<RestoredRecord> restore_record(const std::string& backup, const std::string& folder,
                                      const RestoreOrder& order) {
  TRY_ASSIGN(auto info, inventory::restore_backup(backup, folder));
  TRY_ASSIGN(auto store, inventory::open_store(folder));
  TRY_ASSIGN(const auto known, inventory::epoch_of_rows(inventory::scan_of(*store)));
  TRY_ASSIGN(const auto epoch, inventory::epoch_above(known, order.now.wall));
  TRY(store->commit({{std::string(inventory::kEpochKey), cat(epoch.value)}}));
  Json data = Json::object();
  data.set("backup", backup).set("by", order.user).set("entries", info.sequence);
  data.set("epoch", epoch.value).set("lost", Json()).set("reason", order.reason);
  TRY(owe_fact(*store, fact::kStoreRestored, std::move(data)));
  return RestoredRecord{info, epoch};
}

}  // namespace cryobank::service
