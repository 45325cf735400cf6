#include "inventory/commands/gate/intake.hpp"
#include "inventory/ledger/documents.hpp"

#include <algorithm>

#include "base/scan_text.hpp"
#include "base/text.hpp"
#include "base/try.hpp"
#include "base/vial_code.hpp"
#include "inventory/ledger/quality.hpp"

namespace cryobank::inventory {
namespace {

bool is_first(AliquotState state) {
  switch (state) {
    case AliquotState::expected:
    case AliquotState::quarantined:
    case AliquotState::conditionally_released:
    case AliquotState::released:
    case AliquotState::rejected:
      return true;
    case AliquotState::reserved:
    case AliquotState::in_transit:
    case AliquotState::thawed:
    case AliquotState::in_culture:
    case AliquotState::issued:
    case AliquotState::used:
    case AliquotState::returned:
    case AliquotState::disposed:
    case AliquotState::lost:
      return false;
  }
  CHECK(false);
}

// Where only a machine brings vials.
bool is_machines(const View& view, const Place& place) {
  if (view.robot(place.device) != nullptr) return true;
  return std::ranges::any_of(view.site().devices, [&](const config::DeviceConfig& device) {
    return device.gripper == place.id || device.thaw_station == place.id;
  });
}

}  // namespace

Result<std::string> first_code(std::string_view scanned) {
  const std::string_view code = strip_scan(scanned);
  TRY(expect_vial_code(code));
  return std::string(code);
}

Result<std::string> listed_code(const View& view, std::string_view scanned) {
  const std::string_view code = strip_scan(scanned);
  return view.owner_of_code(code).empty() ? first_code(code)
                                          : Result<std::string>(std::string(code));
}

Status CourseShape::add_dose(const Fraction& fraction) {
  if (++doses_ > static_cast<std::size_t>(kDosesMax)) {
    return make_error(ErrorCode::invalid_value,
                      cat("expected 1 to ", kDosesMax, " doses of a course, came more"));
  }
  if (fraction.numerator() < 1) {
    return make_error(ErrorCode::invalid_value, cat("expected a dose of more than nothing, came ",
                                                    fraction.str(), " of its course"));
  }
  TRY_ASSIGN(const auto sum, add(total_, fraction));
  if (sum > *Fraction::make(1, 1)) {
    return make_error(ErrorCode::invalid_value,
                      cat("expected doses that add up to at most 1 course, came ", sum.str()));
  }
  total_ = sum;
  return {};
}

Status CourseShape::add_aliquot(std::size_t before) {
  if (before < static_cast<std::size_t>(kAliquotsPerDoseMax)) return {};
  return make_error(ErrorCode::invalid_value,
                    cat("expected 1 to ", kAliquotsPerDoseMax, " aliquots of a dose, came more"));
}

Status check_release(const View& view, const LotId& lot, bool conditional) {
  if (lot.empty()) return {};
  const auto quality = document_of<QualityDocument>(view, lot.str());
  if (!quality) return {};
  const LotVerdict verdict = verdict_of(quality->tests);
  if (verdict.verdict == Verdict::passed || (conditional && verdict.conditional)) return {};
  return make_error(ErrorCode::conflict,
                    cat("lot ", lot.str(), ": test ", verdict.why, " is ", name_of(verdict.verdict),
                        verdict.conditional ? ", so only conditionally" : ""));
}

Status check_first_state(const View& view, const LotId& lot, AliquotState state) {
  if (!is_first(state)) {
    return make_error(ErrorCode::invalid_value,
                      cat("a new aliquot cannot begin as ", name_of(state)));
  }
  if (state == AliquotState::released) return check_release(view, lot, false);
  if (state == AliquotState::conditionally_released) return check_release(view, lot, true);
  return {};
}

Status check_first_place(const View& view, AliquotState state, const PlaceId& id) {
  const bool expected = state == AliquotState::expected;
  if (expected != (id.str() == kExpectedPlace)) {
    return make_error(ErrorCode::invalid_value,
                      expected ? cat("an expected aliquot is not received yet: expected the path ",
                                     kExpectedPlace)
                               : cat("an aliquot that is ", name_of(state),
                                     " was received: it "
                                     "stands somewhere, not in ",
                                     kExpectedPlace));
  }
  const Place* place = view.place(id);
  if (expected || place == nullptr) return {};
  if (place->type != kBuiltInType && !is_machines(view, *place)) return {};
  return make_error(ErrorCode::unsupported,
                    cat("expected a place where a person puts vials, came ", id.str()));
}

}  // namespace cryobank::inventory
