#include "tests/bench/cht-i/hospital_day.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace cryobank::cht {
namespace {

using schedule::Cost;
using schedule::kCostUnit;

constexpr Cost kMissed = 1'000'000;  // a patient who is not placed: above any plan of placed ones
constexpr int kNurse = 0;
constexpr int kSeat = 1;
constexpr int kDoctor = 2;  // and one more for each further sector

}  // namespace

HospitalModel::HospitalModel(const Hospital& hospital) : hospital_(hospital) {
  const int resources = kDoctor + static_cast<int>(hospital.doctors.size());
  capacity_.assign(static_cast<std::size_t>(cell(resources, 1, 1)), 0);
  for (int day = 1; day <= hospital.days; ++day) {
    for (int slot = 1; slot <= hospital.slots; ++slot) {
      const auto d = static_cast<std::size_t>(day);
      const auto s = static_cast<std::size_t>(slot);
      capacity_[static_cast<std::size_t>(cell(kNurse, day, slot))] =
          hospital.nurses[d][s] * hospital.multitask;
      capacity_[static_cast<std::size_t>(cell(kSeat, day, slot))] = hospital.seats;
      for (int r = kDoctor; r < resources; ++r) {
        capacity_[static_cast<std::size_t>(cell(r, day, slot))] =
            hospital.doctors[static_cast<std::size_t>(r - kDoctor)][d][s];
      }
    }
  }
}

int HospitalModel::cell(int resource, int day, int slot) const {
  return (resource * hospital_.days + day - 1) * hospital_.slots + slot - 1;
}

bool HospitalModel::room(const schedule::Load* free, int resource, int day, int from, int until,
                         int amount) const {
  const schedule::Load& load = free == nullptr ? capacity_ : *free;
  for (int slot = from; slot < until; ++slot) {
    if (load[static_cast<std::size_t>(cell(resource, day, slot))] < amount) return false;
  }
  return true;
}

// First slot after the drug is mixed, begun at `from` or later; beyond the day when it is not.
int HospitalModel::drug_ready(const Session& session, int day, int from) const {
  if (session.drug_slots == 0) return from;
  const auto run = [&](int on, int first) {
    int length = 0;
    for (int slot = first; slot <= hospital_.slots; ++slot) {
      const bool open =
          hospital_.pharmacy[static_cast<std::size_t>(on)][static_cast<std::size_t>(slot)] != 0;
      length = open ? length + 1 : 0;
      if (length == session.drug_slots) return slot + 1;
    }
    return hospital_.slots + 2;
  };
  if (!session.same_day_drug && day > 1 && run(day - 1, 1) <= hospital_.slots + 1) return from;
  return run(day, from);
}

