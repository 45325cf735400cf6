// Driver: one way to reach a person, behind two calls. Each kind is one file channel_<kind>_io.cpp
// that registers itself by name; the gateway knows no kind. A driver runs on its channel's own
// threads and may block, never beyond the time it is given. It never says `delivered` unless the
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

// What a channel needs on this computer, for whoever checks its configuration.
struct NeededFile {
  std::string_view key;  // of [[channel]]
  std::string path;
  int how = 0;  // R_OK, W_OK, X_OK
};

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
  // Do listen() and probe() use lines of their own (a mailbox, a door for answers)? Then they run
  // on a second thread beside send(), so that no page waits for what is only heard; what the two
  // share is guarded by the driver.
  virtual bool hears_apart() const { return false; }
  virtual std::vector<NeededFile> needs() const { return {}; }
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

// Keys that several kinds have. `user`: who answers, an id; a path is absolute.
void read_user(config::TableReader& reader, std::string& out);
void read_path(config::TableReader& reader, std::string_view key, std::string& out,
               config::Need need = config::Need::optional);
// A fault that says what was expected and what came.
void refuse_value(config::TableReader& reader, std::string_view key, std::string_view expected,
                  std::string_view came);

const KindOfChannel* find_kind(std::string_view name);
std::vector<std::string_view> kind_names();

}  // namespace cryobank::pager
