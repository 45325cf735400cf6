#include "base/json.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace cryobank {
namespace {

const Json kNull;

bool is_plain(char c) { return c >= 0x20 && c < 0x7F && c != '"' && c != '\\'; }

void append_escape(std::string& out, unsigned char c) {
  switch (c) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    case '\b':
      out += "\\b";
      return;
    case '\f':
      out += "\\f";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    default:
      constexpr std::string_view kDigits = "0123456789abcdef";
      out += "\\u00";
      out += kDigits[c >> 4];
      out += kDigits[c & 15];
  }
}

Error expected(std::string_view what, std::string_view key, const Json& came) {
  const std::string_view code_text = came.is_null() ? "nothing" : came.kind_name();
  return make_error(ErrorCode::malformed,
                    cat("expected ", what, " at \"", clip(key, 64), "\", came ", code_text));
}

}  // namespace

Json::Json(std::uint64_t value) : content_(static_cast<std::int64_t>(value)) {
  CHECK(value < (1ULL << 63));
}

Json::Json(Milli value) {
  if (value.v % 1000 == 0) {
    content_ = value.v / 1000;
  } else {
    content_ = value;
  }
}

Milli Json::milli() const {
  constexpr std::int64_t kWholeMax = kMilliMax / 1000;
  if (is_integer()) return whole(std::clamp(integer(), -kWholeMax, kWholeMax));
  return std::get<Milli>(content_);
}

const Json& Json::operator[](std::string_view key) const {
  if (!is_object()) return kNull;
  const auto found = members().find(key);
  return found == members().end() ? kNull : found->second;
}

bool Json::has(std::string_view key) const {
  return is_object() && members().find(key) != members().end();
}

Json& Json::set(std::string_view key, Json value) {
  if (is_null()) content_ = Object{};
  members().insert_or_assign(std::string(key), std::move(value));
  return *this;
}

Json& Json::push(Json value) {
  if (is_null()) content_ = Array{};
  items().push_back(std::move(value));
  return *this;
}

Result<std::string> Json::get_string(std::string_view key) const {
  const Json& value = (*this)[key];
  if (!value.is_string()) return expected("a string", key, value);
  return value.string();
}

Result<std::int64_t> Json::get_integer(std::string_view key) const {
  const Json& value = (*this)[key];
  if (!value.is_integer()) return expected("a whole number", key, value);
  return value.integer();
}

Result<bool> Json::get_bool(std::string_view key) const {
  const Json& value = (*this)[key];
  if (!value.is_bool()) return expected("true or false", key, value);
  return value.boolean();
}

Result<Milli> Json::get_milli(std::string_view key) const {
  const Json& value = (*this)[key];
  constexpr std::int64_t kWholeMax = kMilliMax / 1000;
  if (!value.is_number()) return expected("a number", key, value);
  if (value.is_integer() && (value.integer() > kWholeMax || value.integer() < -kWholeMax)) {
    return expected("a number within 9e12", key, value);
  }
  return value.milli();
}

std::string Json::string_or(std::string_view key, std::string_view fallback) const {
  const Json& value = (*this)[key];
  return value.is_string() ? value.string() : std::string(fallback);
}

std::int64_t Json::integer_or(std::string_view key, std::int64_t fallback) const {
  const Json& value = (*this)[key];
  return value.is_integer() ? value.integer() : fallback;
}

bool Json::bool_or(std::string_view key, bool fallback) const {
  const Json& value = (*this)[key];
  return value.is_bool() ? value.boolean() : fallback;
}

void Json::dump_to(std::string& out) const {
  if (is_null()) {
    out += "null";
  } else if (is_bool()) {
    out += boolean() ? "true" : "false";
  } else if (is_integer()) {
    append_number(out, integer());
  } else if (is_number()) {
    append_milli(out, milli());
  } else if (is_string()) {
    append_json_string(out, string());
  } else if (is_array()) {
    out += '[';
    for (std::size_t i = 0; i < items().size(); ++i) {
      if (i > 0) out += ',';
      items()[i].dump_to(out);
    }
    out += ']';
  } else {
    out += '{';
    bool first = true;
    for (const auto& [key, value] : members()) {
      if (!first) out += ',';
      first = false;
      append_json_string(out, key);
      out += ':';
      value.dump_to(out);
    }
    out += '}';
  }
}

std::string Json::dump() const {
  std::string out;
  dump_to(out);
  return out;
}

std::string_view Json::kind_name() const {
  constexpr std::string_view kNames[] = {"null",     "true or false", "a whole number", "a decimal",
                                         "a string", "an array",      "an object"};
  return kNames[content_.index()];
}

void append_json_string(std::string& out, std::string_view text) {
  out += '"';
  if (std::ranges::all_of(text, is_plain)) {  // nearly all texts are
    out += text;
    out += '"';
    return;
  }
  std::string cleaned;
  if (!is_utf8(text)) {
    while (!text.empty()) {
      std::size_t length = 1;
      while (length <= 4 && length <= text.size() && !is_utf8(text.substr(0, length))) ++length;
      const bool good = length <= 4 && length <= text.size();
      cleaned += good ? text.substr(0, length) : std::string_view("\xEF\xBF\xBD");
      text.remove_prefix(good ? length : 1);
    }
    text = cleaned;
  }
  std::size_t plain = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c >= 0x20 && c != '"' && c != '\\') continue;
    out += text.substr(plain, i - plain);
    append_escape(out, c);
    plain = i + 1;
  }
  out += text.substr(plain);
  out += '"';
}

}  // namespace cryobank
