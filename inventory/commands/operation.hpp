// Operation: what one command of a person moved, from where to where, kept so that it can be undone
// while nothing has touched it since. A document "operation-12" of the ledger; the oldest ones go
// when there are more than kOperationsKept or they list more than kOperationItemsKept things. An
// undo is an operation too. Robot moves are none: their jobs tell what became of them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "inventory/commands/ask.hpp"
#include "inventory/ledger/documents.hpp"

namespace cryobank::inventory {

// A week of busy hands, and twice the largest command; about 12 MB in memory at the most.
inline constexpr std::size_t kOperationsKept = 200;
inline constexpr std::size_t kOperationItemsKept = 2 * kItemsMax;

using Moved = OperationDocument::Moved;

struct Operation : OperationDocument {
  std::string id;
  std::uint64_t number = 0;
};

// Those kept, oldest first.
std::vector<Operation> operations(const View& view);
Result<Operation> find_operation(const View& view, std::string_view id);

// Adds to a fact what its "items" and "places" (effects.hpp) move, as an operation; gives its id,
// or nothing when nothing moves. REQUIRES: the fact is not applied yet.
std::string note_operation(const Ask& ask, Json& data, std::string_view verb);

}  // namespace cryobank::inventory
