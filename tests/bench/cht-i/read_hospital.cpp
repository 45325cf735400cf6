// A file of CHT-I, read strictly: what is missing, of another kind or out of range is told with its
// place in the file, and nothing is taken for granted.
#include <map>

#include "base/json.hpp"
#include "base/text.hpp"
#include "base/try.hpp"
#include "tests/bench/cht-i/hospital_day.hpp"

namespace cryobank::cht {
namespace {

using Table = std::vector<std::vector<int>>;

constexpr std::size_t kFileMax = 16u << 20;
constexpr int kDaysMost = 400;
constexpr int kSlotsMost = 300;
constexpr int kNumberMost = 10'000;

Error at_place(std::string_view where, std::string_view what) {
  return make_error(ErrorCode::malformed, cat(where, ": ", what));
}

Result<int> number_at(const Json& json, std::string_view where, int low, int high) {
  if (json.is_integer() && json.integer() >= low && json.integer() <= high) {
    return static_cast<int>(json.integer());
  }
  return at_place(where, cat("expected a whole number from ", low, " to ", high, ", came ",
                             clip(json.dump(), 20)));
}

Result<bool> flag_at(const Json& json, std::string_view where) {
  if (json.is_bool()) return json.boolean();
  return at_place(where, cat("expected true or false, came ", clip(json.dump(), 20)));
}

class HospitalReader {
 public:
  Result<Hospital> read(const Json& json) {
    if (!json.is_object()) return at_place("file", "expected an object with param and demands");
    TRY(read_param(json["param"]));
    if (!json["demands"].is_array()) return at_place("demands", "expected a list");
    for (const Json& demand : json["demands"].items()) {
      TRY(read_demand(demand, cat("demands[", hospital_.patients.size(), "]")));
    }
    return std::move(hospital_);
  }

 private:
  Status read_param(const Json& param) {
    if (!param.is_object()) return at_place("param", "expected an object");
    struct Field {
      std::string_view key;
      int* value;
      int low, high;
    };
    const Field fields[] = {{"days", &hospital_.days, 1, kDaysMost},
                            {"numTimeSlots", &hospital_.slots, 1, kSlotsMost},
                            {"multitasks", &hospital_.multitask, 1, kNumberMost},
                            {"numMaterials", &hospital_.seats, 0, kNumberMost},
                            {"consultationLength", &hospital_.consultation_slots, 0, kSlotsMost},
                            {"installationLength", &hospital_.installation_slots, 0, kSlotsMost}};
    for (const Field& field : fields) {
      TRY_ASSIGN(*field.value,
                 number_at(param[field.key], cat("param.", field.key), field.low, field.high));
    }
    TRY_ASSIGN(hospital_.nurses, table_at(param["nurses"], "param.nurses"));
    TRY_ASSIGN(hospital_.pharmacy, table_at(param["pharmacy"], "param.pharmacy"));
    if (!param["sectorIds"].is_array() || param["sectorIds"].items().empty()) {
      return at_place("param.sectorIds", "expected a list of sectors");
    }
    for (const Json& id : param["sectorIds"].items()) {
      TRY_ASSIGN(const int sector, number_at(id, "param.sectorIds", 0, kNumberMost));
      sectors_[sector] = static_cast<int>(hospital_.doctors.size());
      TRY_ASSIGN(auto doctors,
                 table_at(param["doctors"][cat(sector)], cat("param.doctors.", sector)));
      hospital_.doctors.push_back(std::move(doctors));
    }
    return {};
  }

  // [day][slot], both from 1; row and column 0 are there and unused. Numbers, or open or not.
  Result<Table> table_at(const Json& json, const std::string& where) const {
    const auto days = static_cast<std::size_t>(hospital_.days) + 1;
    const auto slots = static_cast<std::size_t>(hospital_.slots) + 1;
    if (!json.is_array() || json.items().size() != days) {
      return at_place(where, cat("expected a list of ", days, " rows, days 0 to ", days - 1));
    }
    Table table;
    for (const Json& row : json.items()) {
      const std::string day = cat(where, "[", table.size(), "]");
      if (!row.is_array() || row.items().size() != slots) {
        return at_place(day, cat("expected a list of ", slots, ", slots 0 to ", slots - 1));
      }
      std::vector<int> values;
      for (const Json& one : row.items()) {
        const std::string slot = cat(day, "[", values.size(), "]");
        const Json value = one.is_bool() ? Json(one.boolean() ? 1 : 0) : one;
        TRY_ASSIGN(const int read, number_at(value, slot, 0, kNumberMost));
        values.push_back(read);
      }
      table.push_back(std::move(values));
    }
    return table;
  }

  Status read_demand(const Json& demand, const std::string& where) {
    if (!demand.is_object() || !demand["rdvDemands"].is_array()) {
      return at_place(where, "expected an object with a list rdvDemands");
    }
    std::vector<Session> sessions;
    for (const Json& one : demand["rdvDemands"].items()) {
      const std::string place = cat(where, ".rdvDemands[", sessions.size(), "].");
      if (!one.is_object()) return at_place(place, "expected an object");
      Session session;
      TRY_ASSIGN(const int sector,
                 number_at(one["sectorId"], cat(place, "sectorId"), 0, kNumberMost));
      const auto known = sectors_.find(sector);
      if (known == sectors_.end()) {
        return at_place(cat(place, "sectorId"),
                        cat("expected one of param.sectorIds, came ", sector));
      }
      session.sector = known->second;
      TRY_ASSIGN(session.after_days,
                 number_at(one["afterLastRequest"], cat(place, "afterLastRequest"), 0, kDaysMost));
      TRY_ASSIGN(session.consultation,
                 flag_at(one["needingConsultation"], cat(place, "needingConsultation")));
      TRY_ASSIGN(session.same_day_drug,
                 flag_at(one["medPreparedSameDay"], cat(place, "medPreparedSameDay")));
      TRY_ASSIGN(session.drug_slots,
                 number_at(one["medPrepDuration"], cat(place, "medPrepDuration"), 0, kSlotsMost));
      TRY_ASSIGN(
          session.treatment_slots,
          number_at(one["treatmentDuration"], cat(place, "treatmentDuration"), 0, kSlotsMost));
      sessions.push_back(session);
    }
    hospital_.patients.push_back(std::move(sessions));
    return {};
  }

  Hospital hospital_;
  std::map<int, int> sectors_;
};

}  // namespace

Result<Hospital> read_hospital(std::string_view text) {
  TRY_ASSIGN(const Json json, parse_json(text, kFileMax));
  return HospitalReader().read(json);
}

}  // namespace cryobank::cht
