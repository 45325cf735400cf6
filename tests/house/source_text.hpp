// A source file as the rules see it: raw lines for words, and code lines in which comments and the
// contents of strings are blank, so that a sentence about a clock is not taken for a clock.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace cryobank::house {

struct SourceFile {
  std::string path;  // from the root of the tree, with '/'
  std::vector<std::string> raw;
  std::vector<std::string> code;  // same count and length of lines as raw
};

SourceFile make_source(std::string path, std::string_view text);

// Every text file of the tree that is ours, in the order of its path; build folders, state of the
// demo, packages of npm and hidden folders are left out.
std::vector<SourceFile> read_tree(const std::filesystem::path& root);

bool is_cpp(std::string_view path);  // .hpp or .cpp

struct Include {
  int line = 0;  // from 1
  std::string name;
  bool ours = false;  // "quoted" rather than <bracketed>
};
std::vector<Include> includes_of(const SourceFile& file);

struct Word {
  std::string_view text;
  bool of_std = false;  // written as std::text
};
// The identifiers of one line of code, in order. Views into `line`.
std::vector<Word> words_of(std::string_view line);

}  // namespace cryobank::house
