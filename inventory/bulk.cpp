#include "inventory/bulk.hpp"

#include <algorithm>

#include "inventory/allocation.hpp"
#include "inventory/csv.hpp"
#include "inventory/decide.hpp"
#include "service/base/text.hpp"

namespace cryobank::inventory {
namespace {

enum Column : std::size_t {
  aliquot_column,
  code_column,
  course_column,
  patient_column,
  lot_column,
  dose_column,
  fraction_column,
  state_column,
  path_column,
  position_column,
  expires_column,
  column_count
};

// What comes in by bulk is stock on the shelf or still to come; later states are earned step by
// step.
bool may_import(AliquotState state) {
  switch (state) {
    case AliquotState::expected:
    case AliquotState::quarantined:
    case AliquotState::conditionally_released:
    case AliquotState::released:
    case AliquotState::rejected:
      return true;
    case AliquotState::reserved:
    case AliquotState::in_transit:
    case AliquotState::thawed:
    case AliquotState::in_culture:
    case AliquotState::issued:
    case AliquotState::used:
    case AliquotState::returned:
    case AliquotState::disposed:
    case AliquotState::lost:
      return false;
  }
  CHECK(false);
}

Result<Spot> read_spot(const View& view, const std::string& path, const std::string& position) {
  const std::size_t slash = path.rfind('/');
  const auto id = PlaceId::parse(slash == std::string::npos ? path : path.substr(slash + 1));
  if (!id) return id.error();
  const Place* place = view.place(*id);
  if (place == nullptr || view.path_of(*id) != path) {
    return make_error(ErrorCode::not_found, cat("no place ", clip(path, 200)));
  }
  const PlaceType& type = view.type_of(*place);
  if (!type.may_hold("aliquot")) {
    return make_error(ErrorCode::conflict, cat("place ", id->str(), " holds no aliquots"));
  }
  if (!type.has_positions() && position.empty()) return Spot{*id, kNoPosition};
  const auto number = type.position_of(position);
  if (!number) return number.error();
  return Spot{*id, *number};
}

Result<WallTime> read_expiry(const std::vector<std::string>& fields) {
  if (fields.size() <= expires_column || fields[expires_column].empty()) return WallTime{};
  return parse_utc(fields[expires_column]);
}

Result<BulkLine> read_line(const View& view, const CsvRow& row, std::size_t columns) {
  if (row.fields.size() != columns) {
    return make_error(ErrorCode::malformed,
                      cat("expected ", columns, " fields, came ", row.fields.size()));
  }
  const auto& fields = row.fields;
  BulkLine line;
  line.line = row.line;
  const auto aliquot = AliquotId::parse(fields[aliquot_column]);
  if (!aliquot) return aliquot.error();
  const auto course = CourseId::parse(fields[course_column]);
  if (!course) return course.error();
  const auto patient = PatientId::parse(fields[patient_column]);
  if (!patient) return patient.error();
  const auto dose = DoseId::parse(fields[dose_column]);
  if (!dose) return dose.error();
  const auto fraction = Fraction::parse(fields[fraction_column]);
  if (!fraction) return fraction.error();
  const auto state = parse_aliquot_state(fields[state_column]);
  if (!state) return state.error();
  if (!fields[lot_column].empty()) {
    const auto lot = LotId::parse(fields[lot_column]);
    if (!lot) return lot.error();
    line.lot = *lot;
  }
  if (!is_code_text(fields[code_column])) {
    return make_error(ErrorCode::malformed,
                      cat("expected a code, came \"", clip(fields[code_column], 80), "\""));
  }
  const auto spot = read_spot(view, fields[path_column], fields[position_column]);
  if (!spot) return spot.error();
  const auto expires = read_expiry(fields);
  if (!expires) return expires.error();
  line.expires_at = *expires;
  line.aliquot = *aliquot;
  line.code = fields[code_column];
  line.course = *course;
  line.patient = *patient;
  line.dose = *dose;
  line.fraction = *fraction;
  line.state = *state;
  line.spot = *spot;
  return line;
}

// Checks one line after the other, with what the lines before it claimed.
class Checker {
 public:
  Checker(const View& view, const std::vector<BulkLine>& lines) : view_(view) {
    for (const BulkLine& line : lines) targets_[line.aliquot] = line.spot;
  }

