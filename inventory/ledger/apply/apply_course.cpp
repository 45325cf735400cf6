// Facts about courses and about aliquots that people put somewhere.
#include <algorithm>

#include "base/text.hpp"
#include "base/try.hpp"
#include "inventory/ledger/apply/apply.hpp"
#include "inventory/ledger/row_codec.hpp"

namespace cryobank::inventory {
namespace {

constexpr int kThawsMax = UINT8_MAX;

Result<Aliquot> read_aliquot(const Json& item) {
  RowReader in("an aliquot of fact course-registered", item);
  Aliquot aliquot;
  aliquot.id = in.id<AliquotId>("aliquot");
  aliquot.code = in.text("code");
  if (in.ok() && !is_code_text(aliquot.code)) in.refuse("code", "a code");
  aliquot.expires_at = in.maybe_time("expires");
  aliquot.thaws = static_cast<std::uint8_t>(in.maybe_number("thaws", 0, 0, kThawsMax));
  return in.all_of(std::move(aliquot));
}

Status add_aliquots(Edit& edit, const CourseId& course, int dose, const Json::Array& items,
                    WallTime at) {
  for (const Json& item : items) {
    TRY_ASSIGN(auto aliquot, read_aliquot(item));
    aliquot.course = course;
    aliquot.dose = dose;
    aliquot.spot.place = PlaceId(std::string(kExpectedPlace));
    aliquot.since = at;
    TRY(edit.add(aliquot));
  }
  return {};
}

Result<Dose> read_dose(const Json& item, int number) {
  RowReader in("a dose of fact course-registered", item);
  Dose dose;
  dose.number = number;
  dose.id = in.id<DoseId>("dose");
  dose.fraction = in.word("fraction", Fraction::parse);
  for (const Json& aliquot : in.list("aliquots")) {
    RowReader one("an aliquot of fact course-registered", aliquot);
    dose.aliquots.push_back(one.id<AliquotId>("aliquot"));
    if (!one.ok()) return one.status().error();
  }
  std::sort(dose.aliquots.begin(), dose.aliquots.end());
  return in.all_of(std::move(dose));
}

Status course_registered(Edit& edit, RowReader& in) {
  Course course = read_course(in);
  course.registered_at = in.maybe_time("at");
  const Json::Array& doses = in.list("doses");
  if (!in.ok()) return in.status();
  if (edit.view().course(course.id) != nullptr) {
    return make_error(ErrorCode::already_exists, cat("course ", course.id.str(), " exists"));
  }
  for (const Json& item : doses) {
    TRY_ASSIGN(auto dose, read_dose(item, static_cast<int>(course.doses.size()) + 1));
    course.doses.push_back(std::move(dose));
  }
  const CourseId id = course.id;
  const WallTime at = course.registered_at;
  edit.put(std::move(course));
  int number = 0;
  for (const Json& item : doses) {
    TRY(add_aliquots(edit, id, ++number, item["aliquots"].items(), at));
  }
  return {};
}

Status course_released(Edit& edit, RowReader& in) {
  const AliquotState to = in.word("to", parse_aliquot_state);
  const auto aliquots = in.ids<AliquotId>("aliquots");
  if (!in.ok()) return in.status();
  for (const AliquotId& id : aliquots) {
    TRY(edit.become(id, to));
  }
  const auto course = in.id<CourseId>("course");
  if (edit.change(course) != nullptr) return {};
  return make_error(ErrorCode::not_found, cat("no course ", course.str()));
}

Status course_protocol_set(Edit& edit, RowReader& in) {
  const auto id = in.id<CourseId>("course");
  auto protocol = in.id<ProtocolId>("protocol");
  const auto version = static_cast<int>(in.number("protocol_version", 1, RowReader::kIntMax));
  if (!in.ok()) return in.status();
  Course* course = edit.change(id);
  if (course == nullptr) return make_error(ErrorCode::not_found, cat("no course ", id.str()));
  course->protocol = std::move(protocol);
  course->protocol_version = version;
  return {};
}

constexpr Applier kCourseAppliers[] = {
    {fact::kCourseProtocolSet, course_protocol_set},
    {fact::kCourseRegistered, course_registered},
    {fact::kCourseReleased, course_released},
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

Spot spot_at(RowReader& in) {
  return {in.id<PlaceId>("place"),
          static_cast<int>(in.maybe_number("at", kNoPosition, 0, kPositionsMax))};
}

}  // namespace cryobank::inventory
