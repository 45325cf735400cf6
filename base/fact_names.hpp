// Fact names: every fact there is, with its stream and what it says. The one place where a fact is
// named: a Fact is made of one of these or read from an entry of a journal, and compared with these
// only, so a misspelt name does not compile. Names are never changed once released.
// What a fact says is a list of members; "?" after one that may be absent, what stands inside one
// in brackets; the tests hold each fact against it (tests/base/fact_form.hpp). "+act" is what every
// act of a person says: at, by, witness?, reason?; "at_robot" is the robot's own code as it was
// read off it by whoever asked; "+effects" is what effects.hpp applies. Those of the streams
// inventory, job and plan are applied to the ledger (apply_*.cpp), each is told as an event of its
// stream, and alarms look at some. tests/house shows that each has a writer and is applied where it
// must be.
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
  // A type that was read from a journal.
  friend constexpr bool operator==(std::string_view type, const FactName& name) {
    return type == name.type_;
  }

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
                "disposal, gone?, method, requested_by, +act, +effects");
  CRYOBANK_FACT(kAliquotsImported, "inventory", "aliquots-imported", "+act, +effects");
  CRYOBANK_FACT(kAliquotsPlaced, "inventory", "aliquots-placed", "operation?, +act, +effects");
  CRYOBANK_FACT(kBoxRescanned, "inventory", "box-rescanned",
                "container, operation?, +act, +effects");
  CRYOBANK_FACT(kCourseRegistered, "inventory", "course-registered",
                "course, patient, protocol?, protocol_version?, lot?, donation?, identity?, sec?, "
                "doses[dose, fraction, aliquots[aliquot, code, expires?, thaws?]], +act");
  CRYOBANK_FACT(kCourseProtocolSet, "inventory", "course-protocol-set",
                "course, protocol, protocol_version, +act");
  CRYOBANK_FACT(kCourseReleased, "inventory", "course-released", "course, to, aliquots, +act");
  CRYOBANK_FACT(kDisposalRequested, "inventory", "disposal-requested", "disposal, +act, +effects");
  CRYOBANK_FACT(kDisposalWithdrawn, "inventory", "disposal-withdrawn",
                "disposal, old, +act, +effects");
  CRYOBANK_FACT(kDoseHarvested, "inventory", "dose-harvested",
                "course, dose, cells?, viable_percent?, short?, +act");
  CRYOBANK_FACT(kDoseInfused, "inventory", "dose-infused", "course, dose, part, +act");
  CRYOBANK_FACT(kDoseIssued, "inventory", "dose-issued",
                "course, dose, to?, cells?, viable_percent?, +act");
  CRYOBANK_FACT(kDosePlanned, "inventory", "dose-planned",
                "course, doses[dose, thaw_at?, harvest_from?, harvest_until?, infusion_at?, "
                "old_thaw_at?], +act");
  CRYOBANK_FACT(kDoseRecultured, "inventory", "dose-recultured",
                "course, dose, cells?, viable_percent?, +act");
  CRYOBANK_FACT(kDoseRefrozen, "inventory", "dose-refrozen", "course, dose, +act, +effects");
  CRYOBANK_FACT(kDoseRejected, "inventory", "dose-rejected", "course, dose, lost_to?, +act");
  CRYOBANK_FACT(kDoseReturned, "inventory", "dose-returned", "course, dose, lost_to?, +act");
  CRYOBANK_FACT(kDoseThawRefused, "inventory", "dose-thaw-refused",
                "course, dose, code, reason, +act");
  CRYOBANK_FACT(kDoseThawUnblocked, "inventory", "dose-thaw-unblocked", "course, dose, +act");
  CRYOBANK_FACT(kDosesJoined, "inventory", "doses-joined",
                "course, halves[dose, half, aliquots], +act, +effects");
  CRYOBANK_FACT(kDosesSplit, "inventory", "doses-split",
                "course, halves[dose, half, aliquots], +act, +effects");
  CRYOBANK_FACT(kEvacuationEnded, "inventory", "evacuation-ended",
                "evacuation, old, +act, +effects");
  CRYOBANK_FACT(kEvacuationPlanned, "inventory", "evacuation-planned", "+act, +effects");
  CRYOBANK_FACT(kExceptionalRelease, "inventory", "exceptional-release",
                "course, criterion, investigation, clinician, +act, +effects");
  CRYOBANK_FACT(kExceptionTold, "inventory", "exception-told", "course, +act, +effects");
  CRYOBANK_FACT(kExcursionRecorded, "inventory", "excursion-recorded",
                "excursion, at_place, aliquots, over_budget, open?, +act, +effects");
  CRYOBANK_FACT(kExposureBudgetSet, "inventory", "exposure-budget-set", "type, +act, +effects");
  CRYOBANK_FACT(kExposureWaived, "inventory", "exposure-waived", "target, waived, +act, +effects");
  CRYOBANK_FACT(kHoldPlaced, "inventory", "hold-placed",
                "hold, target, kind, test?, aliquots?, doses_given?, doses_under_way?, "
                "doses_planned?, +act, +effects");
  CRYOBANK_FACT(kHoldReleased, "inventory", "hold-released", "hold, target, old, +act, +effects");
  CRYOBANK_FACT(kLabelPrinted, "inventory", "label-printed", "aliquot, +act, +effects");
  CRYOBANK_FACT(kLabelTemplateSet, "inventory", "label-template-set",
                "protocol, old?, +act, +effects");
  CRYOBANK_FACT(kLabelVerified, "inventory", "label-verified", "aliquot, +act, +effects");
  CRYOBANK_FACT(kLabelVoided, "inventory", "label-voided", "aliquot, +act, +effects");
  CRYOBANK_FACT(kMismatchSeen, "inventory", "mismatch-seen",
                "hold, target, expected, scanned, +act, +effects");
  CRYOBANK_FACT(kOperationUndone, "inventory", "operation-undone",
                "undone, operation, +act, +effects");
  CRYOBANK_FACT(kOverrideUsed, "inventory", "override-used", "what, +act, +effects");
  CRYOBANK_FACT(kPlaceMade, "inventory", "place-made", "+act, +effects");
  CRYOBANK_FACT(kPlaceMoved, "inventory", "place-moved", "from, operation?, +act, +effects");
  CRYOBANK_FACT(kPositionsChanged, "inventory", "positions-changed", "+act, +effects");
  CRYOBANK_FACT(kProbeChallenged, "inventory", "probe-challenged",
                "probe, place, passed, responded?, +act, +effects");
  CRYOBANK_FACT(kProbeMapped, "inventory", "probe-mapped", "probe, +act, +effects");
  CRYOBANK_FACT(kPurgeApproved, "inventory", "purge-approved",
                "purge, course, rule, source, until, +act, +effects");
  CRYOBANK_FACT(kQualityPlanSet, "inventory", "quality-plan-set", "lot, old?, +act, +effects");
  CRYOBANK_FACT(kQualityResultEntered, "inventory", "quality-result-entered",
                "lot, test, old, new, +act, +effects");
  CRYOBANK_FACT(kRackMoved, "inventory", "rack-moved", "evacuation, operation, +act, +effects");
  CRYOBANK_FACT(kRecordPurged, "inventory", "record-purged",
                "approvals, by, documents, entries, purged, at");
  CRYOBANK_FACT(kRecordSigned, "inventory", "record-signed",
                "signature, act, record, body, signer, witness?, covers, entries, at, +effects");
  CRYOBANK_FACT(kReservationsEnded, "inventory", "reservations-ended",
                "reservations[owner, where, until, out?], +act, +effects");
  CRYOBANK_FACT(kRetentionReviewed, "inventory", "retention-reviewed",
                "course, retention, +act, +effects");
  CRYOBANK_FACT(kSecondCourseRefused, "inventory", "second-course-refused",
                "aliquot, course, wanted, refused?, code?, +act, +effects");
  CRYOBANK_FACT(kShipmentClosed, "inventory", "shipment-closed", "shipment, short, +act, +effects");
  CRYOBANK_FACT(kShipmentPacked, "inventory", "shipment-packed", "shipment, +act, +effects");
  CRYOBANK_FACT(kShipmentReceived, "inventory", "shipment-received",
                "shipment, over, logger_sha256?, +act, +effects");
  CRYOBANK_FACT(kShipmentSent, "inventory", "shipment-sent", "shipment, +act, +effects");
  CRYOBANK_FACT(kShipmentUnpacked, "inventory", "shipment-unpacked",
                "shipment, over?, +act, +effects");
  CRYOBANK_FACT(kSignerLocked, "inventory", "signer-locked", "user, wrong, +act, +effects");
  CRYOBANK_FACT(kSignerUnlocked, "inventory", "signer-unlocked", "user, old, +act, +effects");
  CRYOBANK_FACT(kSigningEnded, "inventory", "signing-ended", "user, +act");
  CRYOBANK_FACT(kSigningRefused, "inventory", "signing-refused",
                "act, user, wrong, +act, +effects");
  CRYOBANK_FACT(kStabilitySet, "inventory", "stability-set", "protocol, old?, +act, +effects");
  CRYOBANK_FACT(kTakeCounted, "inventory", "take-counted", "take, container?, +act, +effects");
  CRYOBANK_FACT(kTakeOpened, "inventory", "take-opened", "take, +act, +effects");
  CRYOBANK_FACT(kTakeSigned, "inventory", "take-signed", "take, place, report, +act, +effects");
  CRYOBANK_FACT(kJobApproved, "job", "job-approved", "job, at_robot?, +act");
  CRYOBANK_FACT(kJobCancelled, "job", "job-cancelled", "job, held?, +act");
  CRYOBANK_FACT(kJobCreated, "job", "job-created", "job, overridden?, at_robot?, +act");
  CRYOBANK_FACT(kJobPaused, "job", "job-paused", "job, +act");
  CRYOBANK_FACT(kJobResumed, "job", "job-resumed", "job, at_robot?, +act");
  CRYOBANK_FACT(kMotionUnexplained, "job", "motion-unexplained",
                "robot, sequence, code?, reason, aliquots, planned[job, move], job?, +act");
  CRYOBANK_FACT(kMoveDone, "job", "move-done", "job, move, code, at");
  CRYOBANK_FACT(kMoveFailed, "job", "move-failed", "job, move, in_gripper?, reason, at");
  CRYOBANK_FACT(kMoveHolding, "job", "move-holding", "job, move, code, at");
  CRYOBANK_FACT(kMoveIssued, "job", "move-issued", "job, move, sequence, epoch, at");
  CRYOBANK_FACT(kMoveNotDelivered, "job", "move-not-delivered", "job, move, at");
  CRYOBANK_FACT(kMoveResolved, "job", "move-resolved",
                "job, move, found?, lost?, finding?, at_robot?, +act");
  CRYOBANK_FACT(kMoveUnknown, "job", "move-unknown", "job, move, code?, reason, at");
  CRYOBANK_FACT(kRackScanned, "job", "rack-scanned", "job, move, codes, at");
  CRYOBANK_FACT(kThawLifted, "job", "thaw-lifted", "job, overridden?, +act");
  CRYOBANK_FACT(kThawSetDown, "job", "thaw-set-down", "job, how, moves[move, code?], +act");
  CRYOBANK_FACT(kAssessmentRecorded, "plan", "assessment-recorded",
                "course, at, by, reason, +effects");
  CRYOBANK_FACT(kCourseAmended, "plan", "course-amended", "course, at, by, reason, +effects");
  CRYOBANK_FACT(kCourseClinicSet, "plan", "course-clinic-set", "course, at, by, reason, +effects");
  CRYOBANK_FACT(kCoursePaused, "plan", "course-paused", "course, hold, at, by, reason, +effects");
  CRYOBANK_FACT(kCourseResumed, "plan", "course-resumed",
                "course, holds, at, by, reason, +effects");
  CRYOBANK_FACT(kDoseDateTold, "plan", "dose-date-told", "course, dose, at, by, reason, +effects");
  CRYOBANK_FACT(kDoseFitTold, "plan", "dose-fit-told",
                "course, dose, fit, at, by, reason, +effects");
  CRYOBANK_FACT(kMarkerRecorded, "plan", "marker-recorded", "course, at, by, reason, +effects");
  CRYOBANK_FACT(kObservationRecorded, "plan", "observation-recorded",
                "course, dose, measure, crossed, held, at, by, reason, +effects");
  CRYOBANK_FACT(kObservationRuleSet, "plan", "observation-rule-set",
                "rule, removed, at, by, reason, +effects");
  CRYOBANK_FACT(kFeedMade, "plan", "feed-made", "feed, at, by, reason, +effects");
  CRYOBANK_FACT(kFeedRevoked, "plan", "feed-revoked", "feed, at, by, reason, +effects");
  CRYOBANK_FACT(kPlanAsked, "plan", "plan-asked", "courses, at, by, reason");
  CRYOBANK_FACT(kPlanClockSet, "plan", "plan-clock-set", "anchor, speed, plan_time");
  CRYOBANK_FACT(kPlanDiscarded, "plan", "plan-discarded", "number, at, by, reason, +effects");
  CRYOBANK_FACT(kPlanMoveAsked, "plan", "plan-move-asked", "course, dose, to, at, by, reason");
  CRYOBANK_FACT(kPlanPublished, "plan", "plan-published", "number, at, by, reason, +effects");
  CRYOBANK_FACT(kReferralClosed, "plan", "referral-closed",
                "referral, course?, at, by, reason, +effects");
  CRYOBANK_FACT(kReferralReceived, "plan", "referral-received",
                "referral, received_at, at, by, reason, +effects");
  CRYOBANK_FACT(kReferralStageTold, "plan", "referral-stage-told",
                "referral, stage, outcome, cause?, at, by, reason, +effects");
  CRYOBANK_FACT(kSlotsSet, "plan", "slots-set", "slot, at, by, reason, +effects");
  CRYOBANK_FACT(kVisitNoticed, "plan", "visit-noticed",
                "course, event, sender, control, at, by, reason, +effects");
  CRYOBANK_FACT(kAlarmAcknowledged, "alarm", "alarm-acknowledged",
                "alarm, occurrence, priority, at, by, severity?, reason?, comment?, state?");
  CRYOBANK_FACT(kAlarmCleared, "alarm", "alarm-cleared", "alarm, occurrence, priority, state, at");
  CRYOBANK_FACT(kAlarmCommented, "alarm", "alarm-commented",
                "alarm, occurrence, priority, by, at, text");
  CRYOBANK_FACT(kAlarmRaised, "alarm", "alarm-raised",
                "alarm, occurrence, priority, state, at, text, cause");
  CRYOBANK_FACT(kAlarmReset, "alarm", "alarm-reset", "alarm, occurrence, priority, by, at, reason");
  CRYOBANK_FACT(kAlarmRisen, "alarm", "alarm-risen",
                "alarm, occurrence, priority, state, at, text");
  CRYOBANK_FACT(kAlarmSettingChanged, "alarm", "alarm-setting-changed",
                "device, condition, old, new, at, by, reason");
  CRYOBANK_FACT(kAlarmShelfEnded, "alarm", "alarm-shelf-ended",
                "alarm, occurrence, priority, state, at, by, why");
  CRYOBANK_FACT(kAlarmShelved, "alarm", "alarm-shelved",
                "alarm, occurrence, priority, by, at, until, reason");
  CRYOBANK_FACT(kAlarmUnacknowledged, "alarm", "alarm-unacknowledged",
                "alarm, occurrence, priority, at, state?, text?, by?, reason?");
  CRYOBANK_FACT(kAlarmUnshelved, "alarm", "alarm-unshelved", "alarm, occurrence, priority, by, at");
  CRYOBANK_FACT(kGatewayReport, "alarm", "gateway-report", "gateway, report");
  CRYOBANK_FACT(kMaintenanceBegun, "alarm", "maintenance-begun", "device, by, at, reason, until");
  CRYOBANK_FACT(kMaintenanceEnded, "alarm", "maintenance-ended", "device, by, at");
  CRYOBANK_FACT(kPageAnswerRefused, "alarm", "page-answer-refused",
                "alarm, at, by, channel, status, code");
  CRYOBANK_FACT(kPageAnswered, "alarm", "page-answered",
                "alarm, at, occurrence, channel, by, status, takes");
  CRYOBANK_FACT(kPageProofEnded, "alarm", "page-proof-ended",
                "alarm, at, proof, answered, channels");
  CRYOBANK_FACT(kPageProofSent, "alarm", "page-proof-sent", "alarm, at, weekly");
  CRYOBANK_FACT(kPageReceived, "alarm", "page-received", "alarm, at, page, channel, status");
  CRYOBANK_FACT(kPageSent, "alarm", "page-sent",
                "alarm, at, occurrence, priority, tier, attempt, channels");
  CRYOBANK_FACT(kPageStanding, "alarm", "page-standing", "alarm, at");
  CRYOBANK_FACT(kPageTestAnswered, "alarm", "page-test-answered", "alarm, at, by, channel");
  CRYOBANK_FACT(kPageTestSent, "alarm", "page-test-sent", "alarm, at, to, by");
  CRYOBANK_FACT(kPageUnreceived, "alarm", "page-unreceived",
                "alarm, at, page, channel, status, why");
  CRYOBANK_FACT(kRoundEntered, "alarm", "round-entered",
                "device, by, at, values, measured_at, late, comment");
  CRYOBANK_FACT(kDeviceStateChanged, "device", "device-state-changed",
                "device, state, last_ok, reason?");
  CRYOBANK_FACT(kFillOrdered, "device", "fill-ordered", "device, by, witness?, reason");
  CRYOBANK_FACT(kFillStopOrdered, "device", "fill-stop-ordered", "device, by, witness?, reason");
  CRYOBANK_FACT(kRobotPaused, "device", "robot-paused", "robot, +act");
  CRYOBANK_FACT(kRobotResumed, "device", "robot-resumed", "robot, at_robot?, +act");
  CRYOBANK_FACT(kWriteConfirmed, "device", "write-confirmed",
                "device, point, by_command, wanted, reason");
  CRYOBANK_FACT(kWriteOrdered, "device", "write-ordered",
                "device, point, value, unit, write_count, by, witness?, reason");
  CRYOBANK_FACT(kWriteRefused, "device", "write-refused",
                "device, point, by_command, wanted, reason");
  CRYOBANK_FACT(kWriteUnknown, "device", "write-unknown",
                "device, point, by_command, wanted, reason");
  CRYOBANK_FACT(kCommandDenied, "security", "command-denied",
                "command, user, verb, code, why, untold_before?");
  CRYOBANK_FACT(kWitnessAsked, "security", "witness-asked", "command, user, verb, witness, until");
  CRYOBANK_FACT(kWitnessConfirmed, "security", "witness-confirmed", "command, user, verb, witness");
  CRYOBANK_FACT(kWitnessRefused, "security", "witness-refused", "command, user, verb, witness");
  CRYOBANK_FACT(kBackupAsked, "service", "backup-asked", "");
  CRYOBANK_FACT(kBackupFailed, "service", "backup-failed", "why");
  CRYOBANK_FACT(kBackupMade, "service", "backup-made",
                "bytes, file, kept, root, rows, sequence, took_ms");
  CRYOBANK_FACT(kLossAccepted, "service", "loss-accepted",
                "by, durable, durable_hash, lost, reason, sequence");
  CRYOBANK_FACT(kNotesLost, "service", "notes-lost", "facts");
  CRYOBANK_FACT(kPageTestAsked, "service", "page-test-asked", "to, by");
  CRYOBANK_FACT(kSigningKeyChanged, "service", "signing-key-changed", "by, former, reason, key");
  CRYOBANK_FACT(kSiteReloadRefused, "service", "site-reload-refused", "faults, faults_count");
  CRYOBANK_FACT(kSiteReloaded, "service", "site-reloaded",
                "changes, changes_count, needs_restart, revision_old, revision_new");
  CRYOBANK_FACT(kStoreRecovered, "service", "store-recovered",
                "backup, by, entries, epoch, journal, reason, lost");
  CRYOBANK_FACT(kStoreRestored, "service", "store-restored",
                "backup, by, entries, epoch, lost, reason");
