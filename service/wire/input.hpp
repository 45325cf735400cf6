// Input: everything that can happen to the core. A closed list; each comes with its own Now.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "base/record.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "config/reload.hpp"
#include "devices/line/line.hpp"
#include "service/telemetry/chart.hpp"

namespace cryobank::core {

using EffectId = std::uint64_t;  // of the effect that an input completes

// First input of every run, after the rows were loaded.
struct Started {};

// The clock reached next_deadline(), or passed it.
struct Tick {};

// One message that the broker delivered. Lengths were bounded by the edge (kMessageMax).
struct BrokerMessage {
  std::string topic;
  std::string payload;
  bool retained = false;
  std::string response_topic;
  std::string correlation;
};

// Why there is no link, as far as the edge can tell.
enum class LinkTrouble : std::uint8_t {
  none,
  lost,            // it stood, and broke
  silent,          // nobody answers
  refused,         // nobody listens there
  name_unknown,    // the host's name is not known
  wrong_login,     // user or password
  not_authorised,  // the user may not connect
  certificate,     // TLS: no trust either way, or a file of it cannot be read
  taken_over       // another client connected with this one's identity
};

// Link up: after every connect, before any message of it. Nothing published before is assumed to be
// there still; the core publishes the whole retained tree again and subscribes.
struct BrokerLink {
  bool up = false;
  std::uint16_t receive_max = 20;  // the broker's Receive Maximum
  LinkTrouble trouble = LinkTrouble::none;
  std::string why = {};  // in words, when it is not up
  // It took a publish that this login may not do: no access list, so any login may speak as
  // another.
  bool unguarded = false;
};

// A QoS 1 publish was acknowledged (ok) or refused by the broker (not ok, e.g. 135 not authorised).
// After a link loss no acknowledgement comes for what was in flight.
struct BrokerAck {
  EffectId publish = 0;
  bool ok = true;
  int reason = 0;
};

// A Commit effect ended. Not ok: nothing of the batch is in the store.
struct Committed {
  EffectId commit = 0;
  Status status;
  Duration took{};
};

// A ReadRows effect ended.
struct RowsRead {
  EffectId read = 0;
  Result<std::vector<RowChange>> rows;
};

// A Sign effect ended: the signature line of a checkpoint, base64.
struct Signed {
  EffectId sign = 0;
  Result<std::string> note;
};

// A MakeBackup effect ended. Not ok: there is no new file.
struct BackupMade {
  std::string file;            // whole path
  std::uint64_t sequence = 0;  // of the last journal entry in it
  std::string root;            // of the journal's tree, hex
  std::uint64_t rows = 0;
  std::uint64_t bytes = 0;
  int kept = 0;  // backups in the folder now
  Duration took{};
};
struct BackupEnded {
  EffectId backup = 0;
  Result<BackupMade> made;
};

// Something about the record's files that people must know and the core cannot see.
struct RecordNotice {
  std::string condition;  // of the alarm: "journal-copy-behind"
  bool active = false;
  std::string text;
};

// A CheckSecret effect ended; an Error: nobody could look.
struct SecretChecked {
  EffectId check = 0;
  Result<bool> matches = false;
};

// A RunErrand effect ended.
struct ErrandDone {
  EffectId errand = 0;
};

// A ReadChart effect ended; an Error: no history is kept, or it cannot be read.
struct ChartRead {
  EffectId read = 0;
  Result<telemetry::Chart> chart;
};

// A ReadSite effect ended. With faults nothing of it may be used.
struct SiteRead {
  std::shared_ptr<const config::SiteConfig> site;  // null: refused
  config::SiteDifference difference;               // against what runs
  std::vector<std::string> faults;                 // "file:line: text", warnings too
};

enum class OperatorSignal : std::uint8_t {
  stop,
  reload,
  clock_stepped,
  clock_synchronised,
  clock_unsynchronised
};

using Input =
    std::variant<Started, Tick, devices::LineReply, devices::LineText, BrokerMessage, BrokerLink,
                 BrokerAck, Committed, RowsRead, Signed, OperatorSignal, BackupEnded, RecordNotice,
                 SecretChecked, ErrandDone, ChartRead, SiteRead>;

}  // namespace cryobank::core
