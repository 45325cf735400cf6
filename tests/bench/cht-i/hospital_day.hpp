// CHT-I: chemotherapy series with fixed rest days on days of slots, as a SeriesModel, so that the
// product's own improver and bound plan them (README.md tells the reading of the format). Each
// patient is a series, each session a visit; its variant is the last slot of its treatment.
#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"
#include "service/schedule/series.hpp"

namespace cryobank::cht {

struct Session {
  int sector = 0;
  int after_days = 0;  // since the session before
  bool consultation = false;
  bool same_day_drug = true;
  int drug_slots = 0;
  int treatment_slots = 0;
};

struct Hospital {
  int days = 0;
  int slots = 0;
  int multitask = 1;  // patients that one nurse watches
  int seats = 0;
  int consultation_slots = 1;
  int installation_slots = 1;
  std::vector<std::vector<int>> nurses;                // [day][slot], from 1
  std::vector<std::vector<std::vector<int>>> doctors;  // [sector][day][slot]
  std::vector<std::vector<int>> pharmacy;              // [day][slot]
  std::vector<std::vector<Session>> patients;
};

Result<Hospital> read_hospital(std::string_view json);

class HospitalModel final : public schedule::SeriesModel {
 public:
  explicit HospitalModel(const Hospital& hospital);
  int count() const override { return static_cast<int>(hospital_.patients.size()); }
  const schedule::Load& capacity() const override { return capacity_; }
  schedule::Route best(int series, const schedule::Load* free, const schedule::Prices& prices,
                       const schedule::Routes& others) const override;

 private:
  struct Place {
    schedule::Visit visit;
    schedule::Cost cost = 0;
    schedule::Cost priced = -1;  // below 0: impossible
  };
  int cell(int resource, int day, int slot) const;
  bool room(const schedule::Load* free, int resource, int day, int from, int until,
            int amount) const;
  int drug_ready(const Session& session, int day, int from) const;
  Place place(const Session& session, int day, const schedule::Load* free,
              const schedule::Prices& prices) const;

  const Hospital& hospital_;
  schedule::Load capacity_;
};

// Every rule that the routes break, counted again from the instance alone.
std::vector<std::string> violations(const Hospital& hospital, const schedule::Routes& routes);
// The paper's objective; sessions of patients that are not placed are not in it.
long long objective(const Hospital& hospital, const schedule::Routes& routes);

}  // namespace cryobank::cht
