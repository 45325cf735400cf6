// Same path: whether two names lead to one file, or into one folder, whatever they are called:
// "..", symbolic links (also those that lead to nothing yet), hard links, mounts of one folder in
// two places, two nodes of one device. Of files that are not there their names decide.
#pragma once

#include <cstdint>
#include <string>

namespace cryobank::service {

enum class PathRelation : std::uint8_t { apart, same, first_inside, second_inside };

PathRelation relation_of(const std::string& first, const std::string& second);

}  // namespace cryobank::service
