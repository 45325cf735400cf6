#include <algorithm>
#include <set>

#include "base/text.hpp"
#include "config/checks/lint_rules.hpp"
#include "config/text_line.hpp"

namespace cryobank::config {
namespace {

using Pieces = std::vector<TextPiece>;

void line_fault(const DeviceProfile& profile, const TextLine& line, std::string_view text,
                Faults& faults) {
  faults.add(profile.file, line.line, cat("[[line]] \"", clip(line.pattern, 64), "\": ", text));
}

bool printable(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c <= 0x7E; });
}

void lint_question(const DeviceProfile& profile, const TextLine& line, Faults& faults) {
  if (line.ask.size() > kTextQuestionMax || !printable(line.ask) || trim(line.ask) != line.ask) {
    line_fault(profile, line,
               cat("expected `ask` as up to ", kTextQuestionMax,
                   " printable characters without blanks at its ends"),
               faults);
  }
  std::string without_mark = line.ask;
  const std::size_t mark = without_mark.find(kUnitMark);
  if (mark != std::string::npos) without_mark.erase(mark, kUnitMark.size());
  if (without_mark.find_first_of("{}") != std::string::npos) {
    line_fault(profile, line, "expected no mark but one {unit} in `ask`", faults);
  }
}

// A line that comes unasked must say what it is before its first value.
void lint_beginning(const DeviceProfile& profile, const TextLine& line, const Pieces& pieces,
                    Faults& faults) {
  if (!line.ask.empty() || pieces.empty() || pieces.front().kind == TextPiece::Kind::literal) {
    return;
  }
  const Point* point = profile.find(pieces.front().text);
  if (pieces.size() == 1 && point != nullptr && point->type == PointType::ascii) return;
  line_fault(profile, line, "expected a line that comes unasked to begin with text of its own",
             faults);
}

void lint_marks(const DeviceProfile& profile, const TextLine& line, const Pieces& pieces,
                Faults& faults) {
  std::set<std::string_view> seen;
  for (const TextPiece& piece : pieces) {
    if (piece.kind != TextPiece::Kind::point) continue;
    if (profile.find(piece.text) == nullptr) {
      line_fault(profile, line,
                 cat("expected {any}, {unit} or a point of this profile, came {", piece.text, "}"),
                 faults);
    }
    if (!seen.insert(piece.text).second) {
      line_fault(profile, line, cat("expected {", piece.text, "} once"), faults);
    }
  }
  for (const auto& [id, value] : line.sets) {
    const Point* point = profile.find(id);
    if (point == nullptr) {
      line_fault(profile, line,
                 cat("sets: expected a point of this profile, came \"", clip(id, 64), "\""),
                 faults);
      continue;
    }
    if (seen.count(id) > 0 || point->type == PointType::ascii) {
      line_fault(profile, line, cat("sets: expected a number that the line does not hold: ", id),
                 faults);
    } else if (point->has_range && (value < point->range_min || value > point->range_max)) {
      line_fault(profile, line, cat("sets: expected \"", id, "\" within its range"), faults);
    }
  }
  if (!line.ask.empty() && seen.empty() && line.sets.empty()) {
    line_fault(profile, line, "expected an answer that tells a point", faults);
  }
}

void lint_line(const DeviceProfile& profile, const TextLine& line, Faults& faults) {
  if (line.pattern.size() > kTextPatternMax || !printable(line.pattern)) {
    line_fault(profile, line,
               cat("expected `text` as up to ", kTextPatternMax, " printable characters"), faults);
    return;
  }
  const auto pieces = parse_text_pattern(line.pattern);
  if (!pieces) return line_fault(profile, line, pieces.error().context, faults);
  if (pieces->empty()) return line_fault(profile, line, "expected a text", faults);
  lint_question(profile, line, faults);
  lint_beginning(profile, line, *pieces, faults);
  lint_marks(profile, line, *pieces, faults);
}

// Points that some line tells, and those that one tells as a number read out of it.
struct Told {
  std::set<std::string> any;
  std::set<std::string> read;
};

Told told_points(const DeviceProfile& profile) {
  Told told;
  for (const TextLine& line : profile.lines) {
    for (const auto& [id, value] : line.sets) told.any.insert(id);
    const auto pieces = parse_text_pattern(line.pattern);
    if (!pieces) continue;
    for (const TextPiece& piece : *pieces) {
      if (piece.kind != TextPiece::Kind::point) continue;
      told.any.insert(piece.text);
      told.read.insert(piece.text);
    }
  }
  return told;
}

// A line of text has no checksum: its shape and the range are all that tells a value from noise.
void lint_text_point(const DeviceProfile& profile, const Point& point, const Told& told,
                     Faults& faults) {
  if (told.any.count(point.id.str()) == 0) {
    point_fault(profile, point, "expected a [[line]] that tells it", faults);
  }
  if (point.type != PointType::ascii && told.read.count(point.id.str()) > 0 && !point.has_range) {
    point_fault(profile, point, "expected a range: a line of text has no checksum", faults);
  }
  lint_scale_and_unit(profile, point, faults);
  if (point.step_max.v < 0) {
    point_fault(profile, point, "expected step_max of 0 (not checked) or more", faults);
  }
  lint_names(profile, point, faults);
}

void lint_text_proof(const DeviceProfile& profile, const ProofFrame& proof, Faults& faults) {
  const auto refuse = [&](const std::string& text) {
    faults.add(profile.file, proof.line,
               cat("[[proof]] of \"", clip(proof.point, 64), "\": ", text));
  };
  if (profile.find(proof.point) == nullptr) return refuse("expected a point of this profile");
  const bool asked = std::any_of(
      profile.lines.begin(), profile.lines.end(),
      [&proof](const TextLine& line) { return fill_unit(line.ask, 1) == proof.request; });
  if (!asked) {
    refuse(cat("expected `request` as a question of this profile to unit 1, or none for a line ",
               "that comes unasked, came \"", clip(proof.request, 64), "\""));
  }
}

void lint_text_whole(const DeviceProfile& profile, Faults& faults) {
  if (profile.lines.empty()) faults.add(profile.file, 0, "expected at least one [[line]]");
  const auto asks = [](const TextLine& line) { return !line.ask.empty(); };
  const auto asked = std::count_if(profile.lines.begin(), profile.lines.end(), asks);
  if (asked != 0 && asked != static_cast<std::ptrdiff_t>(profile.lines.size())) {
    faults.add(profile.file, profile.line,
               "expected `ask` in every [[line]] or in none: a line that comes unasked would pass "
               "for an answer");
  }
  if (profile.kind == DeviceKind::robot) {
    faults.add(profile.file, profile.line,
               "kind \"robot\": expected registers: text devices are read only");
  }
  std::set<std::pair<std::string, std::string>> seen;
  for (const TextLine& line : profile.lines) {
    const std::string key = line.ask.empty() ? lower_ascii(single_blanks(line.pattern)) : "";
    if (seen.emplace(line.ask, key).second) continue;
    line_fault(profile, line, "expected each question and each line once", faults);
  }
}

}  // namespace

void lint_text(const DeviceProfile& profile, Faults& faults) {
  lint_text_whole(profile, faults);
  const Told told = told_points(profile);
  for (const Point& point : profile.points) lint_text_point(profile, point, told, faults);
  for (const TextLine& line : profile.lines) lint_line(profile, line, faults);
  for (const ProofFrame& proof : profile.proofs) lint_text_proof(profile, proof, faults);
}

}  // namespace cryobank::config
