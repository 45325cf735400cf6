#include "devices/line/register_plan.hpp"

#include <algorithm>
#include <tuple>

#include "base/check.hpp"
#include "devices/line/register_codec.hpp"

namespace cryobank::devices {
namespace {

bool of_bits(RegisterTable table) {
  return table == RegisterTable::coil || table == RegisterTable::discrete;
}

int end_of(const Span& span) { return span.address + span.count; }

int longest_read(const config::Quirks& quirks, RegisterTable table) {
  return of_bits(table) ? std::min<int>(quirks.bits_max, kReadBitsMax)
                        : std::min<int>(quirks.registers_max, kReadRegistersMax);
}

bool shares_registers(const Span& span, const Span& next) { return next.address < end_of(span); }

bool may_join(const config::Quirks& quirks, const Span& span, const Span& next) {
  if (span.table != next.table || span.read_class != next.read_class) return false;
  if (shares_registers(span, next) && next.address == span.address && next.count == span.count) {
    return true;  // bits of one register are one item
  }
  if (quirks.single_item_reads) return false;
  if (next.address > end_of(span) + quirks.gap_max) return false;
  return std::max(end_of(span), end_of(next)) - span.address <= longest_read(quirks, span.table);
}

void join(Span& span, const Span& next) {
  const int end = std::max(end_of(span), end_of(next));
  span.count = static_cast<std::uint16_t>(end - span.address);
  span.points.insert(span.points.end(), next.points.begin(), next.points.end());
}

void sort_by_place(std::vector<Span>& spans) {
  std::sort(spans.begin(), spans.end(), [](const Span& a, const Span& b) {
    return std::tie(a.table, a.read_class, a.address, a.count, a.points) <
           std::tie(b.table, b.read_class, b.address, b.count, b.points);
  });
}

template <class MayJoin>
std::vector<Span> joined(std::vector<Span> items, MayJoin may) {
  sort_by_place(items);
  std::vector<Span> spans;
  for (Span& item : items) {
    if (!spans.empty() && may(spans.back(), item)) {
      join(spans.back(), item);
    } else {
      spans.push_back(std::move(item));
    }
  }
  return spans;
}

}  // namespace

std::vector<Span> plan_spans(const config::DeviceProfile& profile,
                             const std::vector<std::uint32_t>& left_out) {
  std::vector<Span> items;
  for (std::uint32_t i = 0; i < profile.points.size(); ++i) {
    if (std::find(left_out.begin(), left_out.end(), i) != left_out.end()) continue;
    items.push_back(span_of(profile, i));
  }
  return joined(std::move(items), [&](const Span& span, const Span& next) {
    return may_join(profile.quirks, span, next);
  });
}

std::vector<Span> split_span(const config::DeviceProfile& profile, const Span& span) {
  std::vector<Span> items;
  for (const std::uint32_t point : span.points) items.push_back(span_of(profile, point));
  return joined(std::move(items), shares_registers);
}

Span span_of(const config::DeviceProfile& profile, std::uint32_t point) {
  const config::Point& source = profile.points[point];
  Span span;
  span.table = table_of(source.table);
  span.address = source.address;
  span.count = static_cast<std::uint16_t>(width_of(source));
  span.read_class = source.read_class;
  span.points = {point};
  return span;
}

ModbusRequest read_request(const Span& span, std::uint8_t unit) {
  ModbusRequest request;
  request.kind = ModbusRequest::Kind::read;
  request.unit = unit;
  request.table = span.table;
  request.address = span.address;
  request.count = span.count;
  return request;
}

Instant next_on_grid(Instant due, Duration period, Instant now) {
  CHECK(period.ns > 0);
  if (due > now) return due;
  const std::int64_t missed = (now - due).ns / period.ns;
  return due + period * (missed + 1);
}

}  // namespace cryobank::devices
