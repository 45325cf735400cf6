#include "service/repair/record_restore_io.hpp"

#include <utility>

#include "base/text.hpp"

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
  auto info = inventory::restore_backup(backup, folder);
  if (!info) return info.error();
  auto store = inventory::open_store(folder);
  if (!store) return store.error();
  const auto known = inventory::epoch_of_rows(inventory::scan_of(**store));
  if (!known) return known.error();
  const auto epoch = inventory::epoch_above(*known, order.now.wall);
  if (!epoch) return epoch.error();
  Status set = (*store)->commit({{std::string(inventory::kEpochKey), cat(epoch->value)}});
  if (!set) return set.error();
  Json data = Json::object();
  data.set("backup", backup).set("by", order.user).set("entries", info->sequence);
  data.set("epoch", epoch->value).set("lost", Json()).set("reason", order.reason);
  if (Status owed = owe_fact(**store, fact::kStoreRestored, std::move(data)); !owed) {
    return owed.error();
  }
  return RestoredRecord{*info, *epoch};
}

}  // namespace cryobank::service
