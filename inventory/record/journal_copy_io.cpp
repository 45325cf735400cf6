#include "inventory/record/journal_copy_io.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <utility>

#include "base/text.hpp"
#include "base/try.hpp"
#include "inventory/record/journal_format.hpp"
#include "inventory/record/merkle.hpp"

namespace cryobank::inventory {
namespace {

constexpr mode_t kMode = 0640;
constexpr int kAsideMax = 1000;
// How much of the file's end is read to find its last line: an entry is some 500 bytes, at most
// kJournalEntryMax.
constexpr std::uint64_t kTailFirst = 64u << 10;
constexpr std::uint64_t kTailGrowth = 16;
constexpr std::uint64_t kTailMax = 2 * (kJournalEntryMax + 1);

}  // namespace

JournalCopy::~JournalCopy() {
  (void)sync();
  close();
}

void JournalCopy::close() {
  if (descriptor_ >= 0) ::close(descriptor_);
  descriptor_ = -1;
  open_ = false;
}

Error JournalCopy::failed(std::string_view doing) const {
  return make_error(ErrorCode::io, cat("cannot ", doing, " ", path_, ": ", std::strerror(errno)));
}

Status JournalCopy::append(std::string_view lines, std::uint64_t sequence) {
  std::string_view left = lines;
  while (!left.empty()) {
    const auto at = static_cast<off_t>(size_ + (lines.size() - left.size()));
    const ssize_t written = ::pwrite(descriptor_, left.data(), left.size(), at);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) {
      Error error = failed("write");
      close();  // the next opening cuts what was written of it
      return error;
    }
    left.remove_prefix(static_cast<std::size_t>(written));
  }
  size_ += lines.size();
  sequence_ = sequence;
  dirty_ = true;
  return {};
}

Status JournalCopy::follow(const std::vector<RowChange>& rows) {
  if (!open_ || behind_) return {};
  std::string lines;
  std::uint64_t sequence = sequence_;
  for (const RowChange& row : rows) {
    if (!row.value || !row.key.starts_with(kJournalPrefix)) continue;
    const auto number = sequence_of_key(row.key);
    if (!number || *number != sequence + 1) {
      behind_ = true;
      return {};
    }
    lines += *row.value;
    lines += '\n';
    ++sequence;
  }
  return append(lines, sequence);
}

Status JournalCopy::sync() {
  if (!dirty_ || descriptor_ < 0) return {};
  dirty_ = false;
  if (::fdatasync(descriptor_) == 0) return {};
  Error error = failed("sync");
  close();
  return error;
}

Status JournalCopy::read_tail(std::uint64_t length, std::string& tail) const {
  std::size_t got = 0;
  while (got < tail.size()) {
    const ssize_t read = ::pread(descriptor_, tail.data() + got, tail.size() - got,
                                 static_cast<off_t>(length - tail.size() + got));
    if (read < 0 && errno == EINTR) continue;
    if (read <= 0) return failed("read");
    got += static_cast<std::size_t>(read);
  }
  return {};
}

// The last whole line tells how far the copy goes; what stands behind it is a torn one.
Status JournalCopy::find_end() {
  struct stat status {};
  if (::fstat(descriptor_, &status) != 0) return failed("look at");
  const auto length = static_cast<std::uint64_t>(status.st_size);
  sequence_ = 0;
  last_hash_ = {};
  for (std::uint64_t window = kTailFirst;; window *= kTailGrowth) {
    std::string tail(std::min({window, length, kTailMax}), '\0');
    TRY(read_tail(length, tail));
    const std::size_t end = tail.rfind('\n');
    const std::size_t before =
        end == std::string::npos || end == 0 ? std::string::npos : tail.rfind('\n', end - 1);
    const bool whole = tail.size() == length || tail.size() == kTailMax;
    if (before == std::string::npos && !whole) continue;
    size_ = end == std::string::npos ? 0 : length - tail.size() + end + 1;
    if (end == std::string::npos) return {};
    const std::size_t first = before == std::string::npos ? 0 : before + 1;
    const std::string_view line = std::string_view(tail).substr(first, end - first);
    if (const auto entry = parse_entry(line)) sequence_ = entry->sequence;
    last_hash_ = line_hash(line);
    return {};
  }
}

Status JournalCopy::expect_same_journal(Store& store, bool& same) {
  same = size_ == 0;
  if (same || sequence_ == 0) return {};
  TRY_ASSIGN(const auto entry, store.get(journal_key(sequence_)));
  same = entry && line_hash(*entry) == last_hash_;
  return {};
}

Status JournalCopy::set_aside() {
  close();
  for (int i = 1; i <= kAsideMax; ++i) {
    const std::string aside = cat(path_, ".set-aside-", i);
    std::error_code ignored;
    if (std::filesystem::exists(aside, ignored)) continue;
    if (std::rename(path_.c_str(), aside.c_str()) != 0) return failed("set aside");
    return {};
  }
  return make_error(ErrorCode::io,
                    cat("expected fewer than ", kAsideMax, " copies set aside of ", path_));
}

Status JournalCopy::open(Store& store) {
  for (int attempt = 0; attempt < 2; ++attempt) {
    descriptor_ = ::open(path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, kMode);
    if (descriptor_ < 0) return failed("open");
    TRY(find_end());
    bool same = false;
    TRY(expect_same_journal(store, same));
    if (same) {
      if (::ftruncate(descriptor_, static_cast<off_t>(size_)) != 0) return failed("cut");
      open_ = true;
      behind_ = true;
      return {};
    }
    TRY(set_aside());
  }
  return make_error(ErrorCode::conflict, cat("expected ", path_, " to be this daemon's alone"));
}

Status JournalCopy::step(Store& store) {
  if (!open_) {
    if (Status opened = open(store); !opened) {
      close();
      return opened;
    }
  }
  std::string lines;
  std::uint64_t sequence = sequence_;
  bool gap = false;
  TRY(store.scan(journal_key(sequence_ + 1), kJournalEnd,
                 [&](std::string_view key, std::string_view entry) {
                   const auto number = sequence_of_key(key);
                   gap = !number || *number != sequence + 1;
                   if (gap) return false;
                   lines += entry;
                   lines += '\n';
                   return ++sequence - sequence_ < kStepEntries && lines.size() < kStepBytes;
                 }));
  behind_ = !gap && !lines.empty();
  if (gap) return make_error(ErrorCode::corrupt, cat("the journal has a gap after ", sequence));
  return lines.empty() ? Status() : append(lines, sequence);
}

}  // namespace cryobank::inventory
