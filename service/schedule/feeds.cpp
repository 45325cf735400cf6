#include "service/schedule/feeds.hpp"

#include <set>

#include "base/text.hpp"

namespace cryobank::schedule {
namespace {

constexpr std::size_t kIcalOctetsMax = 75;

// 20261202T050000Z
std::string basic_utc(WallTime at, std::string_view end) {
  std::string out;
  for (const char c : format_utc(at).substr(0, 19)) {
    if (c != '-' && c != ':') out += c;
  }
  return out + std::string(end);
}

// Lines are folded by octets with CRLF and a blank, at the boundary of a character.
void add_folded(std::string& out, std::string_view line) {
  std::size_t room = kIcalOctetsMax;
  while (line.size() > room) {
    std::size_t cut = room;
    while (cut > 0 && (static_cast<unsigned char>(line[cut]) & 0xC0u) == 0x80u) --cut;
    out += line.substr(0, cut);
    out += "\r\n ";
    line.remove_prefix(cut);
    room = kIcalOctetsMax - 1;
  }
  out += line;
  out += "\r\n";
}

std::string escaped_ical(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\n') {
      out += "\\n";
      continue;
    }
    if (c == '\\' || c == ';' || c == ',') out += '\\';
    if (static_cast<unsigned char>(c) >= 0x20) out += c;
  }
  return out;
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

std::string summary_of(const FeedVisit& visit) {
  return cat(name_of(visit.step), " ", visit.dose, " of course ", visit.course);
}

std::string field_of(std::string_view segment, std::size_t number) {
  const std::vector<std::string_view> fields = split(segment, '|');
  return number < fields.size() ? std::string(fields[number]) : std::string();
}

Json entry(Json resource) { return Json::object().set("resource", std::move(resource)); }

Json identifier(std::string_view site, std::string_view value) {
  Json one = Json::object().set("system", cat("urn:cryobank:", site)).set("value", value);
  return Json(Json::Array{std::move(one)});
}

Json reference(std::string_view text) { return Json::object().set("reference", text); }

std::string fhir_id(std::string_view kind, const FeedVisit& visit) {
  // An id of FHIR has up to 64 letters, digits, "-" and ".": ours have "_" as well.
  std::string out = cat(kind, "-", visit.course, "-", visit.dose);
  for (char& c : out) c = c == '_' ? '-' : c;
  return out.substr(0, 64);
}

Json visit_resource(std::string_view site, const FeedVisit& visit) {
  const std::string start = format_utc(visit.at);
  const std::string end = format_utc(visit.at + minutes(visit.minutes));
  Json json = Json::object().set("identifier", identifier(site, uid_of(site, visit)));
  if (visit.step == FeedVisit::Step::infusion) {
    json.set("resourceType", "Appointment").set("id", fhir_id("appointment", visit));
    json.set("status", visit.cancelled ? "cancelled" : visit.done ? "fulfilled" : "booked");
    json.set("start", start).set("end", end).set("description", summary_of(visit));
    Json patient = Json::object().set("actor", reference(cat("Patient/", visit.patient)));
    patient.set("status", "accepted");
    return json.set("participant", Json(Json::Array{std::move(patient)}));
  }
  json.set("resourceType", "Task").set("id", fhir_id(name_of(visit.step), visit));
  json.set("status", visit.cancelled ? "cancelled" : visit.done ? "completed" : "requested");
  json.set("intent", "order").set("description", summary_of(visit));
  json.set("for", reference(cat("Patient/", visit.patient)));
  json.set("focus", reference(cat("ServiceRequest/", fhir_id("dose", visit))));
  Json period = Json::object().set("start", start).set("end", end);
  return json.set("requestedPeriod", std::move(period));
}

Json dose_request(std::string_view site, const FeedVisit& visit) {
  Json json =
      Json::object().set("resourceType", "ServiceRequest").set("id", fhir_id("dose", visit));
  json.set("identifier", identifier(site, cat(visit.course, "/", visit.dose)));
  json.set("status", visit.cancelled ? "revoked" : visit.done ? "completed" : "active");
  json.set("intent", "order").set("subject", reference(cat("Patient/", visit.patient)));
  FeedVisit course = visit;
  course.dose = "plan";
  Json based = Json::array();
  based.push(reference(cat("CarePlan/", fhir_id("course", course))));
  json.set("basedOn", std::move(based)).set("occurrenceDateTime", format_utc(visit.at));
  Json code = Json::object().set(
      "concept", Json::object().set("text", "infusion of a thawed and re-cultured dose"));
  return json.set("code", std::move(code));
}

Json product(std::string_view site, const FeedVisit& visit) {
  Json json = Json::object().set("resourceType", "BiologicallyDerivedProduct");
  json.set("id", fhir_id("product", visit));
  json.set("identifier", identifier(site, cat(visit.course, "/", visit.dose)));
  Json request = Json::array();
  request.push(reference(cat("ServiceRequest/", fhir_id("dose", visit))));
  return json.set("request", std::move(request));
}

}  // namespace

