#include "inventory/ledger/course.hpp"

#include "base/text.hpp"
#include "inventory/ledger/row_codec.hpp"

namespace cryobank::inventory {
namespace {

constexpr std::size_t kTypicalDose = 72;  // spares the growing of a string; no bound

void write_count(RowWriter& row, std::string_view key, const CellCount& count) {
  if (count == CellCount{}) return;
  row.json(key,
           Json::object().set("cells", count.cells).set("viable_percent", count.viable_percent));
}

CellCount decode_count(const Json& row) {
  CellCount count;
  if (row["cells"].is_number()) count.cells = row["cells"].milli();
  if (row["viable_percent"].is_number()) count.viable_percent = row["viable_percent"].milli();
  return count;
}

void write_dose(std::string& out, const Dose& dose) {
  RowWriter row(out);
  row.text_unless_empty("blocked", dose.blocked).text("dose", dose.id.str());
  row.text("fraction", dose.fraction.str()).time("harvest_from", dose.harvest_from);
  row.time("harvest_until", dose.harvest_until).time("harvested_at", dose.harvested_at);
  write_count(row, "harvested_count", dose.harvested);
  if (dose.infused.numerator() != 0) row.text("infused", dose.infused.str());
  row.time("infused_at", dose.infused_at).time("infusion_at", dose.infusion_at);
  row.time("issued_at", dose.issued_at).text_unless_empty("job", dose.job.str());
  row.time("reculture_at", dose.reculture_at).text("state", name_of(dose.state));
  row.time("thaw_at", dose.thaw_at).time("thawed_at", dose.thawed_at);
  write_count(row, "thawed_count", dose.thawed);
  row.end();
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
  std::string out;
  out.reserve((course.doses.size() + 3) * kTypicalDose);
  RowWriter row(out);
  row.text("course", course.id.str()).text_unless_empty("donation", course.donation);
  row.key("doses");
  out += '[';
  for (const Dose& dose : course.doses) {
    if (&dose != &course.doses.front()) out += ',';
    write_dose(out, dose);
  }
  out += ']';
  row.text_unless_empty("identity", course.identity);
  row.text_unless_empty("lot", course.lot.str()).text("patient", course.patient.str());
  row.text_unless_empty("protocol", course.protocol.str());
  row.number_unless("protocol_version", course.protocol_version, 1);
  row.time("registered_at", course.registered_at).number("revision", course.revision);
  row.text_unless_empty("sec", course.sec).end();
  return out;
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
