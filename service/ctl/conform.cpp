#include "service/ctl/conform.hpp"

#include "base/text.hpp"
#include "devices/line/register_codec.hpp"
#include "devices/line/register_plan.hpp"

namespace cryobank::ctl {
namespace {

std::string words_of(const std::vector<std::uint16_t>& words) {
  std::string out;
  for (const std::uint16_t word : words) {
    out += cat(out.empty() ? "" : " ", hex16(word).substr(12));
  }
  return out;
}

Finding check_point(const config::DeviceProfile& profile, const devices::Span& span,
                    std::uint32_t index, const std::vector<std::uint16_t>& words) {
  const config::Point& point = profile.points[index];
  const auto first = words.begin() + (point.address - span.address);
  const std::vector<std::uint16_t> own(first, first + devices::width_of(point));
  const devices::Decoded decoded = devices::decode(point, own);
  const bool identity = point.id == profile.identity_point;
  const std::string shown = devices::show(point, decoded);
  const bool good =
      decoded.quality == Quality::good &&
      (!identity || profile.identity_value.empty() || shown == profile.identity_value ||
       (decoded.value && format_milli(*decoded.value) == profile.identity_value));
  return {good, cat("point ", point.id.str(), " is read as a value of its range"),
          cat("words ", words_of(own), " decode to ", shown)};
}

}  // namespace

std::vector<Finding> check_block(Machine& machine, const config::DeviceProfile& profile) {
  std::vector<Finding> findings;
  for (const devices::Span& span : devices::plan_spans(profile, {})) {
    const auto reply = machine.ask(devices::read_request(span, machine.unit()));
    const bool whole = reply.kind == devices::ReplyKind::ok && reply.values.size() == span.count;
    findings.push_back({whole,
                        cat(devices::name_of(span.table), " ", span.address, " to ",
                            span.address + span.count - 1, " come in one read"),
                        cat("expected ", span.count, " words, came ", describe(reply))});
    if (!whole) continue;
    for (const std::uint32_t index : span.points) {
      findings.push_back(check_point(profile, span, index, reply.values));
    }
  }
  return findings;
}

}  // namespace cryobank::ctl
