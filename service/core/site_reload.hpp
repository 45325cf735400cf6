// Site reload: a site whose files were read anew while the service runs (SIGHUP). They are checked
// whole before anything changes; a site with a fault changes nothing. People, channels, gateways,
// duties, calendars, alarm settings and limits of devices are taken over at once, and what stands
// is judged by them; what takes a restart is named. Both ends are facts of the journal, with old
// and new: `site-reloaded`, `site-reload-refused`; and `alarm-setting-changed` for each rule.
#pragma once

#include <optional>
#include <utility>

#include "service/core/bank.hpp"
#include "service/core/health.hpp"
#include "service/core/recorder.hpp"
#include "service/core/retained.hpp"
#include "service/wire/input.hpp"

namespace cryobank::core {

class SiteReload {
 public:
  SiteReload(Bank& bank, Recorder& recorder, Health& health, Retained& retained)
      : bank_(bank), recorder_(recorder), health_(health), retained_(retained) {}

  // Somebody asks for it. One at a time: what changes meanwhile is asked for again.
  void begin(Effects& effects);
  // False: an errand reads the site as it is, so what was read waits until that is done.
  bool on_read(const Now& now, const SiteRead& read, Effects& effects);
  std::optional<SiteRead> read_meanwhile() { return std::exchange(meanwhile_, std::nullopt); }

 private:
  void refuse(const SiteRead& read, Effects& effects);
  void take(const Now& now, const SiteRead& read, Effects& effects);
  void judge_anew(const Now& now, NoteWork& note);

  Bank& bank_;
  Recorder& recorder_;
  Health& health_;
  Retained& retained_;
  bool reading_ = false;
  bool again_ = false;
  std::optional<SiteRead> meanwhile_;
};

}  // namespace cryobank::core
