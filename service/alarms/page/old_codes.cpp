#include "service/alarms/page/old_codes.hpp"

#include <optional>

#include "base/row_reader.hpp"
#include "base/text.hpp"
#include "base/try.hpp"

namespace cryobank::alarms {

std::vector<AlarmId> OldCodes::keep(const std::string& code, OldCode old) {
  std::vector<AlarmId> changed{old.alarm};
  const auto take_out = [this](const std::string& one) {
    const auto found = codes_.find(one);
    if (found == codes_.end()) return AlarmId();
    const AlarmId of = found->second.alarm;
    const std::pair age(found->second.since, one);
    by_age_.erase(age);
    of_alarm_[of].erase(age);
    codes_.erase(found);
    return of;
  };
  take_out(code);
  ByAge& own = of_alarm_[old.alarm];
  if (own.size() >= kOldCodesOfOne) take_out(std::string(own.begin()->second));
  if (codes_.size() >= kOldCodesMax) {
    changed.push_back(take_out(std::string(by_age_.begin()->second)));
  }
  by_age_.emplace(old.since, code);
  own.emplace(old.since, code);
  codes_.emplace(code, std::move(old));
  return changed;
}

const OldCode* OldCodes::find(std::string_view code) const {
  const auto found = codes_.find(code);
  return found == codes_.end() ? nullptr : &found->second;
}

Status OldCodes::load_row(std::string_view key, const Json& row) {
  const Result<AlarmId> alarm = AlarmId::parse(key.substr(kOldCodesPrefix.size()));
  if (!alarm) {
    return make_error(ErrorCode::corrupt, cat("row ", clip(key, 100), ": ", alarm.error().context));
  }
  RowReader in(key, row);
  const std::string what = cat(key, ", codes");
  for (const Json& item : in.list("codes")) {
    RowReader one(what, item);
    const std::string code = one.text("code");
    const bool joined = one.flag("joined");
    const WallTime since = one.time("since");
    TRY(one.end());
    keep(code, {*alarm, joined, since});
  }
  return in.end();
}

void OldCodes::add_row(const AlarmId& alarm, std::vector<RowChange>& rows) const {
  const auto own = of_alarm_.find(alarm);
  if (own == of_alarm_.end()) return;
  RowChange row{cat(kOldCodesPrefix, alarm.str()), std::nullopt};
  Json list = Json::array();
  for (const auto& [since, code] : own->second) {
    list.push(Json::object()
                  .set("code", code)
                  .set("joined", codes_.find(code)->second.joined)
                  .set("since", format_utc(since)));
  }
  if (!own->second.empty()) row.value = Json::object().set("codes", std::move(list)).dump();
  rows.push_back(std::move(row));
}

}  // namespace cryobank::alarms
