#include "inventory/label.hpp"

#include "service/base/text.hpp"

namespace cryobank::inventory {
namespace {

constexpr int kLineHeight = 24;  // dots
constexpr int kTextLeft = 130;   // right of the symbol

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

}  // namespace

Label make_label(const Course& course, const Aliquot& aliquot) {
  Label label;
  label.code = aliquot.code;
  label.lines.push_back(aliquot.id.str());
  label.lines.push_back(
      cat(course.patient.str(), " ", course.id.str(), " ", course.dose(aliquot.dose).id.str()));
  if (!course.donation.empty()) label.lines.push_back(course.donation);
  if (!course.identity.empty()) label.lines.push_back(cat("CoI ", course.identity));
  if (aliquot.expires_at.ms != 0)
    label.lines.push_back(cat("EXP ", format_utc(aliquot.expires_at)));
  label.lines.emplace_back(kAutologousText);
  label.lines.emplace_back(kUntestedText);
  const bool released =
      aliquot.state != AliquotState::expected && aliquot.state != AliquotState::quarantined;
  if (!released) label.lines.emplace_back(kQuarantineText);
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
