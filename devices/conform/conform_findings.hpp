// Conform findings: the rules of a machine's blocks in one run, each with one verdict. A rule that
// is tried in several ways is violated once any of them is. Internal to this folder.
#pragma once

#include <map>
#include <string>

#include "devices/conform/conform.hpp"

namespace cryobank::devices {

class ConformFindings {
 public:
  void good(std::string_view number);
  void violated(std::string_view number, std::string seen);
  void skipped(std::string_view number, std::string why);
  void judge(std::string_view number, bool holds, std::string seen) {
    holds ? good(number) : violated(number, std::move(seen));
  }
  // In the order of the page, of the given blocks ("G", "F", ...); those nobody judged are skipped.
  std::vector<ConformFinding> take(std::string_view blocks);

 private:
  std::map<std::string, ConformFinding, std::less<>> found_;
};

ModbusRequest read_words(const Bench& bench, RegisterTable table, std::uint16_t address,
                         std::uint16_t count);
ModbusRequest write_words(const Bench& bench, std::uint16_t address,
                          std::vector<std::uint16_t> words);

void conform_general(const Bench& bench, const config::DeviceProfile& profile,
                     ConformFindings& findings);
void conform_freezer(const Bench& bench, const config::DeviceProfile& profile, const Leave& leave,
                     ConformFindings& findings);
void conform_room(const Bench& bench, const config::DeviceProfile& profile,
                  ConformFindings& findings);
void conform_robot(const Bench& bench, const config::DeviceProfile& profile, const Leave& leave,
                   ConformFindings& findings);

}  // namespace cryobank::devices
