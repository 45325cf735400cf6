#include "service/repair/record_replies_io.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/text.hpp"
#include "base/try.hpp"
#include "inventory/record/journal_format.hpp"
#include "service/wire/command_memory.hpp"

namespace cryobank::service {
namespace {

constexpr std::size_t kReplyBatchRows = 1000;
constexpr std::size_t kFactsNamed = 20;  // of one command, in its reply

// What the journal says of one command.
struct Known {
  UserId user;
  WallTime at;
  std::uint64_t sequence = 0;
  std::vector<std::string> facts;
  std::optional<ErrorCode> refused;  // when its entries say what was seen, not done
  bool goes_on = false;  // its end comes with a job, or with a machine that is read again
};

// Facts of a command that was refused, with the code its asker was told.
struct RefusingFact {
  FactName fact;
  ErrorCode told;
};
constexpr RefusingFact kRefusingFacts[] = {
    {fact::kMismatchSeen, ErrorCode::mismatch},
    {fact::kSecondCourseRefused, ErrorCode::mismatch},
    {fact::kSigningRefused, ErrorCode::not_authorised},
};

// Nothing for a fact of what was done. A fact that is told with several codes says which.
std::optional<ErrorCode> refusal_of(const Fact& fact) {
  const auto found = std::ranges::find_if(
      kRefusingFacts, [&](const RefusingFact& one) { return fact.type == one.fact; });
  if (found == std::end(kRefusingFacts)) return {};
  const Json& told = fact.data["refused"];
  const auto code = told.is_string() ? parse_error_code(told.string()) : std::nullopt;
  return code.value_or(found->told);
}

// Motions are told under the command that made their job, and denied acts are denied again.
constexpr FactName kOfAnother[] = {
    fact::kMoveIssued,       fact::kMoveHolding, fact::kMoveDone,     fact::kMoveFailed,
    fact::kMoveNotDelivered, fact::kMoveUnknown, fact::kMoveResolved, fact::kCommandDenied,
};
bool is_of_another(const Fact& fact) {
  return std::ranges::any_of(kOfAnother, [&](const FactName& one) { return fact.type == one; });
}

// The commands of the last entries, by id. Those too old to be sent again make way, so that a long
// journal is read in bounded memory.
class Commands {
 public:
  void add(const inventory::JournalEntry& entry) {
    const std::string& id = entry.context.command;
    const Fact& fact = entry.fact;
    newest_ = std::max(newest_, entry.context.now.wall);
    if (id.empty() || is_of_another(fact)) return;
    Known& known = known_[id];
    if (known.sequence == 0) {
      known.user = entry.context.actor.user;
      known.at = entry.context.now.wall;
      by_time_.emplace(known.at, id);
    }
    known.sequence = entry.sequence;
    if (known.facts.size() < kFactsNamed) known.facts.push_back(fact.type.str());
    if (!known.refused) known.refused = refusal_of(fact);
    known.goes_on = known.goes_on || fact.type == fact::kJobCreated || fact.stream == "device" ||
                    fact.type == fact::kBackupAsked;
    if (known_.size() > core::kCommandsKept) forget_old();
  }

  bool is_old(const Known& known) const { return core::kCommandKeep < newest_ - known.at; }
  const std::map<std::string, Known>& all() const { return known_; }

 private:
  void forget_old() {
    while (!by_time_.empty() && core::kCommandKeep < newest_ - by_time_.begin()->first) {
      known_.erase(by_time_.begin()->second);
      by_time_.erase(by_time_.begin());
    }
  }

  std::map<std::string, Known> known_;
  std::set<std::pair<WallTime, std::string>> by_time_;
  WallTime newest_{};
};

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
    reply.code = known.refused;
  } else if (known.goes_on) {
    reply.status = core::ReplyStatus::accepted;
  }
  const bool open = reply.status == core::ReplyStatus::accepted;
  return core::CommandMemory::recovered_row(reply, known.user, open, known.at);
}

}  // namespace

Result<std::uint64_t> recover_replies(inventory::LevelDbStore& store, std::uint64_t after) {
  Commands commands;
  Status read;
  const Status scanned = store.scan(inventory::journal_key(after + 1), inventory::kJournalEnd,
                                    [&](std::string_view, std::string_view bytes) {
                                      const auto entry = inventory::parse_entry(bytes);
                                      if (!entry) {
                                        read = entry.error();
                                        return false;
                                      }
                                      commands.add(*entry);
                                      return true;
                                    });
  if (!scanned || !read) return scanned ? read.error() : scanned.error();
  std::vector<RowChange> rows;
  std::uint64_t made = 0;
  for (const auto& [id, known] : commands.all()) {
    if (commands.is_old(known)) continue;
    TRY_ASSIGN(const auto there, store.get(core::CommandMemory::row_key(id)));
    if (there) continue;
    rows.push_back(row_of(id, known));
    ++made;
    if (rows.size() < kReplyBatchRows) continue;
    TRY(store.commit(std::exchange(rows, {})));
  }
  if (rows.empty()) return made;
  TRY(store.commit(rows));
  return made;
}

}  // namespace cryobank::service
