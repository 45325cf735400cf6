#include "service/core/loading.hpp"

#include <array>

#include "base/row_reader.hpp"
#include "base/text.hpp"

namespace cryobank::core {
namespace {

using Parts = Core::Parts;
using Loader = Status (*)(Parts&, std::string_view key, std::string_view value);

Status load_unapplied(Parts& parts, std::string_view key, std::string_view value) {
  Result<Json> row = parse_json(value);
  if (!row || !row->is_object()) {
    return make_error(ErrorCode::corrupt, cat("row ", key, ": expected a fact"));
  }
  RowReader in(key, *row);
  std::string stream = in.text("stream");
  std::string type = in.text("type");
  Json data = in.object("data");
  if (!in.ok()) return in.status();
  parts.unapplied.emplace_back(std::string(key),
                               Fact::read(std::move(stream), std::move(type), std::move(data)));
  return {};
}

Status load_owed(Parts& parts, std::string_view key, std::string_view value) {
  const std::size_t before = parts.unapplied.size();
  if (const Status loaded = load_unapplied(parts, key, value); !loaded) return loaded;
  parts.owed.push_back(std::move(parts.unapplied[before]));
  parts.unapplied.pop_back();
  return {};
}

struct Prefix {
  std::string_view text;
  Loader load;
};

// The first that fits counts, so longer prefixes come before shorter ones.
constexpr std::array<Prefix, 13> kPrefixes{{
    {"c/", [](Parts& p, std::string_view key,
              std::string_view value) { return p.memory.load_row(key, value); }},
    {"m/apply/", load_unapplied},
    {"m/backup",
     [](Parts& p, std::string_view, std::string_view value) { return p.backups.load_row(value); }},
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
    // The edge's own: epoch, format, probe.
    {"m/", [](Parts&, std::string_view, std::string_view) { return Status(); }},
    {"r/device/",
     [](Parts& p, std::string_view key, std::string_view value) {
       p.bank.fleet.load_row(key, value);
       return Status();
     }},
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

void apply_left_over(Parts& parts, const Now& now) {
  NoteWork applied;
  for (const auto& [key, fact] : parts.unapplied) {
    parts.bank.board.apply(now, fact, parts.bank.board_out);
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
