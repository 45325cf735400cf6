// An instance of the benchmark's text format (README.md), read for the checker and the linear
// program. Shares no code with the product.
#pragma once

#include <string>
#include <vector>

namespace dose_series {

struct Need {
  int resource;
  std::string on;
  int amount;
  int after;  // days after the infusion, written "infusion+2"
};
struct Dose {
  int number, earliest, latest, gap_min, gap_max;
  std::vector<int> cost;
};
struct Given {
  int number, day, lead, uses;
};
// Days without any possible infusion between two that are possible; before -1: none is.
struct Bridge {
  int before, after, closed;
};
struct Course {
  std::string name;
  int weight, release, first_thaw, lead_min, lead_max, transport, centre, clinic, resumes;
  std::vector<char> blocked;
  std::vector<Need> needs;
  std::vector<Bridge> bridges;
  std::vector<Given> given;
  std::vector<Dose> doses;
};

// What a dose after one on `last` costs on `day`, in points; below 0: that gap is too long.
// `resumes`: it may be as long as it likes.
long long gap_points(const Course& course, const Dose& dose, int last, int day, bool resumes);
struct World {
  int days = 0;
  long long weights[3] = {};  // unscheduled, interval, waiting
  std::vector<std::string> open;
  std::vector<std::string> names;
  std::vector<int> reserve;
  std::vector<std::vector<int>> capacity;
  std::vector<Course> courses;
  std::vector<std::vector<int>> apart;
};

World read_world(const std::string& text);

}  // namespace dose_series
