// SPDX-License-Identifier: BSD-3-Clause
// Which targets of a job share a torrent, and when the torrent can be joined: once all of its targets are
// ready, as it is known only then which pieces all of them have.
//
// Pure. Targets are known by the job's numbers, torrents by their info-hashes and, once joined, by the number
// of their first target, which stays the same although that may leave.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace rawswarm
{

class shared_torrents
{
public:
	// The target is going to be ready, or to leave. Before any target of its torrent is ready.
	void expect(std::size_t target, std::string const& info_hash);

	// The target is ready. Returns the targets that can join with it now, in their order: none if others are
	// waited for. One that was not expected joins alone.
	std::vector<std::size_t> ready(std::size_t target, std::string const& info_hash);

	struct departure
	{
		std::optional<std::size_t> abandoned; // the torrent that was joined and has no target any more
		bool others_stay = false; // in the torrent that was joined
		std::vector<std::size_t> can_join; // targets that have waited for this one alone
	};

	// Whether it was ready or not. One that is not known means nothing.
	departure leave(std::size_t target);

	// Empty if it has not joined.
	std::optional<std::size_t> torrent_of(std::size_t target) const;

	// The targets that have joined the torrent and not left, in their order.
	std::vector<std::size_t> targets_of(std::size_t torrent) const;

private:
	struct group
	{
		std::set<std::size_t> expected;
		std::set<std::size_t> ready;
		std::optional<std::size_t> number; // set: it was joined
	};

	static std::vector<std::size_t> join_if_ready(group& g);

	std::map<std::string, group> m_groups; // by info-hash
	std::map<std::size_t, std::string> m_targets; // their info-hashes
};

} // namespace rawswarm
