// Facts whose whole meaning stands in their effects (effects.hpp).
#include "inventory/ledger/apply/apply.hpp"
#include "inventory/ledger/apply/effects.hpp"

namespace cryobank::inventory {
namespace {

constexpr Applier kEffectsAppliers[] = {
    {fact::kAliquotsDisposed, apply_effects},     {fact::kAliquotsImported, apply_effects},
    {fact::kAliquotsPlaced, apply_effects},       {fact::kAssessmentRecorded, apply_effects},
    {fact::kBoxRescanned, apply_effects},         {fact::kCourseAmended, apply_effects},
    {fact::kCourseClinicSet, apply_effects},      {fact::kCoursePaused, apply_effects},
    {fact::kCourseResumed, apply_effects},        {fact::kDisposalRequested, apply_effects},
    {fact::kDisposalWithdrawn, apply_effects},    {fact::kDoseDateTold, apply_effects},
    {fact::kDoseFitTold, apply_effects},          {fact::kEvacuationEnded, apply_effects},
    {fact::kEvacuationPlanned, apply_effects},    {fact::kExceptionalRelease, apply_effects},
    {fact::kExcursionRecorded, apply_effects},    {fact::kExposureBudgetSet, apply_effects},
    {fact::kExposureWaived, apply_effects},       {fact::kHoldPlaced, apply_effects},
    {fact::kHoldReleased, apply_effects},         {fact::kLabelPrinted, apply_effects},
    {fact::kLabelTemplateSet, apply_effects},     {fact::kLabelVerified, apply_effects},
    {fact::kLabelVoided, apply_effects},          {fact::kMarkerRecorded, apply_effects},
    {fact::kMismatchSeen, apply_effects},         {fact::kObservationRecorded, apply_effects},
    {fact::kObservationRuleSet, apply_effects},   {fact::kOperationUndone, apply_effects},
    {fact::kOverrideUsed, apply_effects},         {fact::kPlaceMade, apply_effects},
    {fact::kPlaceMoved, apply_effects},           {fact::kPlanAsked, apply_effects},
    {fact::kPlanDiscarded, apply_effects},        {fact::kPlanMoveAsked, apply_effects},
    {fact::kPlanPublished, apply_effects},        {fact::kPositionsChanged, apply_effects},
    {fact::kProbeChallenged, apply_effects},      {fact::kProbeMapped, apply_effects},
    {fact::kPurgeApproved, apply_effects},        {fact::kQualityPlanSet, apply_effects},
    {fact::kQualityResultEntered, apply_effects}, {fact::kRackMoved, apply_effects},
    {fact::kRecordPurged, apply_effects},         {fact::kRecordSigned, apply_effects},
    {fact::kReferralClosed, apply_effects},       {fact::kReferralReceived, apply_effects},
    {fact::kReferralStageTold, apply_effects},    {fact::kReservationsEnded, apply_effects},
    {fact::kRetentionReviewed, apply_effects},    {fact::kSecondCourseRefused, apply_effects},
    {fact::kShipmentClosed, apply_effects},       {fact::kShipmentPacked, apply_effects},
    {fact::kShipmentReceived, apply_effects},     {fact::kShipmentSent, apply_effects},
    {fact::kShipmentUnpacked, apply_effects},     {fact::kSignerLocked, apply_effects},
    {fact::kSignerUnlocked, apply_effects},       {fact::kSigningEnded, apply_effects},
    {fact::kSigningRefused, apply_effects},       {fact::kSlotsSet, apply_effects},
    {fact::kStabilitySet, apply_effects},         {fact::kTakeCounted, apply_effects},
    {fact::kTakeOpened, apply_effects},           {fact::kTakeSigned, apply_effects},
};

}  // namespace

std::span<const Applier> effect_appliers() { return kEffectsAppliers; }

}  // namespace cryobank::inventory
