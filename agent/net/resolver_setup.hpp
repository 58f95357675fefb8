// SPDX-License-Identifier: BSD-3-Clause
// Name lookup in a static program: to be set up before the first lookup.
#pragma once

namespace rawswarm
{

// Restricts lookups to /etc/hosts and the servers of /etc/resolv.conf, whose code is part of the C library.
// /etc/nsswitch.conf is ignored: it may name modules that the C library would load as shared objects, which a
// static program must not. Call once at the start, before any thread.
void use_builtin_name_lookup();

} // namespace rawswarm
