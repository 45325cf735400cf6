#include "service/alarms/page/page_text.hpp"

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

// Of the parts that must stand in the head, at most so much.
constexpr std::size_t kPlaceMax = 24;
constexpr std::size_t kWayInMax = 40;
constexpr std::size_t kSourceMax = 32;
constexpr std::size_t kBriefWhyMax = 28;
constexpr std::size_t kWhatLeast = 24;

// There is no time to leave by any more.
std::string lost_words(Now now, WallTime since, const Zone& zone) {
  return since.ms == 0 ? ", ABOVE -130C"
                       : cat(", ABOVE -130C since ", local_time(since, now.wall, zone));
}

// By when: how long is left and when to leave, or which of many tanks is lost first.
std::string deadline_of(Now now, const PageWords& words, const Zone& zone, bool brief) {
  if (words.over) return {};
  std::string text;
  if (!words.first_lost.empty()) text += cat(brief ? ", 1st " : ", first lost ", words.first_lost);
  if (words.lost_since) return text + lost_words(now, *words.lost_since, zone);
  if (!words.lost_in_s) return text;
  const std::int64_t left = *words.lost_in_s;
  const std::int64_t start = left - words.travel.seconds();
  if (!brief) text += cat(", -130C in ", short_span(left));
  // Where nobody may go in, "leave" would be read as leaving the room.
  const std::string_view go = words.keep_out.empty() ? ", leave " : ", set out ";
  text += go;
  return text + (start <= 0 ? std::string("NOW")
                            : cat("by ", local_time(now.wall + seconds(start), now.wall, zone)));
}

// Whether to go, and the code.
std::string go_and_code(const PageWords& words, const PageFace& face) {
  std::string text;
  if (!words.keep_out.empty() || words.over) {
    text += words.over ? " confirm" : "";
  } else {
    text += words.no_meter ? " GO with O2 meter" : " GO";
  }
  if (!face.code.empty()) text += cat(" ack ", face.code);
  return text;
}

std::string where_of(const PageWords& words, bool brief) {
  std::string place = clip(words.place, brief ? kPlaceMax / 2 : kPlaceMax);
  if (!words.way_in.empty()) place += cat(" (", clip(words.way_in, kWayInMax), ")");
  return place.empty() ? place : cat(" ", place, ".");
}

// Cut behind a word where that loses little.
std::string cut_words(std::string text, std::size_t limit) {
  if (text.size() <= limit) return text;
  constexpr std::size_t kLost = 10;
  constexpr std::string_view kMark = "..";
  text.resize(limit > kMark.size() ? limit - kMark.size() : 0);
  const std::size_t blank = text.rfind(' ');
  if (blank != std::string::npos && blank + kLost >= text.size()) text.resize(blank);
  while (text.ends_with(',') || text.ends_with(' ')) text.pop_back();
  return cat(text, kMark);
}

