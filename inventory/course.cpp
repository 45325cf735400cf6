#include "inventory/course.hpp"

#include "inventory/row_codec.hpp"
#include "service/base/text.hpp"

namespace cryobank::inventory {
namespace {

void put_count(Json& row, std::string_view key, const CellCount& count) {
  if (count == CellCount{}) return;
  row.set(key,
          Json::object().set("cells", count.cells).set("viable_percent", count.viable_percent));
}

CellCount decode_count(const Json& row) {
  CellCount count;
  if (row["cells"].is_number()) count.cells = row["cells"].milli();
  if (row["viable_percent"].is_number()) count.viable_percent = row["viable_percent"].milli();
  return count;
}

Json encode_dose(const Dose& dose) {
  Json row = Json::object();
  row.set("dose", dose.id.str());
  row.set("fraction", dose.fraction.str());
  row.set("state", name_of(dose.state));
  if (dose.infused.numerator() != 0) row.set("infused", dose.infused.str());
  put_time(row, "thaw_at", dose.thaw_at);
  put_time(row, "harvest_from", dose.harvest_from);
  put_time(row, "harvest_until", dose.harvest_until);
  put_time(row, "infusion_at", dose.infusion_at);
  put_time(row, "thawed_at", dose.thawed_at);
  put_time(row, "reculture_at", dose.reculture_at);
  put_time(row, "harvested_at", dose.harvested_at);
  put_time(row, "issued_at", dose.issued_at);
  put_time(row, "infused_at", dose.infused_at);
  put_count(row, "thawed_count", dose.thawed);
  put_count(row, "harvested_count", dose.harvested);
  put_text(row, "job", dose.job.str());
  put_text(row, "blocked", dose.blocked);
  return row;
}

Result<Dose> decode_dose(const Json& row) {
  Dose dose;
  dose.id = id_at<DoseId>(row, "dose");
  if (dose.id.empty()) return make_error(ErrorCode::corrupt, "expected the id of a dose");
  const auto fraction = Fraction::parse(row.string_or("fraction", ""));
  if (!fraction) return fraction.error();
  dose.fraction = *fraction;
  const auto infused = Fraction::parse(row.string_or("infused", "0"));
  if (!infused) return infused.error();
  dose.infused = *infused;
  const auto state = parse_dose_state(row.string_or("state", ""));
  if (!state) return state.error();
  dose.state = *state;
  dose.thaw_at = time_at(row, "thaw_at");
  dose.harvest_from = time_at(row, "harvest_from");
  dose.harvest_until = time_at(row, "harvest_until");
  dose.infusion_at = time_at(row, "infusion_at");
  dose.thawed_at = time_at(row, "thawed_at");
  dose.reculture_at = time_at(row, "reculture_at");
  dose.harvested_at = time_at(row, "harvested_at");
  dose.issued_at = time_at(row, "issued_at");
  dose.infused_at = time_at(row, "infused_at");
  dose.thawed = decode_count(row["thawed_count"]);
  dose.harvested = decode_count(row["harvested_count"]);
  dose.job = id_at<JobId>(row, "job");
  dose.blocked = row.string_or("blocked", "");
  return dose;
}

}  // namespace

Dose* Course::find(const DoseId& wanted) {
  for (Dose& dose : doses) {
    if (dose.id == wanted) return &dose;
  }
  return nullptr;
}

const Dose* Course::find(const DoseId& wanted) const {
  for (const Dose& dose : doses) {
    if (dose.id == wanted) return &dose;
  }
  return nullptr;
}

std::string row_key(const CourseId& course) { return cat("r/course/", course.str()); }

std::string encode(const Course& course) {
  Json row = Json::object();
  row.set("course", course.id.str());
  row.set("patient", course.patient.str());
  put_text(row, "protocol", course.protocol.str());
  put_number(row, "protocol_version", course.protocol_version, 1);
  put_text(row, "lot", course.lot.str());
  put_text(row, "donation", course.donation);
  put_text(row, "identity", course.identity);
  put_text(row, "sec", course.sec);
  put_time(row, "registered_at", course.registered_at);
  row.set("revision", course.revision);
  Json doses = Json::array();
  for (const Dose& dose : course.doses) doses.push(encode_dose(dose));
  row.set("doses", std::move(doses));
  return row.dump();
}

Result<Course> decode_course(std::string_view key, const Json& row) {
  Course course;
  course.id = id_at<CourseId>(row, "course");
  course.patient = id_at<PatientId>(row, "patient");
  if (course.id.empty() || course.patient.empty() || !row["doses"].is_array()) {
    return corrupt_row(key, "expected a course with patient and doses");
  }
  course.protocol = id_at<ProtocolId>(row, "protocol");
  course.protocol_version = static_cast<int>(row.integer_or("protocol_version", 1));
  course.lot = id_at<LotId>(row, "lot");
  course.donation = row.string_or("donation", "");
  course.identity = row.string_or("identity", "");
  course.sec = row.string_or("sec", "");
  course.registered_at = time_at(row, "registered_at");
  course.revision = row.integer_or("revision", 0);
  for (const Json& item : row["doses"].items()) {
    auto dose = decode_dose(item);
    if (!dose) return corrupt_row(key, dose.error().context);
    dose->number = static_cast<int>(course.doses.size()) + 1;
    course.doses.push_back(std::move(*dose));
  }
  return course;
}

}  // namespace cryobank::inventory
