#include "service/core/plan/plan_intake.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "inventory/ledger/apply/effects.hpp"
#include "service/core/plan/plan_provisional.hpp"
#include "service/core/problem/plan_problem.hpp"
#include "service/schedule/intake.hpp"

namespace cryobank::core {
namespace {

constexpr std::string_view kStages[] = {"collection", "processing", "freezing", "testing"};

// The slots as they are set, in the order of the stages.
struct Slots {
  std::vector<schedule::SlotKind> kinds;
  std::vector<std::size_t> stages;
};

Slots slots_of(const PlanAsk& ask, const Json& items, Day today) {
  std::vector<Json> sorted(items.items().begin(), items.items().end());
  std::stable_sort(sorted.begin(), sorted.end(), [](const Json& a, const Json& b) {
    return stage_index(text_in(a, "stage")) < stage_index(text_in(b, "stage"));
  });
  Slots slots;
  for (const Json& item : sorted) {
    schedule::SlotKind kind;
    kind.name = text_in(item, "slot");
    kind.stage = text_in(item, "stage");
    kind.places = static_cast<int>(number_in(item, "places", 1));
    kind.days = static_cast<int>(number_in(item, "days", 1));
    kind.after_days = static_cast<int>(number_in(item, "after_days", 0));
    const std::string id = text_in(item, "calendar");
    const config::CalendarConfig* calendar =
        id.empty() ? nullptr : ask.bank.config.find_calendar(CalendarId(id));
    for (int d = 0; d < schedule::kHorizonDaysMax; ++d) {
      kind.open.push_back(calendar == nullptr || calendar->open_on(Day{today.number + d}) ? 1 : 0);
    }
    slots.stages.push_back(stage_index(kind.stage));
    slots.kinds.push_back(std::move(kind));
  }
  return slots;
}

// Where a patient stays after each dose: the bed is taken from the infusion day on.
Json stays_json(const std::vector<Day>& days, int bed_days) {
  Json stays = Json::array();
  for (std::size_t k = 0; bed_days > 0 && k < days.size(); ++k) {
    Json stay = Json::object().set("number", static_cast<std::uint64_t>(k + 1));
    stay.set("from", format_day(days[k]));
    stays.push(stay.set("until", format_day(Day{days[k].number + bed_days - 1})));
  }
  return stays;
}

Json provisional_of(const PlanAsk& ask, const OpenReferral& referral, const Slots& slots,
                    std::size_t first, const schedule::IntakePlan& plan, Day today,
                    std::optional<ProvisionalPlanner>& planner) {
  if (slots.kinds.empty()) return Json::object().set("why", "no slots are set (slot/set)");
  Json days = Json::array();
  for (std::size_t k = 0; k < plan.days.size(); ++k) {
    const schedule::SlotKind& kind = slots.kinds[first + k];
    Json item = Json::object().set("slot", kind.name).set("stage", kind.stage);
    days.push(item.set("day", format_day(Day{today.number + plan.days[k]})));
  }
  Json json = Json::object().set("slots", std::move(days));
  if (plan.ready < 0) return json.set("why", "a stage finds no day");
  const config::ProtocolConfig* protocol = protocol_in(ask, referral.content);
  if (protocol == nullptr || protocol->reculture_max_hours == 0) {
    return json.set("why", "its protocol has no reculture_hours, set by your laboratory");
  }
  if (!planner) planner.emplace(ask);  // looks at all that is planned: not for nothing
  const auto [doses, why] = planner->plan(referral.id, *protocol, plan.ready);
  if (doses.size() < static_cast<std::size_t>(protocol->doses)) {
    return json.set("why", cat("its doses find no days: ", why));
  }
  json.set("first_dose", format_day(doses.front())).set("last_dose", format_day(doses.back()));
  json.set("stays", stays_json(doses, protocol->bed_days));
  const WallTime known = time_in(referral.content, "planned_at");
  const WallTime now = ask.context.now.wall;
  return json.set("planned_at", format_utc(known.ms == 0 ? now : known));
}

}  // namespace

std::span<const std::string_view> referral_stages() { return kStages; }

Json items_of(const Json* content) {
  return content != nullptr && (*content)["items"].is_array() ? (*content)["items"] : Json::array();
}

std::size_t stage_index(std::string_view stage) {
  const auto* found = std::find(std::begin(kStages), std::end(kStages), stage);
  return static_cast<std::size_t>(found - std::begin(kStages));
}

Json slot_items(const PlanAsk& ask) { return items_of(ask.view().document("plan", "slots")); }

Standing standing_of(const PlanAsk& ask, const Json& referral, Day today) {
  Standing standing;
  const Json ends = items_of(&referral);
  for (const Json& end : ends.items()) {
    const std::size_t stage = stage_index(text_in(end, "stage"));
    const auto at = parse_utc(text_in(end, "at"));
    if (stage >= std::size(kStages) || !at) continue;
    const int day = ask.bank.config.zone.local(ask.clock.plan_time(*at)).day.number - today.number;
    const std::string outcome = text_in(end, "outcome");
    standing.busy = SIZE_MAX;
    if (outcome == "begun") {
      standing.busy = stage;
      standing.began = day;
    } else {
      // After a failure the patient's cells are collected anew.
      standing.next = outcome == "done" ? stage + 1 : 0;
      standing.from = day + 1;
    }
  }
  return standing;
}

std::vector<OpenReferral> open_referrals(const inventory::View& view) {
  std::vector<OpenReferral> open;
  for (const std::string& id : view.documents("referral")) {
    const Json* content = view.document("referral", id);
    if (content == nullptr || text_in(*content, "state") != "open") continue;
    open.push_back({id, *content});
  }
  std::sort(open.begin(), open.end());
  return open;
}

const config::ProtocolConfig* protocol_in(const PlanAsk& ask, const Json& referral) {
  const Result<ProtocolId> id = ProtocolId::parse(text_in(referral, "protocol"));
  return id ? ask.bank.config.find_protocol(*id) : nullptr;
}

void plan_referrals(const PlanAsk& ask, Json& data, const Json& slot_items,
                    const std::optional<OpenReferral>& changed) {
  const Day today = ask.today();
  const Slots slots = slots_of(ask, slot_items, today);
  std::vector<OpenReferral> open = open_referrals(ask.view());
  if (changed) {
    std::erase_if(open, [&](const OpenReferral& one) { return one.id == changed->id; });
    if (text_in(changed->content, "state") == "open") open.push_back(*changed);
    std::sort(open.begin(), open.end());
  }
  std::vector<std::vector<int>> taken(slots.kinds.size(),
                                      std::vector<int>(schedule::kHorizonDaysMax, 0));
  std::vector<schedule::Intake> intakes;
  for (const OpenReferral& one : open) {
    const Standing standing = standing_of(ask, one.content, today);
    schedule::Intake intake{one.id, standing.from, 0};
    while (intake.first_kind < slots.kinds.size() &&
           slots.stages[intake.first_kind] < standing.next) {
      ++intake.first_kind;
    }
    const bool busy =
        intake.first_kind < slots.kinds.size() && slots.stages[intake.first_kind] == standing.busy;
    if (busy) {
      const std::size_t k = intake.first_kind++;
      intake.from = standing.began + slots.kinds[k].days;
      for (int d = std::max(0, standing.began);
           d < std::min(schedule::kHorizonDaysMax, intake.from); ++d) {
        ++taken[k][static_cast<std::size_t>(d)];
      }
    }
    if (intake.first_kind < slots.kinds.size()) {
      intake.from += slots.kinds[intake.first_kind].after_days;
    }
    intake.from = std::max(0, intake.from);
    intakes.push_back(std::move(intake));
  }
  const auto plans = schedule::plan_intake(slots.kinds, intakes, taken, schedule::kHorizonDaysMax);
  std::optional<ProvisionalPlanner> planner;
  for (std::size_t i = 0; i < open.size(); ++i) {
    Json provisional =
        provisional_of(ask, open[i], slots, intakes[i].first_kind, plans[i], today, planner);
    Json content = open[i].content;
    if (provisional.has("planned_at")) content.set("planned_at", provisional["planned_at"]);
    content.set("provisional", std::move(provisional));
    const Json* before = ask.view().document("referral", open[i].id);
    if (before != nullptr && *before == content) continue;
    inventory::add_document(data, "referral", open[i].id, std::move(content));
  }
}

}  // namespace cryobank::core
