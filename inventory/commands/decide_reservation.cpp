// reservation/end: the daemon's own, when a reservation's time has come: every position whose time
// is over is free again, and that is on record.
#include "base/text.hpp"
#include "base/try.hpp"
#include "inventory/commands/decide.hpp"
#include "inventory/commands/unblock.hpp"
#include "inventory/ledger/apply/effects.hpp"
#include "inventory/ledger/row_codec.hpp"

namespace cryobank::inventory {
namespace {

constexpr std::size_t kEndedMax = 1000;  // of one fact; the rest follows with the next

Result<Decision> end_reservations(Ask& ask) {
  Json data = act(ask);
  std::size_t ended = 0;
  Json list = Json::array();
  for (const auto& [until, spot] : ask.view().base().reservations) {
    if (until > ask.now() || ended == kEndedMax) break;
    const Place* place = ask.view().place(spot.place);
    const auto found = place->reserved.find(spot.position);
    if (found == place->reserved.end() || found->second.until != until) continue;
    add_position(data, ask.view(), spot, "free", found->second.owner);
    Json item = Json::object().set("owner", found->second.owner);
    item.set("where", ask.view().name_of(spot)).set("until", format_utc(until));
    put_text(item, "out", found->second.out.str());
    list.push(std::move(item));
    ++ended;
  }
  if (ended == 0) return make_error(ErrorCode::conflict, "expected a reservation that is over");
  data.set("reservations", std::move(list));
  TRY(ask.trial.add(inventory_fact(fact::kReservationsEnded, std::move(data))));
  TRY(unblock_doses(ask, CourseId()));
  return answer(ask, Json::object().set("ended", static_cast<std::uint64_t>(ended)),
                cat(ended, " reservations are over"));
}

constexpr DecidedVerb kReservationCommands[] = {{"reservation/end", end_reservations}};

}  // namespace

std::span<const DecidedVerb> reservation_commands() { return kReservationCommands; }

}  // namespace cryobank::inventory
