// SPDX-License-Identifier: BSD-3-Clause
#include "storage/backend/piece_hasher.hpp"

#include "storage/backend/target_io.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>

#include <sys/uio.h>

namespace rawswarm
{

namespace
{

// Blocks of the pool to read back into. If the pool has none left, one block of the thread's own.
class read_back_buffers
{
public:
	read_back_buffers(block_cache& cache, int const wanted)
		: m_cache(cache)
	{
		while (static_cast<int>(m_buffers.size()) < wanted)
		{
			char* const b = m_cache.take_buffer();
			if (!b)
			{
				break;
			}
			m_buffers.push_back(b);
		}
	}
	~read_back_buffers() { m_cache.unref(m_buffers); }
	read_back_buffers(read_back_buffers const&) = delete;
	read_back_buffers& operator=(read_back_buffers const&) = delete;

	bool is_own() const { return m_buffers.empty(); } // the thread's
	int size() const { return std::max(1, static_cast<int>(m_buffers.size())); }
	char* operator[](int const i) const
	{
		thread_local std::array<char, static_cast<std::size_t>(block_size)> own;
		return m_buffers.empty() ? own.data() : m_buffers[static_cast<std::size_t>(i)];
	}

private:
	block_cache& m_cache;
	std::vector<char*> m_buffers;
};

// The lengths of a piece's blocks. The v2 half of a hybrid torrent does not know the padding behind a file.
struct piece_layout
{
	piece_layout(storage_target const& target, lt::piece_index_t const piece, bool const v1, bool const v2)
	{
		auto const& info = target.info();
		m_piece_bytes = info.piece_size(piece);
		v1_bytes = v1 ? info.piece_size(piece) : 0;
		v2_bytes = !v2 ? 0 : info.v2() ? info.files().piece_size2(piece) : info.piece_size(piece);
	}

	static int length(int const bytes, int const block)
	{
		return std::clamp(bytes - block * block_size, 0, block_size);
	}
	int v1_length(int const block) const { return length(v1_bytes, block); }
	int v2_length(int const block) const { return length(v2_bytes, block); }
	int length(int const block) const { return std::max(v1_length(block), v2_length(block)); }
	// Whether the blocks are as long as peers may ask for them.
	bool is_whole() const { return std::max(v1_bytes, v2_bytes) == m_piece_bytes; }
	int blocks() const { return blocks_in(std::max(v1_bytes, v2_bytes)); }

