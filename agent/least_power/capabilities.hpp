// SPDX-License-Identifier: BSD-3-Clause
// The capabilities of this process (man 7 capabilities).
#pragma once

#include "base/result.hpp"

#include <initializer_list>
#include <span>

namespace rawswarm
{

// Sets of capabilities, by the numbers of <linux/capability.h>. A value.
class capability_set
{
public:
	capability_set() = default;
	capability_set(std::initializer_list<int> capabilities);

	void add(std::initializer_list<int> capabilities);
	bool has(int capability) const;
	unsigned long long bits() const { return m_bits; }

private:
	unsigned long long m_bits = 0;
};

// Whether programs that are started may have more than what starts them.
enum class programs_powers
{
	those_of_this_process, // the bounding set shrinks as well
	whole // the bounding set stays
};

// The calling thread, and those that it starts from now on, lose every capability but those of `kept`. What
// it does not have it does not get. Errors: the kernel's own.
result<void> keep_capabilities(capability_set kept, programs_powers programs);

} // namespace rawswarm