  Status check(const BulkLine& line) {
    if (!aliquots_.insert(line.aliquot).second) {
      return make_error(ErrorCode::duplicate, cat("aliquot ", line.aliquot.str(), " comes twice"));
    }
    if (!codes_.insert(line.code).second) {
      return make_error(ErrorCode::duplicate, cat("code ", line.code, " comes twice"));
    }
    const auto identity = check_identity(line);
    if (!identity) return identity;
    const auto course = check_course(line);
    if (!course) return course;
    return check_spot(line);
  }

 private:
  Status check_identity(const BulkLine& line) const {
    const auto known = view_.aliquot(line.aliquot);
    const auto other = view_.aliquot_by_code(line.code);
    if (other && other->id != line.aliquot) {
      return make_error(ErrorCode::already_exists,
                        cat("code ", line.code, " belongs to aliquot ", other->id.str()));
    }
    if (!known) {
      const bool expected = line.state == AliquotState::expected;
      if (expected && line.spot.place.str() != kExpectedPlace) {
        return make_error(
            ErrorCode::invalid_value,
            cat("an expected aliquot is not received yet: expected the path ", kExpectedPlace));
      }
      if (may_import(line.state)) return {};
      return make_error(ErrorCode::invalid_value,
                        cat("a new aliquot cannot begin as ", name_of(line.state)));
    }
    if (known->code != line.code || known->course != line.course) {
      return make_error(ErrorCode::mismatch,
                        cat("aliquot ", line.aliquot.str(), " has code ", known->code,
                            " and belongs to course ", known->course.str(), " for ever"));
    }
    if (line.expires_at.ms != 0 && known->expires_at != line.expires_at) {
      return make_error(ErrorCode::mismatch,
                        cat("aliquot ", line.aliquot.str(), " expires at ",
                            known->expires_at.ms == 0 ? "no time" : format_utc(known->expires_at)));
    }
    return check_known(*known, line);
  }

  // A list tells where known aliquots are, and receives what was expected. It releases, disposes of
  // and finds nothing: those have commands and checks of their own.
  Status check_known(const Aliquot& known, const BulkLine& line) const {
    const bool received = known.state == AliquotState::expected && may_import(line.state) &&
                          may_become(known.state, line.state) == Allowed::yes;
    if (known.state != line.state && !received) {
      return make_error(ErrorCode::conflict,
                        cat("aliquot ", line.aliquot.str(), " is ", name_of(known.state),
                            ": a list cannot make it ", name_of(line.state)));
    }
    if (known.spot == line.spot) return {};
    const auto apart = check_not_in_job(view_, known);
    if (!apart) return apart;
    return check_may_lie(view_, known, line.spot.place);
  }

  Status check_course(const BulkLine& line) {
    const Course* known = view_.course(line.course);
    const auto [first, fresh] = courses_.try_emplace(line.course, &line);
    const PatientId& patient = known != nullptr ? known->patient : first->second->patient;
    const LotId& lot = known != nullptr ? known->lot : first->second->lot;
    if (patient != line.patient || lot != line.lot) {
      return make_error(ErrorCode::mismatch, cat("course ", line.course.str(), " has patient ",
                                                 patient.str(), " and lot ", lot.str()));
    }
    const Dose* dose = known == nullptr ? nullptr : known->find(line.dose);
    if (known != nullptr && (dose == nullptr || !view_.aliquot(line.aliquot))) {
      return make_error(ErrorCode::unsupported,
                        cat("course ", line.course.str(), " stands already and takes no new ",
                            dose == nullptr ? "dose " : "aliquot ",
                            dose == nullptr ? line.dose.str() : line.aliquot.str()));
    }
    const auto [share, new_dose] = fractions_.try_emplace({line.course, line.dose}, line.fraction);
    const Fraction& fraction = dose != nullptr ? dose->fraction : share->second;
    if (fraction == line.fraction) return {};
    return make_error(ErrorCode::mismatch, cat("dose ", line.dose.str(), " is ", fraction.str(),
                                               " of its course, came ", line.fraction.str()));
  }

