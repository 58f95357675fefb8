// SPDX-License-Identifier: BSD-3-Clause
// Name lookup in a static program: what must be set before the first name is looked up.
#pragma once

namespace rawswarm
{

// Host names come from /etc/hosts and from the servers in /etc/resolv.conf, both of which the C library
// carries in itself, whatever /etc/nsswitch.conf says: it may name modules that the C library would load
// as shared objects, and a static program must not. Call once at the start, before any thread.
void use_builtin_name_lookup();

} // namespace rawswarm
