// Page tests: `pager/test` sends one person a page now and tells the asker what became of it,
// channel by channel, once it arrived everywhere, nothing more can come, or a minute later; and who
// has not answered. The page ledger sends and judges.
#pragma once

#include <string>
#include <vector>

#include "service/core/bank.hpp"
#include "service/core/command_flow.hpp"

namespace cryobank::core {

// A call that rings takes half of it; longer a person who tests does not wait.
inline constexpr Duration kPageTestWithin = seconds(60);

class PageTests {
 public:
  PageTests(Bank& bank, CommandFlow& commands) : bank_(bank), commands_(commands) {}

  void on_fact(const Now& now, const Fact& fact, const std::string& command);
  void look(const Now& now);
  Instant next_deadline() const { return look_at_; }

 private:
  struct Asked {
    std::string command;
    UserId to;
    std::vector<std::string> pages;
    Instant until{};
  };

  Bank& bank_;
  CommandFlow& commands_;
  std::vector<Asked> asked_;
  Instant look_at_ = kNever;
};

}  // namespace cryobank::core
