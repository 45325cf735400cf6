#include "inventory/ledger/course.hpp"

#include <utility>

#include "base/row_reader.hpp"
#include "base/text.hpp"
#include "base/try.hpp"
#include "inventory/ledger/row_codec.hpp"

namespace cryobank::inventory {
namespace {

constexpr std::size_t kTypicalDose = 72;  // spares the growing of a string; no bound

void write_count(RowWriter& row, std::string_view key, const CellCount& count) {
  if (count == CellCount{}) return;
  row.json(key,
           Json::object().set("cells", count.cells).set("viable_percent", count.viable_percent));
}

Result<CellCount> decode_count(std::string_view key, const Json& row) {
  RowReader in(key, row);
  return in.whole(CellCount{in.milli("cells"), in.milli("viable_percent")});
}

void write_dose(std::string& out, const Dose& dose) {
  RowWriter row(out);
  row.text_unless_empty("blocked", dose.blocked).text("dose", dose.id.str());
  row.time("dropped_harvest", dose.dropped.harvest).time("dropped_infusion", dose.dropped.infusion);
  row.time("dropped_thaw", dose.dropped.thaw);
  row.text("fraction", dose.fraction.str()).time("harvest_from", dose.harvest_from);
  row.time("harvest_until", dose.harvest_until).time("harvested_at", dose.harvested_at);
  write_count(row, "harvested_count", dose.harvested);
  if (dose.infused.numerator() != 0) row.text("infused", dose.infused.str());
  row.time("infused_at", dose.infused_at).time("infusion_at", dose.infusion_at);
  row.time("issued_at", dose.issued_at).text_unless_empty("job", dose.job.str());
  row.text_unless_empty("lost_to", dose.lost_to).time("reculture_at", dose.reculture_at);
  row.text_unless_empty("recultured_by", dose.recultured_by.str());
  row.text("state", name_of(dose.state));
  row.time("thaw_at", dose.thaw_at).time("thawed_at", dose.thawed_at);
  write_count(row, "thawed_count", dose.thawed);
  row.end();
}

Result<Dose> decode_dose(std::string_view key, const Json& row) {
  RowReader in(key, row);
  Dose dose;
  dose.id = in.id<DoseId>("dose");
  dose.fraction = in.word("fraction", Fraction::parse);
  if (in.has("infused")) dose.infused = in.word("infused", Fraction::parse);
  dose.state = in.word("state", parse_dose_state);
  dose.thaw_at = in.maybe_time("thaw_at");
  dose.harvest_from = in.maybe_time("harvest_from");
  dose.harvest_until = in.maybe_time("harvest_until");
  dose.infusion_at = in.maybe_time("infusion_at");
  dose.dropped.thaw = in.maybe_time("dropped_thaw");
  dose.dropped.harvest = in.maybe_time("dropped_harvest");
  dose.dropped.infusion = in.maybe_time("dropped_infusion");
  dose.thawed_at = in.maybe_time("thawed_at");
  dose.reculture_at = in.maybe_time("reculture_at");
  dose.harvested_at = in.maybe_time("harvested_at");
  dose.issued_at = in.maybe_time("issued_at");
  dose.infused_at = in.maybe_time("infused_at");
  for (const auto& [name, count] :
       {std::pair("thawed_count", &dose.thawed), std::pair("harvested_count", &dose.harvested)}) {
    const Json* counted = in.maybe_object(name);
    if (counted == nullptr) continue;
    TRY_ASSIGN(const auto read, decode_count(key, *counted));
    *count = read;
  }
  dose.job = in.maybe_id<JobId>("job");
  dose.recultured_by = in.maybe_id<UserId>("recultured_by");
  dose.lost_to = in.maybe_text("lost_to");
  dose.blocked = in.maybe_text("blocked");
  return in.whole(std::move(dose));
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

Course read_course(RowReader& in) {
  Course course;
  course.id = in.id<CourseId>("course");
  course.patient = in.id<PatientId>("patient");
  course.protocol = in.maybe_id<ProtocolId>("protocol");
  course.protocol_version =
      static_cast<int>(in.maybe_number("protocol_version", 1, 0, RowReader::kIntMax));
  course.lot = in.maybe_id<LotId>("lot");
  course.donation = in.maybe_text("donation");
  course.identity = in.maybe_text("identity");
  course.sec = in.maybe_text("sec");
  return course;
}

Result<Course> decode_course(std::string_view key, const Json& row) {
  RowReader in(key, row);
  Course course = read_course(in);
  course.registered_at = in.maybe_time("registered_at");
  course.revision = in.number("revision");
  for (const Json& item : in.list("doses")) {
    TRY_ASSIGN(auto dose, decode_dose(key, item));
    dose.number = static_cast<int>(course.doses.size()) + 1;
    course.doses.push_back(std::move(dose));
  }
  return in.whole(std::move(course));
}

}  // namespace cryobank::inventory
