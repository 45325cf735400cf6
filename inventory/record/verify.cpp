#include "inventory/record/verify.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.hpp"
#include "inventory/record/journal_format.hpp"

namespace cryobank::inventory {
namespace {

enum class Kind : std::uint8_t { text, number, list, object };

// Every key of an entry, in the order of its bytes.
struct Member {
  std::string_view key;
  Kind kind;
};
constexpr Member kMembers[] = {
    {"clock", Kind::text},         {"command", Kind::text},  {"data", Kind::object},
    {"device", Kind::text},        {"format", Kind::number}, {"mono_ns", Kind::number},
    {"prev", Kind::text},          {"reason", Kind::text},   {"roles", Kind::list},
    {"sequence", Kind::number},    {"stream", Kind::text},   {"time", Kind::text},
    {"type", Kind::text},          {"user", Kind::text},     {"witness", Kind::text},
    {"witness_roles", Kind::list},
};
constexpr std::size_t kPrevMember = 6;
constexpr std::size_t kSequenceMember = 9;
constexpr std::size_t kTypeMember = 12;
static_assert(kMembers[kPrevMember].key == "prev");
static_assert(kMembers[kSequenceMember].key == "sequence");
static_assert(kMembers[kTypeMember].key == "type");

// Is there an odd number of backslashes before the quote at `at`?
bool is_escaped(std::string_view text, std::size_t at) {
  std::size_t first = at;
  while (text[first - 1] == '\\') --first;
  return (at - first) % 2 == 1;
}

// Length of the JSON string at the front of `text`, quotes included; 0 when it does not end.
std::size_t text_length(std::string_view text) {
  if (text.empty() || text[0] != '"') return 0;
  std::size_t end = 0;
  do {
    end = text.find('"', end + 1);
    if (end == std::string_view::npos) return 0;
  } while (is_escaped(text, end));
  return end + 1;
}

std::size_t number_length(std::string_view text) {
  std::size_t i = text.starts_with('-') ? 1 : 0;
  const std::size_t digits = i;
  while (i < text.size() && text[i] >= '0' && text[i] <= '9') ++i;
  return i == digits ? 0 : i;
}

// Length of the list or object at the front, by counting brackets outside of texts.
std::size_t nested_length(std::string_view text, char open) {
  if (text.empty() || text[0] != open) return 0;
  std::size_t depth = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '"') {
      const std::size_t length = text_length(text.substr(i));
      if (length == 0) return 0;
      i += length - 1;
    } else if (c == '{' || c == '[') {
      ++depth;
    } else if ((c == '}' || c == ']') && --depth == 0) {
      return i + 1;
    }
  }
  return 0;
}

std::size_t value_length(std::string_view text, Kind kind) {
  switch (kind) {
    case Kind::text:
      return text_length(text);
    case Kind::number:
      return number_length(text);
    case Kind::list:
      return nested_length(text, '[');
    case Kind::object:
      return nested_length(text, '{');
  }
  return 0;
}

struct Scan {
  std::string_view prev;      // 64 hex digits, without quotes
  std::string_view sequence;  // decimal
  std::string_view type;      // without quotes
  std::string fault;
};

// One pass over the bytes; the content of values is left to the hash.
Scan scan_entry(std::string_view entry) {
  Scan scan;
  std::string_view rest = entry;
  for (std::size_t i = 0; i < std::size(kMembers); ++i) {
    const Member& member = kMembers[i];
    const std::size_t head = 1 + 1 + member.key.size() + 2;  // {"key": or ,"key":
    const bool fits = rest.size() > head && rest[0] == (i == 0 ? '{' : ',') && rest[1] == '"' &&
                      rest.substr(2, member.key.size()) == member.key &&
                      rest.substr(2 + member.key.size(), 2) == "\":";
    const std::size_t length = fits ? value_length(rest.substr(head), member.kind) : 0;
    if (length == 0) {
      scan.fault = cat("expected the key \"", member.key, "\" at byte ", entry.size() - rest.size(),
                       ", came ", clip(rest.substr(0, 24), 24));
      return scan;
    }
    const std::string_view value = rest.substr(head, length);
    if (i == kPrevMember) scan.prev = value.substr(1, value.size() - 2);
    if (i == kSequenceMember) scan.sequence = value;
    if (i == kTypeMember) scan.type = value.substr(1, value.size() - 2);
    rest.remove_prefix(head + length);
  }
  if (rest != "}") scan.fault = cat("expected the end of the entry, came ", clip(rest, 24));
  return scan;
}

bool equals_hex(const Sha256& hash, std::string_view hex) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  if (hex.size() != 2 * hash.size()) return false;
  for (std::size_t i = 0; i < hash.size(); ++i) {
    if (hex[2 * i] != kDigits[hash[i] >> 4] || hex[2 * i + 1] != kDigits[hash[i] & 15]) {
      return false;
    }
  }
  return true;
}

constexpr std::string_view kChanged = "its bytes are not those that were hashed";

}  // namespace

std::string describe(const JournalFault& fault) {
  if (fault.first == fault.last) return cat("entry ", fault.first, ": ", fault.what);
  return cat("an entry between ", fault.first, " and ", fault.last, ": ", fault.what);
}

