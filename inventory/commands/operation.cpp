#include "inventory/commands/operation.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "inventory/ledger/apply.hpp"
#include "inventory/ledger/effects.hpp"
#include "inventory/ledger/row_codec.hpp"

namespace cryobank::inventory {
namespace {

constexpr std::string_view kPrefix = "operation-";

std::uint64_t number_of(std::string_view id) {
  if (!id.starts_with(kPrefix)) return 0;
  const auto number = parse_integer(id.substr(kPrefix.size()));
  return number && *number > 0 ? static_cast<std::uint64_t>(*number) : 0;
}

Spot read_spot(const Json& json) {
  return {id_at<PlaceId>(json, "place"), static_cast<int>(json.integer_or("at", kNoPosition))};
}

std::vector<Moved> read_moved(const Json& list) {
  std::vector<Moved> moved;
  if (!list.is_array()) return moved;
  for (const Json& item : list.items()) {
    moved.push_back({item.string_or("id", ""), read_spot(item["from"]), read_spot(item["to"])});
  }
  return moved;
}

Operation operation_from(const std::string& id, const Json& document) {
  Operation operation;
  operation.id = id;
  operation.number = number_of(id);
  operation.verb = document.string_or("verb", "");
  operation.by = id_at<UserId>(document, "by");
  operation.at = time_at(document, "at");
  operation.aliquots = read_moved(document["aliquots"]);
  operation.containers = read_moved(document["containers"]);
  return operation;
}

Json moved_json(const View& view, std::string_view id, const Spot& from, const Spot& to) {
  Json item = Json::object().set("id", id).set("to", spot_json(view, to));
  if (!from.place.empty()) item.set("from", spot_json(view, from));
  return item;
}

Json moved_aliquots(const View& view, const Json& items) {
  Json list = Json::array();
  if (!items.is_array()) return list;
  for (const Json& item : items.items()) {
    const auto aliquot = view.aliquot(id_at<AliquotId>(item, "aliquot"));
    const Spot to = read_spot(item);
    if (!aliquot || aliquot->spot == to) continue;
    list.push(moved_json(view, aliquot->id.str(), aliquot->spot, to));
  }
  return list;
}

Json moved_containers(const View& view, const Json& places) {
  Json list = Json::array();
  if (!places.is_array()) return list;
  for (const Json& change : places.items()) {
    const Place* place = view.place(id_at<PlaceId>(change, "place"));
    const Spot to{id_at<PlaceId>(change, "parent"),
                  static_cast<int>(change.integer_or("at", kNoPosition))};
    if (place == nullptr || place->within == to) continue;
    list.push(moved_json(view, place->id.str(), place->within, to));
  }
  return list;
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
    add_document(data, "operation", id, Json());
    things -= size_of(*view.document("operation", id));
    --left;
  }
}

}  // namespace

std::vector<Operation> operations(const View& view) {
  std::vector<Operation> kept;
  for (const std::string& id : ids_by_age(view)) {
    kept.push_back(operation_from(id, *view.document("operation", id)));
  }
  return kept;
}

Result<Operation> find_operation(const View& view, std::string_view id) {
  const Json* document = view.document("operation", id);
  if (document != nullptr) return operation_from(std::string(id), *document);
  return make_error(ErrorCode::not_found, cat("no operation ", clip(id, kIdLengthMax),
                                              " is kept: it was undone, is older than the ",
                                              kOperationsKept, " newest, or never was"));
}

std::string note_operation(const Ask& ask, Json& data, std::string_view verb) {
  const View view = ask.view();
  Json aliquots = moved_aliquots(view, data["items"]);
  Json containers = moved_containers(view, data["places"]);
  const std::size_t size = aliquots.items().size() + containers.items().size();
  if (size == 0) return {};
  const std::string id = cat(kPrefix, count_of(view.counters(), "operations") + 1);
  drop_oldest(view, data, size);
  Json content = Json::object().set("verb", verb);
  put_text(content, "by", ask.context.actor.user.str());
  put_time(content, "at", ask.now());
  if (!aliquots.items().empty()) content.set("aliquots", std::move(aliquots));
  if (!containers.items().empty()) content.set("containers", std::move(containers));
  add_document(data, "operation", id, std::move(content));
  add_count(data, "operations");
  data.set("operation", id);
  return id;
}

}  // namespace cryobank::inventory
