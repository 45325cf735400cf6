// Terminal: a pseudo-terminal that stands for a serial port. The master program opens path(); the
// simulator reads and writes fd(), without waiting.
#pragma once

#include <string>

#include "base/result.hpp"

namespace cryobank::simulator {

class Terminal {
 public:
  Terminal() = default;
  ~Terminal();
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;

  // `link`: a symbolic link to make to the terminal, replaced if it is one; empty: none.
  Status open(const std::string& link);
  bool is_open() const { return master_ >= 0; }
  int fd() const { return master_; }
  const std::string& path() const { return path_; }

 private:
  int master_ = -1;
  int slave_ = -1;  // kept open, so that the terminal lives on without a master program
  std::string path_;
  std::string link_;
};

}  // namespace cryobank::simulator
