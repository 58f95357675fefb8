// SPDX-License-Identifier: BSD-3-Clause
#include "agent/job/image_check.hpp"

#include "agent/job/moved_gpt.hpp"
#include "agent/job/table_sector.hpp"
#include "agent/log/log.hpp"
#include "storage/device/content_check.hpp"
#include "storage/device/gpt_place.hpp"

#include <libtorrent/hasher.hpp>
#include <libtorrent/torrent_info.hpp>

#include <algorithm>
#include <mutex>
#include <optional>

namespace rawswarm
{

namespace
{

// All buffers of one check. Any machine that can run the program has this much, and more is no faster
// (toolchain/dev bench check).
constexpr std::size_t check_memory = std::size_t(16) << 20;

// Pieces that cannot be read after which a device is not read any further. The kernel tries for up to half a
// minute before it gives up on a sector.
constexpr int max_unreadable = 32;

// Collects the differences that all threads find.
class differences
{
public:
	void add(device_offset const at, bool const is_piece)
	{
		std::lock_guard const l(m_mutex);
		(is_piece ? m_pieces : m_gaps) += 1;
		m_first = m_first ? std::min(*m_first, at) : at;
	}

	result<void> verdict(std::string const& device, int const pieces) const
	{
		if (!m_first)
		{
			return success();
		}
		auto text = fmt::format("verifying {}: ", device);
		if (m_pieces > 0)
		{
			text += fmt::format("{} of {} pieces differ from the torrent", m_pieces, pieces);
		}
		if (m_gaps > 0)
		{
			text += fmt::format("{}{} MiB that must be zeros are not", m_pieces > 0 ? ", " : "", m_gaps);
		}
		text += fmt::format(", the first at {:#x}", m_first->bytes);
		return error{fault::verification, {}, std::move(text)};
	}

private:
	std::mutex m_mutex;
	int m_pieces = 0;
	int m_gaps = 0;
	std::optional<device_offset> m_first;
};

// Where the piece begins on the device; 0 for a piece that consists of pads alone.
device_offset first_offset(extent_map const& extents, lt::piece_index_t const piece, int const size)
{
	for (auto const& s : extents.map(piece, 0, size))
	{
		if (s.offset)
		{
			return *s.offset;
		}
	}
	return {};
}

// The bytes of a piece as they are on the device.
result<std::string> read_piece(
	block_device& device, extent_map const& extents, lt::piece_index_t const piece, int const size)
{
	std::string bytes(static_cast<std::size_t>(size), '\0');
	std::size_t at = 0;
	for (auto const& s : extents.map(piece, 0, size))
	{
		auto const length = static_cast<std::size_t>(s.length);
		if (s.offset)
		{
			iovec const buffer{bytes.data() + at, length};
			BOOST_OUTCOME_TRYV(device.read(*s.offset, {&buffer, 1}));
		}
		at += length;
	}
	return bytes;
}

result<std::string> read_sectors(block_device& device, std::uint64_t const at, std::uint64_t const length)
{
	std::string bytes(length, '\0');
	iovec const buffer{bytes.data(), bytes.size()};
	BOOST_OUTCOME_TRYV(device.read({at}, {&buffer, 1}));
	return bytes;
}

// Whether the first piece differs from the torrent only in what moving the copy of the GPT changed. The image
// begins with the device.
result<bool> differs_by_move(block_device& device, expected_image const& image)
{
	constexpr std::uint64_t file_sector = 512;
	lt::piece_index_t const first(0);
	auto const sector = sector_of_whole_disk(image.device).value_or(file_sector);
	auto const end = image.extents.end().bytes;
	if (image.extents.extents().empty())
	{
		return false;
	}
	auto const begin = image.extents.extents().front();
	if (begin.offset != device_offset{} || begin.torrent_offset != 0 || begin.length < 2 * sector
		|| static_cast<std::uint64_t>(image.torrent.piece_size(first)) < 2 * sector || end < 3 * sector)
	{
		return false;
	}
	BOOST_OUTCOME_TRY(start, read_sectors(device, 0, std::min<std::uint64_t>(gpt_reach, device.size())));
	BOOST_OUTCOME_TRY(copy, read_sectors(device, end - sector, sector));
	BOOST_OUTCOME_TRY(bytes, read_piece(device, image.extents, first, image.torrent.piece_size(first)));
	for (auto const& before : starts_before_move(start, copy, sector))
	{
		bytes.replace(0, before.size(), before);
		if (lt::hasher(bytes).final() == image.torrent.hash_for_piece(first))
		{
			return true;
		}
	}
	return false;
}

} // namespace

result<void> keep_what_is_right(
	storage_target& storage, std::atomic<std::int64_t>& read, std::stop_token const& stop)
{
	auto const settings =
		content_check_settings::of(storage.profile(), storage.info().piece_length(), check_memory);
	content_check check;
	check.on_piece = [&storage](lt::piece_index_t const piece, lt::sha1_hash const& hash) {
		storage.piece_hashed(piece, hash, true);
	};
	std::atomic<int> unreadable{0};
	bool const is_served = storage.options().must_match;
	check.on_unreadable = [&](lt::piece_index_t const piece, error const& e) {
		int const count = ++unreadable;
		log::get(log::component::storage)
			.log(count == 1 ? spdlog::level::warn : spdlog::level::debug, "{}: piece {} is {}", e.text,
				static_cast<int>(piece), is_served ? "not served" : "written anew");
		if (is_served)
		{
			storage.bad_piece(piece, e);
		}
		return count < max_unreadable;
	};
	check.read = &read;
	auto r = check_content(storage.device(), storage.info(), storage.extents(), settings, check, stop);
	if (unreadable == 0)
	{
		return r;
	}
	log::get(log::component::storage)
		.warn("{}: {} pieces cannot be read{}", storage.device().path(), unreadable.load(),
			r ? "" : ", the rest is not looked at");
	return success();
}

result<void> verify_content(block_device& device, expected_image const& image, device_profile const& profile,
	std::atomic<std::int64_t>& read, std::stop_token const& stop)
{
	auto const& torrent = image.torrent;
	auto const settings = content_check_settings::of(profile, torrent.piece_length(), check_memory);
	differences found;
	content_check check;
	constexpr lt::piece_index_t first(0);
	std::atomic<bool> first_differs{false};
	check.on_piece = [&](lt::piece_index_t const piece, lt::sha1_hash const& hash) {
		if (hash == torrent.hash_for_piece(piece))
		{
			return;
		}
		if (piece == first && image.gpt_may_be_moved)
		{
			first_differs = true;
			return;
		}
		found.add(first_offset(image.extents, piece, torrent.piece_size(piece)), true);
	};
	check.zeros = image.zeros;
	check.on_not_zero = [&](device_offset const at) { found.add(at, false); };
	check.read = &read;
	BOOST_OUTCOME_TRYV(check_content(device, torrent, image.extents, settings, check, stop));
	if (first_differs)
	{
		BOOST_OUTCOME_TRY(is_move, differs_by_move(device, image));
		if (!is_move)
		{
			found.add(first_offset(image.extents, first, torrent.piece_size(first)), true);
		}
	}
	return found.verdict(image.device, torrent.num_pieces());
}

} // namespace rawswarm
