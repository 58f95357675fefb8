// SPDX-License-Identifier: BSD-3-Clause
#include "agent/least_power/capabilities.hpp"

#include <array>
#include <cerrno>
#include <cstdint>

#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace rawswarm
{

namespace
{

constexpr int bits_per_word = 32; // man 2 capset: two words of each set

std::uint32_t word_of(capability_set const& set, std::size_t const word)
{
	return static_cast<std::uint32_t>(set.bits() >> (word * bits_per_word));
}

// A later kernel has capabilities that this program has no name for: all that there are.
void shrink_bounding_set(capability_set const& kept)
{
	for (int c = 0; ::prctl(PR_CAPBSET_READ, c, 0, 0, 0) >= 0; ++c)
	{
		if (!kept.has(c))
		{
			::prctl(PR_CAPBSET_DROP, c, 0, 0, 0); // who may not, has few of them anyway
		}
	}
}

} // namespace

capability_set::capability_set(std::initializer_list<int> const capabilities)
{
	add(capabilities);
}

void capability_set::add(std::initializer_list<int> const capabilities)
{
	for (int const c : capabilities)
	{
		m_bits |= 1ULL << static_cast<unsigned>(c);
	}
}

bool capability_set::has(int const capability) const
{
	return capability < 2 * bits_per_word && (m_bits >> static_cast<unsigned>(capability) & 1) != 0;
}

result<void> keep_capabilities(capability_set const kept, programs_powers const programs)
{
	if (programs == programs_powers::those_of_this_process)
	{
		shrink_bounding_set(kept); // first: it needs CAP_SETPCAP
	}
	__user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
	std::array<__user_cap_data_struct, 2> sets{};
	if (::syscall(SYS_capget, &header, sets.data()) != 0)
	{
		return fail(fault::internal, system_error(errno), "reading the capabilities of this process");
	}
	for (std::size_t i = 0; i < sets.size(); ++i)
	{
		auto& s = sets.at(i);
		s.permitted &= word_of(kept, i);
		s.effective = s.permitted;
		s.inheritable &= s.permitted; // and with it the ambient set
	}
	if (::syscall(SYS_capset, &header, sets.data()) != 0)
	{
		return fail(fault::internal, system_error(errno), "giving up capabilities");
	}
	return success();
}

} // namespace rawswarm
