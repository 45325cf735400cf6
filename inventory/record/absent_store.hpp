// AbsentStore: what stands in the store's place while the record cannot be opened. It holds nothing
// and refuses everything with the reason, so that the run goes on without one and says so.
#pragma once

#include <string>

#include "inventory/record/store.hpp"

namespace cryobank::inventory {

class AbsentStore final : public Store {
 public:
  explicit AbsentStore(std::string why) : why_(std::move(why)) {}

  Status commit(const std::vector<RowChange>&) override { return refusal(); }
  Result<std::optional<std::string>> get(std::string_view) override { return refusal(); }
  Status scan(std::string_view, std::string_view, const RowVisit&) override { return refusal(); }
  Status reopen() override { return refusal(); }
  Result<std::shared_ptr<const StoreSnapshot>> snapshot() override { return refusal(); }

 private:
  Error refusal() const { return make_error(ErrorCode::unavailable, why_); }

  const std::string why_;
};

}  // namespace cryobank::inventory