std::string_view name_of(FeedVisit::Step step) {
  switch (step) {
    case FeedVisit::Step::thaw:
      return "thaw";
    case FeedVisit::Step::harvest:
      return "harvest";
    case FeedVisit::Step::infusion:
      return "infusion";
  }
  return {};
}

std::string uid_of(std::string_view site, const FeedVisit& visit) {
  return cat(visit.course, ".", visit.dose, ".", name_of(visit.step), "@", site, ".cryobank");
}

std::string to_icalendar(std::string_view site, std::string_view title,
                         const std::vector<FeedVisit>& visits, WallTime as_of) {
  std::string out;
  add_folded(out, "BEGIN:VCALENDAR");
  add_folded(out, "VERSION:2.0");
  add_folded(out, "PRODID:-//cryobank//plan//EN");
  add_folded(out, "CALSCALE:GREGORIAN");
  add_folded(out, "METHOD:PUBLISH");
  add_folded(out, cat("X-WR-CALNAME:", escaped_ical(title)));
  add_folded(out, "REFRESH-INTERVAL;VALUE=DURATION:PT15M");
  add_folded(out, "X-PUBLISHED-TTL:PT15M");
  for (const FeedVisit& visit : visits) {
    add_folded(out, "BEGIN:VEVENT");
    add_folded(out, cat("UID:", uid_of(site, visit)));
    add_folded(out, cat("DTSTAMP:", basic_utc(as_of, "Z")));
    add_folded(out, cat("DTSTART:", basic_utc(visit.at, "Z")));
    add_folded(out, cat("DTEND:", basic_utc(visit.at + minutes(visit.minutes), "Z")));
    add_folded(out, cat("SEQUENCE:", visit.sequence));
    add_folded(out, cat("STATUS:", visit.cancelled ? "CANCELLED" : "CONFIRMED"));
    add_folded(out, cat("SUMMARY:", escaped_ical(summary_of(visit))));
    if (!visit.place.empty()) add_folded(out, cat("LOCATION:", escaped_ical(visit.place)));
    add_folded(out, cat("DESCRIPTION:",
                        escaped_ical(cat("Patient ", visit.patient, ", as of ", format_utc(as_of),
                                         ". This calendar may lag; it is no alarm."))));
    add_folded(out, "END:VEVENT");
  }
  add_folded(out, "END:VCALENDAR");
  return out;
}

