// RegisterMap: puts a machine's signals into the registers its profile names, and takes written
// values out of them. The encoding is this room's own: a mistake in the driver's codec shows, and
// does not cancel out. Behaves as the profile's quirks say: the largest read, one item a read,
// gaps.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/json.hpp"
#include "base/row_reader.hpp"
#include "config/device_profile.hpp"
#include "devices/line/modbus.hpp"
#include "devices/simulator/quantity.hpp"

namespace cryobank::simulator {

// What the map asks of its machine.
class SignalSource {
 public:
  virtual ~SignalSource() = default;
  virtual Signal signal(Quantity quantity, const config::Point& point) = 0;
  // `value` is in the quantity's unit. 0 when taken, else the exception code.
  virtual std::uint8_t take(Quantity quantity, const config::Point& point, Milli value) = 0;
};

// Values of points whose physics nobody simulates, by id.
using FixedValues = std::map<std::string, std::int64_t>;

class RegisterMap {
 public:
  // `profile` must outlive the map.
  // `unit`: the address of the machine, which its unit word repeats.
  RegisterMap(const config::DeviceProfile& profile, std::uint8_t unit);

  devices::ModbusReply serve(const devices::ModbusRequest& request, SignalSource& source);
  const config::DeviceProfile& profile() const { return profile_; }
  // What a point shows whose physics nobody simulates: what was written or set, else the identity
  // value, else the value nearest to 0 that the profile calls valid.
  Signal fixed_signal(const FixedValues& values, const config::Point& point) const;

 private:
  struct Cell {
    std::uint16_t address = 0;
    std::uint16_t width = 1;
    const config::Point* point = nullptr;
    Quantity quantity = Quantity::fixed;
  };
  using Cells = std::vector<Cell>;

  const Cells& cells(devices::RegisterTable table) const;
  devices::ModbusReply read(const devices::ModbusRequest& request, SignalSource& source) const;
  devices::ModbusReply write(const devices::ModbusRequest& request, SignalSource& source) const;
  std::uint8_t check_read(const devices::ModbusRequest& request) const;

  const config::DeviceProfile& profile_;
  const config::Point* identity_point_ = nullptr;
  const config::Point* unit_point_ = nullptr;
  std::uint8_t unit_;
  Signal identity_;
  Cells tables_[4];
};

// The words of a point that shows `signal`, at most 64 registers.
std::vector<std::uint16_t> encode_words(const config::Point& point, const Signal& signal);
// The same into `words`, where the point begins at words[first]; what lies outside of `words` is
// left out.
void show(const config::Point& point, const Signal& signal, int first,
          std::vector<std::uint16_t>& words);
// The value in the point's unit of written words. REQUIRES: words.size() == point.registers.
Milli decode_words(const config::Point& point, const std::vector<std::uint16_t>& words);

// {"point": id, "value": number}. Error when the profile has no such point.
Status set_fixed(const config::DeviceProfile& profile, FixedValues& values, const Json& command);
Json save_fixed(const FixedValues& values);
FixedValues restore_fixed(RowReader& in, std::string_view key);

}  // namespace cryobank::simulator
