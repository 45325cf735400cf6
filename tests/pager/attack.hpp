// A thousand faults against one driver: whatever the other side does, no page is said to be sent
// that it did not take, none to be delivered that it did not show, neither at once nor in a later
// report, and no call takes longer than it may.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <thread>

#include "tests/pager/driver_bench.hpp"

namespace cryobank::pager {

struct Score {
  int sent = 0;
  int delivered = 0;  // at once
  int failed = 0;
  int reported = 0;  // delivered, in a later report
};

struct Attack {
  int faults = 1000;
  int within_ms = 80;
  int first = 1;  // number of the first page
  // What the other side truly did with a page: 0 nothing, 1 took it, 2 showed it to a person.
  std::function<int(const Outgoing&)> truth;
  bool hears = false;            // reports are read after every page
  std::function<void()> relent;  // no faults from here on
};

inline void hold_against_truth(const Attack& attack, const std::map<std::string, Outgoing>& pages,
                               Driver& driver, Score& score) {
  for (const Heard& heard : driver.listen(soon(2))) {
    const bool shown = heard.fate == Fate::delivered || heard.fate == Fate::read;
    if (heard.what != Heard::What::report || !shown) continue;
    const auto page = pages.find(heard.page);
    if (page == pages.end()) continue;  // the queue knows none of that name
    EXPECT_GE(attack.truth(page->second), 2) << "page " << heard.page << " was reported delivered";
    ++score.reported;
  }
}

// The other side writes down what it took after it said so.
inline int truth_in_time(const Attack& attack, const Outgoing& page, int wanted) {
  int truth = attack.truth(page);
  for (int tries = 0; truth < wanted && tries < 500; ++tries) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
    truth = attack.truth(page);
  }
  return truth;
}

inline Score send_all(const Attack& attack, Driver& driver) {
  Score score;
  std::map<std::string, Outgoing> pages;
  for (int i = attack.first; i < attack.first + attack.faults; ++i) {
    const Outgoing page = test_page(i);
    pages.emplace(page.id, page);
    const auto begun = std::chrono::steady_clock::now();
    const Attempt attempt = driver.send(page, soon(attack.within_ms));
    const auto took = std::chrono::steady_clock::now() - begun;
    EXPECT_LT(took, std::chrono::milliseconds(attack.within_ms + 400)) << "page " << i;
    if (attempt.fate == Fate::sent) {
      EXPECT_GE(truth_in_time(attack, page, 1), 1) << "page " << i << " was said to be sent";
      ++score.sent;
    } else if (attempt.fate == Fate::delivered) {
      EXPECT_GE(truth_in_time(attack, page, 2), 2) << "page " << i << " was said to be delivered";
      ++score.delivered;
    } else {
      EXPECT_FALSE(attempt.why.empty()) << "page " << i;
      ++score.failed;
    }
    if (attack.hears) hold_against_truth(attack, pages, driver, score);
  }
  return score;
}

// After `faults`: both must have happened, and from here on it works.
inline void expect_good(const Attack& attack, const Score& score, int faults, Driver& driver) {
  EXPECT_GT(score.sent + score.delivered, faults / 10) << "some must get through";
  EXPECT_GT(score.failed, faults / 10) << "the faults did not strike";
  attack.relent();
  Attempt good;
  for (int tries = 0; tries < 3 && good.fate == Fate::failed; ++tries) {
    good = driver.send(test_page(attack.first + faults + tries), soon(4000));
  }
  EXPECT_NE(good.fate, Fate::failed) << "it works again: " << good.why;
}

inline Score carry_out(const Attack& attack, Driver& driver) {
  const Score score = send_all(attack, driver);
  expect_good(attack, score, attack.faults, driver);
  return score;
}

}  // namespace cryobank::pager
