#include "service/pager/sms_references.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace cryobank::pager {
namespace {

// The centre's clock against ours. 256 messages take a modem longer.
constexpr Duration kClocksApart = minutes(5);
constexpr std::int64_t kStepMin = 5;  // of the validity, up to twelve hours
constexpr std::int64_t kShortestMin = 60;
constexpr std::int64_t kLongestMin = 12 * 60;

}  // namespace

void SmsReferences::give(const std::string& reference, const std::string& page, WallTime now,
                         Duration tried) {
  Given& given = given_[reference];
  given.others_until = std::max({given.others_until, given.until, blind_until_});
  given.page = page;
  given.at = now;
  given.until = now + tried;
}

void SmsReferences::foreign(const std::string& reference, WallTime until) {
  Given& given = given_[reference];
  given.until = std::max(given.until, until);
}

std::string SmsReferences::page_of(const std::string& reference, WallTime now,
                                   std::optional<WallTime> taken) const {
  const auto found = given_.find(reference);
  if (found == given_.end()) return {};
  const Given& given = found->second;
  if (taken) {
    const bool this_one = *taken >= given.at - kClocksApart && *taken <= now + kClocksApart;
    return this_one ? given.page : std::string();
  }
  return now >= given.others_until ? given.page : std::string();
}

void SmsReferences::end(const std::string& reference, WallTime now) {
  const auto found = given_.find(reference);
  if (found == given_.end()) return;
  found->second.page.clear();
  found->second.until = now;
}

std::optional<WallTime> sms_time(std::string_view text) {
  constexpr std::size_t kLength = 20;
  if (text.size() != kLength || text[8] != ',' || (text[17] != '+' && text[17] != '-')) {
    return std::nullopt;
  }
  std::string day(text.substr(0, 8));
  std::ranges::replace(day, '/', '-');
  const Result<WallTime> local = parse_utc(cat("20", day, "T", text.substr(9, 8), "Z"));
  const Result<std::int64_t> quarters = parse_integer(text.substr(18));
  if (!local || !quarters) return std::nullopt;
  const Duration ahead = minutes(*quarters * 15);
  return text[17] == '+' ? *local - ahead : *local + ahead;
}

int sms_validity(WallTime created, WallTime expires) {
  const std::int64_t wanted = (expires - created).seconds() / 60;
  const std::int64_t tried = std::clamp(wanted, kShortestMin, kLongestMin);
  return static_cast<int>((tried + kStepMin - 1) / kStepMin - 1);
}

Duration sms_tried(int validity) { return minutes((validity + 1) * kStepMin); }

}  // namespace cryobank::pager
