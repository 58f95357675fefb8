// SPDX-License-Identifier: BSD-3-Clause
// Operations in random order, against a model of what each byte must be: on our backend, with plenty of
// memory and with hardly any, and on libtorrent's.
#include "tests/support/base/random_bytes.hpp"
#include "tests/support/base/random_seed.hpp"
#include "tests/support/device/backend_fixture.hpp"
#include "tests/support/device/disk_fixture.hpp"

#include <gtest/gtest.h>
#include <libtorrent/hasher.hpp>

#include <map>
#include <ostream>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace rawswarm
{
namespace
{

using test::backend_fixture;
using test::backend_kind;

constexpr int piece_size = 80 * 1024; // no power of two
constexpr int operations = 10'000;

struct stress_case
{
	char const* name;
	test::backend_options options;
	int torrents = 1;
	bool change_settings = false;

	friend std::ostream& operator<<(std::ostream& out, stress_case const& c) { return out << c.name; }
};

// One torrent: the bytes it must have, and the operations that are under way.
class model
{
public:
	model(backend_fixture& f, std::size_t const number)
		: m_fixture(f)
		, m_number(number)
	{
		use();
		for (int p = 0; p < f.pieces(); ++p)
		{
			m_pieces.push_back(f.piece(p));
			m_writes.emplace_back(static_cast<std::size_t>(f.blocks(p)));
			for (int b = 0; b < f.blocks(p); ++b)
			{
				write(p, b, f.block(p, b));
			}
		}
	}

	void step(std::mt19937& random)
	{
		use();
		auto const piece = static_cast<int>(random() % m_pieces.size());
		auto const block = static_cast<int>(random() % m_writes[std::size_t(piece)].size());
		switch (random() % 16)
		{
		case 0: m_fixture.finish(m_fixture.clear(piece)); break;
		case 1: m_fixture.stop(); break;
		case 2:
		case 3: hash(piece); break;
		case 4: read(piece, random); break;
		case 5:
		case 6:
		case 7: read_block(piece, block); break;
		default: rewrite(piece, block, random); break;
		}
		m_fixture.submit();
	}

	void check()
	{
		use();
		for (auto const& r : m_reads)
		{
			EXPECT_EQ(m_fixture.finish(r.reply).bytes == r.expected, true) << r.what;
			EXPECT_FALSE(r.reply->value->error) << r.what;
		}
		m_reads.clear();
		for (auto const& h : m_hashes)
		{
			EXPECT_EQ(m_fixture.finish(h.first).v1, h.second);
		}
		m_hashes.clear();
	}

	void end()
	{
		check();
		m_fixture.finish(m_fixture.stop());
		for (auto& piece : m_writes)
		{
			for (auto& w : piece)
			{
				EXPECT_FALSE(m_fixture.finish(w));
			}
		}
		for (std::size_t p = 0; p < m_pieces.size(); ++p)
		{
			auto const length = std::min<int>(block_size, static_cast<int>(m_pieces[p].size()));
			auto const& r = m_fixture.finish(m_fixture.read(static_cast<int>(p), 0, length));
			EXPECT_TRUE(r.bytes == m_pieces[p].substr(0, static_cast<std::size_t>(length))) << p;
		}
	}

private:
	struct read_under_way
	{
		test::reply<test::read_reply> reply;
		std::string expected;
		std::string what;
	};

	void use() { m_fixture.use(m_number); }

	void write(int const piece, int const block, std::string const& bytes)
	{
		m_pieces[std::size_t(piece)].replace(std::size_t(block) * block_size, bytes.size(), bytes);
		m_writes[std::size_t(piece)][std::size_t(block)] = m_fixture.write(piece, block, bytes);
	}

	// Reads and hashes may return either copy meanwhile; and libtorrent's backends take no second copy of a
	// block before the first one is written.
	void rewrite(int const piece, int const block, std::mt19937& random)
	{
		check();
		if (m_fixture.kind() != backend_kind::rawswarm)
		{
			m_fixture.finish(m_writes[std::size_t(piece)][std::size_t(block)]);
		}
		auto const length = static_cast<std::size_t>(m_fixture.block_length(piece, block));
		write(piece, block, test::random_bytes(random(), length));
	}

	void read(int const piece, std::mt19937& random)
	{
		auto const size = static_cast<int>(m_pieces[std::size_t(piece)].size());
		auto const start = static_cast<int>(random() % static_cast<unsigned>(size));
		auto const most = static_cast<unsigned>(std::min(block_size, size - start));
		add_read(piece, start, 1 + static_cast<int>(random() % most));
	}

	void read_block(int const piece, int const block)
	{
		add_read(piece, block * block_size, m_fixture.block_length(piece, block));
	}

	void add_read(int const piece, int const start, int const length)
	{
		m_reads.push_back({m_fixture.read(piece, start, length),
			m_pieces[std::size_t(piece)].substr(std::size_t(start), std::size_t(length)),
			"piece " + std::to_string(piece) + " at " + std::to_string(start)});
	}

	void hash(int const piece)
	{
		m_hashes.emplace_back(m_fixture.hash(piece), lt::hasher(m_pieces[std::size_t(piece)]).final());
	}

	backend_fixture& m_fixture;
	std::size_t m_number;
	std::vector<std::string> m_pieces;
	std::vector<std::vector<test::reply<lt::storage_error>>> m_writes;
	std::vector<read_under_way> m_reads;
	std::vector<std::pair<test::reply<test::hash_reply>, lt::sha1_hash>> m_hashes;
};

// Any budget between the smallest pool and 2 MiB, any number of threads, any limits.
void change_settings(backend_fixture& f, std::mt19937& random)
{
	auto s = f.context().settings();
	s.memory = random() % (std::size_t(2) * 1024 * 1024);
	s.io_threads = static_cast<int>(random() % 5);
	s.hash_threads = static_cast<int>(random() % 3);
	s.coalesce.max_blocks = 1 + static_cast<int>(random() % 64);
	s.coalesce.timeout = std::chrono::milliseconds(random() % 20);
	f.context().change_settings(s);
	f.io().settings_updated();
}

class random_operations : public ::testing::TestWithParam<stress_case>
{};

TEST_P(random_operations, leave_every_byte_as_it_must_be)
{
	auto const seed = test::random_seed();
	std::mt19937 random(seed);
	backend_fixture f(GetParam().options);
	std::vector<model> torrents;
	for (int t = 0; t < GetParam().torrents; ++t)
	{
		auto const number =
			f.add_torrent(test::extents_of({300'000, 17, 500'000, 123'456}), {.piece_size = piece_size});
		torrents.emplace_back(f, number);
	}
	for (int i = 0; i < operations; ++i)
	{
		torrents[random() % torrents.size()].step(random);
		if (GetParam().change_settings && random() % 50 == 0)
		{
			change_settings(f, random);
		}
	}
	for (auto& t : torrents)
	{
		t.end();
	}
	EXPECT_EQ(f.target_errors(), 0);
}

INSTANTIATE_TEST_SUITE_P(all, random_operations,
	::testing::Values(stress_case{"rawswarm", {.memory = 16 * 1024 * 1024}},
		stress_case{"rawswarm_with_the_smallest_pool", {.memory = 0}},
		stress_case{"rawswarm_with_three_torrents", {.memory = 0}, 3},
		stress_case{"rawswarm_without_threads", {.io_threads = 0, .hash_threads = 0, .memory = 0}},
		stress_case{"rawswarm_whose_settings_change", {.memory = 1024 * 1024}, 2, true},
		stress_case{"mmap", {.kind = backend_kind::mmap}},
		stress_case{"posix", {.kind = backend_kind::posix}}),
	[](auto const& param) { return std::string(param.param.name); });

} // namespace
} // namespace rawswarm
