// Alarm desk: feeds the board with what machines and the service itself noticed, and carries out
// what board and page ledger say: people are told first, then the facts are made durable. The disk
// never delays a page.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "service/alarms/board.hpp"
#include "service/core/bank.hpp"
#include "service/core/publisher.hpp"
#include "service/core/recorder.hpp"

namespace cryobank::core {

// An alarm's id is "{source}.{condition}" and an id has at most 64 characters: sources that are
// made of several ids are shortened, and stay distinct by a hash.
inline constexpr std::size_t kAlarmSourceMax = 40;
std::string alarm_source(std::string_view text);
// The same text with "a patient" for each word that is a patient's pseudonym.
std::string without_patients(const inventory::Ledger& ledger, std::string_view text);

class AlarmDesk {
 public:
  AlarmDesk(Bank& bank, Publisher& publisher, Retained& retained, Recorder& recorder);

  // The board begins its run, and settings that changed since the last one are journaled.
  void start(const Now& now);
  void on_reading(const Now& now, const devices::Reading& reading);
  // What a freezer's detectors foresee, and what lies in it.
  void on_model(const Now& now, devices::DeviceIndex device);
  void on_state(const Now& now, const devices::DeviceStateChange& change);
  void on_condition(const Now& now, const devices::DeviceCondition& condition);
  // An alarm of the service, a job or a robot; the text says what was seen, the action what to do.
  void raise(const Now& now, alarms::Condition condition);
  void clear(const Now& now, std::string_view source, std::string_view condition);
  // Of the alarms of one name, those whose source does not stand any more are cleared, those of an
  // earlier run too.
  void clear_others(const Now& now, std::string_view name,
                    const std::set<std::string, std::less<>>& standing);

  // A message of a pager gateway, or of a person with a pager.
  void on_receipt(const Now& now, const ParsedTopic& topic, const BrokerMessage& message,
                  Effects& effects);
  void on_gateway(const Now& now, const ParsedTopic& topic, const BrokerMessage& message,
                  Effects& effects);

  // Publishes and queues what the board said since. Called before the recorder begins a batch.
  // False when there was nothing.
  bool drain(const Now& now, Effects& effects);

 private:
  std::string page_payload(const alarms::Page& page) const;
  Json at_risk(const DeviceId& device) const;
  void refuse(const Now& now, const UserId& user, const BrokerMessage& message, const Error& error,
              Effects& effects);

  Bank& bank_;
  Publisher& publisher_;
  Retained& retained_;
  Recorder& recorder_;
  std::vector<std::size_t> first_point_;                       // by device
  std::vector<std::optional<alarms::Board::Watched>> points_;  // empty: no rule watches it
};

}  // namespace cryobank::core
