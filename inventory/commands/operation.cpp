#include "inventory/commands/operation.hpp"

#include <algorithm>

#include "base/row_reader.hpp"
#include "base/text.hpp"
#include "inventory/ledger/apply/apply.hpp"
#include "inventory/ledger/apply/effects.hpp"
#include "inventory/ledger/row_codec.hpp"

namespace cryobank::inventory {
namespace {

constexpr std::string_view kPrefix = "operation-";

std::uint64_t number_of(std::string_view id) {
  if (!id.starts_with(kPrefix)) return 0;
  const auto number = parse_integer(id.substr(kPrefix.size()));
  return number && *number > 0 ? static_cast<std::uint64_t>(*number) : 0;
}

Operation named(const std::string& id, OperationDocument document) {
  return {std::move(document), id, number_of(id)};
}

Moved moved_from(const View& view, std::string id, const Spot& from, const Spot& to) {
  return {std::move(id),     from, to, from.place.empty() ? std::string() : view.label_of(from),
          view.label_of(to), {}};
}

// What the "items" of a fact of ours move.
std::vector<Moved> moved_aliquots(const View& view, const Json& items) {
  std::vector<Moved> moved;
  if (items.is_null()) return moved;
  for (const Json& item : items.items()) {
    RowReader in("\"items\" of a fact", item);
    const auto aliquot = view.aliquot(in.id<AliquotId>("aliquot"));
    const Spot to = spot_at(in);
    CHECK(in.ok());
    if (!aliquot || aliquot->spot == to) continue;
    moved.push_back(moved_from(view, aliquot->id.str(), aliquot->spot, to));
    moved.back().out_since = aliquot->out_since;
  }
  return moved;
}

std::vector<Moved> moved_containers(const View& view, const Json& places) {
  std::vector<Moved> moved;
  if (places.is_null()) return moved;
  for (const Json& change : places.items()) {
    RowReader in("\"places\" of a fact", change);
    const Place* place = view.place(in.id<PlaceId>("place"));
    const Spot to{in.id<PlaceId>("parent"),
                  static_cast<int>(in.maybe_number("at", kNoPosition, 0, kPositionsMax))};
    CHECK(in.ok());
    if (place == nullptr || place->within == to) continue;
    moved.push_back(moved_from(view, place->id.str(), place->within, to));
  }
  return moved;
}

std::size_t size_of(const Json& document) {
  std::size_t size = 0;
  for (const std::string_view key : {"aliquots", "containers"}) {
    if (document[key].is_array()) size += document[key].items().size();
  }
  return size;
}

std::vector<std::string> ids_by_age(const View& view) {
  std::vector<std::string> ids = view.documents("operation");
  std::sort(ids.begin(), ids.end(),
            [](const std::string& a, const std::string& b) { return number_of(a) < number_of(b); });
  return ids;
}

// The oldest make room for one of `size` things. The documents are only counted, not read: this is
// part of every move.
void drop_oldest(const View& view, Json& data, std::size_t size) {
  const std::vector<std::string> kept = ids_by_age(view);
  std::size_t things = size;
  for (const std::string& id : kept) things += size_of(*view.document("operation", id));
  std::size_t left = kept.size() + 1;
  for (const std::string& id : kept) {
    if (left <= kOperationsKept && things <= kOperationItemsKept) return;
    drop_document<OperationDocument>(data, id);
    things -= size_of(*view.document("operation", id));
    --left;
  }
}

}  // namespace

std::vector<Operation> operations(const View& view) {
  std::vector<Operation> kept;
  for (const std::string& id : ids_by_age(view)) {
    kept.push_back(named(id, *document_of<OperationDocument>(view, id)));
  }
  return kept;
}

Result<Operation> find_operation(const View& view, std::string_view id) {
  auto document = document_of<OperationDocument>(view, id);
  if (document) return named(std::string(id), std::move(*document));
  return make_error(ErrorCode::not_found, cat("no operation ", clip(id, kIdLengthMax),
                                              " is kept: it was undone, is older than the ",
                                              kOperationsKept, " newest, or never was"));
}

std::string note_operation(const Ask& ask, Json& data, std::string_view verb) {
  const View view = ask.view();
  OperationDocument content;
  content.aliquots = moved_aliquots(view, data["items"]);
  content.containers = moved_containers(view, data["places"]);
  const std::size_t size = content.aliquots.size() + content.containers.size();
  if (size == 0) return {};
  const std::string id = cat(kPrefix, count_of(view.counters(), "operations") + 1);
  drop_oldest(view, data, size);
  content.verb = verb;
  content.by = ask.context.actor.user;
  content.at = ask.now();
  keep_document(data, id, content);
  add_count(data, "operations");
  data.set("operation", id);
  return id;
}

}  // namespace cryobank::inventory
