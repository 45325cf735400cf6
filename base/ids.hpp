// Strong ids: one type per kind of thing, so that an aliquot's id never passes for a course's.
// An id is 1 to 64 characters of [A-Za-z0-9._-]: safe in topics, keys, file names and logs, and
// never a name or a hospital number. Scanned codes of vials are Codes (1 to 64 printable ASCII).
#pragma once

#include <compare>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.hpp"

namespace cryobank {

inline constexpr std::size_t kIdLengthMax = 64;

bool is_id_text(std::string_view text);
bool is_code_text(std::string_view text);
Error bad_id(std::string_view kind, std::string_view text);

template <class Tag>
class Id {
 public:
  Id() = default;
  // REQUIRES: is_id_text(text); for text from outside use parse().
  explicit Id(std::string text) : text_(std::move(text)) { CHECK(is_id_text(text_)); }

  static Result<Id> parse(std::string_view text) {
    if (!is_id_text(text)) return bad_id(Tag::kName, text);
    return Id(std::string(text));
  }

  const std::string& str() const { return text_; }
  bool empty() const { return text_.empty(); }
  auto operator<=>(const Id&) const = default;
  bool operator==(const Id&) const = default;

 private:
  std::string text_;
};

#define CRYOBANK_ID(Type, name)                     \
  struct Type##Tag {                                \
    static constexpr std::string_view kName = name; \
  };                                                \
  using Type = Id<Type##Tag>

CRYOBANK_ID(SiteId, "site");
CRYOBANK_ID(DeviceId, "device");
CRYOBANK_ID(PointId, "point");
CRYOBANK_ID(LineId, "line");
CRYOBANK_ID(PlaceId, "place");
CRYOBANK_ID(PatientId, "patient");
CRYOBANK_ID(CourseId, "course");
CRYOBANK_ID(DoseId, "dose");
CRYOBANK_ID(LotId, "lot");
CRYOBANK_ID(AliquotId, "aliquot");
CRYOBANK_ID(JobId, "job");
CRYOBANK_ID(AlarmId, "alarm");
CRYOBANK_ID(UserId, "user");
CRYOBANK_ID(ChannelId, "channel");
CRYOBANK_ID(CommandId, "command");
CRYOBANK_ID(ProtocolId, "protocol");
CRYOBANK_ID(CalendarId, "calendar");
CRYOBANK_ID(ProfileId, "profile");

#undef CRYOBANK_ID

// Start number of the daemon: higher at each start, carried by every robot command.
struct Epoch {
  std::uint32_t value = 0;
  auto operator<=>(const Epoch&) const = default;
};

}  // namespace cryobank