JournalVerifier::JournalVerifier(std::vector<Checkpoint> checkpoints)
    : checkpoints_(std::move(checkpoints)) {
  std::sort(checkpoints_.begin(), checkpoints_.end(),
            [](const Checkpoint& a, const Checkpoint& b) { return a.size < b.size; });
  check_checkpoints();  // those of an empty journal
}

JournalVerifier::JournalVerifier(std::uint64_t sequence, const Sha256& last_hash)
    : whole_(false), sequence_(sequence), last_hash_(last_hash), purges_(sequence) {}

std::string JournalVerifier::form_fault(std::string_view line) {
  const auto purged = read_purged(line);
  return scan_entry(purged ? purged->entry : line).fault;
}

bool JournalVerifier::fail(std::uint64_t first, std::uint64_t last, std::string what) {
  if (!fault_) fault_ = JournalFault{first, last, std::move(what)};
  return false;
}

// Entry sequence_ did not name the hash of the one before. If the entry after it names its hash, it
// is as written, so the one before was changed; else it was changed itself.
void JournalVerifier::settle_suspect(bool follows) {
  suspect_ = false;
  (void)fail(follows ? sequence_ - 1 : sequence_, follows ? sequence_ - 1 : sequence_,
             std::string(kChanged));
}

bool JournalVerifier::check_chain(std::string_view prev_hex) {
  const bool follows = equals_hex(last_hash_, prev_hex);
  if (suspect_) settle_suspect(follows);
  if (fault_) return false;
  // The first entry has nothing before it that could have been changed.
  if (!follows && sequence_ == 0) return fail(1, 1, "expected 64 zeros at \"prev\"");
  suspect_ = !follows;
  if (!suspect_) {
    settle_contradiction();
  } else if (const auto hash = parse_hash(prev_hex); whole_ && hash) {
    claimed_ = before_;
    claimed_.append(*hash);
  }
  return !fault_;
}

// The last entry does not name the one before, and no entry follows that could tell which of the
// two was changed. A checkpoint over the tree with the named hash in its place can.
bool JournalVerifier::named_hash_is_signed() const {
  return std::any_of(checkpoints_.begin(), checkpoints_.end(), [this](const Checkpoint& one) {
    return one.size == sequence_ && one.root == claimed_.root();
  });
}

// A checkpoint contradicted the tree, and the chain does not show which entry was changed.
void JournalVerifier::settle_contradiction() {
  if (contradiction_ && !fault_) fault_ = std::move(contradiction_);
}

bool JournalVerifier::feed(std::string_view line) {
  if (fault_) return false;
  const auto purged = read_purged(line);
  const std::string_view entry = purged ? purged->entry : line;
  const std::uint64_t sequence = sequence_ + 1;
  const Scan scan = scan_entry(entry);
  if (!scan.fault.empty() || scan.sequence != cat(sequence)) {
    if (suspect_) settle_suspect(false);
    settle_contradiction();
    return fail(sequence, sequence,
                scan.fault.empty() ? cat("expected sequence ", sequence, ", came ", scan.sequence)
                                   : scan.fault);
  }
  if (!check_chain(scan.prev)) return false;
  sequence_ = sequence;
  last_hash_ = purged ? purged->leaf : leaf_hash(entry);
  if (purged) {
    purges_.add_purged(sequence, *purged, line);
  } else {
    purges_.add_entry(sequence, scan.type, entry);
  }
  if (!whole_) return true;
  before_ = frontier_;
  frontier_.append(last_hash_, watch_);
  if (suspect_) claimed_.append(last_hash_);
  check_checkpoints();
  return true;
}

void JournalVerifier::check_checkpoints() {
  for (; next_checkpoint_ < checkpoints_.size(); ++next_checkpoint_) {
    const Checkpoint& checkpoint = checkpoints_[next_checkpoint_];
    if (checkpoint.size > sequence_) return;
    if (checkpoint.root == frontier_.root()) {
      proven_ = checkpoint.size;
    } else if (!contradiction_) {
      contradiction_ = JournalFault{
          proven_ + 1, checkpoint.size,
          cat("the signed checkpoint over ", checkpoint.size, " entries has another root")};
    }
  }
}

bool JournalVerifier::check_end(const End& end) {
  if (end.sequence > sequence_) {
    return fail(sequence_ + 1, end.sequence,
                cat("missing: the journal ends at entry ", sequence_, ", ", end.said_by,
                    " says that it had ", end.sequence));
  }
  if (!end.last_hash || end.sequence != sequence_) return true;
  const bool follows = *end.last_hash == last_hash_;
  if (suspect_) settle_suspect(follows);
  if (fault_) return false;
  if (!follows) return fail(sequence_, sequence_, std::string(kChanged));
  return true;
}

bool JournalVerifier::finish(const std::vector<End>& expected) {
  if (fault_) return false;
  for (const End& end : expected) {
    if (!check_end(end)) return false;
  }
  if (suspect_) settle_suspect(named_hash_is_signed());
  settle_contradiction();
  if (fault_) return false;
  if (const auto bare = purges_.without_certificate()) {
    return fail(*bare, *bare, "it was purged, and no signed purge certificate says so");
  }
  if (whole_ && next_checkpoint_ < checkpoints_.size()) {
    return check_end({checkpoints_.back().size, {}, "a signed checkpoint"});
  }
  return true;
}

}  // namespace cryobank::inventory
