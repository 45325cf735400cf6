#include "service/log_io.hpp"

#include <unistd.h>

#include <cstdlib>
#include <ctime>
#include <string>

#include "base/check.hpp"
#include "base/text.hpp"
#include "base/time.hpp"

namespace cryobank::service {
namespace {

constexpr std::size_t kLogLineMax = 2000;  // journald splits longer ones

struct LevelWords {
  std::string_view syslog;
  std::string_view plain;
};

LevelWords words_of(core::LogLevel level) {
  switch (level) {
    case core::LogLevel::debug:
      return {"<7>", "debug   "};
    case core::LogLevel::info:
      return {"<6>", "info    "};
    case core::LogLevel::warning:
      return {"<4>", "warning "};
    case core::LogLevel::error:
      return {"<3>", "error   "};
  }
  CHECK(false);
}

std::string prefix(core::LogLevel level) {
  static const bool kForSystemd = std::getenv("JOURNAL_STREAM") != nullptr;
  const LevelWords words = words_of(level);
  if (kForSystemd) return std::string(words.syslog);
  timespec spec{};
  clock_gettime(CLOCK_REALTIME, &spec);
  return cat(format_utc(WallTime{spec.tv_sec * 1000LL + spec.tv_nsec / 1'000'000}), " ",
             words.plain);
}

}  // namespace

void write_log(core::LogLevel level, std::string_view text) {
  std::string line = cat(prefix(level), clip(text, kLogLineMax), "\n");
  std::string_view left = line;
  while (!left.empty()) {
    const ssize_t written = ::write(STDERR_FILENO, left.data(), left.size());
    if (written <= 0) return;
    left.remove_prefix(static_cast<std::size_t>(written));
  }
}

}  // namespace cryobank::service
