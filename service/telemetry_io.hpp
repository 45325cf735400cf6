// Telemetry thread: the one owner of the store of the history behind charts, a LevelDB of its own
// that is never synced. It takes readings from the loop without ever making it wait (too many
// waiting are thrown away and counted), thins them (telemetry/point_series.hpp), writes blocks,
// removes what is too old, and answers questions. A store that cannot be opened or is damaged is
// put aside under another name and begun anew: losing it makes nothing wrong. Errors of a question:
// unavailable, corrupt, io.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <variant>
#include <vector>

#include "base/result.hpp"
#include "inventory/record/leveldb_io.hpp"
#include "service/telemetry/chart.hpp"
#include "service/telemetry/point_series.hpp"

namespace cryobank::service {

// Readings that wait: a minute of a site of 200 devices with 20 points read each second.
inline constexpr std::size_t kReadingsWaitingMax = 250'000;
inline constexpr std::size_t kQuestionsWaitingMax = 256;

struct TelemetrySettings {
  std::string directory;
  telemetry::KeepFor keep;
  std::vector<telemetry::SeriesName> series;
};

class TelemetryThread {
 public:
  using Done = std::function<void(Result<telemetry::Chart>)>;  // called on this class's thread
  using Say = std::function<void(std::string)>;                // a line for the log

  TelemetryThread(TelemetrySettings settings, Say say);
  // Writes what is open and ends the thread.
  ~TelemetryThread();
  TelemetryThread(const TelemetryThread&) = delete;
  TelemetryThread& operator=(const TelemetryThread&) = delete;

  void keep(std::vector<telemetry::HeardReading> readings);
  void ask(telemetry::Question question, WallTime now, Done done);
  // Answers once everything before it was done; for tests and measurements.
  void flush(std::function<void()> done);

 private:
  struct Ask {
    telemetry::Question question;
    WallTime now;
    Done done;
  };
  struct Flush {
    std::function<void()> done;
  };
  using Job = std::variant<std::vector<telemetry::HeardReading>, Ask, Flush>;

  void run(const std::stop_token& stop);
  void open();
  void put_aside(const Error& why);
  void carry_out(Job& job);
  void hear(const std::vector<telemetry::HeardReading>& readings);
  void write(bool all);
  void forget_old();
  Result<telemetry::Chart> answer(const telemetry::Question& question, WallTime now);
  Status read_rows(telemetry::Tier tier, const telemetry::Question& question,
                   const inventory::RowVisit& visit);

  const TelemetrySettings settings_;
  const Say say_;
  std::vector<telemetry::PointSeries> series_;
  std::map<std::string, std::size_t, std::less<>> by_name_;
  std::unique_ptr<inventory::LevelDbStore> store_;
  WallTime newest_{};
  WallTime written_{};
  WallTime forgot_{};

  std::mutex mutex_;
  std::condition_variable_any wake_;
  std::deque<Job> jobs_;
  std::size_t readings_waiting_ = 0;
  std::size_t questions_waiting_ = 0;
  std::uint64_t thrown_away_ = 0;
  std::jthread thread_;  // last: starts when everything above stands
};

}  // namespace cryobank::service
