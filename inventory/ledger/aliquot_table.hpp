// AliquotTable: every aliquot of the bank, packed, so that a million fit in about 150 MB. Found by
// id and by code through open addressing over FNV-1a. A slot is a number of this run only and never
// leaves the room. Nothing is ever removed: an aliquot's record outlives the vial.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "inventory/ledger/aliquot.hpp"

namespace cryobank::inventory {

class AliquotTable {
 public:
  using Slot = std::uint32_t;
  static constexpr Slot kNone = 0xFFFFFFFF;

  AliquotTable();

  std::size_t size() const { return packed_.size(); }
  Slot find(std::string_view id) const;
  Slot find_code(std::string_view code) const;
  // One with another code that looks like this one (scan_text.hpp).
  Slot find_alike(std::string_view code) const;
  Aliquot get(Slot slot) const;
  Spot spot(Slot slot) const;
  std::string_view id(Slot slot) const;
  AliquotState state(Slot slot) const { return packed_[slot].state; }
  const Handling& handling(Slot slot) const { return packed_[slot].handling; }
  WallTime since(Slot slot) const { return packed_[slot].since; }
  WallTime expires_at(Slot slot) const { return packed_[slot].expires_at; }
  // Adds it, or replaces the one of that id. REQUIRES: the code of a known id stays the same, and
  // no other id has it.
  Slot put(const Aliquot& aliquot);
  std::vector<Slot> by_id() const;  // every slot, in the order of ids
  // Those out of the cold, and since when; those that lay in other containers, and when.
  const std::map<Slot, WallTime>& out() const { return out_; }
  const std::map<Slot, std::vector<Stay>>& stays() const { return stays_; }

 private:
  struct Text {  // a piece of pool_
    std::uint32_t offset = 0;
    std::uint8_t length = 0;
  };
  struct Packed {
    Text id;
    Text code;
    std::uint32_t course = 0;  // of names_
    std::uint32_t place = 0;
    std::int32_t position = kNoPosition;
    std::uint8_t dose = 0;
    AliquotState state = AliquotState::expected;
    AliquotState before = AliquotState::expected;
    std::uint8_t thaws = 0;
    WallTime since{};
    WallTime expires_at{};
    Handling handling;
  };

  std::string_view text(Text piece) const { return {pool_.data() + piece.offset, piece.length}; }
  Text keep(std::string_view text);
  std::uint32_t name(const std::string& text);
  Slot find_in(const std::vector<Slot>& index, Text Packed::*key, std::string_view wanted) const;
  void insert(std::vector<Slot>& index, Text Packed::*key, Slot slot);
  void insert_alike(Slot slot);
  void grow();

  std::vector<Packed> packed_;
  std::string pool_;
  std::map<Slot, std::vector<Stay>> stays_;  // of the few that moved between containers
  std::map<Slot, WallTime> out_;             // of the few out of the cold
  std::vector<Slot> ids_;                    // open addressing, a power of two long
  std::vector<Slot> codes_;                  // the same
  std::vector<Slot> alike_;                  // the same, by how a code looks
  std::vector<std::string> names_;           // courses and places
  std::map<std::string, std::uint32_t, std::less<>> name_numbers_;
};

}  // namespace cryobank::inventory
