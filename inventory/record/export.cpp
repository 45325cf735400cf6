#include "inventory/record/export.hpp"

#include "base/text.hpp"
#include "base/try.hpp"
#include "inventory/record/journal_format.hpp"
#include "inventory/record/verify.hpp"

namespace cryobank::inventory {
Result<std::vector<std::string>> kept_notes(const RowScan& rows, std::size_t notes_max) {
  std::size_t count = 0;
  TRY(rows(kCheckpointPrefix, kCheckpointEnd, [&](std::string_view, std::string_view) {
    ++count;
    return true;
  }));
  const std::size_t step = count / notes_max + 1;
  std::size_t left = count;  // counted down, so that the last one is always taken
  std::vector<std::string> notes;
  TRY(rows(kCheckpointPrefix, kCheckpointEnd, [&](std::string_view, std::string_view note) {
    if (--left % step == 0) notes.emplace_back(note);
    return left > 0;
  }));
  return notes;
}

Result<Checkpoint> export_entries(const RowScan& rows, std::string_view origin,
                                  const std::vector<Checkpoint>& earlier,
                                  const std::function<Status(std::string_view)>& write) {
  JournalVerifier verifier(earlier);
  Status written;
  TRY(rows(kJournalPrefix, kJournalEnd, [&](std::string_view, std::string_view entry) {
    if (!verifier.feed(entry)) return false;
    written = write(entry);
    return written.ok();
  }));
  TRY(written);
  TRY_ASSIGN(const auto head_row, read_row(rows, kJournalHeadKey));
  std::vector<JournalVerifier::End> ends;
  if (head_row) {
    TRY_ASSIGN(const auto head, parse_head(*head_row));
    ends.push_back({head.sequence, head.last_hash, "the head row"});
  }
  if (!verifier.finish(ends)) {
    return make_error(ErrorCode::corrupt, cat("journal: ", describe(*verifier.fault())));
  }
  return Checkpoint{std::string(origin), verifier.sequence(), verifier.frontier().root()};
}

}  // namespace cryobank::inventory
