// SPDX-License-Identifier: BSD-3-Clause
#include "agent/serve/image_seeder.hpp"

#include "agent/job/storage_setup.hpp"
#include "agent/log/log.hpp"
#include "agent/progress/storage_progress.hpp"
#include "base/bytes.hpp"

#include <algorithm>
#include <set>
#include <utility>

namespace rawswarm
{

namespace
{

// Interval at which rates, time limits and what is over are looked at, and that of dialling; as a job has
// them.
constexpr std::chrono::milliseconds tick_interval{250};
constexpr std::chrono::seconds dial_interval{2};

// For opening, samples and syncs. A device that hangs keeps two, and the others go on.
constexpr std::size_t blocking_threads = 8;

// Which images will be read at once is not known when the threads are made: four disks of the kind that takes
// four requests at once. A setting of the caller's takes precedence.
constexpr int io_threads = 16;

// Bytes, while nothing is open; the least that a job gets on a small machine, too.
constexpr std::size_t idle_memory = 4_MiB;

image_seeder_options with_threads(image_seeder_options options)
{
	options.storage.threads = options.storage.threads.value_or(io_threads);
	return options;
}

} // namespace

image_seeder::image_seeder(boost::asio::io_context& ios, image_seeder_options options)
	: m_ios(ios)
	, m_options(with_threads(std::move(options)))
	, m_storage(std::make_shared<storage_context>(make_storage_settings(m_options.storage)))
	, m_memory(m_storage->settings().memory)
	, m_swarm(ios, m_options.swarm, m_storage, *this)
	, m_blocking(blocking_threads)
	, m_tick(ios, tick_interval, [this] { tick(); })
	, m_dial_tick(ios, dial_interval, [this] { m_swarm.dial(); })
	, m_scope(ios, m_blocking)
{
	m_swarm.set_room_key(m_options.room_key);
	m_swarm.set_on_unknown([this](std::string const& info_hash) { want(info_hash); });
}

image_seeder::~image_seeder() = default;

result<void> image_seeder::start()
{
	BOOST_OUTCOME_TRYV(m_swarm.start());
	m_tick.start();
	m_dial_tick.start();
	return success();
}

target_job::environment image_seeder::environment()
{
	return {
		m_ios, m_blocking, m_swarm, m_options.storage, m_storage->stats().calls, verification::none, [] {}};
}

void image_seeder::set_images(std::vector<room_image> const& images)
{
	std::set<std::string> listed;
	for (auto const& image : images)
	{
		if (image.source.empty() || !image.error.empty())
		{
			continue;
		}
		if (!listed.insert(image.info_hash).second)
		{
			log::get(log::component::agent)
				.warn("{}: another image has the same torrent, and is served in its place", image.name);
			continue;
		}
		auto& slot = m_images[image.info_hash];
		if (slot)
		{
			slot->list(image);
			continue;
		}
		slot = std::make_unique<seeded_image>(image, ++m_last_number, environment());
		m_members[m_last_number].image = slot.get();
	}
	for (auto const& [info_hash, image] : m_images)
	{
		if (!listed.contains(info_hash))
		{
			image->unlist();
		}
	}
	tell_known();
}

bool image_seeder::want(std::string const& info_hash)
{
	auto const it = m_images.find(info_hash);
	if (it == m_images.end() || is_fetched(info_hash))
	{
		return false;
	}
	bool const is_served = it->second->want(clock::now());
	take_memory(m_has_memory || !it->second->target().is_closed());
	return is_served;
}

// All of the budget, or next to nothing.
void image_seeder::take_memory(bool const all)
{
	if (std::exchange(m_has_memory, all) == all)
	{
		return;
	}
	auto settings = m_storage->settings();
	settings.memory = all ? m_memory : std::min(m_memory, idle_memory);
	m_storage->change_settings(settings);
	m_swarm.apply_storage_settings();
}

bool image_seeder::is_fetched(std::string const& info_hash) const
{
	return std::ranges::any_of(m_fetches, [&](auto const& f) { return f->info_hash() == info_hash; });
}

void image_seeder::fetch(std::string const& name, std::string torrent, std::string destination,
	std::function<void(result<void> const&)> on_done)
{
	take_memory(true);
	image_fetch::order order;
	order.name = name;
	order.torrent = std::move(torrent);
	order.destination = std::move(destination);
	order.accept = [this, name](std::string const& info_hash) { return accept(name, info_hash); };
	order.on_done = [this, on_done = std::move(on_done)](result<void> const& r) {
		m_scope.post([on_done, r] { on_done(r); }); // it may call this object
	};
	m_fetches.push_back(std::make_unique<image_fetch>(std::move(order), ++m_last_number, environment()));
	m_members[m_last_number].fetch = m_fetches.back().get();
}

// One torrent is written or served, not both.
result<void> image_seeder::accept(std::string const& name, std::string const& info_hash)
{
	auto const image = m_images.find(info_hash);
	if (is_fetched(info_hash) || (image != m_images.end() && !image->second->target().is_closed()))
	{
		return fail(
			fault::refused, "fetching {}: the same image ({}) is served or fetched already", name, info_hash);
	}
	tell_known();
	return success();
}

void image_seeder::cancel_fetch(std::string const& name)
{
	for (auto const& f : m_fetches)
	{
		if (f->name() == name)
		{
			f->cancel();
		}
	}
}

void image_seeder::tick()
{
	m_swarm.update();
	auto const now = clock::now();
	for (auto const& [info_hash, image] : m_images)
	{
		image->tick(m_options.idle, now);
	}
	for (auto const& f : m_fetches)
	{
		f->tick(m_options.fetch_timeout);
	}
	forget_what_is_over();
	bool const is_open = std::ranges::any_of(
		m_members, [](auto const& numbered) { return !numbered.second.target().is_closed(); });
	take_memory(is_open);
}

void image_seeder::forget_what_is_over()
{
	std::set<std::size_t> over; // asked once, as work in other threads may end meanwhile
	std::erase_if(m_members, [&over](auto const& numbered) {
		auto const& [image, fetch] = numbered.second;
		bool const is_over = image != nullptr ? image->is_over() : fetch->is_over();
		return is_over && over.insert(numbered.first).second;
	});
	if (over.empty())
	{
		return;
	}
	std::erase_if(
		m_images, [&over](auto const& slot) { return over.contains(slot.second->target().number()); });
	std::erase_if(m_fetches, [&over](auto const& f) { return over.contains(f->target().number()); });
	tell_known();
}

void image_seeder::tell_known()
{
	m_scope.post([this] {
		if (on_known)
		{
			on_known();
		}
	});
}

std::vector<std::string> image_seeder::info_hashes() const
{
	std::set<std::string> all;
	for (auto const& [info_hash, image] : m_images)
	{
		all.insert(info_hash);
	}
	for (auto const& f : m_fetches)
	{
		if (!f->info_hash().empty())
		{
			all.insert(f->info_hash());
		}
	}
	return {all.begin(), all.end()};
}

std::vector<image_status> image_seeder::status() const
{
	std::vector<image_status> all;
	for (auto const& [info_hash, image] : m_images)
	{
		all.push_back(image->status());
	}
	for (auto const& f : m_fetches)
	{
		all.push_back(f->status());
	}
	std::ranges::sort(all, {}, &image_status::name);
	return all;
}

storage_progress image_seeder::storage() const
{
	return summarize_storage(m_storage->stats());
}

target_job* image_seeder::job(std::size_t const t) const
{
	auto const it = m_members.find(t);
	return it == m_members.end() ? nullptr : it->second.target().job();
}

void image_seeder::on_joined(std::size_t const t)
{
	if (auto* const j = job(t))
	{
		j->on_joined();
	}
}

void image_seeder::on_downloaded(std::size_t const t)
{
	if (auto* const j = job(t))
	{
		j->on_downloaded();
	}
}

void image_seeder::on_flushed(std::size_t const t)
{
	if (auto* const j = job(t))
	{
		j->on_flushed();
	}
}

void image_seeder::on_fully_distributed(std::size_t const t)
{
	if (auto* const j = job(t))
	{
		j->on_fully_distributed();
	}
}

void image_seeder::on_stats(std::size_t const t, transfer_stats const& stats)
{
	auto const it = m_members.find(t);
	if (it == m_members.end())
	{
		return;
	}
	if (auto* const image = it->second.image)
	{
		image->on_stats(stats, clock::now());
	}
	else
	{
		it->second.fetch->on_stats(stats);
	}
}

void image_seeder::on_target_error(std::size_t const t, error const& e)
{
	if (auto* const j = job(t))
	{
		j->fail_with(e);
	}
}

void image_seeder::on_listen_error(error const& e)
{
	log::get(log::component::swarm).error("{}", e.text);
	m_scope.post([this, e] {
		if (on_listen_failure)
		{
			on_listen_failure(e);
		}
	});
}

} // namespace rawswarm
