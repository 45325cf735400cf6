// Facts whose whole meaning stands in their effects (effects.hpp).
#include "inventory/ledger/apply.hpp"
#include "inventory/ledger/effects.hpp"

namespace cryobank::inventory {
namespace {

constexpr Applier kEffectsAppliers[] = {
    {"aliquots-disposed", apply_effects},
    {"aliquots-found-missing", apply_effects},
    {"aliquots-imported", apply_effects},
    {"aliquots-placed", apply_effects},
    {"box-rescanned", apply_effects},
    {"course-amended", apply_effects},
    {"course-clinic-set", apply_effects},
    {"course-paused", apply_effects},
    {"course-resumed", apply_effects},
    {"disposal-requested", apply_effects},
    {"disposal-withdrawn", apply_effects},
    {"dose-date-told", apply_effects},
    {"dose-fit-told", apply_effects},
    {"evacuation-ended", apply_effects},
    {"evacuation-planned", apply_effects},
    {"exceptional-release", apply_effects},
    {"excursion-recorded", apply_effects},
    {"exposure-budget-set", apply_effects},
    {"exposure-waived", apply_effects},
    {"hold-placed", apply_effects},
    {"hold-released", apply_effects},
    {"label-printed", apply_effects},
    {"label-template-set", apply_effects},
    {"label-verified", apply_effects},
    {"label-voided", apply_effects},
    {"mismatch-seen", apply_effects},
    {"operation-undone", apply_effects},
    {"override-used", apply_effects},
    {"place-made", apply_effects},
    {"place-moved", apply_effects},
    {"plan-asked", apply_effects},
    {"plan-discarded", apply_effects},
    {"plan-move-asked", apply_effects},
    {"plan-published", apply_effects},
    {"positions-changed", apply_effects},
    {"probe-challenged", apply_effects},
    {"probe-mapped", apply_effects},
    {"quality-plan-set", apply_effects},
    {"quality-result-entered", apply_effects},
    {"purge-approved", apply_effects},
    {"rack-moved", apply_effects},
    {"record-purged", apply_effects},
    {"record-signed", apply_effects},
    {"reservations-ended", apply_effects},
    {"retention-reviewed", apply_effects},
    {"second-course-refused", apply_effects},
    {"shipment-closed", apply_effects},
    {"shipment-packed", apply_effects},
    {"shipment-received", apply_effects},
    {"shipment-sent", apply_effects},
    {"shipment-unpacked", apply_effects},
    {"signer-locked", apply_effects},
    {"signer-unlocked", apply_effects},
    {"signing-ended", apply_effects},
    {"signing-refused", apply_effects},
    {"stability-set", apply_effects},
    {"take-counted", apply_effects},
    {"take-opened", apply_effects},
    {"take-signed", apply_effects},
};

}  // namespace

std::span<const Applier> effect_appliers() { return kEffectsAppliers; }

}  // namespace cryobank::inventory
