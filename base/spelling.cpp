#include "base/spelling.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"

namespace cryobank {
namespace {

// Texts longer than this are not compared: no key or word is.
constexpr std::size_t kCompareMax = 40;
constexpr std::size_t kEditsMax = 2;

std::string folded(std::string_view text) {
  std::string out = lower_ascii(text);
  std::erase_if(out, [](char c) { return c == '_' || c == '-'; });
  return out;
}

// Levenshtein distance, one row at a time.
std::size_t edits_between(std::string_view a, std::string_view b) {
  std::array<std::size_t, kCompareMax + 1> row{};
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({replaced, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row[b.size()];
}

}  // namespace

std::string_view nearest_word(std::string_view text, std::span<const std::string_view> words) {
  std::string_view best;
  std::size_t best_edits = kEditsMax + 1;
  if (text.size() > kCompareMax) return best;
  const std::string wanted = folded(text);
  for (const std::string_view word : words) {
    if (word.size() > kCompareMax) continue;
    const std::size_t edits = edits_between(wanted, folded(word));
    if (edits < best_edits && edits < wanted.size()) {
      best_edits = edits;
      best = word;
    }
  }
  return best;
}

std::string suggestion(std::string_view text, std::span<const std::string_view> words) {
  const std::string_view near = nearest_word(text, words);
  return near.empty() ? std::string() : cat(", did you mean \"", near, "\"?");
}

}  // namespace cryobank