	int v1_bytes = 0;
	int v2_bytes = 0;

private:
	int m_piece_bytes = 0;
};

lt::sha256_hash sha256(char const* const data, int const length)
{
	return lt::hasher256(lt::span<char const>(data, length)).final();
}

} // namespace

bool piece_hasher::block_arrived(piece_key const key, block_index const block, int const blocks_in_piece)
{
	mutex_lock const l(m_mutex);
	auto& at = m_pieces[key];
	auto const i = static_cast<std::size_t>(block.value);
	if (!at || at->arrived[i])
	{
		// anew: the hash so far, or the one that is being computed, may include the older block
		auto fresh = std::make_shared<progress>();
		fresh->arrived = at ? at->arrived : std::vector<bool>(static_cast<std::size_t>(blocks_in_piece));
		at = std::move(fresh);
	}
	auto& p = *at;
	p.arrived[i] = true;
	int contiguous = p.contiguous.load(std::memory_order_relaxed);
	while (contiguous < blocks_in_piece && p.arrived[static_cast<std::size_t>(contiguous)])
	{
		++contiguous;
	}
	p.contiguous.store(contiguous, std::memory_order_relaxed);
	if (contiguous - p.scheduled < hash_step)
	{
		return false;
	}
	p.scheduled = contiguous;
	return true;
}

void piece_hasher::reset(piece_key const key)
{
	mutex_lock const l(m_mutex);
	m_pieces.erase(key);
}

void piece_hasher::reset(std::uint32_t const storage)
{
	mutex_lock const l(m_mutex);
	std::erase_if(m_pieces, [storage](auto const& p) { return p.first.storage == storage; });
}

std::shared_ptr<piece_hasher::progress> piece_hasher::find(piece_key const key)
{
	mutex_lock const l(m_mutex);
	auto const it = m_pieces.find(key);
	return it == m_pieces.end() ? nullptr : it->second;
}

// Stops at the first block that is not in memory.
void piece_hasher::hash_from_memory(piece_key const key, storage_target& target, progress& p)
{
	piece_layout const layout(target, key.piece, true, false);
	std::array<char*, static_cast<std::size_t>(hash_step)> held{};
	for (;;)
	{
		std::size_t count = 0;
		while (count < held.size() && p.hashed + static_cast<int>(count) < p.contiguous)
		{
			held[count] = m_cache.find(key, {p.hashed + static_cast<int>(count)});
			if (!held[count])
			{
				break;
			}
			++count;
		}
		if (count == 0)
		{
			return;
		}
		for (std::size_t i = 0; i < count; ++i)
		{
			p.sum.update(lt::span<char const>(held[i], layout.v1_length(p.hashed)));
			++p.hashed;
		}
		m_stats.blocks_hashed.fetch_add(static_cast<std::int64_t>(count), std::memory_order_relaxed);
		m_cache.unref(std::span(held).first(count));
	}
}

void piece_hasher::advance(piece_key const key, storage_target& target)
{
	auto const pointer = find(key);
	if (!pointer)
	{
		return;
	}
	auto& p = *pointer;
	if (!p.hashing.try_lock())
	{
		return; // another thread hashes it, and looks for more before it ends, or finish() does
	}
	mutex_lock const l(p.hashing, std::adopt_lock);
	hash_from_memory(key, target, p);
}

result<void> piece_hasher::compare_with_evicted(
	piece_key const key, storage_target& target, int const block, iovec const& bytes) const
{
	if (m_cache.held_something_else(key, {block}, {static_cast<char const*>(bytes.iov_base), bytes.iov_len}))
	{
		return fail(fault::verification, "reading {}: piece {} is not what was written to it",
			target.device().path(), static_cast<int>(key.piece));
	}
	return success();
}

result<piece_digest> piece_hasher::finish(
	piece_key const key, storage_target& target, hash_request const& request)
{
	auto pointer = request.anew ? nullptr : find(key);
	if (!pointer)
	{
		pointer = std::make_shared<progress>();
	}
	auto& p = *pointer;
	mutex_lock l(p.hashing);
	auto r = finish(key, target, request, p);
	l.unlock();
	if (r && !request.anew)
	{
		reset(key);
	}
	return r;
}

// Peers will ask for the piece, so they get what was read to hash it.
void piece_hasher::keep(
	never_written& untouched, piece_key const key, int const first, std::span<iovec const> const blocks)
{
	untouched.while_it_holds([&] {
		for (std::size_t k = 0; k < blocks.size(); ++k)
		{
			m_cache.insert_expected(key, {first + static_cast<int>(k)},
				static_cast<char*>(blocks[k].iov_base), static_cast<int>(blocks[k].iov_len));
		}
	});
}

int piece_hasher::missing_from(piece_key const key, int const first, int const blocks) const
{
	int missing = 1;
	while (
		missing < read_back_blocks && first + missing < blocks && !m_cache.contains(key, {first + missing}))
	{
		++missing;
	}
	return missing;
}

result<piece_digest> piece_hasher::finish(
	piece_key const key, storage_target& target, hash_request const& request, progress& p)
{
	piece_layout const layout(target, key.piece, request.v1, !request.v2.empty());
	int const blocks = layout.blocks();

	piece_digest ret;
	ret.from_device = p.hashed == 0;
	// v2 hashes of blocks are not computed while the piece arrives, so every block is needed for them
	int const first = request.v2.empty() ? p.hashed : 0;
	// copies, as a lambda counts as holding no lock
	auto const add = [&request, &layout, sum = &p.sum, hashed = p.hashed](
						 int const block, char const* const data) {
		if (request.seal != nullptr)
		{
			request.seal->update({data, static_cast<std::size_t>(layout.v1_length(block))});
		}
		else if (request.v1 && block >= hashed)
		{
			sum->update(lt::span<char const>(data, layout.v1_length(block)));
		}
		if (block < request.v2.size())
		{
			request.v2[block] = sha256(data, layout.v2_length(block));
		}
	};
	for (int i = first; i < blocks;)
	{
		if (char* const b = m_cache.find(key, {i}))
		{
			ret.from_device = false;
			add(i, b);
			m_cache.unref(b);
			++i;
			continue;
		}
		read_back_buffers const buffers(m_cache, missing_from(key, i, blocks));
		int const missing = buffers.size();
		std::array<iovec, static_cast<std::size_t>(read_back_blocks)> to{};
		for (int k = 0; k < missing; ++k)
		{
			to[static_cast<std::size_t>(k)] = {buffers[k], static_cast<std::size_t>(layout.length(i + k))};
		}
		BOOST_OUTCOME_TRYV(read_range(target, key.piece, i * block_size,
			std::span<iovec const>(to).first(static_cast<std::size_t>(missing))));
		m_stats.blocks_read_back.fetch_add(missing, std::memory_order_relaxed);
		for (int k = 0; k < missing; ++k)
		{
			if (!request.anew)
			{
				BOOST_OUTCOME_TRYV(compare_with_evicted(key, target, i + k, to[static_cast<std::size_t>(k)]));
			}
			add(i + k, buffers[k]);
		}
		if (request.kept_while != nullptr && !buffers.is_own() && layout.is_whole())
		{
			keep(*request.kept_while, key, i,
				std::span<iovec const>(to).first(static_cast<std::size_t>(missing)));
		}
		i += missing;
	}
	auto& counted = request.seal != nullptr ? m_stats.blocks_sealed : m_stats.blocks_hashed;
	counted.fetch_add(blocks - p.hashed, std::memory_order_relaxed);
	if (request.v1 && request.seal == nullptr)
	{
		ret.v1 = p.sum.final();
		p.sum.reset(); // for a thread that waits for the lock
		p.hashed = 0;
		p.contiguous = 0; // and for an advance() that comes too late
	}
	return ret;
}

result<lt::sha256_hash> piece_hasher::hash_block(
	piece_key const key, storage_target& target, block_index const block)
{
	int const length = piece_layout(target, key.piece, false, true).v2_length(block.value);
	if (char* const b = m_cache.find(key, block))
	{
		auto const hash = sha256(b, length);
		m_cache.unref(b);
		m_stats.blocks_hashed.fetch_add(1, std::memory_order_relaxed);
		return hash;
	}
	read_back_buffers const buffer(m_cache, 1);
	BOOST_OUTCOME_TRYV(read_range(target, key.piece, block.value * block_size,
		std::span<char>(buffer[0], static_cast<std::size_t>(length))));
	m_stats.blocks_read_back.fetch_add(1, std::memory_order_relaxed);
	m_stats.blocks_hashed.fetch_add(1, std::memory_order_relaxed);
	return sha256(buffer[0], length);
}

} // namespace rawswarm
