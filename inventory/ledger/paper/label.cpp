#include "inventory/ledger/paper/label.hpp"
#include "inventory/ledger/documents.hpp"

#include <algorithm>
#include <iterator>

#include "base/text.hpp"
#include "inventory/ledger/hold.hpp"
#include "inventory/ledger/paper/sec.hpp"

namespace cryobank::inventory {
namespace {

constexpr int kLineHeight = 24;            // dots
constexpr int kTextLeft = 130;             // right of the symbol
constexpr std::size_t kCriterionMax = 40;  // what fits on one line

// ^FH takes _XX for any byte; the characters with a meaning to the printer are written so.
std::string zpl_text(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte < 0x7F && c != '^' && c != '~' && c != '_' && c != '\\') {
      out += c;
      continue;
    }
    out += '_';
    out += kDigits[byte >> 4];
    out += kDigits[byte & 15];
  }
  return out;
}

// Which vial of its course, counted over the doses from 1.
int number_of(const Course& course, const AliquotId& aliquot) {
  int number = 0;
  for (const Dose& dose : course.doses) {
    for (const AliquotId& id : dose.aliquots) {
      ++number;
      if (id == aliquot) return number;
    }
  }
  return 0;
}

// In two lines, as 2006/86/EC, annex VII, allows; each vial has its own split.
void add_sec(Label& label, const Course& course, const AliquotId& aliquot) {
  const int number = number_of(course, aliquot);
  auto sec = parse_sec(course.sec);
  if (course.sec.empty() || !sec || number == 0) return;
  sec->split = format_split(number);
  const std::string text = format_sec(*sec);
  const std::size_t blank = text.find(' ');
  label.lines.push_back(text.substr(0, blank));
  label.lines.push_back(text.substr(blank + 1));
}

constexpr std::string_view kFields[] = {"aliquot", "code", "course",   "patient",
                                        "dose",    "lot",  "protocol", "expires"};

std::string field(std::string_view name, const Course& course, const Aliquot& aliquot) {
  if (name == "aliquot") return aliquot.id.str();
  if (name == "code") return aliquot.code;
  if (name == "course") return course.id.str();
  if (name == "patient") return course.patient.str();
  if (name == "dose") return course.dose(aliquot.dose).id.str();
  if (name == "lot") return course.lot.str();
  if (name == "protocol") return course.protocol.str();
  if (name == "expires" && aliquot.expires_at.ms != 0) return format_utc(aliquot.expires_at);
  return {};
}

std::string filled(std::string_view line, const Course& course, const Aliquot& aliquot) {
  std::string out;
  while (!line.empty()) {
    const std::size_t open = line.find('{');
    const std::size_t close = line.find('}', open);
    if (close == std::string_view::npos) return out.append(line);
    out.append(line.substr(0, open));
    out.append(field(line.substr(open + 1, close - open - 1), course, aliquot));
    line.remove_prefix(close + 1);
  }
  return out;
}

bool is_known_line(std::string_view line) {
  for (std::size_t open = line.find_first_of("{}"); open != std::string_view::npos;
       open = line.find_first_of("{}", open + 1)) {
    const std::size_t close = line.find('}', open);
    if (line[open] == '}' || close == std::string_view::npos) return false;
    const std::string_view name = line.substr(open + 1, close - open - 1);
    if (std::find(std::begin(kFields), std::end(kFields), name) == std::end(kFields)) return false;
    open = close;
  }
  return line.size() <= kLabelLineMax;
}

}  // namespace

Status check_template(const LabelTemplate& product) {
  if (product.lines.size() > kLabelLinesMax) {
    return make_error(ErrorCode::too_large, cat("expected at most ", kLabelLinesMax, " lines"));
  }
  for (const std::string& line : product.lines) {
    if (is_known_line(line)) continue;
    return make_error(ErrorCode::invalid_value,
                      cat("expected a line of at most ", kLabelLineMax,
                          " bytes with {aliquot}, {code}, {course}, {patient}, {dose}, {lot}, "
                          "{protocol} or {expires}, came \"",
                          clip(line, kLabelLineMax), "\""));
  }
  return {};
}

