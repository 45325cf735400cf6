#include "service/utf8_io.hpp"

#include <iconv.h>

#include <algorithm>
#include <string_view>

#include "base/text.hpp"

namespace cryobank::service {
namespace {

constexpr std::string_view kUtf8Mark = "\xEF\xBB\xBF";
constexpr std::string_view kLittleMark = "\xFF\xFE";
constexpr std::string_view kBigMark = "\xFE\xFF";

// Of the first character that is no UTF-8; REQUIRES: there is one.
std::size_t first_bad(std::string_view text) {
  constexpr std::size_t kLongest = 4;
  std::size_t at = 0;
  while (at < text.size()) {
    std::size_t length = 1;
    while (length <= kLongest && !is_utf8(text.substr(at, length))) ++length;
    if (length > kLongest) break;
    at += length;
  }
  return at;
}

Result<std::string> from_utf16(const std::string& file, std::string_view bytes, bool little) {
  iconv_t way = ::iconv_open("UTF-8", little ? "UTF-16LE" : "UTF-16BE");
  std::string in(bytes);
  std::string out(in.size() * 2, '\0');  // two bytes are at most three of UTF-8, four are four
  char* from = in.data();
  char* to = out.data();
  std::size_t left = in.size();
  std::size_t room = out.size();
  const bool good = way != iconv_t(-1) &&  // NOLINT: as iconv_open(3) says it
                    ::iconv(way, &from, &left, &to, &room) != static_cast<std::size_t>(-1);
  if (way != iconv_t(-1)) ::iconv_close(way);  // NOLINT
  if (!good) {
    return make_error(ErrorCode::malformed,
                      cat(file, " begins as UTF-16 and is none: byte ", in.size() - left + 3,
                          " cannot be read; save it as CSV UTF-8"));
  }
  out.resize(out.size() - room);
  return out;
}

Error no_utf8(const std::string& file, std::string_view text) {
  const std::size_t at = first_bad(text);
  const auto lines = std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(at), '\n');
  const auto byte = static_cast<std::uint8_t>(text[at]);
  return make_error(ErrorCode::malformed,
                    cat(file, " is not UTF-8: byte ", at + 1, " (line ", lines + 1, ") is 0x",
                        to_hex(std::vector<std::uint8_t>{byte}), "; save it as CSV UTF-8"));
}

}  // namespace

Result<std::string> as_utf8(const std::string& file, std::string bytes) {
  if (bytes.starts_with(kLittleMark) || bytes.starts_with(kBigMark)) {
    const bool little = bytes.starts_with(kLittleMark);
    return from_utf16(file, std::string_view(bytes).substr(kLittleMark.size()), little);
  }
  if (bytes.starts_with(kUtf8Mark)) bytes.erase(0, kUtf8Mark.size());
  if (!is_utf8(bytes)) return no_utf8(file, bytes);
  const std::size_t nul = bytes.find('\0');
  if (nul == std::string::npos) return bytes;
  return make_error(ErrorCode::malformed,
                    cat(file, " is no text of UTF-8: byte ", nul + 1,
                        " is 0x00, as in UTF-16 without its mark; save it as CSV UTF-8"));
}

}  // namespace cryobank::service
