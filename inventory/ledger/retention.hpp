// Retention: how long the record of a course must be kept, by the site's rules ([[retention]]), and
// what stops the clock. A time is only ever computed and told: nothing is purged by itself, only by
// two people's signed approval and a person's hand (`cryobankctl store purge`). The default rule is
// 30 years after the end (Directive 2004/23/EC, article 8(4); Regulation 1394/2007, article 15, for
// medicinal products: after expiry).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "inventory/ledger/view.hpp"

namespace cryobank::inventory {

enum class RetentionState : std::uint8_t {
  in_use,  // stock is left, or a dose is on its way: the time has not begun
  kept,    // the time runs
  held,    // a hold stops it, however long ago it ended
  due,     // the time is over: a person may review it
  purged,  // its private words are gone
};
inline constexpr std::string_view kMayEnd = "may-end";
// Documents of kind "purge", by course: {"approval","at"}, and "done" once it is purged.
inline constexpr std::string_view kPurge = "purge";
// The verb of its approval; the record's verifiers know it by this name.
inline constexpr std::string_view kPurgeVerb = "retention/purge";
std::string_view name_of(RetentionState state);

struct Retention {
  RetentionState state = RetentionState::in_use;
  std::string rule;                // id of the rule that keeps it longest
  std::string source;              // the law behind it
  WallTime from{};                 // 0 while in use
  WallTime until{};                // 0 while in use
  std::string reviewed;            // what the last review said, empty: none
  std::vector<std::string> holds;  // ids
};

// Used where the site declares no rule that fits.
config::RetentionConfig default_retention();

// The same day and time so many years later; 29 February becomes 1 March.
WallTime years_after(WallTime at, int years);

Retention retention_of(const View& view, const Course& course, WallTime now);

// Its time is over, no hold stops it, and the last review let it end. Error conflict says why not.
Status may_purge(const View& view, const Course& course, WallTime now);
// True once the private words of a course were purged.
bool is_purged(const View& view, const CourseId& course);

}  // namespace cryobank::inventory
