#include "service/alarms/page_text.hpp"

#include <algorithm>
#include <array>

#include "base/check.hpp"
#include "base/text.hpp"

namespace cryobank::alarms {
namespace {

std::string cut(std::string text, std::size_t limit) {
  if (text.size() <= limit) return text;
  constexpr std::string_view kMark = "..";
  text.resize(limit - kMark.size());
  text += kMark;
  return text;
}

std::string_view word_for(Priority priority) {
  switch (priority) {
    case Priority::p1:
      return "P1";
    case Priority::p2:
      return "P2";
    case Priority::p3:
      return "P3";
  }
  CHECK(false);
}

std::string two(int number) { return cat(number < 10 ? "0" : "", number); }

// The end of the head, never cut: how long is left, whether to go, the code.
std::string ending_of(Now now, const PageWords& words, const PageFace& face, const Zone& zone) {
  std::string text;
  if (words.lost_in_s && !words.over) {
    const std::int64_t left = *words.lost_in_s;
    const std::int64_t start = left - words.travel.seconds();
    text += cat(", -130C in ", short_span(left));
    text += start <= 0 ? ", leave NOW"
                       : cat(", leave by ", local_time(now.wall + seconds(start), now.wall, zone));
  }
  if (!words.keep_out.empty() || words.over) {
    text += words.over ? " confirm" : "";
  } else {
    text += words.no_meter ? " GO with O2 meter" : " GO";
  }
  if (!face.code.empty()) text += cat(" ack ", face.code);
  return text;
}

// Nobody is sent in by the action of one alarm while another keeps people out.
bool action_waits(const PageWords& words) { return !words.keep_out.empty() && !words.from_outside; }

}  // namespace

std::string short_span(std::int64_t seconds_left) {
  const std::int64_t minutes_left = std::max<std::int64_t>(0, seconds_left / 60);
  if (minutes_left < 120) return cat(minutes_left, "min");
  if (minutes_left < 48 * 60) {
    return cat(minutes_left / 60, "h", two(static_cast<int>(minutes_left % 60)));
  }
  return cat(minutes_left / 1440, "d");
}

std::string local_time(WallTime at, WallTime now, const Zone& zone) {
  constexpr std::array<std::string_view, 8> kDays{"",    "Mon", "Tue", "Wed",
                                                  "Thu", "Fri", "Sat", "Sun"};
  const LocalTime then = zone.local(at);
  const std::string time = cat(two(then.minute / 60), ":", two(then.minute % 60));
  if (zone.local(now).day == then.day) return time;
  return cat(kDays[static_cast<std::size_t>(std::clamp(then.weekday, 1, 7))], " ", time);
}

std::string seven_bit(std::string_view text) {
  std::string out;
  bool in_sequence = false;  // one '?' for each character of several bytes
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool continues = (byte & 0xC0) == 0x80;
    if (byte >= 0x20 && byte < 0x7F) {
      out += c;
    } else if (!(continues && in_sequence)) {
      out += '?';
    }
    in_sequence = byte >= 0x80;
  }
  return out;
}

std::string page_text(Now now, const PageWords& words, const PageFace& face, const Zone& zone) {
  std::string head = cat(word_for(words.priority), " ", clip(words.source, 32), " ");
  // First of all, and so never cut off: whether the room may be entered.
  if (!words.keep_out.empty()) {
    const bool same = words.what.find(words.keep_out) != std::string::npos;
    head += cat("DO NOT ENTER: ", same ? "" : words.keep_out, same ? "" : "; ");
  }
  if (words.over) head += "back to normal: ";
  if (words.unknown) head += "UNKNOWN since a restart: ";
  head += words.what;
  if (!words.first_lost.empty()) head += cat("; first lost: ", words.first_lost);
  const std::string ending = ending_of(now, words, face, zone);
  head = cut(seven_bit(head), kPageHeadMax - std::min(ending.size(), kPageHeadMax - 40)) + ending;
  std::string tail;
  if (!words.maintenance.empty()) tail += cat(" ", words.maintenance, ".");
  tail += face.coming.empty() ? (face.attempt > 1 ? " Nobody comes yet." : "")
                              : cat(" Coming: ", face.coming, ".");
  const int others = std::max(words.others, face.others);
  if (others > 0) {
    tail +=
        cat(" +", others, " more of this cause", words.also.empty() ? "" : ": ", words.also, ".");
  }
  tail += cat(" Since ", local_time(words.since, now.wall, zone));
  if (!words.place.empty()) tail += cat(", ", words.place);
  if (!words.way_in.empty()) tail += cat(" (", words.way_in, ")");
  tail += ".";
  if (!words.over && !words.action.empty()) {
    tail += cat(action_waits(words) ? " WHEN SAFE: " : " ", words.action, ".");
  }
  if (!words.inside.empty()) tail += cat(" ", words.inside, ".");
  if (face.attempt > 1) tail += cat(" Call ", face.attempt, ".");
  return cut(head + seven_bit(tail), kPageLengthMax);
}

std::string spoken_text(Now now, const PageWords& words, const PageFace& face, const Zone& zone,
                        Language language) {
  const bool ja = language == Language::japanese;
  std::string text;
  if (!words.keep_out.empty()) {
    text += ja ? cat("入室禁止。", words.keep_out, "。")
               : cat("Do not enter the room: ", words.keep_out, ". ");
  }
  const std::string& what = ja && !words.what_ja.empty() ? words.what_ja : words.what;
  text += ja ? cat("優先度", word_for(words.priority), "、", words.source, "、", what, "。")
             : cat("Priority ", word_for(words.priority), ", ", words.source, ", ", what, ". ");
  if (!words.place.empty())
    text += ja ? cat("場所、", words.place, "。") : cat("In ", words.place, ". ");
  if (words.lost_in_s && !words.over) {
    const std::string left = short_span(*words.lost_in_s);
    const std::string leave = local_time(
        now.wall + seconds(std::max<std::int64_t>(0, *words.lost_in_s - words.travel.seconds())),
        now.wall, zone);
    text += ja ? cat("マイナス130度まで最短", left, "、", leave, "までに出発してください。")
               : cat("Minus 130 degrees in ", left, " at the earliest, leave by ", leave, ". ");
  }
  const std::string& action = ja && !words.action_ja.empty() ? words.action_ja : words.action;
  if (!words.over && !action.empty()) {
    if (action_waits(words)) text += ja ? "入室できるようになってから、" : "When it is safe: ";
    text += ja ? cat(action, "。") : cat(action, ". ");
  }
  if (!face.coming.empty()) {
    text +=
        ja ? cat("向かっている人、", face.coming, "。") : cat("On the way: ", face.coming, ". ");
  }
  if (!face.code.empty()) {
    text += ja ? cat("引き受けるには番号、", face.code, "。")
               : cat("To take it, the code is ", face.code, ".");
  }
  return text;
}

}  // namespace cryobank::alarms
