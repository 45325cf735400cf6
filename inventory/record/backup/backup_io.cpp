#include "inventory/record/backup/backup_io.hpp"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <limits>
#include <utility>

#include "base/row_reader.hpp"
#include "base/text.hpp"
#include "base/try.hpp"
#include "inventory/record/export_io.hpp"
#include "inventory/record/file_io.hpp"
#include "inventory/record/journal_format.hpp"

namespace cryobank::inventory {
namespace {

constexpr std::int64_t kBackupFormat = 1;
constexpr std::size_t kBlockBytes = 1u << 20;
// A block ends after the row that passes kBlockBytes; no row is larger than a journal entry.
constexpr std::size_t kBlockBytesMax = kBlockBytes + kJournalEntryMax + 1024;
constexpr std::size_t kHeaderMax = 4096;
constexpr std::size_t kBlockHead = 12;  // length, rows, CRC-32C

void append_u32(std::string& out, std::size_t value) {
  for (int shift = 0; shift < 32; shift += 8) out += static_cast<char>(value >> shift & 255);
}

std::uint32_t read_u32(std::string_view bytes, std::size_t at) {
  std::uint32_t value = 0;
  for (std::size_t i = 4; i-- > 0;) {
    value = value << 8 | static_cast<std::uint8_t>(bytes[at + i]);
  }
  return value;
}

Error damaged(const std::string& path, std::string_view why) {
  return make_error(ErrorCode::corrupt, cat("the backup ", path, " is damaged: ", why));
}

// Each part is hashed together with the hash so far.
class RunningHash {
 public:
  void add(std::string_view bytes) { hash_ = sha256(as_text(hash_), bytes, {}); }
  const Sha256& value() const { return hash_; }

 private:
  Sha256 hash_{};
};

Error stopped() {
  return make_error(ErrorCode::unavailable, "the backup was ended: the service stops");
}

// Looks, once in a block of rows, whether the backup may go on.
class Watch {
 public:
  Watch(const BackupLimits& limits, const std::string& path)
      : limits_(limits), directory_(std::filesystem::absolute(path).parent_path().string()) {}

  Status look() const {
    if (limits_.stop.stop_requested()) return stopped();
    if (limits_.reserve_bytes == 0) return {};
    std::error_code error;
    const std::filesystem::space_info space = std::filesystem::space(directory_, error);
    if (error || space.available >= limits_.reserve_bytes) return {};
    return make_error(ErrorCode::unavailable,
                      cat("the disk of the backups in ", directory_, " is full: ", space.available,
                          " bytes are free, ", limits_.reserve_bytes, " are kept in reserve"));
  }

 private:
  const BackupLimits& limits_;
  const std::string directory_;
};

class BackupWriter {
 public:
  BackupWriter(FileWriter& file, const Watch& watch) : file_(file), watch_(watch) {}

  Status header(const BackupInfo& info) {
    Json header;
    header.set("epoch", info.epoch.value).set("format", kBackupFormat);
    header.set("root", to_hex(info.root)).set("sequence", info.sequence);
    return put(header.dump() + "\n");
  }
  Status row(std::string_view key, std::string_view value) {
    append_u32(block_, key.size());
    append_u32(block_, value.size());
    block_ += key;
    block_ += value;
    ++rows_in_block_;
    return block_.size() < kBlockBytes ? Status() : end_block();
  }
  Status finish() {
    Status status = rows_in_block_ > 0 ? end_block() : Status();
    if (status) status = end_block();
    if (status) status = file_.write(as_text(hash_.value()));
    return status ? file_.finish() : status;
  }

 private:
  Status put(std::string_view bytes) {
    hash_.add(bytes);
    return file_.write(bytes);
  }
  Status end_block() {
    std::string rest;
    append_u32(rest, rows_in_block_);
    std::string head;
    append_u32(head, block_.size());
    append_u32(head, rows_in_block_);
    append_u32(head, crc32c(as_bytes(rest + block_)));
    Status status = put(head + block_);
    block_.clear();
    rows_in_block_ = 0;
    return status ? watch_.look() : status;
  }

  FileWriter& file_;
  const Watch& watch_;
  RunningHash hash_;
  std::string block_;
  std::size_t rows_in_block_ = 0;
};

struct FileClose {
  void operator()(std::FILE* file) const { (void)std::fclose(file); }
};

class BackupReader {
 public:
  using Block = std::function<Status(std::vector<RowChange>)>;

  static Result<std::unique_ptr<BackupReader>> open(const std::string& path) {
    std::unique_ptr<BackupReader> reader(new BackupReader(path));
    if (reader->file_ == nullptr) {
      return make_error(errno == ENOENT ? ErrorCode::not_found : ErrorCode::io,
                        cat("cannot open ", path, ": ", std::strerror(errno)));
    }
    TRY(reader->read_header());
    return reader;
  }
  const BackupInfo& info() const { return info_; }

  Status blocks(const Block& visit) {
    while (true) {
      TRY_ASSIGN(auto rows, next_block());
      if (rows.empty()) return read_end();
      info_.rows += rows.size();
      TRY(visit(std::move(rows)));
    }
  }

 private:
  explicit BackupReader(std::string path)
      : path_(std::move(path)), file_(std::fopen(path_.c_str(), "rbe")) {}

  Status take(std::string& bytes, std::size_t length) {
    bytes.resize(length);
    if (std::fread(bytes.data(), 1, length, file_.get()) == length) return {};
    return damaged(path_, "it is cut");
  }

