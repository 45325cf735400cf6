#include "devices/simulator/wire/frame.hpp"

#include <algorithm>

#include "base/checksum.hpp"
#include "base/text.hpp"
#include "devices/simulator/machine.hpp"
#include "devices/simulator/noise.hpp"

namespace cryobank::simulator {

namespace {

using devices::ModbusReply;
using devices::ModbusRequest;
using devices::RegisterTable;
using devices::ReplyKind;

constexpr std::size_t kRtuFrameMax = 256;
constexpr std::size_t kAsciiFrameMax = 513;
constexpr int kDripBytesMost = 260;

std::uint16_t word_at(std::span<const std::uint8_t> bytes, std::size_t at) {
  return static_cast<std::uint16_t>((bytes[at] << 8) | bytes[at + 1]);
}

void put_word(Bytes& bytes, std::uint16_t word) {
  bytes.push_back(static_cast<std::uint8_t>(word >> 8));
  bytes.push_back(static_cast<std::uint8_t>(word & 0xFF));
}

ParsedRequest refused(ParsedRequest parsed, std::uint8_t code) {
  parsed.exception = code;
  return parsed;
}

ParsedRequest parse_many(ParsedRequest parsed, std::span<const std::uint8_t> pdu) {
  ModbusRequest& request = parsed.request;
  const bool bits = request.table == RegisterTable::coil;
  const int most = bits ? devices::kWriteBitsMax : devices::kWriteRegistersMax;
  const std::size_t bytes = bits ? (request.count + 7u) / 8u : request.count * 2u;
  if (request.count == 0 || request.count > most || pdu.size() != 6 + bytes || pdu[5] != bytes) {
    return refused(parsed, kIllegalValue);
  }
  for (std::size_t i = 0; i < request.count; ++i) {
    const std::uint16_t value = bits ? static_cast<std::uint16_t>((pdu[6 + i / 8] >> (i % 8)) & 1)
                                     : word_at(pdu, 6 + 2 * i);
    request.values.push_back(value);
  }
  return parsed;
}

}  // namespace

ParsedRequest parse_pdu(std::uint8_t unit, std::span<const std::uint8_t> pdu) {
  ParsedRequest parsed;
  parsed.function = pdu[0];
  ModbusRequest& request = parsed.request;
  request.unit = unit;
  const bool known = (pdu[0] >= 1 && pdu[0] <= 6) || pdu[0] == 15 || pdu[0] == 16;
  if (!known) return refused(parsed, kIllegalFunction);
  if (pdu.size() < 5) return refused(parsed, kIllegalValue);
  request.address = word_at(pdu, 1);
  request.count = word_at(pdu, 3);
  switch (pdu[0]) {
    case 1:
    case 2:
    case 3:
    case 4: {
      constexpr RegisterTable kTables[] = {RegisterTable::coil, RegisterTable::discrete,
                                           RegisterTable::holding, RegisterTable::input};
      request.table = kTables[pdu[0] - 1];
      const int most = pdu[0] <= 2 ? devices::kReadBitsMax : devices::kReadRegistersMax;
      if (request.count == 0 || request.count > most || request.address + request.count > 0x10000) {
        return refused(parsed, kIllegalValue);
      }
      return parsed;
    }
    case 5:
    case 6:
      request.kind = ModbusRequest::Kind::write_single;
      request.table = pdu[0] == 5 ? RegisterTable::coil : RegisterTable::holding;
      if (pdu[0] == 5 && request.count != 0 && request.count != 0xFF00) {
        return refused(parsed, kIllegalValue);
      }
      request.values = {pdu[0] == 5 ? static_cast<std::uint16_t>(request.count != 0 ? 1 : 0)
                                    : request.count};
      request.count = 1;
      return parsed;
    default:
      request.kind = ModbusRequest::Kind::write_multiple;
      request.table = pdu[0] == 15 ? RegisterTable::coil : RegisterTable::holding;
      if (pdu.size() < 6) return refused(parsed, kIllegalValue);
      return parse_many(parsed, pdu);
  }
}

Bytes reply_pdu(const ParsedRequest& parsed, const ModbusReply& reply) {
  if (reply.kind == ReplyKind::exception) {
    return {static_cast<std::uint8_t>(parsed.function | 0x80), reply.exception};
  }
  Bytes out{parsed.function};
  const ModbusRequest& request = parsed.request;
  if (request.kind != ModbusRequest::Kind::read) {
    put_word(out, request.address);
    const bool single = request.kind == ModbusRequest::Kind::write_single;
    const bool coil = request.table == RegisterTable::coil;
    const std::uint16_t value = request.values.empty() ? 0 : request.values.front();
    const std::uint16_t echoed = coil && value != 0 ? 0xFF00 : value;
    put_word(out, single ? echoed : request.count);
    return out;
  }
  if (parsed.function >= 3) {
    out.push_back(static_cast<std::uint8_t>(2 * reply.values.size()));
    for (const std::uint16_t word : reply.values) put_word(out, word);
    return out;
  }
  const std::size_t bytes = (reply.values.size() + 7) / 8;
  out.push_back(static_cast<std::uint8_t>(bytes));
  out.resize(2 + bytes, 0);
  for (std::size_t i = 0; i < reply.values.size(); ++i) {
    if (reply.values[i] == 0) continue;
    out[2 + i / 8] = static_cast<std::uint8_t>(out[2 + i / 8] | (1u << (i % 8)));
  }
  return out;
}

Bytes tcp_frame(std::uint16_t transaction, std::uint8_t unit, const Bytes& pdu) {
  Bytes out;
  put_word(out, transaction);
  put_word(out, 0);
  put_word(out, static_cast<std::uint16_t>(pdu.size() + 1));
  out.push_back(unit);
  out.insert(out.end(), pdu.begin(), pdu.end());
  return out;
}

Bytes rtu_frame(std::uint8_t unit, const Bytes& pdu) {
  Bytes out{unit};
  out.insert(out.end(), pdu.begin(), pdu.end());
  const std::uint16_t crc = crc16_modbus(out);
  out.push_back(static_cast<std::uint8_t>(crc & 0xFF));  // low byte first on the wire
  out.push_back(static_cast<std::uint8_t>(crc >> 8));
  return out;
}

Bytes ascii_frame(std::uint8_t unit, const Bytes& pdu) {
  Bytes raw{unit};
  raw.insert(raw.end(), pdu.begin(), pdu.end());
  raw.push_back(lrc_modbus(raw));
  constexpr char kDigits[] = "0123456789ABCDEF";
  Bytes out{':'};
  for (const std::uint8_t byte : raw) {
    out.push_back(static_cast<std::uint8_t>(kDigits[byte >> 4]));
    out.push_back(static_cast<std::uint8_t>(kDigits[byte & 0xF]));
  }
  out.push_back('\r');
  out.push_back('\n');
  return out;
}

// Requests have no length field in RTU: it follows from the function. Bytes that lead nowhere are
// thrown away one by one until a frame's CRC fits.
std::optional<SerialRequest> take_rtu(Bytes& came) {
  while (came.size() >= 4) {
    const std::uint8_t function = came[1];
    std::size_t length = 8;
    if (function == 15 || function == 16) {
      if (came.size() < 7) return std::nullopt;
      length = 9u + came[6];
    }
    const bool possible = (function >= 1 && function <= 6) || function == 15 || function == 16;
    if (possible && came.size() < length) return std::nullopt;
    if (possible && length <= kRtuFrameMax) {
      const std::uint16_t crc = crc16_modbus(std::span(came).first(length - 2));
      if (came[length - 2] == (crc & 0xFF) && came[length - 1] == (crc >> 8)) {
        const auto begin = came.begin();
        SerialRequest out{came[0], {begin + 1, begin + static_cast<std::ptrdiff_t>(length) - 2}};
        came.erase(begin, begin + static_cast<std::ptrdiff_t>(length));
        return out;
      }
    }
    came.erase(came.begin());
  }
  return std::nullopt;
}

std::optional<SerialRequest> take_ascii(Bytes& came) {
  for (;;) {
    const auto colon = std::find(came.begin(), came.end(), ':');
    came.erase(came.begin(), colon);
    const auto end = std::find(came.begin(), came.end(), '\n');
    if (end == came.end()) {
      if (came.size() > kAsciiFrameMax) came.clear();
      return std::nullopt;
    }
    std::string text(came.begin() + 1, end);
    came.erase(came.begin(), end + 1);
    if (!text.empty() && text.back() == '\r') text.pop_back();
    const Result<Bytes> raw = from_hex(lower_ascii(text));
    if (!raw || raw->size() < 3 || raw->size() > kRtuFrameMax) continue;
    if (lrc_modbus(std::span(*raw).first(raw->size() - 1)) != raw->back()) continue;
    return SerialRequest{raw->front(), {raw->begin() + 1, raw->end() - 1}};
  }
}

namespace {

Bytes framed(const FrameContext& context, std::uint16_t transaction, std::uint8_t unit,
             const Bytes& pdu) {
  switch (context.framing) {
    case Framing::tcp:
      return tcp_frame(transaction, unit, pdu);
    case Framing::rtu:
      return rtu_frame(unit, pdu);
    case Framing::ascii:
      return ascii_frame(unit, pdu);
  }
  return {};
}

Bytes garbage(std::uint64_t noise, std::size_t length) {
  Bytes out(length, 0);
  for (std::size_t i = 0; i < length; ++i) out[i] = static_cast<std::uint8_t>(mix(noise, i));
  return out;
}

}  // namespace

WireAnswer wire_answer(const FrameContext& context, const ParsedRequest& parsed,
                       const Hardware::Exchange& exchange) {
  const LinkVerdict& link = exchange.link;
  const std::uint8_t unit = parsed.request.unit;
  const Bytes good = framed(context, context.transaction, unit, reply_pdu(parsed, exchange.reply));
  WireAnswer out;
  const auto say = [&out, &link](Bytes bytes) {
    out.pieces.push_back({link.delay_ms, std::move(bytes)});
  };
  switch (link.action) {
    case LinkAction::pass:
    case LinkAction::misrouted:
      say(good);
      break;
    case LinkAction::request_lost:
    case LinkAction::silent:
      break;
    case LinkAction::garbage:
      say(garbage(context.noise, good.size()));
      break;
    case LinkAction::truncated:
      say({good.begin(), good.begin() + static_cast<std::ptrdiff_t>(good.size() / 2)});
      break;
    case LinkAction::one_behind:
      if (exchange.before_fits) {
        say(framed(context, context.transaction_before, unit, reply_pdu(parsed, exchange.before)));
      }
      break;
    case LinkAction::wrong_unit:
      say(framed(context, context.transaction, static_cast<std::uint8_t>(unit + 1),
                 reply_pdu(parsed, exchange.reply)));
      break;
    case LinkAction::exception:
      say(framed(context, context.transaction, unit,
                 reply_pdu(parsed, exception_reply(link.exception))));
      break;
    case LinkAction::drip:
      for (int i = 0; i < static_cast<int>(good.size()) && i < kDripBytesMost; ++i) {
        out.pieces.push_back({link.delay_ms * (i + 1), {good[static_cast<std::size_t>(i)]}});
      }
      break;
    case LinkAction::duplicate:
      say(good);
      say(good);
      break;
    case LinkAction::disconnected:
      out.close = true;
      break;
  }
  return out;
}

}  // namespace cryobank::simulator