std::string to_siu(std::string_view site, const FeedVisit& visit, std::string_view event,
                   std::int64_t message, WallTime as_of) {
  const std::string now = basic_utc(as_of, "+0000");
  const std::string uid = escaped_hl7(uid_of(site, visit));
  const std::string start = basic_utc(visit.at, "+0000");
  const std::string end = basic_utc(visit.at + minutes(visit.minutes), "+0000");
  std::string out = cat("MSH|^~\\&|CRYOBANK|", escaped_hl7(site), "|||", now, "||SIU^", event,
                        "^SIU_", "S12|", message, "|P|2.5|||||||UNICODE UTF-8\r");
  // SCH-1 and -2 the visit, -6 the reason, -11 start and end, -25 the status.
  out += cat("SCH|", uid, "|", uid, "|||||", escaped_hl7(summary_of(visit)), "|||", visit.minutes,
             "|min|^^^", start, "^", end, "||||||||||||||",
             visit.cancelled ? "Cancelled" : "Booked", "\r");
  out += cat("PID|1||", escaped_hl7(visit.patient), "^^^", escaped_hl7(site), "^PI\r");
  out += "RGS|1|A\r";
  out += cat("AIS|1|A|", name_of(visit.step), "^", name_of(visit.step), "^L|", start, "|||",
             visit.minutes, "|min\r");
  if (!visit.place.empty()) out += cat("AIL|1|A|", escaped_hl7(visit.place), "\r");
  return out;
}

Result<SiuNotice> read_siu(std::string_view message) {
  if (message.size() > kSiuBytesMax) {
    return make_error(ErrorCode::too_large, cat("expected at most ", kSiuBytesMax, " bytes"));
  }
  if (!message.starts_with("MSH|^~\\&|")) {
    return make_error(ErrorCode::malformed,
                      "expected an HL7 v2 message that begins with MSH|^~\\&|");
  }
  SiuNotice notice;
  for (std::string_view segment : split(message, '\r')) {
    while (!segment.empty() && segment.front() == '\n') segment.remove_prefix(1);
    if (segment.starts_with("MSH|")) {
      const std::string type = field_of(segment, 8);
      const std::vector<std::string_view> parts = split(type, '^');
      if (parts.size() < 2 || parts[0] != "SIU") {
        return make_error(ErrorCode::unsupported,
                          cat("expected SIU, came \"", clip(type, 30), "\""));
      }
      notice.event = std::string(parts[1]);
    } else if (segment.starts_with("SCH|")) {
      const std::string placer = field_of(segment, 1);
      const std::string filler = field_of(segment, 2);
      notice.uid = std::string(split(filler.empty() ? placer : filler, '^')[0]);
    }
  }
  if (notice.event != "S15" && notice.event != "S26") {
    return make_error(ErrorCode::unsupported,
                      cat("expected S15 or S26, came \"", clip(notice.event, 10), "\""));
  }
  const std::string_view uid = std::string_view(notice.uid).substr(0, notice.uid.find('@'));
  const std::size_t step = uid.rfind('.');
  const std::size_t dose = step == std::string_view::npos ? step : uid.rfind('.', step - 1);
  if (dose == std::string_view::npos || dose == 0 || !is_id_text(uid.substr(0, dose)) ||
      !is_id_text(uid.substr(dose + 1, step - dose - 1))) {
    return make_error(ErrorCode::not_found, cat("expected a visit of ours at SCH-2, came \"",
                                                clip(notice.uid, 80), "\""));
  }
  notice.course = std::string(uid.substr(0, dose));
  notice.dose = std::string(uid.substr(dose + 1, step - dose - 1));
  return notice;
}

Json to_fhir(std::string_view site, const std::vector<FeedVisit>& visits, WallTime as_of) {
  Json entries = Json::array();
  std::set<std::string> courses;
  for (const FeedVisit& visit : visits) {
    if (courses.insert(visit.course).second) {
      FeedVisit course = visit;
      course.dose = "plan";
      Json plan =
          Json::object().set("resourceType", "CarePlan").set("id", fhir_id("course", course));
      plan.set("identifier", identifier(site, visit.course)).set("status", "active");
      plan.set("intent", "plan").set("subject", reference(cat("Patient/", visit.patient)));
      entries.push(entry(std::move(plan)));
    }
    if (visit.step == FeedVisit::Step::infusion) {
      entries.push(entry(dose_request(site, visit)));
      entries.push(entry(product(site, visit)));
    }
    entries.push(entry(visit_resource(site, visit)));
  }
  Json bundle = Json::object().set("resourceType", "Bundle").set("type", "collection");
  bundle.set("timestamp", format_utc(as_of));
  return bundle.set("entry", std::move(entries));
}

}  // namespace cryobank::schedule
