// Out of spec: may a product that does not meet its specification reach its patient? Only after a
// named person and a witness authorised it with a reason (quality/exception), and after a physician
// said under an own login that the treating side knows (quality/notice). A test that fails later
// asks for all of it anew. The state follows from the test list of the lot and the exception of the
// course; it is kept nowhere else.
//
//   in_spec --test_failed--> failed --authorised--> authorised --physician_told--> usable
//   in_spec --authorised--> authorised: for a criterion that no test of the list has
//   usable --authorised--> authorised: another exception, that the physician is told of as well
//   authorised, usable --test_failed--> failed: another test than the exception was for
//   failed, authorised, usable --corrected--> in_spec: what was thought to have failed had not
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "inventory/ledger/course.hpp"
#include "inventory/ledger/view.hpp"

namespace cryobank::inventory {

enum class SpecState : std::uint8_t { in_spec, failed, authorised, usable };
inline constexpr int kSpecStates = 4;
std::string_view name_of(SpecState state);

enum class SpecEvent : std::uint8_t { test_failed, corrected, authorised, physician_told };
inline constexpr int kSpecEvents = 4;

// Where an event leads; nothing: it is refused there.
std::optional<SpecState> after(SpecState state, SpecEvent event);

// Tests of the lot that failed, by name; a lot without a test list has none.
std::vector<std::string> failed_tests(const View& view, const LotId& lot);
SpecState spec_of(const View& view, const Course& course);
// Refuses in failed and authorised, with what is missing.
Status check_spec(const View& view, const Course& course);

}  // namespace cryobank::inventory
