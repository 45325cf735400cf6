// Driver: one way to reach a person, behind two calls. Each kind is one file channel_<kind>_io.cpp
// that registers itself by name; the gateway knows no kind. A driver runs on its channel's own
// thread and may block, never beyond the time it is given. It never says `delivered` unless the
// other side said so for this very page.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "config/table_reader.hpp"
#include "service/pager/outgoing.hpp"

namespace cryobank::pager {

using Until = std::chrono::steady_clock::time_point;

class Driver {
 public:
  Driver() = default;
  virtual ~Driver() = default;
  Driver(const Driver&) = delete;
  Driver& operator=(const Driver&) = delete;

  // Hands one page over; ends by `until`.
  virtual Attempt send(const Outgoing& page, Until until) = 0;
  // Reports of the carrier and answers of people, if any came; ends by `until`, sooner if nothing
  // can.
  virtual std::vector<Heard> listen(Until until);
  // Does this channel hear anything, so that listen() must be called again and again?
  virtual bool hears() const { return false; }
  // Is the carrier there? Asked each minute while no page goes. Empty: yes.
  virtual std::string probe(Until until);
};

struct ChannelCommon {
  std::string channel;
  std::string state_dir;  // of the gateway; a driver may keep files below it
};

// What a kind is, for the gateway's state and its docs.
struct KindOfChannel {
  std::string_view name;
  std::string_view evidence;  // the best it can tell: "sent" or "delivered"
  Duration receipt_within;    // how long that takes, in a good night
  // Reads its keys of [[channel]]; faults go to the reader.
  std::unique_ptr<Driver> (*make)(config::TableReader& reader, const ChannelCommon& common);
};

class KindRegistration {
 public:
  explicit KindRegistration(const KindOfChannel& kind);
};
const KindOfChannel* find_kind(std::string_view name);
std::vector<std::string_view> kind_names();

}  // namespace cryobank::pager
