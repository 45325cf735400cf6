// The documents of care: probes, quality, shipments, signers, and the table of all kinds.
#include <algorithm>
#include <array>

#include "base/row_reader.hpp"
#include "inventory/ledger/documents.hpp"
#include "inventory/ledger/documents_plan.hpp"
#include "inventory/ledger/hold.hpp"
#include "inventory/ledger/row_codec.hpp"

namespace cryobank::inventory {
namespace {

constexpr std::array<std::string_view, 2> kReviewDecisions = {"keep", "may-end"};
constexpr std::array<std::string_view, 2> kShipmentStates = {"packed", "sent"};

template <class Words>
std::string listed_word(RowReader& in, std::string_view key, const Words& words) {
  std::string word = in.text(key);
  if (in.ok() && std::ranges::find(words, word) == words.end()) {
    in.refuse(key, cat(words[0], " or ", words[1]));
  }
  return word;
}

}  // namespace

Result<ProbeDocument> ProbeDocument::decode(std::string_view key, const Json& row) {
  RowReader in(key, row);
  ProbeDocument probe;
  Status parts;
  for (const Json& item : in.list("versions")) {
    RowReader at(key, item);
    const auto version =
        at.whole(Version{at.id<PlaceId>("place"), at.time("from"), at.maybe_flag("corrects"),
                         at.id<UserId>("by"), at.maybe_id<UserId>("witness")});
    if (version) {
      probe.versions.push_back(*version);
    } else if (parts) {
      parts = version.error();
    }
  }
  probe.challenged = in.flag("challenged");
  probe.challenged_at = in.maybe_time("challenged_at");
  probe.failed = in.maybe_flag("failed");
  auto whole = in.whole(std::move(probe));
  if (whole && !parts) return parts.error();
  return whole;
}

Json ProbeDocument::encode() const {
  Json list = Json::array();
  for (const Version& version : versions) {
    Json item = Json::object().set("place", version.place.str());
    item.set("from", format_utc(version.from)).set("by", version.by.str());
    put_flag(item, "corrects", version.corrects);
    put_text(item, "witness", version.witness.str());
    list.push(std::move(item));
  }
  Json json = Json::object().set("versions", std::move(list)).set("challenged", challenged);
  put_time(json, "challenged_at", challenged_at);
  put_flag(json, "failed", failed);
  return json;
}

Result<PurgeDocument> PurgeDocument::decode(std::string_view key, const Json& row) {
  RowReader in(key, row);
  return in.whole(PurgeDocument{in.text("approval"), in.maybe_time("at"), in.maybe_time("done")});
}

Json PurgeDocument::encode() const {
  Json json = Json::object().set("approval", approval);
  put_time(json, "at", at);
  put_time(json, "done", done);
  return json;
}

Result<QualityDocument> QualityDocument::decode(std::string_view key, const Json& row) {
  RowReader in(key, row);
  QualityDocument quality;
  Status parts;
  for (const Json& item : in.list("tests")) {
    auto test = decode_test(key, item);
    if (test) {
      quality.tests.push_back(std::move(*test));
    } else if (parts) {
      parts = test.error();
    }
  }
  auto whole = in.whole(std::move(quality));
  if (whole && !parts) return parts.error();
  return whole;
}

Json QualityDocument::encode() const { return to_json(tests); }

Result<RetentionDocument> RetentionDocument::decode(std::string_view key, const Json& row) {
  RowReader in(key, row);
  RetentionDocument review;
  review.decision = listed_word(in, "decision", kReviewDecisions);
  review.until = in.maybe_time("until");
  return in.whole(std::move(review));
}

Json RetentionDocument::encode() const {
  Json json = Json::object().set("decision", decision);
  put_time(json, "until", until);
  return json;
}

Result<ShipmentDocument> ShipmentDocument::decode(std::string_view key, const Json& row) {
  RowReader in(key, row);
  ShipmentDocument shipment;
  Status parts;
  shipment.state = listed_word(in, "state", kShipmentStates);
  shipment.shipper = in.id<PlaceId>("shipper");
  shipment.to = in.text("to");
  shipment.packed_by = in.id<UserId>("packed_by");
  for (const Json& item : in.list("manifest")) {
    RowReader at(key, item);
    const auto line =
        at.whole(Line{at.id<AliquotId>("aliquot"), at.text("code"), at.id<CourseId>("course"),
                      at.text("state"), at.maybe_text("statement")});
    if (line) {
      shipment.manifest.push_back(*line);
    } else if (parts) {
      parts = line.error();
    }
  }
  shipment.arrives_by = in.time("arrives_by");
  shipment.cold_until = in.maybe_time("cold_until");
  shipment.sent_at = in.maybe_time("sent_at");
  auto whole = in.whole(std::move(shipment));
  if (whole && !parts) return parts.error();
  return whole;
}

Json ShipmentDocument::encode() const {
  Json lines = Json::array();
  for (const Line& line : manifest) {
    Json item = Json::object().set("aliquot", line.aliquot.str()).set("code", line.code);
    item.set("course", line.course.str()).set("state", line.state);
    put_text(item, "statement", line.statement);
    lines.push(std::move(item));
  }
  Json json = Json::object().set("state", state).set("shipper", shipper.str()).set("to", to);
  json.set("packed_by", packed_by.str()).set("manifest", std::move(lines));
  put_time(json, "arrives_by", arrives_by);
  put_time(json, "cold_until", cold_until);
  put_time(json, "sent_at", sent_at);
  return json;
}

Result<SignerDocument> SignerDocument::decode(std::string_view key, const Json& row) {
  RowReader in(key, row);
  return in.whole(SignerDocument{in.number("wrong", 1), in.maybe_time("locked_at")});
}

Json SignerDocument::encode() const {
  Json json = Json::object().set("wrong", wrong);
  put_time(json, "locked_at", locked_at);
  return json;
}

Result<StabilityDocument> StabilityDocument::decode(std::string_view key, const Json& row) {
  RowReader in(key, row);
  StabilityDocument rule;
  rule.frozen_days = in.maybe_number("frozen_days");
  rule.thawed_hours = in.maybe_number("thawed_hours");
  rule.harvested_hours = in.maybe_number("harvested_hours");
  rule.freezings_max = in.maybe_number("freezings_max");
  rule.million_cells_min = in.maybe_number("million_cells_min");
  rule.viable_percent_min = in.maybe_number("viable_percent_min");
  return in.whole(rule);
}

Json StabilityDocument::encode() const {
  Json json = Json::object();
  put_number(json, "frozen_days", frozen_days);
  put_number(json, "thawed_hours", thawed_hours);
  put_number(json, "harvested_hours", harvested_hours);
  put_number(json, "freezings_max", freezings_max);
  put_number(json, "million_cells_min", million_cells_min);
  put_number(json, "viable_percent_min", viable_percent_min);
  return json;
}

Result<TakeDocument> TakeDocument::decode(std::string_view key, const Json& row) {
  RowReader in(key, row);
  TakeDocument take;
  take.place = in.id<PlaceId>("place");
  take.blind = in.flag("blind");
  take.by = in.id<UserId>("by");
  take.opened_at = in.time("opened_at");
  if (in.has("boxes")) take.boxes = in.ids<PlaceId>("boxes");
  return in.whole(std::move(take));
}

Json TakeDocument::encode() const {
  Json json = Json::object().set("place", place.str()).set("blind", blind);
  json.set("by", by.str()).set("opened_at", format_utc(opened_at));
  if (!boxes) return json;
  Json drawn = Json::array();
  for (const PlaceId& box : *boxes) drawn.push(box.str());
  return json.set("boxes", std::move(drawn));
}

Result<TemplateDocument> TemplateDocument::decode(std::string_view key, const Json& row) {
  RowReader in(key, row);
  return in.whole(TemplateDocument{in.texts("lines"), in.flag("autologous")});
}

Json TemplateDocument::encode() const {
  Json list = Json::array();
  for (const std::string& line : lines) list.push(line);
  return Json::object().set("lines", std::move(list)).set("autologous", autologous);
}

Result<WaiverDocument> WaiverDocument::decode(std::string_view key, const Json& row) {
  RowReader in(key, row);
  return in.whole(WaiverDocument{in.number("seconds")});
}

Json WaiverDocument::encode() const { return Json::object().set("seconds", seconds); }

namespace {

template <class Document>
Status decodes(std::string_view key, const Json& content) {
  const auto document = Document::decode(key, content);
  return document ? Status() : Status(document.error());
}

struct Kind {
  std::string_view name;
  Status (*check)(std::string_view, const Json&);
};

template <class Document>
constexpr Kind kind_of() {
  return {Document::kKind, decodes<Document>};
}

constexpr std::array kDocumentKinds = {kind_of<AssessmentDocument>(),
                                       kind_of<BudgetDocument>(),
                                       kind_of<ChangeDocument>(),
                                       kind_of<ClinicDocument>(),
                                       kind_of<CountDocument>(),
                                       kind_of<DisposalDocument>(),
                                       kind_of<EvacuationDocument>(),
                                       kind_of<ExceptionDocument>(),
                                       kind_of<ExcursionDocument>(),
                                       kind_of<FitDocument>(),
                                       kind_of<Hold>(),
                                       kind_of<LabelDocument>(),
                                       kind_of<MarkerDocument>(),
                                       kind_of<NoticeDocument>(),
                                       kind_of<ObservationDocument>(),
                                       kind_of<OperationDocument>(),
                                       kind_of<PauseDocument>(),
                                       kind_of<PlanDocument>(),
                                       kind_of<ProbeDocument>(),
                                       kind_of<PurgeDocument>(),
                                       kind_of<QualityDocument>(),
                                       kind_of<ReferralDocument>(),
                                       kind_of<RetentionDocument>(),
                                       kind_of<ShipmentDocument>(),
                                       kind_of<SignerDocument>(),
                                       kind_of<SplitDocument>(),
                                       kind_of<StabilityDocument>(),
                                       kind_of<TakeDocument>(),
                                       kind_of<TemplateDocument>(),
                                       kind_of<ToldDocument>(),
                                       kind_of<VisitDocument>(),
                                       kind_of<WaiverDocument>()};

constexpr auto kDocumentKindNames = [] {
  std::array<std::string_view, kDocumentKinds.size()> names{};
  for (std::size_t i = 0; i < names.size(); ++i) names[i] = kDocumentKinds[i].name;
  return names;
}();

}  // namespace

std::span<const std::string_view> document_kinds() { return kDocumentKindNames; }

Status check_document(std::string_view kind, std::string_view id, const Json& content) {
  const auto known = std::ranges::find(kDocumentKinds, kind, &Kind::name);
  const std::string key = cat("r/", kind, "/", id);
  if (known == kDocumentKinds.end()) return corrupt_row(key, "expected a kind of document");
  return known->check(key, content);
}

}  // namespace cryobank::inventory
