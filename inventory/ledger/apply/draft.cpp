#include <algorithm>
#include <set>
#include <utility>

#include "base/text.hpp"
#include "inventory/ledger/apply/apply.hpp"
#include "inventory/ledger/apply/trial.hpp"
#include "inventory/ledger/job_row.hpp"

namespace cryobank::inventory {
namespace {

const Applier* find_applier(std::string_view type) {
  for (const auto& family :
       {course_appliers(), dose_appliers(), job_appliers(), job_state_appliers(),
        hand_thaw_appliers(), unexplained_appliers(), effect_appliers()}) {
    for (const Applier& applier : family) {
      if (type == applier.fact) return &applier;
    }
  }
  return nullptr;
}

std::string encode_sequence(const DeviceId& robot, std::uint32_t sequence) {
  return Json::object().set("robot", robot.str()).set("sequence", sequence).dump();
}

std::string encode_counters(const Counters& counters) {
  Json row = Json::object();
  for (const auto& [name, number] : counters) row.set(name, number);
  return row.dump();
}

void add_steps(const Course& course, std::set<WallTime>& steps) {
  for (const Dose& dose : course.doses) {
    for (const WallTime at : {dose.thaw_at, dose.harvest_from, dose.infusion_at}) {
      if (at.ms != 0) steps.insert(at);
    }
  }
}

// What a draft touches, from what differs in it: a topic that shows something is named beside the
// something, so that no command has to list its topics.
class Touches {
 public:
  explicit Touches(const Draft::Overlay& overlay) : overlay_(overlay), view_(overlay) {}

  void by_courses() {
    for (const auto& [id, course] : overlay_.courses.all()) courses_.insert(id);
  }

  // A course shows where its vials are, a place what is in it.
  void by_aliquots() {
    for (const auto& [id, aliquot] : overlay_.aliquots.all()) {
      courses_.insert(aliquot.course);
      containers_.insert(aliquot.spot.place);
      const auto slot = overlay_.base->aliquots.find(id.str());
      if (slot != AliquotTable::kNone) {
        containers_.insert(overlay_.base->aliquots.spot(slot).place);
      }
    }
  }

  // A place shows what it stands in and the containers in it; when one moves, everything inside has
  // another path, and every vial inside another freezer.
  void by_places() {
    for (const auto& [id, place] : overlay_.places.all()) {
      containers_.insert(id);
      const auto known = overlay_.base->places.find(id);
      const bool fresh = known == overlay_.base->places.end();
      const Spot before = fresh ? Spot() : known->second.place.within;
      if (!fresh && before == place.within) continue;
      if (!before.place.empty()) containers_.insert(before.place);
      if (!place.within.place.empty()) containers_.insert(place.within.place);
      by_contents(id, 0);
    }
  }

  // A course shows its exception, whether it was purged, and until when its doses may be used,
  // which hangs on the rule of its protocol.
  void by_documents() {
    for (const auto& [key, document] : overlay_.documents.all()) {
      const std::size_t slash = key.find('/');
      const std::string_view kind = std::string_view(key).substr(0, slash);
      const std::string id = key.substr(slash + 1);
      if (kind == "exception" || kind == "purge") by_course(CourseId(id));
      if (kind == "stability") by_protocol(ProtocolId(id));
    }
  }

  Touched gathered() const {
    Touched touched;
    touched.courses.assign(courses_.begin(), courses_.end());
    touched.containers.assign(containers_.begin(), containers_.end());
    for (const auto& [id, job] : overlay_.jobs.all()) touched.jobs.push_back(id);
    std::set<WallTime> steps;  // a worklist names doses, and where their vials are
    for (const CourseId& id : courses_) {
      const auto old = overlay_.base->courses.find(id);
      if (old != overlay_.base->courses.end()) add_steps(old->second, steps);
      if (const Course* changed = overlay_.courses.find(id)) add_steps(*changed, steps);
    }
    touched.steps.assign(steps.begin(), steps.end());
    return touched;
  }

