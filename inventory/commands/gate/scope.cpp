#include "inventory/commands/gate/scope.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace cryobank::inventory {
namespace {

bool may_change(const View& view, const config::UserConfig& user, const PlaceId& id) {
  const Place* place = view.place(id);
  if (place == nullptr || place->type == kBuiltInType) return true;
  return std::ranges::any_of(user.places,
                             [&](const PlaceId& own) { return view.lies_in(id, own); });
}

Error outside(const config::UserConfig& user, std::string_view what) {
  std::string list;
  for (const PlaceId& own : user.places) list += cat(list.empty() ? "" : ", ", own.str());
  return make_error(ErrorCode::not_authorised,
                    cat(user.id.str(), " may act in ", list, " only; ", what, " would be changed"));
}

}  // namespace

bool is_limited(const View& view, const UserId& id) {
  const config::UserConfig* user = view.site().find_user(id);
  return user != nullptr && !user->places.empty();
}

Changed changed_by(const Trial& trial) {
  const Draft::Overlay& overlay = trial.overlay();
  const Depths from = trial.begun();
  return {overlay.aliquots.changed_since(from.aliquots), overlay.places.changed_since(from.places)};
}

Status check_scope(const View& view, const UserId& id, const Changed& changed) {
  const config::UserConfig* user = view.site().find_user(id);
  if (user == nullptr || user->places.empty()) return {};
  for (const AliquotId& aliquot : changed.aliquots) {
    const auto known = view.aliquot(aliquot);
    if (!known || may_change(view, *user, known->spot.place)) continue;
    return outside(*user, cat("aliquot ", aliquot.str(), " in ", view.name_of(known->spot)));
  }
  for (const PlaceId& container : changed.containers) {
    if (may_change(view, *user, container)) continue;
    return outside(*user, cat("place ", view.path_of(container)));
  }
  return {};
}

}  // namespace cryobank::inventory
