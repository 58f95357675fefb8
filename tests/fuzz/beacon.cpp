// SPDX-License-Identifier: BSD-3-Clause
// Datagrams as they come from anyone (agent/beacon/beacon_format.hpp): what is read as a beacon can be
// written as one that fits a datagram and says the same of the run; and whatever it holds, its line and its
// row in the table move no cursor and are no wider than the terminal.
//
// Compiled with: agent/beacon/beacon_reader.cpp agent/beacon/beacon_writer.cpp agent/beacon/flat_json.cpp
// Compiled with: agent/progress/bar_cells.cpp agent/progress/progress.cpp agent/progress/shown_percent.cpp
// Compiled with: agent/watch/beacon_bytes.cpp agent/watch/fleet.cpp agent/watch/fleet_text.cpp
// Compiled with: agent/watch/table.cpp agent/watch/table_order.cpp agent/watch/table_view.cpp
// Compiled with: agent/watch/text_columns.cpp agent/watch/watch_clock.cpp base/clean_text.cpp
// Compiled with: base/format_duration.cpp base/format_size.cpp base/text.cpp -lunistring
#include "agent/beacon/beacon_format.hpp"
#include "agent/watch/fleet_text.hpp"
#include "agent/watch/table.hpp"
#include "agent/watch/text_columns.hpp"
#include "tests/fuzz/require.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace
{

using rawswarm::fuzz::require;
using rawswarm::fuzz::require_one_line;

void show(rawswarm::received_beacon const& b)
{
	using namespace rawswarm;
	fleet hosts({});
	watch_counts const ignored;
	watch_clock const clock;
	auto const answer = hosts.apply(b, clock.now());
	require_one_line(fleet_line("12:00:00", answer.news, *answer.agent));
	table_view view;
	view.colours = false;
	for (std::size_t const columns : {80, 200})
	{
		view.columns = columns;
		for (auto const& line : draw_table({hosts, ignored, clock, 0}, view).lines)
		{
			require_one_line(line);
			require(columns_of(line) < columns);
		}
	}
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* const data, std::size_t const size)
{
	using namespace rawswarm;
	auto const datagram = fuzz::text_of(data, size);
	auto const read = decode_beacon(datagram);
	require(!beacon_json_line("10.0.0.7:40000", datagram).empty() || !read);
	if (!read)
	{
		return 0;
	}
	auto const& b = read.value();
	require(b.p.targets.size() <= max_read_targets && b.targets_total >= b.p.targets.size());
	auto const written = encode_beacon(b.id, b.seq, b.p, b.answers);
	require(written.size() <= max_beacon_bytes);
	auto const again = decode_beacon(written);
	require(bool(again) && again.value().seq == b.seq && again.value().p.state == b.p.state);
	show(b);
	return 0;
}
