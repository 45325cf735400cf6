#include "service/wire/denials.hpp"

#include <utility>

namespace cryobank::core {

bool goes_on_record(const Command& command, ErrorCode refused) {
  if (refused == ErrorCode::not_authorised) return true;
  if (!command.verb.starts_with("alarm/")) return false;
  const bool beyond = refused == ErrorCode::conflict || refused == ErrorCode::invalid_value;
  return refused == ErrorCode::not_found || (beyond && command.verb == "alarm/shelve");
}

std::optional<Fact> Denials::note(Instant now, const Command& command, const Error& error) {
  if (now - since_ > minutes(1)) {
    since_ = now;
    noted_ = 0;
  }
  if (++noted_ > kDenialsPerMinute) {
    ++untold_;
    return std::nullopt;
  }
  Json data = Json::object();
  data.set("command", command.id);
  data.set("user", command.user.str());
  data.set("verb", command.verb);
  data.set("code", name_of(error.code));
  data.set("why", error.context);
  if (untold_ > 0) data.set("untold_before", std::exchange(untold_, 0));
  return Fact{fact::kCommandDenied, std::move(data)};
}

}  // namespace cryobank::core
