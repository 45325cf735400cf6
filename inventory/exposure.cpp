#include "inventory/exposure.hpp"

#include <algorithm>

#include "inventory/row_codec.hpp"
#include "service/base/text.hpp"

namespace cryobank::inventory {
namespace {

Excursion read_excursion(const Json& document) {
  Excursion excursion;
  excursion.from = time_at(document, "from");
  excursion.until = time_at(document, "until");
  if (document["peak"].is_number()) excursion.peak = document["peak"].milli();
  for (std::size_t i = 0; i < kExposureLimits.size(); ++i) {
    excursion.above[i] = document["above"].integer_or(cat(kExposureLimits[i]), 0);
  }
  return excursion;
}

std::int64_t worst_seconds(const Exposure& exposure) {
  return std::max<std::int64_t>(exposure.handling.longest_s, exposure.above[1]);
}

}  // namespace

ExposureBook::ExposureBook(const View& view) : view_(view) {
  for (const std::string& id : view.documents("excursion")) {
    const Json& document = *view.document("excursion", id);
    const Excursion excursion = read_excursion(document);
    PlaceId place = id_at<PlaceId>(document, "place");
    if (document.has("probe")) {
      place = probed_place(view, document.string_or("probe", ""), excursion.from);
    }
    if (!place.empty()) excursions_[place].push_back(excursion);
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
      const std::int64_t overlap = ((last - first).ms() + 999) / 1000;
      ++total.excursions;
      for (std::size_t i = 0; i < total.above.size(); ++i) {
        total.above[i] += std::min(excursion.above[i], overlap);
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
  total.handling = aliquot.handling;
  if (excursions_.empty()) return total;
  for (const Stay& stay : aliquot.stays) add_stay(stay.inside, stay.from, stay.until, 0, total);
  add_stay(aliquot.spot.place, aliquot.since, now, 0, total);
  return total;
}

Budget budget_of(const View& view, const Aliquot& aliquot) {
  Budget budget;
  const Place* place = view.place(aliquot.spot.place);
  const Json* set = place == nullptr ? nullptr : view.document("budget", place->type);
  if (set == nullptr) return budget;
  budget.handling_s = set->integer_or("handling_s", budget.handling_s);
  budget.hard_s = set->integer_or("hard_s", budget.hard_s);
  return budget;
}

bool is_over_budget(const View& view, const Aliquot& aliquot, const Exposure& exposure) {
  const std::int64_t worst = worst_seconds(exposure);
  if (worst <= budget_of(view, aliquot).hard_s) return false;
  const Json* waiver = view.document("waiver", aliquot.id.str());
  return waiver == nullptr || worst > waiver->integer_or("seconds", 0);
}

PlaceId probed_place(const View& view, std::string_view probe, WallTime at) {
  const Json* document = view.document("probe", probe);
  PlaceId place;
  if (document == nullptr) return place;
  for (const Json& version : (*document)["versions"].items()) {
    if (time_at(version, "from") <= at) place = id_at<PlaceId>(version, "place");
  }
  return place;
}

}  // namespace cryobank::inventory
