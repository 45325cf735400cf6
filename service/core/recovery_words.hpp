// Words of the recovery guide: its sentences in each language it speaks. A sentence holds {name}
// for what is put in; a test shows that no language lacks one, and that all put in the same.
#pragma once

#include <array>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace cryobank::core {

enum class GuideTongue { english, japanese };

struct GuideSentence {
  std::string_view en;
  std::string_view ja;

  std::string_view in(GuideTongue tongue) const {
    return tongue == GuideTongue::japanese ? ja : en;
  }
};

namespace guide {
inline constexpr GuideSentence kGo{
    "Two people go to {robot}; it stands still and takes no motion until the record knows the "
    "place.",
    "二人で {robot} へ行きます。場所が記録されるまで、ロボットは停止したまま動きません。"};
inline constexpr GuideSentence kLook{"Look for aliquot {aliquot} at {where}: {why}.",
                                     "バイアル {aliquot} を探します: {where}（{why}）。"};
inline constexpr GuideSentence kScan{
    "Scan the vial that you found; its code must be {code}. Another code there is another vial: "
    "leave it and look on.",
    "見つけたバイアルを読み取ります。コードは {code} "
    "のはずです。別のコードなら別のバイアルです。動かさずに探し続けてください。"};
inline constexpr GuideSentence kTell{
    "One sends job/resolve with job {job}, aliquot {aliquot}, place, position, code and at_robot, "
    "the code on {robot} itself (or lost and a reason), and out_seconds with a reason if it was "
    "out "
    "of the cold for less time than nobody knew of it; the other confirms as witness.",
    "一人が job/resolve を送ります: job {job}、aliquot "
    "{aliquot}、place、position、code、at_robot（{robot} "
    "本体のコード）。見つからなければ lost と理由。低温外にあった時間が不明だった時間より短ければ、"
    "out_seconds と理由も。もう一人が立会者として確認します。"};
inline constexpr GuideSentence kReleased{
    "{robot} is released then by itself, unless a person paused it.",
    "その後、人が一時停止していなければ、{robot} は自動的に再開します。"};
inline constexpr GuideSentence kGripper{"the gripper of {robot}", "{robot} のグリッパー"};
inline constexpr GuideSentence kFloor{"the floor on the way of {robot}", "{robot} の通り道の床"};
inline constexpr GuideSentence kAll[] = {kGo, kLook, kScan, kTell, kReleased, kGripper, kFloor};
}  // namespace guide

// The sentence with each {name} replaced by what stands beside it.
std::string say(GuideTongue tongue, const GuideSentence& sentence,
                std::initializer_list<std::pair<std::string_view, std::string_view>> put_in);

}  // namespace cryobank::core
