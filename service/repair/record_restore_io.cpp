#include "service/repair/record_restore_io.hpp"

#include <utility>

#include "base/text.hpp"
#include "base/try.hpp"

namespace cryobank::service {
namespace {

constexpr std::string_view kOwedPrefix = "m/owed/";

}  // namespace

Status owe_fact(inventory::Store& store, const FactName& type, Json data) {
  Json row = Json::object();
  row.set("stream", type.stream()).set("type", type.type()).set("data", std::move(data));
  return store.commit({{cat(kOwedPrefix, type.type()), row.dump()}});
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
