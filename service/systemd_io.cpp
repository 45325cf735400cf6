#include "service/systemd_io.hpp"

#include <systemd/sd-daemon.h>

#include <string>
#include <string_view>

#include "base/check.hpp"
#include "base/text.hpp"

namespace cryobank::service {
namespace {

std::string_view message_of(core::SystemdState state) {
  switch (state) {
    case core::SystemdState::ready:
      return "READY=1";
    case core::SystemdState::watchdog:
      return "WATCHDOG=1";
    case core::SystemdState::status:
      return "";
    case core::SystemdState::stopping:
      return "STOPPING=1";
  }
  CHECK(false);
}

}  // namespace

void notify_systemd(const core::NotifySystemd& notice) {
  std::string text(message_of(notice.state));
  if (!notice.status.empty()) {
    text += cat(text.empty() ? "" : "\n", "STATUS=", clip(notice.status, 200));
  }
  sd_notify(0, text.c_str());
}

}  // namespace cryobank::service
