#include <algorithm>
#include <array>

#include "config/parse.hpp"

namespace cryobank::config {
namespace {

constexpr std::string_view kOffset = "utc_offset_minutes";  // of older files

// Vials are thawed for a patient who cannot have them when nobody asked the clinic, so a site
// switches the question off by name only.
bool is_off(const TomlNode* node) {
  return node != nullptr && node->kind == TomlNode::Kind::text && node->text == "off";
}

constexpr std::array<Word<PlanResourceConfig::On>, 3> kResourceOns{
    {{"thaw", PlanResourceConfig::On::thaw},
     {"culture", PlanResourceConfig::On::culture},
     {"harvest", PlanResourceConfig::On::harvest}}};

constexpr std::array<Word<std::string_view>, 7> kHoldKinds{{{"fever", "fever"},
                                                            {"tests", "tests"},
                                                            {"travel", "travel"},
                                                            {"chemotherapy", "chemotherapy"},
                                                            {"imaging", "imaging"},
                                                            {"request", "request"},
                                                            {"other", "other"}}};

void read_around(std::string_view file, const TomlNode& node, Faults& faults, PlanConfig& plan) {
  AroundConfig around;
  TableReader reader(file, "[[plan.around]]", node, faults);
  std::string_view kind;
  reader.choice("hold", kind, kHoldKinds, Need::required);
  around.hold = std::string(kind);
  reader.integer("before_days", around.before, 0, 60);
  reader.integer("after_days", around.after, 0, 60);
  const bool twice = std::ranges::any_of(
      plan.around, [&](const AroundConfig& one) { return one.hold == around.hold; });
  if (twice) reader.fault("hold", cat("expected \"", around.hold, "\" once, it came twice"));
  if (!twice && around.before + around.after == 0) {
    reader.fault("hold", "expected before_days or after_days above 0");
  }
  reader.finish();
  plan.around.push_back(std::move(around));
}

void read_plan_resource(std::string_view file, const TomlNode& node, Faults& faults,
                        PlanConfig& plan) {
  PlanResourceConfig resource;
  resource.file = std::string(file);
  resource.line = node.line;
  TableReader reader(file, "[[plan.resource]]", node, faults);
  reader.text("id", resource.id, Need::required);
  reader.choice("on", resource.on, kResourceOns, Need::required);
  if (!resource.id.empty() && !is_id_text(resource.id)) {
    reader.fault("id", bad_id("resource", resource.id).context);
  }
  reader.integer("per_day", resource.per_day, 1, 100'000, Need::required);
  reader.integer("amount", resource.amount, 1, 100'000);
  reader.integer("reserve", resource.reserve, 0, 100'000);
  if (resource.reserve + resource.amount > resource.per_day) {
    reader.fault("reserve", "expected room for one dose beside the reserve");
  }
  reader.finish();
  plan.resources.push_back(std::move(resource));
}

}  // namespace

ClinicConfig parse_clinic(std::string_view file, const TomlNode& node, Faults& faults) {
  ClinicConfig clinic;
  clinic.file = std::string(file);
  clinic.line = node.line;
  TableReader reader(file, "[[clinic]]", node, faults);
  reader.text("id", clinic.id, Need::required);
  reader.text("title", clinic.title);
  reader.id("calendar", clinic.calendar);
  reader.integer("chairs", clinic.chairs, 1, 1'000);
  reader.integer("reserve", clinic.reserve, 0, 1'000);
  reader.integer("beds", clinic.beds, 1, 1'000);
  reader.integer("bed_reserve", clinic.bed_reserve, 0, 1'000);
  reader.integer("turnover_minutes", clinic.turnover, 0, 12 * 60);
  if (clinic.beds > 0 && clinic.bed_reserve >= clinic.beds) {
    reader.fault("bed_reserve", "expected room for one patient beside the reserve");
  }
  reader.finish();
  if (!clinic.id.empty() && !is_id_text(clinic.id)) {
    reader.fault("id", bad_id("clinic", clinic.id).context);
  }
  return clinic;
}

void parse_plan(std::string_view file, const TomlNode& table, Faults& faults, PlanConfig& plan) {
  TableReader reader(file, "[plan]", table, faults);
  if (reader.has(kOffset)) {
    (void)reader.any(kOffset);
    reader.fault(kOffset,
                 "expected none: local days follow [site] time_zone, summer time included");
  }
  reader.id("centre_calendar", plan.centre_calendar);
  reader.integer("horizon_days", plan.horizon_days, 30, 540);
  reader.integer("freeze_days", plan.freeze_days, 0, 30);
  reader.integer("resume_within_days", plan.resume_within_days, 1, 90);
  if (is_off(table.find("fit_to_thaw"))) {
    (void)reader.any("fit_to_thaw");
    plan.fit_to_thaw = {};
    faults.warn(file, reader.line_of("fit_to_thaw"),
                "[plan] fit_to_thaw = \"off\": doses are thawed without the clinic's word that the "
                "patient is fit");
  } else {
    reader.duration("fit_to_thaw", plan.fit_to_thaw, hours(1), days(14));
  }
  reader.integer("waiting_days_per_point", plan.waiting_days_per_point, 0, 1'000);
  std::string infusion;
  reader.text("infusion_at", infusion);
  if (reader.has("infusion_at") && !parse_clock_minute(infusion, plan.infusion_minute)) {
    reader.fault("infusion_at",
                 cat("expected a time as \"14:00\", came \"", clip(infusion, 20), "\""));
  }
  reader.integer("apart_days", plan.apart_days, 1, 60);
  for (const TomlNode* node : reader.tables("around")) read_around(file, *node, faults, plan);
  for (const TomlNode* node : reader.tables("resource")) {
    read_plan_resource(file, *node, faults, plan);
  }
  parse_day_work(file, reader, faults, plan.day);
  reader.integer("clock_speed", plan.clock_speed, 1, 100'000);
  if (reader.has("clock_speed") && plan.clock_speed != 1) {
    faults.warn(file, reader.line_of("clock_speed"),
                cat("[plan] clock_speed = ", plan.clock_speed,
                    ": a demonstration; doses are thawed as many times too early"));
  }
  reader.duration("thaw_lead", plan.thaw_lead, minutes(1), hours(24));
  reader.finish();
}

}  // namespace cryobank::config
