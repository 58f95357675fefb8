// SPDX-License-Identifier: BSD-3-Clause
#include "agent/beacon/beacon_format.hpp"
#include "agent/beacon/beacon_question.hpp"
#include "agent/beacon/flat_json.hpp"

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>
#include <vector>

namespace rawswarm
{

namespace
{

constexpr std::uint64_t max_number = std::uint64_t(1)
	<< 53; // the largest that every JSON reader holds exactly
constexpr std::uint64_t max_peers = 1'000'000;

// Reads members of one object. The first fault of all objects of a beacon is kept in `first_fault`.
class reader
{
public:
	reader(json_value const& object, std::string& first_fault)
		: m_object(object)
		, m_fault(first_fault)
	{
		if (!object.is(json_kind::object))
		{
			refuse("no object where one is due");
		}
	}

	std::string text(char const* key, bool required = false)
	{
		auto const found = find(key, required);
		auto value = found.text();
		refuse_if(found && !value, key);
		return value ? std::move(*value) : std::string();
	}

	std::uint64_t number(char const* key, bool required = false, std::uint64_t max = max_number)
	{
		auto const found = find(key, required);
		auto const value = found.whole_number();
		bool const is_wrong = found && (!value || *value > max);
		refuse_if(is_wrong, key);
		return is_wrong ? 0 : value.value_or(0);
	}

	double ratio(char const* key, double const otherwise = 0)
	{
		auto const found = find(key, false);
		refuse_if(found && !found.is(json_kind::number), key);
		return found.number().value_or(otherwise);
	}

	job_state state(char const* key, bool required = false)
	{
		auto const found = find(key, required);
		auto const value = job_state_from(found.text().value_or(""));
		refuse_if(found && !value, key);
		return value.value_or(job_state::starting);
	}

	std::int64_t size(char const* key) { return static_cast<std::int64_t>(number(key)); }

	json_value find(char const* key, bool required = false)
	{
		auto const found = m_object.find(key);
		refuse_if(required && !found, key);
		return found;
	}

	void refuse_if(bool const is_wrong, char const* what)
	{
		if (is_wrong)
		{
			refuse(what);
		}
	}

	// what: the key, or what is wrong.
	void refuse(char const* what)
	{
		if (m_fault.empty())
		{
			m_fault = what;
		}
	}

private:
	json_value m_object;
	std::string& m_fault;
};

target_progress read_target(json_value const& j, std::string& first_fault)
{
	reader r(j, first_fault);
	target_progress t;
	t.device = r.text("device");
	t.info_hash = r.text("info_hash");
	t.state = r.state("state");
	t.total = r.size("total");
	t.done = r.size("done");
	t.written = r.size("written");
	t.synced = r.size("synced");
	t.down = r.size("down");
	t.up = r.size("up");
	t.peers = static_cast<int>(r.number("peers", false, max_peers));
	t.wire_fetched = r.size("wire_fetched");
	t.wire_uploaded = r.size("wire_uploaded");
	t.ratio = r.ratio("ratio", 1);
	if (r.find("eta_s"))
	{
		t.eta_s = r.size("eta_s");
	}
	t.note = r.text("note");
	t.error = r.text("error");
	return t;
}

std::optional<progress_error> read_error(json_value const& j, std::string& first_fault)
{
	reader r(j, first_fault);
	progress_error e;
	e.code = static_cast<int>(r.number("code", true, 255));
	e.text = r.text("text");
	return e;
}

storage_progress read_storage(json_value const& j, std::string& first_fault)
{
	reader r(j, first_fault);
	storage_progress s;
	s.pool = r.ratio("pool");
	s.cache_hit = r.ratio("cache_hit");
	s.blocks_per_write = r.ratio("blocks_per_write");
	s.dirty = r.ratio("dirty");
	s.p50_ms = r.ratio("p50_ms");
	s.p99_ms = r.ratio("p99_ms");
	s.stopped_ms = r.size("stopped_ms");
	s.read_back = r.size("read_back");
	return s;
}

// What is no token is left out: a later version may have answers of another kind.
std::vector<std::string> read_answers(json_value const& list)
{
	std::vector<std::string> answers;
	for (auto one = list.first(); one && answers.size() < max_answers; one = one.next())
	{
		auto text = one.text();
		if (text && is_token(*text))
		{
			answers.push_back(std::move(*text));
		}
	}
	return answers;
}

// How many there are; the first of them are read.
std::size_t read_targets(json_value const& list, progress& p, std::string& first_fault)
{
	std::size_t count = 0;
	for (auto one = list.first(); one; one = one.next())
	{
		++count;
	}
	auto const read = std::min(count, max_read_targets);
	p.targets.reserve(read);
	for (auto one = list.first(); p.targets.size() < read; one = one.next())
	{
		p.targets.push_back(read_target(one, first_fault));
	}
	return count;
}

void read_parts(reader& r, received_beacon& b, std::string& first_fault)
{
	auto const answers = r.find("answers");
	auto const targets = r.find("targets");
	r.refuse_if(answers && !answers.is(json_kind::array), "answers");
	r.refuse_if(targets && !targets.is(json_kind::array), "targets");
	b.answers = read_answers(answers);
	auto const sent = read_targets(targets, b.p, first_fault);
	b.targets_total = std::max<std::size_t>(r.number("targets_total"), sent);
	if (auto const storage = r.find("storage"))
	{
		b.p.storage = read_storage(storage, first_fault);
	}
	if (auto const error = r.find("error"))
	{
		b.p.error = read_error(error, first_fault);
	}
}

received_beacon read_beacon(json_value const& j, std::string& first_fault)
{
	reader r(j, first_fault);
	received_beacon b;
	if (r.number("rawswarm", true) != 1)
	{
		r.refuse("rawswarm");
	}
	b.id.job = r.text("job");
	b.id.agent = r.text("agent", true);
	b.id.host = r.text("host");
	b.id.run = r.text("run", true);
	b.id.boot = r.text("boot");
	b.id.start_ms = r.size("start_ms");
	b.seq = r.number("seq", true);
	b.p.uptime = std::chrono::milliseconds(r.number("uptime_ms"));
	b.p.state = r.state("state", true);
	if (b.id.agent.size() > max_id_bytes || b.id.run.size() > max_id_bytes || b.id.run.empty()
		|| b.id.boot.size() > max_boot_bytes)
	{
		r.refuse("agent, run or boot");
	}
	read_parts(r, b, first_fault);
	return b;
}

} // namespace

result<received_beacon> decode_beacon(std::string_view datagram)
{
	flat_json const json(datagram);
	std::string first_fault;
	auto b = read_beacon(json.root(), first_fault);
	if (!first_fault.empty())
	{
		return fail(fault::refused, "reading a beacon: {}", first_fault);
	}
	return b;
}

} // namespace rawswarm
