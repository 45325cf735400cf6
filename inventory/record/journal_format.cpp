#include "inventory/record/journal_format.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "base/row_reader.hpp"
#include "base/text.hpp"
#include "base/try.hpp"

namespace cryobank::inventory {
namespace {

void append_text_member(std::string& out, std::string_view key, std::string_view value) {
  out += key;
  append_json_string(out, value);
}

void append_list_member(std::string& out, std::string_view key,
                        const std::vector<std::string>& values) {
  out += key;
  out += '[';
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (i > 0) out += ',';
    append_json_string(out, values[i]);
  }
  out += ']';
}

void append_hex(std::string& out, const Sha256& hash) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  for (const std::uint8_t byte : hash) {
    out += kDigits[byte >> 4];
    out += kDigits[byte & 15];
  }
}

Error corrupt(std::string_view what, std::string_view why) {
  return make_error(ErrorCode::corrupt, cat(what, ": ", why));
}

Result<std::vector<std::string>> read_roles(const Json& entry, std::string_view key) {
  const Json& list = entry[key];
  if (!list.is_array()) return corrupt("journal entry", cat("expected a list at \"", key, "\""));
  std::vector<std::string> roles;
  for (const Json& role : list.items()) {
    if (!role.is_string()) return corrupt("journal entry", cat("expected texts in \"", key, "\""));
    roles.push_back(role.string());
  }
  return roles;
}

Result<UserId> read_user(const Json& entry, std::string_view key) {
  TRY_ASSIGN(const auto text, entry.get_string(key));
  if (text.empty()) return UserId();
  return UserId::parse(text);
}

Status read_actor(const Json& entry, Actor& actor) {
  TRY_ASSIGN(auto user, read_user(entry, "user"));
  TRY_ASSIGN(auto witness, read_user(entry, "witness"));
  TRY_ASSIGN(auto roles, read_roles(entry, "roles"));
  TRY_ASSIGN(auto witness_roles, read_roles(entry, "witness_roles"));
  actor = {std::move(user), std::move(roles), std::move(witness), std::move(witness_roles)};
  return {};
}

// The plain texts of an entry, each with the place it goes to.
Status read_texts(const Json& json, JournalEntry& entry) {
  std::string stream, type;
  const std::pair<std::string_view, std::string*> texts[] = {
      {"clock", &entry.clock_state},
      {"command", &entry.context.command},
      {"device", &entry.context.device},
      {"reason", &entry.context.reason},
      {"stream", &stream},
      {"type", &type},
  };
  for (const auto& [key, target] : texts) {
    TRY_ASSIGN(auto text, json.get_string(key));
    *target = std::move(text);
  }
  entry.fact = Fact::read(std::move(stream), std::move(type), std::move(entry.fact.data));
  return {};
}

Status read_numbers(const Json& json, JournalEntry& entry) {
  TRY_ASSIGN(const auto format, json.get_integer("format"));
  if (format != kJournalFormat) {
    return make_error(ErrorCode::unsupported,
                      cat("expected journal format ", kJournalFormat, ", came ", format));
  }
  TRY_ASSIGN(const auto sequence, json.get_integer("sequence"));
  if (sequence < 1) return corrupt("journal entry", cat("sequence ", sequence, " is below 1"));
  TRY_ASSIGN(const auto mono, json.get_integer("mono_ns"));
  TRY_ASSIGN(const auto time_text, json.get_string("time"));
  TRY_ASSIGN(const auto time, parse_utc(time_text));
  entry.sequence = static_cast<std::uint64_t>(sequence);
  entry.context.now = {Instant{mono}, time};
  return {};
}

}  // namespace

std::string journal_key(std::uint64_t sequence) { return cat(kJournalPrefix, hex16(sequence)); }

Result<std::uint64_t> sequence_of_key(std::string_view key) {
  constexpr std::size_t kDigits = 16;
  if (key.starts_with(kJournalPrefix) && key.size() == kJournalPrefix.size() + kDigits) {
    const auto bytes = from_hex(key.substr(kJournalPrefix.size()));
    std::uint64_t sequence = 0;
    if (bytes) {
      for (const std::uint8_t byte : *bytes) sequence = sequence << 8 | byte;
      if (journal_key(sequence) == key) return sequence;
    }
  }
  return make_error(ErrorCode::malformed,
                    cat("expected a journal key, j/ and 16 hex digits, came ", clip(key, 40)));
}

std::string tree_key(unsigned level, std::uint64_t index) {
  return cat(kTreePrefix, level < 10 ? "0" : "", level, "/", hex16(index));
}

void append_entry(std::string& out, std::uint64_t sequence, const Sha256& previous,
                  std::string_view clock_state, const Fact& fact, const CommandContext& context) {
  append_text_member(out, "{\"clock\":", clock_state);
  append_text_member(out, ",\"command\":", context.command);
  out += ",\"data\":";
  if (fact.data.is_null()) {
    out += "{}";
  } else {
    fact.data.dump_to(out);
  }
  append_text_member(out, ",\"device\":", context.device);
  out += ",\"format\":";
  append_number(out, kJournalFormat);
  out += ",\"mono_ns\":";
  append_number(out, context.now.mono.ns);
  out += ",\"prev\":\"";
  append_hex(out, previous);
  append_text_member(out, "\",\"reason\":", context.reason);
  append_list_member(out, ",\"roles\":", context.actor.roles);
  out += ",\"sequence\":";
  append_number(out, sequence);
  append_text_member(out, ",\"stream\":", fact.stream);
  out += ",\"time\":\"";
  append_utc(out, context.now.wall);
  append_text_member(out, "\",\"type\":", fact.type);
  append_text_member(out, ",\"user\":", context.actor.user.str());
  append_text_member(out, ",\"witness\":", context.actor.witness.str());
  append_list_member(out, ",\"witness_roles\":", context.actor.witness_roles);
  out += '}';
}

