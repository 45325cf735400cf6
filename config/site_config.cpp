#include "config/site_config.hpp"

#include <algorithm>

namespace cryobank::config {
namespace {

template <class Items, class Predicate>
const typename Items::value_type* find_first(const Items& items, Predicate matches) {
  const auto found = std::find_if(items.begin(), items.end(), matches);
  return found == items.end() ? nullptr : &*found;
}

}  // namespace

bool CalendarConfig::public_holiday(Day day) const {
  if (std::binary_search(holidays.begin(), holidays.end(), day)) return true;
  const int year = year_of(day);
  const auto listed = official.years.find(year);
  if (listed != official.years.end()) {
    return std::binary_search(listed->second.begin(), listed->second.end(), day);
  }
  if (!japan) return false;
  const std::vector<Day> by_law = japan_holidays(year);
  return std::binary_search(by_law.begin(), by_law.end(), day);
}

std::string CalendarConfig::closed_because(Day day) const {
  if (std::binary_search(open_days.begin(), open_days.end(), day)) return {};
  for (const ClosureConfig& closure : closures) {
    if (closure.from <= day && day <= closure.to) {
      return closure.reason.empty() ? "closure" : closure.reason;
    }
  }
  if (std::count(closed_weekdays.begin(), closed_weekdays.end(), weekday_of(day)) > 0) {
    return "weekly closing day";
  }
  return public_holiday(day) ? "public holiday" : "";
}

bool CalendarConfig::open_on(Day day) const { return closed_because(day).empty(); }

const CalendarConfig* SiteConfig::find_calendar(const CalendarId& id) const {
  return find_first(calendars, [&](const CalendarConfig& item) { return item.id == id; });
}

const ClinicConfig* SiteConfig::find_clinic(std::string_view id) const {
  return find_first(clinics, [&](const ClinicConfig& item) { return item.id == id; });
}

const DeviceProfile* SiteConfig::find_profile(const ProfileId& id) const {
  return find_first(profiles, [&](const DeviceProfile& item) { return item.id == id; });
}

const DeviceProfile* SiteConfig::profile_of(const DeviceConfig& device) const {
  const DeviceProfile* own = device.wire.empty() && device.means.empty()
                                 ? nullptr
                                 : find_first(profiles, [&](const DeviceProfile& item) {
                                     return item.owner == device.id && item.id == device.profile;
                                   });
  return own != nullptr ? own : find_profile(device.profile);
}

Milli DeviceConfig::deadband_of(const Point& point) const {
  const auto own = publish_deadbands.find(point.id.str());
  return own == publish_deadbands.end() ? point.publish_deadband : own->second;
}

bool WireConfig::empty() const {
  return !registers_max && !bits_max && !gap_max && !single_item_reads && !frame_pause &&
         !connect_pause && !response_timeout;
}

void WireConfig::apply(Quirks& quirks) const {
  quirks.registers_max = registers_max.value_or(quirks.registers_max);
  quirks.bits_max = bits_max.value_or(quirks.bits_max);
  quirks.gap_max = gap_max.value_or(quirks.gap_max);
  quirks.single_item_reads = single_item_reads.value_or(quirks.single_item_reads);
  quirks.frame_pause = frame_pause.value_or(quirks.frame_pause);
  quirks.connect_pause = connect_pause.value_or(quirks.connect_pause);
  quirks.response_timeout = response_timeout.value_or(quirks.response_timeout);
}

const DeviceConfig* SiteConfig::find_device(const DeviceId& id) const {
  return find_first(devices, [&](const DeviceConfig& item) { return item.id == id; });
}

const UserConfig* SiteConfig::find_user(const UserId& id) const {
  return find_first(users, [&](const UserConfig& item) { return item.id == id; });
}

const PlaceConfig* SiteConfig::find_place(const PlaceId& id) const {
  return find_first(places, [&](const PlaceConfig& item) { return item.id == id; });
}

const WorkKind* find_work_kind(std::string_view type) {
  const auto* const found = std::ranges::find(kWorkKinds, type, &WorkKind::type);
  return found == std::end(kWorkKinds) ? nullptr : found;
}

bool is_shipper_kind(std::string_view type) {
  return type == "shipper" || type.ends_with("-shipper");
}

bool is_thaw_station_kind(std::string_view type) {
  return type == "thaw-station" || type.ends_with("-thaw-station");
}

const ProtocolConfig* SiteConfig::find_protocol(const ProtocolId& id, int version) const {
  const ProtocolConfig* best = nullptr;
  for (const ProtocolConfig& item : protocols) {
    if (item.id != id || (version != 0 && item.version != version)) continue;
    if (best == nullptr || item.version > best->version) best = &item;
  }
  return best;
}

const Point* DeviceProfile::find_meaning(std::string_view meaning) const {
  return find_first(points, [&](const Point& item) { return item.meaning() == meaning; });
}

const Point* DeviceProfile::find(std::string_view point) const {
  return find_first(points, [&](const Point& item) { return item.id.str() == point; });
}

}  // namespace cryobank::config
