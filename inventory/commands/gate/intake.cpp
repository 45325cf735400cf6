#include "inventory/commands/gate/intake.hpp"

#include <algorithm>

#include "base/record_time.hpp"
#include "base/scan_text.hpp"
#include "base/text.hpp"
#include "base/try.hpp"
#include "base/vial_code.hpp"
#include "inventory/ledger/documents.hpp"
#include "inventory/ledger/quality.hpp"

namespace cryobank::inventory {
namespace {

// What whoever brings a vial in this state says or does instead; empty: it may begin so.
std::string_view first_instead(AliquotState state) {
  switch (state) {
    case AliquotState::expected:
    case AliquotState::quarantined:
    case AliquotState::conditionally_released:
    case AliquotState::released:
    case AliquotState::rejected:
      return {};
    case AliquotState::reserved:
      return "say released, and plan its dose (dose/plan) or keep positions (position/reserve)";
    case AliquotState::in_transit:
      return "say expected, in EXPECTED, and receive it when it comes (shipment/receive)";
    case AliquotState::returned:
      return "say quarantined, where it lies";
    case AliquotState::lost:
      return "say quarantined, in UNKNOWN: it is searched then";
    case AliquotState::thawed:
    case AliquotState::in_culture:
      return "it is warm and no stock: leave its line out until it is frozen again";
    case AliquotState::issued:
    case AliquotState::used:
    case AliquotState::disposed:
      return "it is no stock any more: leave its line out, and keep the record that it had";
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

// "d01": the dose of a label COURSE/d01, as the program numbers them.
bool is_dose_number(std::string_view dose) {
  return dose.size() > 1 && dose.front() == 'd' &&
         dose.find_first_not_of("0123456789", 1) == std::string_view::npos;
}

bool is_dose_label(const View& view, std::string_view code) {
  const std::size_t slash = code.find('/');
  if (slash == std::string_view::npos) return false;
  const std::string_view course = code.substr(0, slash);
  const std::string_view dose = code.substr(slash + 1);
  if (!is_id_text(course) || !is_id_text(dose)) return false;
  if (is_dose_number(dose)) return true;
  const Course* known = view.course(CourseId(std::string(course)));
  return known != nullptr && known->find(DoseId(std::string(dose))) != nullptr;
}

// What a scan of the code names already; empty: nothing.
std::string_view named_by_scan(const View& view, std::string_view code) {
  constexpr std::string_view kBadge = "badge:";
  const config::SiteConfig& site = view.site();
  const auto is_it = [&](const auto& one) { return one.id.str() == code; };
  if (is_dose_label(view, code)) return "the label of a dose";
  if (lower_ascii(code.substr(0, kBadge.size())) == kBadge) return "a person's badge";
  if (std::ranges::any_of(site.devices, is_it)) return "a machine";
  if (std::ranges::any_of(site.users, is_it)) return "a person";
  if (is_id_text(code) && view.place(PlaceId(std::string(code))) != nullptr) return "a place";
  return {};
}

}  // namespace

Status check_new_code(const View& view, std::string_view code) {
  const std::string_view named = named_by_scan(view, code);
  if (named.empty()) return {};
  return make_error(ErrorCode::already_exists,
                    cat("expected a code that names a vial alone, came ", clip(code, kIdLengthMax),
                        ", which is scanned for ", named));
}

Status check_no_vials_code(const View& view, std::string_view name, std::string_view what) {
  const AliquotId owner = view.owner_of_code(name);
  if (owner.empty()) return {};
  return make_error(ErrorCode::already_exists,
                    cat(what, " cannot be called ", clip(name, 2 * kIdLengthMax),
                        ": that is the code of aliquot ", owner.str()));
}

std::vector<std::string> names_of_vials(const View& view, const config::SiteConfig& site) {
  std::vector<std::string> taken;
  const auto look = [&](std::string_view what, const auto& named) {
    for (const auto& one : named) {
      const AliquotId owner = view.owner_of_code(one.id.str());
      if (owner.empty()) continue;
      taken.push_back(cat(what, " ", one.id.str(), " is called by the code of aliquot ",
                          owner.str(), ": a scan of it means both"));
    }
  };
  look("machine", site.devices);
  look("place", site.places);
  look("person", site.users);
  return taken;
}

Status check_new_expiry(WallTime now, std::string_view what, WallTime expires_at) {
  TRY(expect_within("expires_at", expires_at, now, kExpiresYearsMax));
  if (expires_at > now) return {};
  return make_error(ErrorCode::invalid_value, cat("expected an expiry after now for ", what,
                                                  ", came ", format_utc(expires_at)));
}

Result<std::string> first_code(const View& view, std::string_view scanned) {
  const std::string_view code = strip_scan(scanned);
  TRY(expect_vial_code(code));
  TRY(check_new_code(view, code));
  return std::string(code);
}

Result<std::string> listed_code(const View& view, std::string_view scanned) {
  const std::string_view code = strip_scan(scanned);
  return view.owner_of_code(code).empty() ? first_code(view, code)
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
  if (const std::string_view instead = first_instead(state); !instead.empty()) {
    return make_error(ErrorCode::invalid_value,
                      cat("a new aliquot cannot begin as ", name_of(state), ": ", instead));
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
