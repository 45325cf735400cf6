#include "tests/bench/rcpsp-max/sch.hpp"

#include <algorithm>
#include <vector>

#include "base/prng.hpp"
#include "base/text.hpp"
#include "base/try.hpp"

namespace cryobank::rcpsp_max {
namespace {

using schedule::Activity;
using schedule::Project;

constexpr int kActivities = 500;
constexpr int kResources = 50;
constexpr std::int64_t kNumber = 1'000'000;

// A line of the file with something in it, as words.
struct Line {
  int number = 0;
  std::vector<std::string_view> words;
};

Error at_line(int line, std::string_view what) {
  return make_error(ErrorCode::malformed, cat("line ", line, ": ", what));
}

std::vector<Line> lines_of(std::string_view text) {
  std::vector<Line> lines;
  int number = 0;
  for (const std::string_view row : split(text, '\n')) {
    Line line{++number, {}};
    std::size_t at = 0;
    constexpr std::string_view kBlank = " \t\r";
    while ((at = row.find_first_not_of(kBlank, at)) != std::string_view::npos) {
      const std::size_t end = std::min(row.size(), row.find_first_of(kBlank, at));
      line.words.push_back(row.substr(at, end - at));
      at = end;
    }
    if (!line.words.empty()) lines.push_back(std::move(line));
  }
  return lines;
}

class Reader {
 public:
  explicit Reader(std::string_view text) : lines_(lines_of(text)) {}

  Result<Project> read() {
    TRY(read_head());
    const auto all = static_cast<std::size_t>(count_);
    if (lines_.size() != 2 * all + 2) {
      const int last = lines_.back().number;
      return at_line(last, cat("expected ", 2 * all + 2, " lines with something in them (", count_,
                               " of successors, ", count_,
                               " of uses, the first and the "
                               "last), came ",
                               lines_.size()));
    }
    project_.activities.resize(all);
    for (int i = 0; i < count_; ++i) {
      TRY(read_use(line_of(count_ + 1 + i), i));
    }
    for (int i = 0; i < count_; ++i) {
      TRY(read_successors(line_of(1 + i), i));
    }
    TRY(read_capacities(lines_.back()));
    return with_horizon();
  }

 private:
  const Line& line_of(int index) const { return lines_[static_cast<std::size_t>(index)]; }

  Result<std::int64_t> number(const Line& line, std::size_t word, std::int64_t low,
                              std::int64_t high, std::string_view what) const {
    if (word >= line.words.size()) return at_line(line.number, cat("expected ", what, ", it ends"));
    const Result<std::int64_t> value = parse_integer(line.words[word]);
    if (value && *value >= low && *value <= high) return *value;
    return at_line(line.number, cat("expected ", what, " from ", low, " to ", high, ", came \"",
                                    clip(line.words[word], 20), "\""));
  }

  Status read_head() {
    if (lines_.empty()) return at_line(1, "the file is empty");
    const Line& line = lines_.front();
    short_ = line.words.size() == 2;
    if (!short_ && line.words.size() != 4) {
      return at_line(line.number, cat("expected two or four numbers, came ", line.words.size()));
    }
    TRY_ASSIGN(const auto activities, number(line, 0, 1, kActivities, "a number of activities"));
    TRY_ASSIGN(const auto resources, number(line, 1, 0, kResources, "a number of resources"));
    for (std::size_t word = 2; word < line.words.size(); ++word) {
      TRY(number(line, word, 0, 0, "no resources of another kind, a number"));
    }
    count_ = static_cast<int>(activities) + 2;
    resources_ = static_cast<std::size_t>(resources);
    return {};
  }

  // Its own number, and that it has one mode.
  Status read_name(const Line& line, int index, bool modes) const {
    TRY(number(line, 0, index, index, "the activity"));
    if (!modes) return {};
    TRY(number(line, 1, 1, 1, "one mode, a number"));
    return {};
  }

  Status read_use(const Line& line, int index) {
    TRY(read_name(line, index, !short_));
    const std::size_t first = short_ ? 1 : 2;
    if (line.words.size() != first + 1 + resources_) {
      return at_line(line.number,
                     cat("expected a duration and ", resources_, " uses, came ",
                         line.words.size() - std::min(first, line.words.size()), " numbers"));
    }
    Activity& activity = project_.activities[static_cast<std::size_t>(index)];
    activity.name = cat(index);
    TRY_ASSIGN(const auto minutes, number(line, first, 0, schedule::kMinutesMax, "a duration"));
    activity.minutes = static_cast<int>(minutes);
    for (std::size_t r = 0; r < resources_; ++r) {
      TRY_ASSIGN(const auto use, number(line, first + 1 + r, 0, kNumber, "a use"));
      if (use > 0) activity.uses.push_back({static_cast<int>(r), static_cast<int>(use)});
    }
    return {};
  }

  // "[-5]": in brackets.
  Result<std::int64_t> time_of(const Line& line, std::size_t word) const {
    std::string_view text = word < line.words.size() ? line.words[word] : std::string_view();
    if (text.size() > 2 && text.front() == '[' && text.back() == ']') {
      const auto value = parse_integer(text.substr(1, text.size() - 2));
      if (value && *value >= -schedule::kMinutesMax && *value <= schedule::kMinutesMax)
        return *value;
    }
    return at_line(line.number,
                   cat("expected a time in brackets for each successor, as [-5], came \"",
                       clip(text, 20), "\""));
  }

