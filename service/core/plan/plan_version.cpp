#include "service/core/plan/plan_version.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "inventory/ledger/apply/effects.hpp"
#include "service/core/problem/checked.hpp"

namespace cryobank::core {
namespace {

constexpr std::string_view kVisitKind = "visit";
constexpr std::size_t kWhyMax = 200;

Json day_or_null(const std::optional<Day>& day) { return day ? Json(format_day(*day)) : Json(); }

std::string why_of(const std::vector<VisitChange>& changes, const CourseId& course,
                   const DoseId& dose) {
  const auto found = std::ranges::find_if(changes, [&](const VisitChange& change) {
    return change.course == course && change.dose == dose;
  });
  return found == changes.end() ? std::string() : found->why;
}

Json visit_item(const DoseId& dose, const PublishedVisit& visit) {
  Json item = Json::object().set("dose", dose.str());
  if (visit.thaw_at.ms != 0) item.set("thaw_at", format_utc(visit.thaw_at));
  if (visit.harvest_from.ms != 0) item.set("harvest_from", format_utc(visit.harvest_from));
  item.set("infusion_at", format_utc(visit.infusion_at)).set("moves", visit.moves);
  if (visit.off) item.set("off", true);
  return item.set("why", visit.why).set("by", visit.by);
}

// A visit that was taken back and is given a day again is a new one for whoever heard of that.
PublishedVisit renewed(const PublishedVisit& before, const inventory::Dose& dose,
                       std::string_view why, std::string_view by) {
  PublishedVisit now = before;
  if (dose.infusion_at.ms == 0) {
    now.off = true;
  } else {
    const bool known = before.infusion_at.ms != 0 && !before.off;
    now.moves = known ? before.moves + (before.infusion_at == dose.infusion_at ? 0 : 1) : 0;
    now.thaw_at = dose.thaw_at;
    now.harvest_from = dose.harvest_from;
    now.infusion_at = dose.infusion_at;
    now.off = false;
  }
  const bool same = now.infusion_at == before.infusion_at && now.off == before.off;
  if (same) return now;
  now.why = clip(why, kWhyMax);
  now.by = std::string(by);
  return now;
}

}  // namespace

Json changes_of(const std::vector<VisitChange>& changes) {
  Json list = Json::array();
  for (const VisitChange& change : changes) {
    if (list.items().size() >= kPlanListedMax) break;
    Json item = Json::object().set("course", change.course.str()).set("number", change.number);
    item.set("dose", change.dose.str()).set("from", day_or_null(change.from));
    item.set("to", day_or_null(change.to)).set("told", change.told);
    list.push(item.set("code", change.code).set("why", change.why));
  }
  return list;
}

void count_changes(const PlanAsk& ask, const std::vector<VisitChange>& changes, Json& json) {
  const Json* before = ask.view().document("plan", "current");
  std::int64_t published = before == nullptr ? 0 : number_in(*before, "visits_published", 0);
  std::int64_t moved = before == nullptr ? 0 : number_in(*before, "visits_moved", 0);
  Json notice =
      before == nullptr || !(*before)["notice"].is_object() ? Json::object() : (*before)["notice"];
  const Day today = ask.today();
  for (const VisitChange& change : changes) {
    if (change.to) ++published;
    if (!change.from) continue;
    ++moved;
    const Day nearer = change.to ? std::min(*change.from, *change.to) : *change.from;
    const std::string days = cat(std::max(0, nearer.number - today.number));
    notice.set(days, number_in(notice, days, 0) + 1);
  }
  json.set("visits_published", published).set("visits_moved", moved);
  json.set("day", format_day(today)).set("notice", std::move(notice));
  json.set("changes_total", static_cast<std::uint64_t>(changes.size()));
}

void add_visits(const PlanAsk& ask, const std::vector<VisitChange>& changes, Json& data) {
  const inventory::View view = ask.view();
  std::set<CourseId> courses;
  for (const VisitChange& change : changes) courses.insert(change.course);
  for (const CourseId& id : courses) {
    const inventory::Course& course = *view.course(id);
    const std::map<DoseId, PublishedVisit> before = published_visits(view, id);
    Json items = Json::array();
    for (const inventory::Dose& dose : course.doses) {
      const auto known = before.find(dose.id);
      if (dose.infusion_at.ms == 0 && known == before.end()) continue;
      const PublishedVisit old = known == before.end() ? PublishedVisit{} : known->second;
      std::string why = why_of(changes, id, dose.id);
      items.push(
          visit_item(dose.id, renewed(old, dose, std::move(why), ask.context.actor.user.str())));
    }
    inventory::add_document(data, kVisitKind, id.str(),
                            Json::object().set("items", std::move(items)));
  }
}

std::int64_t next_version(const PlanAsk& ask) {
  return std::max(ask.desk.next_number(), ask.desk.version(ask.view()) + 1);
}

std::map<DoseId, PublishedVisit> published_visits(const inventory::View& view,
                                                  const CourseId& course) {
  std::map<DoseId, PublishedVisit> visits;
  const Json* document = view.document(kVisitKind, course.str());
  if (document == nullptr) return visits;
  for (const Json& item : (*document)["items"].items()) {
    const Result<DoseId> dose = DoseId::parse(text_in(item, "dose"));
    if (!dose) continue;
    visits[*dose] = {time_in(item, "thaw_at"),     time_in(item, "harvest_from"),
                     time_in(item, "infusion_at"), number_in(item, "moves", 0),
                     flag_in(item, "off"),         text_in(item, "why"),
                     text_in(item, "by")};
  }
  return visits;
}

}  // namespace cryobank::core
