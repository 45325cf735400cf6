// Label: what is printed on a vial: its code as DataMatrix data, a few lines for people, and the
// words the law wants (21 CFR 1271.90(c): autologous use; 1271.60: quarantine). What may not be
// used says so; what is not there any more gets no label. As ZPL for a label printer. Never a name.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "inventory/ledger/aliquot.hpp"
#include "inventory/ledger/course.hpp"
#include "inventory/ledger/view.hpp"

namespace cryobank::inventory {

inline constexpr std::string_view kAutologousText = "FOR AUTOLOGOUS USE ONLY";
inline constexpr std::string_view kUntestedText = "NOT EVALUATED FOR INFECTIOUS SUBSTANCES";
inline constexpr std::string_view kQuarantineText = "QUARANTINE - NOT RELEASED FOR USE";

inline constexpr std::string_view kConditionalText = "CONDITIONALLY RELEASED - TESTS OPEN";
inline constexpr std::string_view kRejectedText = "REJECTED - NOT FOR USE";
inline constexpr std::string_view kReturnedText = "RETURNED - NOT RELEASED FOR USE";
inline constexpr std::string_view kHeldText = "ON HOLD - NOT FOR USE";
inline constexpr std::string_view kWarmText = "WARM TOO LONG - NOT FOR USE";
inline constexpr std::string_view kExpiredText = "EXPIRED - NOT FOR USE";
inline constexpr std::string_view kExceptionText = "EXCEPTIONAL RELEASE - NOT MET: ";

struct Label {
  std::string code;
  std::vector<std::string> lines;
};

// The lines of a product, set for its protocol (label/template): above those that the law wants.
// {aliquot} {code} {course} {patient} {dose} {lot} {protocol} {expires} stand for what they name.
struct LabelTemplate {
  std::vector<std::string> lines;
  bool autologous = true;  // false: from a donor other than the patient
};
inline constexpr std::size_t kLabelLinesMax = 8;  // of 24 dots each: what fits beside the others
inline constexpr std::size_t kLabelLineMax = 60;  // bytes
// A template that names an unknown field, or is too long.
Status check_template(const LabelTemplate& product);

// A label for it would go onto something that is not there: used, disposed of, lost, sent, given.
Status check_printable(const Aliquot& aliquot);
// Why it may not be used, or not like any other: its state, holds, exposure, expiry, and the
// criterion of an exceptional release. Empty: it may.
std::vector<std::string> use_notes(const View& view, const Aliquot& aliquot, WallTime now);
std::string joined(const std::vector<std::string>& notes);  // for a sentence
// `notes`: those.
Label make_label(const Course& course, const Aliquot& aliquot,
                 const std::vector<std::string>& notes = {}, const LabelTemplate& product = {});
// ZPL II: DataMatrix (^BX) and text fields (^FD) in hexadecimal notation, so that no character of a
// code is taken for a printer command.
std::string zpl_of(const Label& label);

}  // namespace cryobank::inventory
