// Hand-over: a product passes from one hand to another only when its machine-read code agrees with
// the record. A wrong code is a MISMATCH: it is journaled, the station or dose is locked by a hold,
// and the asker is refused. What only looks like the right code (scan_text.hpp) and is nobody
// else's is a question, which locks nothing: the asker is refused with did-you-mean, and scans
// again. Overrides of any rule are journaled and counted.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "inventory/commands/ask.hpp"

namespace cryobank::inventory {

// What the label of a thawed dose carries, since its vials are gone: "course/dose".
std::string dose_code(const CourseId& course, const DoseId& dose);

// Journals a mismatch and locks `target`; gives the hold's id.
Result<std::string> add_mismatch(Ask& ask, std::string_view target, std::string_view expected,
                                 std::string_view scanned);
// The decision that journals a mismatch, locks `target` (hold.hpp) and refuses the asker.
Result<Decision> note_mismatch(Ask& ask, std::string_view target, std::string_view expected,
                               std::string_view scanned);

enum class ScanMatch : std::uint8_t { same, alike, other };
// Of a code with the ends taken off. `alike` only where no other vial has the very code scanned.
ScanMatch match_code(const View& view, std::string_view expected, std::string_view scanned);
// The refusal that asks.
Decision ask_again(Ask& ask, std::string_view expected, std::string_view scanned);
// Nothing when it is the vial's; else the question, or the decision that notes the mismatch on
// `target`.
Result<std::optional<Decision>> check_code(Ask& ask, const Aliquot& aliquot,
                                           std::string_view scanned, std::string_view target);
// For a code that no vial has: the one that looks like it, as ", did you mean ...?"; else empty.
std::string like_of(const View& view, std::string_view scanned);
// The same as "did_you_mean" of a finding.
void put_like(Json& item, const View& view, std::string_view scanned);
// Codes that come into being now and look like one that is there, or like each other: as
// "look_alikes" [{code, like}] of the reply, at most 100, and words for its message; empty for
// none. Ids of courses that come into being are told with them, since doses are scanned by
// course/dose.
class NewCodes {
 public:
  explicit NewCodes(const View& view) : view_(view) {}
  void add(const std::string& code);
  // Error already_exists: another course differs only by case.
  Status add_course(const CourseId& course);
  std::string tell(Json& reply) const;

 private:
  View view_;
  std::map<std::string, std::string> seen_;     // the first of each look
  std::map<std::string, std::string> courses_;  // the same of courses, filled when one is added
  std::vector<std::pair<std::string, std::string>> alike_;
};

// Nothing when "codes" of the body are exactly the codes of these aliquots, in any order; an Error
// when they are missing; else the decision that notes the mismatch on `target`.
Result<std::optional<Decision>> check_codes(Ask& ask, const std::vector<Aliquot>& aliquots,
                                            std::string_view target);
// Its label, where one was printed, was scanned back and is not void.
// The open request for disposal that a vial is in; empty: none. What is to be destroyed goes to no
// patient and to no other bank.
std::string open_disposal(const View& view, const AliquotId& aliquot);
Status check_not_for_disposal(const View& view, const AliquotId& aliquot);
// A void label is scanned by nobody; one that was printed can still be scanned back.
Status check_label_not_void(const View& view, const Aliquot& aliquot);
Status check_label(const View& view, const Aliquot& aliquot);
// As check_codes, for "code" against the label of a dose.
Result<std::optional<Decision>> check_dose_code(Ask& ask, const CourseDose& target);

// Counts an override under what was overridden, e.g. "dose-thaw". The signatures were checked.
Status note_override(Ask& ask, std::string_view what);

// Stops what may still move these aliquots for use: open thaw and retrieve jobs are cancelled, or
// paused where a vial is under way. Gives those that it stopped.
Result<std::vector<JobId>> stop_jobs(Ask& ask, const std::vector<AliquotId>& aliquots);
// The codes at "codes" as they were scanned, each once.
Result<std::vector<std::string>> scanned_codes(const Ask& ask);

}  // namespace cryobank::inventory
