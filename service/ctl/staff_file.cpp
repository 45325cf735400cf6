#include "service/ctl/staff_file.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "base/try.hpp"

namespace cryobank::ctl {
namespace {

using Lines = std::vector<std::string>;

Lines lines_of(std::string_view text) {
  Lines lines;
  for (const std::string_view line : split(text, '\n')) lines.emplace_back(line);
  if (!lines.empty() && lines.back().empty()) lines.pop_back();
  return lines;
}

std::string joined(const Lines& lines) {
  std::string text;
  for (const std::string& line : lines) text += line + "\n";
  return text;
}

std::string string_list(const std::vector<std::string>& items) {
  std::string text = "[";
  for (const std::string& item : items) text += cat(text.size() == 1 ? "" : ", ", "\"", item, "\"");
  return text + "]";
}

bool begins_key(std::string_view line, std::string_view key) {
  line = trim(line);
  if (!line.starts_with(key)) return false;
  return trim(line.substr(key.size())).starts_with('=');
}

struct Span {
  std::size_t begin = 0;  // the line with [[user]]
  std::size_t end = 0;    // after its last line that says something
};

Result<Span> table_of(const Lines& lines, int line, const UserId& id) {
  const Error gone =
      make_error(ErrorCode::conflict, cat("expected the table of user \"", id.str(), "\" at line ",
                                          line, ": was the file changed?"));
  if (line < 1 || static_cast<std::size_t>(line) > lines.size()) return gone;
  // The parser names the table by its first key or its head.
  std::size_t begin = static_cast<std::size_t>(line) - 1;
  while (begin > 0 && !trim(lines[begin]).starts_with("[[user]]")) --begin;
  if (!trim(lines[begin]).starts_with("[[user]]")) return gone;
  std::size_t end = begin + 1;
  std::size_t said = end;
  bool ours = false;
  for (; end < lines.size() && !trim(lines[end]).starts_with('['); ++end) {
    const std::string_view text = trim(lines[end]);
    if (!text.empty() && !text.starts_with('#')) said = end + 1;
    ours |=
        begins_key(text, "id") && text.find(cat("\"", id.str(), "\"")) != std::string_view::npos;
  }
  if (!ours) return gone;
  return Span{begin, said};
}

// One line of a table, written anew or added below its `id`.
Result<std::string> set_line(std::string_view text, int line, const UserId& id,
                             std::string_view key, const std::string& value) {
  Lines lines = lines_of(text);
  TRY_ASSIGN(const auto table, table_of(lines, line, id));
  const std::string fresh = cat(key, " = ", value);
  for (std::size_t at = table.begin; at < table.end; ++at) {
    if (!begins_key(lines[at], key)) continue;
    const std::string_view old = trim(lines[at]);
    if (value.starts_with('[') && old.find(']') == std::string_view::npos) {
      return make_error(ErrorCode::unsupported,
                        cat("expected `", key, "` of user \"", id.str(), "\" on one line (line ",
                            at + 1, "): change it by hand"));
    }
    const std::size_t comment =
        value.starts_with('[') ? old.find('#', old.rfind(']')) : std::string_view::npos;
    const std::string kept =
        comment == std::string_view::npos ? std::string() : cat(" ", old.substr(comment));
    lines[at] = fresh + kept;
    return joined(lines);
  }
  lines.insert(lines.begin() + static_cast<std::ptrdiff_t>(table.end), fresh);
  return joined(lines);
}

}  // namespace

Result<std::string> add_user(std::string_view text, const StaffEntry& entry) {
  const bool plain = std::none_of(entry.name.begin(), entry.name.end(), [](char c) {
    return c == '"' || c == '\\' || static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
  });
  if (!plain || !is_utf8(entry.name)) {
    return make_error(ErrorCode::invalid_value,
                      "expected a name without quotes, backslashes and control characters");
  }
  std::string out(text);
  if (!out.empty() && !out.ends_with('\n')) out += '\n';
  out += cat("\n[[user]]\nid = \"", entry.id.str(), "\"\n");
  if (!entry.name.empty()) out += cat("name = \"", entry.name, "\"\n");
  out += cat("roles = ", string_list(entry.roles), "\n");
  if (!entry.channels.empty()) out += cat("channels = ", string_list(entry.channels), "\n");
  if (!entry.places.empty()) out += cat("places = ", string_list(entry.places), "\n");
  return out;
}

Result<std::string> set_roles(std::string_view text, int line, const UserId& id,
                              const std::vector<std::string>& roles) {
  return set_line(text, line, id, "roles", string_list(roles));
}

Result<std::string> set_signing_secret(std::string_view text, int line, const UserId& id,
                                       std::string_view hash) {
  return set_line(text, line, id, "signing_secret", cat("\"", hash, "\""));
}

Result<std::string> remove_user(std::string_view text, int line, const UserId& id) {
  Lines lines = lines_of(text);
  TRY_ASSIGN(const auto table, table_of(lines, line, id));
  std::size_t begin = table.begin;
  while (begin > 0 && trim(lines[begin - 1]).starts_with('#')) --begin;
  std::size_t end = table.end;
  while (end < lines.size() && trim(lines[end]).empty()) ++end;
  lines.erase(lines.begin() + static_cast<std::ptrdiff_t>(begin),
              lines.begin() + static_cast<std::ptrdiff_t>(end));
  return joined(lines);
}

}  // namespace cryobank::ctl
