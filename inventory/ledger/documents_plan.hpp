// Documents of the plan (documents.hpp says what a document is): what the core keeps of dates,
// holds, referrals and observations. decode() refuses what is not whole; the core reads members of
// the rest.
#pragma once

#include <string>
#include <string_view>

#include "base/ids.hpp"
#include "base/json.hpp"
#include "base/result.hpp"
#include "base/time.hpp"

namespace cryobank::inventory {

// Assessments of a course, each dated and tied to a dose; by the course.
struct AssessmentDocument {
  static constexpr std::string_view kKind = "assessment";
  static Result<AssessmentDocument> decode(std::string_view key, const Json& row);
};

// A protocol changed for one patient; by the course.
struct ChangeDocument {
  static constexpr std::string_view kKind = "change";
  static Result<ChangeDocument> decode(std::string_view key, const Json& row);
};

// Where a course is given; by the course.
struct ClinicDocument {
  static constexpr std::string_view kKind = "clinic";
  static Result<ClinicDocument> decode(std::string_view key, const Json& row);
};

// Until when a clinic's word counts; by "course.dose".
struct FitDocument {
  static constexpr std::string_view kKind = "fit";
  static Result<FitDocument> decode(std::string_view key, const Json& row);
};

// Biomarkers and NK activity; by the course.
struct MarkerDocument {
  static constexpr std::string_view kKind = "marker";
  static Result<MarkerDocument> decode(std::string_view key, const Json& row);
};

// Hospitals' messages that held a course, so that one that comes again does not; by the course.
struct NoticeDocument {
  static constexpr std::string_view kKind = "notice";
  static Result<NoticeDocument> decode(std::string_view key, const Json& row);
};

// What was measured after a dose, by "course.dose"; and the rules of physicians, by "rules".
struct ObservationDocument {
  static constexpr std::string_view kKind = "observation";
  static Result<ObservationDocument> decode(std::string_view key, const Json& row);
};

// A course is held from a day on.
struct PauseDocument {
  static constexpr std::string_view kKind = "pause";
  CourseId course;
  std::string kind;
  Day from{};
  std::string until;  // day; empty: no end is known
  static Result<PauseDocument> decode(std::string_view key, const Json& row);
};

// The published plan, by "current"; the slots before the doses, by "slots"; rejected doses after
// which a plan was accepted, by "settled"; doses for which an accepted plan found no day, by
// "dayless"; what a person has seen in a proposal, by "decided"; calendars with the hash of each
// one's secret, by "feeds".
struct PlanDocument {
  static constexpr std::string_view kKind = "plan";
  static Result<PlanDocument> decode(std::string_view key, const Json& row);
};

// A patient before the course, with the stages as they ended.
struct ReferralDocument {
  static constexpr std::string_view kKind = "referral";
  static Result<ReferralDocument> decode(std::string_view key, const Json& row);
};

// Doses that were split, each with its half and the vials that this got; by the course.
struct SplitDocument {
  static constexpr std::string_view kKind = "split";
  static Result<SplitDocument> decode(std::string_view key, const Json& row);
};

// Which dates of doses the patient knows; by the course.
struct ToldDocument {
  static constexpr std::string_view kKind = "told";
  static Result<ToldDocument> decode(std::string_view key, const Json& row);
};

// The times of each dose as they were published last, how often they moved since they were first
// told, and whether they were taken back; by the course.
struct VisitDocument {
  static constexpr std::string_view kKind = "visit";
  static Result<VisitDocument> decode(std::string_view key, const Json& row);
};

}  // namespace cryobank::inventory
