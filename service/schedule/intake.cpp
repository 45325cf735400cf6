#include "service/schedule/intake.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace cryobank::schedule {
namespace {

constexpr std::int64_t kMicrolitres = 1'000'000;  // of a litre
constexpr std::int64_t kCellsMax = 1'000'000'000'000;

bool has_place(const SlotKind& kind, const std::vector<int>& taken, int day, int days) {
  if (kind.open[static_cast<std::size_t>(day)] == 0) return false;
  const int end = std::min(days, day + kind.days);
  return std::all_of(taken.begin() + day, taken.begin() + end,
                     [&kind](int used) { return used < kind.places; });
}

// The first day on which one of `kind` can begin; -1: none within the horizon.
int first_day(const SlotKind& kind, const std::vector<int>& taken, int from, int days) {
  for (int day = std::max(0, from); day + kind.days <= days; ++day) {
    if (has_place(kind, taken, day, days)) return day;
  }
  return -1;
}

}  // namespace

std::vector<IntakePlan> plan_intake(const std::vector<SlotKind>& kinds,
                                    const std::vector<Intake>& intakes,
                                    std::vector<std::vector<int>> taken, int days) {
  for (std::size_t k = 0; k < kinds.size(); ++k) CHECK(taken[k].size() == kinds[k].open.size());
  std::vector<IntakePlan> plans;
  for (const Intake& intake : intakes) {
    IntakePlan& plan = plans.emplace_back();
    int from = intake.from;
    for (std::size_t k = intake.first_kind; k < kinds.size(); ++k) {
      const int after = k == intake.first_kind ? 0 : kinds[k].after_days;
      const int day = first_day(kinds[k], taken[k], from + after, days);
      if (day < 0) break;
      for (int d = day; d < std::min(days, day + kinds[k].days); ++d) {
        ++taken[k][static_cast<std::size_t>(d)];
      }
      plan.days.push_back(day);
      from = day + kinds[k].days;
    }
    if (intake.first_kind + plan.days.size() == kinds.size()) plan.ready = from;
  }
  return plans;
}

Result<VolumeAnswer> blood_volume(const VolumeQuestion& question) {
  const bool good = question.cells > 0 && question.cells <= kCellsMax &&
                    question.per_microlitre.v > 0 && question.efficiency.v > 0 &&
                    question.efficiency <= whole(100);
  if (!good) {
    return make_error(ErrorCode::invalid_value,
                      cat("expected cells of 1 to ", kCellsMax,
                          ", a count above 0 and an efficiency above 0 and of at most 100 %"));
  }
  // cells / (count/1000 x 10^6 x percent/1000/100), in thousandths of a litre, to the nearest.
  __extension__ using Wide = __int128;
  const Wide above = Wide{question.cells} * 1'000 * 1'000 * 1'000 * 100;
  const Wide below = Wide{question.per_microlitre.v} * kMicrolitres * question.efficiency.v;
  const Wide litres = (above + below / 2) / below;
  if (litres > kMilliMax) {
    return make_error(ErrorCode::invalid_value, "expected counts that a volume can come of");
  }
  VolumeAnswer answer;
  answer.litres = Milli{static_cast<std::int64_t>(litres)};
  if (answer.litres < kVolumeLow || kVolumeHigh < answer.litres) {
    answer.warnings.push_back(cat(format_milli(answer.litres), " L is outside ",
                                  format_milli(kVolumeLow), " to ", format_milli(kVolumeHigh),
                                  " L"));
  }
  if (question.per_microlitre < question.low_count) {
    answer.warnings.push_back(cat("the count of ", format_milli(question.per_microlitre),
                                  " is below ", format_milli(question.low_count),
                                  ", where the formula is not trusted"));
  }
  return answer;
}

}  // namespace cryobank::schedule
