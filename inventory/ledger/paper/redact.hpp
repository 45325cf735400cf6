// Redaction: takes the private words of courses out of what the journal says: who the patient is (a
// pseudonym), donation, chain of identity, Single European Code, the vials' codes, and the free
// text of what is about these courses alone. Each word becomes a token of a salted SHA-256: the
// same word the same token, and with the salt forgotten nobody can try words against it. Everything
// that the record is made of stays: ids of courses and aliquots, places, states, times.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"
#include "inventory/ledger/view.hpp"

namespace cryobank::inventory {

// What stands for a private word: this and 24 hex digits.
inline constexpr std::string_view kTokenStart = "purged-";
// What stands for a free text.
inline constexpr std::string_view kNoText = "purged";

// A word that another course, not purged, has too is not private: the patient of two courses. Words
// that are ids of the record, and tokens, are none.
std::set<std::string> private_words(const View& view, const std::set<CourseId>& courses);

// True when the data names one of these courses, or a vial of theirs, and of no other course.
bool is_only_about(const View& view, const Json& data, const std::set<CourseId>& courses);

class Redaction {
 public:
  // `salt` is random and kept nowhere.
  Redaction(const std::set<std::string>& words, std::string salt);

  // A text with a token for each private word in it.
  std::string text(std::string_view text) const;
  // The same in every text and key of a value; with `free_text`, its reasons as well.
  Json data(const Json& value, bool free_text) const;

 private:
  std::string token(std::string_view word) const;
  std::string_view match(std::string_view run) const;

  std::string salt_;
  std::set<std::string, std::less<>> runs_;   // ids: found as a whole run of id characters
  std::set<std::string, std::less<>> whole_;  // too short to be told from a number: whole texts
  std::vector<std::string> others_;           // with other characters: found anywhere
};

}  // namespace cryobank::inventory
