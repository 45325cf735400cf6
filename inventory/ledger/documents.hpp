// Documents: what workflows keep in the record beside aliquots, courses, places and jobs: one
// struct for each kind, with its row "r/kind/id". decode() reads a row whole: a member that is
// missing, of another type or not known is an Error (corrupt) that names the row, the member and
// what was expected. Every document passes it when its row is loaded and when a fact brings it, so
// what is read back later (document_of) is good. encode() leaves out what has its default value,
// and gives the same bytes for the same content. Times are UTC; seconds are named so.
#pragma once

#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"
#include "inventory/ledger/exposure_limits.hpp"
#include "inventory/ledger/quality.hpp"
#include "inventory/ledger/view.hpp"

namespace cryobank::inventory {

// How long a vial in a type of places may be handled; by the type.
struct BudgetDocument {
  static constexpr std::string_view kKind = "budget";
  std::int64_t handling_s = 0;
  std::int64_t hard_s = 0;
  static Result<BudgetDocument> decode(std::string_view key, const Json& row);
  Json encode() const;
};

// A box as it was counted in a stock-take; "take-1.box".
struct CountDocument {
  static constexpr std::string_view kKind = "count";
  struct Tube {
    int at = 0;
    std::string code;  // kUnreadMark: it could not be read
  };
  std::string basis;  // what the record said of the box then, as a digest
  std::vector<Tube> tubes;
  UserId by;
  WallTime at{};
  static Result<CountDocument> decode(std::string_view key, const Json& row);
  Json encode() const;
};

// A disposal that was asked for and waits for a second person.
struct DisposalDocument {
  static constexpr std::string_view kKind = "disposal";
  std::vector<AliquotId> aliquots;
  std::string method;
  std::string reason;
  UserId by;
  std::vector<std::string> roles;  // of the one who asked
  WallTime at{};
  static Result<DisposalDocument> decode(std::string_view key, const Json& row);
  Json encode() const;
};

// Racks on their way from one tank to another.
struct EvacuationDocument {
  static constexpr std::string_view kKind = "evacuation";
  struct Rack {
    PlaceId rack;
    std::string from;  // labels, for people
    std::string to;
    int at = kNoPosition;  // where it goes
    std::int64_t aliquots = 0;
  };
  PlaceId from;
  PlaceId to;
  std::vector<Rack> open;
  std::vector<Rack> done;
  static Result<EvacuationDocument> decode(std::string_view key, const Json& row);
  Json encode() const;
};

// A course that was released although a criterion was not met (out_of_spec.hpp); by the course.
struct ExceptionDocument {
  static constexpr std::string_view kKind = "exception";
  WallTime at{};
  UserId by;
  UserId witness;
  std::string reason;
  std::string criterion;
  std::string investigation;
  std::string clinician;
  std::vector<std::string> tests;  // that had failed then; empty: the criterion is none of a test
  UserId told;                     // physician who confirmed to know it; empty: nobody yet
  WallTime told_at{};
  static Result<ExceptionDocument> decode(std::string_view key, const Json& row);
  Json encode() const;
};

// A container that was too warm for a time.
struct ExcursionDocument {
  static constexpr std::string_view kKind = "excursion";
  WallTime from{};
  WallTime until{};
  std::optional<Milli> peak;                                 // Cel
  std::array<std::int64_t, kExposureLimits.size()> above{};  // seconds above each limit
  PlaceId place;      // as it was said; empty: where the probe was mapped to
  std::string probe;  // "device.point"; empty: no probe
  bool open = false;  // it still goes on
  bool cold = false;  // open, and what was read last was cold: `until` was its first cold reading
  static Result<ExcursionDocument> decode(std::string_view key, const Json& row);
  Json encode() const;
};

// Whether a vial's label counts; by the aliquot.
struct LabelDocument {
  static constexpr std::string_view kKind = "label";
  std::string state;  // printed, verified, void
  std::int64_t copy = 1;
  static Result<LabelDocument> decode(std::string_view key, const Json& row);
  Json encode() const;
};

// What one command of a person moved, so that it can be undone.
struct OperationDocument {
  static constexpr std::string_view kKind = "operation";
  struct Moved {
    std::string id;  // aliquot or container
    Spot from;       // empty place: a root of the tree
    Spot to;
    std::string from_label;
    std::string to_label;
    WallTime out_since{};  // out of the cold before it was moved; 0: it was not
  };
  std::string verb;
  UserId by;
  WallTime at{};
  std::vector<Moved> aliquots;
  std::vector<Moved> containers;
  static Result<OperationDocument> decode(std::string_view key, const Json& row);
  Json encode() const;
};

// Which place a probe measures, from when on; by "device.point".
struct ProbeDocument {
  static constexpr std::string_view kKind = "probe";
  struct Version {
    PlaceId place;
    WallTime from{};
    bool corrects = false;
    UserId by;
    UserId witness;
  };
  std::vector<Version> versions;
  bool challenged = false;
  WallTime challenged_at{};
  bool failed = false;
  static Result<ProbeDocument> decode(std::string_view key, const Json& row);
  Json encode() const;
};

// The purge of a course's private words: approved, then done; by the course.
struct PurgeDocument {
  static constexpr std::string_view kKind = "purge";
  std::string approval;
  WallTime at{};
  WallTime done{};  // 0: not yet
  static Result<PurgeDocument> decode(std::string_view key, const Json& row);
  Json encode() const;
};

// The tests of a lot and their results; by the lot.
struct QualityDocument {
  static constexpr std::string_view kKind = "qc";
  std::vector<QualityTest> tests;
  static Result<QualityDocument> decode(std::string_view key, const Json& row);
  Json encode() const;
};

// What the last review of a course's record said; by the course.
struct RetentionDocument {
  static constexpr std::string_view kKind = "retention";
  std::string decision;  // keep, may-end
  WallTime until{};
  static Result<RetentionDocument> decode(std::string_view key, const Json& row);
  Json encode() const;
};

struct ShipmentDocument {
  static constexpr std::string_view kKind = "shipment";
  struct Line {
    AliquotId aliquot;
    std::string code;
    CourseId course;
    std::string state;      // it was packed in
    std::string statement;  // that travels with it; may be empty
  };
  std::string state;  // packed, sent
  PlaceId shipper;
  std::string to;
  UserId packed_by;
  std::vector<Line> manifest;  // what is still in transit
  WallTime arrives_by{};
  WallTime cold_until{};  // 0: not known
  WallTime sent_at{};     // 0: not yet
  static Result<ShipmentDocument> decode(std::string_view key, const Json& row);
  Json encode() const;
};

// Wrong signing secrets in a row; by the user.
struct SignerDocument {
  static constexpr std::string_view kKind = "signer";
  std::int64_t wrong = 0;
  WallTime locked_at{};  // 0: may sign
  static Result<SignerDocument> decode(std::string_view key, const Json& row);
  Json encode() const;
};

// What the laboratory validated; by the protocol. 0: no such limit.
struct StabilityDocument {
  static constexpr std::string_view kKind = "stability";
  std::int64_t frozen_days = 0;
  std::int64_t thawed_hours = 0;
  std::int64_t harvested_hours = 0;
  std::int64_t freezings_max = 0;
  std::int64_t million_cells_min = 0;
  std::int64_t viable_percent_min = 0;
  static Result<StabilityDocument> decode(std::string_view key, const Json& row);
  Json encode() const;
};

// A stock-take that is open.
struct TakeDocument {
  static constexpr std::string_view kKind = "take";
  PlaceId place;
  bool blind = true;
  UserId by;
  WallTime opened_at{};
  std::optional<std::vector<PlaceId>> boxes;  // those that were drawn; nothing: all
  static Result<TakeDocument> decode(std::string_view key, const Json& row);
  Json encode() const;
};

// The lines of a product's labels; by the protocol.
struct TemplateDocument {
  static constexpr std::string_view kKind = "template";
  std::vector<std::string> lines;
  bool autologous = true;
  static Result<TemplateDocument> decode(std::string_view key, const Json& row);
  Json encode() const;
};

// Up to which exposure quality has waived; by the aliquot.
struct WaiverDocument {
  static constexpr std::string_view kKind = "waiver";
  std::int64_t seconds = 0;
  static Result<WaiverDocument> decode(std::string_view key, const Json& row);
  Json encode() const;
};

// The document of that kind and id; empty when there is none.
template <class Document>
std::optional<Document> document_of(const View& view, std::string_view id) {
  const Json* row = view.document(Document::kKind, id);
  if (row == nullptr) return std::nullopt;
  auto document = Document::decode(id, *row);
  CHECK(document.ok());  // read whole when it came into the record
  return std::move(*document);
}

// Every kind there is, sorted; a hold is in hold.hpp.
std::span<const std::string_view> document_kinds();
// Is this a whole document of that kind? Errors: corrupt, also for a kind that nobody knows.
Status check_document(std::string_view kind, std::string_view id, const Json& content);

}  // namespace cryobank::inventory
