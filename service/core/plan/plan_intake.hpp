// Plan intake: the open referrals as documents, and all of them planned on the slots that are set
// (schedule/intake.hpp), from the stage at which each stands to its provisional doses.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "service/core/plan/plan_ask.hpp"

namespace cryobank::core {

struct OpenReferral {
  std::string id;
  Json content;
  bool operator<(const OpenReferral& other) const {
    const auto key = [](const OpenReferral& one) {
      const std::string_view contact =
          one.content.has("first_contact") ? "first_contact" : "received_at";
      return std::tuple(-number_in(one.content, "urgency", 1), text_in(one.content, contact),
                        one.id);
    };
    return key(*this) < key(other);
  }
};

// Where a referral stands: the stage that comes next, and the day before which it cannot begin.
struct Standing {
  std::size_t next = 0;  // of referral_stages()
  int from = 0;
  std::size_t busy = SIZE_MAX;  // stage that has begun
  int began = 0;
};

// Stages that have slots, in order.
std::span<const std::string_view> referral_stages();
// Its place among them; past the end: it is none of them.
std::size_t stage_index(std::string_view stage);
Json items_of(const Json* content);
Json slot_items(const PlanAsk& ask);
Standing standing_of(const PlanAsk& ask, const Json& referral, Day today);
// By urgency, then by the first contact.
std::vector<OpenReferral> open_referrals(const inventory::View& view);
const config::ProtocolConfig* protocol_in(const PlanAsk& ask, const Json& referral);
// Plans every open referral anew and adds the documents that changed to `data`. `changed`: the one
// that the command itself writes.
void plan_referrals(const PlanAsk& ask, Json& data, const Json& slot_items,
                    const std::optional<OpenReferral>& changed);

}  // namespace cryobank::core
