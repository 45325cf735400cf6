#include "devices/simulator/wire/terminal_io.hpp"

#include <fcntl.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "base/text.hpp"

namespace cryobank::simulator {

namespace {

Error terminal_failed(std::string_view what) {
  return make_error(ErrorCode::io, cat(what, ": ", std::strerror(errno)));
}

}  // namespace

Terminal::~Terminal() {
  if (master_ >= 0) close(master_);
  if (slave_ >= 0) close(slave_);
  if (!link_.empty()) unlink(link_.c_str());
}

Status Terminal::open(const std::string& link) {
  master_ = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);
  if (master_ < 0 || grantpt(master_) != 0 || unlockpt(master_) != 0) {
    return terminal_failed("cannot make a pseudo-terminal");
  }
  char name[64] = {};
  if (ptsname_r(master_, name, sizeof name) != 0) return terminal_failed("ptsname");
  path_ = name;
  slave_ = ::open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (slave_ < 0) return terminal_failed(cat("cannot open ", path_));
  termios settings{};
  if (tcgetattr(slave_, &settings) != 0) return terminal_failed("tcgetattr");
  cfmakeraw(&settings);
  if (tcsetattr(slave_, TCSANOW, &settings) != 0) return terminal_failed("tcsetattr");
  if (link.empty()) return {};
  char old[8];
  if (readlink(link.c_str(), old, sizeof old) >= 0) unlink(link.c_str());
  if (symlink(name, link.c_str()) != 0) return terminal_failed(cat("cannot make the link ", link));
  link_ = link;
  return {};
}

}  // namespace cryobank::simulator