namespace {

// The word for a state on a label; a reserved vial is still what it was.
std::string_view state_note(const Aliquot& aliquot) {
  const bool reserved = aliquot.state == AliquotState::reserved;
  switch (reserved ? aliquot.before : aliquot.state) {
    case AliquotState::expected:
    case AliquotState::quarantined:
      return kQuarantineText;
    case AliquotState::conditionally_released:
      return kConditionalText;
    case AliquotState::rejected:
      return kRejectedText;
    case AliquotState::returned:
      return kReturnedText;
    case AliquotState::released:
    case AliquotState::reserved:
    case AliquotState::in_transit:
    case AliquotState::thawed:
    case AliquotState::in_culture:
    case AliquotState::issued:
    case AliquotState::used:
    case AliquotState::disposed:
    case AliquotState::lost:
      return {};
  }
  CHECK(false);
}

}  // namespace

Status check_printable(const Aliquot& aliquot) {
  const AliquotState state = aliquot.state;
  const bool gone = is_final(state) || state == AliquotState::issued ||
                    state == AliquotState::in_transit || state == AliquotState::lost;
  if (!gone) return {};
  return make_error(ErrorCode::conflict, cat("aliquot ", aliquot.id.str(), " is ", name_of(state),
                                             ": there is nothing to put a label on"));
}

std::vector<std::string> use_notes(const View& view, const Aliquot& aliquot, WallTime now) {
  std::vector<std::string> notes;
  const std::string_view state = state_note(aliquot);
  if (!state.empty()) notes.emplace_back(state);
  if (!holds_on(view, aliquot).empty()) {
    notes.emplace_back(kHeldText);
  } else if (!check_no_hold(view, aliquot, now)) {
    notes.emplace_back(kWarmText);
  }
  if (aliquot.expires_at.ms != 0 && aliquot.expires_at <= now) notes.emplace_back(kExpiredText);
  if (const auto exception = document_of<ExceptionDocument>(view, aliquot.course.str())) {
    notes.push_back(cat(kExceptionText, clip(exception->criterion, kCriterionMax)));
  }
  return notes;
}

std::string joined(const std::vector<std::string>& notes) {
  std::string out;
  for (const std::string& note : notes) out += cat(out.empty() ? "" : "; ", note);
  return out;
}

Label make_label(const Course& course, const Aliquot& aliquot,
                 const std::vector<std::string>& notes, const LabelTemplate& product) {
  Label label;
  label.code = aliquot.code;
  label.lines.push_back(aliquot.id.str());
  label.lines.push_back(
      cat(course.patient.str(), " ", course.id.str(), " ", course.dose(aliquot.dose).id.str()));
  if (!course.donation.empty()) label.lines.push_back(course.donation);
  if (!course.identity.empty()) label.lines.push_back(cat("CoI ", course.identity));
  add_sec(label, course, aliquot.id);
  if (aliquot.expires_at.ms != 0)
    label.lines.push_back(cat("EXP ", format_utc(aliquot.expires_at)));
  for (const std::string& line : product.lines) {
    label.lines.push_back(filled(line, course, aliquot));
  }
  if (product.autologous) {
    label.lines.emplace_back(kAutologousText);
    label.lines.emplace_back(kUntestedText);
  }
  for (const std::string& note : notes) label.lines.push_back(note);
  return label;
}

std::string zpl_of(const Label& label) {
  std::string out = cat("^XA^CI28\n^FO20,20^BXN,4,200^FH^FD", zpl_text(label.code), "^FS\n");
  int y = 20;
  for (const std::string& line : label.lines) {
    out += cat("^FO", kTextLeft, ",", y, "^A0N,20,20^FH^FD", zpl_text(line), "^FS\n");
    y += kLineHeight;
  }
  return out + "^XZ\n";
}

}  // namespace cryobank::inventory
