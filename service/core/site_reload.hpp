// Site reload: a site whose files were read anew while the service runs (SIGHUP). They are checked
// whole before anything changes; a site with a fault changes nothing. People, channels, gateways,
// duties and calendars are taken over at once; what takes a restart is named. Both ends are facts
// of the journal, with old and new: `site-reloaded`, `site-reload-refused`.
#pragma once

#include "service/core/bank.hpp"
#include "service/core/health.hpp"
#include "service/core/recorder.hpp"
#include "service/wire/input.hpp"

namespace cryobank::core {

class SiteReload {
 public:
  SiteReload(Bank& bank, Recorder& recorder, Health& health)
      : bank_(bank), recorder_(recorder), health_(health) {}

  // Somebody asks for it. One at a time: what changes meanwhile is asked for again.
  void begin(Effects& effects);
  void on_read(const Now& now, const SiteRead& read, Effects& effects);

 private:
  void refuse(const SiteRead& read, Effects& effects);
  void take(const Now& now, const SiteRead& read, Effects& effects);

  Bank& bank_;
  Recorder& recorder_;
  Health& health_;
  bool reading_ = false;
  bool again_ = false;
};

}  // namespace cryobank::core
