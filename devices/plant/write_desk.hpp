// WriteDesk: carries out writes of set-points and commands and proves them by reading back. A write
// is sent once. What did not come back as written is `unknown` and is read, not repeated: equal
// means confirmed; another value for the whole time allowed means refused. It decides nothing:
// may_write and the interlocks were asked before.
//
//   sending --ok--> checking --equal--> confirmed        checking --other value in time--> refused
//   sending --lost-> checking (told unknown)             checking --no answer in time----> unknown,
//   and the reading goes on, ever slower, for a day
// A set-point that was confirmed and then reads otherwise was turned at the machine: `parted`,
// until it reads as wanted again or is written anew.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/record.hpp"
#include "config/site_config.hpp"
#include "devices/line/device_event.hpp"
#include "devices/plant/write_rules.hpp"

namespace cryobank::devices {

struct WriteOrder {
  DeviceIndex device;
  PointIndex point;
  Milli wanted{};
  std::string command;  // id of the command that asks for it
  std::string by;
  std::string witness;
  std::string reason;
};

struct WriteOutputs {
  std::vector<DeviceRequest>& requests;
  std::vector<WriteOutcome>& writes;
};

class WriteDesk {
 public:
  // `config` must outlive the desk.
  explicit WriteDesk(const config::SiteConfig& config);

  const config::Point* point(DeviceIndex device, PointIndex point) const;
  const WriteHistory& history(DeviceIndex device, PointIndex point) const;
  // A write of that point is not proven yet.
  bool open(DeviceIndex device, PointIndex point) const;

  // Sends it. An open write of the same point ends as unknown: the newer one is what counts.
  void order(Now now, const WriteOrder& order, WriteOutputs out);
  // Tells that an order was not sent after all.
  void refuse(Now now, const WriteOrder& order, std::string reason, WriteOutputs out);
  // True when the tag was one of the desk's.
  bool on_reply(Now now, std::uint64_t tag, const ModbusReply& reply, WriteOutputs out);
  // A reading of a point. True when target and value parted, or agree again.
  bool observe(const Reading& reading);
  // "fill start reads 100, wanted 127 (by anna)": empty when no set-point of the device parted.
  std::string parted(DeviceIndex device) const;
  void on_deadline(Now now, WriteOutputs out);
  Instant next_deadline() const;

  // {value, by, witness, at, state: "sending"|"checking"|"confirmed"|"refused"|"unknown"|"parted",
  // reason}
  Json target(DeviceIndex device, PointIndex point) const;

  // "r/device/{device}/writes/{point}"
  Status load_row(std::string_view key, std::string_view value);
  std::vector<RowChange> take_rows();

 private:
  using Key = std::pair<DeviceIndex, PointIndex>;
  enum class State : std::uint8_t { sending, checking, confirmed, refused, unknown, parted };
  struct Entry {
    WriteHistory history;
    bool ordered = false;  // order below is set
    WriteOrder order;
    WallTime at;
    State state = State::confirmed;
    bool told_unknown = false;
    std::string reason;
    std::optional<Milli> read;  // last value read back
    int others = 0;             // readings in a row that differ from what was confirmed
    std::uint64_t tag = 0;      // of the open request, 0: none
    Instant next_read = kNever;
    Instant until = kNever;  // end of the time to confirm
    Instant give_up = kNever;
    Duration read_every{};
    bool changed = false;  // row to tell
  };
  static std::string_view name_of(State state);
  static Result<Entry> read_row(std::string_view key, const Json& row);

  bool awaits(const Entry& entry) const;
  const config::Point* confirm_point(const Key& key) const;
  void take_write_answer(Now now, const Key& key, Entry& entry, const ModbusReply& reply,
                         WriteOutputs out);
  void send_read(Now now, const Key& key, Entry& entry, WriteOutputs out);
  void take_answer(Now now, const Key& key, Entry& entry, const ModbusReply& reply,
                   WriteOutputs out);
  void conclude(Entry& entry, WriteOutcome::Kind kind, State state, std::string reason,
                WriteOutputs out);
  static void tell_unknown(const Entry& entry, WriteOutputs out);
  std::string row_key(const Key& key) const;

  const config::SiteConfig& config_;
  std::map<Key, Entry> entries_;
  std::uint64_t next_tag_ = 1;
};

}  // namespace cryobank::devices
