#include "inventory/ledger/exposure.hpp"

#include <algorithm>
#include <iterator>
#include <set>

#include "base/text.hpp"
#include "inventory/ledger/documents.hpp"

namespace cryobank::inventory {
namespace {

// Upwards: what began is counted.
std::int64_t whole_seconds(Duration duration) { return (duration.ms() + 999) / 1000; }

// The handling that goes on counts as long as it is by now.
Handling with_running(const Aliquot& aliquot, WallTime now) {
  Handling handling = aliquot.handling;
  if (aliquot.out_since.ms == 0) return handling;
  const auto out = static_cast<std::uint32_t>(out_s(aliquot, now));
  ++handling.count;
  handling.seconds += out;
  handling.longest_s = std::max(handling.longest_s, out);
  return handling;
}

std::int64_t worst_seconds(const Exposure& exposure) {
  return std::max<std::int64_t>(exposure.handling.longest_s, exposure.above[1]);
}

// `from`, and every time until `until` from which a mapping of the probe counts.
std::set<WallTime> mapped_within(const View& view, std::string_view probe, WallTime from,
                                 WallTime until) {
  std::set<WallTime> times = {from};
  const auto mapping = document_of<ProbeDocument>(view, probe);
  if (!mapping) return times;
  for (const ProbeDocument::Version& version : mapping->versions) {
    if (from < version.from && version.from < until) times.insert(version.from);
  }
  return times;
}

}  // namespace

std::int64_t out_s(const Aliquot& aliquot, WallTime now) {
  if (aliquot.out_since.ms == 0) return 0;
  return std::clamp<std::int64_t>(whole_seconds(now - aliquot.out_since), 0, kHandlingMaxS);
}

ExposureBook::ExposureBook(const View& view, const NamedExcursion& instead) : view_(view) {
  for (const std::string& id : view.documents("excursion")) {
    if (id != instead.id) add(*document_of<ExcursionDocument>(view, id));
  }
  if (instead.document != nullptr) add(*instead.document);
  merge();
}

void ExposureBook::add(const ExcursionDocument& document) {
  const Excursion whole{document.from, document.until, document.peak, document.above};
  const PlaceId& declared = document.place;
  const std::string& probe = document.probe;
  std::map<WallTime, PlaceId> places = {{whole.from, declared}};
  if (!probe.empty()) {
    for (const WallTime at : mapped_within(view_, probe, whole.from, whole.until)) {
      const PlaceId mapped = probed_place(view_, probe, at);
      places[at] = mapped.empty() ? declared : mapped;
    }
  }
  for (auto start = places.begin(); start != places.end();) {
    auto end = std::next(start);
    while (end != places.end() && end->second == start->second) ++end;
    Excursion part = whole;
    part.from = start->first;
    if (end != places.end()) part.until = end->first;
    for (std::int64_t& seconds : part.above) {
      seconds = std::min(seconds, whole_seconds(part.until - part.from));
    }
    if (!start->second.empty()) excursions_[start->second].push_back(part);
    start = end;
  }
}

void ExposureBook::merge() {
  for (auto& [place, list] : excursions_) {
    std::ranges::stable_sort(list, {}, &Excursion::from);
    std::vector<Excursion> merged;
    for (const Excursion& next : list) {
      if (merged.empty() || merged.back().until <= next.from) {
        merged.push_back(next);
        continue;
      }
      Excursion& last = merged.back();
      last.until = std::max(last.until, next.until);
      for (std::size_t i = 0; i < last.above.size(); ++i) {
        last.above[i] =
            std::min(last.above[i] + next.above[i], whole_seconds(last.until - last.from));
      }
      if (next.peak && (!last.peak || *last.peak < *next.peak)) last.peak = next.peak;
    }
    list = std::move(merged);
  }
}

void ExposureBook::add_stay(const PlaceId& id, WallTime from, WallTime until, int depth,
                            Exposure& total) const {
  const Place* place = view_.place(id);
  if (place == nullptr || depth > kTreeDepthMax || until <= from) return;
  if (const auto found = excursions_.find(id); found != excursions_.end()) {
    for (const Excursion& excursion : found->second) {
      const WallTime first = std::max(from, excursion.from);
      const WallTime last = std::min(until, excursion.until);
      if (last <= first) continue;
      const std::int64_t overlap = whole_seconds(last - first);
      ++total.excursions;
      for (std::size_t i = 0; i < total.above.size(); ++i) {
        total.above[i] += std::min(excursion.above[i], overlap);
      }
      if (const auto s = std::min(excursion.above[1], overlap); total.warmest_s < s) {
        total.warmest_s = s;
        total.warmest = id;
      }
      if (excursion.peak && (!total.peak || *total.peak < *excursion.peak)) {
        total.peak = excursion.peak;
      }
    }
  }
  for (const Stay& stay : place->stays) {
    add_stay(stay.inside, std::max(from, stay.from), std::min(until, stay.until), depth + 1, total);
  }
  if (!place->within.place.empty()) {
    add_stay(place->within.place, std::max(from, place->since), until, depth + 1, total);
  }
}

Exposure ExposureBook::of(const Aliquot& aliquot, WallTime now) const {
  Exposure total;
  total.handling = with_running(aliquot, now);
  if (excursions_.empty()) return total;
  for (const Stay& stay : aliquot.stays) add_stay(stay.inside, stay.from, stay.until, 0, total);
  add_stay(aliquot.spot.place, aliquot.since, now, 0, total);
  return total;
}

Budget budget_of(const View& view, const Aliquot& aliquot) {
  Budget budget;
  const Place* place = view.place(aliquot.spot.place);
  if (place == nullptr) return budget;
  const auto set = document_of<BudgetDocument>(view, place->type);
  return set ? Budget{set->handling_s, set->hard_s} : budget;
}

std::int64_t allowed_s(const View& view, const Aliquot& aliquot) {
  const std::int64_t hard = budget_of(view, aliquot).hard_s;
  const auto waiver = document_of<WaiverDocument>(view, aliquot.id.str());
  return waiver ? std::max<std::int64_t>(hard, waiver->seconds) : hard;
}

std::int64_t warm_left_s(const View& view, const Aliquot& aliquot, const Exposure& exposure) {
  return allowed_s(view, aliquot) - worst_seconds(exposure);
}

bool is_over_budget(const View& view, const Aliquot& aliquot, const Exposure& exposure) {
  return warm_left_s(view, aliquot, exposure) < 0;
}

PlaceId probed_place(const View& view, std::string_view probe, WallTime at) {
  const auto mapping = document_of<ProbeDocument>(view, probe);
  PlaceId place;
  if (!mapping) return place;
  for (const ProbeDocument::Version& version : mapping->versions) {
    if (version.from <= at) place = version.place;
  }
  return place;
}

std::string open_excursion(const View& view, std::string_view probe) {
  for (const std::string& id : view.documents("excursion")) {
    const auto excursion = document_of<ExcursionDocument>(view, id);
    if (excursion->open && excursion->probe == probe) return id;
  }
  return {};
}

}  // namespace cryobank::inventory
