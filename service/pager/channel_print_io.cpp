// A line on standard output: demonstrations, and a console that somebody watches. It can only say
// that the line was written.
#include <cstdio>

#include "base/text.hpp"
#include "service/pager/driver.hpp"

namespace cryobank::pager {
namespace {

class PrintDriver : public Driver {
 public:
  explicit PrintDriver(std::string channel) : channel_(std::move(channel)) {}

  Attempt send(const Outgoing& page, Until) override {
    const bool printed = std::printf("PAGE %s: %s\n", channel_.c_str(), page.text.c_str()) > 0 &&
                         std::fflush(stdout) == 0;
    return printed ? Attempt{Fate::sent, {}, {}, false}
                   : Attempt{Fate::failed, "standard output does not take it", {}, false};
  }

 private:
  std::string channel_;
};

std::unique_ptr<Driver> make_print(config::TableReader&, const ChannelCommon& common) {
  return std::make_unique<PrintDriver>(common.channel);
}

const KindRegistration kPrint({"print", "sent", seconds(10), make_print});

}  // namespace
}  // namespace cryobank::pager
