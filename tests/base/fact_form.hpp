// Form of a fact: whether what it says is what fact_names.hpp says that it does. Empty: it is.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "base/fact.hpp"
#include "base/text.hpp"

namespace cryobank {

// "a, b?, c[d, e], +act": the top members, and whether each must be there.
inline std::map<std::string, bool, std::less<>> members_of(std::string_view says) {
  std::map<std::string, bool, std::less<>> members;
  int depth = 0;
  std::string word;
  for (const char c : cat(says, ",")) {
    if (c == '[') ++depth;
    if (depth == 0 && c != ',' && c != ' ') word += c;
    if (c == ']') --depth;
    if (depth > 0 || c != ',') continue;
    const bool optional = word.ends_with('?');
    if (optional) word.pop_back();
    if (word == "+act") {
      for (const char* key : {"at", "by", "witness", "reason"}) members.emplace(key, false);
    } else if (word == "+effects") {
      for (const char* key :
           {"states", "places", "items", "positions", "documents", "counts", "courses"}) {
        members.emplace(key, false);
      }
    } else if (!word.empty()) {
      members[word] = !optional;
    }
    word.clear();
  }
  return members;
}

inline std::string form_fault(const Fact& fact) {
  for (const FactName& name : fact::kAll) {
    if (fact.type != name) continue;
    if (fact.stream != name.stream()) return cat(name.type(), ": stream ", fact.stream);
    const auto members = members_of(name.says());
    if (!fact.data.is_object() && !fact.data.is_null()) return cat(name.type(), ": no object");
    for (const auto& [key, must] : members) {
      if (must && !fact.data.has(key)) return cat(name.type(), ": \"", key, "\" is missing");
    }
    if (fact.data.is_null()) return {};
    for (const auto& [key, value] : fact.data.members()) {
      if (!members.contains(key)) return cat(name.type(), ": \"", key, "\" is not in its form");
    }
    return {};
  }
  return cat("no fact is named ", fact.type);
}

}  // namespace cryobank
