// Course: one patient, one protocol, one chain of identity, an ordered list of doses. Dose: an
// exact share of the course, in one or more aliquots. Patients are pseudonyms, never names.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/ids.hpp"
#include "base/json.hpp"
#include "base/row_reader.hpp"
#include "base/time.hpp"
#include "base/units.hpp"
#include "inventory/ledger/life_cycle.hpp"

namespace cryobank::inventory {

inline constexpr int kDosesMax = 60;            // of one course; 12 is usual
inline constexpr int kAliquotsPerDoseMax = 24;  // as the protocols bound it

// What a dose was lost to that was thawed and not given.
inline constexpr std::string_view kLostTo[] = {"fever",   "no-show",   "quality", "viability",
                                               "courier", "equipment", "other"};

// As the laboratory counted them; 0 cells: not told.
struct CellCount {
  Milli cells;
  Milli viable_percent;
  bool operator==(const CellCount&) const = default;
};

// Of a dose whose date was taken back: what calendars show as cancelled.
struct DroppedDates {
  WallTime thaw{};
  WallTime harvest{};
  WallTime infusion{};
  bool operator==(const DroppedDates&) const = default;
};

struct Dose {
  DoseId id;  // unique within its course
  int number = 0;
  Fraction fraction;  // of the course
  DoseState state = DoseState::expected;
  Fraction infused;    // of this dose: a dose may be given in several drips
  WallTime thaw_at{};  // planned
  WallTime harvest_from{};
  WallTime harvest_until{};
  WallTime infusion_at{};
  DroppedDates dropped;  // until it is planned anew
  WallTime thawed_at{};  // actual
  WallTime reculture_at{};
  WallTime harvested_at{};
  WallTime issued_at{};
  WallTime infused_at{};
  UserId recultured_by;             // who washed, counted and seeded it after the thaw
  CellCount thawed;                 // after the thaw
  CellCount harvested;              // after the culture
  JobId job;                        // open thaw job
  std::string lost_to;              // rejected or returned: kLostTo, empty: it was not told
  std::string blocked;              // why its thaw was refused when it was due; empty: not refused
  std::vector<AliquotId> aliquots;  // by id; held by the aliquots' rows, not by the course's

  bool operator==(const Dose&) const = default;
};

struct Course {
  CourseId id;
  PatientId patient;
  ProtocolId protocol;
  int protocol_version = 1;
  LotId lot;
  std::string donation;  // DIN; may be empty
  std::string identity;  // chain-of-identity identifier; may be empty
  std::string sec;       // Single European Code, 40 characters with split 000; may be empty
  WallTime registered_at{};
  std::int64_t revision = 0;  // rises with every change
  std::vector<Dose> doses;    // by number

  Dose* find(const DoseId& dose);
  const Dose* find(const DoseId& dose) const;
  Dose& dose(int number) { return doses[static_cast<std::size_t>(number - 1)]; }
  const Dose& dose(int number) const { return doses[static_cast<std::size_t>(number - 1)]; }

  bool operator==(const Course&) const = default;
};

std::string row_key(const CourseId& course);
std::string encode(const Course& course);
Result<Course> decode_course(std::string_view key, const Json& row);
// What a row and the fact of its registration say alike; `in` keeps what is wrong.
Course read_course(RowReader& in);

}  // namespace cryobank::inventory
