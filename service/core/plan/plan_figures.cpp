#include "service/core/plan/plan_figures.hpp"

#include <algorithm>
#include <map>
#include <vector>

#include "base/text.hpp"
#include "base/try.hpp"
#include "inventory/ledger/documents.hpp"
#include "inventory/ledger/quality.hpp"
#include "inventory/ledger/tables.hpp"
#include "service/core/plan/plan_capacity.hpp"
#include "service/core/plan/plan_referral.hpp"

namespace cryobank::core {
namespace {

using inventory::Dose;
using inventory::DoseState;

constexpr std::int64_t kLateDays = 7;          // a gap that much beyond the wanted one
constexpr std::int64_t kIntensityLow = 850;    // per mille
constexpr std::int64_t kCountWithinShare = 5;  // one part of: 20 per cent
constexpr std::int64_t kFarDay = 100'000;      // of a period that is not limited
constexpr std::size_t kGroupsListed = 500;     // lots, operators: the first by id
constexpr std::string_view kUntold = "untold";

using Groups = std::map<std::string, std::vector<std::int64_t>>;

// A spread for each; `left_out`: groups beyond those listed.
Json group_spreads(Groups groups) {
  Json of = Json::object();
  std::uint64_t left_out = 0;
  for (auto& [name, values] : groups) {
    if (of.members().size() < kGroupsListed) {
      of.set(name, spread(std::move(values)));
    } else {
      ++left_out;
    }
  }
  return Json::object().set("of", std::move(of)).set("left_out", left_out);
}

// Lots by the day on which the first course of each was registered, and those that failed a test.
class LotCounter {
 public:
  void add(const inventory::Course& course) {
    if (course.lot.empty()) return;
    Lot& lot = lots_[course.lot];
    if (lot.registered.ms == 0 || course.registered_at < lot.registered) {
      lot.registered = course.registered_at;
    }
    lot.given += std::ranges::count(course.doses, DoseState::infused, &Dose::state);
  }

  template <class Inside>
  Json take(const inventory::View& view, Inside inside) const {
    std::int64_t registered = 0, failed = 0, failed_late = 0, given = 0;
    std::map<std::string, std::int64_t> by_test;
    for (const auto& [id, lot] : lots_) {
      if (!inside(lot.registered)) continue;
      ++registered;
      const auto quality = inventory::document_of<inventory::QualityDocument>(view, id.str());
      bool bad = false, late = false;
      for (const inventory::QualityTest& test :
           quality ? quality->tests : std::vector<inventory::QualityTest>()) {
        if (verdict_of(test) != inventory::Verdict::failed) continue;
        bad = true;
        late = late || test.late;
        ++by_test[test.test];
      }
      failed += bad ? 1 : 0;
      failed_late += late ? 1 : 0;
      given += late ? lot.given : 0;
    }
    Json tests = Json::object();
    for (const auto& [test, count] : by_test) tests.set(test, count);
    Json json = Json::object().set("registered", registered).set("failed", failed);
    json.set("failed_by_test", std::move(tests)).set("failed_late", failed_late);
    return json.set("doses_given_of_failed_late", given);
  }

 private:
  struct Lot {
    WallTime registered{};
    std::int64_t given = 0;
  };
  std::map<LotId, Lot> lots_;
};

class Counter {
 public:
  Counter(const PlanAsk& ask, const FigurePeriod& period)
      : ask_(ask), period_(period), dayless_(dayless_doses(ask.view())) {}

  void add(const inventory::Course& course) {
    const auto protocol = protocol_of(ask_.bank.config, ask_.view(), course);
    Day first{}, last{};
    std::int64_t given = 0;
    lots_.add(course);
    for (const Dose& dose : course.doses) {
      add_steps(course, dose, protocol ? &*protocol : nullptr);
      if (dayless_.contains({course.id, dose.id})) ++counts_["doses_stopped"];
      if (dose.state != DoseState::infused || dose.infused_at.ms == 0) continue;
      const Day day = local(dose.infused_at);
      if (day.number > period_.until.number) continue;
      if (given == 0) add_first(course, day);
      if (given > 0 && inside(dose.infused_at) && protocol)
        add_gap(day.number - last.number, *protocol);
      if (given == 0) first = day;
      last = day;
      ++given;
    }
    const bool ends_inside = given > 1 && period_.from.number <= last.number;
    if (ends_inside && protocol) add_intensity(given, last.number - first.number, *protocol);
  }

