#include "inventory/ledger/aliquot_table.hpp"

#include <algorithm>
#include <numeric>

#include "base/check.hpp"
#include "base/checksum.hpp"
#include "base/look_alike.hpp"

namespace cryobank::inventory {
namespace {

constexpr std::size_t kFirstSize = 1024;

// Ids of one bank differ in a few digits, which FNV-1a leaves in neighbouring low bits: neighbours
// would pile up in the table. The finaliser of MurmurHash3 (public domain) spreads them.
std::size_t spread_hash(std::string_view text) {
  std::uint32_t h = fnv1a32(text);
  h = (h ^ (h >> 16)) * 0x85ebca6bU;
  h = (h ^ (h >> 13)) * 0xc2b2ae35U;
  return h ^ (h >> 16);
}

}  // namespace

AliquotTable::AliquotTable()
    : ids_(kFirstSize, kNone), codes_(kFirstSize, kNone), alike_(kFirstSize, kNone) {}

AliquotTable::Slot AliquotTable::find_in(const std::vector<Slot>& index, Text Packed::*key,
                                         std::string_view wanted) const {
  const std::size_t mask = index.size() - 1;
  for (std::size_t i = spread_hash(wanted) & mask;; i = (i + 1) & mask) {
    if (index[i] == kNone || text(packed_[index[i]].*key) == wanted) return index[i];
  }
}

AliquotTable::Slot AliquotTable::find(std::string_view id) const {
  return find_in(ids_, &Packed::id, id);
}

AliquotTable::Slot AliquotTable::find_code(std::string_view code) const {
  return find_in(codes_, &Packed::code, code);
}

AliquotTable::Slot AliquotTable::find_alike(std::string_view code) const {
  const std::size_t mask = alike_.size() - 1;
  for (std::size_t i = spread_hash(look_alike_key(code)) & mask; alike_[i] != kNone;
       i = (i + 1) & mask) {
    const std::string_view there = text(packed_[alike_[i]].code);
    if (there != code && look_alike(there, code)) return alike_[i];
  }
  return kNone;
}

void AliquotTable::insert_alike(Slot slot) {
  const std::size_t mask = alike_.size() - 1;
  std::size_t i = spread_hash(look_alike_key(text(packed_[slot].code))) & mask;
  while (alike_[i] != kNone) i = (i + 1) & mask;
  alike_[i] = slot;
}

void AliquotTable::insert(std::vector<Slot>& index, Text Packed::*key, Slot slot) {
  const std::size_t mask = index.size() - 1;
  std::size_t i = spread_hash(text(packed_[slot].*key)) & mask;
  while (index[i] != kNone) i = (i + 1) & mask;
  index[i] = slot;
}

// At most two thirds full, so that a search ends soon.
void AliquotTable::grow() {
  if ((packed_.size() + 1) * 3 < ids_.size() * 2) return;
  ids_.assign(ids_.size() * 2, kNone);
  codes_.assign(ids_.size(), kNone);
  alike_.assign(ids_.size(), kNone);
  for (Slot slot = 0; slot < packed_.size(); ++slot) {
    insert(ids_, &Packed::id, slot);
    insert(codes_, &Packed::code, slot);
    insert_alike(slot);
  }
}

AliquotTable::Text AliquotTable::keep(std::string_view text) {
  CHECK(text.size() <= kIdLengthMax);
  CHECK(pool_.size() + text.size() < kNone);
  const Text piece{static_cast<std::uint32_t>(pool_.size()),
                   static_cast<std::uint8_t>(text.size())};
  pool_ += text;
  return piece;
}

std::uint32_t AliquotTable::name(const std::string& text) {
  const auto [found, fresh] =
      name_numbers_.try_emplace(text, static_cast<std::uint32_t>(names_.size()));
  if (fresh) names_.push_back(text);
  return found->second;
}

AliquotTable::Slot AliquotTable::put(const Aliquot& aliquot) {
  Slot slot = find(aliquot.id.str());
  if (slot == kNone) {
    CHECK(find_code(aliquot.code) == kNone);
    grow();
    slot = static_cast<Slot>(packed_.size());
    Packed fresh;
    fresh.id = keep(aliquot.id.str());
    fresh.code = keep(aliquot.code);
    packed_.push_back(fresh);
    insert(ids_, &Packed::id, slot);
    insert(codes_, &Packed::code, slot);
    insert_alike(slot);
  }
  Packed& packed = packed_[slot];
  CHECK(text(packed.code) == aliquot.code);
  packed.course = name(aliquot.course.str());
  packed.place = name(aliquot.spot.place.str());
  packed.position = aliquot.spot.position;
  packed.dose = static_cast<std::uint8_t>(aliquot.dose);
  packed.state = aliquot.state;
  packed.before = aliquot.before;
  packed.since = aliquot.since;
  packed.expires_at = aliquot.expires_at;
  packed.handling = aliquot.handling;
  packed.thaws = aliquot.thaws;
  if (!aliquot.stays.empty()) stays_[slot] = aliquot.stays;
  if (aliquot.out_since.ms != 0) {
    out_[slot] = aliquot.out_since;
  } else {
    out_.erase(slot);
  }
  return slot;
}

Spot AliquotTable::spot(Slot slot) const {
  return {PlaceId(names_[packed_[slot].place]), packed_[slot].position};
}

std::string_view AliquotTable::id(Slot slot) const { return text(packed_[slot].id); }

Aliquot AliquotTable::get(Slot slot) const {
  const Packed& packed = packed_[slot];
  Aliquot aliquot;
  aliquot.id = AliquotId(std::string(text(packed.id)));
  aliquot.code = text(packed.code);
  aliquot.course = CourseId(names_[packed.course]);
  aliquot.dose = packed.dose;
  aliquot.state = packed.state;
  aliquot.before = packed.before;
  aliquot.spot = spot(slot);
  aliquot.since = packed.since;
  aliquot.expires_at = packed.expires_at;
  aliquot.handling = packed.handling;
  aliquot.thaws = packed.thaws;
  if (const auto stays = stays_.find(slot); stays != stays_.end()) aliquot.stays = stays->second;
  if (const auto out = out_.find(slot); out != out_.end()) aliquot.out_since = out->second;
  return aliquot;
}

std::vector<AliquotTable::Slot> AliquotTable::by_id() const {
  std::vector<Slot> slots(packed_.size());
  std::iota(slots.begin(), slots.end(), 0);
  std::sort(slots.begin(), slots.end(), [this](Slot a, Slot b) { return id(a) < id(b); });
  return slots;
}

}  // namespace cryobank::inventory
