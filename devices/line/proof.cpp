#include "devices/line/proof.hpp"

#include "base/text.hpp"
#include "devices/line/modbus_pdu.hpp"
#include "devices/line/register_codec.hpp"
#include "devices/line/register_plan.hpp"
#include "devices/line/text_protocol.hpp"

namespace cryobank::devices {
namespace {

Result<ModbusRequest> request_of(const Bytes& pdu) {
  constexpr std::size_t kReadLength = 5;
  if (pdu.size() != kReadLength || pdu[0] < 1 || pdu[0] > 4) {
    return make_error(ErrorCode::malformed, "expected a read of five bytes, function 1 to 4");
  }
  constexpr RegisterTable kTables[] = {RegisterTable::coil, RegisterTable::discrete,
                                       RegisterTable::holding, RegisterTable::input};
  ModbusRequest request;
  request.table = kTables[pdu[0] - 1];
  request.address = static_cast<std::uint16_t>(pdu[1] << 8 | pdu[2]);
  request.count = static_cast<std::uint16_t>(pdu[3] << 8 | pdu[4]);
  return request;
}

// What the line, as the answer of unit 1 or unasked, says of the point.
Result<std::string> shown_by_text(const config::DeviceProfile& profile,
                                  const config::ProofFrame& proof) {
  if (!is_plain_text(proof.response)) {
    return make_error(ErrorCode::malformed, "expected printable characters");
  }
  std::vector<TextForm> forms = text_forms(profile, 1);
  std::erase_if(forms, [&](const TextForm& form) { return form.question != proof.request; });
  std::vector<TextValue> values;
  if (read_any(profile, forms, proof.response, values) == TextFit::none) {
    return make_error(ErrorCode::mismatch, "expected a line of this profile");
  }
  for (const TextValue& value : values) {
    const config::Point& point = profile.points[value.point];
    if (point.id.str() == proof.point) return show(point, value.decoded);
  }
  return make_error(ErrorCode::mismatch, "the line does not speak of it");
}

}  // namespace

Status prove(const config::DeviceProfile& profile, const config::ProofFrame& proof) {
  const auto failed = [&](std::string_view text) {
    return make_error(ErrorCode::mismatch,
                      cat(profile.file, ":", proof.line, ": proof of ", proof.point, ": ", text));
  };
  if (profile.is_text()) {
    const auto shown = shown_by_text(profile, proof);
    if (!shown) return failed(shown.error().context);
    if (*shown == proof.expect) return {};
    return failed(cat("expected ", proof.expect, ", the line decodes to ", *shown));
  }
  const auto asked = from_hex(proof.request);
  const auto answered = from_hex(proof.response);
  if (!asked || !answered) return failed("expected hexadecimal frames");
  const auto request = request_of(*asked);
  if (!request) return failed(request.error().context);
  const ModbusReply reply = profile.quirks.counts_characters
                                ? reply_of_counted_pdu(*request, *answered)
                                : reply_of_pdu(*request, *answered);
  if (reply.kind != ReplyKind::ok) return failed(cat("the answer is ", name_of(reply.kind)));
  for (std::uint32_t i = 0; i < profile.points.size(); ++i) {
    const config::Point& point = profile.points[i];
    if (point.id.str() != proof.point) continue;
    const Span span = span_of(profile, i);
    if (span.table != request->table || span.address < request->address ||
        span.address + span.count > request->address + request->count) {
      return failed("the frame does not read it");
    }
    const auto words =
        std::span(reply.values)
            .subspan(static_cast<std::size_t>(span.address - request->address), span.count);
    const std::string shown = show(point, decode(point, words));
    if (shown == proof.expect) return {};
    return failed(cat("expected ", proof.expect, ", the frame decodes to ", shown));
  }
  return failed("expected a point of this profile");
}

}  // namespace cryobank::devices
