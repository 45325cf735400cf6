// Spelling: the word that was probably meant, for refusals of a key or a word that nobody knows.
// Case, '_' and '-' count for nothing, so that "thawAt" finds "thaw_at".
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace cryobank {

// The word nearest to `text`, if it is at most two edits away and `text` is longer than that; empty
// otherwise.
std::string_view nearest_word(std::string_view text, std::span<const std::string_view> words);
// ", did you mean \"x\"?" or nothing.
std::string suggestion(std::string_view text, std::span<const std::string_view> words);

}  // namespace cryobank