  Status check_spot(const BulkLine& line) {
    if (line.spot.position == kNoPosition) return {};
    if (!spots_.insert(line.spot).second) {
      return make_error(ErrorCode::slot_taken,
                        cat(view_.name_of(line.spot), " is taken by another line"));
    }
    const AliquotId there = view_.occupant(line.spot);
    if (there == line.aliquot) return {};
    const auto leaves = targets_.find(there);
    if (!there.empty() && leaves != targets_.end() && leaves->second != line.spot) return {};
    if (is_free(view_, *view_.place(line.spot.place), line.spot.position)) return {};
    return make_error(ErrorCode::slot_taken, cat(view_.name_of(line.spot), " is not free"));
  }

  const View& view_;
  std::map<AliquotId, Spot> targets_;
  std::set<AliquotId> aliquots_;
  std::set<std::string> codes_;
  std::set<Spot> spots_;
  std::map<CourseId, const BulkLine*> courses_;
  std::map<std::pair<CourseId, DoseId>, Fraction> fractions_;
};

bool is_second_course(const View& view, const BulkLine& line) {
  const auto known = view.aliquot(line.aliquot);
  const auto coded = view.aliquot_by_code(line.code);
  return (known && known->course != line.course) || (coded && coded->course != line.course);
}

}  // namespace

std::string export_csv(const View& view, const PlaceId& scope) {
  std::string out;
  append_csv(out, {std::begin(kBulkColumns), std::end(kBulkColumns)});
  const AliquotTable& table = view.base().aliquots;
  std::map<PlaceId, std::string> paths;
  for (const auto slot : table.by_id()) {
    const auto aliquot = view.aliquot(AliquotId(std::string(table.id(slot))));
    if (!scope.empty() && !view.lies_in(aliquot->spot.place, scope)) continue;
    const Course& course = *view.course(aliquot->course);
    const Dose& dose = course.dose(aliquot->dose);
    std::string& path = paths[aliquot->spot.place];
    if (path.empty()) path = view.path_of(aliquot->spot.place);
    append_csv(out, {aliquot->id.str(), aliquot->code, course.id.str(), course.patient.str(),
                     course.lot.str(), dose.id.str(), dose.fraction.str(),
                     std::string(name_of(aliquot->state)), path, view.label_of(aliquot->spot),
                     aliquot->expires_at.ms == 0 ? "" : format_utc(aliquot->expires_at)});
  }
  return out;
}

Result<Bulk> read_bulk(const View& view, std::string_view csv) {
  const auto rows = parse_csv(csv, ',');
  if (!rows) return rows.error();
  const std::vector<std::string> header(std::begin(kBulkColumns), std::end(kBulkColumns));
  const std::vector<std::string> shorter(std::begin(kBulkColumns), std::end(kBulkColumns) - 1);
  if (rows->empty() || (rows->front().fields != header && rows->front().fields != shorter)) {
    std::string wanted;
    append_csv(wanted, header);
    return make_error(ErrorCode::malformed, cat("line 1: expected the header ", trim(wanted)));
  }
  Bulk bulk;
  for (std::size_t i = 1; i < rows->size(); ++i) {
    auto line = read_line(view, (*rows)[i], rows->front().fields.size());
    if (line) {
      bulk.lines.push_back(std::move(*line));
    } else {
      bulk.bad.push_back({(*rows)[i].line, line.error().context});
    }
  }
  Checker checker(view, bulk.lines);
  for (const BulkLine& line : bulk.lines) {
    const auto checked = checker.check(line);
    if (checked) continue;
    bulk.bad.push_back({line.line, checked.error().context});
    if (!bulk.second_course && is_second_course(view, line)) bulk.second_course = line;
  }
  std::sort(bulk.bad.begin(), bulk.bad.end(),
            [](const BadLine& a, const BadLine& b) { return a.line < b.line; });
  return bulk;
}

}  // namespace cryobank::inventory
