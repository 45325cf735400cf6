#include "inventory/commands/list/bulk.hpp"

#include <algorithm>
#include <tuple>

#include "base/text.hpp"
#include "base/try.hpp"
#include "inventory/commands/decide.hpp"
#include "inventory/commands/gate/intake.hpp"
#include "inventory/commands/gate/pinned_protocol.hpp"
#include "inventory/commands/hand_over.hpp"
#include "inventory/commands/list/bulk_lines.hpp"
#include "inventory/commands/list/csv.hpp"
#include "inventory/commands/list/list_forms.hpp"
#include "inventory/ledger/allocation.hpp"

namespace cryobank::inventory {
namespace {

// Checks one line after the other, with what the lines before it claimed. The lines must outlive
// it.
class Checker {
 public:
  Checker(const View& view, std::vector<BulkLine>& lines) : view_(view) {
    for (BulkLine& line : lines) {
      line.known = view.exists(line.aliquot);
      if (line.known) targets_[line.aliquot] = line.spot;
    }
  }

  Status check(BulkLine& line) {
    if (!aliquots_.insert(line.aliquot.str()).second) {
      return make_error(ErrorCode::duplicate, cat("aliquot ", line.aliquot.str(), " comes twice"));
    }
    if (!codes_.insert(line.code).second) {
      return make_error(ErrorCode::duplicate, cat("code ", line.code, " comes twice"));
    }
    TRY(check_identity(line));
    TRY(check_course(line));
    TRY(check_labels(line));
    return check_spot(line);
  }

 private:
  // What the lines say of one course.
  struct Claim {
    const BulkLine* first = nullptr;
    const Course* known = nullptr;
    CourseShape shape;  // of a new course
    struct Share {
      const BulkLine* first = nullptr;
      std::size_t aliquots = 0;
    };
    std::map<std::string_view, Share> doses;
  };

  Status check_identity(BulkLine& line) const {
    const AliquotId owner = view_.owner_of_code(line.code);
    if (!owner.empty() && owner != line.aliquot) {
      return make_error(ErrorCode::already_exists,
                        cat("code ", line.code, " belongs to aliquot ", owner.str()));
    }
    if (!line.known) return check_first(line);
    const auto known = view_.aliquot(line.aliquot);
    line.moves = known->spot != line.spot;
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
    if (line.thaws && known->thaws != *line.thaws) {
      return make_error(ErrorCode::mismatch,
                        cat("aliquot ", line.aliquot.str(), " was thawed ", int{known->thaws},
                            " times, came ", int{*line.thaws}));
    }
    return check_known(*known, line);
  }

  Status check_first(const BulkLine& line) const {
    const Status state = check_first_state(view_, line.lot, line.state);
    // Stock of which nobody knows the place exists, and is better told than left out.
    const bool unknown = !line.known && line.spot.place.str() == kUnknownPlace;
    if (!state || (unknown && line.state != AliquotState::expected)) return state;
    return check_first_place(view_, line.state, line.spot.place);
  }

  // A list tells where known aliquots are, and receives what was expected. It releases, disposes of
  // and finds nothing: those have commands and checks of their own.
  Status check_known(const Aliquot& known, const BulkLine& line) const {
    const bool received = known.state == AliquotState::expected && line.state != known.state &&
                          may_become(known.state, line.state) == Allowed::yes;
    if (received) return check_first(line);
    if (known.state != line.state) {
      return make_error(ErrorCode::conflict,
                        cat("aliquot ", line.aliquot.str(), " is ", name_of(known.state),
                            ": a list cannot make it ", name_of(line.state)));
    }
    if (known.spot == line.spot) return {};
    TRY(check_not_in_job(view_, known));
    TRY(check_first_place(view_, known.state, line.spot.place));
    return check_may_lie(view_, known, line.spot.place);
  }

  Claim& claim_of(const BulkLine& line) {
    if (last_ != courses_.end() && last_->first == line.course.str()) return last_->second;
    bool fresh = false;
    std::tie(last_, fresh) = courses_.try_emplace(line.course.str());
    if (fresh) last_->second = {&line, view_.course(line.course), {}, {}};
    return last_->second;
  }

  // A code of this list is the label of none of its doses.
  Status check_labels(const BulkLine& line) const {
    if (line.known) return {};
    const std::string label = dose_code(line.course, line.dose);
    TRY(check_no_vials_code(view_, label, "the label of a dose"));
    const std::size_t slash = line.code.find('/');
    const auto course = courses_.find(std::string_view(line.code).substr(0, slash));
    const bool labels_dose = slash != std::string::npos && course != courses_.end() &&
                             course->second.doses.contains(line.code.substr(slash + 1));
    if (!labels_dose && !codes_.contains(label)) return {};
    return make_error(ErrorCode::already_exists,
                      cat(labels_dose ? line.code : label,
                          " is the code of a vial and the label of a dose in this list"));
  }

  // All lines of a course say the same; what is pinned already is not pinned anew.
  Status check_protocol(const BulkLine& first, const Course* known, const BulkLine& line) const {
    const auto said = [](const BulkLine& one) {
      return one.protocol.empty()
                 ? std::string("no protocol")
                 : cat("protocol ", one.protocol.str(),
                       one.protocol_version == 0 ? "" : cat(" version ", one.protocol_version));
    };
    if (first.protocol != line.protocol || first.protocol_version != line.protocol_version) {
      return make_error(ErrorCode::mismatch, cat("course ", line.course.str(), " has ", said(first),
                                                 " in line ", first.line, ", came ", said(line)));
    }
    if (line.protocol.empty()) return {};
    if (known != nullptr && !known->protocol.empty()) {
      const bool same =
          known->protocol == line.protocol &&
          (line.protocol_version == 0 || known->protocol_version == line.protocol_version);
      return same ? Status() : pinned_already(*known);
    }
    TRY_ASSIGN(const auto protocol,
               find_protocol(view_.site(), line.protocol, line.protocol_version));
    return check_share(*protocol, line.dose, line.fraction);
  }

