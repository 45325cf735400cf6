// Scan dialect: how one rack scanner, or one data manager, writes the file of a scanned box. A file
// config/scans/<id>.toml each, named by [files] scans. Names of columns and marks are compared
// without regard to case, blanks, '_' and '-'. `seen`: taken from a real file or a document, which
// `source` names; else it was made up from what is usual.
#pragma once

#include <string>
#include <vector>

#include "config/toml_document.hpp"

namespace cryobank::config {

// Where one thing stands in a line: under one of these names, or, in a file without a header, in
// this column from 1.
struct ScanColumn {
  std::vector<std::string> names;
  int number = 0;
  bool empty() const { return names.empty() && number == 0; }
};

struct ScanDialect {
  enum class Order : std::uint8_t { none, rows, columns };
  std::string id;
  std::string title;
  std::string source;
  bool seen = false;
  char separator = 0;  // 0: the one of , ; and tab that comes most often
  bool header = true;
  ScanColumn position;  // "A1", "A01"; or both of the next two
  ScanColumn row;       // a letter, or a number from 1
  ScanColumn column;    // a number from 1
  ScanColumn code;
  ScanColumn status;                  // beside the code: why there is none, in the marks below
  ScanColumn rack;                    // the rack's own code
  Order order = Order::none;          // of plain numbers as positions: along rows or down columns
  std::string rack_line;              // what stands before the rack's code on a line above
  std::vector<std::string> preamble;  // beginnings of other lines above
  std::vector<std::string> empty;     // marks for: no tube
  std::vector<std::string> unread;    // marks for: a tube, not read
  bool only_tubes = false;            // positions that are left out are empty
  std::string file;
  int line = 0;
};

}  // namespace cryobank::config
