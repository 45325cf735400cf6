// HL7 v2.5 SIU, out and in. The fields stand by their numbers, so that what is between them is
// counted by the machine.
#include <algorithm>
#include <map>

#include "base/text.hpp"
#include "base/try.hpp"
#include "service/schedule/feeds.hpp"

namespace cryobank::schedule {
namespace {

constexpr char kMllpBegin = '\x0B';
constexpr char kMllpEnd = '\x1C';
constexpr std::string_view kMinuteUnit = "min^minutes^UCUM";
constexpr std::string_view kSender = "CRYOBANK";

// 20261202T050000+0000 without its T: the type TS.
std::string hl7_time(WallTime at) {
  std::string out;
  for (const char c : format_utc(at).substr(0, 19)) {
    if (c != '-' && c != ':' && c != 'T') out += c;
  }
  return out + "+0000";
}

// HL7 v2, 2.7: the delimiters and what ends a segment are written as escapes.
std::string escaped_hl7(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '|':
        out += "\\F\\";
        break;
      case '^':
        out += "\\S\\";
        break;
      case '~':
        out += "\\R\\";
        break;
      case '\\':
        out += "\\E\\";
        break;
      case '&':
        out += "\\T\\";
        break;
      case '\r':
      case '\n':
        out += ' ';
        break;
      default:
        out += c;
    }
  }
  return out;
}

using Fields = std::map<int, std::string>;  // by their number in the standard

std::string siu_segment(std::string_view name, const Fields& fields) {
  std::string out(name);
  int at = 0;
  for (const auto& [number, text] : fields) {
    if (text.empty()) continue;
    for (; at < number; ++at) out += '|';
    out += text;
  }
  return out + "\r";
}

// MSH-1 is the bar itself, so that MSH-2 is the first text.
std::string header_segment(std::string_view site, std::string_view event, std::int64_t message,
                           WallTime as_of) {
  Fields fields;
  fields[1] = "^~\\&";
  fields[2] = kSender;
  fields[3] = escaped_hl7(site);
  fields[6] = hl7_time(as_of);
  fields[8] = cat("SIU^", event, "^SIU_S12");
  fields[9] = cat(message);
  fields[10] = "P";
  fields[11] = "2.5";
  fields[17] = "UNICODE UTF-8";
  return siu_segment("MSH", fields);
}

// Why this message is sent, and of what kind its change is.
std::string event_reason(const FeedVisit& visit, std::string_view event) {
  const std::string_view code = event == "S15" ? "cancelled" : event == "S13" ? "moved" : "booked";
  return cat(code, "^", visit.why.empty() ? code : escaped_hl7(visit.why), "^L");
}

std::string_view filler_status(const FeedVisit& visit) {
  return visit.cancelled ? "Cancelled" : visit.done ? "Complete" : "Booked";
}

std::string visit_segment(std::string_view site, const FeedVisit& visit, std::string_view event) {
  const std::string uid = cat(escaped_hl7(uid_of(site, visit)), "^", kSender);
  const std::string start = hl7_time(visit.at);
  const std::string end = hl7_time(visit.at + minutes(visit.minutes));
  const std::string by = visit.by.empty() ? std::string(kSender) : escaped_hl7(visit.by);
  const std::string what =
      escaped_hl7(cat(name_of(visit.step), " ", visit.dose, " of course ", visit.course));
  Fields fields;
  fields[1] = uid;  // placer and filler: no hospital's own number is known here
  fields[2] = uid;
  fields[6] = event_reason(visit, event);
  fields[7] = cat(name_of(visit.step), "^", what, "^L");
  fields[8] = "Normal^Normal^HL70277";
  fields[9] = cat(visit.minutes);
  fields[10] = kMinuteUnit;
  fields[11] = cat("^^M", visit.minutes, "^", start, "^", end);
  fields[16] = by;
  fields[20] = by;
  fields[25] = cat(filler_status(visit), "^", filler_status(visit), "^HL70278");
  const Fields timing{
      {1, "1"}, {6, cat(visit.minutes, "^", "min&minutes&UCUM")}, {7, start}, {8, end}};
  return siu_segment("SCH", fields) + siu_segment("TQ1", timing);
}

std::string resource_segments(const FeedVisit& visit, std::string_view event) {
  const std::string action = event == "S15" ? "D" : event == "S13" ? "U" : "A";
  const std::string start = hl7_time(visit.at);
  const std::string status = cat(filler_status(visit), "^", filler_status(visit), "^HL70278");
  std::string out = siu_segment("RGS", {{1, "1"}, {2, action}});
  out += siu_segment("AIS", {{1, "1"},
                             {2, action},
                             {3, cat(name_of(visit.step), "^", name_of(visit.step), "^L")},
                             {4, start},
                             {7, cat(visit.minutes)},
                             {8, std::string(kMinuteUnit)},
                             {10, status}});
  if (visit.place.empty()) return out;
  return out + siu_segment("AIL", {{1, "1"},
                                   {2, action},
                                   {3, escaped_hl7(visit.place)},
                                   {6, start},
                                   {9, cat(visit.minutes)},
                                   {10, std::string(kMinuteUnit)},
                                   {12, status}});
}

