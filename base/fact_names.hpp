// Fact names: every fact there is, with its stream and what it says. The one place where a fact is
// named: a Fact is made of one of these or of a journal's entry, and compared with these only, so a
// misspelt name does not compile. Names are never changed once released. "act" stands for what
// every act of a person says: at, by, witness?, reason?. "effects" for what effects.hpp applies:
// states, places, items, positions, documents, counts, courses. Those of the streams inventory and
// job are applied to the ledger (apply_*.cpp), all of them are events, and custody_alarms.cpp and
// others look at some. tests/house shows that each has a writer.
#pragma once

#include <array>
#include <string_view>

namespace cryobank {

class FactName {
 public:
  constexpr std::string_view stream() const { return stream_; }
  constexpr std::string_view type() const { return type_; }
  constexpr std::string_view says() const { return says_; }
  constexpr bool operator==(const FactName& other) const { return type_ == other.type_; }

 private:
  friend struct fact;
  constexpr FactName(std::string_view stream, std::string_view type, std::string_view says)
      : stream_(stream), type_(type), says_(says) {}

  std::string_view stream_;
  std::string_view type_;
  std::string_view says_;
};

struct fact {
#define CRYOBANK_FACT(Name, stream, type, says) \
  static constexpr FactName Name { stream, type, says }
  CRYOBANK_FACT(kAliquotsDisposed, "inventory", "aliquots-disposed",
                "disposal, method, requested_by, act, effects");
  CRYOBANK_FACT(kAliquotsImported, "inventory", "aliquots-imported", "act, effects");
  CRYOBANK_FACT(kAliquotsPlaced, "inventory", "aliquots-placed",
                "operation?, act, effects; items with over_budget?, over_handling?");
  CRYOBANK_FACT(kBoxRescanned, "inventory", "box-rescanned", "container, operation?, act, effects");
  CRYOBANK_FACT(kCourseRegistered, "inventory", "course-registered",
                "course, patient, protocol?, protocol_version?, lot?, donation?, identity?, sec?, "
                "doses[dose, fraction, aliquots[aliquot, code, expires?, thaws?]], act");
  CRYOBANK_FACT(kCourseReleased, "inventory", "course-released", "course, to, aliquots, act");
  CRYOBANK_FACT(kDisposalRequested, "inventory", "disposal-requested", "disposal, act, effects");
  CRYOBANK_FACT(kDisposalWithdrawn, "inventory", "disposal-withdrawn",
                "disposal, old, act, effects");
  CRYOBANK_FACT(kDoseHarvested, "inventory", "dose-harvested",
                "course, dose, cells?, viable_percent?, short?, act");
  CRYOBANK_FACT(kDoseInfused, "inventory", "dose-infused", "course, dose, part, act");
  CRYOBANK_FACT(kDoseIssued, "inventory", "dose-issued",
                "course, dose, to?, cells?, viable_percent?, act");
  CRYOBANK_FACT(kDosePlanned, "inventory", "dose-planned",
                "course, doses[dose, thaw_at?, harvest_from?, harvest_until?, infusion_at?, "
                "old_thaw_at?], act");
  CRYOBANK_FACT(kDoseRecultured, "inventory", "dose-recultured",
                "course, dose, cells?, viable_percent?, act");
  CRYOBANK_FACT(kDoseRefrozen, "inventory", "dose-refrozen", "course, dose, act, effects");
  CRYOBANK_FACT(kDoseRejected, "inventory", "dose-rejected", "course, dose, act");
  CRYOBANK_FACT(kDoseReturned, "inventory", "dose-returned", "course, dose, act");
  CRYOBANK_FACT(kDoseThawRefused, "inventory", "dose-thaw-refused",
                "course, dose, code, reason, act");
  CRYOBANK_FACT(kDoseThawUnblocked, "inventory", "dose-thaw-unblocked", "course, dose, act");
  CRYOBANK_FACT(kEvacuationEnded, "inventory", "evacuation-ended", "evacuation, old, act, effects");
  CRYOBANK_FACT(kEvacuationPlanned, "inventory", "evacuation-planned", "act, effects");
  CRYOBANK_FACT(kExceptionalRelease, "inventory", "exceptional-release",
                "course, criterion, investigation, clinician, act, effects");
  CRYOBANK_FACT(kExcursionRecorded, "inventory", "excursion-recorded",
                "excursion, at_place, aliquots, over_budget, open?, act, effects");
  CRYOBANK_FACT(kExposureBudgetSet, "inventory", "exposure-budget-set", "type, act, effects");
  CRYOBANK_FACT(kExposureWaived, "inventory", "exposure-waived", "target, waived, act, effects");
  CRYOBANK_FACT(kHoldPlaced, "inventory", "hold-placed",
                "hold, target, kind, doses_given?, act, effects");
  CRYOBANK_FACT(kHoldReleased, "inventory", "hold-released", "hold, target, old, act, effects");
  CRYOBANK_FACT(kLabelPrinted, "inventory", "label-printed", "aliquot, act, effects");
  CRYOBANK_FACT(kLabelTemplateSet, "inventory", "label-template-set",
                "protocol, old?, act, effects");
  CRYOBANK_FACT(kLabelVerified, "inventory", "label-verified", "aliquot, act, effects");
  CRYOBANK_FACT(kLabelVoided, "inventory", "label-voided", "aliquot, act, effects");
  CRYOBANK_FACT(kMismatchSeen, "inventory", "mismatch-seen",
                "hold, target, expected, scanned, act, effects");
  CRYOBANK_FACT(kOperationUndone, "inventory", "operation-undone",
                "undone, operation, act, effects");
  CRYOBANK_FACT(kOverrideUsed, "inventory", "override-used", "what, act, effects");
  CRYOBANK_FACT(kPlaceMade, "inventory", "place-made", "act, effects");
  CRYOBANK_FACT(kPlaceMoved, "inventory", "place-moved", "from, operation?, act, effects");
  CRYOBANK_FACT(kPositionsChanged, "inventory", "positions-changed", "act, effects");
  CRYOBANK_FACT(kProbeChallenged, "inventory", "probe-challenged",
                "probe, place, passed, responded?, act, effects");
  CRYOBANK_FACT(kProbeMapped, "inventory", "probe-mapped", "probe, act, effects");
  CRYOBANK_FACT(kPurgeApproved, "inventory", "purge-approved",
                "purge, course, rule, source, until, act, effects");
  CRYOBANK_FACT(kQualityPlanSet, "inventory", "quality-plan-set", "lot, act, effects");
  CRYOBANK_FACT(kQualityResultEntered, "inventory", "quality-result-entered",
                "lot, test, old, new, act, effects");
  CRYOBANK_FACT(kRackMoved, "inventory", "rack-moved", "evacuation, operation, act, effects");
  CRYOBANK_FACT(kRecordPurged, "inventory", "record-purged",
                "approvals, by, documents, entries, purged, at");
  CRYOBANK_FACT(kRecordSigned, "inventory", "record-signed",
                "signature, act, record, body, signer, witness?, covers, entries, at, effects");
  CRYOBANK_FACT(kReservationsEnded, "inventory", "reservations-ended",
                "reservations[owner, where, until, out?], act, effects");
  CRYOBANK_FACT(kRetentionReviewed, "inventory", "retention-reviewed",
                "course, retention, act, effects");
  CRYOBANK_FACT(kSecondCourseRefused, "inventory", "second-course-refused",
                "aliquot, course, wanted, refused?, act, effects");
  CRYOBANK_FACT(kShipmentClosed, "inventory", "shipment-closed", "shipment, short, act, effects");
  CRYOBANK_FACT(kShipmentPacked, "inventory", "shipment-packed", "shipment, act, effects");
  CRYOBANK_FACT(kShipmentReceived, "inventory", "shipment-received",
                "shipment, over, logger_sha256?, act, effects");
  CRYOBANK_FACT(kShipmentSent, "inventory", "shipment-sent", "shipment, act, effects");
  CRYOBANK_FACT(kSignerLocked, "inventory", "signer-locked", "user, wrong, act, effects");
  CRYOBANK_FACT(kSignerUnlocked, "inventory", "signer-unlocked", "user, old, act, effects");
  CRYOBANK_FACT(kSigningEnded, "inventory", "signing-ended", "user, act");
  CRYOBANK_FACT(kSigningRefused, "inventory", "signing-refused", "act, user, wrong, effects");
  CRYOBANK_FACT(kStabilitySet, "inventory", "stability-set", "protocol, old?, act, effects");
  CRYOBANK_FACT(kTakeCounted, "inventory", "take-counted", "take, container, act, effects");
  CRYOBANK_FACT(kTakeOpened, "inventory", "take-opened", "take, act, effects");
  CRYOBANK_FACT(kTakeSigned, "inventory", "take-signed", "take, place, report, act, effects");
  CRYOBANK_FACT(kJobApproved, "job", "job-approved", "job, act");
  CRYOBANK_FACT(kJobCancelled, "job", "job-cancelled", "job, act");
  CRYOBANK_FACT(kJobCreated, "job", "job-created", "job, overridden?, act");
  CRYOBANK_FACT(kJobPaused, "job", "job-paused", "job, act");
  CRYOBANK_FACT(kJobResumed, "job", "job-resumed", "job, act");
  CRYOBANK_FACT(kMotionUnexplained, "job", "motion-unexplained",
                "robot, sequence, code?, reason, aliquots, planned[job, move], job?, act");
  CRYOBANK_FACT(kMoveDone, "job", "move-done", "job, move, code, at");
  CRYOBANK_FACT(kMoveFailed, "job", "move-failed", "job, move, in_gripper?, reason, at");
  CRYOBANK_FACT(kMoveHolding, "job", "move-holding", "job, move, code, at");
  CRYOBANK_FACT(kMoveIssued, "job", "move-issued", "job, move, sequence, epoch, at");
  CRYOBANK_FACT(kMoveNotDelivered, "job", "move-not-delivered", "job, move, at");
  CRYOBANK_FACT(kMoveResolved, "job", "move-resolved", "job, move, found? or lost, finding?, act");
  CRYOBANK_FACT(kMoveUnknown, "job", "move-unknown", "job, move, code?, reason, at");
  CRYOBANK_FACT(kRackScanned, "job", "rack-scanned", "job, move, codes, at");
  CRYOBANK_FACT(kAlarmAcknowledged, "alarm", "alarm-acknowledged",
                "alarm, occurrence, priority, by, at, severity, reason, comment");
  CRYOBANK_FACT(kAlarmCleared, "alarm", "alarm-cleared", "alarm, occurrence, priority, state, at");
  CRYOBANK_FACT(kAlarmCommented, "alarm", "alarm-commented",
                "alarm, occurrence, priority, by, at, text");
  CRYOBANK_FACT(kAlarmRaised, "alarm", "alarm-raised",
                "alarm, occurrence, priority, state, at, text");
  CRYOBANK_FACT(kAlarmRisen, "alarm", "alarm-risen",
                "alarm, occurrence, priority, state, at, text");
  CRYOBANK_FACT(kAlarmShelfEnded, "alarm", "alarm-shelf-ended",
                "alarm, occurrence, priority, state, at, by, why");
  CRYOBANK_FACT(kAlarmShelved, "alarm", "alarm-shelved",
                "alarm, occurrence, priority, by, at, until, reason");
  CRYOBANK_FACT(kAlarmUnacknowledged, "alarm", "alarm-unacknowledged",
                "alarm, occurrence, priority, state, at, text");
  CRYOBANK_FACT(kAlarmUnshelved, "alarm", "alarm-unshelved", "alarm, occurrence, priority, by, at");
  CRYOBANK_FACT(kPageAnswered, "alarm", "page-answered",
                "alarm, occurrence, priority, state, at, and the receipt");
  CRYOBANK_FACT(kPageSent, "alarm", "page-sent",
                "alarm, occurrence, priority, state, at, and the page");
  CRYOBANK_FACT(kDeviceStateChanged, "device", "device-state-changed", "device, state, last_ok");
  CRYOBANK_FACT(kFillOrdered, "device", "fill-ordered", "device, by, witness?, reason");
  CRYOBANK_FACT(kFillStopOrdered, "device", "fill-stop-ordered", "device, by, witness?, reason");
  CRYOBANK_FACT(kRobotPaused, "device", "robot-paused", "robot");
  CRYOBANK_FACT(kRobotResumed, "device", "robot-resumed", "robot");
  CRYOBANK_FACT(kWriteConfirmed, "device", "write-confirmed", "device, point, value, reason");
  CRYOBANK_FACT(kWriteOrdered, "device", "write-ordered",
                "device, point, value, unit, write_count, by, witness?, reason");
  CRYOBANK_FACT(kWriteRefused, "device", "write-refused", "device, point, value, reason");
  CRYOBANK_FACT(kWriteUnknown, "device", "write-unknown", "device, point, value, reason");
  CRYOBANK_FACT(kPlanClockSet, "plan", "plan-clock-set",
                "the clock of the plan and where it is anchored");
  CRYOBANK_FACT(kCommandDenied, "security", "command-denied",
                "verb, code, reason, and how many more");
  CRYOBANK_FACT(kWitnessAsked, "security", "witness-asked", "command, verb, witness, until");
  CRYOBANK_FACT(kWitnessConfirmed, "security", "witness-confirmed", "command, verb, witness");
  CRYOBANK_FACT(kWitnessRefused, "security", "witness-refused", "command, verb, witness");
  CRYOBANK_FACT(kBackupAsked, "service", "backup-asked", "nothing");
  CRYOBANK_FACT(kBackupFailed, "service", "backup-failed", "why");
  CRYOBANK_FACT(kBackupMade, "service", "backup-made", "file, sequence, root");
  CRYOBANK_FACT(kLossAccepted, "service", "loss-accepted", "what the operator accepted as lost");
  CRYOBANK_FACT(kNotesLost, "service", "notes-lost", "how many, since the store took none");
  CRYOBANK_FACT(kStoreRecovered, "service", "store-recovered",
                "what was recovered and what was not");
#undef CRYOBANK_FACT

