// List mapping: how a data manager's table of vials names what a list of ours has (bulk/import). A
// file config/lists/<id>.toml each, named by [files] lists. Names of columns and words are compared
// without regard to case, blanks, '_' and '-'. `seen`: taken from a real table or a document, which
// `source` names; else it was made up from what is usual.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "config/toml_document.hpp"

namespace cryobank::config {

// The columns of a list, in the order of an export. A list may do without the last ones.
inline constexpr std::string_view kListColumns[] = {
    "aliquot", "code", "course",   "patient", "lot",   "dose",     "fraction",
    "state",   "path", "position", "expires", "thaws", "protocol", "protocol_version"};
inline constexpr std::size_t kListColumnsOptional = 4;

struct ListMapping {
  std::string id;
  std::string title;
  std::string source;
  bool seen = false;
  // Of a column of ours: what the table calls it, and what every line says where it has none.
  std::map<std::string, std::vector<std::string>, std::less<>> columns;
  std::map<std::string, std::string, std::less<>> constants;
  // What the table has in several columns: the levels of "path" from the outermost on, and the row
  // and the column of "position".
  std::map<std::string, std::vector<std::string>, std::less<>> joined;
  std::vector<std::string> ignored;  // columns of the table that say nothing to us
  // The table's words for states, and ours: "In stock" = "quarantine".
  std::map<std::string, std::string, std::less<>> states;
  std::string file;
  int line = 0;
};

}  // namespace cryobank::config
