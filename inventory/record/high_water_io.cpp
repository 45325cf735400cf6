#include "inventory/record/high_water_io.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <string_view>

#include "base/text.hpp"
#include "inventory/record/journal_format.hpp"

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

}  // namespace

Result<std::unique_ptr<HighWater>> HighWater::open(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0640);
  if (descriptor < 0) return mark_failed("open", path);
  std::unique_ptr<HighWater> file(new HighWater(descriptor, path));
  if (Status loaded = file->load(); !loaded) return loaded.error();
  return file;
}

HighWater::~HighWater() {
  (void)sync();
  ::close(descriptor_);
}

Status HighWater::load() {
  std::array<char, 2 * kSlotBytes> bytes{};
  const ssize_t length = ::pread(descriptor_, bytes.data(), bytes.size(), 0);
  if (length < 0) return mark_failed("read", path_);
  const std::string_view text(bytes.data(), static_cast<std::size_t>(length));
  for (unsigned slot = 0; slot < 2; ++slot) {
    if (text.size() < (slot + 1) * kSlotBytes) break;
    const auto found = parse_slot(text.substr(slot * kSlotBytes, kSlotBytes));
    if (!found || (mark_ && found->serial <= serial_)) continue;
    mark_ = found->mark;
    serial_ = found->serial;
  }
  damaged_ = !mark_ && !text.empty();
  return {};
}

Status HighWater::write(const HighWaterMark& mark) {
  const std::string slot = format_slot({serial_ + 1, mark});
  const auto offset = static_cast<off_t>((serial_ + 1) % 2 * kSlotBytes);
  const ssize_t written = ::pwrite(descriptor_, slot.data(), slot.size(), offset);
  if (written != static_cast<ssize_t>(slot.size())) return mark_failed("write", path_);
  mark_ = mark;
  ++serial_;
  dirty_ = true;
  return {};
}

Status HighWater::sync() {
  if (!dirty_) return {};
  if (::fdatasync(descriptor_) != 0) return mark_failed("sync", path_);
  dirty_ = false;
  return {};
}

}  // namespace cryobank::inventory
