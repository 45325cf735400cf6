#include "devices/line/text_protocol.hpp"

#include <algorithm>
#include <optional>

#include "base/check.hpp"
#include "base/text.hpp"
#include "devices/line/register_scale.hpp"

namespace cryobank::devices {
namespace {

using Kind = config::TextPiece::Kind;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::uint32_t index_of(const config::DeviceProfile& profile, std::string_view id) {
  for (std::uint32_t i = 0; i < profile.points.size(); ++i) {
    if (profile.points[i].id.str() == id) return i;
  }
  CHECK(false);  // the linter refuses a mark without its point
}

Decoded text_without_value(Quality quality) { return {quality, std::nullopt, {}}; }

Decoded decode_text_number(const config::Point& point, std::string_view text) {
  const auto number =
      text.empty() ? Result<Milli>(make_error(ErrorCode::malformed, "")) : parse_milli(text);
  if (!number) return text_without_value(Quality::sensor_broken);
  const std::size_t dot = std::min(text.find('.'), text.size() - 1);
  if (point.decimals >= 0 && text.size() - 1 - dot != static_cast<std::size_t>(point.decimals)) {
    return text_without_value(Quality::profile_mismatch);  // cut off, or another format
  }
  std::int64_t den = 0;
  if (__builtin_mul_overflow(point.scale_den, 1000, &den)) {
    return text_without_value(Quality::out_of_range);
  }
  const auto value = scaled(raw_of(number->v), point.scale_num, den, point.offset);
  if (!value) return text_without_value(Quality::out_of_range);
  if (point.has_range && (*value < point.range_min || *value > point.range_max)) {
    return text_without_value(Quality::out_of_range);
  }
  return {Quality::good, value, {}};
}

Decoded decode_text(std::string_view text) {
  constexpr std::size_t kShownMax = 250;
  return {Quality::good, std::nullopt, clip(trim(text), kShownMax)};
}

// Walks along one line, which has single blanks, with its lower-case twin for comparing.
class Walk {
 public:
  Walk(std::string_view line, std::string_view lower) : line_(line), lower_(lower) {}

  bool at_end() const { return at_ == line_.size(); }
  void skip_blank() {
    if (!at_end() && line_[at_] == ' ') ++at_;
  }
  bool take_literal(std::string_view literal) {
    if (lower_.substr(at_, literal.size()) != literal) return false;
    at_ += literal.size();
    return true;
  }
  // Up to the next occurrence of `literal`, or to the end when that is empty.
  bool take_until(std::string_view literal, std::string_view& taken) {
    const std::size_t end = literal.empty() ? line_.size() : lower_.find(literal, at_);
    if (end == std::string_view::npos) return false;
    taken = line_.substr(at_, end - at_);
    at_ = end;
    return true;
  }
  // A sign, digits, and decimals; empty when none stands here, and then nothing is taken.
  std::string_view take_number() {
    std::size_t end = at_;
    if (end < line_.size() && (line_[end] == '-' || line_[end] == '+')) ++end;
    const std::size_t digits = end;
    while (end < line_.size() && is_digit(line_[end])) ++end;
    if (end == digits) return {};
    if (end + 1 < line_.size() && line_[end] == '.' && is_digit(line_[end + 1])) {
      ++end;
      while (end < line_.size() && is_digit(line_[end])) ++end;
    }
    std::string_view number = line_.substr(at_, end - at_);
    at_ = end;
    if (number.front() == '+') number.remove_prefix(1);
    return number;
  }

