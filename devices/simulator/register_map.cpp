#include "devices/simulator/register_map.hpp"

#include <algorithm>

#include "devices/simulator/machine.hpp"

namespace cryobank::simulator {

namespace {

using devices::ModbusReply;
using devices::ModbusRequest;
using devices::RegisterTable;
using devices::ReplyKind;

bool is_bit_table(RegisterTable table) {
  return table == RegisterTable::coil || table == RegisterTable::discrete;
}

RegisterTable table_of(config::PointTable table) {
  switch (table) {
    case config::PointTable::coil:
      return RegisterTable::coil;
    case config::PointTable::discrete:
      return RegisterTable::discrete;
    case config::PointTable::input:
      return RegisterTable::input;
    case config::PointTable::holding:
      return RegisterTable::holding;
  }
  return RegisterTable::holding;
}

ModbusReply ok_reply() {
  ModbusReply reply;
  reply.kind = ReplyKind::ok;
  return reply;
}

}  // namespace

ModbusReply exception_reply(std::uint8_t code) {
  ModbusReply reply;
  reply.kind = ReplyKind::exception;
  reply.exception = code;
  return reply;
}

RegisterMap::RegisterMap(const config::DeviceProfile& profile, std::uint8_t unit)
    : profile_(profile), unit_(unit) {
  for (const config::Point& point : profile.points) {
    const RegisterTable table = table_of(point.table);
    Cell cell;
    cell.address = point.address;
    cell.width =
        is_bit_table(table) ? std::uint16_t{1} : std::max<std::uint16_t>(1, point.registers);
    cell.point = &point;
    cell.quantity = quantity_of(profile.kind, point.id.str());
    tables_[static_cast<std::size_t>(table)].push_back(cell);
  }
  if (!profile.unit_point.empty()) unit_point_ = profile.find(profile.unit_point.str());
  if (!profile.identity_point.empty()) identity_point_ = profile.find(profile.identity_point.str());
  if (identity_point_ != nullptr && identity_point_->type == config::PointType::ascii) {
    identity_.text = profile.identity_value;
  } else if (const Result<Milli> number = parse_milli(profile.identity_value)) {
    identity_.value = *number;
  }
  for (Cells& cells : tables_) {
    std::stable_sort(cells.begin(), cells.end(),
                     [](const Cell& a, const Cell& b) { return a.address < b.address; });
  }
}

const RegisterMap::Cells& RegisterMap::cells(RegisterTable table) const {
  return tables_[static_cast<std::size_t>(table)];
}

ModbusReply RegisterMap::serve(const ModbusRequest& request, SignalSource& source) {
  return request.kind == ModbusRequest::Kind::read ? read(request, source) : write(request, source);
}

// 0, or the exception a machine with this map and these quirks answers.
std::uint8_t RegisterMap::check_read(const ModbusRequest& request) const {
  const config::Quirks& quirks = profile_.quirks;
  const bool bits = is_bit_table(request.table);
  if (cells(request.table).empty()) return kIllegalFunction;
  if (request.count == 0 || request.count > (bits ? quirks.bits_max : quirks.registers_max)) {
    return kIllegalValue;
  }
  int next = request.address;
  const int end = request.address + request.count;
  int items = 0;
  int last_address = -1;
  for (const Cell& cell : cells(request.table)) {
    const int stop = cell.address + cell.width;
    if (stop <= request.address || cell.address >= end) continue;
    if (cell.address > next + quirks.gap_max) return kIllegalAddress;
    next = std::max(next, stop);
    if (cell.address != last_address) ++items;
    last_address = cell.address;
  }
  if (items == 0 || end > next + quirks.gap_max) return kIllegalAddress;
  if (quirks.single_item_reads && items > 1) return kIllegalFunction;
  return 0;
}

ModbusReply RegisterMap::read(const ModbusRequest& request, SignalSource& source) const {
  if (const std::uint8_t refused = check_read(request)) return exception_reply(refused);
  ModbusReply reply = ok_reply();
  reply.values.assign(request.count, 0);
  const int end = request.address + request.count;
  for (const Cell& cell : cells(request.table)) {
    if (cell.address + cell.width <= request.address) continue;
    if (cell.address >= end) break;
    Signal signal = source.signal(cell.quantity, *cell.point);
    if (is_bit_table(request.table)) {
      reply.values[static_cast<std::size_t>(cell.address - request.address)] =
          signal.value.v != 0 ? 1 : 0;
      continue;
    }
    signal.value = to_unit(signal.value, cell.point->unit);
    show(*cell.point, signal, cell.address - request.address, reply.values);
  }
  return reply;
}

// Takes whole points only, and all of a write or, at the first refusal, no more of it.
ModbusReply RegisterMap::write(const ModbusRequest& request, SignalSource& source) const {
  if (request.values.empty() || request.values.size() != request.count) {
    return exception_reply(kIllegalValue);
  }
  if (request.table == RegisterTable::input || request.table == RegisterTable::discrete) {
    return exception_reply(kIllegalFunction);
  }
  int next = request.address;
  const int end = request.address + request.count;
  for (const Cell& cell : cells(request.table)) {
    if (cell.address < next) continue;
    if (cell.address != next || cell.address + cell.width > end) break;
    // What starts a relay robot is no point that a person may write, and its machine takes it.
    const bool robots = cell.quantity == Quantity::relay;
    if (cell.point->write.write_class == config::WriteClass::never && !robots) break;
    const std::size_t first = static_cast<std::size_t>(cell.address - request.address);
    Milli value = whole(request.values[first] != 0 ? 1 : 0);
    if (!is_bit_table(request.table)) {
      const auto begin = request.values.begin() + static_cast<std::ptrdiff_t>(first);
      value = decode_words(*cell.point, {begin, begin + cell.width});
    }
    const config::WriteRules& rules = cell.point->write;
    if (!robots && (value < rules.minimum || value > rules.maximum)) {
      return exception_reply(kIllegalValue);
    }
    const Milli wanted = from_unit(value, cell.point->unit);
    if (const std::uint8_t refused = source.take(cell.quantity, *cell.point, wanted)) {
      return exception_reply(refused);
    }
    next = cell.address + cell.width;
  }
  return next == end ? ok_reply() : exception_reply(kIllegalAddress);
}

}  // namespace cryobank::simulator
