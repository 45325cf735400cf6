// The words of the configuration files for each enum: one table per enum, used by the parsers (text
// to value) and by messages and descriptions (value to text).
#pragma once

#include <array>
#include <string_view>
#include <utility>

#include "config/site_config.hpp"

namespace cryobank::config {

template <class Enum>
using Word = std::pair<std::string_view, Enum>;

inline constexpr std::array<Word<DeviceKind>, 4> kDeviceKinds{{{"freezer", DeviceKind::freezer},
                                                               {"robot", DeviceKind::robot},
                                                               {"room", DeviceKind::room},
                                                               {"supply", DeviceKind::supply}}};
inline constexpr std::array<Word<Trust>, 4> kTrusts{{{"reference", Trust::reference},
                                                     {"frames", Trust::frames},
                                                     {"published", Trust::published},
                                                     {"derived", Trust::derived}}};
inline constexpr std::array<Word<ExactlyOnce>, 4> kExactlyOnce{
    {{"none", ExactlyOnce::none},
     {"sequence", ExactlyOnce::sequence},
     {"sensors", ExactlyOnce::sensors},
     {"operator-confirms", ExactlyOnce::operator_confirms}}};
inline constexpr std::array<Word<PointTable>, 4> kTables{{{"coil", PointTable::coil},
                                                          {"discrete", PointTable::discrete},
                                                          {"input", PointTable::input},
                                                          {"holding", PointTable::holding}}};
inline constexpr std::array<Word<PointType>, 13> kPointTypes{{{"bit", PointType::bit},
                                                              {"bits", PointType::bits},
                                                              {"int16", PointType::int16},
                                                              {"uint16", PointType::uint16},
                                                              {"int32", PointType::int32},
                                                              {"uint32", PointType::uint32},
                                                              {"int64", PointType::int64},
                                                              {"uint64", PointType::uint64},
                                                              {"float32", PointType::float32},
                                                              {"float64", PointType::float64},
                                                              {"bcd16", PointType::bcd16},
                                                              {"bcd32", PointType::bcd32},
                                                              {"ascii", PointType::ascii}}};
inline constexpr std::array<Word<WordOrder>, 4> kWordOrders{{{"abcd", WordOrder::abcd},
                                                             {"cdab", WordOrder::cdab},
                                                             {"badc", WordOrder::badc},
                                                             {"dcba", WordOrder::dcba}}};
inline constexpr std::array<Word<ReadClass>, 3> kReadClasses{
    {{"fast", ReadClass::fast}, {"slow", ReadClass::slow}, {"once", ReadClass::once}}};
inline constexpr std::array<Word<WriteClass>, 3> kWriteClasses{{{"never", WriteClass::never},
                                                                {"setpoint", WriteClass::setpoint},
                                                                {"command", WriteClass::command}}};
inline constexpr std::array<Word<ProofOrigin>, 3> kProofOrigins{
    {{"made-up", ProofOrigin::made_up},
     {"document", ProofOrigin::document},
     {"wire", ProofOrigin::wire}}};
inline constexpr std::array<Word<TransactionHabit>, 4> kTransactionHabits{
    {{"same", TransactionHabit::same},
     {"zero", TransactionHabit::zero},
     {"next", TransactionHabit::next},
     {"swapped", TransactionHabit::swapped}}};
inline constexpr std::array<Word<LineConfig::Kind>, 6> kLineKinds{
    {{"tcp", LineConfig::Kind::tcp},
     {"rtu", LineConfig::Kind::rtu},
     {"ascii", LineConfig::Kind::ascii},
     {"text-tcp", LineConfig::Kind::text_tcp},
     {"text-serial", LineConfig::Kind::text_serial},
     {"rtu-tcp", LineConfig::Kind::rtu_tcp}}};
inline constexpr std::array<Word<AllocationConfig::Strategy>, 3> kStrategies{
    {{"same-box", AllocationConfig::Strategy::same_box},
     {"least-empty", AllocationConfig::Strategy::least_empty},
     {"last-used", AllocationConfig::Strategy::last_used}}};
inline constexpr std::array<Word<PlaceTypeConfig::Layout>, 5> kLayouts{
    {{"grid", PlaceTypeConfig::Layout::grid},
     {"masked-grid", PlaceTypeConfig::Layout::masked_grid},
     {"linear", PlaceTypeConfig::Layout::linear},
     {"slots", PlaceTypeConfig::Layout::slots},
     {"dimensionless", PlaceTypeConfig::Layout::dimensionless}}};
inline constexpr std::array<Word<PlaceTypeConfig::Labels>, 5> kLabelKinds{
    {{"numbers", PlaceTypeConfig::Labels::numbers},
     {"letters", PlaceTypeConfig::Labels::letters},
     {"lower-letters", PlaceTypeConfig::Labels::lower_letters},
     {"roman", PlaceTypeConfig::Labels::roman},
     {"lower-roman", PlaceTypeConfig::Labels::lower_roman}}};

inline constexpr std::array<Word<RetentionConfig::After>, 3> kRetentionAfter{
    {{"registered", RetentionConfig::After::registered},
     {"expiry", RetentionConfig::After::expiry},
     {"end", RetentionConfig::After::end}}};

// Contract section 5.
inline constexpr std::array<std::string_view, 8> kRoles{
    "viewer", "operator", "witness", "qc", "physician", "supervisor", "quality", "administrator"};

template <class Enum, std::size_t N>
constexpr std::string_view word_of(const std::array<Word<Enum>, N>& words, Enum value) {
  for (const Word<Enum>& word : words) {
    if (word.second == value) return word.first;
  }
  return "?";
}

}  // namespace cryobank::config
