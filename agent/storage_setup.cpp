#include "agent/storage_setup.hpp"

#include <algorithm>
#include <thread>

#include <sys/sysinfo.h>

namespace rawswarm
{

namespace
{

constexpr std::int64_t mebibyte = 1024 * 1024;
constexpr int max_hash_threads = 4; // SHA-1 with the processor's own instructions outruns any network

} // namespace

std::int64_t automatic_memory(std::int64_t const machine_memory) noexcept
{
	return std::clamp(machine_memory / 4, 32 * mebibyte, 1024 * mebibyte);
}

storage_settings make_storage_settings(manifest_storage const& wanted)
{
	struct sysinfo machine = {};
	::sysinfo(&machine); // cannot fail with a valid pointer
	auto const memory = static_cast<std::int64_t>(machine.totalram) * machine.mem_unit;

	storage_settings ret;
	ret.memory = static_cast<std::size_t>(wanted.memory.value_or(automatic_memory(memory)));
	ret.io_threads = wanted.threads.value_or(ret.io_threads);
	ret.hash_threads = std::clamp(static_cast<int>(std::thread::hardware_concurrency()), 1, max_hash_threads);
	return ret;
}

} // namespace rawswarm
