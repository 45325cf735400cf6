#include "service/ctl/answer.hpp"

#include <algorithm>
#include <array>

#include "base/row_reader.hpp"

namespace cryobank::ctl {
namespace {

constexpr std::array<std::string_view, 6> kReplyStates{"done",   "accepted", "rejected",
                                                       "failed", "expired",  "duplicate"};

}  // namespace

Result<Answer> read_answer(const Json& reply) {
  RowReader in("the service's reply", reply);
  Answer answer;
  answer.status = in.text("status");
  if (std::ranges::find(kReplyStates, answer.status) == kReplyStates.end()) {
    in.refuse("status", "done, accepted, rejected, failed, expired or duplicate");
  }
  if (!reply["message"].is_null()) answer.message = in.any_text("message");
  if (in.ok()) return answer;
  return make_error(ErrorCode::malformed, in.status().error().context);
}

}  // namespace cryobank::ctl
