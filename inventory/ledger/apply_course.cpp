// Facts about courses and about aliquots that people put somewhere.
#include <algorithm>

#include "base/text.hpp"
#include "inventory/ledger/apply.hpp"
#include "inventory/ledger/row_codec.hpp"

namespace cryobank::inventory {
namespace {

Error bad_fact(std::string_view why) { return make_error(ErrorCode::corrupt, std::string(why)); }

Status add_aliquots(Edit& edit, const CourseId& course, const Json& doses, WallTime at) {
  int number = 0;
  for (const Json& dose : doses.items()) {
    ++number;
    if (!dose["aliquots"].is_array()) return bad_fact("expected the aliquots of each dose");
    for (const Json& item : dose["aliquots"].items()) {
      Aliquot aliquot;
      aliquot.id = id_at<AliquotId>(item, "aliquot");
      aliquot.code = item.string_or("code", "");
      if (aliquot.id.empty() || !is_code_text(aliquot.code)) {
        return bad_fact("expected aliquots with id and code");
      }
      aliquot.course = course;
      aliquot.dose = number;
      aliquot.spot.place = PlaceId(std::string(kExpectedPlace));
      aliquot.since = at;
      aliquot.expires_at = time_at(item, "expires");
      const std::int64_t thaws = item.integer_or("thaws", 0);
      if (thaws < 0 || thaws > UINT8_MAX) return bad_fact("expected thaws from 0 to 255");
      aliquot.thaws = static_cast<std::uint8_t>(thaws);
      const auto added = edit.add(aliquot);
      if (!added) return added;
    }
  }
  return {};
}

Result<Dose> read_dose(const Json& item, int number) {
  Dose dose;
  dose.number = number;
  dose.id = id_at<DoseId>(item, "dose");
  const auto fraction = Fraction::parse(item.string_or("fraction", ""));
  if (dose.id.empty() || !fraction) return bad_fact("expected doses with id and fraction");
  dose.fraction = *fraction;
  if (!item["aliquots"].is_array()) return bad_fact("expected the aliquots of each dose");
  for (const Json& aliquot : item["aliquots"].items()) {
    dose.aliquots.push_back(id_at<AliquotId>(aliquot, "aliquot"));
  }
  std::sort(dose.aliquots.begin(), dose.aliquots.end());
  return dose;
}

Status course_registered(Edit& edit, const Json& data) {
  Course course;
  course.id = id_at<CourseId>(data, "course");
  course.patient = id_at<PatientId>(data, "patient");
  if (course.id.empty() || course.patient.empty() || !data["doses"].is_array()) {
    return bad_fact("expected a course with patient and doses");
  }
  if (edit.view().course(course.id) != nullptr) {
    return make_error(ErrorCode::already_exists, cat("course ", course.id.str(), " exists"));
  }
  course.protocol = id_at<ProtocolId>(data, "protocol");
  course.protocol_version = static_cast<int>(data.integer_or("protocol_version", 1));
  course.lot = id_at<LotId>(data, "lot");
  course.donation = data.string_or("donation", "");
  course.identity = data.string_or("identity", "");
  course.sec = data.string_or("sec", "");
  course.registered_at = time_at(data, "at");
  for (const Json& item : data["doses"].items()) {
    auto dose = read_dose(item, static_cast<int>(course.doses.size()) + 1);
    if (!dose) return dose.error();
    course.doses.push_back(std::move(*dose));
  }
  const CourseId id = course.id;
  const WallTime at = course.registered_at;
  edit.put(std::move(course));
  return add_aliquots(edit, id, data["doses"], at);
}

Status course_released(Edit& edit, const Json& data) {
  if (!data["aliquots"].is_array()) return bad_fact("expected aliquots");
  const auto to = parse_aliquot_state(data.string_or("to", "released"));
  if (!to) return to.error();
  for (const Json& item : data["aliquots"].items()) {
    if (!item.is_string() || !is_id_text(item.string())) return bad_fact("expected aliquot ids");
    const auto released = edit.become(AliquotId(item.string()), *to);
    if (!released) return released;
  }
  const auto course = id_at<CourseId>(data, "course");
  if (edit.change(course) != nullptr) return {};
  return make_error(ErrorCode::not_found, cat("no course ", course.str()));
}

constexpr Applier kCourseAppliers[] = {
    {"course-registered", course_registered},
    {"course-released", course_released},
};

}  // namespace

std::span<const Applier> course_appliers() { return kCourseAppliers; }

Json spot_json(const View& view, const Spot& spot) { return spot_json(spot, view.label_of(spot)); }

Json spot_json(const Spot& spot, std::string label) {
  Json json = Json::object();
  json.set("place", spot.place.str());
  put_number(json, "at", spot.position, kNoPosition);
  if (!label.empty()) json.set("position", std::move(label));
  return json;
}

Result<Spot> spot_at(const Json& data) {
  const auto place = id_at<PlaceId>(data, "place");
  if (place.empty()) return bad_fact("expected a place");
  return Spot{place, static_cast<int>(data.integer_or("at", kNoPosition))};
}

}  // namespace cryobank::inventory
