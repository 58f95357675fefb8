// SPDX-License-Identifier: BSD-3-Clause
// Whether classes check their own invariants after each change.
//
// A class with state that must agree has check_invariants(), which ends the program where it does not, and
// which tests call after their steps. Builds with a sanitizer check on their own as well: they are slow
// anyway, and run the threads that make states no test thought of. Others compile such checks and leave them
// out.
#pragma once

namespace rawswarm
{

#ifdef RAWSWARM_CHECK_INVARIANTS
inline constexpr bool checks_invariants = true;
#else
inline constexpr bool checks_invariants = false;
#endif

} // namespace rawswarm
