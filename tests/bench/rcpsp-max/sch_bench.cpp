// sch_bench NODES FILE...: instances of RCPSP/max in the format of ProGen/max by the product's own
// exact engine; a line for each with the verdict, the makespan, nodes and seconds of one core, and
// a sum. sch_bench generate ACTIVITIES dense|sparse SEED: one of our own, in that format. Ends with
// 1 when a file cannot be read, or one is neither proven optimal nor proven infeasible.
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <fstream>
#include <iterator>

#include "tests/bench/rcpsp-max/sch.hpp"

using namespace cryobank;

namespace {

constexpr std::uint64_t kSeed = 1;

// Seconds of one core, so that other work on the machine does not count.
double seconds_of_core() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

struct Sum {
  int optimal = 0;
  int infeasible = 0;
  int open = 0;
  double slowest = 0;
};

bool run_one(const char* path, std::int64_t nodes, Sum& sum) {
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    std::fprintf(stderr, "%s: cannot be read\n", path);
    return false;
  }
  const std::string text(std::istreambuf_iterator<char>(file), {});
  const Result<schedule::Project> project = rcpsp_max::read_sch(text);
  if (!project) {
    std::fprintf(stderr, "%s: %s\n", path, project.error().context.c_str());
    return false;
  }
  if (const Status fits = schedule::check(*project); !fits) {
    std::fprintf(stderr, "%s: %s\n", path, fits.error().context.c_str());
    return false;
  }
  const double start = seconds_of_core();
  const schedule::Timetable found = schedule::solve(*project, kSeed, nodes);
  const double took = seconds_of_core() - start;
  if (!found.starts.empty() && !schedule::violations(*project, found.starts).empty()) {
    std::fprintf(stderr, "%s: the timetable breaks a rule\n", path);
    return false;
  }
  const bool optimal = found.verdict == schedule::SearchVerdict::optimal;
  const bool infeasible = found.verdict == schedule::SearchVerdict::infeasible;
  ++(optimal ? sum.optimal : infeasible ? sum.infeasible : sum.open);
  sum.slowest = std::max(sum.slowest, took);
  const std::string ends = found.starts.empty() ? "-" : std::to_string(found.ends);
  std::printf("%-40s %4zu %-10s %6s %6d %10lld %8.3f\n", path, project->activities.size() - 2,
              std::string(name_of(found.verdict)).c_str(), ends.c_str(), found.bound,
              static_cast<long long>(found.nodes), took);
  std::fflush(stdout);
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 5 && std::strcmp(argv[1], "generate") == 0) {
    const bool sparse = std::strcmp(argv[3], "sparse") == 0;
    std::fputs(rcpsp_max::generate_sch(std::atoi(argv[2]), sparse,
                                       static_cast<std::uint64_t>(std::atoll(argv[4])))
                   .c_str(),
               stdout);
    return 0;
  }
  const std::int64_t nodes = argc > 2 ? std::atoll(argv[1]) : 0;
  if (nodes <= 0) {
    std::fprintf(stderr,
                 "usage: sch_bench NODES FILE...\n"
                 "       sch_bench generate ACTIVITIES dense|sparse SEED\n");
    return 2;
  }
  std::printf("%-40s %4s %-10s %6s %6s %10s %8s\n", "file", "n", "verdict", "ends", "bound",
              "nodes", "seconds");
  Sum sum;
  int bad = 0;
  for (int i = 2; i < argc; ++i) bad += run_one(argv[i], nodes, sum) ? 0 : 1;
  std::printf("%d optimal, %d infeasible, %d not proven, %d not read; %.1f s, the slowest %.3f s\n",
              sum.optimal, sum.infeasible, sum.open, bad, seconds_of_core(), sum.slowest);
  return bad == 0 && sum.open == 0 ? 0 : 1;
}
