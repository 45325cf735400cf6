#include "service/alarms/page_text.hpp"

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
  return "P?";
}

}  // namespace

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

std::string page_text(const Alarm& alarm, const std::string& text, const PageFace& face) {
  const bool keep_out = text.find("DO NOT ENTER") != std::string::npos;
  const std::string ending = cat(keep_out ? " ack " : " GO ack ", face.code);
  const std::string state = is_active(alarm.state) ? "" : " CLEARED, please confirm:";
  // "DO NOT ENTER" comes first in its text, so nothing cuts it.
  std::string head =
      seven_bit(cat(word_for(alarm.priority), " ", clip(alarm.source, 32), state, " ", text));
  head = cut(std::move(head), kPageHeadMax - ending.size()) + ending;
  std::string tail;
  if (!face.coming.empty()) tail += cat(" Coming: ", face.coming, ".");
  if (face.others > 0) tail += cat(" +", face.others, " more of this cause.");
  if (face.attempt > 1) tail += cat(" Call ", face.attempt, ".");
  if (face.tier > 1) tail += cat(" Tier ", face.tier, ".");
  tail += cat(" Since ", format_utc(alarm.since).substr(11, 5), "Z.");
  if (!alarm.action.empty()) tail += cat(" ", alarm.action);
  return cut(head + seven_bit(tail), kPageLengthMax);
}

}  // namespace cryobank::alarms
