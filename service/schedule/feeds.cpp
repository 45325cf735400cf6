#include "service/schedule/feeds.hpp"

#include <algorithm>
#include <set>

#include "base/checksum.hpp"
#include "base/text.hpp"

namespace cryobank::schedule {
namespace {

constexpr std::size_t kIcalOctetsMax = 75;

// 20261202T050000Z
std::string ical_time(WallTime at) {
  std::string out;
  for (const char c : format_utc(at).substr(0, 19)) {
    if (c != '-' && c != ':') out += c;
  }
  return out + "Z";
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

// Of a parameter's value, which has no escapes.
std::string quoted_ical(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c != '"' && static_cast<unsigned char>(c) >= 0x20) out += c;
  }
  return out;
}

std::string summary_of(const FeedVisit& visit) {
  return cat(name_of(visit.step), " ", visit.dose, " of course ", visit.course);
}

Json entry(Json resource) { return Json::object().set("resource", std::move(resource)); }

Json identifier(std::string_view site, std::string_view value) {
  Json one = Json::object().set("system", cat("urn:cryobank:", site)).set("value", value);
  return Json(Json::Array{std::move(one)});
}

Json reference(std::string_view text) { return Json::object().set("reference", text); }

// An id of FHIR has up to 64 letters, digits, "-" and ".": ours have "_" as well and together may
// be longer. What is changed for that keeps apart by a hash.
std::string fhir_id(std::string_view kind, const FeedVisit& visit) {
  constexpr std::size_t kFhirIdMax = 64;
  constexpr std::size_t kHashDigits = 16;
  const std::string whole = cat(kind, "-", visit.course, "-", visit.dose);
  std::string out = whole;
  std::replace(out.begin(), out.end(), '_', '-');
  if (out == whole && out.size() <= kFhirIdMax) return out;
  const std::string hash = to_hex(sha256(whole)).substr(0, kHashDigits);
  return cat(out.substr(0, kFhirIdMax - kHashDigits - 1), "-", hash);
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
    Json participants = Json::array();
    participants.push(std::move(patient));
    if (!visit.place.empty()) {
      Json clinic = Json::object().set("identifier", identifier(site, visit.place).items().front());
      clinic.set("display", visit.place).set("type", "Location");
      participants.push(Json::object().set("actor", std::move(clinic)).set("status", "accepted"));
    }
    return json.set("participant", std::move(participants));
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
    add_folded(out, cat("DTSTAMP:", ical_time(as_of)));
    add_folded(out, cat("DTSTART:", ical_time(visit.at)));
    add_folded(out, cat("DTEND:", ical_time(visit.at + minutes(visit.minutes))));
    add_folded(out, cat("SEQUENCE:", visit.sequence));
    // RFC 5546 3.2.1: a published event has an organizer; nobody is asked to answer there.
    add_folded(out, cat("ORGANIZER;CN=\"", quoted_ical(title), "\":urn:cryobank:", site));
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
