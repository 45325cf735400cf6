// Effect: everything the core can ask of the world, with the order each one must keep. The world
// may run effects of different kinds side by side; an effect that can complete carries an id, and
// its completion comes back as an Input. No effect answers at once.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "base/checksum.hpp"
#include "base/record.hpp"
#include "devices/line/line.hpp"
#include "service/telemetry/chart.hpp"
#include "service/wire/input.hpp"

namespace cryobank::core {

// Order: at most one unanswered request per line. A request that moves a robot or writes a device
// is emitted only after the Commit of its intent came back ok. The world never repeats it.
struct SendLine {
  devices::LineRequest request;
};

// Order: at most one unanswered Commit. Rows of one Commit become durable together or not at all.
// Nobody is told of what it holds before Committed{ok} came back, except alarms and pages, which
// are told first.
struct Commit {
  EffectId id = 0;
  std::vector<RowChange> rows;
};

// Reads keys in [first, last), at most `limit` rows. Sees every Commit that came back ok before it.
struct ReadRows {
  EffectId id = 0;
  std::string first;
  std::string last;
  std::uint32_t limit = 0;
};

// Order: publishes leave in the order emitted. QoS 1 ones are answered by BrokerAck while the link
// stands; the core keeps fewer of them open than the broker's Receive Maximum.
struct Publish {
  EffectId id = 0;  // 0 for QoS 0, which is not answered
  std::string topic;
  std::string payload;
  int qos = 1;
  bool retain = false;
  std::uint32_t expiry_s = 0;  // 0: none
  std::string correlation;     // replies
};

// Order: after BrokerLink{up}, before anything else is published. QoS 1, no-local, and retain as
// published, so that a command sent with retain is seen to be one.
struct Subscribe {
  std::vector<std::string> filters;    // retain handling 2: no retained messages
  std::vector<std::string> read_back;  // retain handling 0: what the broker holds of our own tree,
                                       // so that the core removes what it no longer stands for
};

// Signs a journal checkpoint with the site's Ed25519 key.
struct Sign {
  EffectId id = 0;
  std::string text;
};

// Writes a backup of the record into the configured folder, reads it again whole, and removes those
// that are too many. Order: at most one unanswered. It holds every Commit that came back ok before
// it, and no later Commit waits for it.
struct MakeBackup {
  EffectId id = 0;
  std::string name;  // of the file
};

// Whether a signing secret fits its hash from the staff list (config/secret.hpp), looked at on a
// thread of its own, because it takes long. The world keeps neither.
struct CheckSecret {
  EffectId id = 0;
  std::string secret;
  std::string hash;
};

// Work that takes long, on a thread of its own; it reads only what nobody changes until it is done.
struct Errand {
  virtual ~Errand() = default;
  virtual void run() = 0;
};
// Order: at most one unanswered. Nothing of the site is read anew before its end is told.
struct RunErrand {
  EffectId id = 0;
  std::shared_ptr<Errand> errand;
};

// Readings for the history behind charts. Nothing waits for it, nothing answers.
struct KeepReadings {
  std::vector<telemetry::HeardReading> readings;
};

// What one point was in the past. Order: fewer than kChartsMax unanswered.
struct ReadChart {
  EffectId id = 0;
  telemetry::Question question;
};

// What the HTTP server shows from now on: metrics in Prometheus' text form, and whether the service
// is ready, with why not.
struct Expose {
  std::string metrics;
  bool ready = false;
  std::string health;  // JSON
};

// A calendar behind a secret address, found by the SHA-256 of the secret.
struct ServedFeed {
  Sha256 digest{};
  std::string tag;  // of the text, for HTTP
  std::shared_ptr<const std::string> text;
};

// The calendars that the HTTP server has from now on, and no others.
struct ShowFeeds {
  std::shared_ptr<const std::vector<ServedFeed>> feeds;
};

// Reads the site's files anew, whole. Order: at most one unanswered.
struct ReadSite {};

enum class LogLevel : std::uint8_t { debug, info, warning, error };
struct Log {
  LogLevel level = LogLevel::info;
  std::string text;  // one line
};

// ready: polling runs and the store answers. watchdog: the core and every line answered in time
// since the last one. status: a new line of status alone. stopping: the last effect of a run.
enum class SystemdState : std::uint8_t { ready, watchdog, status, stopping };
struct NotifySystemd {
  SystemdState state = SystemdState::ready;
  std::string status;  // shown by systemctl status
};

using Effect = std::variant<SendLine, Commit, ReadRows, Publish, Subscribe, Sign, Log,
                            NotifySystemd, MakeBackup, CheckSecret, RunErrand, KeepReadings,
                            ReadChart, Expose, ShowFeeds, ReadSite>;
using Effects = std::vector<Effect>;

}  // namespace cryobank::core
