// Intake: what may come into being in the bank, and where; the one gate for whoever brings it: a
// registration, a list, a shipment. A course has 1 to 60 doses that add up to at most the whole, a
// dose more than nothing of it and 1 to 24 aliquots. What arrives is on the shelf or still to come;
// it counts as released only as far as the tests of its lot allow, and it comes to no place where a
// vial cannot be put: a gripper, a thaw station, the words for where nothing is any more.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "inventory/ledger/view.hpp"

namespace cryobank::inventory {

// Counts a course as its doses and aliquots are told, one after the other.
class CourseShape {
 public:
  Status add_dose(const Fraction& fraction);
  // One more of a dose that has so many already.
  static Status add_aliquot(std::size_t before);
  std::size_t doses() const { return doses_; }

 private:
  std::size_t doses_ = 0;
  Fraction total_;
};

// The code of a new aliquot, without what a scanner put around it. Errors as in base/vial_code.hpp,
// and as in check_new_code().
Result<std::string> first_code(const View& view, std::string_view scanned);
// A scan means one thing: no vial has the code by which a dose, a place, a machine or a person is
// scanned. Labels of doses that are still to come have the form COURSE/d01. Error already_exists.
Status check_new_code(const View& view, std::string_view code);
// The other way: what comes into being has not the code of a vial. `what` names it in the error.
Status check_no_vials_code(const View& view, std::string_view name, std::string_view what);
// Machines, places and people that a site's files call by the code of a vial, one sentence each.
std::vector<std::string> names_of_vials(const View& view, const config::SiteConfig& site);
// An expiry that comes into being: after now, and within what a person may say.
Status check_new_expiry(WallTime now, std::string_view what, WallTime expires_at);
// The same of a list that may name aliquots of the record: a code that one has already is a code,
// whatever the rule for new ones says of it by now.
Result<std::string> listed_code(const View& view, std::string_view scanned);
// What the tests of a lot allow; a lot without a test list is judged by the person alone.
Status check_release(const View& view, const LotId& lot, bool conditional);
// The state in which an aliquot may come into being or be received.
Status check_first_state(const View& view, const LotId& lot, AliquotState state);
// Where it may stand then.
Status check_first_place(const View& view, AliquotState state, const PlaceId& place);

}  // namespace cryobank::inventory
