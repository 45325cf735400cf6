// What is wrong in a configuration file. All faults of all files are gathered and told at once.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace cryobank::config {

struct Fault {
  std::string file;
  int line = 0;          // 1-based; 0 when the file as a whole is meant
  std::string text;      // what was expected, what came
  bool warning = false;  // told, and does not refuse the file
};

// "config/x.toml:12: expected ..., came ..."
std::string format_fault(const Fault& fault);

class Faults {
 public:
  void add(std::string_view file, int line, std::string text) {
    items_.push_back({std::string(file), line, std::move(text), false});
  }
  void warn(std::string_view file, int line, std::string text) {
    items_.push_back({std::string(file), line, std::move(text), true});
  }
  void append(const Faults& more) {
    items_.insert(items_.end(), more.items_.begin(), more.items_.end());
  }
  // True when nothing refuses the configuration.
  bool ok() const {
    for (const Fault& fault : items_) {
      if (!fault.warning) return false;
    }
    return true;
  }
  const std::vector<Fault>& items() const { return items_; }

 private:
  std::vector<Fault> items_;
};

}  // namespace cryobank::config
