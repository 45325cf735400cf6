#include "service/pager/outgoing.hpp"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "base/ids.hpp"
#include "base/text.hpp"

namespace cryobank::pager {
namespace {

constexpr std::array<std::string_view, 8> kFates{"waiting", "trying", "sent",    "delivered",
                                                 "read",    "failed", "dropped", "withdrawn"};
constexpr std::size_t kAnswerMax = 500;
constexpr std::size_t kCodeDigits = 4;

struct Word {
  std::string_view word;
  std::string_view status;
};
constexpr std::array kWords{
    Word{"coming", "coming"},
    Word{"come", "coming"},
    Word{"ok", "coming"},
    Word{"yes", "coming"},
    Word{"ack", "coming"},
    Word{"go", "coming"},
    Word{"hai", "coming"},
    Word{"1", "coming"},
    Word{"\xE8\xA1\x8C\xE3\x81\x8D\xE3\x81\xBE\xE3\x81\x99", "coming"},  // ikimasu
    Word{"\xE3\x81\xAF\xE3\x81\x84", "coming"},                          // hai
    Word{"later", "later"},
    Word{"2", "later"},
    Word{"\xE5\xBE\x8C\xE3\x81\xA7", "later"},  // ato de
    Word{"no", "not-coming"},
    Word{"not", "not-coming"},
    Word{"cannot", "not-coming"},
    Word{"not-coming", "not-coming"},
    Word{"iie", "not-coming"},
    Word{"3", "not-coming"},
    Word{"\xE3\x81\x84\xE3\x81\x84\xE3\x81\x88", "not-coming"},                          // iie
    Word{"\xE8\xA1\x8C\xE3\x81\x91\xE3\x81\xBE\xE3\x81\x9B\xE3\x82\x93", "not-coming"},  // ikemasen
    Word{"read", "read"}};

bool all_digits(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words;
  std::string word;
  for (const char c : text.substr(0, kAnswerMax)) {
    const bool breaks = c == ' ' || c == ',' || c == ';' || c == '\t' || c == '\r' || c == '\n' ||
                        c == '.' || c == '!' || c == ':';
    if (!breaks) word += c;
    if (breaks && !word.empty()) words.push_back(std::exchange(word, {}));
  }
  if (!word.empty()) words.push_back(word);
  return words;
}

}  // namespace

std::string digits_of(std::string_view number) {
  std::string out;
  for (const char c : number) {
    if (c >= '0' && c <= '9') out += c;
  }
  return out;
}

std::string_view name_of(Fate fate) { return kFates.at(static_cast<std::size_t>(fate)); }

void read_answer(std::string_view text, Heard& out) {
  out.what = Heard::What::answer;
  out.text = clip(text, 200);
  for (const std::string& raw : words_of(text)) {
    const std::string word = lower_ascii(raw);
    const auto known = std::ranges::find(kWords, word, &Word::word);
    if (known != kWords.end() && out.status != "not-coming") {
      // "not coming" is not "coming"; a bare 1, 2 or 3 after a status is a number of minutes.
      const bool digit = word.size() == 1 && all_digits(word);
      if (!digit || out.status.empty()) {
        out.status = std::string(known->status);
        continue;
      }
    } else if (known != kWords.end()) {
      continue;
    }
    if (all_digits(word) && word.size() == kCodeDigits) {
      out.code = word;
    } else if (all_digits(word) && word.size() < kCodeDigits) {
      out.eta_min = static_cast<int>(*parse_integer(word));
    } else if (out.user.empty() && is_id_text(raw)) {
      out.user = raw;
    }
  }
  // A code alone is how people answer at three in the morning: it means that they come.
  if (out.status.empty() && !out.code.empty()) out.status = "coming";
}

std::string seven_bit(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte & 0xC0) == 0x80) continue;  // the rest of a character of several bytes
    out += byte >= 0x20 && byte < 0x7F ? c : '?';
  }
  return out;
}

std::string cut(std::string text, std::size_t limit) {
  constexpr std::string_view kMark = "..";
  if (text.size() <= limit) return text;
  text.resize(limit - kMark.size());
  return text += kMark;
}

}  // namespace cryobank::pager