#undef CRYOBANK_FACT

  // clang-format off
  static constexpr std::array kAll = {
      kAliquotsDisposed, kAliquotsImported, kAliquotsPlaced, kBoxRescanned, kCourseRegistered,
      kCourseProtocolSet, kCourseReleased, kDisposalRequested, kDisposalWithdrawn, kDoseHarvested,
      kDoseInfused,
      kDoseIssued, kDosePlanned, kDoseRecultured, kDoseRefrozen, kDoseRejected, kDoseReturned,
      kDoseThawRefused, kDoseThawUnblocked, kDosesJoined, kDosesSplit, kEvacuationEnded,
      kEvacuationPlanned,
      kExceptionalRelease, kExceptionTold, kExcursionRecorded, kExposureBudgetSet,
      kExposureWaived, kHoldPlaced, kHoldReleased, kLabelPrinted, kLabelTemplateSet,
      kLabelVerified, kLabelVoided, kMismatchSeen, kOperationUndone, kOverrideUsed, kPlaceMade,
      kPlaceMoved, kPositionsChanged, kProbeChallenged, kProbeMapped, kPurgeApproved,
      kQualityPlanSet, kQualityResultEntered, kRackMoved, kRecordPurged, kRecordSigned,
      kReservationsEnded, kRetentionReviewed, kSecondCourseRefused, kShipmentClosed,
      kShipmentPacked, kShipmentReceived, kShipmentSent, kShipmentUnpacked, kSignerLocked,
      kSignerUnlocked, kSigningEnded, kSigningRefused, kStabilitySet, kTakeCounted, kTakeOpened,
      kTakeSigned, kJobApproved, kJobCancelled, kJobCreated, kJobPaused, kJobResumed,
      kMotionUnexplained, kMoveDone, kMoveFailed, kMoveHolding, kMoveIssued, kMoveNotDelivered,
      kMoveResolved, kMoveUnknown, kRackScanned, kThawLifted, kThawSetDown, kAssessmentRecorded,
      kCourseAmended,
      kCourseClinicSet, kCoursePaused, kCourseResumed, kDoseDateTold, kDoseFitTold,
      kMarkerRecorded, kObservationRecorded, kObservationRuleSet, kFeedMade, kFeedRevoked,
      kPlanAsked, kPlanClockSet, kPlanDiscarded, kPlanMoveAsked, kPlanPublished, kReferralClosed,
      kReferralReceived, kReferralStageTold, kSlotsSet, kVisitNoticed, kAlarmAcknowledged,
      kAlarmCleared,
      kAlarmCommented, kAlarmRaised, kAlarmReset, kAlarmRisen, kAlarmSettingChanged,
      kAlarmShelfEnded, kAlarmShelved, kAlarmUnacknowledged, kAlarmUnshelved, kGatewayReport,
      kMaintenanceBegun, kMaintenanceEnded, kPageAnswerRefused, kPageAnswered, kPageProofEnded,
      kPageProofSent, kPageReceived, kPageSent, kPageStanding, kPageTestAnswered, kPageTestSent,
      kPageUnreceived, kRoundEntered, kDeviceStateChanged, kFillOrdered, kFillStopOrdered,
      kRobotPaused, kRobotResumed, kWriteConfirmed, kWriteOrdered, kWriteRefused, kWriteUnknown,
      kCommandDenied, kWitnessAsked, kWitnessConfirmed, kWitnessRefused, kBackupAsked,
      kBackupFailed, kBackupMade, kLossAccepted, kNotesLost, kPageTestAsked, kSigningKeyChanged,
      kSiteReloadRefused, kSiteReloaded, kStoreRecovered, kStoreRestored,
  };
  // clang-format on
};

}  // namespace cryobank
