// Lines of a list: the form of each, read into what the line says: columns in any order and case,
// ids, fractions, states, dates, and the place that a path names. Whether the record agrees is
// checked in bulk.cpp.
#pragma once

#include <array>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "inventory/commands/list/bulk.hpp"
#include "inventory/ledger/view.hpp"

namespace cryobank::inventory {

using BulkFields = std::vector<std::string_view>;

// Reads one line after the other; each path is looked up once. The view must outlive it.
class BulkReader {
 public:
  // Which field of a line is which column of ours: in any order and case; a column without a name
  // must be empty.
  struct Header {
    std::array<int, std::size(kBulkColumns)> at;
    std::array<std::string_view, std::size(kBulkColumns)> constant;  // of each line without it
    std::vector<bool> ignored;                                       // by field
    // Fields of a column of ours that the table has in several, in the order of the mapping.
    std::array<std::vector<int>, std::size(kBulkColumns)> parts;
    std::size_t fields = 0;
    const config::ListMapping* mapping = nullptr;
    std::map<std::string, std::string_view, std::less<>> states;  // theirs by name_key(), and ours
  };
  struct Shelf {
    const Place* place = nullptr;
    const PlaceType* type = nullptr;
  };

  // Error malformed: a column nobody knows, one twice, one missing. `mapping` may be null, and
  // outlives the reader.
  static Result<BulkReader> open(const View& view, const BulkFields& header,
                                 const config::ListMapping* mapping);

  Status read(const BulkFields& came, BulkLine& line);

 private:
  BulkReader(const View& view, const Header& header);

  Status read_spot(const BulkFields& came, BulkLine& line);
  Result<int> read_position(const BulkFields& came, const PlaceType& type) const;

  const View& view_;
  Header header_;
  BulkFields fields_;  // of the present line, in our order
  std::string path_;   // of the present line, where the table has it in several columns
  std::map<std::string, Result<Shelf>, std::less<>> shelves_;
};

}  // namespace cryobank::inventory
