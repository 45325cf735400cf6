// Ask: one command while it is decided: its body, who asks, and the trial that gathers its facts.
// With the small readers that every family of commands uses.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/command_schema.hpp"
#include "base/record.hpp"
#include "base/try.hpp"
#include "inventory/ledger/apply/trial.hpp"
#include "inventory/ledger/documents.hpp"

namespace cryobank::inventory {

// The user name under which the daemon's own plan asks.
inline constexpr std::string_view kScheduleUser = "schedule";

// The user name of the daemon's own acts.
inline constexpr std::string_view kServiceUser = "service";

// Most items one command may list: a box of 10 by 10 fits a hundred times.
inline constexpr std::size_t kItemsMax = 10'000;

struct Ask {
  Trial& trial;
  const Json& body;
  const CommandContext& context;

  View view() const { return trial.view().at(now()); }
  WallTime now() const { return context.now.wall; }
  bool by_schedule() const { return context.actor.user.str() == kScheduleUser; }
};

using Decide = Result<Decision> (*)(Ask& ask);

// The decision so far: the trial's facts with this answer.
Decision answer(Ask& ask, Json reply, std::string message);

// {"course":..,"at":..,"by":..,"witness":..,"reason":..}: what every fact of a person's act says.
Json act(const Ask& ask);
Fact inventory_fact(const FactName& type, Json data);

template <class AnyId>
Result<AnyId> need_id(const Json& body, std::string_view key) {
  TRY_ASSIGN(const auto text, body.get_string(key));
  return AnyId::parse(text);
}

// Empty id when the key is absent.
template <class AnyId>
Result<AnyId> maybe_id(const Json& body, std::string_view key) {
  if (!body.has(key) || body[key].is_null()) return AnyId();
  return need_id<AnyId>(body, key);
}

// A time of the body; 0 when absent or null.
Result<WallTime> maybe_time(const Json& body, std::string_view key);
Result<bool> maybe_bool(const Json& body, std::string_view key);
Result<std::string> maybe_text(const Json& body, std::string_view key, std::size_t length_max);

// The open workflow documents of a kind, each as a row with its id, e.g. {"shipment-1", ...} under
// the kind's name: answers {"open":[...],"count":n}, at most kOpenListedMax of them.
inline constexpr std::size_t kOpenListedMax = 1000;
using OpenRow = std::function<Json(const std::string& id)>;
Decision list_open(Ask& ask, std::string_view kind, const OpenRow& row);
template <class Document, class Row>
Decision list_documents(Ask& ask, const Row& row) {
  return list_open(ask, Document::kKind, [&](const std::string& id) {
    return row(id, *document_of<Document>(ask.view(), id));
  });
}

// The course named by "course", at the revision the asker expects.
Result<Course> need_course(const Ask& ask);
// Asked for the answer alone: the command, or its "store".
bool is_dry_run(const Json& body);

struct CourseDose {
  Course course;
  Dose dose;
};
Result<CourseDose> need_dose(const Ask& ask);
// A position of a place by its label, as a person writes it; "" where the place has none.
Result<Spot> need_spot(const View& view, const PlaceId& place, std::string_view label);
// An override: a reason and a second signer who is another person.
Status need_second_signer(const Ask& ask, std::string_view what);
Status need_reason(const Ask& ask, std::string_view what);

}  // namespace cryobank::inventory
