// What passes between the gateway and its channels: a page to send, what became of it, and what
// people and carriers say afterwards. Values only.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/json.hpp"
#include "base/time.hpp"

namespace cryobank::pager {

// RFC 1861 and the like: what a person's device shows is cut beyond it.
inline constexpr std::size_t kTextMax = 240;
inline constexpr std::size_t kHeadMax = 140;

struct Outgoing {
  std::string id;     // of the page; never used twice
  std::string kind;   // page, answer, standing, test
  int priority = 3;   // 1 to 3
  std::string text;   // 7-bit, at most kTextMax
  std::string code;   // four digits; empty: nothing to take
  std::string alarm;  // may be empty
  WallTime created{};
  WallTime expires{};
  Json page;  // as it came; an object with channel and text for the gateway's own
};

// What is left of a telephone number when only its digits count.
std::string digits_of(std::string_view number);

// In the order in which a page gets better; then its other ends.
enum class Fate : std::uint8_t {
  waiting,
  trying,
  sent,
  delivered,
  read,
  failed,
  dropped,
  withdrawn
};
std::string_view name_of(Fate fate);
constexpr bool is_over(Fate fate) { return fate >= Fate::delivered; }

// One attempt. `sent`: the carrier has it and says nothing of the person; `delivered`: the person's
// device has it, and the carrier said so. Anything else is `failed`, with why.
struct Attempt {
  Fate fate = Fate::failed;
  std::string why;     // of a failure
  std::string handle;  // the carrier's name of the message, for its later reports
  bool final = false;  // trying again cannot help: an unknown number, a text that is refused
};

// What a channel heard of its own accord.
struct Heard {
  enum class What : std::uint8_t { report, answer } what = What::report;
  std::string handle;  // of the message that a report is about
  std::string page;    // or the page itself, where the carrier keeps it
  Fate fate = Fate::sent;
  std::string why;
  std::string status;  // coming, later, not-coming, read; empty: it could not be understood
  std::string code;
  std::string user;        // who answers, where the channel knows
  std::string text;        // as it came, for the log
  int eta_min = -1;        // -1: not said
  bool automatic = false;  // a machine's own words: nobody reads what is said to it
};

// Reads "coming 4471 25" as people type it, in English or Japanese: ok, yes, coming, go, 1 / later,
// 2 / no, not coming, can't, 3, and the code in either order, then the minutes until arrival and
// the person's name. A no anywhere never comes; a word that is none of these, or not in its place,
// makes it no answer: no status, which whoever wrote it must be told. A code alone means coming.
void read_answer(std::string_view text, Heard& out);

// Printable ASCII; every other character becomes '?'.
std::string seven_bit(std::string_view text);
// At most `limit` bytes, ".." where it was cut.
std::string cut(std::string text, std::size_t limit);

}  // namespace cryobank::pager
