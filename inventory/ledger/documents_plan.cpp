#include "inventory/ledger/documents_plan.hpp"

#include "base/row_reader.hpp"
#include "base/try.hpp"

namespace cryobank::inventory {
namespace {

constexpr std::int64_t kPlanDaysMax = 366;

Day local_day(RowReader& in, std::string_view key) {
  const std::string text = in.text(key);
  const Result<Day> day = parse_day(text);
  if (!day && in.ok()) in.refuse(key, "a day as 2026-12-02");
  return day ? *day : Day{};
}

// Each item of "items" by `read`, whole; the first fault is the row's.
template <class Read>
Status read_items(std::string_view key, RowReader& in, Read read) {
  for (const Json& item : in.list("items")) {
    RowReader at(key, item);
    read(at);
    TRY(at.end());
  }
  return in.end();
}

template <class Document>
Result<Document> if_whole(const Status& status) {
  TRY(status);
  return Document{};
}

void read_value(RowReader& at) {
  at.milli("value");
  at.text("unit");
  at.time("at");
  at.id<UserId>("by");
}

void read_rule(RowReader& at) {
  at.text("rule");
  at.text("measure");
  at.text("unit");
  at.maybe_milli("above");
  at.maybe_milli("below");
  at.maybe_number("falls_percent", 1, 1, 99);
  at.maybe_number("within_hours", 1, 1);
  at.flag("hold");
  at.id<UserId>("by");
  at.text("reason");
}

void read_slot(RowReader& at) {
  at.text("slot");
  at.text("stage");
  at.any_text("calendar");
  at.number("places", 1);
  at.number("days", 1, kPlanDaysMax);
  at.number("after_days", 0, kPlanDaysMax);
}

void read_published(RowReader& in) {
  in.number("version");
  in.time("accepted_at");
  in.id<UserId>("accepted_by");
  in.any_text("reason");
  in.any_text("cause");
  in.object("objective");
  in.maybe_object("bound");
  in.list("late");
  in.list("changes");
  for (const std::string_view count : {"changes_total", "visits_published", "visits_moved"}) {
    in.number(count);
  }
  // Of plans accepted before notice was counted there is none.
  in.maybe_text("day");
  if (in.has("notice")) in.object("notice");
}

}  // namespace

Result<AssessmentDocument> AssessmentDocument::decode(std::string_view key, const Json& row) {
  RowReader in(key, row);
  return if_whole<AssessmentDocument>(read_items(key, in, [](RowReader& at) {
    at.text("what");
    local_day(at, "date");
    at.flag("done");
    at.maybe_id<DoseId>("after_dose");
    at.id<UserId>("by");
  }));
}

Result<ChangeDocument> ChangeDocument::decode(std::string_view key, const Json& row) {
  RowReader in(key, row);
  for (const std::string_view days :
       {"interval_min_days", "interval_max_days", "limit_min_days", "limit_max_days", "early_doses",
        "early_min_days", "urgency", "apart_days", "chemotherapy_before_days",
        "chemotherapy_after_days"}) {
    in.maybe_number(days, 1, 1, kPlanDaysMax);
  }
  in.id<UserId>("by");
  in.text("reason");
  in.time("at");
  // Dates that it made too near to the one before; records from before they were kept have none.
  if (in.has("breaks")) {
    for (const Json& item : in.list("breaks")) {
      RowReader at(key, item);
      at.id<DoseId>("dose");
      at.time("infusion_at");
      TRY(at.end());
    }
  }
  return in.whole(ChangeDocument{});
}

Result<ClinicDocument> ClinicDocument::decode(std::string_view key, const Json& row) {
  RowReader in(key, row);
  in.text("clinic");
  // Who said so; records from before it was kept do not have it.
  in.maybe_time("at");
  in.maybe_id<UserId>("by");
  in.maybe_text("reason");
  return in.whole(ClinicDocument{});
}

Result<FitDocument> FitDocument::decode(std::string_view key, const Json& row) {
  RowReader in(key, row);
  in.time("until");
  in.maybe_time("at");
  in.id<UserId>("by");
  return in.whole(FitDocument{});
}

Result<MarkerDocument> MarkerDocument::decode(std::string_view key, const Json& row) {
  RowReader in(key, row);
  return if_whole<MarkerDocument>(read_items(key, in, [](RowReader& at) {
    at.text("marker");
    at.maybe_text("assay");
    at.maybe_id<DoseId>("dose");
    read_value(at);
  }));
}

Result<NoticeDocument> NoticeDocument::decode(std::string_view key, const Json& row) {
  RowReader in(key, row);
  return if_whole<NoticeDocument>(read_items(key, in, [](RowReader& at) {
    at.text("sender");
    at.text("control");
    at.text("hold");
    at.time("at");
  }));
}

Result<ObservationDocument> ObservationDocument::decode(std::string_view key, const Json& row) {
  RowReader in(key, row);
  const bool rules = key == "rules" || key.ends_with("/rules");
  return if_whole<ObservationDocument>(read_items(key, in, [rules](RowReader& at) {
    if (rules) return read_rule(at);
    at.text("measure");
    read_value(at);
  }));
}

Result<PauseDocument> PauseDocument::decode(std::string_view key, const Json& row) {
  RowReader in(key, row);
  PauseDocument pause;
  pause.course = in.id<CourseId>("course");
  pause.kind = in.text("kind");
  pause.from = local_day(in, "from");
  if (in.has("until")) pause.until = format_day(local_day(in, "until"));
  in.id<UserId>("by");
  in.time("at");
  in.text("reason");
  return in.whole(std::move(pause));
}

Result<PlanDocument> PlanDocument::decode(std::string_view key, const Json& row) {
  RowReader in(key, row);
  if (key == "slots" || key.ends_with("/slots")) {
    return if_whole<PlanDocument>(read_items(key, in, read_slot));
  }
  if (key == "settled" || key.ends_with("/settled") || key == "dayless" ||
      key.ends_with("/dayless")) {
    return if_whole<PlanDocument>(read_items(key, in, [](RowReader& at) {
      at.id<CourseId>("course");
      at.id<DoseId>("dose");
    }));
  }
  if (key == "feeds" || key.ends_with("/feeds")) {
    return if_whole<PlanDocument>(read_items(key, in, [](RowReader& at) {
      at.text("feed");
      at.text("of");
      at.maybe_id<CourseId>("course");
      at.maybe_text("clinic");
      at.text("secret_sha256");
      at.id<UserId>("by");
      at.time("at");
    }));
  }
  if (key == "decided" || key.ends_with("/decided")) {
    in.texts("causes");
    in.texts("threats");
    return in.whole(PlanDocument{});
  }
  read_published(in);
  return in.whole(PlanDocument{});
}

Result<ReferralDocument> ReferralDocument::decode(std::string_view key, const Json& row) {
  RowReader in(key, row);
  in.id<PatientId>("patient");
  in.id<ProtocolId>("protocol");
  in.number("urgency", 1, 9);
  in.text("state");
  in.time("received_at");
  in.maybe_time("first_contact");  // of a patient whose product failed, before this one
  in.maybe_id<CourseId>("instead_of");
  in.maybe_time("planned_at");
  in.maybe_time("closed_at");
  in.maybe_id<CourseId>("course");
  in.maybe_object("provisional");
  return if_whole<ReferralDocument>(read_items(key, in, [](RowReader& at) {
    at.text("stage");
    at.text("outcome");
    at.maybe_text("cause");
    at.time("at");
    at.id<UserId>("by");
  }));
}

Result<SplitDocument> SplitDocument::decode(std::string_view key, const Json& row) {
  RowReader in(key, row);
  return if_whole<SplitDocument>(read_items(key, in, [](RowReader& at) {
    at.id<DoseId>("dose");
    at.id<DoseId>("half");
    at.ids<AliquotId>("aliquots");
  }));
}

Result<ToldDocument> ToldDocument::decode(std::string_view key, const Json& row) {
  RowReader in(key, row);
  if (row.is_object()) {
    for (const auto& [dose, day] : row.members()) local_day(in, dose);
  }
  return in.whole(ToldDocument{});
}

Result<VisitDocument> VisitDocument::decode(std::string_view key, const Json& row) {
  RowReader in(key, row);
  return if_whole<VisitDocument>(read_items(key, in, [](RowReader& at) {
    at.id<DoseId>("dose");
    at.maybe_time("thaw_at");
    at.maybe_time("harvest_from");
    at.time("infusion_at");
    at.number("moves");
    at.maybe_flag("off");
    at.any_text("why");
    at.id<UserId>("by");
  }));
}

}  // namespace cryobank::inventory