  Status read_successors(const Line& line, int index) {
    TRY(read_name(line, index, !short_));
    const std::size_t first = short_ ? 1 : 2;
    TRY_ASSIGN(const auto successors, number(line, first, 0, count_ - 1, "a number of successors"));
    const auto many = static_cast<std::size_t>(successors);
    const std::size_t words = first + 1 + many * (short_ ? 1 : 2);
    if (line.words.size() != words) {
      return at_line(line.number,
                     cat("expected ", many, " successors", short_ ? "" : " and as many times",
                         ", came ", line.words.size() - first - 1, " words after their number"));
    }
    for (std::size_t k = 0; k < many; ++k) {
      TRY_ASSIGN(const auto to, number(line, first + 1 + k, 0, count_ - 1, "a successor"));
      const int own = project_.activities[static_cast<std::size_t>(index)].minutes;
      TRY_ASSIGN(const auto time,
                 short_ ? Result<std::int64_t>(own) : time_of(line, first + 1 + many + k));
      project_.lags.push_back({index, static_cast<int>(to), static_cast<int>(time)});
    }
    return {};
  }

  Status read_capacities(const Line& line) {
    if (line.words.size() != resources_) {
      return at_line(line.number,
                     cat("expected ", resources_, " capacities, came ", line.words.size()));
    }
    for (std::size_t r = 0; r < resources_; ++r) {
      TRY_ASSIGN(const auto capacity, number(line, r, 0, kNumber, "a capacity"));
      project_.resources.push_back({cat("r", r + 1), static_cast<int>(capacity), {}});
    }
    return {};
  }

  // If there is a timetable at all, there is one that ends by then: each activity after the other,
  // or as long after it as its longest least time.
  Result<Project> with_horizon() {
    std::vector<int> longest;
    for (const Activity& activity : project_.activities) longest.push_back(activity.minutes);
    for (const schedule::Lag& lag : project_.lags) {
      int& mine = longest[static_cast<std::size_t>(lag.from)];
      mine = std::max(mine, lag.minutes);
    }
    std::int64_t horizon = 0;
    for (const int minutes : longest) horizon += minutes;
    if (horizon > schedule::kMinutesMax) {
      return make_error(ErrorCode::too_large,
                        cat("expected durations and times that sum up to ", schedule::kMinutesMax,
                            " at most, came ", horizon));
    }
    project_.horizon = static_cast<int>(horizon);
    return std::move(project_);
  }

  std::vector<Line> lines_;
  bool short_ = false;
  int count_ = 0;
  std::size_t resources_ = 0;
  Project project_;
};

// Steps with a source before and a sink after them, and the times between them.
void add_steps(Project& project, int activities, bool sparse, Prng& random) {
  const int most = sparse ? 3 : 10;
  for (int r = 0; r < 5; ++r) project.resources.push_back({cat("r", r + 1), sparse ? 5 : 10, {}});
  for (int i = 0; i < activities + 2; ++i) {
    Activity activity;
    const bool real = i > 0 && i <= activities;
    activity.minutes = real ? static_cast<int>(random.between(1, 10)) : 0;
    for (int r = 0; real && r < 5; ++r) {
      if (random.chance(2, 3))
        activity.uses.push_back({r, static_cast<int>(random.between(1, most))});
    }
    project.activities.push_back(std::move(activity));
  }
}

}  // namespace

Result<Project> read_sch(std::string_view text) { return Reader(text).read(); }

std::string write_sch(const Project& project) {
  const auto& activities = project.activities;
  std::string out = cat(activities.size() - 2, "\t", project.resources.size(), "\t0\t0\n");
  for (std::size_t i = 0; i < activities.size(); ++i) {
    std::string successors, times;
    std::size_t many = 0;
    for (const schedule::Lag& lag : project.lags) {
      if (lag.from != static_cast<int>(i)) continue;
      successors += cat("\t", lag.to);
      times += cat("\t[", lag.minutes, "]");
      ++many;
    }
    out += cat(i, "\t1\t", many, successors, times, "\n");
  }
  for (std::size_t i = 0; i < activities.size(); ++i) {
    std::vector<int> uses(project.resources.size(), 0);
    for (const schedule::ResourceUse& use : activities[i].uses) {
      uses[static_cast<std::size_t>(use.resource)] = use.amount;
    }
    out += cat(i, "\t1\t", activities[i].minutes);
    for (const int use : uses) out += cat("\t", use);
    out += "\n";
  }
  for (std::size_t r = 0; r < project.resources.size(); ++r) {
    out += cat(r == 0 ? "" : "\t", project.resources[r].capacity);
  }
  return out + "\n";
}

std::string generate_sch(int activities, bool sparse, std::uint64_t seed) {
  Prng random(seed);
  Project project;
  add_steps(project, activities, sparse, random);
  const auto minutes = [&](int i) {
    return project.activities[static_cast<std::size_t>(i)].minutes;
  };
  std::vector<std::uint8_t> has_before(static_cast<std::size_t>(activities) + 2, 0);
  for (int i = 1; i <= activities; ++i) {
    for (int j = i + 1; j <= activities; ++j) {
      if (!random.chance(3, activities + 2)) continue;
      const auto least = static_cast<int>(random.between(0, 2 * minutes(i)));
      project.lags.push_back({i, j, least});
      has_before[static_cast<std::size_t>(j)] = 1;
      // j begins at most so long after i.
      if (random.chance(1, 3)) {
        const auto most = static_cast<int>(random.between(least, least + 15));
        project.lags.push_back({j, i, -most});
      }
    }
    project.lags.push_back({i, activities + 1, minutes(i)});
  }
  for (int i = 1; i <= activities; ++i) {
    if (has_before[static_cast<std::size_t>(i)] == 0) project.lags.push_back({0, i, 0});
  }
  return write_sch(project);
}

}  // namespace cryobank::rcpsp_max
