#include "service/core/desk/chart_desk.hpp"

#include <utility>

#include "base/text.hpp"
#include "base/try.hpp"

namespace cryobank::core {
namespace {

// What a client without a wish gets: more than most screens have columns.
constexpr std::int64_t kRowsUnsaid = 1'200;
constexpr Duration kChartSpanMax = days(40 * 366);

// Identities and the like are read once at each contact and have no history.
bool has_history(const config::Point& point) { return point.read_class != config::ReadClass::once; }

Duration period_of(const config::DeviceConfig& device, const config::Point& point) {
  return point.read_class == config::ReadClass::fast ? device.poll_fast : device.poll_slow;
}

Json chart_json(const telemetry::Chart& chart) {
  Json rows = Json::array();
  for (const telemetry::Row& row : chart.rows) {
    Json cells = Json::array().push(row.at.ms);
    if (row.gap) {
      cells.push(Json());
    } else {
      const telemetry::Bucket& b = row.bucket;
      cells.push(Milli{b.low}).push(Milli{b.mean()}).push(Milli{b.high});
    }
    rows.push(std::move(cells));
  }
  return rows;
}

Result<WallTime> need_time(const Json& body, std::string_view key) {
  TRY_ASSIGN(const std::string text, body.get_string(key));
  return parse_utc(text);
}

}  // namespace

std::vector<telemetry::SeriesName> chart_series(const config::SiteConfig& config) {
  std::vector<telemetry::SeriesName> names;
  for (const config::DeviceConfig& device : config.devices) {
    const config::DeviceProfile* profile = config.profile_of(device);
    CHECK(profile != nullptr);
    for (const config::Point& point : profile->points) {
      if (!has_history(point)) continue;
      names.push_back({cat(device.id.str(), "/", point.id.str()), period_of(device, point)});
    }
  }
  return names;
}

ChartDesk::ChartDesk(Bank& bank, Publisher& publisher) : bank_(bank), publisher_(publisher) {
  std::uint32_t next = 0;
  for (const config::DeviceConfig& device : bank.config.devices) {
    std::vector<std::optional<std::uint32_t>>& points = series_.emplace_back();
    for (const config::Point& point : bank.config.profile_of(device)->points) {
      points.push_back(has_history(point) ? std::optional(next++) : std::nullopt);
    }
  }
}

void ChartDesk::on_readings(const std::vector<devices::Reading>& readings, Effects& effects) {
  if (bank_.config.telemetry.directory.empty() || readings.empty()) return;
  KeepReadings keep;
  keep.readings.reserve(readings.size());
  for (const devices::Reading& reading : readings) {
    const auto series = series_[reading.device.value][reading.point.value];
    if (!series) continue;
    const bool good = reading.value.has_value();
    keep.readings.push_back({*series, reading.at, good ? reading.value->v : 0, good});
  }
  if (!keep.readings.empty()) effects.push_back(std::move(keep));
}

Result<ChartDesk::Asked> ChartDesk::read(const Now& now, const Json& body) const {
  TRY_ASSIGN(const auto device, body.get_string("device"));
  TRY_ASSIGN(const auto point, body.get_string("point"));
  TRY_ASSIGN(const auto from, need_time(body, "from"));
  TRY_ASSIGN(const auto until, need_time(body, "until"));
  TRY_ASSIGN(const auto rows, body.has("rows_max") ? body.get_integer("rows_max") : kRowsUnsaid);
  if (rows < 2 || rows > telemetry::kRowsMax) {
    return make_error(ErrorCode::invalid_value,
                      cat("rows_max: expected 2 to ", telemetry::kRowsMax, ", came ", rows));
  }
  if (until <= from || until - from > kChartSpanMax) {
    return make_error(
        ErrorCode::invalid_value,
        cat("expected `until` after `from`, at most ", kChartSpanMax.seconds() / 86'400,
            " days, came ", format_utc(from), " and ", format_utc(until)));
  }
  const WallTime end = std::min(until, now.wall + minutes(1));
  for (const config::DeviceConfig& one : bank_.config.devices) {
    if (one.id.str() != device) continue;
    for (const config::Point& known : bank_.config.profile_of(one)->points) {
      if (known.id.str() != point || !has_history(known)) continue;
      telemetry::Question question{cat(device, "/", point), period_of(one, known), from, end,
                                   static_cast<int>(rows)};
      return Asked{std::move(question), known.unit};
    }
  }
  return make_error(ErrorCode::not_found, cat("no point ", clip(point, 64), " of a device ",
                                              clip(device, 64), " has a history"));
}

void ChartDesk::ask(const Now& now, const Command& command, Effects& effects) {
  if (bank_.config.telemetry.directory.empty()) {
    return refuse(command,
                  make_error(ErrorCode::unavailable, "no history is kept: [telemetry] directory"),
                  effects);
  }
  if (waiting_.size() >= kChartsMax) {
    return refuse(command, make_error(ErrorCode::unavailable, "too many charts wait; try again"),
                  effects);
  }
  Result<Asked> asked = read(now, command.body);
  if (!asked) return refuse(command, asked.error(), effects);
  const EffectId id = bank_.next_effect();
  waiting_.emplace(id, Waiting{command, std::move(asked->unit)});
  effects.push_back(ReadChart{id, std::move(asked->question)});
}

void ChartDesk::on_chart(const ChartRead& read, Effects& effects) {
  const auto found = waiting_.find(read.read);
  if (found == waiting_.end()) return;
  const Waiting waiting = std::move(found->second);
  waiting_.erase(found);
  if (!read.chart) return refuse(waiting.command, read.chart.error(), effects);
  const telemetry::Chart& chart = *read.chart;
  Reply reply;
  reply.id = waiting.command.id;
  reply.message = cat(chart.rows.size(), " rows");
  reply.body = Json::object();
  reply.body.set("device", waiting.command.body["device"])
      .set("point", waiting.command.body["point"])
      .set("resolution", telemetry::name_of(chart.tier))
      .set("period_ms", chart.step.ms())
      .set("unit", waiting.unit)
      .set("rows", chart_json(chart));
  publisher_.reply(address_of(waiting.command), reply_payload(reply), effects);
}

void ChartDesk::refuse(const Command& command, const Error& error, Effects& effects) {
  publisher_.reply(address_of(command),
                   reply_payload(refusal(command.id, ReplyStatus::rejected, error)), effects);
}

}  // namespace cryobank::core
