// SPDX-License-Identifier: BSD-3-Clause
// ${mac}, ${serial}, ${uuid} and ${hostname} in the strings of a job, replaced by the machine's own. Pure.
#pragma once

#include "agent/machine/identity.hpp"
#include "base/result.hpp"

#include <string>
#include <string_view>

namespace rawswarm
{

// An unknown or unclosed ${...}, or a name that this machine has no value for, is an error that names it
// (fault::refused). A value that is put in is not searched again.
result<std::string> substitute(std::string_view text, machine_identity const& self);

} // namespace rawswarm
