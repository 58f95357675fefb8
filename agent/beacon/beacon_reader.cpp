// SPDX-License-Identifier: BSD-3-Clause
#include "agent/beacon/beacon_format.hpp"
#include "agent/beacon/beacon_question.hpp"
#include "base/text.hpp"

#include <nlohmann/json.hpp>

#include <chrono>
#include <optional>
#include <utility>
#include <vector>

namespace rawswarm
{

namespace
{

using nlohmann::ordered_json;

constexpr std::uint64_t max_number = std::uint64_t(1)
	<< 53; // the largest that every JSON reader holds exactly
constexpr std::uint64_t max_peers = 1'000'000;

// Reads members of one object. The first fault of all objects of a beacon is kept in `first_fault`.
class reader
{
public:
	reader(ordered_json const& object, std::string& first_fault)
		: m_object(object)
		, m_fault(first_fault)
	{
		if (!object.is_object())
		{
			refuse("no object where one is due");
		}
	}

	std::string text(char const* key, bool required = false)
	{
		auto const* j = find(key, required);
		if (j == nullptr)
		{
			return {};
		}
		if (!j->is_string())
		{
			refuse(key);
			return {};
		}
		return j->get<std::string>();
	}

	std::uint64_t number(char const* key, bool required = false, std::uint64_t max = max_number)
	{
		auto const* j = find(key, required);
		if (j == nullptr)
		{
			return 0;
		}
		if (!j->is_number_unsigned() || j->get<std::uint64_t>() > max)
		{
			refuse(key);
			return 0;
		}
		return j->get<std::uint64_t>();
	}

	double ratio(char const* key)
	{
		auto const* j = find(key, false);
		if (j != nullptr && !j->is_number())
		{
			refuse(key);
			return 0;
		}
		return j == nullptr ? 0 : j->get<double>();
	}

	job_state state(char const* key, bool required = false)
	{
		auto const name = text(key, required);
		auto const found = job_state_from(name);
		if (!found && has(key))
		{
			refuse(key);
		}
		return found.value_or(job_state::starting);
	}

	std::int64_t size(char const* key) { return static_cast<std::int64_t>(number(key)); }

	bool has(char const* key) const { return m_object.is_object() && m_object.contains(key); }

	ordered_json const& at(char const* key) const { return m_object.at(key); }

	// what: the key, or what is wrong.
	void refuse(char const* what)
	{
		if (m_fault.empty())
		{
			m_fault = what;
		}
	}

private:
	ordered_json const* find(char const* key, bool required)
	{
		if (has(key))
		{
			return &m_object.at(key);
		}
		if (required)
		{
			refuse(key);
		}
		return nullptr;
	}

	ordered_json const& m_object;
	std::string& m_fault;
};

target_progress read_target(ordered_json const& j, std::string& first_fault)
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
	t.ratio = r.has("ratio") ? r.ratio("ratio") : 1;
	if (r.has("eta_s"))
	{
		t.eta_s = r.size("eta_s");
	}
	t.note = r.text("note");
	t.error = r.text("error");
	return t;
}

std::optional<progress_error> read_error(ordered_json const& j, std::string& first_fault)
{
	reader r(j, first_fault);
	progress_error e;
	e.code = static_cast<int>(r.number("code", true, 255));
	e.text = r.text("text");
	return e;
}

storage_progress read_storage(ordered_json const& j, std::string& first_fault)
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
std::vector<std::string> read_answers(ordered_json const& list)
{
	std::vector<std::string> answers;
	for (auto const& one : list)
	{
		if (answers.size() == max_answers)
		{
			break;
		}
		if (one.is_string() && is_token(one.get_ref<std::string const&>()))
		{
			answers.push_back(one.get<std::string>());
		}
	}
	return answers;
}

void read_parts(reader& r, received_beacon& b, std::string& first_fault)
{
	if (auto const* const answers = "answers"; r.has(answers))
	{
		if (!r.at(answers).is_array())
		{
			r.refuse(answers);
			return;
		}
		b.answers = read_answers(r.at(answers));
	}
	std::size_t sent = 0;
	if (r.has("targets"))
	{
		auto const& targets = r.at("targets");
		if (!targets.is_array())
		{
			r.refuse("targets");
			return;
		}
		sent = targets.size();
		b.p.targets.reserve(std::min(sent, max_read_targets));
		for (std::size_t i = 0; i < std::min(sent, max_read_targets); ++i)
		{
			b.p.targets.push_back(read_target(targets[i], first_fault));
		}
	}
	b.targets_total = std::max<std::size_t>(r.number("targets_total"), sent);
	if (r.has("storage"))
	{
		b.p.storage = read_storage(r.at("storage"), first_fault);
	}
	if (r.has("error"))
	{
		b.p.error = read_error(r.at("error"), first_fault);
	}
}

received_beacon read_beacon(ordered_json const& j, std::string& first_fault)
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
	try
	{
		auto const j = ordered_json::parse(datagram, nullptr, false);
		std::string first_fault;
		auto b = read_beacon(j, first_fault);
		if (!first_fault.empty())
		{
			return fail(fault::refused, "reading a beacon: {}", first_fault);
		}
		return b;
	}
	catch (std::exception const& e)
	{
		return fail(fault::refused, "reading a beacon: {}", e.what());
	}
}

} // namespace rawswarm
