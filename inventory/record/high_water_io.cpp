#include "inventory/record/high_water_io.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string_view>
#include <utility>
#include <vector>

#include "base/text.hpp"
#include "base/try.hpp"
#include "inventory/record/journal_format.hpp"
#include "inventory/record/owner_io.hpp"

namespace cryobank::inventory {
namespace {

// One disk sector each: the two slots cannot be torn by the same write.
constexpr std::size_t kSlotBytes = 512;
constexpr std::string_view kName = "cryobank-high-water";

Error mark_failed(std::string_view doing, const std::string& path) {
  return make_error(ErrorCode::io, cat("cannot ", doing, " the high-water mark ", path, ": ",
                                       std::strerror(errno)));
}

std::string crc_text(std::string_view line) { return hex16(crc32c(as_bytes(line))).substr(8); }

// `serial` rises with every write and tells the newer slot.
struct Slot {
  std::uint64_t serial = 0;
  HighWaterMark mark;
};

std::string format_slot(const Slot& slot) {
  const HighWaterMark& mark = slot.mark;
  std::string line = cat(kName, " ", slot.serial, " ", mark.epoch.value, " ", mark.sequence, " ",
                         to_hex(mark.last_hash), " ");
  line += crc_text(line);
  line.resize(kSlotBytes - 1, ' ');
  line += '\n';
  return line;
}

std::optional<Slot> parse_slot(std::string_view text) {
  const auto words = split(trim(text), ' ');
  if (words.size() != 6 || words[0] != kName) return std::nullopt;
  const auto serial = parse_integer(words[1]);
  const auto epoch = parse_integer(words[2]);
  const auto sequence = parse_integer(words[3]);
  const auto hash = parse_hash(words[4]);
  constexpr std::int64_t kEpochMax = 0xFFFFFFFE;  // one more must fit
  if (!serial || !epoch || !sequence || !hash) return std::nullopt;
  if (*serial < 0 || *sequence < 0 || *epoch < 0 || *epoch > kEpochMax) return std::nullopt;
  const Slot slot{
      static_cast<std::uint64_t>(*serial),
      {static_cast<std::uint64_t>(*sequence), *hash, Epoch{static_cast<std::uint32_t>(*epoch)}}};
  // Equal text means an equal checksum, and nothing else in the slot.
  if (format_slot(slot) != text) return std::nullopt;
  return slot;
}

// The whole ones, at most two.
std::vector<Slot> slots_of(std::string_view text) {
  std::vector<Slot> slots;
  for (std::size_t at = 0; at + kSlotBytes <= text.size() && at < 2 * kSlotBytes;
       at += kSlotBytes) {
    if (const auto slot = parse_slot(text.substr(at, kSlotBytes))) slots.push_back(*slot);
  }
  return slots;
}

}  // namespace

Result<std::unique_ptr<HighWater>> HighWater::open(const std::string& path) {
  std::unique_ptr<HighWater> file(new HighWater(path));
  TRY(file->open_file(false));
  if (file->descriptor_ < 0) return file;
  TRY(file->load());
  return file;
}

Status HighWater::open_file(bool make) {
  const int flags = O_RDWR | O_CLOEXEC | (make ? O_CREAT : 0);
  descriptor_ = ::open(path_.c_str(), flags, 0600);
  if (descriptor_ < 0) return errno == ENOENT && !make ? Status() : mark_failed("open", path_);
  Status locked = lock_inode(descriptor_, cat("the high-water mark ", path_));
  if (!locked) close_file();
  return locked;
}

void HighWater::close_file() {
  if (descriptor_ >= 0) ::close(std::exchange(descriptor_, -1));
}

HighWater::~HighWater() {
  (void)sync();
  close_file();
}

Result<std::string> HighWater::read_now() const {
  std::string bytes(2 * kSlotBytes, '\0');
  const ssize_t length = ::pread(descriptor_, bytes.data(), bytes.size(), 0);
  if (length < 0) return mark_failed("read", path_);
  bytes.resize(static_cast<std::size_t>(length));
  return bytes;
}

Status HighWater::load() {
  TRY_ASSIGN(auto text, read_now());
  known_ = std::move(text);
  for (const Slot& slot : slots_of(known_)) {
    if (mark_ && slot.serial <= serial_) continue;
    mark_ = slot.mark;
    serial_ = slot.serial;
  }
  damaged_ = !mark_ && !known_.empty();
  return {};
}

bool HighWater::is_at_its_name() const {
  struct stat ours {};
  struct stat named {};
  return ::fstat(descriptor_, &ours) == 0 && ::stat(path_.c_str(), &named) == 0 &&
         ours.st_dev == named.st_dev && ours.st_ino == named.st_ino;
}

Status HighWater::expect_own(Epoch own) {
  // Another file has the name: what it says counts, and this process goes on with it or ends.
  if (descriptor_ >= 0 && !is_at_its_name()) close_file();
  if (descriptor_ < 0) {
    known_.clear();
    Status opened = open_file(false);
    if (!opened && opened.error().code == ErrorCode::unavailable) {
      return make_error(ErrorCode::conflict, opened.error().context);
    }
    if (!opened || descriptor_ < 0) return opened;
  }
  TRY_ASSIGN(auto text, read_now());
  if (text == known_) return {};
  for (const Slot& slot : slots_of(text)) {
    if (slot.mark.epoch <= own) continue;
    return make_error(ErrorCode::conflict, cat("the high-water mark ", path_, " tells the epoch ",
                                               slot.mark.epoch.value, ", this daemon's is ",
                                               own.value, ": another daemon works on this record"));
  }
  known_ = std::move(text);
  return {};
}

Status HighWater::write(const HighWaterMark& mark) {
  if (descriptor_ < 0) {
    TRY(open_file(true));
  }
  const std::string slot = format_slot({serial_ + 1, mark});
  const auto offset = static_cast<std::size_t>((serial_ + 1) % 2 * kSlotBytes);
  const ssize_t written =
      ::pwrite(descriptor_, slot.data(), slot.size(), static_cast<off_t>(offset));
  if (written != static_cast<ssize_t>(slot.size())) return mark_failed("write", path_);
  if (known_.size() < offset + slot.size()) known_.resize(offset + slot.size(), '\0');
  known_.replace(offset, slot.size(), slot);
  mark_ = mark;
  ++serial_;
  dirty_ = true;
  return {};
}

Status HighWater::sync() {
  if (!dirty_ || descriptor_ < 0) return {};
  if (::fdatasync(descriptor_) != 0) return mark_failed("sync", path_);
  dirty_ = false;
  return {};
}

}  // namespace cryobank::inventory
