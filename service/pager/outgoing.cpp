#include "service/pager/outgoing.hpp"

#include <algorithm>
#include <array>
#include <optional>
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

enum class Sense : std::uint8_t { coming, later, no, read, beside_no, unit, never_a_name };

struct Word {
  std::string_view word;
  Sense sense;
};
constexpr std::array kWords{Word{"coming", Sense::coming},
                            Word{"come", Sense::coming},
                            Word{"ok", Sense::coming},
                            Word{"okay", Sense::coming},
                            Word{"yes", Sense::coming},
                            Word{"ack", Sense::coming},
                            Word{"go", Sense::coming},
                            Word{"hai", Sense::coming},
                            Word{"はい", Sense::coming},
                            Word{"行きます", Sense::coming},
                            Word{"今行きます", Sense::coming},
                            Word{"すぐ行きます", Sense::coming},
                            Word{"向かいます", Sense::coming},
                            Word{"向かっています", Sense::coming},
                            Word{"了解", Sense::coming},
                            Word{"了解です", Sense::coming},
                            Word{"later", Sense::later},
                            Word{"後で", Sense::later},
                            Word{"あとで", Sense::later},
                            Word{"後ほど", Sense::later},
                            Word{"no", Sense::no},
                            Word{"not", Sense::no},
                            Word{"not-coming", Sense::no},
                            Word{"cannot", Sense::no},
                            Word{"cant", Sense::no},
                            Word{"wont", Sense::no},
                            Word{"dont", Sense::no},
                            Word{"never", Sense::no},
                            Word{"nope", Sense::no},
                            Word{"nobody", Sense::no},
                            Word{"unable", Sense::no},
                            Word{"negative", Sense::no},
                            Word{"iie", Sense::no},
                            Word{"read", Sense::read},
                            Word{"i", Sense::beside_no},
                            Word{"im", Sense::beside_no},
                            Word{"i'm", Sense::beside_no},
                            Word{"am", Sense::beside_no},
                            Word{"will", Sense::beside_no},
                            Word{"can", Sense::beside_no},
                            Word{"be", Sense::beside_no},
                            Word{"able", Sense::beside_no},
                            Word{"to", Sense::beside_no},
                            Word{"make", Sense::beside_no},
                            Word{"it", Sense::beside_no},
                            Word{"sorry", Sense::beside_no},
                            Word{"min", Sense::unit},
                            Word{"mins", Sense::unit},
                            Word{"minute", Sense::unit},
                            Word{"minutes", Sense::unit},
                            Word{"eta", Sense::unit},
                            Word{"in", Sense::unit},
                            Word{"分", Sense::unit},
                            Word{"分後", Sense::unit},
                            Word{"分で", Sense::unit},
                            Word{"分で着きます", Sense::unit},
                            Word{"分後に着きます", Sense::unit},
                            Word{"after", Sense::never_a_name},
                            Word{"away", Sense::never_a_name},
                            Word{"back", Sense::never_a_name},
                            Word{"before", Sense::never_a_name},
                            Word{"busy", Sense::never_a_name},
                            Word{"but", Sense::never_a_name},
                            Word{"driving", Sense::never_a_name},
                            Word{"how", Sense::never_a_name},
                            Word{"if", Sense::never_a_name},
                            Word{"maybe", Sense::never_a_name},
                            Word{"now", Sense::never_a_name},
                            Word{"out", Sense::never_a_name},
                            Word{"perhaps", Sense::never_a_name},
                            Word{"soon", Sense::never_a_name},
                            Word{"stop", Sense::never_a_name},
                            Word{"tomorrow", Sense::never_a_name},
                            Word{"unless", Sense::never_a_name},
                            Word{"until", Sense::never_a_name},
                            Word{"what", Sense::never_a_name},
                            Word{"when", Sense::never_a_name},
                            Word{"who", Sense::never_a_name},
                            Word{"why", Sense::never_a_name},
                            Word{"wrong", Sense::never_a_name}};

// What makes a Japanese sentence a no, wherever it stands in it.
constexpr std::array<std::string_view, 9> kNoInJapanese{"ません", "ない", "いいえ", "無理", "だめ",
                                                        "ダメ",   "駄目", "不可",   "断り"};

// What telephones and mailboxes say by themselves.
constexpr std::array<std::string_view, 14> kAutomatic{
    "auto-reply",    "autoreply",     "auto reply",   "automatic re", "automated re",
    "out of office", "out-of-office", "i am driving", "i'm driving",  "do not disturb",
    "自動返信",      "自動応答",      "運転中のため", "不在のため"};

// One character of several bytes that stands for one of ASCII: full width, typographic.
struct Wide {
  std::string_view wide;
  char plain;
};
constexpr std::array kWide{Wide{"　", ' '}, Wide{"、", ' '}, Wide{"。", ' '},
                           Wide{"，", ' '}, Wide{"．", ' '}, Wide{"！", ' '},
                           Wide{"：", ' '}, Wide{"？", '?'}, Wide{"’", '\''}};