  static constexpr std::array kAll = {
      kAliquotsDisposed,     kAliquotsImported,  kAliquotsPlaced,      kBoxRescanned,
      kCourseRegistered,     kCourseReleased,    kDisposalRequested,   kDisposalWithdrawn,
      kDoseHarvested,        kDoseInfused,       kDoseIssued,          kDosePlanned,
      kDoseRecultured,       kDoseRefrozen,      kDoseRejected,        kDoseReturned,
      kDoseThawRefused,      kDoseThawUnblocked, kEvacuationEnded,     kEvacuationPlanned,
      kExceptionalRelease,   kExcursionRecorded, kExposureBudgetSet,   kExposureWaived,
      kHoldPlaced,           kHoldReleased,      kLabelPrinted,        kLabelTemplateSet,
      kLabelVerified,        kLabelVoided,       kMismatchSeen,        kOperationUndone,
      kOverrideUsed,         kPlaceMade,         kPlaceMoved,          kPositionsChanged,
      kProbeChallenged,      kProbeMapped,       kPurgeApproved,       kQualityPlanSet,
      kQualityResultEntered, kRackMoved,         kRecordPurged,        kRecordSigned,
      kReservationsEnded,    kRetentionReviewed, kSecondCourseRefused, kShipmentClosed,
      kShipmentPacked,       kShipmentReceived,  kShipmentSent,        kSignerLocked,
      kSignerUnlocked,       kSigningEnded,      kSigningRefused,      kStabilitySet,
      kTakeCounted,          kTakeOpened,        kTakeSigned,          kJobApproved,
      kJobCancelled,         kJobCreated,        kJobPaused,           kJobResumed,
      kMotionUnexplained,    kMoveDone,          kMoveFailed,          kMoveHolding,
      kMoveIssued,           kMoveNotDelivered,  kMoveResolved,        kMoveUnknown,
      kRackScanned,          kAlarmAcknowledged, kAlarmCleared,        kAlarmCommented,
      kAlarmRaised,          kAlarmRisen,        kAlarmShelfEnded,     kAlarmShelved,
      kAlarmUnacknowledged,  kAlarmUnshelved,    kPageAnswered,        kPageSent,
      kDeviceStateChanged,   kFillOrdered,       kFillStopOrdered,     kRobotPaused,
      kRobotResumed,         kWriteConfirmed,    kWriteOrdered,        kWriteRefused,
      kWriteUnknown,         kPlanClockSet,      kCommandDenied,       kWitnessAsked,
      kWitnessConfirmed,     kWitnessRefused,    kBackupAsked,         kBackupFailed,
      kBackupMade,           kLossAccepted,      kNotesLost,           kStoreRecovered,
  };
};

}  // namespace cryobank