  Json take() {
    Json json = Json::object();
    for (const std::string_view name : kCounts) json.set(std::string(name), counts_[name]);
    json.set("intensity_permille", spread(std::move(intensity_)));
    json.set("viability_permille", spread(std::move(viability_)));
    json.set("viability_by_lot", group_spreads(std::move(by_lot_)));
    json.set("viability_by_operator", group_spreads(std::move(by_operator_)));
    json.set("recovery_permille", spread(std::move(recovery_)));
    json.set("recovery_by_lot", group_spreads(std::move(recovery_by_lot_)));
    json.set("recovery_by_operator", group_spreads(std::move(recovery_by_operator_)));
    json.set("lots", lots_.take(ask_.view(), [this](WallTime at) { return inside(at); }));
    Json wasted = Json::object();
    for (const auto& [what, count] : wasted_) wasted.set(what, count);
    json.set("wasted_by_reason", std::move(wasted));
    json.set("thaw_to_infusion_minutes", spread(std::move(thaw_to_infusion_)));
    return json.set("registered_to_first_dose_days", spread(std::move(to_first_)));
  }

 private:
  static constexpr std::string_view kCounts[] = {
      "doses_thawed",  "doses_recultured",       "doses_harvested",  "doses_infused",
      "doses_wasted",  "doses_stopped",          "harvests_counted", "harvests_near_ordered",
      "gaps",          "gaps_within_limits",     "gaps_as_wanted",   "gaps_late",
      "courses_given", "courses_below_intensity"};

  Day local(WallTime at) const { return ask_.bank.config.zone.local(at).day; }
  bool inside(WallTime at) const {
    if (at.ms == 0) return false;
    const Day day = local(at);
    return period_.from.number <= day.number && day.number <= period_.until.number;
  }

  void add_viability(const inventory::Course& course, const Dose& dose,
                     const config::ProtocolConfig* protocol) {
    if (dose.thawed.viable_percent.v <= 0) return;
    const std::int64_t permille = dose.thawed.viable_percent.v / 100;
    const std::string lot = course.lot.empty() ? std::string(kUntold) : course.lot.str();
    const UserId& seeded = dose.recultured_by;
    const std::string by = seeded.empty() ? std::string(kUntold) : seeded.str();
    viability_.push_back(permille);
    by_lot_[lot].push_back(permille);
    by_operator_[by].push_back(permille);
    const std::int64_t cells = dose.thawed.cells.v / whole(1).v;
    if (cells <= 0 || protocol == nullptr || protocol->cells_after_thaw <= 0) return;
    // Of 100,000: per cent in thousandths. At most 1e15 cells, so it fits.
    const std::int64_t viable = cells / 100'000 * dose.thawed.viable_percent.v +
                                cells % 100'000 * dose.thawed.viable_percent.v / 100'000;
    const std::int64_t share = viable * 1'000 / protocol->cells_after_thaw;
    recovery_.push_back(share);
    recovery_by_lot_[lot].push_back(share);
    recovery_by_operator_[by].push_back(share);
  }

  void add_steps(const inventory::Course& course, const Dose& dose,
                 const config::ProtocolConfig* protocol) {
    const bool lost = dose.state == DoseState::rejected || dose.state == DoseState::returned;
    if (inside(dose.thawed_at)) {
      ++counts_["doses_thawed"];
      if (lost) {
        ++counts_["doses_wasted"];
        ++wasted_[dose.lost_to.empty() ? std::string(kUntold) : dose.lost_to];
      }
    }
    if (inside(dose.reculture_at)) {
      ++counts_["doses_recultured"];
      add_viability(course, dose, protocol);
    }
    if (inside(dose.harvested_at)) {
      ++counts_["doses_harvested"];
      if (protocol != nullptr) add_harvest(dose, *protocol);
    }
    if (dose.state == DoseState::infused && inside(dose.infused_at)) {
      ++counts_["doses_infused"];
      const bool timed = dose.thawed_at.ms != 0 && dose.thawed_at < dose.infused_at;
      if (timed) thaw_to_infusion_.push_back((dose.infused_at - dose.thawed_at).seconds() / 60);
    }
    if (dose.state == DoseState::planned && !dose.blocked.empty()) ++counts_["doses_stopped"];
  }

  void add_harvest(const Dose& dose, const config::ProtocolConfig& protocol) {
    if (dose.harvested.cells.v <= 0 || protocol.cells_per_dose <= 0) return;
    ++counts_["harvests_counted"];
    const Milli off = magnitude(dose.harvested.cells - whole(protocol.cells_per_dose));
    if (off.v <= whole(protocol.cells_per_dose).v / kCountWithinShare) {
      ++counts_["harvests_near_ordered"];
    }
  }

  void add_first(const inventory::Course& course, Day day) {
    if (day.number < period_.from.number || course.registered_at.ms == 0) return;
    to_first_.push_back(day.number - local(course.registered_at).number);
  }

