// Hold: a reason why something must not be used. Holds stack: each is released on its own and never
// unlocks another. A hold is put on an aliquot, a dose, a course, a patient, a lot or a place, and
// reaches everything under it, also what comes later.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "inventory/ledger/view.hpp"

namespace cryobank::inventory {

enum class HoldScope : std::uint8_t { aliquot, dose, course, patient, lot, place };
std::string_view name_of(HoldScope scope);

struct Hold {
  static constexpr std::string_view kKind = "hold";
  std::string id;      // "hold-12"
  std::string target;  // "course:c1", "dose:c1/d01", "place:freezer-1"
  std::string kind;    // "quality", "consent", "exposure", "mismatch", "recall", "other"
  std::string reason;
  UserId by;
  WallTime at{};
  // Consent only: who asked for the withdrawal, and when. It leaves storage, a thaw for a safety
  // test, and disposal.
  std::string asked_by;
  WallTime asked_at{};

  // A document of the record (documents.hpp).
  static Result<Hold> decode(std::string_view key, const Json& row);
  Json encode() const;
};

inline constexpr std::string_view kConsent = "consent";
inline constexpr std::string_view kMismatch = "mismatch";

Json to_json(const Hold& hold);
// REQUIRES: `document` is in the record.
Hold hold_from(std::string_view id, const Json& document);

std::string hold_target(HoldScope scope, std::string_view id);
// Open holds that reach the aliquot, by target and id.
std::vector<Hold> holds_on(const View& view, const Aliquot& aliquot);
// Those on a place itself and on the places around it.
std::vector<Hold> holds_on_place(const View& view, const PlaceId& place);
// Refuses with the first hold and how many there are, and, as if it were one, an exposure over
// budget that quality has not waived.
Status check_no_hold(const View& view, const Aliquot& aliquot, WallTime now);
Status check_no_hold(const View& view, const PlaceId& place);
// Refuses while a consent is withdrawn: also what a hold of another kind leaves open, a plan and
// the way from thaw to harvest.
Status check_consent(const View& view, const Aliquot& aliquot);
// Aliquots that a target reaches now, by id.
std::vector<AliquotId> reached_by(const View& view, std::string_view target);

}  // namespace cryobank::inventory
