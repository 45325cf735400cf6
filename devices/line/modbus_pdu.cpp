#include "devices/line/modbus_pdu.hpp"

#include <algorithm>

#include "base/check.hpp"
#include "base/text.hpp"
#include "base/try.hpp"

namespace cryobank::devices {
namespace {

constexpr std::uint8_t kExceptionBit = 0x80;
constexpr std::uint16_t kCoilOn = 0xFF00;

bool of_bits(const ModbusRequest& request) {
  return request.table == RegisterTable::coil || request.table == RegisterTable::discrete;
}

std::uint8_t read_function(RegisterTable table) {
  switch (table) {
    case RegisterTable::coil:
      return 1;
    case RegisterTable::discrete:
      return 2;
    case RegisterTable::input:
      return 4;
    case RegisterTable::holding:
      return 3;
  }
  CHECK(false);
}

std::uint8_t function_of(const ModbusRequest& request) {
  switch (request.kind) {
    case ModbusRequest::Kind::read:
      return read_function(request.table);
    case ModbusRequest::Kind::write_single:
      return of_bits(request) ? 5 : 6;
    case ModbusRequest::Kind::write_multiple:
      return of_bits(request) ? 15 : 16;
  }
  CHECK(false);
}

int longest(const ModbusRequest& request) {
  switch (request.kind) {
    case ModbusRequest::Kind::read:
      return of_bits(request) ? kReadBitsMax : kReadRegistersMax;
    case ModbusRequest::Kind::write_single:
      return 1;
    case ModbusRequest::Kind::write_multiple:
      return of_bits(request) ? kWriteBitsMax : kWriteRegistersMax;
  }
  CHECK(false);
}

Status check_request(const ModbusRequest& request) {
  const bool writes = request.kind != ModbusRequest::Kind::read;
  const auto refused = [](std::string_view text) {
    return make_error(ErrorCode::invalid_value, cat("Modbus request: ", text));
  };
  if (writes && request.table != RegisterTable::coil && request.table != RegisterTable::holding) {
    return refused(cat("expected a table that can be written, came ", name_of(request.table)));
  }
  if (request.count < 1 || request.count > longest(request)) {
    return refused(cat("expected 1 to ", longest(request), " items, came ", request.count));
  }
  if (request.address + request.count > 65536) {
    return refused(
        cat("expected items up to 65535, came ", request.count, " from ", request.address));
  }
  if (writes && request.values.size() != request.count) {
    return refused(cat("expected ", request.count, " values, came ", request.values.size()));
  }
  return {};
}

void append_word(Bytes& out, std::uint16_t word) {
  out.push_back(static_cast<std::uint8_t>(word >> 8));
  out.push_back(static_cast<std::uint8_t>(word & 0xFF));
}

void append_values(Bytes& out, const ModbusRequest& request) {
  if (!of_bits(request)) {
    out.push_back(static_cast<std::uint8_t>(2 * request.count));
    for (const std::uint16_t value : request.values) append_word(out, value);
    return;
  }
  Bytes packed(static_cast<std::size_t>((request.count + 7) / 8), 0);
  for (std::size_t i = 0; i < request.values.size(); ++i) {
    if (request.values[i] != 0) packed[i / 8] |= static_cast<std::uint8_t>(1u << (i % 8));
  }
  out.push_back(static_cast<std::uint8_t>(packed.size()));
  out.insert(out.end(), packed.begin(), packed.end());
}

std::size_t data_bytes(const ModbusRequest& request) {
  return static_cast<std::size_t>(of_bits(request) ? (request.count + 7) / 8 : 2 * request.count);
}

ModbusReply another_answer() {
  return {ReplyKind::malformed, 0, {}, true, Wrong::another_answer, 0};
}

ModbusReply values_of(const ModbusRequest& request, std::span<const std::uint8_t> data) {
  ModbusReply reply{ReplyKind::ok, 0, {}, true};
  reply.values.reserve(request.count);
  for (std::size_t i = 0; i < request.count; ++i) {
    const std::uint16_t value = of_bits(request)
                                    ? static_cast<std::uint16_t>(data[i / 8] >> (i % 8) & 1)
                                    : word_at(data, 2 * i);
    reply.values.push_back(value);
  }
  return reply;
}

}  // namespace

Result<Bytes> request_pdu(const ModbusRequest& request) {
  TRY(check_request(request));
  Bytes pdu;
  pdu.push_back(function_of(request));
  append_word(pdu, request.address);
  switch (request.kind) {
    case ModbusRequest::Kind::read:
      append_word(pdu, request.count);
      break;
    case ModbusRequest::Kind::write_single: {
      const std::uint16_t value = request.values[0];
      append_word(pdu, of_bits(request) && value != 0 ? kCoilOn : value);
      break;
    }
    case ModbusRequest::Kind::write_multiple:
      append_word(pdu, request.count);
      append_values(pdu, request);
      break;
  }
  return pdu;
}

ModbusReply reply_of_pdu(const ModbusRequest& request, std::span<const std::uint8_t> pdu) {
  const std::uint8_t function = function_of(request);
  if (pdu.size() == 2 && pdu[0] == (function | kExceptionBit) && pdu[1] != 0) {
    return {ReplyKind::exception, pdu[1], {}, true};
  }
  if (pdu.size() != answer_pdu_length(request) || pdu[0] != function) return another_answer();
  if (request.kind == ModbusRequest::Kind::read) {
    if (pdu[1] != data_bytes(request)) return another_answer();
    return values_of(request, pdu.subspan(2));
  }
  // A write answers with the first five bytes of its request.
  const auto sent = request_pdu(request);
  if (!sent || !std::equal(pdu.begin(), pdu.end(), sent->begin())) return another_answer();
  return {ReplyKind::ok, 0, {}, true};
}

ModbusReply reply_of_counted_pdu(const ModbusRequest& request, std::span<const std::uint8_t> pdu) {
  constexpr std::size_t kHead = 2;  // function, count
  const bool reads = request.kind == ModbusRequest::Kind::read && !of_bits(request);
  if (!reads || pdu.size() < kHead || pdu[0] != function_of(request)) {
    return reply_of_pdu(request, pdu);
  }
  const std::span<const std::uint8_t> data = pdu.subspan(kHead);
  const bool one_byte = request.count == 1 && data.size() == 1;
  if ((data.size() != data_bytes(request) && !one_byte) ||
      (pdu[1] != data.size() && pdu[1] != 2 * data.size())) {
    return another_answer();
  }
  if (!one_byte) return values_of(request, data);
  return {ReplyKind::ok, 0, {data[0]}, true};
}

std::size_t answer_pdu_length(const ModbusRequest& request) {
  return request.kind == ModbusRequest::Kind::read ? 2 + data_bytes(request) : 5;
}

}  // namespace cryobank::devices
