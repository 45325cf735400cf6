// Call index: which calls ride with which, which of a cause are told on their own, and which codes
// are in use, so that one more call costs look-ups and no walk over all of them. A call is filed
// again after every change of its leader, cause or code, and dropped before it goes.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>

#include "base/ids.hpp"

namespace cryobank::alarms {

class CallIndex {
 public:
  void file(const AlarmId& alarm, const AlarmId& leader, const std::string& cause,
            const std::string& code) {
    drop(alarm);
    filed_[alarm] = {leader, cause, code};
    ++codes_[code];
    if (!leader.empty()) {
      riders_[leader].insert(alarm);
    } else {
      heads_[cause].insert(alarm);
      heads_by_code_[code].insert(alarm);
    }
  }
  void drop(const AlarmId& alarm) {
    const auto found = filed_.find(alarm);
    if (found == filed_.end()) return;
    const Filed& as = found->second;
    if (--codes_[as.code] <= 0) codes_.erase(as.code);
    if (!as.leader.empty()) {
      take_out(riders_, as.leader, alarm);
    } else {
      take_out(heads_, as.cause, alarm);
      take_out(heads_by_code_, as.code, alarm);
    }
    filed_.erase(found);
  }

  bool has_code(const std::string& code) const { return codes_.contains(code); }
  // Each in the order of ids.
  const std::set<AlarmId>& riders_of(const AlarmId& leader) const { return in(riders_, leader); }
  const std::set<AlarmId>& heads_of(const std::string& cause) const { return in(heads_, cause); }
  const std::set<AlarmId>& heads_with(const std::string& code) const {
    return in(heads_by_code_, code);
  }

 private:
  struct Filed {  // as it was when it was filed
    AlarmId leader;
    std::string cause;
    std::string code;
  };
  template <class Key>
  using Sets = std::map<Key, std::set<AlarmId>>;

  template <class Key>
  static void take_out(Sets<Key>& sets, const Key& key, const AlarmId& alarm) {
    const auto found = sets.find(key);
    if (found == sets.end()) return;
    found->second.erase(alarm);
    if (found->second.empty()) sets.erase(found);
  }
  template <class Key>
  static const std::set<AlarmId>& in(const Sets<Key>& sets, const Key& key) {
    static const std::set<AlarmId> kNone;
    const auto found = sets.find(key);
    return found == sets.end() ? kNone : found->second;
  }

  std::map<AlarmId, Filed> filed_;
  std::map<std::string, int> codes_;
  Sets<AlarmId> riders_;
  Sets<std::string> heads_;
  Sets<std::string> heads_by_code_;
};

}  // namespace cryobank::alarms