  Status check_course(const BulkLine& line) {
    Claim& claim = claim_of(line);
    const Course* known = claim.known;
    const PatientId& patient = known != nullptr ? known->patient : claim.first->patient;
    const LotId& lot = known != nullptr ? known->lot : claim.first->lot;
    if (patient != line.patient || lot != line.lot) {
      return make_error(ErrorCode::mismatch, cat("course ", line.course.str(), " has patient ",
                                                 patient.str(), " and lot ", lot.str()));
    }
    TRY(check_protocol(*claim.first, known, line));
    const Dose* dose = known == nullptr ? nullptr : known->find(line.dose);
    if (known != nullptr && (dose == nullptr || !line.known)) {
      return make_error(ErrorCode::unsupported,
                        cat("course ", line.course.str(), " stands already and takes no new ",
                            dose == nullptr ? "dose " : "aliquot ",
                            dose == nullptr ? line.dose.str() : line.aliquot.str()));
    }
    auto& share = claim.doses[line.dose.str()];
    if (known == nullptr && share.first == nullptr) {
      TRY(claim.shape.add_dose(line.fraction));
    }
    if (share.first == nullptr) share.first = &line;
    const Status room = CourseShape::add_aliquot(share.aliquots++);
    if (known == nullptr && !room) return room;
    const Fraction& fraction = dose != nullptr ? dose->fraction : share.first->fraction;
    if (fraction == line.fraction) return {};
    return make_error(ErrorCode::mismatch, cat("dose ", line.dose.str(), " is ", fraction.str(),
                                               " of its course, came ", line.fraction.str()));
  }

  Status check_spot(const BulkLine& line) {
    if (line.spot.position == kNoPosition) return {};
    if (!spots_.insert({line.spot.place.str(), line.spot.position}).second) {
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

  using Claims = std::map<std::string_view, Claim>;

  const View& view_;
  std::map<AliquotId, Spot> targets_;  // of known aliquots
  std::set<std::string_view> aliquots_;
  std::set<std::string_view> codes_;
  std::set<std::pair<std::string_view, int>> spots_;
  Claims courses_;
  Claims::iterator last_ = courses_.end();
};

bool is_second_course(const View& view, const BulkLine& line) {
  const auto known = view.aliquot(line.aliquot);
  const auto coded = view.aliquot_by_code(line.code);
  return (known && known->course != line.course) || (coded && coded->course != line.course);
}

}  // namespace

Exported export_csv(const View& view, const PlaceId& scope, const AliquotId& after,
                    std::size_t size_max) {
  Exported out;
  append_csv(out.csv, {std::begin(kBulkColumns), std::end(kBulkColumns)});
  const AliquotTable& table = view.base().aliquots;
  std::map<PlaceId, std::string> paths;
  for (const auto slot : table.by_id()) {
    if (!after.empty() && table.id(slot) <= std::string_view(after.str())) continue;
    const auto aliquot = view.aliquot(AliquotId(std::string(table.id(slot))));
    if (!scope.empty() && !view.lies_in(aliquot->spot.place, scope)) continue;
    const Course& course = *view.course(aliquot->course);
    const Dose& dose = course.dose(aliquot->dose);
    std::string& path = paths[aliquot->spot.place];
    if (path.empty()) path = view.path_of(aliquot->spot.place);
    std::string line;
    append_csv(line, {aliquot->id.str(), aliquot->code, course.id.str(), course.patient.str(),
                      course.lot.str(), dose.id.str(), dose.fraction.str(),
                      std::string(name_of(aliquot->state)), path, view.label_of(aliquot->spot),
                      aliquot->expires_at.ms == 0 ? "" : format_utc(aliquot->expires_at),
                      cat(int{aliquot->thaws}), course.protocol.str(),
                      course.protocol.empty() ? "" : cat(course.protocol_version)});
    out.more = out.csv.size() + line.size() > size_max;
    if (out.more) return out;
    out.csv += line;
    out.last = aliquot->id;
    ++out.lines;
  }
  return out;
}

Result<Bulk> read_bulk(const View& view, std::string_view csv, const config::ListMapping* mapping) {
  TRY_ASSIGN(auto reader, CsvReader::open(csv, guess_separator(csv)));
  auto row = reader.next();
  TRY(row);
  TRY_ASSIGN(auto lines, BulkReader::open(view, **row, mapping));
  Bulk bulk;
  for (row = reader.next(); row && !(*row)->empty(); row = reader.next()) {
    // Spreadsheets end a sheet with rows of separators alone.
    if (std::ranges::all_of(**row, [](std::string_view text) { return trim(text).empty(); })) {
      continue;
    }
    if (bulk.lines.size() + bulk.bad.size() >= kBulkLinesMax) {
      return make_error(ErrorCode::too_large,
                        cat("expected at most ", kBulkLinesMax, " lines in one list, line ",
                            reader.line(), " is one more: cut it at the end of a course"));
    }
    BulkLine line;
    line.line = reader.line();
    const auto read = lines.read(**row, line);
    if (read) {
      bulk.lines.push_back(std::move(line));
    } else {
      bulk.bad.push_back({line.line, read.error().context});
    }
  }
  TRY(row);
  if (bulk.lines.empty() && bulk.bad.empty()) {
    return make_error(ErrorCode::malformed, "expected lines after the header, came none");
  }
  Checker checker(view, bulk.lines);
  for (BulkLine& line : bulk.lines) {
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
