#include "inventory/commands/hand_over.hpp"

#include <algorithm>

#include "base/look_alike.hpp"
#include "base/scan_text.hpp"
#include "base/text.hpp"
#include "base/try.hpp"
#include "inventory/ledger/apply/effects.hpp"
#include "inventory/ledger/documents.hpp"
#include "inventory/ledger/edit.hpp"
#include "inventory/ledger/hold.hpp"
#include "inventory/ledger/job_row.hpp"
#include "inventory/ledger/row_codec.hpp"

namespace cryobank::inventory {
namespace {

constexpr std::size_t kAlikeListedMax = 100;  // of one reply; its message counts them all

bool in_flight(const Job& job) {
  return std::any_of(job.moves.begin(), job.moves.end(), [](const Move& move) {
    return move.state == MoveState::issued || move.state == MoveState::holding;
  });
}

// The label of any dose on record.
bool is_dose_code(const View& view, std::string_view code) {
  const std::size_t slash = code.find('/');
  if (slash == std::string_view::npos) return false;
  const Course* course = view.course(CourseId(std::string(code.substr(0, slash))));
  return course != nullptr && course->find(DoseId(std::string(code.substr(slash + 1)))) != nullptr;
}

}  // namespace

std::string dose_code(const CourseId& course, const DoseId& dose) {
  return cat(course.str(), "/", dose.str());
}

Result<std::string> add_mismatch(Ask& ask, std::string_view target, std::string_view expected,
                                 std::string_view scanned) {
  Hold hold;
  hold.id = cat("hold-", count_of(ask.view().counters(), "holds") + 1);
  hold.target = target;
  hold.kind = kMismatch;
  hold.reason = cat("expected ", expected, ", scanned ", clip(scanned, kIdLengthMax));
  hold.by = ask.context.actor.user;
  hold.at = ask.now();
  Json data = act(ask);
  data.set("target", target);
  data.set("expected", expected);
  data.set("scanned", clip(scanned, kIdLengthMax));
  data.set("hold", hold.id);
  add_document(data, "hold", hold.id, to_json(hold));
  add_count(data, "holds");
  add_count(data, "mismatches");
  TRY(ask.trial.add(inventory_fact(fact::kMismatchSeen, std::move(data))));
  return hold.id;
}

Result<Decision> note_mismatch(Ask& ask, std::string_view target, std::string_view expected,
                               std::string_view scanned) {
  const std::string why =
      cat("MISMATCH: expected ", expected, ", scanned ", clip(scanned, kIdLengthMax));
  if (is_dry_run(ask.body)) {
    return make_error(ErrorCode::mismatch, cat(why, "; a dry run locks nothing"));
  }
  TRY_ASSIGN(const auto hold, add_mismatch(ask, target, expected, scanned));
  Json reply = Json::object().set("refused", name_of(ErrorCode::mismatch)).set("hold", hold);
  Decision decision = answer(ask, std::move(reply), why);
  decision.refused =
      make_error(ErrorCode::mismatch, cat(why, "; ", target, " is locked by ", hold));
  return decision;
}

std::string open_disposal(const View& view, const AliquotId& id) {
  for (const std::string& open : view.documents(DisposalDocument::kKind)) {
    const auto disposal = document_of<DisposalDocument>(view, open);
    if (std::ranges::find(disposal->aliquots, id) != disposal->aliquots.end()) return open;
  }
  return {};
}

Status check_not_for_disposal(const View& view, const AliquotId& id) {
  const std::string open = open_disposal(view, id);
  if (open.empty()) return {};
  return make_error(ErrorCode::conflict,
                    cat("aliquot ", id.str(), " is to be disposed of by ", open,
                        ", which is open: another person confirms it, or one withdraws it"));
}

Status check_label(const View& view, const Aliquot& aliquot) {
  const auto label = document_of<LabelDocument>(view, aliquot.id.str());
  const std::string state = label ? label->state : std::string();
  if (state.empty() || state == "verified") return {};
  return make_error(ErrorCode::conflict,
                    cat("the label of aliquot ", aliquot.id.str(), " is ", state,
                        state == "void" ? ": print a new one and scan it back"
                                        : " and was not scanned back: label/verify"));
}

Status check_label_not_void(const View& view, const Aliquot& aliquot) {
  const auto label = document_of<LabelDocument>(view, aliquot.id.str());
  return label && label->state == "void" ? check_label(view, aliquot) : Status();
}

ScanMatch match_code(const View& view, std::string_view expected, std::string_view scanned) {
  const std::string_view code = strip_scan(scanned);
  if (code == expected) return ScanMatch::same;
  const bool asked = look_alike(code, expected) && view.owner_of_code(code).empty();
  return asked ? ScanMatch::alike : ScanMatch::other;
}

Decision ask_again(Ask& ask, std::string_view expected, std::string_view scanned) {
  const std::string came = clip(strip_scan(scanned), kIdLengthMax);
  const std::string why = cat("scanned ", came, ": did you mean ", expected,
                              "? Nothing is locked; look at the label and scan it again");
  Json reply = Json::object().set("refused", name_of(ErrorCode::did_you_mean));
  reply.set("did_you_mean", expected).set("scanned", came);
  (void)ask.trial.take_facts();
  Decision decision = answer(ask, std::move(reply), why);
  decision.refused = make_error(ErrorCode::did_you_mean, why);
  return decision;
}

Result<std::optional<Decision>> check_code(Ask& ask, const Aliquot& aliquot,
                                           std::string_view scanned, std::string_view target) {
  switch (match_code(ask.view(), aliquot.code, scanned)) {
    case ScanMatch::same:
      return std::optional<Decision>();
    case ScanMatch::alike:
      return std::optional(ask_again(ask, aliquot.code, scanned));
    case ScanMatch::other:
      break;
  }
  TRY_ASSIGN(auto noted, note_mismatch(ask, target, aliquot.code, strip_scan(scanned)));
  return std::optional(std::move(noted));
}

std::string like_of(const View& view, std::string_view scanned) {
  const AliquotId like = view.look_alike_of(strip_scan(scanned));
  return like.empty() ? std::string() : cat(", did you mean ", view.aliquot(like)->code, "?");
}

void put_like(Json& item, const View& view, std::string_view scanned) {
  const AliquotId like = view.look_alike_of(strip_scan(scanned));
  if (!like.empty()) item.set("did_you_mean", view.aliquot(like)->code);
}

void NewCodes::add(const std::string& code) {
  const AliquotId there = view_.look_alike_of(code);
  const auto [first, fresh] = seen_.try_emplace(look_alike_key(code), code);
  if (!there.empty()) {
    alike_.emplace_back(code, view_.aliquot(there)->code);
  } else if (!fresh) {
    alike_.emplace_back(code, first->second);
  }
}

Status NewCodes::add_course(const CourseId& course) {
  if (courses_.empty()) {
    for (const auto& [id, known] : view_.base().courses) {
      courses_.try_emplace(look_alike_key(id.str()), id.str());
    }
  }
  const auto [like, fresh] = courses_.try_emplace(look_alike_key(course.str()), course.str());
  if (fresh || like->second == course.str()) return {};
  if (lower_ascii(like->second) == lower_ascii(course.str())) {
    return make_error(ErrorCode::already_exists,
                      cat("course ", course.str(), " differs only by case from course ",
                          like->second, ": their labels would be taken for each other"));
  }
  alike_.emplace_back(course.str(), like->second);
  return {};
}

std::string NewCodes::tell(Json& reply) const {
  if (alike_.empty()) return {};
  Json list = Json::array();
  for (const auto& [code, like] : alike_) {
    if (list.items().size() >= kAlikeListedMax) break;
    list.push(Json::object().set("code", code).set("like", like));
  }
  reply.set("look_alikes", std::move(list));
  return cat("; LOOK-ALIKES: ", alike_.size(),
             " codes or courses differ from another only by case, O/0 or I/1, ",
             alike_.front().first, " from ", alike_.front().second, " for one");
}

Result<std::optional<Decision>> check_codes(Ask& ask, const std::vector<Aliquot>& aliquots,
                                            std::string_view target) {
  const Json& scanned = ask.body["codes"];
  if (!scanned.is_array()) {
    return make_error(ErrorCode::malformed,
                      cat("expected the scanned codes of ", aliquots.size(),
                          " aliquots at \"codes\", came ", scanned.kind_name()));
  }
  std::set<std::string> expected;
  for (const Aliquot& aliquot : aliquots) {
    expected.insert(aliquot.code);
    TRY(check_label(ask.view(), aliquot));
  }
  for (const Json& code : scanned.items()) {
    const std::string given = code.is_string() ? code.string() : code.dump();
    const std::string text(strip_scan(given));
    if (expected.erase(text) == 1) continue;
    if (std::ranges::find(aliquots, text, &Aliquot::code) != aliquots.end()) {
      return make_error(ErrorCode::duplicate, cat("code ", clip(text, kIdLengthMax),
                                                  " was scanned twice: is another one left out?"));
    }
    const auto alike = std::ranges::find_if(expected, [&](const std::string& wanted) {
      return match_code(ask.view(), wanted, text) == ScanMatch::alike;
    });
    if (alike != expected.end()) return std::optional(ask_again(ask, *alike, text));
    TRY_ASSIGN(auto noted, note_mismatch(ask, target, "a code of this dose", text));
    return std::optional(std::move(noted));
  }
  if (expected.empty()) return std::optional<Decision>();
  return make_error(ErrorCode::invalid_value, cat("code ", *expected.begin(), " and ",
                                                  expected.size() - 1, " more were not scanned"));
}

Result<std::optional<Decision>> check_dose_code(Ask& ask, const CourseDose& target) {
  TRY_ASSIGN(const auto code, ask.body.get_string("code"));
  const std::string expected = dose_code(target.course.id, target.dose.id);
  const std::string_view scanned = strip_scan(code);
  if (scanned == expected) return std::optional<Decision>();
  if (look_alike(scanned, expected) && !is_dose_code(ask.view(), scanned)) {
    return std::optional(ask_again(ask, expected, scanned));
  }
  TRY_ASSIGN(auto noted,
             note_mismatch(ask, hold_target(HoldScope::dose, expected), expected, scanned));
  return std::optional(std::move(noted));
}

Status note_override(Ask& ask, std::string_view what) {
  Json data = act(ask);
  data.set("what", what);
  add_count(data, "overrides");
  add_count(data, cat("overrides-", what));
  return ask.trial.add(inventory_fact(fact::kOverrideUsed, std::move(data)));
}

Result<std::vector<JobId>> stop_jobs(Ask& ask, const std::vector<AliquotId>& aliquots) {
  const std::set<AliquotId> stopped(aliquots.begin(), aliquots.end());
  std::set<JobId> jobs;
  const View view = ask.view();
  for (const JobId& id : view.open_jobs()) {
    const Job* job = view.job(id);
    if (job->kind != JobKind::thaw && job->kind != JobKind::retrieve) continue;
    for (const Move& move : job->moves) {
      if (is_open(move.state) && stopped.contains(move.aliquot)) jobs.insert(id);
    }
  }
  for (const JobId& id : jobs) {
    const bool moving = in_flight(*ask.view().job(id));
    Json data = act(ask);
    data.set("job", id.str());
    if (!moving) data.set("held", true);
    TRY(ask.trial.add({moving ? fact::kJobPaused : fact::kJobCancelled, std::move(data)}));
  }
  return std::vector<JobId>(jobs.begin(), jobs.end());
}

Result<std::vector<std::string>> scanned_codes(const Ask& ask) {
  const Json& list = ask.body["codes"];
  if (!list.is_array() || list.items().empty() || list.items().size() > kItemsMax) {
    return make_error(ErrorCode::malformed,
                      cat("expected 1 to ", kItemsMax, " scanned codes at \"codes\""));
  }
  std::vector<std::string> codes;
  std::set<std::string> seen;
  for (const Json& item : list.items()) {
    codes.emplace_back(strip_scan(item.is_string() ? item.string() : item.dump()));
    if (seen.insert(codes.back()).second) continue;
    return make_error(ErrorCode::duplicate, cat("code ", clip(codes.back(), 80),
                                                " was scanned twice: is another one left out?"));
  }
  return codes;
}

}  // namespace cryobank::inventory
