// Six clinics, each closed on Sunday and one more weekday; a centre closed on Sunday; a closed
// week; twelve doses, gaps of 2 to 7 days of which 3 and 4 cost nothing.
#include "tests/bench/dose-series/generate.hpp"

#include <algorithm>
#include <vector>

namespace dose_series {
namespace {

class Random {  // SplitMix64 (Steele, Lea, Flood 2014)
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}
  int below(int bound) { return static_cast<int>(next() % static_cast<std::uint64_t>(bound)); }
  bool chance(int of) { return below(of) == 0; }

 private:
  std::uint64_t next() {
    std::uint64_t z = (state_ += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
  }
  std::uint64_t state_;
};

constexpr int kClinics = 6;
constexpr int kBeds = 9;  // the resource after the chairs of the clinics
constexpr int kGapMin = 2;
constexpr int kGapMax = 7;
constexpr int kGapCost[] = {4, 0, 0, 1, 3, 6};  // of 2 to 7 days

std::string word(int number) { return " " + std::to_string(number); }

struct Frame {
  int days;
  int arrivals;
  int holiday;  // first of a closed stretch of 5 days
};

std::string calendar(const Frame& frame, int closed_weekday) {
  std::string marks;
  for (int d = 0; d < frame.days; ++d) {
    const int weekday = d % 7;  // 6: Sunday
    const bool holiday = d >= frame.holiday && d < frame.holiday + 4;
    marks += weekday == 6 || weekday == closed_weekday || holiday ? '0' : '1';
  }
  return marks;
}

int ceil_div(int a, int b) { return (a + b - 1) / b; }

std::string resource(const char* name, int reserve, int capacity, int days) {
  std::string out = std::string(name) + word(reserve);
  for (int d = 0; d < days; ++d) out += word(capacity + reserve);
  return out + "\n";
}

// Fixed doses of the past, so that the first gap counts from them.
std::string fixed_part(int fixed, int last_day) {
  std::string out = "fixed" + word(fixed);
  for (int k = 1; k <= fixed; ++k) {
    out += word(k) + word(last_day - 4 * (fixed - k)) + word(2) + word(0);
  }
  return out + "\n";
}

std::string dose_lines(const Shape& shape, const Frame& frame, int fixed, Random& random) {
  std::string out;
  int published = -1;
  for (int k = fixed + 1; k <= shape.doses; ++k) {
    const bool known = shape.odd && random.chance(3);
    if (known) published = std::max(published, 8) + random.below(5);
    out += std::to_string(k) + word(0) + word(frame.days - 1) +
           word(known && published < frame.days ? published : -1) + word(shape.lead_min) +
           word(known && random.chance(2) ? 1 : 0);
    const bool early = shape.odd && k <= 3;
    out += word(early ? 3 : kGapMin) + word(kGapMax);
    for (int g = early ? 3 : kGapMin; g <= kGapMax; ++g) out += word(kGapCost[g - kGapMin]);
    out += "\n";
  }
  return out;
}

std::string one_series(const Shape& shape, const Frame& frame, int index, Random& random) {
  const int clinic = random.below(kClinics);
  const int release = shape.lead_max + random.below(frame.arrivals);
  const int weight = random.chance(5) ? 2 : 1;
  const int fixed = shape.odd && random.chance(3) ? random.below(shape.doses) : 0;
  const int transport = shape.odd && random.chance(4) ? 1 : 0;
  std::string out = "c" + std::to_string(index + 1) + " p" +
                    std::to_string(shape.odd ? index / 2 + 1 : index + 1) + word(weight) +
                    word(release) + word(0) + word(shape.lead_min) + word(shape.lead_max) +
                    word(transport) + word(0) + word(1 + clinic) + word(fixed > 0 ? 1 : 0) + "\n";
  std::string blocked;
  int count = 0;
  for (int d = 0; shape.odd && d < frame.days; ++d) {
    if (!random.chance(15)) continue;
    blocked += word(d);
    ++count;
  }
  out += "blocked" + word(count) + blocked + "\n";
  // Some stay in a bed on the day of the infusion and the two after it.
  const bool stays = shape.odd && random.chance(3);
  out += std::string("demands") + (stays ? " 8" : " 5") +
         " 0 thaw 1 1 culture 1 2 thaw 40 2 harvest 60" + word(3 + clinic) + " infusion 1";
  const std::string bed = word(kBeds);
  if (stays) out += bed + " infusion 1" + bed + " infusion+1 1" + bed + " infusion+2 1";
  out += "\n";
  out += fixed_part(fixed, random.below(3));
  out += "doses" + word(shape.doses - fixed) + "\n";
  return out + dose_lines(shape, frame, fixed, random);
}

}  // namespace

Shape odd_shape(std::uint64_t seed) {
  Shape shape;
  shape.series = 3 + static_cast<int>(seed % 5);
  shape.doses = 2 + static_cast<int>(seed % 7);
  shape.arrivals = 7 + static_cast<int>(seed % 11);
  shape.lead_min = 1 + static_cast<int>(seed % 2);
  shape.lead_max = shape.lead_min + static_cast<int>(seed % 3);
  shape.load_percent = 70 + static_cast<int>(seed % 40);
  shape.reserve = static_cast<int>(seed % 2);
  shape.odd = true;
  return shape;
}

std::string generate(const Shape& shape, std::uint64_t seed) {
  Random random(seed);
  Frame frame{};
  frame.arrivals = shape.arrivals > 0 ? shape.arrivals : 49;
  const int span = 4 * shape.doses;
  frame.days = std::min(540, frame.arrivals + span + shape.tail);
  frame.holiday = 20 + random.below(20);
  // Doses in the steady part of the horizon, over its open days (6 of 7).
  const int open = ceil_div((frame.arrivals + span) * 6, 7);
  const int per_day =
      std::max(1, ceil_div(shape.series * shape.doses * 100, open * shape.load_percent));
  const int leads = shape.lead_max;
  std::string out = "dose-series 1\ndays" + word(frame.days) + "\ntoday 0\nweights 1000000 " +
                    std::to_string(shape.interval_weight) + " 1\ncalendars 7\n";
  out += "centre " + calendar(frame, -1) + "\n";
  for (int c = 0; c < kClinics; ++c) {
    out += "clinic-" + std::to_string(c + 1) + " " + calendar(frame, c) + "\n";
  }
  out += "resources" + word(shape.odd ? kBeds + 1 : kBeds) + "\n";
  out += resource("thaw-station", shape.reserve, per_day, frame.days);
  out += resource("incubator", shape.reserve * leads, ceil_div(per_day * leads * 105, 100),
                  frame.days);
  out += resource("operators", shape.reserve * 100, per_day * 100, frame.days);
  for (int c = 0; c < kClinics; ++c) {
    // A clinic is open on 5 of 7 days, and chance gives some clinics more patients than others.
    const int chairs = std::max(1, ceil_div(per_day * 6 * 14, 5 * kClinics * 10));
    out += resource(("chairs-" + std::to_string(c + 1)).c_str(), shape.reserve, chairs, frame.days);
  }
  if (shape.odd) out += resource("beds", shape.reserve, std::max(1, per_day / 2), frame.days);
  out += "series" + word(shape.series) + "\n";
  for (int s = 0; s < shape.series; ++s) out += one_series(shape, frame, s, random);
  std::string apart;
  int rules = 0;
  for (int s = 0; shape.odd && s + 1 < shape.series; s += 2) {
    if (!random.chance(2)) continue;
    apart += std::to_string(s) + word(s + 1) + word(1 + random.below(2)) + "\n";
    ++rules;
  }
  return out + "apart" + word(rules) + "\n" + apart + "end\n";
}

}  // namespace dose_series