 private:
  std::string_view line_;
  std::string_view lower_;
  std::size_t at_ = 0;
};

std::string_view literal_after(const TextForm& form, std::size_t piece) {
  if (piece + 1 >= form.pieces.size()) return {};
  const TextForm::Piece& next = form.pieces[piece + 1];
  return next.kind == Kind::point ? std::string_view(" ") : std::string_view(next.text);
}

bool take_value(const config::DeviceProfile& profile, const TextForm& form, std::size_t at,
                Walk& walk, std::vector<TextValue>& out) {
  const std::uint32_t index = form.pieces[at].point;
  const config::Point& point = profile.points[index];
  std::string_view taken;
  walk.skip_blank();
  if (point.type == config::PointType::ascii) {
    if (!walk.take_until(literal_after(form, at), taken)) return false;
    out.push_back({index, decode_text(taken)});
    return true;
  }
  const std::string_view number = walk.take_number();
  if (number.empty() && !walk.take_until(literal_after(form, at), taken)) return false;
  out.push_back({index, decode_text_number(point, number)});
  walk.skip_blank();
  return true;
}

bool take_piece(const config::DeviceProfile& profile, const TextForm& form, std::size_t at,
                Walk& walk, std::vector<TextValue>& out) {
  std::string_view passed;
  switch (form.pieces[at].kind) {
    case Kind::literal:
    case Kind::unit:
      return walk.take_literal(form.pieces[at].text);
    case Kind::any:
      return walk.take_until(literal_after(form, at), passed);
    case Kind::point:
      return take_value(profile, form, at, walk, out);
  }
  return false;
}

}  // namespace

std::vector<TextForm> text_forms(const config::DeviceProfile& profile, std::uint8_t unit) {
  std::vector<TextForm> forms;
  for (const config::TextLine& line : profile.lines) {
    TextForm form;
    form.question = config::fill_unit(line.ask, unit);
    const auto pieces = config::parse_text_pattern(line.pattern);
    CHECK(pieces.ok());
    for (const config::TextPiece& source : *pieces) {
      TextForm::Piece piece{source.kind, source.text, 0};
      if (source.kind == Kind::unit) piece.text = config::three_digits(unit);
      if (source.kind == Kind::point) piece.point = index_of(profile, source.text);
      form.pieces.push_back(std::move(piece));
    }
    for (const auto& [id, value] : line.sets) {
      form.sets.emplace_back(index_of(profile, id), value);
    }
    forms.push_back(std::move(form));
  }
  return forms;
}

TextFit read_line(const config::DeviceProfile& profile, const TextForm& form, std::string_view line,
                  std::vector<TextValue>& out) {
  const std::string single = config::single_blanks(line);
  const std::string lower = lower_ascii(single);
  Walk walk(single, lower);
  std::vector<TextValue> values;
  std::size_t at = 0;
  while (at < form.pieces.size() && take_piece(profile, form, at, walk, values)) ++at;
  if (at == form.pieces.size() && walk.at_end()) {
    for (TextValue& value : values) out.push_back(std::move(value));
    for (const auto& [point, value] : form.sets) {
      out.push_back({point, {Quality::good, value, {}}});
    }
    return TextFit::whole;
  }
  const bool begun =
      std::any_of(form.pieces.begin(), form.pieces.begin() + static_cast<std::ptrdiff_t>(at),
                  [](const TextForm::Piece& piece) { return piece.kind != Kind::any; });
  if (!begun) return TextFit::none;
  bool tells = false;
  for (const TextForm::Piece& piece : form.pieces) {
    if (piece.kind != Kind::point) continue;
    out.push_back({piece.point, text_without_value(Quality::profile_mismatch)});
    tells = true;
  }
  return tells ? TextFit::begun : TextFit::none;
}

TextFit read_any(const config::DeviceProfile& profile, const std::vector<TextForm>& forms,
                 std::string_view line, std::vector<TextValue>& out) {
  std::vector<TextValue> begun;
  for (const TextForm& form : forms) {
    std::vector<TextValue> values;
    const TextFit fit = read_line(profile, form, line, values);
    if (fit == TextFit::whole) {
      for (TextValue& value : values) out.push_back(std::move(value));
      return fit;
    }
    if (fit == TextFit::begun && begun.empty()) begun = std::move(values);
  }
  for (TextValue& value : begun) out.push_back(std::move(value));
  return begun.empty() ? TextFit::none : TextFit::begun;
}

bool is_plain_text(std::string_view line) {
  return std::all_of(line.begin(), line.end(),
                     [](char c) { return c == '\t' || (c >= 0x20 && c <= 0x7E); });
}

}  // namespace cryobank::devices
