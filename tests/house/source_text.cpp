#include "tests/house/source_text.hpp"

#include <algorithm>
#include <array>
#include <fstream>
#include <sstream>

#include "base/text.hpp"

namespace cryobank::house {
namespace {

bool is_word_start(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_word(char c) { return is_word_start(c) || (c >= '0' && c <= '9'); }

// Blanks comments and the contents of strings, keeping every line break in its place.
class Blanker {
 public:
  explicit Blanker(std::string_view text) : in_(text), out_(text) {}

  std::string take() {
    while (pos_ < in_.size()) step();
    return std::move(out_);
  }

 private:
  void step() {
    if (starts("//")) {
      blank_until("\n", 0);
    } else if (starts("/*")) {
      blank_until("*/", 2);
    } else if (starts("R\"") && !(pos_ > 0 && is_word(in_[pos_ - 1]))) {
      raw_string();
    } else if (in_[pos_] == '"' || (in_[pos_] == '\'' && !(pos_ > 0 && is_word(in_[pos_ - 1])))) {
      quoted(in_[pos_]);
    } else {
      ++pos_;
    }
  }

  bool starts(std::string_view mark) const { return in_.substr(pos_).starts_with(mark); }

  void blank_to(std::size_t end) {
    for (; pos_ < end; ++pos_) {
      if (in_[pos_] != '\n') out_[pos_] = ' ';
    }
  }

  void blank_until(std::string_view mark, std::size_t tail) {
    const std::size_t found = in_.find(mark, pos_ + tail);
    blank_to(found == std::string_view::npos ? in_.size() : found + tail);
  }

  void raw_string() {
    const std::size_t open = in_.find('(', pos_);
    if (open == std::string_view::npos) return blank_to(in_.size());
    const std::string close = cat(")", in_.substr(pos_ + 2, open - pos_ - 2), "\"");
    const std::size_t found = in_.find(close, open);
    blank_to(found == std::string_view::npos ? in_.size() : found + close.size());
  }

  void quoted(char quote) {
    std::size_t end = pos_ + 1;
    while (end < in_.size() && in_[end] != quote && in_[end] != '\n') {
      end += in_[end] == '\\' ? 2u : 1u;
    }
    ++pos_;
    blank_to(std::min(end, in_.size()));
    if (pos_ < in_.size() && in_[pos_] == quote) ++pos_;
  }

  std::string_view in_;
  std::string out_;
  std::size_t pos_ = 0;
};

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  for (const std::string_view line : split(text, '\n')) lines.emplace_back(line);
  if (!lines.empty() && lines.back().empty()) lines.pop_back();
  return lines;
}

bool is_left_out(const std::string& folder) {
  return folder.starts_with(".") || folder.starts_with("build") || folder == "demo-state" ||
         folder == "node_modules" || folder == "__pycache__" || folder == "dist";
}

bool is_text(const std::filesystem::path& path) {
  static constexpr std::array<std::string_view, 14> kEndings = {
      "",    ".hpp",     ".cpp",      ".txt",  ".cmake", ".json", ".toml",
      ".md", ".service", ".sysusers", ".yaml", ".py",    ".sh",   ".supp"};
  return std::ranges::find(kEndings, path.extension().string()) != kEndings.end();
}

}  // namespace

SourceFile make_source(std::string path, std::string_view text) {
  SourceFile file{std::move(path), lines_of(text), {}};
  file.code = is_cpp(file.path) ? lines_of(Blanker(text).take()) : file.raw;
  return file;
}

std::vector<SourceFile> read_tree(const std::filesystem::path& root) {
  std::vector<SourceFile> files;
  std::filesystem::recursive_directory_iterator entry(root);
  for (; entry != std::filesystem::recursive_directory_iterator(); ++entry) {
    const std::string name = entry->path().filename().string();
    if (entry->is_directory()) {
      if (is_left_out(name)) entry.disable_recursion_pending();
      continue;
    }
    if (!entry->is_regular_file() || name.starts_with(".") || !is_text(entry->path())) continue;
    std::ostringstream text;
    text << std::ifstream(entry->path()).rdbuf();
    files.push_back(
        make_source(entry->path().lexically_relative(root).generic_string(), text.str()));
  }
  std::ranges::sort(files, {}, &SourceFile::path);
  return files;
}

bool is_cpp(std::string_view path) { return path.ends_with(".hpp") || path.ends_with(".cpp"); }

std::vector<Include> includes_of(const SourceFile& file) {
  std::vector<Include> found;
  for (std::size_t i = 0; i < file.raw.size(); ++i) {
    const std::string_view code = trim(file.code[i]);
    if (!code.starts_with("#") || !trim(code.substr(1)).starts_with("include")) continue;
    const std::string& raw = file.raw[i];
    const std::size_t open = raw.find_first_of("\"<");
    const std::size_t close = raw.find_first_of("\">", open + 1);
    if (open == std::string::npos || close == std::string::npos) continue;
    found.push_back(
        {static_cast<int>(i) + 1, raw.substr(open + 1, close - open - 1), raw[open] == '"'});
  }
  return found;
}

std::vector<Word> words_of(std::string_view line) {
  std::vector<Word> words;
  for (std::size_t i = 0; i < line.size();) {
    if (!is_word(line[i])) {
      ++i;
      continue;
    }
    const std::size_t first = i;
    while (i < line.size() && is_word(line[i])) ++i;
    if (!is_word_start(line[first])) continue;
    words.push_back({line.substr(first, i - first), line.substr(0, first).ends_with("std::")});
  }
  return words;
}

}  // namespace cryobank::house
