// Plant: the models of freezers, supply tanks and rooms, their interlocks, and the desk that writes
// set-points and commands. Fed with every reading; tells conditions, asks for requests and acts.
// Verbs: "device/fill" {device} or {group}, "device/stop-fill" {device}, "device/write" {device,
// point, value}. A decision's fact is carried out only after it is durable. It never resets an
// interlock and never opens an inlet.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/record.hpp"
#include "config/site_config.hpp"
#include "devices/line/device_event.hpp"

namespace cryobank::devices {

class Plant {
 public:
  struct Outputs {
    std::vector<DeviceRequest> requests;
    std::vector<DeviceCondition> conditions;  // only changes
    std::vector<WriteOutcome> writes;
    std::vector<DeviceAct> acts;
    std::vector<DeviceIndex> changed;  // told_model() or target() differ from before
  };

  // `config` must outlive the plant.
  explicit Plant(const config::SiteConfig& config);
  ~Plant();
  Plant(const Plant&) = delete;
  Plant& operator=(const Plant&) = delete;

  // Every reading of every device, of good quality or not. Robots' readings are ignored.
  void observe(Now now, const Reading& reading, Outputs& out);
  void on_reply(Now now, std::uint64_t tag, const ModbusReply& reply, Outputs& out);
  void on_deadline(Now now, Outputs& out);
  // `config` has other limits than before.
  void take_limits(Now now, Outputs& out);
  Instant next_deadline() const;

  bool handles(std::string_view verb) const;
  Result<Decision> decide(std::string_view verb, const Json& body,
                          const CommandContext& context) const;
  // A fact of `decide`, now durable. Interlocks are asked again; a fill waits for its group's turn.
  // Ends in one final WriteOutcome that bears the id of the command.
  // Errors: the fact cannot be read, and nothing is ordered.
  Status carry_out(Now now, const Fact& fact, const std::string& command, Outputs& out);

  // The room of that robot: oxygen. Error `interlock` says why it may not move now.
  Status may_move(DeviceIndex robot) const;

  // What the model concludes just now: context, slopes, autonomy, clocks. Object.
  Json describe(Now now, DeviceIndex device) const;
  // The same as last told in Outputs::changed; null before. Told at every change of a condition,
  // and every ten minutes where it differs.
  Json told_model(DeviceIndex device) const;
  Json target(DeviceIndex device, PointIndex point) const;  // null when none is wanted

  Status load_row(std::string_view key, std::string_view value);  // "r/device/..."
  std::vector<RowChange> take_rows();

 private:
  void note_changes(Now now, std::size_t conditions_before, Outputs& out);

  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace cryobank::devices
