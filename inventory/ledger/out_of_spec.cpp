#include "inventory/ledger/out_of_spec.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "inventory/ledger/documents.hpp"

namespace cryobank::inventory {
namespace {

constexpr std::array<std::string_view, kSpecStates> kSpecNames = {"in-spec", "failed", "authorised",
                                                                  "usable"};

// From the line by the column, in the order of the enums: the first letter of where it leads, '.'
// for refused.
constexpr std::array<std::string_view, kSpecStates> kSpecTable = {
    /* columns:   fcap */
    /* in spec    */ "fia.",
    /* failed     */ "fia.",
    /* authorised */ "fiau",
    /* usable     */ "fia.",
};

bool covers(const ExceptionDocument& exception, const std::vector<std::string>& failed) {
  return std::ranges::all_of(failed, [&exception](const std::string& test) {
    return std::ranges::find(exception.tests, test) != exception.tests.end();
  });
}

std::string list_of(const std::vector<std::string>& words) {
  std::string list;
  for (const std::string& word : words) list += cat(list.empty() ? "" : ", ", word);
  return list;
}

}  // namespace

std::string_view name_of(SpecState state) { return kSpecNames[static_cast<std::size_t>(state)]; }

std::optional<SpecState> after(SpecState state, SpecEvent event) {
  switch (kSpecTable[static_cast<std::size_t>(state)][static_cast<std::size_t>(event)]) {
    case 'i':
      return SpecState::in_spec;
    case 'f':
      return SpecState::failed;
    case 'a':
      return SpecState::authorised;
    case 'u':
      return SpecState::usable;
    default:
      return std::nullopt;
  }
}

std::vector<std::string> failed_tests(const View& view, const LotId& lot) {
  std::vector<std::string> failed;
  if (lot.empty()) return failed;
  const auto list = document_of<QualityDocument>(view, lot.str());
  if (!list) return failed;
  for (const QualityTest& test : list->tests) {
    if (verdict_of(test) == Verdict::failed) failed.push_back(test.test);
  }
  return failed;
}

SpecState spec_of(const View& view, const Course& course) {
  const std::vector<std::string> failed = failed_tests(view, course.lot);
  const auto exception = document_of<ExceptionDocument>(view, course.id.str());
  if (!failed.empty() && !(exception && covers(*exception, failed))) return SpecState::failed;
  if (!exception) return SpecState::in_spec;
  // What it was for had not failed after all.
  if (failed.empty() && !exception->tests.empty()) return SpecState::in_spec;
  return exception->told_at.ms == 0 ? SpecState::authorised : SpecState::usable;
}

Status check_spec(const View& view, const Course& course) {
  switch (spec_of(view, course)) {
    case SpecState::in_spec:
    case SpecState::usable:
      return {};
    case SpecState::failed:
      return make_error(
          ErrorCode::conflict,
          cat("lot ", course.lot.str(), " of course ", course.id.str(), " failed ",
              list_of(failed_tests(view, course.lot)),
              ": nothing of it is used but by exception (quality/exception, then quality/notice)"));
    case SpecState::authorised:
      return make_error(ErrorCode::conflict,
                        cat("course ", course.id.str(),
                            " is released by exception, and no physician has confirmed to know it "
                            "(quality/notice)"));
  }
  CHECK(false);
}

}  // namespace cryobank::inventory
