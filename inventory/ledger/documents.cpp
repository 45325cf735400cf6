#include "inventory/ledger/documents.hpp"

#include <algorithm>

#include "base/row_reader.hpp"
#include "inventory/ledger/hold.hpp"
#include "inventory/ledger/row_codec.hpp"

namespace cryobank::inventory {
namespace {

Json text_list(const std::vector<std::string>& texts) {
  Json list = Json::array();
  for (const std::string& text : texts) list.push(text);
  return list;
}

template <class AnyId>
Json id_list(const std::vector<AnyId>& ids) {
  Json list = Json::array();
  for (const AnyId& id : ids) list.push(id.str());
  return list;
}

// A word of a short list.
std::string word_of(RowReader& in, std::string_view key,
                    std::initializer_list<std::string_view> words) {
  std::string word = in.text(key);
  if (in.ok() && std::find(words.begin(), words.end(), word) == words.end()) {
    std::string all;
    for (const std::string_view known : words) all += cat(all.empty() ? "" : " or ", known);
    in.refuse(key, all);
  }
  return word;
}

// Each item of a list by `read`, whole; the first fault is the row's.
template <class T, class Read>
std::vector<T> read_list(const Json::Array& items, const std::string& what, Status& status,
                         Read read) {
  std::vector<T> all;
  for (const Json& item : items) {
    RowReader in(what, item);
    Result<T> one = in.whole(read(in));
    if (one) {
      all.push_back(std::move(*one));
    } else if (status) {
      status = one.error();
    }
  }
  return all;
}

template <class T>
Result<T> both(Result<T> document, const Status& parts) {
  if (document && !parts) return parts.error();
  return document;
}

}  // namespace

Result<BudgetDocument> BudgetDocument::decode(std::string_view key, const Json& row) {
  RowReader in(key, row);
  return in.whole(BudgetDocument{in.number("handling_s"), in.number("hard_s")});
}

Json BudgetDocument::encode() const {
  return Json::object().set("handling_s", handling_s).set("hard_s", hard_s);
}

Result<CountDocument> CountDocument::decode(std::string_view key, const Json& row) {
  RowReader in(key, row);
  Status parts;
  CountDocument count;
  count.basis = in.text("basis");
  count.tubes = read_list<Tube>(in.list("tubes"), cat(key, " tubes"), parts, [](RowReader& tube) {
    return Tube{static_cast<int>(tube.number("at", 0, kPositionsMax)), tube.text("code")};
  });
  count.by = in.id<UserId>("by");
  count.at = in.time("at");
  return both(in.whole(std::move(count)), parts);
}

Json CountDocument::encode() const {
  Json list = Json::array();
  for (const Tube& tube : tubes)
    list.push(Json::object().set("at", tube.at).set("code", tube.code));
  Json json = Json::object().set("basis", basis).set("tubes", std::move(list));
  return json.set("by", by.str()).set("at", format_utc(at));
}

Result<DisposalDocument> DisposalDocument::decode(std::string_view key, const Json& row) {
  RowReader in(key, row);
  DisposalDocument disposal;
  disposal.aliquots = in.ids<AliquotId>("aliquots");
  disposal.method = in.text("method");
  disposal.reason = in.text("reason");
  disposal.by = in.id<UserId>("by");
  disposal.roles = in.texts("roles");
  disposal.at = in.time("at");
  return in.whole(std::move(disposal));
}

Json DisposalDocument::encode() const {
  Json json = Json::object().set("aliquots", id_list(aliquots)).set("method", method);
  json.set("reason", reason).set("by", by.str()).set("roles", text_list(roles));
  put_time(json, "at", at);
  return json;
}

namespace {

EvacuationDocument::Rack read_rack(RowReader& in) {
  EvacuationDocument::Rack rack;
  rack.rack = in.id<PlaceId>("rack");
  rack.from = in.maybe_text("from");
  rack.to = in.maybe_text("to");
  rack.at = static_cast<int>(in.maybe_number("at", kNoPosition, 0, kPositionsMax));
  rack.aliquots = in.number("aliquots");
  return rack;
}

Json rack_list(const std::vector<EvacuationDocument::Rack>& racks) {
  Json list = Json::array();
  for (const EvacuationDocument::Rack& rack : racks) {
    Json item = Json::object().set("rack", rack.rack.str());
    put_text(item, "from", rack.from);
    put_text(item, "to", rack.to);
    put_number(item, "at", rack.at, kNoPosition);
    list.push(item.set("aliquots", rack.aliquots));
  }
  return list;
}

}  // namespace

Result<EvacuationDocument> EvacuationDocument::decode(std::string_view key, const Json& row) {
  RowReader in(key, row);
  Status parts;
  EvacuationDocument evacuation;
  evacuation.from = in.id<PlaceId>("from");
  evacuation.to = in.id<PlaceId>("to");
  evacuation.open = read_list<Rack>(in.list("open"), cat(key, " open"), parts, read_rack);
  evacuation.done = read_list<Rack>(in.list("done"), cat(key, " done"), parts, read_rack);
  return both(in.whole(std::move(evacuation)), parts);
}

Json EvacuationDocument::encode() const {
  Json json = Json::object().set("from", from.str()).set("to", to.str());
  return json.set("open", rack_list(open)).set("done", rack_list(done));
}

Result<ExceptionDocument> ExceptionDocument::decode(std::string_view key, const Json& row) {
  RowReader in(key, row);
  ExceptionDocument exception;
  exception.at = in.time("at");
  exception.by = in.maybe_id<UserId>("by");
  exception.witness = in.maybe_id<UserId>("witness");
  exception.reason = in.maybe_text("reason");
  exception.criterion = in.text("criterion");
  exception.investigation = in.text("investigation");
  exception.clinician = in.text("clinician");
  exception.tests = in.maybe_texts("tests");
  exception.told = in.maybe_id<UserId>("told");
  exception.told_at = in.maybe_time("told_at");
  return in.whole(std::move(exception));
}

Json ExceptionDocument::encode() const {
  Json json = Json::object();
  put_time(json, "at", at);
  put_text(json, "by", by.str());
  put_text(json, "witness", witness.str());
  put_text(json, "reason", reason);
  json.set("criterion", criterion).set("investigation", investigation);
  json.set("clinician", clinician);
  Json list = Json::array();
  for (const std::string& test : tests) list.push(test);
  if (!tests.empty()) json.set("tests", std::move(list));
  put_text(json, "told", told.str());
  put_time(json, "told_at", told_at);
  return json;
}

namespace {

// Seconds by limit; a limit that is not there is one it was never above.
Status read_above(std::string_view key, const Json& json,
                  std::array<std::int64_t, kExposureLimits.size()>& seconds) {
  std::array<std::string, kExposureLimits.size()> limits;  // outlive the reader
  RowReader in(key, json);
  for (std::size_t i = 0; i < limits.size(); ++i) {
    limits[i] = cat(kExposureLimits[i]);
    seconds[i] = in.maybe_number(limits[i]);
  }
  const auto whole = in.whole(seconds);
  return whole ? Status() : Status(whole.error());
}

}  // namespace

Result<ExcursionDocument> ExcursionDocument::decode(std::string_view key, const Json& row) {
  RowReader in(key, row);
  ExcursionDocument excursion;
  excursion.from = in.time("from");
  excursion.until = in.time("until");
  excursion.peak = in.maybe_milli("peak");
  const Status above = read_above(key, in.object("above"), excursion.above);
  excursion.place = in.maybe_id<PlaceId>("place");
  excursion.probe = in.maybe_text("probe");
  excursion.open = in.maybe_flag("open");
  excursion.cold = in.maybe_flag("cold");
  return both(in.whole(std::move(excursion)), above);
}

Json ExcursionDocument::encode() const {
  Json json = Json::object();
  put_time(json, "from", from);
  put_time(json, "until", until);
  if (peak) json.set("peak", *peak);
  Json seconds = Json::object();
  for (std::size_t i = 0; i < kExposureLimits.size(); ++i) {
    put_number(seconds, cat(kExposureLimits[i]), above[i]);
  }
  json.set("above", std::move(seconds));
  put_text(json, "place", place.str());
  put_text(json, "probe", probe);
  put_flag(json, "open", open);
  put_flag(json, "cold", cold);
  return json;
}

Result<LabelDocument> LabelDocument::decode(std::string_view key, const Json& row) {
  RowReader in(key, row);
  LabelDocument label;
  label.state = word_of(in, "state", {"printed", "verified", "void"});
  label.copy = in.number("copy", 1);
  return in.whole(std::move(label));
}

Json LabelDocument::encode() const { return Json::object().set("state", state).set("copy", copy); }

namespace {

OperationDocument::Moved read_moved(RowReader& in) {
  OperationDocument::Moved moved;
  moved.id = in.text("id");
  const auto read_spot = [&in](std::string_view key, const Json& json, Spot& spot,
                               std::string& label) {
    RowReader at("a spot of an operation", json);
    spot.place = at.id<PlaceId>("place");
    spot.position = static_cast<int>(at.maybe_number("at", kNoPosition, 0, kPositionsMax));
    label = at.maybe_text("position");
    if (!at.whole(0)) in.refuse(key, "a spot with place, at and position");
  };
  read_spot("to", in.object("to"), moved.to, moved.to_label);
  if (const Json* from = in.maybe_object("from")) {
    read_spot("from", *from, moved.from, moved.from_label);
  }
  moved.out_since = in.maybe_time("out_since");
  return moved;
}

Json spot_row(const Spot& spot, const std::string& label) {
  Json json = Json::object().set("place", spot.place.str());
  put_number(json, "at", spot.position, kNoPosition);
  put_text(json, "position", label);
  return json;
}

void put_moved(Json& json, std::string_view key,
               const std::vector<OperationDocument::Moved>& moved) {
  if (moved.empty()) return;
  Json list = Json::array();
  for (const OperationDocument::Moved& one : moved) {
    Json item = Json::object().set("id", one.id).set("to", spot_row(one.to, one.to_label));
    if (!one.from.place.empty()) item.set("from", spot_row(one.from, one.from_label));
    put_time(item, "out_since", one.out_since);
    list.push(std::move(item));
  }
  json.set(key, std::move(list));
}

}  // namespace

Result<OperationDocument> OperationDocument::decode(std::string_view key, const Json& row) {
  RowReader in(key, row);
  Status parts;
  OperationDocument operation;
  operation.verb = in.text("verb");
  operation.by = in.maybe_id<UserId>("by");
  operation.at = in.time("at");
  operation.aliquots =
      read_list<Moved>(in.maybe_list("aliquots"), cat(key, " aliquots"), parts, read_moved);
  operation.containers =
      read_list<Moved>(in.maybe_list("containers"), cat(key, " containers"), parts, read_moved);
  return both(in.whole(std::move(operation)), parts);
}

Json OperationDocument::encode() const {
  Json json = Json::object().set("verb", verb);
  put_text(json, "by", by.str());
  put_time(json, "at", at);
  put_moved(json, "aliquots", aliquots);
  put_moved(json, "containers", containers);
  return json;
}

}  // namespace cryobank::inventory
