// SPDX-License-Identifier: BSD-3-Clause
#include "agent/job/fill_gaps.hpp"

#include "agent/job/zero_steps.hpp"
#include "base/bytes.hpp"
#include "base/is_zero.hpp"
#include "storage/device/page_buffer.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <span>

namespace rawswarm
{

namespace
{

// Read at once. Large enough for any disk's full rate, and so small that one wrong byte costs no more.
constexpr std::uint64_t look_bytes = 1_MiB;

// The kernel tries for up to half a minute before it gives up on a sector: after so many nothing is read.
constexpr int max_unreadable = 32;

class gap_filler
{
public:
	gap_filler(storage_target& storage, std::atomic<std::int64_t>& done, std::stop_token const& stop)
		: m_storage(storage)
		, m_done(done)
		, m_stop(stop)
	{}

	bool zero(byte_range gap)
	{
		while (gap.length > 0)
		{
			if (has_to_end())
			{
				return false;
			}
			auto const length = std::min(gap.length, m_steps.next());
			auto const began = std::chrono::steady_clock::now();
			if (auto r = m_storage.device().zero(gap.offset, length); !r)
			{
				m_storage.fail(r.error());
				return false;
			}
			m_steps.took(std::chrono::steady_clock::now() - began);
			m_done += static_cast<std::int64_t>(length);
			gap = {gap.offset + length, gap.length - length};
		}
		return true;
	}

	// Neighbouring parts that are not zero are zeroed together.
	bool zero_what_is_not(byte_range gap)
	{
		byte_range wrong{gap.offset, 0};
		while (gap.length > 0)
		{
			if (has_to_end())
			{
				return false;
			}
			byte_range const part{gap.offset, std::min(gap.length, look_bytes)};
			gap = {gap.offset + part.length, gap.length - part.length};
			if (!holds_zeros(part))
			{
				wrong = {wrong.length == 0 ? part.offset : wrong.offset, wrong.length + part.length};
			}
			else
			{
				m_done += static_cast<std::int64_t>(part.length);
			}
			bool const run_ends = wrong.length > 0
				&& (gap.length == 0 || wrong.offset + wrong.length != gap.offset
					|| wrong.length >= m_steps.next());
			if (run_ends)
			{
				if (!zero(wrong))
				{
					return false;
				}
				wrong.length = 0;
			}
		}
		return true;
	}

private:
	bool has_to_end() const { return m_storage.failed() || m_stop.stop_requested(); }

	bool holds_zeros(byte_range const part)
	{
		if (m_unreadable >= max_unreadable)
		{
			return false;
		}
		std::span const bytes(m_buffer.data(), static_cast<std::size_t>(part.length));
		if (!m_storage.device().read_medium(part.offset, bytes))
		{
			++m_unreadable;
			return false;
		}
		return is_zero(bytes);
	}

	storage_target& m_storage;
	std::atomic<std::int64_t>& m_done;
	std::stop_token const& m_stop;
	zero_steps m_steps;
	int m_unreadable = 0;
	page_buffer m_buffer{look_bytes}; // which read_medium() takes without a copy
};

} // namespace

bool fill_with_zeros(storage_target& storage, std::span<byte_range const> const gaps,
	gap_content const content, std::atomic<std::int64_t>& done, std::stop_token const& stop)
{
	gap_filler filler(storage, done, stop);
	return std::ranges::all_of(gaps, [&](byte_range const gap) {
		return content == gap_content::anything ? filler.zero(gap) : filler.zero_what_is_not(gap);
	});
}

} // namespace rawswarm
