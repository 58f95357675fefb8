// The targets of the torrents that the backend holds, by the number that the cache knows them by.
// Thread-safe.
#pragma once

#include "storage/storage_target.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <utility>

namespace rawswarm
{

class target_table
{
public:
	void add(std::uint32_t const id, std::shared_ptr<storage_target> target)
	{
		std::unique_lock<std::mutex> const l(m_mutex);
		m_targets[id] = std::move(target);
	}

	// The id must be in the table.
	std::shared_ptr<storage_target> at(std::uint32_t const id) const
	{
		std::unique_lock<std::mutex> const l(m_mutex);
		return m_targets.at(id);
	}

private:
	mutable std::mutex m_mutex;
	std::map<std::uint32_t, std::shared_ptr<storage_target>> m_targets;
};

} // namespace rawswarm
