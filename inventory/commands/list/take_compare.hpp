// Comparison of a stock-take: what was counted in each box against what the record has there. It
// reads only; who counts and who signs is decided in decide_take.cpp.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"
#include "base/shelf_finding.hpp"
#include "inventory/ledger/documents.hpp"
#include "inventory/ledger/view.hpp"

namespace cryobank::inventory {

constexpr std::string_view kUnreadMark = "?";  // the code of a tube that could not be read

struct TakeFinding {
  ShelfFinding kind;
  Spot seen;
  std::string code;
  AliquotId aliquot;
};

struct Tally {
  std::uint64_t expected = 0;
  std::uint64_t found = 0;
};

struct TakeReport {
  Tally all;
  std::map<DeviceId, Tally> freezers;
  std::vector<TakeFinding> findings;
  std::vector<PlaceId> uncounted;
  std::vector<PlaceId> outdated;  // counted, and something of it was moved on record since
  std::vector<PlaceId> away;      // in a shipper that is on its way: nobody can count it
};

// What has positions for aliquots, from `place` down; no gripper.
std::vector<PlaceId> boxes_in(const View& view, const PlaceId& place);
// Takes out of `boxes` what is in a shipper that is on its way, and gives it.
std::vector<PlaceId> split_away(const View& view, std::vector<PlaceId>& boxes);
// The boxes of a take: all, or those that were drawn when it was opened. A box in a shipper that
// is on its way cannot be counted, and is none of them meanwhile.
std::vector<PlaceId> boxes_of(const View& view, const TakeDocument& take);
// Each box's count is a document of its own: a tank of 400 boxes is counted in 400 small facts.
std::string count_id(std::string_view take, const PlaceId& box);
// What a count was told against: where the record has each vial of the box and each one seen in it.
// Another basis later means that one of them was moved on record after it was counted.
std::string basis_of(const View& view, const PlaceId& box,
                     const std::vector<CountDocument::Tube>& tubes);

TakeReport compare_take(const View& view, std::string_view id, const TakeDocument& take);
// Found where the record says, in thousandths of what was expected; null where nothing was.
Json accuracy(const Tally& tally);
Json to_json(const View& view, const TakeReport& report);

}  // namespace cryobank::inventory