  Status read_header() {
    std::string line;
    for (int c = std::fgetc(file_.get()); c != '\n'; c = std::fgetc(file_.get())) {
      if (c == EOF || line.size() > kHeaderMax) return damaged(path_, "it does not start as one");
      line += static_cast<char>(c);
    }
    const auto header = parse_json(line);
    if (!header) return damaged(path_, header.error().context);
    RowReader in("its first line", *header);
    if (in.number("format") != kBackupFormat) {
      return make_error(ErrorCode::unsupported,
                        cat("expected a backup of format ", kBackupFormat, " in ", path_));
    }
    const auto root = parse_hash(in.text("root"));
    const std::int64_t sequence = in.number("sequence");
    const std::int64_t epoch = in.number("epoch", 0, std::numeric_limits<std::uint32_t>::max());
    if (!in.ok()) return damaged(path_, in.status().error().context);
    if (!root) return damaged(path_, root.error().context);
    info_.sequence = static_cast<std::uint64_t>(sequence);
    info_.root = *root;
    info_.epoch = Epoch{static_cast<std::uint32_t>(epoch)};
    hash_.add(line + "\n");
    return {};
  }

  Result<std::vector<RowChange>> next_block() {
    std::string head;
    TRY(take(head, kBlockHead));
    const std::size_t length = read_u32(head, 0);
    if (length > kBlockBytesMax) return damaged(path_, "a block has an impossible length");
    std::string block;
    TRY(take(block, length));
    if (crc32c(as_bytes(head.substr(4, 4) + block)) != read_u32(head, 8)) {
      return damaged(path_, "a block has another checksum");
    }
    hash_.add(head + block);
    return split_rows(block, read_u32(head, 4));
  }

  Result<std::vector<RowChange>> split_rows(std::string_view block, std::size_t count) {
    std::vector<RowChange> rows;
    while (!block.empty()) {
      if (block.size() < 8) return damaged(path_, "a row is cut");
      const std::size_t key = read_u32(block, 0);
      const std::size_t value = read_u32(block, 4);
      block.remove_prefix(8);
      if (key > block.size() || value > block.size() - key) return damaged(path_, "a row is cut");
      rows.push_back({std::string(block.substr(0, key)), std::string(block.substr(key, value))});
      block.remove_prefix(key + value);
    }
    if (rows.size() != count) return damaged(path_, "a block has another number of rows");
    return rows;
  }

  Status read_end() {
    std::string hash;
    TRY(take(hash, sizeof(Sha256)));
    if (hash != as_text(hash_.value())) return damaged(path_, "its last hash does not hold");
    if (std::fgetc(file_.get()) != EOF) return damaged(path_, "it goes on after its end");
    return {};
  }

  const std::string path_;
  const std::unique_ptr<std::FILE, FileClose> file_;
  BackupInfo info_;
  RunningHash hash_;
};

Result<BackupInfo> describe_rows(const RowScan& rows) {
  BackupInfo info;
  TRY_ASSIGN(const auto head_row, read_row(rows, kJournalHeadKey));
  info.root = MerkleFrontier().root();
  if (head_row) {
    TRY_ASSIGN(const auto head, parse_head(*head_row));
    info.sequence = head.sequence;
    info.root = head.frontier.root();
  }
  TRY_ASSIGN(const auto epoch, read_row(rows, kEpochKey));
  const auto value = parse_integer(epoch.value_or("0"));
  if (value && *value >= 0 && *value < std::numeric_limits<std::uint32_t>::max()) {
    info.epoch = Epoch{static_cast<std::uint32_t>(*value)};
  }
  return info;
}

}  // namespace

Result<BackupInfo> write_backup(const RowScan& rows, const std::string& path,
                                const BackupLimits& limits) {
  const Watch watch(limits, path);
  TRY(watch.look());
  auto info = describe_rows(rows);
  TRY(info);
  TRY_ASSIGN(auto file, FileWriter::open(path, 0600));
  BackupWriter writer(*file, watch);
  Status written = writer.header(*info);
  TRY(written);
  TRY(rows("", "", [&](std::string_view key, std::string_view value) {
    written = writer.row(key, value);
    ++info->rows;
    return written.ok();
  }));
  if (written) written = writer.finish();
  TRY(written);
  return info;
}

Result<BackupInfo> check_backup(const std::string& path, const std::stop_token& stop) {
  TRY_ASSIGN(auto reader, BackupReader::open(path));
  TRY(reader->blocks([&stop](const std::vector<RowChange>&) {
    return stop.stop_requested() ? Status(stopped()) : Status();
  }));
  return reader->info();
}

Result<BackupInfo> restore_backup(const std::string& path, const std::string& directory,
                                  const LevelDbOptions& options) {
  TRY(check_backup(path));
  TRY_ASSIGN(auto reader, BackupReader::open(path));
  TRY(create_store(directory, options));
  TRY_ASSIGN(const auto store, open_store(directory, options));
  TRY(reader->blocks([&](const std::vector<RowChange>& rows) { return store->commit(rows); }));
  const BackupInfo& info = reader->info();
  TRY_ASSIGN(const auto came, describe_rows(scan_of(*store)));
  if (came.sequence != info.sequence || came.root != info.root) {
    return damaged(path, "its rows are not those that its first line describes");
  }
  return info;
}

}  // namespace cryobank::inventory
