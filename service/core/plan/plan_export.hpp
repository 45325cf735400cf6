// Plan export: plan/export writes the published visits as iCalendar, FHIR R5 or HL7 v2, the
// planning state as MiniZinc data or as the benchmark's text, a day's worklist to print, and the
// figures of the plan with their definitions (docs/planning.md). visit/notice takes an HL7 message
// of a hospital: a cancelled visit or a patient who did not come holds the course.
#pragma once

#include "service/core/plan/plan_commands.hpp"

namespace cryobank::core {

// A reply has to fit a message: visits come in pieces (kExportVisitsMax), those to come first, and
// `withheld` counts what is in the others.
inline constexpr std::size_t kExportLongVisitsMax = 350;
inline constexpr std::size_t kExportBytesMax = 900 * 1'024;

Result<Decision> export_plan(PlanAsk& ask);

}  // namespace cryobank::core