  void add_gap(std::int64_t gap, const config::ProtocolConfig& protocol) {
    ++counts_["gaps"];
    if (gap >= protocol.shortest_gap() && gap <= protocol.longest_gap()) {
      ++counts_["gaps_within_limits"];
    }
    if (gap >= protocol.interval_min_days && gap <= protocol.interval_max_days) {
      ++counts_["gaps_as_wanted"];
    }
    if (gap >= protocol.interval_max_days + kLateDays) ++counts_["gaps_late"];
  }

  // Time the doses were to take over time they took, in per mille.
  void add_intensity(std::int64_t given, std::int64_t took,
                     const config::ProtocolConfig& protocol) {
    if (took <= 0) return;
    const std::int64_t twice =
        (given - 1) * (protocol.interval_min_days + protocol.interval_max_days);
    const std::int64_t permille = twice * 500 / took;
    ++counts_["courses_given"];
    if (permille < kIntensityLow) ++counts_["courses_below_intensity"];
    intensity_.push_back(permille);
  }

  const PlanAsk& ask_;
  const FigurePeriod& period_;
  SettledDoses dayless_;
  std::map<std::string_view, std::int64_t> counts_;
  std::map<std::string, std::int64_t> wasted_;  // by what they were lost to
  LotCounter lots_;
  Groups by_lot_, by_operator_, recovery_by_lot_, recovery_by_operator_;
  std::vector<std::int64_t> recovery_;  // after the thaw, of what is wanted then, in per mille
  std::vector<std::int64_t> intensity_, viability_, thaw_to_infusion_, to_first_;
};

// Days of notice of the moved visits, as the accepted plans counted them.
Json notice_spread(const Json* counts) {
  std::vector<std::int64_t> days;
  if (counts != nullptr && counts->is_object()) {
    for (const auto& [day, count] : counts->members()) {
      const Result<std::int64_t> value = parse_integer(day);
      for (std::int64_t i = 0; value && count.is_integer() && i < count.integer(); ++i) {
        days.push_back(*value);
      }
    }
  }
  return spread(std::move(days));
}

// What a recount needs to know beside the journal.
Json rules_of(const config::SiteConfig& site) {
  Json rules = Json::object();
  for (const config::ProtocolConfig& protocol : site.protocols) {
    Json one = Json::object();
    one.set("interval_min_days", protocol.interval_min_days);
    one.set("interval_max_days", protocol.interval_max_days);
    one.set("limit_min_days", protocol.shortest_gap());
    one.set("limit_max_days", protocol.longest_gap());
    one.set("cells_per_dose", protocol.cells_per_dose);
    one.set("cells_after_thaw", protocol.cells_after_thaw);
    rules.set(cat(protocol.id.str(), "/", protocol.version), std::move(one));
  }
  return rules;
}

}  // namespace

Json spread(std::vector<std::int64_t> values) {
  std::sort(values.begin(), values.end());
  const std::size_t n = values.size();
  const auto rank = [&](std::size_t percent) {
    return n == 0 ? Json() : Json(values[(n * percent + 99) / 100 - 1]);
  };
  Json json = Json::object().set("n", static_cast<std::uint64_t>(n));
  return json.set("median", rank(50)).set("p90", rank(90));
}

Result<FigurePeriod> figure_period(const PlanAsk& ask) {
  FigurePeriod period{Day{-kFarDay}, Day{kFarDay}};
  if (ask.body.has("from")) {
    TRY_ASSIGN(const Day from, day_in(ask.body, "from"));
    period.from = from;
  }
  if (ask.body.has("until")) {
    TRY_ASSIGN(const Day until, day_in(ask.body, "until"));
    period.until = until;
  }
  if (period.from.number <= period.until.number) return period;
  return make_error(ErrorCode::invalid_value, "expected a day from \"from\" on at \"until\"");
}

Json figures(const PlanAsk& ask, const FigurePeriod& period) {
  Counter counter(ask, period);
  const inventory::View view = ask.view();
  for (const auto& [id, course] : view.base().courses) counter.add(course);
  Json json = counter.take();
  json.set("referrals", referral_figures(ask, period));
  json.set("schema", "figures/1.2").set("time_zone", ask.bank.config.time_zone);
  json.set("from", ask.body.has("from") ? ask.body["from"] : Json());
  json.set("until", ask.body.has("until") ? ask.body["until"] : Json());
  const Json* current = view.document("plan", "current");
  json.set("plan_version", ask.desk.version(view));
  for (const std::string_view key : {"bound", "visits_published", "visits_moved"}) {
    json.set(std::string(key), current == nullptr ? Json() : (*current)[key]);
  }
  const Json* notice = current == nullptr ? nullptr : &(*current)["notice"];
  json.set("notice_days", notice_spread(notice));
  json.set("capacity", capacity_figures(ask, period));
  Json rules = rules_of(ask.bank.config);
  return json.set("rules", std::move(rules)).set("resources", capacity_rules(ask.bank.config));
}

}  // namespace cryobank::core
