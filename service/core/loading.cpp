#include "service/core/loading.hpp"

#include <array>
#include <optional>
#include <utility>

#include "base/check.hpp"
#include "base/row_reader.hpp"
#include "base/text.hpp"
#include "base/try.hpp"

namespace cryobank::core {
namespace {

using Parts = Core::Parts;
using Loader = Status (*)(Parts&, std::string_view key, std::string_view value);

Result<Fact> read_fact(std::string_view key, std::string_view value) {
  Result<Json> row = parse_json(value);
  if (!row || !row->is_object()) {
    return make_error(ErrorCode::corrupt, cat("row ", key, ": expected a fact"));
  }
  RowReader in(key, *row);
  Fact fact = Fact::read(in.text("stream"), in.text("type"), in.object("data"));
  TRY(in.end());
  return fact;
}

// What a person did to an alarm, durable and not applied when the last run ended.
Status load_unapplied(Parts& parts, std::string_view key, std::string_view value) {
  TRY_ASSIGN(Fact fact, read_fact(key, value));
  if (const Status read = alarms::Board::readable(fact); !read) {
    return make_error(ErrorCode::corrupt, cat("row ", key, ": ", read.error().context));
  }
  parts.unapplied.emplace_back(std::string(key), std::move(fact));
  return {};
}

Status load_owed(Parts& parts, std::string_view key, std::string_view value) {
  TRY_ASSIGN(Fact fact, read_fact(key, value));
  parts.owed.emplace_back(std::string(key), std::move(fact));
  return {};
}

struct Prefix {
  std::string_view text;
  Loader load;
};

// The first that fits counts, so longer prefixes come before shorter ones.
constexpr std::array<Prefix, 15> kPrefixes{{
    {"c/", [](Parts& p, std::string_view key,
              std::string_view value) { return p.memory.load_row(key, value); }},
    {"m/apply/", load_unapplied},
    {"m/backup",
     [](Parts& p, std::string_view, std::string_view value) { return p.backups.load_row(value); }},
    {"m/call/", [](Parts& p, std::string_view key,
                   std::string_view value) { return p.bank.pages.load_row(key, value); }},
    {"m/checkpoint", [](Parts& p, std::string_view,
                        std::string_view value) { return p.checkpoints.load_row(value); }},
    {"m/event/", [](Parts& p, std::string_view key,
                    std::string_view value) { return p.events.load_row(key, value); }},
    {"m/journal/", [](Parts& p, std::string_view key,
                      std::string_view value) { return p.bank.journal.load_row(key, value); }},
    {"m/owed/", load_owed},
    {"m/plan-clock",
     [](Parts& p, std::string_view, std::string_view value) { return p.clock.load_row(value); }},
    {"m/robot/", [](Parts& p, std::string_view key,
                    std::string_view value) { return p.jobs.load_row(key, value); }},
    {"m/witness/", [](Parts& p, std::string_view key,
                      std::string_view value) { return p.commands.load_witness_row(key, value); }},
    // The edge's own: epoch, format, probe.
    {"m/", [](Parts&, std::string_view, std::string_view) { return Status(); }},
    {"r/device/", [](Parts& p, std::string_view key,
                     std::string_view value) { return p.bank.fleet.load_row(key, value); }},
    {"r/alarm/", [](Parts& p, std::string_view key,
                    std::string_view value) { return p.bank.board.load_row(key, value); }},
    {"r/", [](Parts& p, std::string_view key,
              std::string_view value) { return p.bank.ledger.load_row(key, value); }},
}};

}  // namespace

Status load_row(Parts& parts, std::string_view key, std::string_view value) {
  for (const Prefix& prefix : kPrefixes) {
    if (key.starts_with(prefix.text)) return prefix.load(parts, key, value);
  }
  return make_error(ErrorCode::corrupt, cat("row ", clip(key, 80), ": no part owns this prefix"));
}

namespace {

// How many entries the record is known to lack; empty: nobody can tell.
std::optional<std::int64_t> missing_of(const Fact& fact) {
  const Json& lost = fact.data["lost"];
  return lost.is_integer() ? std::optional(lost.integer()) : std::nullopt;
}

// What a tool did to the stopped record may have left a hole: people hear of it, whatever the log
// says. It stands until the next start; after it was acknowledged it asks for nothing more.
void tell_incomplete(Parts& parts, const Now& now) {
  for (const auto& [key, fact] : parts.owed) {
    const std::optional<std::int64_t> missing = missing_of(fact);
    if (missing == 0) continue;
    alarms::Condition condition;
    condition.source = "service";
    condition.condition = "record-incomplete";
    condition.priority = alarms::Priority::p2;
    condition.text = missing ? cat("The record goes on without ", *missing,
                                   " entries that had been durable (", fact.type, ")")
                             : cat("It is not known how many entries the record lacks (", fact.type,
                                   "): there was no high-water mark");
    condition.action =
        "Compare the shelves with the record by stock-takes before anything is thawed, and enter "
        "what paper and printed worklists tell.";
    return parts.alarms.raise(now, std::move(condition));
  }
  parts.alarms.clear(now, "service", "record-incomplete");
}

}  // namespace

void apply_left_over(Parts& parts, const Now& now) {
  tell_incomplete(parts, now);
  NoteWork applied;
  for (const auto& [key, fact] : parts.unapplied) {
    const Status read = parts.bank.board.apply(now, fact, parts.bank.board_out);
    CHECK(read.ok());  // it was read when its row was loaded
    applied.rows.push_back({key, std::nullopt});
  }
  parts.unapplied.clear();
  for (auto& [key, fact] : parts.owed) {
    applied.facts.push_back(std::move(fact));
    applied.rows.push_back({key, std::nullopt});
  }
  parts.owed.clear();
  if (!applied.rows.empty()) parts.recorder.add(std::move(applied));
}

}  // namespace cryobank::core
