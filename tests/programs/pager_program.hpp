// A real cryobank-pager of a test's bank, whose channels print: it can be killed and started again,
// and every page that reached a person is known with the time at which it was printed.
#pragma once

#include <atomic>
#include <chrono>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "tests/programs/bank.hpp"

namespace cryobank::test {

// Tables of a site whose open lids are P1 within a second.
std::string lids_at_once();

struct PrintedPage {
  std::chrono::steady_clock::time_point at;
  std::string channel;
  std::string text;
};

class PagerProgram {
 public:
  // Serves pager-1, pager-2 and pager-3 of the demonstration site; `silence` as in its file. Its
  // files are named `name`; it logs in as `user`.
  PagerProgram(const Bank& bank, std::string_view silence, const std::string& name = "pager",
               std::string_view user = "pager");
  ~PagerProgram();
  PagerProgram(const PagerProgram&) = delete;
  PagerProgram& operator=(const PagerProgram&) = delete;

  void start();
  void kill();  // SIGKILL
  bool running() { return process_.running(); }
  const std::string& log() const { return log_; }

  // Everything printed so far, oldest first, over all its runs.
  std::vector<PrintedPage> printed() const;

 private:
  void watch();

  std::string config_;
  std::string log_;
  Process process_;
  mutable std::mutex mutex_;
  std::vector<PrintedPage> printed_;
  std::atomic<bool> ends_{false};
  std::thread watcher_;
};

}  // namespace cryobank::test
