#include "service/repair/record_events_io.hpp"

#include <utility>
#include <vector>

#include "base/try.hpp"
#include "inventory/record/journal_format.hpp"
#include "service/wire/event_log.hpp"
#include "service/wire/topics.hpp"
#include "service/wire/wire.hpp"

namespace cryobank::service {
namespace {

constexpr std::size_t kBatchRows = 1000;

}  // namespace

Status rebuild_events(inventory::LevelDbStore& store, const config::SiteConfig& site,
                      std::uint64_t after) {
  core::EventLog events;
  Status loaded;
  const Status heads =
      store.scan("m/event/", "m/event0", [&](std::string_view key, std::string_view value) {
        loaded = events.load_row(key, value);
        return loaded.ok();
      });
  if (!heads || !loaded) return heads ? loaded : heads;
  const core::Topics topics(site.site);
  std::vector<RowChange> rows;
  Status done;
  const auto flush = [&] {
    events.head_rows(rows);
    (void)events.committed();
    done = store.commit(std::exchange(rows, {}));
    return done.ok();
  };
  // A snapshot: the scan sees no row of its own making.
  TRY_ASSIGN(const auto snapshot, store.snapshot());
  const Status scanned = snapshot->scan(
      inventory::journal_key(after + 1), inventory::kJournalEnd,
      [&](std::string_view, std::string_view bytes) {
        const auto entry = inventory::parse_entry(bytes);
        if (!entry) {
          done = entry.error();
          return false;
        }
        const core::EventContext context{
            topics.root(),           events.next_number(entry->fact.stream), entry->sequence,
            entry->context.now.wall, entry->context.actor.user.str(),        entry->context.command,
            entry->context.reason};
        events.append(entry->fact.stream, core::event_payload(entry->fact, context), rows);
        return rows.size() < kBatchRows || flush();
      });
  if (!scanned || !done) return scanned ? done : scanned;
  return rows.empty() || flush() ? Status() : done;
}

}  // namespace cryobank::service
