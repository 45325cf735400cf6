// TRY and TRY_ASSIGN: the one form of "when that failed, so did this". Both end the function that
// they stand in with the Error of a Result or a Status; what returns something else than a Result
// or a Status, or says more than the error itself, is written out.
//
//   TRY(check_length(body));                         // a Status, or a Result of no use
//   TRY_ASSIGN(const Milli level, read_level(row));  // a Result<Milli>: level is the value
//
// The declaration holds no comma outside brackets of its own: a map is `auto`.
#pragma once

#include <utility>

#include "base/result.hpp"

#define CRYOBANK_JOIN_INNER(a, b) a##b
#define CRYOBANK_JOIN(a, b) CRYOBANK_JOIN_INNER(a, b)

#define CRYOBANK_TRY_ASSIGN(kept, declaration, ...) \
  auto kept = (__VA_ARGS__);                        \
  if (!kept) return kept.error();                   \
  declaration = std::move(kept).value()

#define TRY(...)                                                   \
  if (const auto& CRYOBANK_JOIN(tried_, __LINE__) = (__VA_ARGS__); \
      !CRYOBANK_JOIN(tried_, __LINE__))                            \
  return CRYOBANK_JOIN(tried_, __LINE__).error()

#define TRY_ASSIGN(declaration, ...) \
  CRYOBANK_TRY_ASSIGN(CRYOBANK_JOIN(kept_, __LINE__), declaration, __VA_ARGS__)
