// SPDX-License-Identifier: BSD-3-Clause
#include "agent/serve/capture_intake.hpp"

#include "agent/log/log.hpp"
#include "agent/manifest/manifest_checks.hpp"

#include <algorithm>
#include <utility>

namespace rawswarm
{

namespace
{

constexpr std::chrono::seconds look_interval{1};

// Statuses of RFC 9110, and of RFC 4918 for a lack of space.
constexpr unsigned ok = 200;
constexpr unsigned accepted = 202;
constexpr unsigned bad_request = 400;
constexpr unsigned not_found = 404;
constexpr unsigned conflict = 409;
constexpr unsigned gone = 410;
constexpr unsigned insufficient_storage = 507;

unsigned status_of(error const& e)
{
	switch (e.kind)
	{
	case fault::refused: return bad_request;
	case fault::usage: return conflict;
	case fault::target: return insufficient_storage;
	default: return gone;
	}
}

} // namespace

capture_intake::capture_intake(environment env)
	: m_env(std::move(env))
	, m_tick(m_env.ios, look_interval, [this] { look_for_lost(); })
	, m_scope(m_env.ios, m_env.blocking)
{
	m_tick.start();
}

// What is being fetched ends with its fetcher, and leaves nothing.
capture_intake::~capture_intake()
{
	m_tick.stop();
}

intake_answer capture_intake::take(
	std::string const& token, std::string const& name, std::string_view const torrent)
{
	if (auto const good = check_image_name(name, json_location::of_flag("name")); !good)
	{
		return {bad_request, fmt::format("capturing under this name: {}", good.error().text)};
	}
	if (torrent.size() > max_captured_torrent)
	{
		return {bad_request, fmt::format("capturing {}: its torrent is too large", name)};
	}
	auto const known = m_intakes.find(name);
	bool const is_under_way =
		known != m_intakes.end() && known->second.at != stage::there && known->second.at != stage::failed;
	if (is_under_way && known->second.token != token)
	{
		return {conflict, fmt::format("capturing {}: another machine is being captured as this", name)};
	}
	if (!is_under_way)
	{
		auto& i = m_intakes[name] = {};
		i.token = token;
		i.torrent = std::make_shared<std::string const>(torrent);
		i.asked = clock::now();
		log::get(log::component::agent).info("capturing {}: its torrent is here", name);
		check_next();
	}
	return tell(token, name);
}

intake_answer capture_intake::tell(std::string const& token, std::string const& name)
{
	auto const known = m_intakes.find(name);
	if (known == m_intakes.end() || known->second.token != token)
	{
		return {not_found, fmt::format("capturing {}: its torrent is not here", name)};
	}
	auto& i = known->second;
	i.asked = clock::now();
	switch (i.at)
	{
	case stage::there: return {ok, "it is there"};
	case stage::failed: return {i.status, i.text};
	case stage::waiting:
	case stage::checking:
	case stage::fetching:
	case stage::finishing: break;
	}
	return {accepted, "it is being fetched"};
}

// One at a time: what one is promised of the space, the next one must not be.
void capture_intake::check_next()
{
	auto const is_at = [](stage const at) { return [at](auto const& i) { return i.second.at == at; }; };
	auto const next = std::ranges::find_if(m_intakes, is_at(stage::waiting));
	if (next == m_intakes.end() || std::ranges::any_of(m_intakes, is_at(stage::checking)))
	{
		return;
	}
	auto const name = next->first;
	auto const torrent = next->second.torrent;
	next->second.at = stage::checking;
	m_scope.run_blocking([files = files_of(name), torrent,
							 others = reserved()] { return check_capture(files, *torrent, others); },
		[this, name](result<checked_capture> const& checked) {
			on_checked(name, checked);
			check_next();
		});
}

// Of those that are being fetched, as if nothing of them were there yet.
std::uint64_t capture_intake::reserved() const
{
	std::uint64_t bytes = 0;
	for (auto const& [name, i] : m_intakes)
	{
		bytes += i.at == stage::fetching ? i.bytes : 0;
	}
	return bytes;
}

void capture_intake::on_checked(std::string const& name, result<checked_capture> const& checked)
{
	if (!checked)
	{
		end(name, checked.error());
		return;
	}
	auto& i = m_intakes.at(name);
	i.bytes = checked.value().bytes;
	if (checked.value().start == capture_start::is_there)
	{
		i.at = stage::there;
		i.torrent.reset();
		return;
	}
	i.at = stage::fetching;
	m_env.fetch(name, *i.torrent, files_of(name).unfinished_image(),
		[post = m_scope.make_poster(), this, name](
			result<void> const& r) { post([this, name, r] { on_fetched(name, r); }); });
}

void capture_intake::on_fetched(std::string const& name, result<void> const& fetched)
{
	auto& i = m_intakes.at(name);
	if (!fetched)
	{
		auto const& why = fetched.error().text;
		end(name,
			i.is_lost ? fail(fault::network, "capturing {}: the machine has not been heard of for {} s", name,
				m_env.longest_silence.count())
					  : fail(fault::network, "capturing {}: {}", name, why));
		return;
	}
	i.at = stage::finishing;
	m_scope.run_blocking(
		[files = files_of(name), torrent = i.torrent] { return finish_capture(files, *torrent); },
		[this, name](result<void> const& finished) { on_finished(name, finished); });
}

void capture_intake::on_finished(std::string const& name, result<void> const& finished)
{
	if (!finished)
	{
		end(name, finished.error());
		return;
	}
	auto& i = m_intakes.at(name);
	i.at = stage::there;
	i.torrent.reset();
	log::get(log::component::agent).info("capturing {}: it is there", name);
	m_env.captured(i.token);
}

void capture_intake::end(std::string const& name, error const& e)
{
	auto& i = m_intakes.at(name);
	i.at = stage::failed;
	i.status = status_of(e);
	i.text = e.text;
	i.torrent.reset();
	log::get(log::component::agent).error("{}", e.text);
}

void capture_intake::look_for_lost()
{
	auto const now = clock::now();
	for (auto& [name, i] : m_intakes)
	{
		if (i.at == stage::fetching && !i.is_lost && now - i.asked > m_env.longest_silence)
		{
			i.is_lost = true;
			m_env.cancel(name);
		}
	}
}

} // namespace rawswarm