std::string field_of(std::string_view segment, std::size_t number) {
  const std::vector<std::string_view> fields = split(segment, '|');
  return number < fields.size() ? std::string(trim(fields[number])) : std::string();
}

std::string first_component(const std::string& field) {
  return std::string(split(field, '^').front());
}

// What stands in the frame of the lower layer protocol, or the whole.
std::string_view unframed(std::string_view message) {
  while (!message.empty() &&
         (message.front() == kMllpBegin || message.front() == '\r' || message.front() == '\n')) {
    message.remove_prefix(1);
  }
  return message.substr(0, message.find(kMllpEnd));
}

Status read_header(std::string_view segment, SiuNotice& notice) {
  // MSH-1 is the bar, so a field stands one place earlier than its number.
  const std::string type = field_of(segment, 8);
  const std::vector<std::string_view> parts = split(type, '^');
  if (parts.size() < 2 || parts[0] != "SIU") {
    return make_error(ErrorCode::unsupported, cat("expected SIU, came \"", clip(type, 30), "\""));
  }
  notice.event = std::string(parts[1]);
  notice.sender = cat(field_of(segment, 2), "|", field_of(segment, 3));
  notice.control = field_of(segment, 9);
  if (!notice.control.empty()) return {};
  return make_error(ErrorCode::malformed, "expected a message's own number at MSH-10, came \"\"");
}

// Ours is known by its end, whether the hospital gave it back as placer's or filler's.
Status read_visit(std::string_view site, std::string_view segment, SiuNotice& notice) {
  const std::string ours = cat("@", site, ".cryobank");
  const std::string placer = first_component(field_of(segment, 1));
  const std::string filler = first_component(field_of(segment, 2));
  for (const std::string& uid : {filler, placer}) {
    if (uid.ends_with(ours)) notice.uid = uid;
    if (!notice.uid.empty()) break;
  }
  const std::string came = cat("\"", clip(placer, 80), "\" and \"", clip(filler, 80), "\"");
  if (notice.uid.empty()) {
    return make_error(
        ErrorCode::not_found,
        cat("expected a visit of ours at SCH-1 or SCH-2, which ends with ", ours, ", came ", came));
  }
  std::string_view uid = notice.uid;
  uid.remove_suffix(ours.size());
  const std::size_t step = uid.rfind('.');
  const std::size_t dose = step == std::string_view::npos ? step : uid.rfind('.', step - 1);
  const bool whole = dose != std::string_view::npos && dose > 0 && is_id_text(uid.substr(0, dose));
  if (!whole || !is_id_text(uid.substr(dose + 1, step - dose - 1)) ||
      uid.substr(step + 1) != name_of(FeedVisit::Step::infusion)) {
    return make_error(ErrorCode::not_found,
                      cat("expected the infusion of a dose at SCH-1 or SCH-2, came ", came));
  }
  notice.course = std::string(uid.substr(0, dose));
  notice.dose = std::string(uid.substr(dose + 1, step - dose - 1));
  return {};
}

}  // namespace

std::string to_siu(std::string_view site, const FeedVisit& visit, std::string_view event,
                   std::int64_t message, WallTime as_of) {
  const std::string patient = escaped_hl7(visit.patient);
  // PID-5 of kind S: a pseudonym, so that nobody is named.
  const Fields person{
      {1, "1"}, {3, cat(patient, "^^^", escaped_hl7(site), "^PI")}, {5, cat(patient, "^^^^^^S")}};
  return header_segment(site, event, message, as_of) + visit_segment(site, visit, event) +
         siu_segment("PID", person) + resource_segments(visit, event);
}

Result<SiuNotice> read_siu(std::string_view site, std::string_view message) {
  if (message.size() > kSiuBytesMax) {
    return make_error(ErrorCode::too_large, cat("expected at most ", kSiuBytesMax, " bytes"));
  }
  std::string text(unframed(message));
  std::replace(text.begin(), text.end(), '\n', '\r');
  if (!text.starts_with("MSH|^~\\&|")) {
    return make_error(ErrorCode::malformed,
                      "expected an HL7 v2 message that begins with MSH|^~\\&|");
  }
  SiuNotice notice;
  for (const std::string_view segment : split(text, '\r')) {
    if (segment.starts_with("MSH|")) {
      if (!notice.event.empty()) {
        return make_error(ErrorCode::unsupported, "expected one message, came more than one");
      }
      TRY(read_header(segment, notice));
    } else if (segment.starts_with("SCH|") && notice.uid.empty()) {
      if (notice.event != "S15" && notice.event != "S26") break;
      TRY(read_visit(site, segment, notice));
    }
  }
  if (notice.event != "S15" && notice.event != "S26") {
    return make_error(ErrorCode::unsupported,
                      cat("expected S15 or S26, came \"", clip(notice.event, 10), "\""));
  }
  if (notice.uid.empty()) {
    return make_error(ErrorCode::malformed, "expected a segment SCH, came none");
  }
  return notice;
}

}  // namespace cryobank::schedule
