// SPDX-License-Identifier: BSD-3-Clause
// The hashes that libtorrent asks raw_disk for.
#include "storage/backend/raw_disk.hpp"
#include "storage/backend/sealed_pieces.hpp"
#include "storage/backend/target_io.hpp"

#include <utility>

namespace rawswarm
{

void raw_disk::async_hash(lt::storage_index_t const storage, lt::piece_index_t const piece,
	lt::span<lt::sha256_hash> const v2, lt::disk_job_flags_t const flags, hash_handler handler)
{
	auto const& s = storage_at(storage);
	if (!s->target)
	{
		m_completions.answer(
			std::move(handler), piece, lt::sha1_hash(), no_target(lt::operation_t::file_read));
		return;
	}
	bool const is_check = bool(flags & volatile_read); // hash the device's bytes
	hash_request const request{bool(flags & v1_hash), v2, is_check,
		is_check || s->target->device().has_frames() ? nullptr : &s->untouched};
	m_unpacker.when_unpacked(s->key(piece), [this, s, piece, request, h = std::move(handler)] {
		if (!request.anew)
		{
			// libtorrent hashes a piece right after its last block: the whole piece can be written now
			m_writer.piece_complete(s, piece);
		}
		auto hash = [this, s, piece, request, h] { finish_hash(s, piece, request, h); };
		if (request.anew || !m_reader.load(s, piece, hash))
		{
			m_workers.add_hash(std::move(hash));
		}
	});
}

void raw_disk::finish_hash(storage_ptr const& s, lt::piece_index_t const piece, hash_request const& request,
	hash_handler const& handler)
{
	if (m_aborting)
	{
		m_completions.answer(handler, piece, lt::sha1_hash(), aborted(lt::operation_t::file_read));
		return;
	}
	auto& target = *s->target;
	auto const* const seals = usable_seals(*s, request);
	// What cannot be read is read once more, for its hash, and the error is that one's.
	auto const verdict = seals != nullptr
		? passes_seal(*s, *seals, piece, m_hasher, request, m_context->stats())
		: result<bool>(false);
	bool const passes = verdict && verdict.value();
	auto const r = passes ? result<piece_digest>(piece_digest{target.info().hash_for_piece(piece), true})
						  : m_hasher.finish(s->key(piece), target, request);
	if (!s->untouched.holds())
	{
		m_cache.piece_arrived(s->key(piece));
	}
	// blocks that were in use to be hashed may be evicted again
	m_reader.on_space();
	m_unpacker.on_space();
	if (!r)
	{
		s->target->bad_piece(piece, r.error());
		m_completions.answer(
			handler, piece, lt::sha1_hash(), to_storage_error(r.error(), lt::operation_t::file_read));
		return;
	}
	if (seals != nullptr && verdict && !passes && r.value().v1 == target.info().hash_for_piece(piece))
	{
		target.drop_seals();
	}
	if (request.v1)
	{
		s->target->piece_hashed(piece, r.value().v1, r.value().from_device || s->untouched.holds());
	}
	m_completions.answer(handler, piece, r.value().v1, lt::storage_error());
}

void raw_disk::async_hash2(lt::storage_index_t const storage, lt::piece_index_t const piece, int const offset,
	lt::disk_job_flags_t, hash2_handler handler)
{
	auto const& s = storage_at(storage);
	if (!s->target)
	{
		m_completions.answer(
			std::move(handler), piece, lt::sha256_hash(), no_target(lt::operation_t::file_read));
		return;
	}
	m_unpacker.when_unpacked(s->key(piece), [this, s, piece, offset, h = std::move(handler)] {
		m_workers.add_hash([this, s, piece, offset, h] {
			lt::sha256_hash hash;
			lt::storage_error e;
			if (m_aborting)
			{
				e = aborted(lt::operation_t::file_read);
			}
			else if (auto const r = m_hasher.hash_block(s->key(piece), *s->target, {offset / block_size}); r)
			{
				hash = r.value();
			}
			else
			{
				s->target->bad_piece(piece, r.error());
				e = to_storage_error(r.error(), lt::operation_t::file_read);
			}
			m_reader.on_space();
			m_completions.answer(h, piece, hash, e);
		});
	});
}

} // namespace rawswarm
