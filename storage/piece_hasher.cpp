#include "storage/piece_hasher.hpp"

#include "storage/target_io.hpp"

#include <libtorrent/hasher.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>
#include <vector>

namespace rawswarm
{

namespace
{

// References to the blocks of a piece that are in memory, dropped when done.
class block_references
{
public:
	block_references(block_cache& cache, piece_key const key, int const blocks)
		: m_cache(cache)
	{
		for (int i = 0; i < blocks; ++i)
		{
			m_buffers.push_back(cache.find(key, {i}));
		}
	}
	~block_references()
	{
		for (char* const b : m_buffers)
		{
			if (b)
			{
				m_cache.drop_owner(b);
			}
		}
	}
	block_references(block_references const&) = delete;
	block_references& operator=(block_references const&) = delete;

	char* operator[](int const i) const { return m_buffers[static_cast<std::size_t>(i)]; }

private:
	block_cache& m_cache;
	std::vector<char*> m_buffers;
};

class digests
{
public:
	digests(bool const want_v1, lt::span<lt::sha256_hash> const v2)
		: m_want_v1(want_v1)
		, m_v2(v2)
	{}

	void add_block(int const number, char const* const data, int const length)
	{
		lt::span<char const> const bytes(data, length);
		if (m_want_v1)
		{
			m_v1.update(bytes);
		}
		if (number < m_v2.size())
		{
			m_v2[number] = lt::hasher256(bytes).final();
		}
	}

	lt::sha1_hash v1() { return m_want_v1 ? m_v1.final() : lt::sha1_hash(); }

private:
	bool m_want_v1;
	lt::span<lt::sha256_hash> m_v2;
	lt::hasher m_v1;
};

} // namespace

result<piece_digest> hash_piece(block_cache& cache, storage_target& target, piece_key const key,
	bool const want_v1, lt::span<lt::sha256_hash> const v2, disk_stats& stats)
{
	int const size = target.info().piece_size(key.piece);
	int const blocks = (size + block_size - 1) / block_size;
	auto const length_of = [&](int const i) { return std::min(block_size, size - i * block_size); };

	block_references const held(cache, key, blocks);
	digests sums(want_v1, v2);
	thread_local std::vector<char> scratch(static_cast<std::size_t>(read_back_bytes));
	piece_digest ret;
	ret.from_device = true;

	for (int i = 0; i < blocks;)
	{
		if (held[i])
		{
			ret.from_device = false;
			sums.add_block(i, held[i], length_of(i));
			++i;
			continue;
		}
		int const first = i;
		int bytes = 0;
		for (; i < blocks && !held[i] && bytes + length_of(i) <= read_back_bytes; ++i)
		{
			bytes += length_of(i);
		}
		BOOST_OUTCOME_TRYV(read_range(target, key.piece, first * block_size,
			std::span<char>(scratch).first(static_cast<std::size_t>(bytes))));
		for (int k = first; k < i; ++k)
		{
			sums.add_block(
				k, scratch.data() + static_cast<std::ptrdiff_t>(k - first) * block_size, length_of(k));
		}
		stats.blocks_read_back.fetch_add(i - first, std::memory_order_relaxed);
	}
	stats.blocks_hashed.fetch_add(blocks, std::memory_order_relaxed);
	ret.v1 = sums.v1();
	return ret;
}

result<lt::sha256_hash> hash_block(
	block_cache& cache, storage_target& target, piece_key const key, block_index const block)
{
	int const offset = block.value * block_size;
	int const length = std::min(block_size, target.info().piece_size(key.piece) - offset);
	if (char* const b = cache.find(key, block))
	{
		auto const hash = lt::hasher256(lt::span<char const>(b, length)).final();
		cache.drop_owner(b);
		return hash;
	}
	std::vector<char> bytes(static_cast<std::size_t>(length));
	BOOST_OUTCOME_TRYV(read_range(target, key.piece, offset, bytes));
	return lt::hasher256(bytes).final();
}

} // namespace rawswarm