bool all_digits(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

bool is_ascii(char c) { return static_cast<unsigned char>(c) < 0x80; }

template <std::size_t N>
bool holds_any(std::string_view text, const std::array<std::string_view, N>& parts) {
  return std::ranges::any_of(
      parts, [text](std::string_view part) { return text.find(part) != std::string_view::npos; });
}

std::string plain_width(std::string_view text) {
  constexpr std::string_view kZero = "０";  // the digits follow it
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const std::string_view rest = text.substr(at);
    const auto wide =
        std::ranges::find_if(kWide, [rest](const Wide& one) { return rest.starts_with(one.wide); });
    const bool digit = rest.size() >= 3 && rest.starts_with(kZero.substr(0, 2)) &&
                       static_cast<unsigned char>(rest[2]) >= 0x90 &&
                       static_cast<unsigned char>(rest[2]) <= 0x99;
    if (wide != kWide.end()) {
      out += wide->plain;
      at += wide->wide.size();
    } else if (digit) {
      out += static_cast<char>('0' + (static_cast<unsigned char>(rest[2]) - 0x90));
      at += 3;
    } else {
      out += rest.front();
      ++at;
    }
  }
  return out;
}

// Words, also where Japanese is written without blanks ("行きます4471") and behind a number
// ("25min").
std::vector<std::string> words_of(std::string_view text) {
  constexpr std::string_view kBreaks = " ,;.!:\t\r\n\"()/";
  std::vector<std::string> words;
  std::string word;
  const auto end = [&] {
    if (!word.empty()) words.push_back(std::exchange(word, {}));
  };
  for (const char c : plain_width(text.substr(0, kAnswerMax))) {
    if (kBreaks.find(c) != std::string_view::npos) {
      end();
      continue;
    }
    const bool other_script = !word.empty() && is_ascii(word.back()) != is_ascii(c);
    const bool behind_number = all_digits(word) && !all_digits(std::string_view(&c, 1));
    if (other_script || behind_number || c == '?') end();
    word += c;
    if (c == '?') end();
  }
  end();
  return words;
}

std::optional<Sense> sense_of(const std::string& word) {
  const auto known = std::ranges::find(kWords, word, &Word::word);
  if (known != kWords.end()) return known->sense;
  if (word.ends_with("n't") || holds_any(word, kNoInJapanese)) return Sense::no;
  return std::nullopt;
}

// An answer in its exact form: [status] [code] [minutes] [name], the first two in either order.
// Whatever else stands in it makes it none.
class AnswerReader {
 public:
  explicit AnswerReader(std::vector<std::string> words) : words_(std::move(words)) {}

  // Empty: it is no answer.
  std::string status() {
    for (std::size_t at = 0; at < words_.size() && good_; ++at) take(at);
    if (!good_ || words_.empty()) return {};
    const int said = (coming_ > 0 ? 1 : 0) + (later_ > 0 ? 1 : 0) + (read_ > 0 ? 1 : 0);
    if (no_ > 0) return later_ > 0 || read_ > 0 || eta_min >= 0 ? "" : "not-coming";
    if (said > 1 || beside_no_ > 0 || coming_ > 2) return {};
    if (later_ > 0) return "later";
    if (read_ > 0) return "read";
    // A code alone is how people answer at three in the morning: it means that they come.
    return coming_ > 0 || !code.empty() ? "coming" : "";
  }

  std::string code;
  std::string user;
  int eta_min = -1;

 private:
  bool nothing_said() const { return coming_ + later_ + no_ + read_ == 0; }
  bool is_minutes(std::size_t at) const {
    return at < words_.size() && all_digits(words_[at]) && words_[at].size() < kCodeDigits;
  }

  void take(std::size_t at) {
    const std::string word = lower_ascii(words_[at]);
    if (all_digits(word)) return number(at, word);
    const std::optional<Sense> sense = sense_of(word);
    if (!sense) return name(at);
    const bool in_place = user.empty() && eta_min < 0;
    switch (*sense) {
      case Sense::coming:
        good_ = in_place;
        ++coming_;
        break;
      case Sense::later:
        ++later_;
        break;
      case Sense::no:
        ++no_;
        break;
      case Sense::read:
        ++read_;
        break;
      case Sense::beside_no:
        ++beside_no_;
        break;
      case Sense::unit:
        good_ = is_minutes(at + 1) || (at > 0 && is_minutes(at - 1));
        break;
      case Sense::never_a_name:
        good_ = false;
        break;
    }
  }

  // A bare 1, 2 or 3 in the place of a status is one; elsewhere it is minutes.
  void number(std::size_t at, const std::string& word) {
    const bool first = at == 0 || (at == 1 && !code.empty());
    if (word.size() == kCodeDigits && code.empty()) {
      code = word;
    } else if (word.size() == 1 && word[0] >= '1' && word[0] <= '3' && nothing_said() && first) {
      ++(word == "1" ? coming_ : word == "2" ? later_ : no_);
    } else if (word.size() < kCodeDigits && eta_min < 0 && at > 0) {
      eta_min = static_cast<int>(*parse_integer(word));
    } else {
      good_ = false;
    }
  }

  // The last word, but for minutes.
  void name(std::size_t at) {
    good_ = at > 0 && user.empty() && is_id_text(words_[at]);
    user = words_[at];
    for (std::size_t next = at + 1; next < words_.size() && good_; ++next) {
      const std::optional<Sense> sense = sense_of(lower_ascii(words_[next]));
      good_ = is_minutes(next) || (sense && *sense == Sense::unit);
    }
  }

  std::vector<std::string> words_;
  bool good_ = true;
  int coming_ = 0;
  int later_ = 0;
  int no_ = 0;
  int read_ = 0;
  int beside_no_ = 0;
};

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
  AnswerReader reader(words_of(text));
  out.status = reader.status();
  out.automatic = out.status.empty() && holds_any(lower_ascii(plain_width(text)), kAutomatic);
  if (out.status.empty()) return;  // nothing of it counts
  out.code = std::move(reader.code);
  out.eta_min = reader.eta_min;
  if (!reader.user.empty()) out.user = std::move(reader.user);
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