HospitalModel::Place HospitalModel::place(const Session& session, int day,
                                          const schedule::Load* free,
                                          const schedule::Prices& prices) const {
  Place best;
  const int doctor = kDoctor + session.sector;
  const int consult = session.consultation ? hospital_.consultation_slots : 0;
  const int install = hospital_.installation_slots;
  for (int s1 = 1; s1 + consult <= hospital_.slots + 1; ++s1) {
    if (consult > 0 && !room(free, doctor, day, s1, s1 + consult, 1)) continue;
    const int ready = drug_ready(session, day, s1 + consult);
    const int first = std::max(ready, s1 + consult + install);
    for (int s3 = first; s3 + session.treatment_slots <= hospital_.slots + 1; ++s3) {
      const int end = s3 + session.treatment_slots;
      if (!room(free, kSeat, day, s3, end, 1) || !room(free, kNurse, day, s3, end, 1)) continue;
      // The seat is held from the installation on: as late as it can be.
      for (int s2 = s3 - install; s2 >= s1 + consult; --s2) {
        if (!room(free, kSeat, day, s2, s3, 1)) break;
        if (!room(free, kNurse, day, s2, s2 + install, hospital_.multitask)) continue;
        Place here;
        here.visit.period = day;
        here.visit.variant = end - 1;
        for (int t = s1; t < s1 + consult; ++t)
          here.visit.cells.push_back({cell(doctor, day, t), 1});
        for (int t = s2; t < s2 + install; ++t) {
          here.visit.cells.push_back({cell(kNurse, day, t), hospital_.multitask});
        }
        for (int t = s3; t < end; ++t) here.visit.cells.push_back({cell(kNurse, day, t), 1});
        for (int t = s2; t < end; ++t) here.visit.cells.push_back({cell(kSeat, day, t), 1});
        here.cost = Cost{(day - 1) * hospital_.slots + end - 1} * kCostUnit;
        here.priced = here.cost;
        for (const schedule::CellUse& use : here.visit.cells) {
          if (!prices.empty())
            here.priced += prices[static_cast<std::size_t>(use.cell)] * use.amount;
        }
        if (best.priced < 0 || here.priced < best.priced) best = std::move(here);
        // With prices an earlier installation may be the cheaper one: the bound needs the best.
        if (prices.empty()) break;
      }
      if (prices.empty() && best.priced >= 0 && best.visit.variant <= end - 1) break;
    }
    // Without prices the earliest consultation serves as well as any, unless nothing fitted after
    // it.
    if (prices.empty() && best.priced >= 0 && consult == 0) break;
  }
  return best;
}

schedule::Route HospitalModel::best(int series, const schedule::Load* free,
                                    const schedule::Prices& prices, const schedule::Routes&) const {
  const std::vector<Session>& sessions = hospital_.patients[static_cast<std::size_t>(series)];
  schedule::Route best;
  best.missing = 1;
  best.cost = best.priced = kMissed * kCostUnit;
  for (int first = 1; first <= hospital_.days; ++first) {
    schedule::Route route;
    int day = first;
    for (std::size_t k = 0; k < sessions.size(); ++k) {
      if (k > 0) day += sessions[k].after_days;
      if (day > hospital_.days) break;
      Place here = place(sessions[k], day, free, prices);
      if (here.priced < 0) break;
      route.cost += here.cost;
      route.priced += here.priced;
      if (route.priced >= best.priced) break;
      route.visits.push_back(std::move(here.visit));
    }
    if (route.visits.size() == sessions.size() && route.priced < best.priced)
      best = std::move(route);
    // Later first days cost a day of slots for each session, more than any slot of the day is
    // worth.
    if (prices.empty() && best.missing == 0) break;
  }
  return best;
}

std::vector<std::string> violations(const Hospital& hospital, const schedule::Routes& routes) {
  std::vector<std::string> out;
  const HospitalModel model(hospital);
  schedule::Load free = model.capacity();
  for (std::size_t p = 0; p < routes.size(); ++p) {
    const std::vector<schedule::Visit>& visits = routes[p].visits;
    if (!visits.empty() && visits.size() != hospital.patients[p].size())
      out.push_back(cat("patient ", p, ": not whole"));
    for (std::size_t k = 0; k < visits.size(); ++k) {
      if (k > 0 && visits[k].period - visits[k - 1].period != hospital.patients[p][k].after_days) {
        out.push_back(cat("patient ", p, ": wrong rest"));
      }
      for (const schedule::CellUse& use : visits[k].cells) {
        free[static_cast<std::size_t>(use.cell)] -= use.amount;
        if (free[static_cast<std::size_t>(use.cell)] < 0)
          out.push_back(cat("patient ", p, ": no room"));
      }
    }
  }
  return out;
}

long long objective(const Hospital& hospital, const schedule::Routes& routes) {
  long long sum = 0;
  for (const schedule::Route& route : routes) {
    for (const schedule::Visit& visit : route.visits) {
      sum += static_cast<long long>(visit.period - 1) * hospital.slots + visit.variant;
    }
  }
  return sum;
}

}  // namespace cryobank::cht