 private:
  void by_contents(const PlaceId& place, int depth) {
    if (depth > kTreeDepthMax) return;
    for (const AliquotId& id : view_.aliquots_in(place)) courses_.insert(view_.aliquot(id)->course);
    for (const PlaceId& child : view_.containers_in(place)) {
      containers_.insert(child);
      by_contents(child, depth + 1);
    }
  }

  void by_course(const CourseId& id) {
    if (view_.course(id) != nullptr) courses_.insert(id);
  }

  void by_protocol(const ProtocolId& protocol) {
    for (const auto& [id, course] : overlay_.base->courses) {
      const bool warm = std::ranges::any_of(
          course.doses, [](const Dose& dose) { return dose.thawed_at.ms != 0; });
      if (course.protocol == protocol && warm) courses_.insert(id);
    }
  }

  const Draft::Overlay& overlay_;
  const View view_;
  std::set<CourseId> courses_;
  std::set<PlaceId> containers_;
};

}  // namespace

Draft::Draft(const Ledger& ledger) : overlay_(std::make_unique<Overlay>(ledger.tables())) {}
Draft::~Draft() = default;
Draft::Draft(Draft&&) noexcept = default;

Status apply_fact(Draft::Overlay& overlay, const Fact& fact) {
  const Applier* applier = find_applier(fact.type);
  if (applier == nullptr) {
    return make_error(ErrorCode::unknown_key, cat("no fact of type \"", clip(fact.type, 60), "\""));
  }
  overlay.marks.push_back(overlay.begin_fact());
  const std::string what = cat("fact ", fact.type);
  RowReader in(what, fact.data);
  Edit edit(overlay, in.maybe_time("at"));
  auto applied = applier->apply(edit, in);
  if (!in.ok()) applied = in.status();  // whatever else came of reading it wrongly
  if (applied) return {};
  rewind_to(overlay, overlay.marks.size() - 1);
  return make_error(applied.error().code, cat(fact.type, ": ", applied.error().context));
}

void rewind_to(Draft::Overlay& overlay, std::size_t mark) {
  if (mark >= overlay.marks.size()) return;
  overlay.rewind(overlay.marks[mark]);
  overlay.marks.resize(mark);
}

Status Draft::apply(const Fact& fact) { return apply_fact(*overlay_, fact); }
std::size_t Draft::mark() const { return overlay_->marks.size(); }
void Draft::rewind(std::size_t mark) { rewind_to(*overlay_, mark); }

std::vector<RowChange> Draft::rows() const {
  std::vector<RowChange> rows;
  rows.reserve(overlay_->aliquots.all().size() + overlay_->courses.all().size());
  for (const auto& [id, aliquot] : overlay_->aliquots.all()) {
    rows.push_back({row_key(id), encode(aliquot)});
  }
  if (!overlay_->counters.all().empty()) {
    rows.push_back({"r/counters", encode_counters(View(*overlay_).counters())});
  }
  for (const auto& [id, course] : overlay_->courses.all()) {
    rows.push_back({row_key(id), encode(course)});
  }
  for (const auto& [key, document] : overlay_->documents.all()) {
    rows.push_back({cat("r/", key), document ? std::optional(document->dump()) : std::nullopt});
  }
  for (const auto& [id, job] : overlay_->jobs.all()) {
    if (job) {
      rows.push_back({row_key(id), to_json(*job).dump()});
    } else {
      rows.push_back({row_key(id), std::nullopt});
    }
  }
  for (const auto& [id, place] : overlay_->places.all()) {
    rows.push_back({row_key(id), encode(place)});
  }
  for (const auto& [id, sequence] : overlay_->sequences.all()) {
    rows.push_back({cat("r/robot/", id.str()), encode_sequence(id, sequence)});
  }
  rows.insert(rows.end(), overlay_->history.begin(), overlay_->history.end());
  const auto by_key = [](const RowChange& a, const RowChange& b) { return a.key < b.key; };
  if (!std::is_sorted(rows.begin(), rows.end(), by_key)) {
    std::stable_sort(rows.begin(), rows.end(), by_key);
  }
  // Two stays that a back-dated time ends at once share a key: the later one stands, as it does in
  // a store that takes them one after the other.
  std::vector<RowChange> once;
  once.reserve(rows.size());
  for (RowChange& row : rows) {
    if (!once.empty() && once.back().key == row.key) {
      once.back() = std::move(row);
    } else {
      once.push_back(std::move(row));
    }
  }
  return once;
}

Touched Draft::touched() const {
  Touches touches(*overlay_);
  touches.by_courses();
  touches.by_aliquots();
  touches.by_places();
  touches.by_documents();
  return touches.gathered();
}

namespace {

void absorb_places(const Draft::Overlay& overlay, Ledger::Tables& tables) {
  // A place may stand in one whose id sorts behind it and which is as new: both exist before links.
  for (const auto& [id, place] : overlay.places.all()) tables.places.try_emplace(id);
  for (const auto& [id, place] : overlay.places.all()) tables.put(place);
}

void absorb_rest(const Draft::Overlay& overlay, Ledger::Tables& tables) {
  for (const auto& [number, id] : overlay.ended.all()) {
    if (id.empty()) {
      tables.ended.erase(number);
    } else {
      tables.ended[number] = id;
    }
  }
  for (const auto& [id, job] : overlay.jobs.all()) {
    if (job) {
      tables.put(*job);
    } else {
      tables.drop_job(id);
    }
  }
  for (const auto& [id, sequence] : overlay.sequences.all()) tables.sequences[id] = sequence;
  for (const auto& [key, document] : overlay.documents.all()) {
    tables.put_document(key, document);
  }
  tables.counters = View(overlay).counters();
}

}  // namespace

void Draft::absorb_into(Ledger& ledger) && {
  Ledger::Tables& tables = *ledger.tables_;
  CHECK(overlay_->base == &tables);
  absorb_places(*overlay_, tables);
  for (auto& [id, course] : overlay_->courses.take()) tables.put(std::move(course));
  for (const auto& [id, aliquot] : overlay_->aliquots.all()) {
    const auto slot = tables.aliquots.find(id.str());
    if (slot != AliquotTable::kNone) tables.vacate(slot);
  }
  for (const auto& [id, aliquot] : overlay_->aliquots.all()) tables.put(aliquot);
  absorb_rest(*overlay_, tables);
  overlay_.reset();
}

std::vector<AliquotId> Draft::known_aliquots() const {
  std::vector<AliquotId> known;
  for (const auto& [id, aliquot] : overlay_->aliquots.all()) {
    if (overlay_->base->aliquots.find(id.str()) != AliquotTable::kNone) known.push_back(id);
  }
  return known;
}

bool Draft::absorb_part(Ledger& ledger, const std::vector<AliquotId>& known, std::size_t aliquots) {
  Ledger::Tables& tables = *ledger.tables_;
  Overlay& overlay = *overlay_;
  CHECK(overlay.base == &tables);
  if (!std::exchange(overlay.half_absorbed, true)) {
    absorb_places(overlay, tables);
    // They may trade places with each other, so they go at once.
    for (const AliquotId& id : known) tables.vacate(tables.aliquots.find(id.str()));
    for (const AliquotId& id : known) tables.put(*overlay.aliquots.find(id));
    absorb_rest(overlay, tables);
  }
  const auto& courses = overlay.courses.all();
  std::size_t put = 0;
  for (auto next = overlay.absorbed_to.empty() ? courses.begin()
                                               : courses.upper_bound(overlay.absorbed_to);
       next != courses.end(); ++next) {
    if (put >= aliquots) return false;
    overlay.absorbed_to = next->first;
    tables.put(Course(next->second));
    for (const Dose& dose : next->second.doses) {
      for (const AliquotId& id : dose.aliquots) {
        const Aliquot* fresh = overlay.aliquots.find(id);
        if (fresh == nullptr || tables.aliquots.find(id.str()) != AliquotTable::kNone) continue;
        tables.put(*fresh);
        ++put;
      }
    }
    ++put;
  }
  return true;
}

}  // namespace cryobank::inventory
