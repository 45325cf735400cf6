#include "config/text_line.hpp"

#include "base/ids.hpp"
#include "base/text.hpp"
#include "base/try.hpp"

namespace cryobank::config {
namespace {

bool is_blank(char c) { return c == ' ' || c == '\t'; }

Result<TextPiece> mark_piece(std::string_view name) {
  if (name == "any") return TextPiece{TextPiece::Kind::any, {}};
  if (name == "unit") return TextPiece{TextPiece::Kind::unit, {}};
  if (!is_id_text(name)) return bad_id("mark", name);
  return TextPiece{TextPiece::Kind::point, std::string(name)};
}

Status add_piece(TextPiece piece, std::vector<TextPiece>& pieces) {
  const bool literal = piece.kind == TextPiece::Kind::literal;
  if (!literal && !pieces.empty() && pieces.back().kind != TextPiece::Kind::literal) {
    return make_error(ErrorCode::invalid_value, "expected text between two marks");
  }
  pieces.push_back(std::move(piece));
  return {};
}

// Blanks beside a value are none of the literal's.
void trim_beside_values(std::vector<TextPiece>& pieces) {
  const auto is_value = [&pieces](std::size_t at) {
    return at < pieces.size() && pieces[at].kind == TextPiece::Kind::point;
  };
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    if (pieces[i].kind != TextPiece::Kind::literal) continue;
    std::string& text = pieces[i].text;
    if (is_value(i + 1) && text.ends_with(' ')) text.pop_back();
    if (i > 0 && is_value(i - 1) && text.starts_with(' ')) text.erase(0, 1);
  }
}

}  // namespace

std::string single_blanks(std::string_view text) {
  std::string out;
  for (const char c : trim(text)) {
    if (!is_blank(c)) {
      out += c;
    } else if (!out.ends_with(' ')) {
      out += ' ';
    }
  }
  return out;
}

std::string three_digits(std::uint8_t unit) {
  const std::string digits = cat(static_cast<int>(unit));
  return std::string(3 - digits.size(), '0') + digits;
}

std::string fill_unit(std::string_view ask, std::uint8_t unit) {
  std::string out(ask);
  const std::size_t mark = out.find(kUnitMark);
  if (mark != std::string::npos) out.replace(mark, kUnitMark.size(), three_digits(unit));
  return out;
}

Result<std::vector<TextPiece>> parse_text_pattern(std::string_view pattern) {
  std::vector<TextPiece> pieces;
  const std::string text = single_blanks(pattern);
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t open = text.find('{', at);
    const std::string_view literal =
        std::string_view(text).substr(at, open == std::string::npos ? open : open - at);
    if (literal.find('}') != std::string_view::npos) {
      return make_error(ErrorCode::malformed, "expected '{' before '}'");
    }
    if (!literal.empty()) pieces.push_back({TextPiece::Kind::literal, lower_ascii(literal)});
    if (open == std::string::npos) break;
    const std::size_t close = text.find('}', open);
    if (close == std::string::npos) {
      return make_error(ErrorCode::malformed, "expected '}' after '{'");
    }
    TRY_ASSIGN(auto piece, mark_piece(std::string_view(text).substr(open + 1, close - open - 1)));
    TRY(add_piece(std::move(piece), pieces));
    at = close + 1;
  }
  trim_beside_values(pieces);
  std::erase_if(pieces, [](const TextPiece& piece) {
    return piece.kind == TextPiece::Kind::literal && piece.text.empty();
  });
  return pieces;
}

}  // namespace cryobank::config
