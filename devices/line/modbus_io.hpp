// Lines: one thread per physical line or TCP endpoint, never per device. Takes LineRequests and
// gives exactly one LineReply for each, in order, within connect time-out + silence + response
// time-out. Never repeats a request. stop() ends every line within 2 s, whatever it is doing;
// requests not yet answered then end as
// `disconnected`, and later ones are not taken.
// The callbacks are called on a line's own thread and must only hand over.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "config/site_config.hpp"
#include "devices/line/line.hpp"

namespace cryobank::devices {

class Lines {
 public:
  using OnReply = std::function<void(LineReply)>;
  using OnText = std::function<void(LineText)>;

  // `config` must outlive the lines.
  Lines(const config::SiteConfig& config, const OnReply& on_reply, const OnText& on_text);
  ~Lines();
  Lines(const Lines&) = delete;
  Lines& operator=(const Lines&) = delete;

  // From any thread. REQUIRES: request.line is a line of the site.
  void send(LineRequest request);
  void stop();

 private:
  class Owner;
  std::vector<std::unique_ptr<Owner>> owners_;
};

}  // namespace cryobank::devices
