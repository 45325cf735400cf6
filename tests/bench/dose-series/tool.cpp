// The benchmark by itself, without anything of the product:
//   dose_series_tool generate SERIES SEED [LEAD_MIN LEAD_MAX LOAD RESERVE]   an instance
//   dose_series_tool odd SEED                    one with holds, fixed doses, rules between series
//   dose_series_tool check INSTANCE PLAN [reserve]   every rule counted again; 1 when one is broken
//   dose_series_tool lp INSTANCE                 the same as an integer program
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>

#include "tests/bench/dose-series/check.hpp"
#include "tests/bench/dose-series/generate.hpp"
#include "tests/bench/dose-series/lp.hpp"

namespace {

std::string text_of(const char* path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

int usage() {
  std::fprintf(
      stderr,
      "dose_series_tool generate SERIES SEED [LEAD_MIN LEAD_MAX LOAD RESERVE] | odd SEED | "
      "check INSTANCE PLAN [reserve] | lp INSTANCE\n");
  return 2;
}

int check(const char* instance, const char* plan, bool reserve) {
  const std::string text = text_of(instance);
  const std::string told = text_of(plan);
  if (text.empty() || told.empty()) {
    std::fprintf(stderr, "cannot read %s or %s\n", instance, plan);
    return 2;
  }
  const dose_series::Verdict verdict = dose_series::check_plan(text, told, reserve);
  std::printf("unscheduled %lld interval %lld waiting %lld violations %zu\n", verdict.unscheduled,
              verdict.interval, verdict.waiting, verdict.violations.size());
  for (const std::string& one : verdict.violations) std::printf("%s\n", one.c_str());
  return verdict.violations.empty() ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string what = argc > 1 ? argv[1] : "";
  const auto number = [&](int at, int fallback) {
    return argc > at ? std::atoi(argv[at]) : fallback;
  };
  if (what == "generate" && argc >= 4) {
    dose_series::Shape shape;
    shape.series = number(2, shape.series);
    shape.lead_min = number(4, shape.lead_min);
    shape.lead_max = number(5, shape.lead_max);
    shape.load_percent = number(6, shape.load_percent);
    shape.reserve = number(7, shape.reserve);
    std::cout << dose_series::generate(shape, std::strtoull(argv[3], nullptr, 10));
    return 0;
  }
  if (what == "odd" && argc == 3) {
    const std::uint64_t seed = std::strtoull(argv[2], nullptr, 10);
    std::cout << dose_series::generate(dose_series::odd_shape(seed), seed);
    return 0;
  }
  if (what == "check" && argc >= 4) return check(argv[2], argv[3], argc > 4);
  if (what == "lp" && argc == 3) {
    std::cout << dose_series::write_lp(text_of(argv[2]));
    return 0;
  }
  return usage();
}
