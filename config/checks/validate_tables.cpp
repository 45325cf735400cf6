// Rules about mappings of lists and dialects of scans: what could never be read as it was meant is
// told here, and not to whoever imports the first table with it.
#include <algorithm>
#include <array>
#include <map>
#include <span>
#include <vector>

#include "base/spelling.hpp"
#include "base/text.hpp"
#include "config/checks/validate.hpp"
#include "config/list_words.hpp"

namespace cryobank::config {
namespace {

template <class Item>
void fault_in(const Item& item, std::string_view what, std::string_view text, Faults& faults) {
  faults.add(item.file, item.line, cat(what, " \"", clip(item.id, 40), "\": ", text));
}

// Theirs by name_key(), and which of ours it is.
using TakenNames = std::map<std::string, std::string, std::less<>>;

// The column of ours that has the name already; empty: none had.
std::string take_name(TakenNames& taken, const std::string& theirs, std::string_view ours) {
  const auto [first, fresh] = taken.try_emplace(name_key(theirs), ours);
  return fresh || first->second == ours ? std::string() : first->second;
}

void check_list_columns(const ListMapping& mapping, Faults& faults) {
  TakenNames taken;
  for (const auto& [ours, names] : mapping.columns) {
    for (const std::string& theirs : names) {
      const std::string other = take_name(taken, theirs, ours);
      if (other.empty()) continue;
      fault_in(mapping, "list mapping",
               cat("[columns]: expected each column of theirs to be one of ours, came \"",
                   clip(theirs, 40), "\" as ", other, " and ", ours),
               faults);
    }
  }
  for (const std::string& theirs : mapping.ignored) {
    const auto used = taken.find(name_key(theirs));
    if (used == taken.end()) continue;
    fault_in(mapping, "list mapping",
             cat("ignored: expected columns that say nothing to us, came \"", clip(theirs, 40),
                 "\", which is ", used->second),
             faults);
  }
}

void check_list_constants(const ListMapping& mapping, Faults& faults) {
  for (const std::string_view column : kListOwnOfEachLine) {
    if (mapping.constants.find(column) == mapping.constants.end()) continue;
    fault_in(mapping, "list mapping",
             cat("[constants] ", column, ": expected a column, since each line has its own"),
             faults);
  }
}

// Without a column of theirs, and without a constant, the table must use our own word.
void check_list_needs(const ListMapping& mapping, Faults& faults) {
  std::string missing;
  for (std::size_t i = 0; i + kListColumnsOptional < std::size(kListColumns); ++i) {
    const std::string_view ours = kListColumns[i];
    if (mapping.columns.find(ours) != mapping.columns.end()) continue;
    if (mapping.constants.find(ours) != mapping.constants.end()) continue;
    missing += cat(missing.empty() ? "" : ", ", ours);
  }
  if (missing.empty()) return;
  faults.warn(mapping.file, mapping.line,
              cat("list mapping \"", clip(mapping.id, 40), "\": no column of theirs is ", missing,
                  ": a table is refused that does not call it so itself"));
}

void check_list_state(const ListMapping& mapping, std::string_view where, const std::string& state,
                      Faults& faults) {
  if (std::ranges::find(kListStates, std::string_view(state)) != std::end(kListStates)) return;
  fault_in(mapping, "list mapping",
           cat(where, ": expected a state of an aliquot, came \"", clip(state, 40), "\"",
               suggestion(state, kListStates)),
           faults);
}

void check_list_states(const ListMapping& mapping, Faults& faults) {
  TakenNames taken;
  for (const auto& [theirs, ours] : mapping.states) {
    check_list_state(mapping, cat("[states] ", clip(theirs, 40)), ours, faults);
    const std::string other = take_name(taken, theirs, ours);
    if (other.empty()) continue;
    fault_in(
        mapping, "list mapping",
        cat("[states] ", clip(theirs, 40), ": expected one state, came ", other, " and ", ours),
        faults);
  }
  const auto constant = mapping.constants.find("state");
  if (constant == mapping.constants.end() || mapping.states.contains(constant->second)) return;
  check_list_state(mapping, "[constants] state", constant->second, faults);
}

void list_columns(const SiteIndex& index, Faults& faults) {
  for (const ListMapping& mapping : index.config.lists) {
    check_list_columns(mapping, faults);
    check_list_constants(mapping, faults);
    check_list_states(mapping, faults);
    check_list_needs(mapping, faults);
  }
}

void check_scan_columns(const ScanDialect& dialect, Faults& faults) {
  const std::array<std::pair<std::string_view, const ScanColumn*>, 5> columns{
      {{"position", &dialect.position},
       {"row", &dialect.row},
       {"column", &dialect.column},
       {"code", &dialect.code},
       {"rack", &dialect.rack}}};
  TakenNames taken;
  for (const auto& [ours, column] : columns) {
    std::vector<std::string> theirs = column->names;
    if (column->number != 0) theirs.push_back(cat(column->number));
    for (const std::string& name : theirs) {
      const std::string other = take_name(taken, name, ours);
      if (other.empty()) continue;
      fault_in(dialect, "scan",
               cat("[columns]: expected each column of the file to be one thing, came \"",
                   clip(name, 40), "\" as ", other, " and ", ours),
               faults);
    }
  }
}

void scan_columns(const SiteIndex& index, Faults& faults) {
  for (const ScanDialect& dialect : index.config.scans) {
    check_scan_columns(dialect, faults);
    if (dialect.id == kPlainScan) {
      fault_in(dialect, "scan", "expected an id of its own: this one is built in", faults);
    }
    for (const std::string& mark : dialect.empty) {
      const bool both = std::ranges::any_of(dialect.unread, [&](const std::string& other) {
        return name_key(other) == name_key(mark);
      });
      if (!both) continue;
      fault_in(
          dialect, "scan",
          cat("expected a mark for empty or for unread, came \"", clip(mark, 40), "\" for both"),
          faults);
    }
  }
}

constexpr std::array<ValidationRule, 2> kTableRules{
    {{"list-columns", list_columns}, {"scan-columns", scan_columns}}};

}  // namespace

std::span<const ValidationRule> table_rules() { return kTableRules; }

}  // namespace cryobank::config
