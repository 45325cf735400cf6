// Row reader: reads the members of a row, a document or a fact, each of the kind it must have. The
// one place where a member may be absent: maybe_... says so in its name and gives what that means.
// A member of another kind is never taken for an absent one. The first fault is kept, with what was
// read, the member, what was expected and what came; after it every value is empty.
//   RowReader in(key, row);
//   Hold hold{in.text("target"), in.maybe_id<UserId>("by")};
//   return in.all_of(std::move(hold));        or in.whole(...), which refuses members nobody asked
#pragma once

#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/ids.hpp"
#include "base/json.hpp"
#include "base/result.hpp"
#include "base/text.hpp"
#include "base/time.hpp"

namespace cryobank {

class RowReader {
 public:
  static constexpr std::int64_t kLeast = std::numeric_limits<std::int64_t>::min();
  static constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
  static constexpr std::int64_t kIntMin = std::numeric_limits<int>::min();
  static constexpr std::int64_t kIntMax = std::numeric_limits<int>::max();

  // `what` names it for people: a key of the store, "fact hold-placed". Both must outlive this.
  RowReader(std::string_view what, const Json& row);

  std::string text(std::string_view key);  // of at least a byte
  std::string any_text(std::string_view key);
  std::string maybe_text(std::string_view key);  // absent: empty
  std::int64_t number(std::string_view key, std::int64_t low = 0, std::int64_t high = kMost);
  std::int64_t maybe_number(std::string_view key, std::int64_t absent = 0, std::int64_t low = 0,
                            std::int64_t high = kMost);
  bool flag(std::string_view key);
  bool maybe_flag(std::string_view key, bool absent = false);
  WallTime time(std::string_view key);
  WallTime maybe_time(std::string_view key);  // absent or null: 0
  Milli milli(std::string_view key);
  std::optional<Milli> maybe_milli(std::string_view key);
  const Json::Array& list(std::string_view key);
  const Json::Array& maybe_list(std::string_view key);  // absent: empty
  const Json& object(std::string_view key);
  const Json* maybe_object(std::string_view key);  // absent or null: nothing
  std::vector<std::string> texts(std::string_view key);
  std::vector<std::string> maybe_texts(std::string_view key);

  template <class AnyId>
  AnyId id(std::string_view key) {
    return read_id<AnyId>(key, ask(key));
  }
  template <class AnyId>
  AnyId maybe_id(std::string_view key) {
    const Json* value = ask(key);
    return value == nullptr ? AnyId() : read_id<AnyId>(key, value);
  }
  template <class AnyId>
  std::vector<AnyId> ids(std::string_view key) {
    std::vector<AnyId> all;
    for (const std::string& text : texts(key)) {
      if (is_id_text(text)) {
        all.emplace_back(text);
      } else {
        fault(key, "ids", nullptr);
      }
    }
    return all;
  }
  // A word that `parse` knows: Result<E>(std::string_view).
  template <class Parse>
  auto word(std::string_view key, Parse parse) {
    using Word = std::decay_t<decltype(*parse(std::string_view()))>;
    const auto parsed = parse(std::string_view(text(key)));
    if (parsed) return Word(*parsed);
    if (ok()) fault_because(key, parsed.error().context);
    return Word{};
  }

  bool has(std::string_view key) const { return row_->has(key); }
  // A fault of the caller's own finding.
  void refuse(std::string_view key, std::string_view expected);

  bool ok() const { return !fault_.has_value(); }
  Status status() const { return fault_ ? Status(*fault_) : Status(); }
  template <class T>
  Result<T> all_of(T value) const {
    if (fault_) return *fault_;
    return value;
  }
  // As all_of, and no member is left that nobody asked for.
  template <class T>
  Result<T> whole(T value) {
    check_asked();
    return all_of(std::move(value));
  }

 private:
  const Json* ask(std::string_view key);  // null where it is absent
  void fault(std::string_view key, std::string_view expected, const Json* came);
  void fault_because(std::string_view key, std::string_view why);
  void check_asked();

  template <class AnyId>
  AnyId read_id(std::string_view key, const Json* value) {
    if (value != nullptr && value->is_string() && is_id_text(value->string())) {
      return AnyId(value->string());
    }
    fault(key, "an id", value);
    return AnyId();
  }

  std::string_view what_;
  const Json* row_;
  std::vector<std::string_view> asked_;
  std::optional<Error> fault_;
};

}  // namespace cryobank
