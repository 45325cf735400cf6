// List words: what mappings of lists and dialects of scans name on our side, and how a name of
// theirs is compared. The record's words are the record's own: a test holds these against them.
#pragma once

#include <string>
#include <string_view>

namespace cryobank::config {

// Lower case, without blanks, '_' and '-'; a mark that is a single '-' stays one.
std::string name_key(std::string_view text);

// States of an aliquot, as a list says them (docs/inventory.md).
inline constexpr std::string_view kListStates[] = {
    "expected",   "quarantined", "conditionally-released",
    "released",   "reserved",    "rejected",
    "in-transit", "thawed",      "in-culture",
    "issued",     "used",        "returned",
    "disposed",   "lost"};
// What is another one in each line of a list.
inline constexpr std::string_view kListOwnOfEachLine[] = {"aliquot", "code"};

// The id of the dialect of usual names, which is built in.
inline constexpr std::string_view kPlainScan = "plain";

}  // namespace cryobank::config
