#include "service/ctl/print_io.hpp"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <utility>

#include "base/text.hpp"
#include "base/time.hpp"
#include "service/ctl/record_table.hpp"
#include "service/ctl/table_layout.hpp"
#include "service/utf8_io.hpp"

namespace cryobank::ctl {
namespace {

// Places of the terminal that standard output is; 0 where it is none.
std::size_t terminal_places() {
  struct winsize size = {};
  if (!is_terminal() || ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0) return 0;
  return size.ws_col;
}

}  // namespace

bool is_terminal() { return ::isatty(STDOUT_FILENO) == 1; }

std::string toned(std::string_view text, Tone tone) {
  static const bool kColoured = [] {
    const char* off = std::getenv("NO_COLOR");
    const char* term = std::getenv("TERM");
    return is_terminal() && (off == nullptr || *off == '\0') && term != nullptr &&
           std::string_view(term) != "dumb";
  }();
  if (!kColoured || tone == Tone::plain) return std::string(text);
  const std::string_view code = tone == Tone::alarm ? "1;31" : tone == Tone::warn ? "33" : "2";
  return cat("\x1b[", code, "m", text, "\x1b[0m");
}

WallTime wall_now() {
  return {std::chrono::duration_cast<std::chrono::milliseconds>(
              std::chrono::system_clock::now().time_since_epoch())
              .count()};
}

std::string age_of(const Json& at) {
  if (!at.is_string()) return "-";
  const auto time = parse_utc(at.string());
  if (!time) return "?";
  return span_text(std::max<std::int64_t>(0, wall_now().ms - time->ms));
}

void print_table(const Table& table) {
  for (const std::string& line : lay_out(table, terminal_places())) print_line(line);
}

void print_json(const Json& json) { print_line(json.dump()); }

void print_line(std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
  std::fputc('\n', stdout);
  std::fflush(stdout);
}

void print_text(std::string_view text) { std::fwrite(text.data(), 1, text.size(), stdout); }

void tell(std::string_view text) {
  std::fprintf(stderr, "%.*s\n", static_cast<int>(text.size()), text.data());
}

int refuse(const Error& error) {
  tell(cat("cryobankctl: ", name_of(error.code), ": ", error.context));
  return kRefused;
}

std::string cell(const Json& value) {
  if (value.is_null()) return "-";
  return harmless(value.is_string() ? value.string() : value.dump());
}

Result<std::string> read_file(const std::string& path, std::size_t size_max) {
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    return make_error(ErrorCode::io, cat("cannot read ", path, ": ", std::strerror(errno)));
  }
  std::string text;
  char buffer[65536];
  while (file.read(buffer, sizeof buffer) || file.gcount() > 0) {
    text.append(buffer, static_cast<std::size_t>(file.gcount()));
    if (text.size() > size_max) {
      return make_error(ErrorCode::too_large,
                        cat("expected at most ", size_max, " bytes in ", path));
    }
  }
  return text;
}

Result<std::string> read_text_file(const std::string& path, std::size_t size_max) {
  auto bytes = read_file(path, size_max);
  if (!bytes) return bytes;
  return service::as_utf8(path, std::move(*bytes));
}

Status write_file(const std::string& path, std::string_view text, int mode) {
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
  bool good = fd >= 0;
  while (good && !text.empty()) {
    const ssize_t written = ::write(fd, text.data(), text.size());
    good = written > 0;
    if (good) text.remove_prefix(static_cast<std::size_t>(written));
  }
  good = good && ::fsync(fd) == 0;
  const std::string why = std::strerror(errno);
  if (fd >= 0) ::close(fd);
  if (good) return {};
  return make_error(ErrorCode::io, cat("cannot write ", path, ": ", why));
}

}  // namespace cryobank::ctl
