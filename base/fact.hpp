// Fact: one thing that happened. What it may be is in fact_names.hpp; what it was, in a journal of
// any age, is its type's text.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "base/fact_names.hpp"
#include "base/json.hpp"

namespace cryobank {

// The name of a fact, compared with fact::k... only.
class FactType {
 public:
  FactType() = default;

  const std::string& str() const { return text_; }
  operator std::string_view() const { return text_; }  // NOLINT: implicit, for messages
  bool operator==(const FactType&) const = default;
  bool operator==(const FactName& name) const { return text_ == name.type(); }
  bool operator==(std::string_view) const = delete;  // a text may be misspelt

 private:
  friend struct Fact;
  explicit FactType(std::string text) : text_(std::move(text)) {}

  std::string text_;
};

// `stream` names the event stream it is told on (contract section 3): inventory, job, alarm, plan,
// device, security, service. `data` is an object: everything needed to apply it again without
// asking anyone.
struct Fact {
  Fact() = default;
  Fact(const FactName& name, Json said)
      : stream(name.stream()), type(FactType(std::string(name.type()))), data(std::move(said)) {}
  // As an entry of a journal or a row says it, known or not; for the rooms that read those only.
  static Fact read(std::string stream, std::string type, Json data) {
    Fact fact;
    fact.stream = std::move(stream);
    fact.type = FactType(std::move(type));
    fact.data = std::move(data);
    return fact;
  }

  std::string stream;
  FactType type;
  Json data;
};

}  // namespace cryobank