// Where, whether to stay out, what, by when, whether to go, the code and the way in: all of it
// stands in the first kPageHeadMax characters, and only the what is cut. When little of it is left
// the rest is said shorter.
std::string head_of(Now now, const PageWords& words, const PageFace& face, const Zone& zone,
                    bool& brief) {
  std::string what = words.over ? "back to normal, was: " : "";
  if (words.unknown) what += "UNKNOWN since a restart: ";
  what = seven_bit(what + words.what);
  const bool same = words.what.find(words.keep_out) != std::string::npos;
  for (brief = false;; brief = true) {
    std::string front = cat(word_for(words.priority), " ", clip(words.source, kSourceMax), " ");
    if (!words.keep_out.empty()) {
      front += "DO NOT ENTER: ";
      if (!same)
        front += cat(clip(words.keep_out, brief ? kBriefWhyMax : words.keep_out.size()), "; ");
    }
    front = seven_bit(front);
    const std::string by_when = seven_bit(deadline_of(now, words, zone, brief));
    const std::string order = go_and_code(words, face);
    const std::string where = seven_bit(where_of(words, brief));
    const std::size_t fixed = front.size() + by_when.size() + order.size() + where.size();
    const std::size_t room = kPageHeadMax - std::min(fixed, kPageHeadMax);
    if (what.size() > room && !brief) continue;
    what = cut_words(what, std::max(room, kWhatLeast));
    const std::size_t most = kPageHeadMax - std::min(order.size(), kPageHeadMax);
    // A front or a time of any length leaves the order and the code whole.
    return cut(cut(front + what + by_when, most) + order + where, kPageHeadMax);
  }
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

std::string local_times(std::string_view text, WallTime now, const Zone& zone) {
  constexpr std::size_t kTimeText = sizeof "2026-11-22T03:04:05.678Z" - 1;
  constexpr Duration kWeekdayTells = days(6);
  std::string out;
  while (!text.empty()) {
    const bool begins = text.size() >= kTimeText && text[10] == 'T' && text[kTimeText - 1] == 'Z';
    const Result<WallTime> at = begins ? parse_utc(text.substr(0, kTimeText))
                                       : Result<WallTime>(make_error(ErrorCode::malformed, ""));
    if (!at) {
      out += text.front();
      text.remove_prefix(1);
      continue;
    }
    const bool near = *at > now - kWeekdayTells && *at < now + kWeekdayTells;
    const LocalTime then = zone.local(*at);
    out += near ? local_time(*at, now, zone)
                : cat(format_day(then.day), " ", two(then.minute / 60), ":", two(then.minute % 60));
    text.remove_prefix(kTimeText);
  }
  return out;
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
  bool brief = false;
  const std::string head = head_of(now, words, face, zone, brief);
  std::vector<std::string> parts;  // the most important first; each whole or not at all
  const bool alone = face.attempt > 1 && !words.over;
  parts.push_back(face.overdue           ? cat(" ", face.coming, ", nobody is known to be there.")
                  : !face.coming.empty() ? cat(" Coming: ", face.coming, ".")
                  : alone                ? " Nobody comes yet."
                                         : "");
  parts.push_back(cat(" Since ", local_time(words.since, now.wall, zone), "."));
  const std::size_t action_at = parts.size();
  if (!words.over && !words.action.empty()) {
    parts.push_back(cat(action_waits(words) ? " WHEN SAFE: " : " ", words.action, "."));
  }
  const int others = std::max(words.others, face.others);
  if (others > 0) {
    parts.push_back(
        cat(" +", others, " more of this cause", words.also.empty() ? "" : ": ", words.also, "."));
  }
  if (!words.maintenance.empty()) parts.push_back(cat(" ", words.maintenance, "."));
  if (brief && words.lost_in_s && !words.lost_since && !words.over) {
    parts.push_back(cat(" -130C in ", short_span(*words.lost_in_s), "."));
  }
  if (!words.inside.empty()) parts.push_back(cat(" ", words.inside, "."));
  if (face.attempt > 1) parts.push_back(cat(" Call ", face.attempt, "."));
  std::string text = head;
  for (std::size_t at = 0; at < parts.size(); ++at) {
    std::string part = seven_bit(parts[at]);
    const std::size_t room = kPageLengthMax - std::min(text.size(), kPageLengthMax);
    // Half of what to do is better than nothing of it.
    if (part.size() > room && at == action_at) part = cut_words(part, std::max(room, kWhatLeast));
    if (part.size() <= room) text += part;
  }
  return cut(text, kPageLengthMax);
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
  if (words.lost_since && !words.over) {
    const std::string since =
        words.lost_since->ms == 0 ? "" : local_time(*words.lost_since, now.wall, zone);
    text += ja ? cat(since, since.empty() ? "" : "から", "マイナス130度を超えています。")
               : cat("Above minus 130 degrees", since.empty() ? "" : " since ", since, ". ");
  } else if (words.lost_in_s && !words.over) {
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
  if (face.overdue) {
    text += ja ? cat(face.coming, "。現地にいることは確認されていません。")
               : cat(face.coming, ", nobody is known to be there. ");
  } else if (!face.coming.empty()) {
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
