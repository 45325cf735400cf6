#include "service/core/plan_anchor.hpp"

#include "base/row_reader.hpp"
namespace cryobank::core {
namespace {

// Shorter gaps are ordinary restarts; the fast clock may run on over them.
constexpr Duration kGapMax = minutes(1);
// A fast clock loses at most so much of its time in a crash (well below kGapMax).
constexpr Duration kKeepEvery = seconds(10);

}  // namespace

Status PlanAnchor::load_row(std::string_view value) {
  Result<Json> row = parse_json(value);
  if (!row) return make_error(ErrorCode::corrupt, "row m/plan-clock: " + row.error().context);
  RowReader in("m/plan-clock", *row);
  anchor_ = {in.number("anchor", RowReader::kLeast)};
  seen_ = {in.number("seen", RowReader::kLeast)};
  stored_speed_ = static_cast<int>(in.number("speed", 1, RowReader::kIntMax));
  return in.end();
}

std::optional<Fact> PlanAnchor::start(WallTime wall) {
  const int speed = clock_.speed();
  const bool anchored = stored_speed_ == speed && (speed == 1 || wall - seen_ < kGapMax);
  if (anchored) {
    clock_ = schedule::PlanClock(anchor_, speed);
    return std::nullopt;
  }
  WallTime plan = wall;
  if (stored_speed_ > 0) plan = schedule::PlanClock(anchor_, stored_speed_).plan_time(seen_);
  // A clock that ran ahead cannot be called back to the wall's time without repeating days.
  if (speed == 1) plan = wall;
  anchor_ = speed == 1 ? wall : WallTime{(wall.ms * speed - plan.ms) / (speed - 1)};
  clock_ = schedule::PlanClock(anchor_, speed);
  stored_speed_ = speed;
  Json data = Json::object();
  data.set("anchor", format_utc(anchor_));
  data.set("speed", speed);
  data.set("plan_time", format_utc(clock_.plan_time(wall)));
  return Fact{fact::kPlanClockSet, std::move(data)};
}

RowChange PlanAnchor::keep(const Now& now) {
  // The wall clock needs no row: it goes on by itself.
  keep_at_ = clock_.speed() == 1 ? kNever : now.mono + kKeepEvery;
  Json row = Json::object();
  row.set("anchor", anchor_.ms);
  row.set("seen", now.wall.ms);
  row.set("speed", clock_.speed());
  return {"m/plan-clock", row.dump()};
}

}  // namespace cryobank::core
