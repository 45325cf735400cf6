// Ledger: every current fact about places, courses, aliquots and robot jobs. It changes only by
// absorbing a Draft, whose facts are durable by then. Iteration order is by id.
// Draft: a ledger with facts applied on top, for deciding and for making the rows of one
// transaction; throwing it away leaves the ledger as it was.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/record.hpp"
#include "base/result.hpp"
#include "config/site_config.hpp"
#include "inventory/ledger/job.hpp"

namespace cryobank::inventory {

// What a transaction touched, so that the core knows which retained topics to publish again.
struct Touched {
  std::vector<CourseId> courses;
  std::vector<PlaceId> containers;  // whose occupancy changed
  std::vector<JobId> jobs;
  std::vector<WallTime> steps;  // thaws, harvests and infusions of those courses, before and after
};

class Ledger {
 public:
  // The site's declared places are part of every ledger; `config` must outlive it.
  explicit Ledger(const config::SiteConfig& config);
  ~Ledger();
  Ledger(const Ledger&) = delete;
  Ledger& operator=(const Ledger&) = delete;

  // At start: one row of this ledger's prefixes. An Error names the row and what is wrong with it.
  Status load_row(std::string_view key, std::string_view value);
  // After the last row: cross-checks (one place per aliquot, counts). An Error is a corrupt record.
  Status loaded();

  const Job* find_job(const JobId& job) const;
  std::vector<JobId> open_jobs() const;  // by priority, due time, id

  struct Tables;
  const Tables& tables() const { return *tables_; }

 private:
  friend class Draft;
  std::unique_ptr<Tables> tables_;
};

class Draft {
 public:
  explicit Draft(const Ledger& ledger);
  ~Draft();
  Draft(Draft&&) noexcept;

  // Applies one fact. An Error means the fact contradicts the state: from a command a bug (CHECK by
  // the caller), from a journal a corrupt record.
  Status apply(const Fact& fact);
  // Savepoint: a refused command inside a batch leaves no trace.
  std::size_t mark() const;
  void rewind(std::size_t mark);

  // Rows of everything touched so far, sorted by key, each key once.
  std::vector<RowChange> rows() const;
  Touched touched() const;
  // Moves the changes into the ledger this draft was made from. REQUIRES: that ledger is unchanged
  // since.
  void absorb_into(Ledger& ledger) &&;
  // The same in parts of about so many aliquots, for a draft whose absorption others would have to
  // wait for. After each part the ledger holds whole courses with all of their aliquots; true when
  // it holds everything. `known`: as known_aliquots() gave them before the first part.
  std::vector<AliquotId> known_aliquots() const;
  bool absorb_part(Ledger& ledger, const std::vector<AliquotId>& known, std::size_t aliquots);

  struct Overlay;
  const Overlay& overlay() const { return *overlay_; }
  Overlay& overlay() { return *overlay_; }

 private:
  friend class Trial;
  std::unique_ptr<Overlay> overlay_;
};

// True for the commands of this room: course/..., aliquot/..., dose/..., place/..., job/... .
bool handles(std::string_view verb);

// Decides one command, e.g. "course/register". Never changes anything. The roles were checked.
// `draft` holds the commands of the same batch that were decided before.
Result<Decision> decide(const Draft& draft, std::string_view verb, const Json& body,
                        const CommandContext& context);
// Decides the same, and leaves the facts of the decision applied to `draft`. After an Error the
// draft is as it was.
Result<Decision> decide_into(Draft& draft, std::string_view verb, const Json& body,
                             const CommandContext& context);

// Whether a planned move may be issued now: the vial is still where the move takes it from, the
// destination is still free, the gripper is empty, nothing is held. Asked before move_issued.
Status may_issue(const Ledger& ledger, const JobId& job, std::size_t move);

// A planned thaw that a hold on its vial or on the station keeps back; it goes on when the hold is
// released.
bool waits_for_hold(const Ledger& ledger, const Job& job, const Move& move);

// The earliest time at which a reservation ends; INT64_MAX ms when none does.
WallTime next_reservation_end(const Ledger& ledger);

// Payloads of the retained topics, without the envelope. Null when the thing is gone.
Json render_course(const Ledger& ledger, const CourseId& course);
Json render_container(const Ledger& ledger, const PlaceId& container);
Json render_job(const Ledger& ledger, const JobId& job);
Json render_worklist(const Ledger& ledger, Day day, const Zone& zone);
// Every id that has a retained topic.
std::vector<CourseId> all_courses(const Ledger& ledger);
std::vector<PlaceId> all_containers(const Ledger& ledger);
std::vector<JobId> retained_jobs(const Ledger& ledger);
std::vector<Day> worklist_days(const Ledger& ledger, const Zone& zone);

// What lies inside a freezer: for the text of a page and the affected-items report.
struct Contents {
  std::size_t aliquots = 0;
  std::size_t doses = 0;
  std::size_t courses = 0;
  std::size_t patients = 0;
  std::size_t courses_only_here = 0;  // every stored aliquot of them lies in it
  WallTime next_thaw{};               // of a dose inside; ms 0 when none is planned
};
Contents contents_of_device(const Ledger& ledger, const DeviceId& device);

// Doses whose thaw is planned at or before `at` and which wait for their job, by time.
struct DueDose {
  CourseId course;
  DoseId dose;
  WallTime thaw_at;
};
std::vector<DueDose> due_doses(const Ledger& ledger, WallTime at);
WallTime next_due(const Ledger& ledger);  // INT64_MAX ms when none

}  // namespace cryobank::inventory
