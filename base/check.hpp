// CHECK: for states that only a mistake of ours can reach. It prints the condition and the place
// and aborts; systemd starts the daemon again and the journal replays. Stays on in release builds.
// Never for what comes from outside: that is a Result (result.hpp) or an input with a quality.
#pragma once

namespace cryobank {

[[noreturn]] void check_failed(const char* condition, const char* file, int line);

}  // namespace cryobank

#define CHECK(condition)                                                        \
  do {                                                                          \
    if (!(condition)) ::cryobank::check_failed(#condition, __FILE__, __LINE__); \
  } while (false)
