// SMS references: which page a status report is about. A message's reference is one byte: after 256
// messages it comes again, while the report of the older one may still be on its way (a telephone
// that was off). A report counts for a page when the time at which the centre took the message says
// that it is this one, or, where a report has no such time, when no other message of that reference
// can still be reported. Else it counts for none. Owned by one channel; values only, no clock.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.hpp"

namespace cryobank::pager {

class SmsReferences {
 public:
  // `blind_until`: messages of an earlier run, which nobody remembers, may be reported until then.
  explicit SmsReferences(WallTime blind_until = {}) : blind_until_(blind_until) {}

  // The centre took this page at `now`, and tries for so long.
  void give(const std::string& reference, const std::string& page, WallTime now, Duration tried);
  // Some other message has this reference and may be reported until then.
  void foreign(const std::string& reference, WallTime until);
  // Empty: none, or nobody can say. `taken`: by the centre, as the report has it.
  std::string page_of(const std::string& reference, WallTime now,
                      std::optional<WallTime> taken) const;
  // Its last report came: the reference is free.
  void end(const std::string& reference, WallTime now);

 private:
  struct Given {
    std::string page;
    WallTime at{};
    WallTime until{};         // it may be reported
    WallTime others_until{};  // so may one that had the reference before
  };
  WallTime blind_until_;
  std::map<std::string, Given> given_;
};

// "26/11/22,03:00:05+04": local time and its zone in quarters of an hour (3GPP TS 27.005).
std::optional<WallTime> sms_time(std::string_view text);
// How long the centre shall try, as TS 23.040 has it (9.2.3.12.1): as long as the page is of use,
// at least an hour, at most twelve.
int sms_validity(WallTime created, WallTime expires);
Duration sms_tried(int validity);

}  // namespace cryobank::pager
