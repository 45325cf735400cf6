#include "service/record_replies_io.hpp"

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "inventory/record/journal_format.hpp"
#include "service/base/text.hpp"
#include "service/core/command_memory.hpp"

namespace cryobank::service {
namespace {

constexpr std::size_t kBatchRows = 1000;
constexpr std::size_t kFactsNamed = 20;  // of one command, in its reply

// What the journal says of one command.
struct Known {
  UserId user;
  WallTime at;
  std::uint64_t sequence = 0;
  std::vector<std::string> facts;
  bool refused = false;  // its entries say what was seen, not what was done
  bool goes_on = false;  // its end comes with a job, or with a machine that is read again
};

// Motions are told under the command that made their job, and denied acts are denied again.
bool is_of_another(const Fact& fact) {
  return fact.type.starts_with("move-") || fact.type == "command-denied";
}

void add(const inventory::JournalEntry& entry, std::map<std::string, Known>& commands) {
  const std::string& id = entry.context.command;
  const Fact& fact = entry.fact;
  if (id.empty() || is_of_another(fact)) return;
  Known& known = commands[id];
  if (known.sequence == 0) {
    known.user = entry.context.actor.user;
    known.at = entry.context.now.wall;
  }
  known.sequence = entry.sequence;
  if (known.facts.size() < kFactsNamed) known.facts.push_back(fact.type);
  known.refused = known.refused || fact.type == "mismatch-seen" || fact.type == "signing-refused";
  known.goes_on = known.goes_on || fact.type == "job-created" || fact.stream == "device" ||
                  fact.type == "backup-asked";
}

// Commands too old to be sent again make way, so that a long journal is read in bounded memory.
void forget_old(std::map<std::string, Known>& commands, WallTime newest) {
  if (commands.size() <= core::kCommandsKept) return;
  std::erase_if(commands,
                [newest](const auto& one) { return core::kCommandKeep < newest - one.second.at; });
}

RowChange row_of(const std::string& id, const Known& known) {
  core::Reply reply;
  reply.id = id;
  reply.sequence = known.sequence;
  Json facts = Json::array();
  for (const std::string& fact : known.facts) facts.push(fact);
  reply.body = Json::object().set("recovered", true).set("facts", std::move(facts));
  reply.message = cat("on record with entry ", known.sequence,
                      "; the words of its reply were lost when the record was recovered");
  if (known.refused) {
    reply.status = core::ReplyStatus::rejected;
    reply.code = name_of(ErrorCode::conflict);
  } else if (known.goes_on) {
    reply.status = core::ReplyStatus::accepted;
  }
  const bool open = reply.status == core::ReplyStatus::accepted;
  return core::CommandMemory::recovered_row(reply, known.user, open, known.at);
}

}  // namespace

Result<std::uint64_t> recover_replies(inventory::LevelDbStore& store, std::uint64_t after) {
  std::map<std::string, Known> commands;
  WallTime newest{};
  Status read;
  const Status scanned = store.scan(inventory::journal_key(after + 1), inventory::kJournalEnd,
                                    [&](std::string_view, std::string_view bytes) {
                                      const auto entry = inventory::parse_entry(bytes);
                                      if (!entry) {
                                        read = entry.error();
                                        return false;
                                      }
                                      newest = std::max(newest, entry->context.now.wall);
                                      add(*entry, commands);
                                      forget_old(commands, newest);
                                      return true;
                                    });
  if (!scanned || !read) return scanned ? read.error() : scanned.error();
  std::vector<RowChange> rows;
  std::uint64_t made = 0;
  for (const auto& [id, known] : commands) {
    if (core::kCommandKeep < newest - known.at) continue;
    const auto there = store.get(core::CommandMemory::row_key(id));
    if (!there) return there.error();
    if (*there) continue;
    rows.push_back(row_of(id, known));
    ++made;
    if (rows.size() < kBatchRows) continue;
    if (Status done = store.commit(std::exchange(rows, {})); !done) return done.error();
  }
  if (rows.empty()) return made;
  if (Status done = store.commit(std::move(rows)); !done) return done.error();
  return made;
}

}  // namespace cryobank::service
