// Pinned protocol: by which version of which protocol of the site a course is given, whoever says
// it: a registration, a list, or a person for a course that came without one (course/protocol). It
// is said once; what a patient needs otherwise is an amendment (course/amend).
#pragma once

#include "base/json.hpp"
#include "config/site_config.hpp"
#include "inventory/ledger/course.hpp"

namespace cryobank::inventory {

// `version` 0: the newest. Error not_found, with what the site has.
Result<const config::ProtocolConfig*> find_protocol(const config::SiteConfig& site,
                                                    const ProtocolId& id, int version = 0);
// Of a protocol of half doses no dose is more than its share, or whole doses would be given where
// halves are meant.
Status check_share(const config::ProtocolConfig& protocol, const DoseId& dose,
                   const Fraction& fraction);
Error pinned_already(const Course& course);
// "protocol" and "protocol_version" of a fact.
void put_protocol(Json& data, const config::ProtocolConfig& protocol);

}  // namespace cryobank::inventory
