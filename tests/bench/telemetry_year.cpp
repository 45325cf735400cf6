// Fills a history behind charts with a year of one freezer, a reading each ten seconds, as the
// daemon would have kept it: level that falls and is filled, temperatures, and a gap of a day.
//   telemetry_year FOLDER DEVICE UNTIL_MS POINT...
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <future>
#include <string>
#include <vector>

#include "base/text.hpp"
#include "service/telemetry_io.hpp"

namespace {

using namespace cryobank;

constexpr std::int64_t kEvery = 10'000;  // ms
constexpr std::int64_t kDay = 86'400'000;
constexpr std::int64_t kYear = 365 * kDay;
constexpr std::size_t kAtOnce = 50'000;  // below what the thread lets wait

std::int64_t value_of(const std::string& point, std::int64_t at) {
  const double fill = std::fmod(static_cast<double>(at), 3.0 * kDay) / (3.0 * kDay);
  if (point == "level") return 200'000 - static_cast<std::int64_t>(70'000 * fill);
  const double sway = std::sin(static_cast<double>(at) / 7'000'000.0);
  return -185'000 + static_cast<std::int64_t>(4'000 * fill + 800 * sway);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 5) {
    std::fprintf(stderr, "usage: telemetry_year FOLDER DEVICE UNTIL_MS POINT...\n");
    return 2;
  }
  service::TelemetrySettings settings;
  settings.directory = argv[1];
  const std::vector<std::string> points(argv + 4, argv + argc);
  for (const std::string& point : points) {
    settings.series.push_back({cat(argv[2], "/", point), seconds(10)});
  }
  const std::int64_t until = std::strtoll(argv[3], nullptr, 10);
  service::TelemetryThread thread(std::move(settings), [](const std::string& line) {
    std::fprintf(stderr, "%s\n", line.c_str());
  });
  std::vector<telemetry::HeardReading> readings;
  const auto hand_over = [&] {
    thread.keep(std::exchange(readings, {}));
    std::promise<void> done;
    thread.flush([&done] { done.set_value(); });
    done.get_future().wait();
  };
  for (std::int64_t at = until - kYear; at < until; at += kEvery) {
    if (at > until - 100 * kDay && at < until - 99 * kDay) continue;
    for (std::size_t i = 0; i < points.size(); ++i) {
      readings.push_back({static_cast<std::uint32_t>(i), {at}, value_of(points[i], at), true});
    }
    if (readings.size() >= kAtOnce) hand_over();
  }
  hand_over();
  return 0;
}