std::optional<PurgedLine> read_purged(std::string_view line) {
  constexpr std::string_view kHead = "{\"entry\":";
  constexpr std::string_view kLeaf = ",\"leaf\":\"";
  constexpr std::string_view kEnd = "\"}";
  constexpr std::size_t kTail = kLeaf.size() + 2 * sizeof(Sha256) + kEnd.size();
  if (!line.starts_with(kHead) || line.size() < kHead.size() + kTail) return std::nullopt;
  const std::string_view tail = line.substr(line.size() - kTail);
  if (!tail.starts_with(kLeaf) || !tail.ends_with(kEnd)) return std::nullopt;
  const std::string_view hex = tail.substr(kLeaf.size(), 2 * sizeof(Sha256));
  const auto leaf = parse_hash(hex);
  if (!leaf || to_hex(*leaf) != hex) return std::nullopt;
  return PurgedLine{line.substr(kHead.size(), line.size() - kHead.size() - kTail), *leaf};
}

std::string format_purged(std::string_view entry, const Sha256& leaf) {
  return cat("{\"entry\":", entry, ",\"leaf\":\"", to_hex(leaf), "\"}");
}

Sha256 line_hash(std::string_view line) {
  const auto purged = read_purged(line);
  return purged ? purged->leaf : leaf_hash(line);
}

Result<JournalEntry> parse_entry(std::string_view line) {
  const auto purged = read_purged(line);
  const std::string_view bytes = purged ? purged->entry : line;
  const auto json = parse_json(bytes, kJournalEntryMax);
  if (!json) return corrupt("journal entry", json.error().context);
  JournalEntry entry;
  Status status = read_texts(*json, entry);
  if (status) status = read_numbers(*json, entry);
  if (status) status = read_actor(*json, entry.context.actor);
  if (!status) return corrupt("journal entry", status.error().context);
  const auto previous = json->get_string("prev");
  if (!previous) return corrupt("journal entry", previous.error().context);
  const auto hash = parse_hash(*previous);
  if (!hash) return corrupt("journal entry", hash.error().context);
  entry.previous = *hash;
  entry.fact.data = (*json)["data"];
  if (!entry.fact.data.is_object())
    return corrupt("journal entry", "expected an object at \"data\"");
  std::string again;
  append_entry(again, entry.sequence, entry.previous, entry.clock_state, entry.fact, entry.context);
  if (again != bytes) return corrupt("journal entry", "not in canonical form");
  if (purged) entry.purged = purged->leaf;
  return entry;
}

std::string format_head(const MerkleFrontier& frontier, const Sha256& last_hash) {
  std::string out = "{\"frontier\":\"";
  out.reserve(160 + 64 * frontier.nodes().size());
  for (const Sha256& node : frontier.nodes()) append_hex(out, node);
  out += "\",\"last\":\"";
  append_hex(out, last_hash);
  out += "\",\"sequence\":";
  append_number(out, frontier.size());
  out += '}';
  return out;
}

Result<JournalHeadRow> parse_head(std::string_view value) {
  const auto json = parse_json(value);
  if (!json) return corrupt(kJournalHeadKey, json.error().context);
  RowReader in(kJournalHeadKey, *json);
  const std::int64_t sequence = in.number("sequence");
  const std::string last_hex = in.text("last");
  const std::string frontier_hex = in.any_text("frontier");
  TRY(in.whole(sequence));
  const auto last = parse_hash(last_hex);
  if (!last) return corrupt(kJournalHeadKey, last.error().context);
  const auto bytes = from_hex(frontier_hex);
  if (!bytes || bytes->size() % sizeof(Sha256) != 0) {
    return corrupt(kJournalHeadKey, "expected hashes of 64 hex digits in frontier");
  }
  std::vector<Sha256> nodes(bytes->size() / sizeof(Sha256));
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    std::copy_n(bytes->data() + i * sizeof(Sha256), sizeof(Sha256), nodes[i].begin());
  }
  auto frontier = MerkleFrontier::restore(static_cast<std::uint64_t>(sequence), std::move(nodes));
  if (!frontier) return corrupt(kJournalHeadKey, frontier.error().context);
  return JournalHeadRow{frontier->size(), *last, std::move(*frontier)};
}

Result<Sha256> parse_hash(std::string_view hex) {
  const auto bytes = from_hex(hex);
  if (!bytes || bytes->size() != sizeof(Sha256)) {
    return make_error(ErrorCode::corrupt, cat("expected a SHA-256 hash of 64 hex digits, came \"",
                                              clip(hex, 70), "\""));
  }
  Sha256 hash{};
  std::copy(bytes->begin(), bytes->end(), hash.begin());
  return hash;
}

}  // namespace cryobank::inventory
